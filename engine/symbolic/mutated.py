"""The program for everyone with a switch for each mutant of a rule or score: many slips are tried at once, one bit each."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from cases.model import Case
from engine.inference.subjects import Subject
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.encoding import Encoding, Ground, Truths
from engine.symbolic.partition import Cells
from engine.symbolic.program import Free, Kind, Program, everyone, programmed
from engine.symbolic.straight_line import Gates
from knowledge_base.grouping import grouped
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.rules import Rule, Step


class Slip(Protocol):
    """What is otherwise: `mutated` stands for the rule or step `unit`."""

    @property
    def unit(self) -> str: ...

    @property
    def mutated(self) -> Unit: ...


class Mutated(Encoding):
    """The circuit in which each of some rules and steps may be a mutant instead; at most one switch is to be on."""

    def __init__(self, knowledge: KnowledgeBase, case: Case, ground: Ground, slips: Sequence[Slip]) -> None:
        self.switches = [ground.circuit.free() for _ in slips]
        switched = zip(self.switches, slips, strict=True)
        self._slips = grouped((slip.unit, (switch, slip.mutated)) for switch, slip in switched)
        super().__init__(knowledge, case, Free, ground)

    def _either(self, unit: str, own: Lit, of: Callable[[Unit], Lit]) -> Lit:
        """Return what is true of a rule or step, or of the mutant that stands for it."""
        others = [(switch, other) for switch, mutated in self._slips.get(unit, ()) if (other := of(mutated)) != own]
        kept = self.circuit.all((own, *(-switch for switch, _ in others)))
        return self.circuit.any((kept, *(self.circuit.all(pair) for pair in others)))

    def _truths_of_rule(self, rule_id: str, subject: Subject) -> tuple[Truths, Truths]:
        own = super()._truths_of_rule(rule_id, subject)

        def of(place: int, side: int) -> Lit:
            return self._either(rule_id, own[place][side], lambda rule: self._truth(rule, place, side, subject))

        return (of(0, 0), of(0, 1)), (of(1, 0), of(1, 1))

    def _truth(self, rule: Unit, place: int, side: int, subject: Subject) -> Lit:
        assert isinstance(rule, Rule)
        return self.truths((rule.when, rule.unless)[place], subject)[side]

    def _narrowings(self, unit: Unit, subject: Subject, name: str) -> Iterator[list[Lit]]:
        for left in super()._narrowings(unit, subject, name):
            yield self._of_step(unit, subject, left) if isinstance(unit, Step) else left

    def _of_step(self, step: Step, subject: Subject, own: list[Lit]) -> list[Lit]:
        def of(place: int) -> Callable[[Unit], Lit]:
            return lambda mutated: self.reading(subject).scored(mutated)[place] if isinstance(mutated, Step) else FALSE

        return [self._either(step.id, cell, of(place)) for place, cell in enumerate(own)]

    def arguers(self, pathway: str, stance: str) -> Iterator[tuple[Rule, Lit]]:
        """Yield the rules that argue so about a pathway, or of which a mutant does, and that they do."""

        def argues(unit: Unit) -> Lit:
            arguments = unit.arguments if isinstance(unit, Rule) else ()
            return TRUE if any((a.pathway, a.stance) == (pathway, stance) for a in arguments) else FALSE

        for rule in self.knowledge.rules.values():
            if (so := self._either(rule.id, argues(rule), argues)) != FALSE:
                yield rule, so


def mutated_program(
    knowledge: KnowledgeBase, lesions: int, cells: Cells, slips: Sequence[Slip], kinds: AbstractSet[Kind]
) -> Program:
    """Return the program for so many lesions with outputs of these kinds; its last inputs are a switch for each slip."""
    encoding = Mutated(knowledge, everyone(lesions), Ground(cells, Gates()), slips)
    return programmed(encoding, kinds, {str(i): switch for i, switch in enumerate(encoding.switches)})
