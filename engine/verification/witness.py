"""A patient that shows a finding: found by the solver, run through the engine before anybody sees it."""

from collections.abc import Callable
from functools import cached_property

from cases.model import Case
from engine.inference.session import Consultation, Reasoner
from engine.symbolic.circuit import Lit
from engine.verification.space import Everyone, Space
from knowledge_base.language.knowledge import KnowledgeBase

Confirms = Callable[[Consultation], bool]


class Disagreement(AssertionError):  # noqa: N818  # what it is, not how it is raised
    """The engine does not do what the solver says it does: a fault of metspine itself, never of the knowledge."""


class Witnesses:
    """Makes the smallest patients of whom something is true, and confirms each by a consultation."""

    def __init__(self, everyone: Everyone) -> None:
        self.everyone = everyone

    @property
    def knowledge(self) -> KnowledgeBase:
        return self.everyone.knowledge

    @cached_property
    def reasoner(self) -> Reasoner:
        return Reasoner(self.knowledge)

    def of(self, space: Space, name: str, confirms: Confirms, *literals: Lit) -> Case:
        """Return the smallest patient of a space of whom all these are true.

        Raises `Disagreement` when the engine does not confirm it.
        """
        model = space.smallest(*literals)
        assert model is not None, "the solver has found such a patient"
        case = space.case_of(model, name)
        if not confirms(self.reasoner.consult(case)):
            raise Disagreement(f"the engine does not confirm {name}: {case}")
        return case
