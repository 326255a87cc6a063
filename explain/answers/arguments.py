"""The argument table: every pathway, and what was said for it, against it, or to rule it out."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from textwrap import wrap

from engine.advice import KnowledgeStamp, LesionAdvice, Option
from engine.inference.subjects import Fact
from engine.inference.trace import Record
from engine.run import Run
from engine.verdicts import Status
from explain.phrases.arguments import Spoken, spoken
from explain.phrases.conditions import ARGUED_WORDS, bibliography, heading
from explain.phrases.lesions import sentence
from explain.phrases.prose import join, paragraph, titled
from explain.phrases.terms import BASIS_WORDS, STANCE_WORDS, STATUS_WORDS, look_of
from knowledge_base.language.rules import Stance

COLUMNS = {"stance": 17, "facts": 41, "source": 36}
GAP = "  "


class OpenRow(Record):
    """A rule that might still speak, and the labels of the inputs it waits for."""

    stance: Stance
    rule: str
    title: str
    waits_for: tuple[str, ...]


class OptionRows(Record):
    """A pathway with all its arguments."""

    pathway: str
    label: str
    status: Status
    arguments: tuple[Spoken, ...]
    may_yet: tuple[OpenRow, ...]

    @property
    def look(self) -> str:
        """Under which name it is shown."""
        return look_of(self.status, self.arguments)


class LesionTable(Record):
    """All pathways for one lesion."""

    lesion: str
    answer: str
    options: tuple[OptionRows, ...]


class ArgumentTable(Record):
    """All pathways for all lesions of a case."""

    case: str
    title: str | None
    knowledge_base: KnowledgeStamp
    notice: str
    lesions: tuple[LesionTable, ...]


def argument_table(run: Run) -> ArgumentTable:
    """Return every pathway of every lesion with its arguments, recommended ones first."""
    advice = run.advice
    return ArgumentTable(
        case=advice.case,
        title=advice.title,
        knowledge_base=advice.knowledge_base,
        notice=advice.notice,
        lesions=tuple(_lesion(lesion, run) for lesion in advice.lesions),
    )


def _lesion(lesion: LesionAdvice, run: Run) -> LesionTable:
    options = tuple(_option(option, run) for option in lesion.options)
    return LesionTable(lesion=lesion.id, answer=sentence(lesion), options=options)


def _option(option: Option, run: Run) -> OptionRows:
    return OptionRows(
        pathway=option.pathway,
        label=option.label,
        status=option.status,
        arguments=tuple(spoken(run.firings[a.firing], a.stance, run) for a in option.arguments),
        may_yet=tuple(
            OpenRow(stance=o.stance, rule=o.rule, title=o.title, waits_for=_labels(o.waits_for, run))
            for o in option.open_arguments
        ),
    )


def _labels(facts: Iterable[Fact], run: Run) -> tuple[str, ...]:
    return tuple(dict.fromkeys(run.attribute(fact).label for fact in facts))


# --- text ----------------------------------------------------------------------------------------------------------


def argument_text(table: ArgumentTable) -> str:
    """Return the table as plain text of at most 100 columns."""
    return "\n".join(_lines(table)).rstrip() + "\n"


def _lines(table: ArgumentTable) -> Iterator[str]:
    yield from titled(f"Arguments: {table.case}" + (f", {table.title}" if table.title else ""))
    for lesion in table.lesions:
        yield from paragraph(lesion.answer, "» ")
    for lesion in table.lesions:
        yield from heading(f"Lesion {lesion.lesion}")
        for option in lesion.options:
            yield from _option_lines(option)
    rows = [row for lesion in table.lesions for option in lesion.options for row in option.arguments]
    yield from heading("Sources")
    yield from bibliography(source for row in rows for source in row.sources)
    yield ""
    yield from paragraph(table.notice)


def _option_lines(option: OptionRows) -> Iterator[str]:
    yield from paragraph(f"{option.label}: {STATUS_WORDS[option.look]}", "• ")
    for row in option.arguments:
        yield from _table_row(
            [STANCE_WORDS[row.stance], row.rule],
            [row.because, f"because {'; '.join(row.facts) or 'it holds for everyone'}"],
            [*(f"{s.ref}, {s.at}" for s in row.sources), f"weakest link: {BASIS_WORDS[row.basis]}"],
        )
    if not option.arguments:
        yield "    no rule has spoken"
    for stance, rows in _by_stance(option.may_yet):
        waits_for = dict.fromkeys(label for row in rows for label in row.waits_for)
        rules = join(dict.fromkeys(row.rule for row in rows), "and")
        verb = ARGUED_WORDS[f"argued_{stance}"][2]
        yield from paragraph(f"{rules} could still {verb}; {_unknown(waits_for)}", "    ", 6)


def _unknown(labels: Iterable[str]) -> str:
    known = list(labels)
    return f"not known: {'; '.join(known)}" if known else "what it reads is not settled"


def _by_stance(rows: Iterable[OpenRow]) -> Iterator[tuple[Stance, list[OpenRow]]]:
    grouped: dict[Stance, list[OpenRow]] = {}
    for row in rows:
        grouped.setdefault(row.stance, []).append(row)
    yield from grouped.items()


def _table_row(stance: list[str], facts: list[str], source: list[str]) -> Iterator[str]:
    """Yield one row of the table, each cell wrapped to its column."""
    cells = zip((stance, facts, source), COLUMNS.values(), strict=True)
    wrapped = [[line for text in cell for line in wrap(text, width, break_on_hyphens=False)] for cell, width in cells]
    for parts in zip_longest(*wrapped, fillvalue=""):
        padded = GAP.join(f"{part:{width}}" for part, width in zip(parts, COLUMNS.values(), strict=True))
        yield f"{GAP}{padded}".rstrip()
