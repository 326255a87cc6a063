"""Whose advice changes between two knowledge bases, as one figure: what each pathway was, for whom, and what it becomes."""

from itertools import groupby
from typing import TYPE_CHECKING

from engine.verification.against import NOT_THERE, AdviceChanged
from explain.drawing.frame import box, frame, name
from explain.drawing.labels import LARGE, NORMAL, SMALL, markup
from explain.drawing.palette import INK, NODES, PAPER
from explain.drawing.style import EDGES, SHAPES, status_look
from explain.phrases.knowledge_changes import answer, subject, who
from knowledge_base.language.knowledge import KnowledgeBase

if TYPE_CHECKING:
    from graphviz import Digraph

LEGEND = "How to read it: left what a pathway was, right what it becomes, between them the patients for whom it does."


def draw_changes(changes: list[AdviceChanged], old: KnowledgeBase, new: KnowledgeBase) -> "Digraph":
    """Return the figure of every pathway that is otherwise for some patient; of all else it says how much there is."""
    pathways = [change for change in changes if change.aspect.kind == "pathway"]
    others = len(changes) - len(pathways)
    title = [f"{new.framework.title}: whose advice changes"]
    said = LEGEND if pathways else "No pathway is otherwise for anybody."
    more = [f"Beside these, changes of measures, alerts and hazards: {others}. The text has them."] if others else []
    versions = f"From {old.framework.version} ({old.digest[:12]}) to {new.framework.version} ({new.digest[:12]})."
    dot = frame(title, [said, *more], [versions])
    for aspect, some in groupby(pathways, key=lambda change: change.aspect):
        with dot.subgraph(name=f"cluster {aspect.name}") as part:
            label = markup(subject(aspect, new, old), LARGE, 60, bold=True)
            part.attr(label=f"<{label}>", labeljust="l", color=INK, bgcolor=PAPER)
            for change in some:
                _change(part, change, new)
    return dot


def _change(part: "Digraph", change: AdviceChanged, new: KnowledgeBase) -> None:
    about = f"{change.aspect.name} {change.side}"
    before, patients, after = (f"{about} {where}" for where in (change.before, f"{change.before} {change.after}", "to"))
    before, after = name(f"{before} before"), name(f"{after} {change.after}")
    _status(part, before, change.before)
    _status(part, after, change.after)
    lines = [*who(change, new), *([f"with {change.side}"] if change.side else [])]
    marked = (markup(line, SMALL, 60) for line in lines)
    box(part, name(patients), marked, "\n".join(lines), **SHAPES["given"], **NODES["given"].look)
    part.edge(before, name(patients), **EDGES["leads"])
    part.edge(name(patients), after, **EDGES["leads"])


def _status(part: "Digraph", node: str, status: str) -> None:
    said, look = answer(status), status_look("unargued" if status == NOT_THERE else status)
    box(part, node, (markup(said, NORMAL, bold=True),), said, **look)
