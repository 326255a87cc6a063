"""The plans of a case as far as the next question hangs on them: what a consultation looks at after every answer.

They are those of `Planner`, without the conditions that results rest on, and without witnesses. All that is left is so of
every completion, whatever a solver was asked before; so it may be asked of an encoding in far fewer gates.
"""

from cases.model import Case
from engine.analysis.conditions import Condition, Goal
from engine.analysis.plan import PlanKind, Planner
from engine.symbolic.coherent import CoherentEncoding
from engine.symbolic.completions import Completions
from knowledge_base.language.knowledge import KnowledgeBase


class Lookahead(Planner):
    """The plans of one case without their conditions; to be asked for in brief."""

    def __init__(self, knowledge: KnowledgeBase, case: Case) -> None:
        super().__init__(Completions(knowledge, case, CoherentEncoding))

    def build_firings(self) -> None:
        """Build none beforehand: no completion is asked what fires in it."""

    def resting(self, goal: Goal) -> tuple[PlanKind, tuple[Condition, ...]]:
        """Return whether a result that the suppositions force is firm; no conditions."""
        return "provided" if self.conditions.are_needed(goal) else "firm", ()
