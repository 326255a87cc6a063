"""A view as Graphviz DOT text: the same view gives the same bytes.

Shape tells what a node is and line style what an edge means; colour only repeats it. Labels are HTML-like and escaped
in `labels`; everything else goes through `graphviz.escape`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.advice import Advice, LesionAdvice
from engine.decision import decision_in_short
from explain.drawing.frame import lay_out, name, titled, tooltip
from explain.drawing.labels import LARGE, SMALL, clean, markup, node_label
from explain.drawing.legend import draw_legend
from explain.drawing.nodes import AlertNode, FiringNode, Graph, Grounded, MeasureNode, Node, PathwayNode, node_at
from explain.drawing.palette import FADED, NODES, SHADES, SOFT_INK, STATUSES, TINTS
from explain.drawing.style import ALERT_SHAPES, EDGES, FONT, PROSPECT_SHAPES, SHAPES, STATUS_SHAPES
from explain.phrases.lesions import sentence, who
from knowledge_base.language.vocabulary import LETTERS

if TYPE_CHECKING:
    from graphviz import Digraph

TITLE_WIDTH = 160


def draw(view: Graph, advice: Advice, legend: bool = True) -> "Digraph":
    """Return a view of the record as a drawing: clusters by letter, the advice in the title, and a legend."""
    return _GraphDrawing(view, advice, legend).dot


class _GraphDrawing:
    def __init__(self, view: Graph, advice: Advice, legend: bool) -> None:
        from graphviz import Digraph

        self.view = view
        self.advice = advice
        self.several = len(view.graph["lesions"]) > 1
        self.dot: Digraph = Digraph(name=clean(self._headline()))
        self._frame()
        if legend:
            draw_legend(self.dot, any(lesion.certainty for lesion in advice.lesions))
        groups = sorted({self._group(node) for node in view.nodes})
        for lesion in sorted({lesion for lesion, _ in groups}):
            with self._around(lesion) as around:
                for group in groups:
                    if group[0] == lesion:
                        self._cluster(around, group)
        for start, end, kind in sorted(set(view.edges(data="kind", default=""))):
            self._edge(start, end, kind)

    # --- frame -------------------------------------------------------------------------------------------------

    def _headline(self) -> str:
        return " ".join(sentence(lesion) for lesion in self._lesions())

    def _frame(self) -> None:
        lay_out(self.dot, self._headline(), **titled(self._title()), nodesep="0.18", ranksep="0.65", pad="0.3")
        self.dot.attr("node", fontname=FONT, fontsize="11", margin="0.12,0.06", height="0.3")
        self.dot.attr("edge", fontname=FONT, fontsize=f"{SMALL}", arrowsize="0.7")

    def _title(self) -> list[str]:
        facts = self.view.graph
        case = f"{facts['case']}: {facts['title']}" if facts["title"] else facts["case"]
        stamp = (
            f"Case {case}. Knowledge base {facts['knowledge']} {facts['version']}, {decision_in_short(self.advice)}."
        )
        return [
            *(markup(sentence(lesion), 18, 80, bold=True) for lesion in self._lesions()),
            *(markup(line, LARGE, 110, bold=True) for line in self._dangers()),
            markup(" ", 6),
            markup(stamp, SMALL, TITLE_WIDTH, colour=SOFT_INK),
            markup(facts["notice"], SMALL, TITLE_WIDTH, colour=SOFT_INK),
            markup(" ", 6),
        ]

    def _dangers(self) -> Iterator[str]:
        """Yield what contradicts itself and what is dangerous about the lesions drawn."""
        for clash in self.advice.contradictions:
            if self._concerns([str(clash.fact.subject)]):
                yield f"! {clash.text}"
        for alert in self.advice.alerts:
            if alert.level == "danger" and self._concerns(alert.subjects):
                yield f"DANGER{who(alert.subjects)}: {alert.text}"

    def _concerns(self, subjects: Iterable[str]) -> bool:
        """Tell whether one of some subjects is the patient, a lesion drawn or a pathway for it."""
        drawn = {"patient", *self.view.graph["lesions"]}
        return not drawn.isdisjoint(subject.split("/")[0] for subject in subjects)

    def _lesions(self) -> list[LesionAdvice]:
        return [lesion for lesion in self.advice.lesions if lesion.id in self.view.graph["lesions"]]

    # --- nodes -------------------------------------------------------------------------------------------------

    def _group(self, node: str) -> tuple[str, int]:
        """Return the cluster of a node: which lesion, where there are several, and which letter."""
        found = node_at(self.view, node)
        about = found.subject.split("/")[0]
        lesion = about if about in self.view.graph["lesions"] and self.several else ""
        return lesion, list(LETTERS).index(found.letter)

    @contextmanager
    def _around(self, lesion: str) -> Iterator["Digraph"]:
        """Yield what holds the clusters of a lesion: a frame of its own where there are several lesions."""
        if not lesion:
            yield self.dot
            return
        with self.dot.subgraph(name=f"cluster_lesion/{lesion}") as frame:
            frame.attr(
                label=f"<{markup(f'Lesion {lesion}', LARGE + 2, bold=True)}>", labeljust="l", style="solid",
                color=SOFT_INK, penwidth="1", margin="10",
            )  # fmt: skip
            yield frame

    def _cluster(self, around: "Digraph", group: tuple[str, int]) -> None:
        lesion, place = group
        letter = list(LETTERS)[place]
        title = f"{letter}  {LETTERS[letter].capitalize()}"
        if self.several and not lesion:
            title += " · patient"
        with around.subgraph(name=f"cluster_{place}/{lesion}") as cluster:
            cluster.attr(
                label=f"<{markup(title, LARGE, 60, bold=True, colour=SHADES[letter])}>", labeljust="l", style="filled",
                fillcolor=TINTS[letter], color=SHADES[letter], penwidth="1", margin="10",
            )  # fmt: skip
            for node in sorted((n for n in self.view.nodes if self._group(n) == group), key=self._place):
                self._node(cluster, node)

    def _place(self, node: str) -> tuple[int, int, str]:
        found = node_at(self.view, node)
        return list(SHAPES).index(found.kind), found.sequence if isinstance(found, FiringNode) else 0, node

    def _node(self, cluster: "Digraph", node: str) -> None:
        found = node_at(self.view, node)
        colours = STATUSES[found.look] if isinstance(found, PathwayNode) else NODES[found.kind]
        colours = FADED if isinstance(found, PathwayNode) and found.prospect == "gone" else colours
        look = {**colours.look, **_look(found)}
        cluster.node(name(node), label=node_label(found, self._about(found)), tooltip=tooltip(found.tooltip), **look)

    def _about(self, node: Node) -> str:
        """Return which lesions a measure or an alert is about, where there are several to mistake."""
        told = self.several and isinstance(node, MeasureNode | AlertNode) and node.subject != "patient"
        return node.subject if told else ""

    # --- edges -------------------------------------------------------------------------------------------------

    def _edge(self, start: str, end: str, kind: str) -> None:
        self.dot.edge(name(start), name(end), **EDGES[kind])


def _look(node: Node) -> dict[str, str]:
    """Return the shape of a node, and where a click leads."""
    look = dict(SHAPES[node.kind])
    if isinstance(node, PathwayNode):
        look |= {**STATUS_SHAPES[node.look], **(PROSPECT_SHAPES[node.prospect] if node.prospect else {})}
    if isinstance(node, AlertNode):
        look |= ALERT_SHAPES[node.level]
    if isinstance(node, Grounded) and node.href:
        look |= {"URL": _link(node.href), "target": "_blank"}
    return look


def _link(address: str) -> str:
    from graphviz import escape

    escaped: str = escape(clean(address).replace("&", "&amp;"))
    return escaped
