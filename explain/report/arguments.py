"""The argument table in words: under every pathway what was said of it, and what could still be said."""

from collections.abc import Iterator, Sequence

from explain.answers.arguments import ArgumentTable, OpenRow, OptionRows
from explain.phrases.arguments import Spoken
from explain.phrases.conditions import ARGUED_WORDS
from explain.phrases.prose import join
from explain.phrases.terms import BASIS_WORDS, STANCE_WORDS, STATUS_WORDS
from explain.report.blocks import Block, Heading, Para, Point, Points
from explain.report.sources import bibliography
from knowledge_base.grouping import grouped
from knowledge_base.language.rules import Stance


def argument_report(table: ArgumentTable) -> Iterator[Block]:
    """Yield the table."""
    yield Heading(f"Arguments: {table.case}" + (f", {table.title}" if table.title else ""))
    yield from (Para(lesion.answer, "plan") for lesion in table.lesions)
    for lesion in table.lesions:
        yield Heading(f"Lesion {lesion.lesion}", 2)
        yield Points(tuple(map(_option, lesion.options)))
    rows = [row for lesion in table.lesions for option in lesion.options for row in option.arguments]
    yield from bibliography(source for row in rows for source in row.sources)
    yield Para(table.notice, "small")


def _option(option: OptionRows) -> Point:
    said = [*map(_argument, option.arguments)] or [Point("no rule has spoken")]
    said += (_may_yet(stance, rows) for stance, rows in grouped((row.stance, row) for row in option.may_yet).items())
    return Point(f"{option.label}: {STATUS_WORDS[option.look]}", tuple(said))


def _argument(row: Spoken) -> Point:
    cited = ", ".join(f"{source.short} ({source.at})" for source in row.sources)
    because = Point("; ".join(row.facts) or "it holds for everyone", lead="because")
    support = Point(f"[{row.rule}; {cited}; weakest link: {BASIS_WORDS[row.basis]}]")
    return Point(f"{STANCE_WORDS[row.stance]}: {row.because}", (because, support))


def _may_yet(stance: Stance, rows: Sequence[OpenRow]) -> Point:
    waits_for = dict.fromkeys(label for row in rows for label in row.waits_for)
    rules = join(dict.fromkeys(row.rule for row in rows), "and")
    unknown = f"not known: {'; '.join(waits_for)}" if waits_for else "what it reads is not settled"
    return Point(f"{rules} could still {ARGUED_WORDS[f'argued_{stance}'][2]}; {unknown}")
