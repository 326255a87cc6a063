"""Differences as one drawing: both records laid over each other, cut down to what differs and the lines between.

What is only in B has a thick solid double border and a plus, what is only in A a thin dashed border and a minus, what is
not the same a thick dotted border and ≠. Colour repeats it.
"""

from typing import TYPE_CHECKING

from engine.run import Run
from explain.answers.differences import Difference, Differences, changes_by_id
from explain.drawing.frame import box, frame, name
from explain.drawing.graph import graph_of
from explain.drawing.labels import NORMAL, SMALL, markup
from explain.drawing.nodes import Graph, PathwayNode, node_at
from explain.drawing.palette import INK, NODES, OPPOSITION, PAPER, SOFT_INK, SUPPORT
from explain.drawing.style import EDGES, SHAPES, Attributes
from explain.phrases.terms import STATUS_WORDS

if TYPE_CHECKING:
    from graphviz import Digraph

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
SIGNS = {"added": "+ only in B", "removed": "- only in A", "changed": "≠ not the same"}
SHAPE_OF = {"given": "given", "derived": "derived", "firing": "rule", "pathway": "pathway", "measure": "measure"}
SHOWN = ("premise", "concludes", "for", "against", "calls")
LEGEND = (
    "How to read it: + thick double border and thick line: only in B. - dashed border and dashed line: only in A. "
    "≠ dotted border: in both, and not the same. Thin lines are in both."
)


EdgeKey = tuple[str, str, str]


def draw_differences(found: Differences, one: Run, two: Run) -> "Digraph":
    """Return the drawing of what differs between two consultations.

    What is the same on both sides is left out, but for pathways about which other rules spoke. Points of a score are
    folded into its total.
    """
    changes = changes_by_id(found)
    graphs = (graph_of(one.advice, one.knowledge), graph_of(two.advice, two.knowledge))
    hidden = {node for graph in graphs for node in changes if node in graph and _is_part_of_a_score(graph, node)}
    argued = _argued_otherwise(graphs, set(changes))
    before, after = (_edges(graph, {*changes, *argued}, hidden) for graph in graphs)
    lines = before | after
    drawn = {node for node, d in changes.items() if d.kind != "firing" or any(node == start for start, _, _ in lines)}
    title = [f"A: {' '.join(found.first.answers)}", f"B: {' '.join(found.second.answers)}"]
    dot = frame(title, [LEGEND], [_sides(found), one.advice.notice])
    for node in sorted(drawn - hidden):
        _node(dot, node, changes[node])
    for node, words in sorted(argued.items()):
        _same(dot, node, words)
    for edge in sorted(lines):
        if {edge[0], edge[1]} <= drawn | set(argued):
            _line(dot, edge, before, after)
    return dot


def _line(dot: "Digraph", edge: EdgeKey, before: set[EdgeKey], after: set[EdgeKey]) -> None:
    where = "both" if edge in before and edge in after else "added" if edge in after else "removed"
    look = {key: value for key, value in EDGES[edge[2]].items() if key == "arrowhead"}
    dot.edge(name(edge[0]), name(edge[1]), **{**look, **LINES[where]})


def _is_part_of_a_score(graph: Graph, node: str) -> bool:
    """Tell whether a node is a step of a score, or the points that one gives to a total."""
    kind = node_at(graph, node).kind
    readers = [
        node_at(graph, end) for _, end, edge in graph.out_edges(node, data="kind", default="") if edge == "premise"
    ]
    is_points = kind == "score" and len(readers) == 1 and readers[0].kind == "step"
    return kind == "step" or (is_points and readers[0].label.endswith("/total"))


def _argued_otherwise(graphs: tuple[Graph, Graph], changed: set[str]) -> dict[str, str]:
    """Return the pathways whose status is the same though other rules spoke about them, with their words."""
    found = {}
    for graph in graphs:
        for start, end, kind in graph.edges(data="kind", default=""):
            if kind in ("for", "against") and start in changed and end not in changed:
                pathway = node_at(graph, end)
                assert isinstance(pathway, PathwayNode)
                found[end] = f"{pathway.label}: {STATUS_WORDS[pathway.status]}"
    return found


def _sides(found: Differences) -> str:
    sides = (("A", found.first), ("B", found.second))
    return ". ".join(
        f"{which}: case {side.case}, knowledge base {side.knowledge_base.id} {side.knowledge_base.version}, digest "
        f"{side.knowledge_base.digest[:12]}"
        for which, side in sides
    )


def _edges(graph: Graph, nodes: set[str], hidden: set[str]) -> set[EdgeKey]:
    """Return the lines among some nodes, by kind; hidden nodes are passed through."""
    found = {edge for edge in graph.edges(data="kind", default="") if edge[2] in SHOWN}
    found = {edge for edge in found if edge[0] in nodes and edge[1] in nodes}
    for node in sorted(hidden):
        into = {start for start, end, _ in found if end == node}
        out = {end for start, end, _ in found if start == node}
        found = {edge for edge in found if node not in edge[:2]} | {(a, b, "premise") for a in into for b in out}
    return found


def _same(dot: "Digraph", node: str, words: str) -> None:
    lines = (markup("= the same in both", SMALL), markup(words, NORMAL, 32))
    box(dot, name(node), lines, words, shape="box", color=SOFT_INK, penwidth="1")


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
    box(dot, name(node), lines, said, fillcolor=fill, fontcolor=INK, **{**look, **BORDERS[difference.change]})
