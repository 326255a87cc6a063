"""A fork as a table: a column for each finding, in the order in which the rows ask, and the plan of each row."""

from engine.advice import Advice
from engine.analysis.plan import Fork, ForkRow
from explain.phrases.brief import short_name
from explain.phrases.plans import fork_columns, result, row_value
from explain.report.blocks import Table
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


def _result(row: ForkRow, advice: Advice, knowledge: KnowledgeBase) -> str:
    words, following = result(row, advice, knowledge)
    if not following:
        return words
    return f"{words}: {following}" if row.decided else f"{words} (next: {following})"
