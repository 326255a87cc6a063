"""Hazards, proved not to happen to any patient, or shown to happen to one."""

from collections.abc import Iterable, Iterator

from engine.inference.session import Consultation
from engine.inference.subjects import Subject
from engine.invariants import hazards_of
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.encoding import Truths
from engine.verification.findings import Finding
from engine.verification.space import LESION, Everyone, Space
from engine.verification.witness import Witnesses
from knowledge_base.language.conditions import All, Condition, Line, Quantified
from knowledge_base.language.hazards import Hazard
from knowledge_base.language.outcomes import INVOLVES, NAMES
from knowledge_base.language.predicates import AnyOf, Unsettled


def hazards(everyone: Everyone, witnesses: Witnesses, names: Iterable[str] | None = None) -> Iterator[Finding]:
    """Yield the hazards (all, or those named) that can happen, each with the smallest patient to whom it does."""
    known = everyone.knowledge.hazards
    for name in known if names is None else names:
        hazard = known[name]
        if (space := everyone.where(lambda space, hazard=hazard: happens(space, hazard))) is not None:  # type: ignore[misc]
            literal = happens(space, hazard)
            case = witnesses.of(space, f"hazard_happens-{name}", _happened(name), literal, space.is_coherent)
            yield Finding("hazard_happens", (name,), position=hazard.position, witness=case)


def _happened(name: str):  # type: ignore[no-untyped-def]
    def confirms(consultation: Consultation) -> bool:
        return any(hazard.id == name for hazard in hazards_of(consultation, LESION))

    return confirms


def happens(space: Space, hazard: Hazard) -> Lit:
    """Return the literal that a hazard happens to the first lesion."""
    ending = Ending(space)
    when, _ = ending.truths(hazard.when, LESION)
    if hazard.never is not None:
        return space.circuit.all((when, ending.truths(hazard.never, LESION)[0]))
    assert hazard.always is not None
    return space.circuit.all((when, -ending.truths(hazard.always, LESION)[0]))


class Ending:
    """The truth of conditions that speak of the end of a consultation, for the first lesion of a space."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.circuit = space.circuit

    def truths(self, condition: Condition, subject: Subject) -> Truths:
        """Return the literals that say that a condition is surely true, and that it is surely false."""
        if isinstance(condition, Line):
            return self._line(condition, subject)
        if isinstance(condition, Quantified):
            asked = self.space.encoding.asked_of(condition, subject)
            parts = [self.truths(condition.condition, other) for other in asked]
            every = condition.every
        else:
            parts = [self.truths(part, subject) for part in condition.parts]
            every = isinstance(condition, All)
        true, false = [t for t, _ in parts], [f for _, f in parts]
        if every:
            return self.circuit.all(true), self.circuit.any(false)
        return self.circuit.any(true), self.circuit.all(false)

    def _line(self, line: Line, subject: Subject) -> Truths:
        if line.attribute not in NAMES:
            return self.space.encoding.truths(line, subject)
        if not isinstance(line.test, AnyOf):  # nothing is ever open at the end
            return (FALSE, TRUE) if isinstance(line.test, Unsettled) else (TRUE, FALSE)
        there = self.circuit.any(self._member(line.attribute, m, subject) for m in sorted(line.test.members))
        return (-there, there) if line.test.negative else (there, -there)

    def _member(self, name: str, member: str, subject: Subject) -> Lit:
        if name == INVOLVES:
            return TRUE if member in self.space.knowledge.pathways[subject.pathway].involves else FALSE
        rules = self.space.contributors(name).get(member, ())
        return self.circuit.any(self.space.fires(rule) for rule in rules)
