"""What open arguments wait for, as gates: the walk of `WorkingMemory.open_inputs` over all states of knowledge at once."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from engine.inference.subjects import Fact, Subject
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.encoding import Encoding
from knowledge_base.grouping import grouped
from knowledge_base.language.conditions import Condition, Line, leaves
from knowledge_base.language.knowledge import Unit
from knowledge_base.language.rules import STANCES, Rule


class Waiting:
    """Tells on which inputs rules and steps wait, in the circuit of an encoding."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.circuit = encoding.circuit
        self.knowledge = encoding.knowledge
        self.undecided = cache(self._undecided)
        self.inputs = cache(self._inputs)

    def missing(self, lesion: Subject) -> Mapping[Fact, Lit]:
        """Return, for each input, the literal that an open argument about a lesion waits for it."""
        parts = []
        for pathway in self.knowledge.pathways:
            for stance in STANCES:
                for rule in self.knowledge.arguers.get((pathway, stance), ()):
                    for subject in self.encoding.below(rule.subject, lesion):
                        parts += self._while(self.undecided(rule.id, subject), self.inputs(rule.id, subject).items())
        return self._joined(parts)

    def _undecided(self, unit_id: str, subject: Subject) -> Lit:
        """Return that more knowledge may still make a rule fire, or a step narrower."""
        unit = self.knowledge.units[unit_id]
        if isinstance(unit, Rule):
            true, false = self.encoding.truths(unit.when, subject)
            return self.circuit.all((-true, -false, self.encoding.can_fire(unit, subject)))
        return self.circuit.any(-self.encoding.known(self.encoding.at(name, subject), name) for name in unit.reads)

    def _inputs(self, unit_id: str, subject: Subject) -> Mapping[Fact, Lit]:
        """Return, for each input, the literal that an undecided rule or step waits for it."""
        parts: list[tuple[Fact, Lit]] = []
        for fact, wanted in self._joined(self._reads(self.knowledge.units[unit_id], subject)).items():
            if self.knowledge.vocabulary[fact.attribute].given:
                parts.append((fact, wanted))
            for writer, other in self.encoding.speakers(*fact):
                both = self.circuit.all((wanted, self.undecided(writer.id, other)))
                parts += self._while(both, self.inputs(writer.id, other).items())
        return self._joined(parts)

    def _reads(self, unit: Unit, subject: Subject) -> Iterator[tuple[Fact, Lit]]:
        if isinstance(unit, Rule):
            yield from self._open_lines(unit.when, subject, TRUE)
            return
        for name in unit.reads:
            about = self.encoding.at(name, subject)
            yield about.fact(name), -self.encoding.known(about, name)

    def _open_lines(self, condition: Condition, subject: Subject, wanted: Lit) -> Iterator[tuple[Fact, Lit]]:
        for leaf in leaves(condition):
            true, false = self.encoding.truths(leaf, subject)
            is_open = self.circuit.all((wanted, -true, -false))
            if is_open == FALSE:
                continue
            if isinstance(leaf, Line):
                yield self.encoding.at(leaf.attribute, subject).fact(leaf.attribute), is_open
            else:
                for other in self.encoding.asked_of(leaf, subject):
                    yield from self._open_lines(leaf.condition, other, is_open)

    def _while(self, wanted: Lit, found: Iterable[tuple[Fact, Lit]]) -> list[tuple[Fact, Lit]]:
        return [(fact, self.circuit.all((wanted, literal))) for fact, literal in found] if wanted != FALSE else []

    def _joined(self, parts: Iterable[tuple[Fact, Lit]]) -> Mapping[Fact, Lit]:
        found = grouped((fact, literal) for fact, literal in parts if literal != FALSE)
        return {fact: self.circuit.any(ways) for fact, ways in sorted(found.items())}
