"""Colours can be read by everybody: WCAG contrast, computed."""

from collections.abc import Iterator

import pytest

from explain.drawing.chart import STRIPS
from explain.drawing.palette import (
    ABSENCE,
    ACTION,
    FADED,
    INK,
    NODES,
    OPPOSITION,
    PAPER,
    REASON,
    SHADES,
    SOFT_INK,
    STATUSES,
    SUPPORT,
    TINTS,
)
from explain.drawing.style import EDGES, SHAPES, STATUS_SHAPES

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
    for _, colours in STRIPS.values():
        yield colours.text, colours.fill
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


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#FFFFFF", 21.0),
        ("#777777", "#FFFFFF", 4.48),
        ("#FF0000", "#FFFFFF", 4.0),
        ("#123456", "#123456", 1.0),
    ],
)
def test_the_formula_gives_published_ratios(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize(("text", "background"), sorted(set(text_pairs())))
def test_text_can_be_read(text: str, background: str) -> None:
    assert contrast(text, background) >= TEXT_CONTRAST


@pytest.mark.parametrize(("line", "background"), sorted(set(line_pairs())))
def test_lines_can_be_seen(line: str, background: str) -> None:
    assert contrast(line, background) >= LINE_CONTRAST


def test_shape_tells_kinds_apart_without_colour() -> None:
    looks = {kind: (look["shape"], look["style"]) for kind, look in SHAPES.items() if kind != "step"}
    assert len(set(looks.values())) == len(looks)
    assert SHAPES["step"] == SHAPES["rule"]  # a step of a score is a rule that fired


def test_line_style_tells_support_opposition_and_absence_apart_without_colour() -> None:
    looks = {kind: (EDGES[kind]["style"], EDGES[kind].get("arrowhead")) for kind in ("for", "against", "absent")}
    assert looks == {"for": ("solid", None), "against": ("dashed", "tee"), "absent": ("dotted", "odot")}


def test_only_what_is_recommended_has_a_double_border() -> None:
    assert [status for status, look in STATUS_SHAPES.items() if look.get("peripheries") == "2"] == ["recommended"]


def test_every_kind_and_status_has_colours() -> None:
    assert set(NODES) == set(SHAPES) - {"pathway"}
    assert set(STATUSES) == set(STATUS_SHAPES)
