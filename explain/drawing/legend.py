"""The legend: one sample of each shape and each line, drawn in the same columns as the rest."""

from typing import TYPE_CHECKING

from explain.drawing.frame import box
from explain.drawing.labels import NORMAL, SMALL, markup
from explain.drawing.palette import FADED, INK, NODES, PAPER, SOFT_INK, STATUSES
from explain.drawing.style import EDGES, PROSPECT_SHAPES, SHAPES, status_look

if TYPE_CHECKING:
    from graphviz import Digraph

SAMPLES = {
    "given": "given in the case",
    "score": "total of a score",
    "derived": "finding that rules drew",
    "unknown": "not known",
    "rule": "rule that fired",
    "measure": "to do beside the pathway",
    "alert": "warning",
}
PROSPECTS = {"question": "to ask next", "could": "could become recommended", "gone": "no longer possible"}
PATHWAYS = {"recommended": "recommended", "acceptable": "acceptable", "excluded": "not advised or ruled out"}
WIDE = {"score", "measure", "alert", "acceptable"}  # their row keeps the columns apart, for the words on the lines
LINES = (
    ("given", "derived", "leads", "leads to"),
    ("derived", "rule", "premise", "read by"),
    ("rule", "recommended", "for", "for"),
    ("score", "measure", "", ""),
    ("measure", "alert", "", ""),
    ("alert", "acceptable", "", ""),
    ("given", "unknown", "", ""),
    ("unknown", "rule2", "absent", "not met"),
    ("rule2", "excluded", "against", "against"),
)


def draw_legend(dot: "Digraph", settled: bool = False) -> None:
    """Add the legend as a cluster of its own; `settled` adds what is drawn of the completions."""
    with dot.subgraph(name="cluster_legend") as cluster:
        cluster.attr(
            label=f"<{markup('How to read this', NORMAL, bold=True, colour=SOFT_INK)}>", labeljust="l",
            style="filled", fillcolor=PAPER, color=SOFT_INK, penwidth="0.5", margin="8",
        )  # fmt: skip
        for kind, words in {**SAMPLES, "rule2": SAMPLES["rule"]}.items():
            shape = kind.rstrip("2")
            look = {**SHAPES[shape], **NODES[shape].look, "fontcolor": INK, "width": _width(kind)}
            box(cluster, f"legend {kind}", (markup(words, SMALL, 13),), words, **look)
        for status, words in PATHWAYS.items():
            look = {**status_look(status), "width": _width(status)}
            box(cluster, f"legend {status}", (markup(words, SMALL, 13),), words, **look)
        if settled:
            _prospects(cluster)
        for start, end, kind, words in LINES:
            line = {**EDGES[kind], "xlabel": f"<{markup(words, SMALL, 12)}>"} if kind else {"style": "invis"}
            cluster.edge(f"legend {start}", f"legend {end}", **line)


def _prospects(cluster: "Digraph") -> None:
    """Add how a question and the completions of a pathway are drawn, in a row of their own."""
    colours = {"question": NODES["question"], "could": STATUSES["open"], "gone": FADED}
    shapes = {"question": SHAPES["question"]} | {k: {**SHAPES["pathway"], **v} for k, v in PROSPECT_SHAPES.items()}
    for kind, words in PROSPECTS.items():
        look = {**shapes[kind], **colours[kind].look}
        box(cluster, f"legend {kind}", (markup(words, SMALL, 13),), words, **look)
    cluster.edge("legend question", "legend could", **EDGES["decides"], xlabel=f"<{markup('decides', SMALL, 12)}>")
    cluster.edge("legend could", "legend gone", style="invis")


def _width(name: str) -> str:
    return "1.8" if name in WIDE else "0.75"
