"""A fork as a table: a column for each finding, in the order in which the rows ask, and the plan of each row."""

from collections.abc import Iterable

from engine.advice import Advice
from engine.analysis.plan import Fork, ForkRow
from engine.inference.subjects import Fact
from explain.phrases.brief import short_name
from explain.phrases.plans import fork_columns, one_of, result, row_courses, row_value
from explain.report.blocks import Table
from knowledge_base.grouping import grouped
from knowledge_base.language.knowledge import KnowledgeBase


def fork_table(fork: Fork, advice: Advice, knowledge: KnowledgeBase) -> Table:
    """Return the table of a fork; an empty cell: whichever it is."""
    labels = {finding.fact: short_name(knowledge.vocabulary[finding.attribute]) for finding in fork.findings}
    columns = fork_columns(fork)
    rows = []
    for row in fork.rows:
        read = {when.fact: row_value(when, knowledge) for when in row.when}
        rows.append((*(read.get(fact, "") for fact in columns), _result(row, advice, knowledge)))
    return Table((*(labels[fact] for fact in columns), "plan"), tuple(rows))


def first_finding(fork: Fork, knowledge: KnowledgeBase) -> Table:
    """Return what a fork comes to by its first finding alone: of each answer every course that the others may lead to."""
    first, *_ = fork_columns(fork)
    rows = grouped((_answer(row, first, knowledge), row) for row in fork.rows)
    name = short_name(knowledge.vocabulary[first.attribute])
    cells = ((f"{name} {answer}" if answer else "", one_of(_ways(alike, knowledge))) for answer, alike in rows.items())
    return Table(("", "plan"), tuple(cells))


def _answer(row: ForkRow, finding: Fact, knowledge: KnowledgeBase) -> str:
    return next((row_value(when, knowledge) for when in row.when if when.fact == finding), "")


def _ways(rows: Iterable[ForkRow], knowledge: KnowledgeBase) -> list[set[str]]:
    """Return the courses that rows may come to, alike ones once."""
    ways = (way for row in rows for way in row_courses(row, knowledge) or [set()])
    return [set(way) for way in dict.fromkeys(map(frozenset, ways))]


def _result(row: ForkRow, advice: Advice, knowledge: KnowledgeBase) -> str:
    words, following = result(row, advice, knowledge)
    if not following:
        return words
    return f"{words}: {following}" if row.decided else f"{words} (next: {following})"
