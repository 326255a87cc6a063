"""Differences as one drawing: both records laid over each other, cut down to what differs and the lines between.

What is only in B has a thick solid double border and a plus, what is only in A a thin dashed border and a minus, what is
not the same a thick dotted border and ≠. Colour repeats it.
"""

from typing import TYPE_CHECKING

from explain.differences import Difference, Differences, changes_by_id
from explain.finished import Finished
from explain.frame import frame, name, tooltip
from explain.graph import Graph, graph_of
from explain.labels import NORMAL, SMALL, markup
from explain.palette import INK, NODES, OPPOSITION, PAPER, SOFT_INK, SUPPORT
from explain.style import EDGES, SHAPES, Attributes

if TYPE_CHECKING:
    from graphviz import Digraph  # type: ignore[import-untyped]

BORDERS: dict[str, Attributes] = {
    "added": {"style": "filled,solid", "penwidth": "2.5", "peripheries": "2", "color": SUPPORT},
    "removed": {"style": "filled,dashed", "penwidth": "1.2", "color": OPPOSITION},
    "changed": {"style": "filled,dotted", "penwidth": "3", "color": INK},
}
LINES: dict[str, Attributes] = {
    "added": {"style": "solid", "penwidth": "2.5", "color": SUPPORT},
    "removed": {"style": "dashed", "penwidth": "1.2", "color": OPPOSITION},
    "both": {"style": "solid", "penwidth": "1", "color": SOFT_INK},
}
SIGNS = {"added": "+ only in B", "removed": "− only in A", "changed": "≠ not the same"}
SHAPE_OF = {"given": "given", "derived": "derived", "firing": "rule", "pathway": "pathway", "measure": "measure"}
SHOWN = ("premise", "concludes", "for", "against", "calls")
LEGEND = (
    "How to read it: + thick double border and thick line: only in B. − dashed border and dashed line: only in A. "
    "≠ dotted border: in both, and not the same. Thin lines are in both."
)


def draw_differences(found: Differences, one: Finished, two: Finished) -> "Digraph":
    """Return the drawing of what differs between two consultations; what is the same on both sides is left out."""
    changes = changes_by_id(found)
    graphs = (graph_of(one.advice, one.knowledge), graph_of(two.advice, two.knowledge))
    title = [f"A: {' '.join(found.first.answers)}", f"B: {' '.join(found.second.answers)}"]
    dot = frame(title, [LEGEND], [_sides(found), one.advice.notice])
    for node, difference in sorted(changes.items()):
        _node(dot, node, difference)
    before, after = (_edges(graph, set(changes)) for graph in graphs)
    for start, end, kind in sorted(before | after):
        edge = (start, end, kind)
        where = "both" if edge in before and edge in after else "added" if edge in after else "removed"
        look = {key: value for key, value in EDGES[kind].items() if key == "arrowhead"}
        dot.edge(name(start), name(end), **{**look, **LINES[where]})
    return dot


def _sides(found: Differences) -> str:
    sides = (("A", found.first), ("B", found.second))
    return ". ".join(
        f"{which}: case {side.case}, knowledge base {side.knowledge_base.id} {side.knowledge_base.version}, digest "
        f"{side.knowledge_base.digest[:12]}"
        for which, side in sides
    )


def _edges(graph: Graph, nodes: set[str]) -> set[tuple[str, str, str]]:
    """Return the lines among some nodes, by kind."""
    found = ((start, end, edge["kind"]) for start, end, edge in graph.edges(data=True))
    return {edge for edge in found if edge[2] in SHOWN and edge[0] in nodes and edge[1] in nodes}


def _node(dot: "Digraph", node: str, difference: Difference) -> None:
    lines = [markup(SIGNS[difference.change], SMALL, bold=True), markup(difference.label, NORMAL, 32, bold=True)]
    if difference.kind != "firing":
        if difference.before is not None:
            lines.append(markup(f"A: {difference.before}", SMALL, 36))
        if difference.after is not None:
            lines.append(markup(f"B: {difference.after}", SMALL, 36))
    said = "\n".join(part for part in (difference.label, difference.before, difference.after) if part)
    shape = SHAPES[SHAPE_OF[difference.kind]]
    look = {key: value for key, value in shape.items() if key in ("shape", "margin")}
    fill = NODES["rule"].fill if difference.kind == "firing" else PAPER
    dot.node(
        name(node), label=f"<{'<BR/>'.join(lines)}>", tooltip=tooltip(said), fillcolor=fill, fontcolor=INK,
        **{**look, **BORDERS[difference.change]},
    )  # fmt: skip
