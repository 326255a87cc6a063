"""The conditional plan of each row of a registry: what a table can hold of it.

A plan is found by the solver, patient by patient, and takes a thousand times what the other columns take; so it is written
only where it is asked for. The words are those of the first screen of an advice.
"""

from collections.abc import Iterator, Sequence

from engine import Run
from engine.analysis.plan import ForkRow, Plan
from engine.analysis.questions import emergency_questions
from engine.cohort import Columns
from engine.inference.session import reasoner_of
from explain.phrases.plans import provisos, row_result, row_words
from knowledge_base.language.knowledge import KnowledgeBase
from metspine.registry.tables import PLAN_LISTS

PLAN = "plan"  # firm, provided, forked or open
COLUMNS = (PLAN, *PLAN_LISTS)


class Planning:
    """Finds the plans of patients of one knowledge base."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.reasoner = reasoner_of(knowledge)

    def columns(self, columns: Columns) -> dict[str, Sequence[object]]:
        """Return the columns of the plans: of rows that belong to no patient nothing."""
        found: dict[str, list[object]] = {name: [None] * len(columns.lesions) for name in COLUMNS}
        for rows in columns.patients:
            run = Run(columns.case(rows, "row", self.reasoner.knowledge), self.reasoner)
            plans = run.planner.lesions(run.stopped, emergency_questions(run.state), brief=True)
            for row in rows:
                for name, cell in zip(COLUMNS, self._cells(plans[columns.lesions[row]]), strict=True):
                    found[name][row] = cell
        return {**found}

    def _cells(self, plan: Plan) -> Iterator[object]:
        yield plan.kind
        yield list(plan.recommended)
        deadly, rest = provisos([plan], self.reasoner.knowledge)
        yield [*deadly, *rest]
        yield [self._row(row) for row in plan.fork.rows] if plan.fork else []
        yield [str(following.fact or following.measure or following.kind) for following in plan.next]

    def _row(self, row: ForkRow) -> str:
        when = ", ".join(row_words(when, self.reasoner.knowledge) for when in row.when)
        return f"{when}: {row_result(row, self.reasoner.knowledge).replace('; ', ', ')}"  # a cell of CSV parts rows by `; `
