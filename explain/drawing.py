"""A view as Graphviz DOT text: the same view gives the same bytes.

Shape tells what a node is and line style what an edge means; colour only repeats it. Labels are HTML-like and escaped in
`labels`; everything else goes through `graphviz.escape`.
"""

from typing import TYPE_CHECKING, Any

from engine.advice import Advice
from explain.graph import Graph
from explain.labels import LARGE, SMALL, clean, markup, node_label
from explain.palette import INK, NODES, PAPER, SHADES, SOFT_INK, STATUSES, TINTS
from explain.style import EDGES, FONT, SHAPES, STATUS_SHAPES
from explain.words import sentence
from knowledge_base.vocabulary import LETTERS

if TYPE_CHECKING:
    from graphviz import Digraph

TITLE_WIDTH = 120
COLUMNS = {"given": 0, "score": 0, "derived": 1, "unknown": 1, "rule": 2, "step": 2, "pathway": 3}
URGENCY_COLUMNS = {
    "immediate": 0,
    "within_24_h": 1,
    "within_1_week": 1,
    "before_treatment": 2,
    "with_treatment": 3,
    "planned": 3,
}
BESIDE = "Beside the pathway"


def draw(view: Graph, advice: Advice, legend: bool = True) -> "Digraph":
    """Return a view of the record as a drawing: clusters by letter, the advice in the title, and a legend."""
    return _Drawing(view, advice, legend).dot


class _Drawing:
    def __init__(self, view: Graph, advice: Advice, legend: bool) -> None:
        from graphviz import Digraph

        self.view = view
        self.advice = advice
        self.is_summary = view.graph["view"] == "summary"
        self.several = len(view.graph["lesions"]) > 1
        self.dot: Digraph = Digraph(name=clean(self._headline()))
        self._frame()
        groups: dict[tuple[int, str], list[str]] = {}
        for node in view.nodes:
            groups.setdefault(self._group(node), []).append(node)
        for group, nodes in sorted(groups.items()):
            self._cluster(group, sorted(nodes, key=self._place))
        if self.is_summary:
            self._columns()
        for start, end, _, data in sorted(view.edges(keys=True, data=True), key=lambda edge: edge[:3]):
            self._edge(start, end, data)
        if legend:
            self._legend()

    # --- frame -------------------------------------------------------------------------------------------------

    def _headline(self) -> str:
        shown = self.view.graph["lesions"]
        return " ".join(sentence(lesion) for lesion in self.advice.lesions if lesion.id in shown)

    def _frame(self) -> None:
        self.dot.attr(
            "graph", rankdir="LR", newrank="true", fontname=FONT, fontcolor=INK, bgcolor=PAPER, label=self._title(),
            labelloc="t", labeljust="l", nodesep="0.18", ranksep="0.55", pad="0.3", outputorder="edgesfirst",
            tooltip=_plain(self._headline()),
        )  # fmt: skip
        self.dot.attr("node", fontname=FONT, fontsize="11", margin="0.12,0.06", height="0.3")
        self.dot.attr("edge", fontname=FONT, fontsize=f"{SMALL}", arrowsize="0.7")

    def _title(self) -> str:
        facts = self.view.graph
        case = f"{facts['case']}: {facts['title']}" if facts["title"] else facts["case"]
        stamp = f"Case {case}. Knowledge base {facts['knowledge']} {facts['version']}, digest {facts['digest'][:12]}."
        lines = [
            markup(self._headline(), 18, 90, bold=True),
            markup(stamp, SMALL + 1, TITLE_WIDTH, colour=SOFT_INK),
            markup(facts["notice"], SMALL, TITLE_WIDTH, colour=SOFT_INK),
        ]
        return "<" + '<BR ALIGN="LEFT"/>'.join(lines).replace("<BR/>", '<BR ALIGN="LEFT"/>') + '<BR ALIGN="LEFT"/>>'

    # --- nodes -------------------------------------------------------------------------------------------------

    def _group(self, node: str) -> tuple[int, str]:
        """Return the cluster of a node: which letter, and which lesion where there are several."""
        data = self.view.nodes[node]
        if self.is_summary and data["kind"] in ("measure", "alert"):
            return len(LETTERS), ""
        lesion = data["subject"].split("/")[0] if self.several else ""
        return list(LETTERS).index(data["letter"]), lesion

    def _cluster(self, group: tuple[int, str], nodes: list[str]) -> None:
        letter = [*LETTERS, "D"][group[0]]
        title = f"{letter}  {LETTERS[letter].capitalize()}" if group[0] < len(LETTERS) else BESIDE
        title += f" · {group[1]}" if group[1] else ""
        with self.dot.subgraph(name=f"cluster_{group[0]}_{group[1]}") as cluster:
            cluster.attr(
                label=f"<{markup(title, LARGE, 60, bold=True, colour=SHADES[letter])}>", labeljust="l", style="filled",
                fillcolor=TINTS[letter], color=SHADES[letter], penwidth="1", margin="10",
            )  # fmt: skip
            for node in nodes:
                self._node(cluster, node)

    def _place(self, node: str) -> tuple[int, int, str]:
        data = self.view.nodes[node]
        return list(SHAPES).index(data["kind"]), data.get("sequence", 0), node

    def _node(self, cluster: "Digraph", node: str) -> None:
        data = self.view.nodes[node]
        kind = data["kind"]
        colours = STATUSES[data["status"]] if kind == "pathway" else NODES[kind]
        look = {**SHAPES[kind], **(STATUS_SHAPES[data["status"]] if kind == "pathway" else {})}
        if data.get("href"):
            look["URL"] = _plain(data["href"])
            look["target"] = "_blank"
        cluster.node(
            _name(node), label=node_label(data), tooltip=_plain(data["tooltip"], keep_lines=True),
            fillcolor=colours.fill, color=colours.line, fontcolor=colours.text, **look,
        )  # fmt: skip

    # --- edges -------------------------------------------------------------------------------------------------

    def _edge(self, start: str, end: str, data: dict[str, Any]) -> None:
        look = dict(EDGES[data["kind"]])
        if data["kind"] == "leads" and self.view.nodes[end]["kind"] in ("measure", "alert"):
            look = dict(EDGES["calls"])
        self.dot.edge(_name(start), _name(end), **look)

    # --- columns of a summary ----------------------------------------------------------------------------------

    def _columns(self) -> None:
        """Put inputs, findings, rules and pathways each in a column, and measures in the order of urgency."""
        columns: dict[int, list[str]] = {}
        for node in sorted(self.view.nodes):
            columns.setdefault(self._column(node), []).append(node)
        for _, nodes in sorted(columns.items()):
            with self.dot.subgraph() as column:
                column.attr(rank="same")
                for node in nodes:
                    column.node(_name(node))

    def _column(self, node: str) -> int:
        data = self.view.nodes[node]
        if data["kind"] == "measure":
            return URGENCY_COLUMNS[data["urgency"]]
        if data["kind"] == "alert":
            alerts = sorted(n for n, other in self.view.nodes(data=True) if other["kind"] == "alert")
            return 3 - alerts.index(node) % 4
        return COLUMNS[data["kind"]]

    def _legend(self) -> None:
        pass


def _name(node: str) -> str:
    """Return the name of a node in DOT, where a colon would name a port."""
    return node.replace(":", " ")


def _plain(text: str, keep_lines: bool = False) -> str:
    from graphviz import escape

    lines = text.split("\n") if keep_lines else [text]
    return "\\n".join(escape(clean(line)) for line in lines)
