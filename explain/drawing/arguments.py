"""The argument table as a figure: rules on the left, options on the right, a line for each argument.

Line and arrowhead tell the stance; colour only repeats it.
"""

from itertools import pairwise
from typing import TYPE_CHECKING

from explain.answers.arguments import ArgumentTable, LesionTable, OptionRows
from explain.drawing.frame import box, frame, name
from explain.drawing.labels import LARGE, NORMAL, SMALL, markup
from explain.drawing.palette import INK, NODES, SOFT_INK
from explain.drawing.style import EDGES, SHAPES, Attributes, status_look
from explain.phrases.arguments import Spoken
from explain.phrases.terms import BASIS_WORDS, STATUS_WORDS

if TYPE_CHECKING:
    from graphviz import Digraph

STROKES: dict[str, Attributes] = {
    "recommend": EDGES["for"],
    "consider": {**EDGES["for"], "penwidth": "1.5", "arrowhead": "onormal"},
    "advise_against": EDGES["against"],
    "exclude": {**EDGES["against"], "penwidth": "2.5", "arrowhead": "teetee"},
}
LEGEND = (
    "How to read it: a solid line with a full arrow speaks for an option, with an empty arrow it makes it worth "
    "considering; a dashed line with one bar speaks against it, with two bars it rules it out."
)


def draw_arguments(table: ArgumentTable) -> "Digraph":
    """Return the figure: every option, and every rule that spoke about it with its facts and sources."""
    answers = [lesion.answer for lesion in table.lesions]
    stamp = table.knowledge_base
    small = [f"Case {table.case}. Knowledge base {stamp.id} {stamp.version}, digest {stamp.digest[:12]}.", table.notice]
    dot = frame(answers, [LEGEND], small)
    column = []
    for lesion in table.lesions:
        if len(table.lesions) > 1:
            column.append(_heading(dot, lesion.lesion))
        column.extend(_lesion(dot, lesion))
    _column(dot, column)
    return dot


def _heading(dot: "Digraph", lesion: str) -> str:
    """Put the name of a lesion above its options and return its node."""
    node, said = name(f"lesion {lesion}"), f"Lesion {lesion}"
    box(dot, node, (markup(said, LARGE, bold=True),), said, shape="plaintext", fontcolor=INK)
    return node


def _lesion(dot: "Digraph", lesion: LesionTable) -> list[str]:
    """Put in the options of a lesion and the rules that spoke about them; return the nodes of the options."""
    nodes = {option.pathway: name(f"{lesion.lesion}/{option.pathway}") for option in lesion.options}
    for option in lesion.options:
        _option(dot, nodes[option.pathway], option)
    for row in {row.firing: row for option in lesion.options for row in option.arguments}.values():
        _rule(dot, row)
    for option in lesion.options:
        for row in option.arguments:
            dot.edge(name(row.firing), nodes[option.pathway], **STROKES[row.stance])
    return list(nodes.values())


def _column(dot: "Digraph", nodes: list[str]) -> None:
    """Put nodes in one column, in their order from top to bottom; inside clusters Graphviz would not keep to it."""
    with dot.subgraph() as column:
        column.attr(rank="same")
        for above, below in pairwise(nodes):
            column.edge(above, below, style="invis")


def _option(part: "Digraph", node: str, option: OptionRows) -> None:
    title = markup(option.label, NORMAL, 28, bold=option.status == "recommended")
    box(part, node, (title, markup(STATUS_WORDS[option.look], SMALL)), option.label, **status_look(option.look))


def _rule(part: "Digraph", row: Spoken) -> None:
    facts = "; ".join(row.facts) or "it holds for everyone"
    sources = "; ".join(f"{source.short}, {source.at}" for source in row.sources)
    lines = (
        markup(row.rule, bold=True),
        markup(row.title, SMALL, 48, bold=True),
        markup(facts, SMALL, 48),
        markup(f"{sources} ({BASIS_WORDS[row.basis]})", SMALL, 48, colour=SOFT_INK),
    )
    box(part, name(row.firing), lines, f"{row.title}\n{row.because}", **SHAPES["rule"], **NODES["rule"].look)
