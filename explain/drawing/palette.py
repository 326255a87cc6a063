"""Colours, chosen so that everybody can tell them apart, and the WCAG formula that proves it.

The hues are those of Okabe and Ito (2008), which stay apart under every common colour blindness: as pale tints behind
text, and darkened for lines. Colour never carries a meaning alone; shape and line style say the same thing first.
"""

from collections.abc import Iterator
from typing import NamedTuple

PAPER = "#FFFFFF"
INK = "#1A1A1A"
SOFT_INK = "#4D4D4D"

TINTS = {"N": "#E3F2FB", "O": "#FDF0D5", "M": "#DDF3EA", "S": "#F7E6F0", "D": "#F2F2F2"}
SHADES = {"N": "#0B5C8C", "O": "#7A5200", "M": "#00664B", "S": "#8A3A68", "D": "#404040"}


class Colours(NamedTuple):
    """What a node is painted with."""

    fill: str
    line: str
    text: str


NODES = {
    "given": Colours(PAPER, SOFT_INK, INK),
    "derived": Colours(PAPER, SOFT_INK, INK),
    "unknown": Colours(PAPER, SOFT_INK, INK),
    "score": Colours(PAPER, SOFT_INK, INK),
    "step": Colours("#FFFBE0", SOFT_INK, INK),
    "rule": Colours("#FFFBE0", SOFT_INK, INK),
    "question": Colours(PAPER, "#0B5C8C", INK),
    "measure": Colours(PAPER, "#0B5C8C", INK),
    "alert": Colours("#FFF1E8", "#A83800", INK),
}

FADED = Colours(PAPER, "#858585", "#6B6B6B")  # a pathway that is no longer possible; it stands on the D tint alone

STATUSES = {
    "recommended": Colours("#00503B", "#00503B", PAPER),
    "acceptable": Colours("#DDF3EA", "#00664B", INK),
    "open": Colours(PAPER, SOFT_INK, INK),
    "not_advised": Colours("#FFF1E8", "#A83800", INK),
    "excluded": Colours("#FBE3D6", "#A83800", INK),
    "unargued": Colours("#F2F2F2", "#6B6B6B", SOFT_INK),
}

SUPPORT = "#00664B"
OPPOSITION = "#A83800"
ABSENCE = "#595959"
REASON = "#595959"
ACTION = "#0B5C8C"
LINES = (SUPPORT, OPPOSITION, ABSENCE, REASON, ACTION)

TEXT_CONTRAST = 4.5
LINE_CONTRAST = 3.0


def luminance(colour: str) -> float:
    """Return the relative luminance of `#RRGGBB`, from 0 (black) to 1 (white), after WCAG 2.2."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, after WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_pairs() -> Iterator[tuple[str, str]]:
    """Yield every text colour with every background it is set on."""
    for colours in (*NODES.values(), *STATUSES.values()):
        yield colours.text, colours.fill
        if colours.text == INK:
            yield SOFT_INK, colours.fill
    for letter, tint in TINTS.items():
        yield SHADES[letter], tint
        yield SOFT_INK, tint
    yield FADED.text, FADED.fill
    yield INK, PAPER
    yield SOFT_INK, PAPER


def line_pairs() -> Iterator[tuple[str, str]]:
    """Yield every line colour with every background it is drawn on."""
    for ground in (PAPER, *TINTS.values()):
        for line in LINES:
            yield line, ground
        for colours in (*NODES.values(), *STATUSES.values()):
            yield colours.line, ground
    yield FADED.line, TINTS["D"]
    yield FADED.line, PAPER
    for letter, tint in TINTS.items():
        yield SHADES[letter], tint
        yield SHADES[letter], PAPER
