"""How a consultation ends for one lesion, as gates: what hazards speak of, and whether one happens."""

from collections.abc import Mapping
from functools import cache

from engine.inference.subjects import Subject
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.encoding import Encoding, Truths
from knowledge_base.language.conditions import Condition, Line
from knowledge_base.language.hazards import Hazard
from knowledge_base.language.outcomes import INVOLVES, NAMES, contributors
from knowledge_base.language.predicates import AnyOf, Unsettled
from knowledge_base.language.rules import Rule


class Ending:
    """The truth of conditions that speak of the end of a consultation, for one lesion."""

    def __init__(self, encoding: Encoding, lesion: Subject) -> None:
        self.encoding = encoding
        self.circuit = encoding.circuit
        self.lesion = lesion
        self._contributors = cache(self._found_contributors)

    def happens(self, hazard: Hazard) -> Lit:
        """Return the literal that a hazard happens to the lesion."""
        when, _ = self.truths(hazard.when, self.lesion)
        if hazard.never is not None:
            return self.circuit.all((when, self.truths(hazard.never, self.lesion)[0]))
        assert hazard.always is not None
        return self.circuit.all((when, -self.truths(hazard.always, self.lesion)[0]))

    def fires(self, rule: Rule) -> Lit:
        """Return that a rule fires for the patient, the lesion, or an option of it."""
        return self.encoding.fires_about(rule, self.lesion)

    def member(self, name: str, member: str, subject: Subject) -> Lit:
        """Return that a member is in an attribute of the end (see `outcomes`)."""
        if name == INVOLVES:
            return TRUE if member in self.encoding.knowledge.pathways[subject.pathway].involves else FALSE
        return self.circuit.any(self.fires(rule) for rule in self._contributors(name).get(member, ()))

    def truths(self, condition: Condition, subject: Subject) -> Truths:
        """Return the literals that say that a condition is surely true, and that it is surely false."""
        return self.encoding.truths(condition, subject, self._line)

    def _line(self, line: Line, subject: Subject) -> Truths:
        if line.attribute not in NAMES:
            return self.encoding.truths(line, subject)
        if not isinstance(line.test, AnyOf):  # nothing is ever open at the end
            return (FALSE, TRUE) if isinstance(line.test, Unsettled) else (TRUE, FALSE)
        there = self.circuit.any(self.member(line.attribute, m, subject) for m in sorted(line.test.members))
        return (-there, there) if line.test.negative else (there, -there)

    def _found_contributors(self, name: str) -> Mapping[str, tuple[Rule, ...]]:
        return contributors(self.encoding.knowledge, name)
