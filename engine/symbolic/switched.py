"""The program for everyone with a switch for each rule and each side of a dispute: which of them decide?

It is the circuit over the rules of all sides. A rule that is switched off neither fires nor may; a step of a score that is
switched off says nothing.
"""

from collections.abc import Iterator

from cases.model import Case, Lesion
from engine.inference.subjects import PATIENT, Fact, Subject
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.encoding import Encoding, Ground
from engine.symbolic.ending import Ending
from engine.symbolic.fine_cells import FinestCells
from engine.symbolic.program import Free, Output, Program, slot
from engine.symbolic.straight_line import Gates, compiled, live
from knowledge_base.language.domains import Choices
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.rules import Rule, Step

SWITCH = -3  # the part of an input that is no input of a case: a rule, or `dispute=side`, by its name


class Switched(Encoding):
    """The circuit of all sides, each rule behind its switch."""

    def __init__(self, knowledge: KnowledgeBase, case: Case, ground: Ground) -> None:
        self.switches: dict[str, Lit] = {}
        super().__init__(knowledge.whole, case, Free, ground)

    def _switch(self, name: str) -> Lit:
        if name not in self.switches:
            self.switches[name] = self.circuit.free()
        return self.switches[name]

    def is_on(self, unit: Unit) -> Lit:
        """Return that a rule or step counts."""
        side = self._switch(f"{unit.side.dispute}={unit.side.side}") if unit.side else TRUE
        return self.circuit.all((self._switch(unit.id), side)) if isinstance(unit, Rule) else side

    def _fires(self, rule_id: str, subject: Subject) -> Lit:
        return self.circuit.all((super()._fires(rule_id, subject), self.is_on(self.knowledge.rules[rule_id])))

    def can_fire(self, rule: Rule, subject: Subject) -> Lit:
        """Return that a rule has fired, or may yet."""
        return self.circuit.all((super().can_fire(rule, subject), self.is_on(rule)))

    def _narrowings(self, unit: Unit, subject: Subject, name: str) -> Iterator[list[Lit]]:
        for left in super()._narrowings(unit, subject, name):
            is_on = self.is_on(unit) if isinstance(unit, Step) else TRUE
            yield left if is_on == TRUE else [self.circuit.any((-is_on, cell)) for cell in left]


def switched_program(knowledge: KnowledgeBase, lesions: int) -> Program:
    """Return a program of which the outputs are the recommended pathways of each lesion, and whether it is stopped."""
    gates = Gates()
    case = Case("everyone", {}, tuple(Lesion(slot(i), {}) for i in range(lesions)))
    encoding = Switched(knowledge, case, Ground(FinestCells(knowledge.whole), gates))
    outputs = dict(_outputs(encoding, knowledge))
    used = live(gates, outputs.values())
    free = ((subject, name, held) for (subject, name), held in encoding.inputs.items() if isinstance(held, Free))
    places = {lit: (s.lesion, name, part) for s, name, held in free for part, lit in held.parts.items()}
    places |= {lit: ("", name, SWITCH) for name, lit in encoding.switches.items()}
    kept = {lit: place for lit, place in sorted(places.items()) if lit in used}
    code = compiled(gates, list(kept), list(outputs.values()))
    return Program(lesions, tuple(kept.values()), tuple(outputs), code)


def _outputs(encoding: Switched, knowledge: KnowledgeBase) -> Iterator[tuple[Output, Lit]]:
    clashes = dict(encoding.clashes)
    for lesion in encoding.subjects("lesion"):
        ending = Ending(encoding, lesion)
        hazards = [ending.happens(hazard) for hazard in knowledge.hazards.values()]
        quarrels = [
            _by_rules(encoding, fact, clash)
            for fact, clash in clashes.items()
            if fact.subject == PATIENT or fact.subject.at("lesion") == lesion
        ]
        yield ("stopped", lesion.lesion, "", "", ""), encoding.circuit.any((*hazards, *quarrels))
    cells = encoding.cells.of("status")
    place = next(i for i, cell in enumerate(cells) if isinstance(cell, Choices) and cell.members == {"recommended"})
    for option in encoding.subjects("option"):
        possible = encoding.possible(option, "status")
        only = encoding.circuit.all(lit if i == place else -lit for i, lit in enumerate(possible))
        yield ("status", option.lesion, option.pathway, "recommended", ""), only


def _by_rules(encoding: Switched, fact: Fact, clash: Lit) -> Lit:
    held = encoding.inputs.get(fact)
    if encoding.knowledge.vocabulary[fact.attribute].reconciles:
        return FALSE
    return encoding.circuit.all((clash, held.unsaid if held else TRUE))
