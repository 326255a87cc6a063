"""Colours, chosen so that everybody can tell them apart; the tests hold their contrast against the formula of WCAG.

The hues are those of Okabe and Ito (2008), which stay apart under every common colour blindness: as pale tints behind
text, and darkened for lines. Colour never carries a meaning alone; shape and line style say the same thing first.
"""

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

    @property
    def look(self) -> dict[str, str]:
        """What Graphviz paints with."""
        return {"fillcolor": self.fill, "color": self.line, "fontcolor": self.text}


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
