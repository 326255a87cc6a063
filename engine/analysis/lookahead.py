"""The plans of a case as far as the next question hangs on them: what a consultation looks at after every answer.

They are those of `Planner` without witnesses, and without the rules that make a condition matter; between two findings
without conditions too. All that is left is so of every completion, whatever a solver was asked before; so it may be asked
of an encoding in far fewer gates.
"""

from collections.abc import Collection

from cases.model import Case
from engine.analysis.conditions import Condition, Goal
from engine.analysis.plan import Plan, PlanKind, Planner
from engine.inference.subjects import Fact
from engine.symbolic.coherent import CoherentEncoding
from engine.symbolic.completions import Completions
from knowledge_base.language.knowledge import KnowledgeBase


class Lookahead(Planner):
    """The plans of one case without what only a reader of them needs."""

    def __init__(self, knowledge: KnowledgeBase, case: Case) -> None:
        super().__init__(Completions(knowledge, case, CoherentEncoding), explained=False)
        self._tells_conditions = False

    def build_firings(self) -> None:
        """Build none beforehand: no completion is asked what fires in it."""

    def ahead(self, stopped: frozenset[str], aside: Collection[Fact], conditions: bool) -> dict[str, Plan]:
        """Return the plan for each lesion in brief, with the `conditions` that it rests on only if they are wanted."""
        self._tells_conditions = conditions
        return self.lesions(stopped, (), aside, brief=True)

    def resting(self, goal: Goal) -> tuple[PlanKind, tuple[Condition, ...]]:
        """Return whether a result that the suppositions force is firm, and the conditions if they are told."""
        if self._tells_conditions:
            return super().resting(goal)
        return "provided" if self.conditions.are_needed(goal) else "firm", ()
