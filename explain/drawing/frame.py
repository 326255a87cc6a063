"""What the small drawings share: paper, font, and a title that says what is seen."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from explain.drawing.labels import NORMAL, SMALL, clean, markup
from explain.drawing.palette import INK, PAPER, SOFT_INK
from explain.drawing.style import FONT

if TYPE_CHECKING:
    from graphviz import Digraph

WIDTH = 110
BREAK = '<BR ALIGN="LEFT"/>'


def frame(headlines: Iterable[str], remarks: Iterable[str], small: Iterable[str]) -> "Digraph":
    """Return an empty drawing, read from left to right, under a title of headlines, remarks and small print."""
    from graphviz import Digraph

    said = list(headlines)
    lines = [
        *(markup(line, 16, 80, bold=True) for line in said),
        *(markup(line, NORMAL, WIDTH) for line in remarks),
        *(markup(line, SMALL, WIDTH + 20, colour=SOFT_INK) for line in small),
        markup(" ", 6),
    ]
    dot = Digraph(name=clean(" ".join(said)))
    lay_out(dot, " ".join(said), **titled(lines), nodesep="0.18", ranksep="1.2", pad="0.3")
    dot.attr("node", fontname=FONT, fontsize=f"{NORMAL}", margin="0.12,0.06", height="0.3")
    dot.attr("edge", fontname=FONT, fontsize=f"{SMALL}", arrowsize="0.8")
    return dot


def box(part: "Digraph", node: str, lines: Iterable[str], said: str, **look: str) -> None:
    """Put in a box with lines of markup; hovering over it tells what is said."""
    part.node(node, label=f"<{'<BR/>'.join(lines)}>", tooltip=tooltip(said), **look)


def lay_out(dot: "Digraph", tip: str, **more: str) -> None:
    """Set what a drawing is as a whole: read from left to right, on paper, edges behind boxes; hovering tells a tip."""
    dot.attr(
        "graph", rankdir="LR", newrank="true", fontname=FONT, fontcolor=INK, bgcolor=PAPER, outputorder="edgesfirst",
        tooltip=tooltip(tip), **more,
    )  # fmt: skip


def titled(lines: Iterable[str]) -> dict[str, str]:
    """Return a title of lines of markup, above a drawing and on its left."""
    title = "".join(line.replace("<BR/>", BREAK) + BREAK for line in lines)
    return {"label": f"<{title}>", "labelloc": "t", "labeljust": "l"}


def name(node: str) -> str:
    """Return the name of a node in DOT, where a colon would name a port."""
    return node.replace(":", " ")


def tooltip(text: str) -> str:
    """Return lines of plain text as Graphviz wants a tooltip: it undoes backslashes twice there, and knows entities."""
    from graphviz import escape, nohtml

    lines = (clean(line).replace("&", "&amp;").replace("\\", r"\\") for line in text.split("\n"))
    joined: str = nohtml(r"\n".join(escape(line) for line in lines))
    return joined
