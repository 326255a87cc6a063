"""What a box of the drawing of a plan looks like: its lines of text, how much room they take, and its label."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from explain.drawing.chain import NOMS, Box
from explain.drawing.labels import clean, escaped
from explain.drawing.measure import width_of, wrapped
from explain.drawing.palette import INK, NODES, SHADES, SOFT_INK, STATUSES, TINTS, Colours
from explain.drawing.style import SHAPES, STATUS_SHAPES, Attributes

SMALL, NORMAL = 9.0, 10.5
LEADING = 1.25  # the height of a line, in its size
PAD = 5.0
BADGE = 16.0
POINT = 10.0  # what the tip of a rule takes away
RIM = 8.0  # what a double border adds on both sides together
BARE = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
PAINTED = {"rule": "rule", "waiting": "rule", "next": "measure", "finding": "question"}
SHAPED = {"finding": "unknown", "waiting": "rule", "result": "pathway", "next": "measure"}
MORE: Mapping[str, Attributes] = {
    "finding": {"penwidth": "2", "style": "filled,dashed"},
    "waiting": {"style": "filled,dashed"},
    "result": {"style": "filled,dotted", "penwidth": "1.5"},
}


class TextLine(NamedTuple):
    """A line of text as it is set."""

    text: str
    size: float
    bold: bool
    colour: str
    lead: str = ""  # words before it, in bold


def lines_of(box: Box, width: float) -> list[TextLine]:
    """Return the lines of a box of a width in points."""
    text = _colours(box).text
    soft = SOFT_INK if text == INK else text
    is_rule = box.kind in ("rule", "waiting")
    room = width - 2 * PAD - (BADGE if box.letter in NOMS else 0) - (2 * POINT if is_rule else 0)
    head = [TextLine(line, SMALL, is_rule, soft) for line in wrapped(box.head, room, SMALL, is_rule)]
    size = SMALL if is_rule else NORMAL
    body = [TextLine(line, size, not is_rule, text) for line in wrapped(box.text, room, size, not is_rule)]
    foot = [TextLine(line, SMALL, False, soft) for line in wrapped(box.foot, room, SMALL)]
    return [line for line in (*head, *body, *foot) if line.text]


def height_of(box: Box, width: float) -> float:
    """Return how tall a box of a width is, in points."""
    rim = RIM if box.look == "recommended" or box.kind in ("rule", "waiting") else 0  # a rule's shape has a margin
    return sum(line.size * LEADING for line in lines_of(box, width - rim)) + 2 * PAD + rim


def look_of(box: Box) -> dict[str, str]:
    """Return how a box is drawn: shape, border and colours."""
    colours = _colours(box)
    is_known = box.letter in NOMS and box.kind not in ("finding", "unknown")
    shape = SHAPES[SHAPED.get(box.kind, box.kind)]
    status = STATUS_SHAPES[box.look] if box.kind == "pathway" else {}
    tint = {"fillcolor": TINTS[box.letter]} if is_known else {}
    return {**shape, **status, **MORE.get(box.kind, {}), "margin": "0", **colours.look, **tint}


def _colours(box: Box) -> Colours:
    return STATUSES[box.look] if box.kind == "pathway" else NODES[PAINTED.get(box.kind, "unknown")]


def label_of(box: Box, width: float) -> str:
    """Return the label of a box: its lines, beside its letter where it belongs to one of NOMS."""
    lines = lines_of(box, width)
    if box.letter not in NOMS:
        return label(lines, width, centred=True)
    return label(lines, width - BADGE, badge=TextLine(box.letter, NORMAL, True, SHADES[box.letter]))


def label(lines: Sequence[TextLine], width: float, badge: TextLine | None = None, centred: bool = False) -> str:
    """Return lines as a label of Graphviz, a row of a table each; `badge` stands before them all."""
    left = f'<TD ROWSPAN="{len(lines)}" WIDTH="{BADGE:.0f}">{_set(badge)}</TD>' if badge else ""
    room = width - 2 * PAD
    rows = "".join(
        f"<TR>{left if i == 0 else ''}{_indented(line, room) if centred else _cell(line, room)}</TR>"
        for i, line in enumerate(lines)
    )
    return f"<{BARE}{rows}</TABLE>>"


def _cell(line: TextLine, room: float) -> str:
    return f'<TD ALIGN="LEFT" WIDTH="{room:.0f}" HEIGHT="{line.size * LEADING:.1f}">{_set(line)}</TD>'


def _indented(line: TextLine, room: float) -> str:
    """Return a line in the middle of its room as the fonts of this package measure it, not as the renderer guesses."""
    drawn = int(line.size)  # Graphviz takes whole sizes
    indent = max(0, room - width_of(line.text, drawn, line.bold)) // 2
    return f'<TD>{BARE}<TR><TD WIDTH="{indent:.0f}"></TD>{_cell(line, room - indent)}</TR></TABLE></TD>'


def _set(line: TextLine) -> str:
    lead, words = escaped(clean(line.lead)), escaped(clean(line.text))
    words = f"<B>{words}</B>" if line.bold else words
    words = f"<B>{lead}</B> {words}" if lead else words
    return f'<FONT POINT-SIZE="{line.size:g}" COLOR="{line.colour}">{words}</FONT>'
