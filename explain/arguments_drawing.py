"""The argument table as a figure: rules on the left, options on the right, a line for each argument.

Line and arrowhead tell the stance; colour only repeats it.
"""

from itertools import pairwise
from typing import TYPE_CHECKING

from explain.arguments import ArgumentTable, LesionTable, OptionRows
from explain.frame import frame, name, tooltip
from explain.labels import LARGE, NORMAL, SMALL, markup
from explain.palette import NODES, SOFT_INK, STATUSES
from explain.spoken import Spoken
from explain.style import EDGES, SHAPES, STATUS_SHAPES, Attributes
from explain.words import BASIS_WORDS, STATUS_WORDS

if TYPE_CHECKING:
    from graphviz import Digraph  # type: ignore[import-untyped]

STANCES: dict[str, Attributes] = {
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
    for number, lesion in enumerate(table.lesions):
        _lesion(dot, lesion, number, len(table.lesions) > 1)
    return dot


def _lesion(dot: "Digraph", lesion: LesionTable, number: int, several: bool) -> None:
    with dot.subgraph(name=f"cluster_{number}" if several else f"lesion_{number}") as part:
        if several:
            title = markup(f"Lesion {lesion.lesion}", LARGE, bold=True)
            part.attr(label=f"<{title}>", labeljust="l", color=SOFT_INK, margin="10")
        for option in lesion.options:
            _option(part, lesion.lesion, option)
        _column(part, [name(f"{lesion.lesion}/{option.pathway}") for option in lesion.options])
        for row in {row.firing: row for option in lesion.options for row in option.arguments}.values():
            _rule(part, row)
        for option in lesion.options:
            for row in option.arguments:
                part.edge(name(row.firing), name(f"{lesion.lesion}/{option.pathway}"), **STANCES[row.stance])


def _column(part: "Digraph", nodes: list[str]) -> None:
    """Put nodes in one column, in their order from top to bottom."""
    with part.subgraph() as column:
        column.attr(rank="same")
        for above, below in pairwise(nodes):
            column.edge(above, below, style="invis")


def _option(part: "Digraph", lesion: str, option: OptionRows) -> None:
    colours = STATUSES[option.status]
    title = markup(option.label, NORMAL, 28, bold=option.status == "recommended")
    part.node(
        name(f"{lesion}/{option.pathway}"), label=f"<{title}<BR/>{markup(STATUS_WORDS[option.status], SMALL)}>",
        tooltip=tooltip(option.label), fillcolor=colours.fill, color=colours.line, fontcolor=colours.text,
        **{**SHAPES["pathway"], **STATUS_SHAPES[option.status]},
    )  # fmt: skip


def _rule(part: "Digraph", row: Spoken) -> None:
    facts = "; ".join(row.facts) or "it holds for everyone"
    sources = "; ".join(f"{source.ref}, {source.at}" for source in row.sources)
    lines = (
        markup(row.rule, bold=True),
        markup(facts, SMALL, 48),
        markup(f"{sources} ({BASIS_WORDS[row.basis]})", SMALL, 48, colour=SOFT_INK),
    )
    colours = NODES["rule"]
    part.node(
        name(row.firing), label=f"<{'<BR/>'.join(lines)}>", tooltip=tooltip(f"{row.title}\n{row.because}"),
        fillcolor=colours.fill, color=colours.line, fontcolor=colours.text, **SHAPES["rule"],
    )  # fmt: skip
