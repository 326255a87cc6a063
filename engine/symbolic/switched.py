"""The program for everyone with a switch for each side of a dispute, or for each rule as well: what would be otherwise?

It is the circuit over the rules of all sides. A rule that is switched off neither fires nor may; a step of a score that is
switched off says nothing.
"""

from collections.abc import Iterator

from cases.model import Case
from engine.inference.subjects import Subject
from engine.symbolic.circuit import TRUE, Lit
from engine.symbolic.encoding import Encoding, Ground
from engine.symbolic.fine_cells import FinestCells
from engine.symbolic.program import Free, Kind, Program, everyone, programmed
from engine.symbolic.straight_line import Gates
from knowledge_base.language.disputes import side_text
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.rules import Rule, Step

OF_VERDICTS: frozenset[Kind] = frozenset({"fired", "status", "stopped", "inputs", "rules"})


class Switched(Encoding):
    """The circuit of all sides, each behind its switch; with `each`, every rule behind one of its own too."""

    def __init__(self, knowledge: KnowledgeBase, case: Case, ground: Ground, each: bool) -> None:
        self.switches: dict[str, Lit] = {}
        self._each = each
        super().__init__(knowledge.whole, case, Free, ground)

    def _switch(self, name: str) -> Lit:
        if name not in self.switches:
            self.switches[name] = self.circuit.free()
        return self.switches[name]

    def is_on(self, unit: Unit) -> Lit:
        """Return that a rule or step counts."""
        side = self._switch(side_text(unit.side.dispute, unit.side.side)) if unit.side else TRUE
        return self.circuit.all((self._switch(unit.id), side)) if self._each and isinstance(unit, Rule) else side

    def _fires(self, rule_id: str, subject: Subject) -> Lit:
        return self.circuit.all((super()._fires(rule_id, subject), self.is_on(self.knowledge.rules[rule_id])))

    def can_fire(self, rule: Rule, subject: Subject) -> Lit:
        """Return that a rule has fired, or may yet."""
        return self.circuit.all((super().can_fire(rule, subject), self.is_on(rule)))

    def informed(self, step: Step, subject: Subject) -> Lit:
        """Return that a step of a score counts, and says something new."""
        return self.circuit.all((super().informed(step, subject), self.is_on(step)))

    def _narrowings(self, unit: Unit, subject: Subject, name: str) -> Iterator[list[Lit]]:
        for left in super()._narrowings(unit, subject, name):
            is_on = self.is_on(unit) if isinstance(unit, Step) else TRUE
            yield left if is_on == TRUE else [self.circuit.any((-is_on, cell)) for cell in left]


def switched_program(knowledge: KnowledgeBase, lesions: int) -> Program:
    """Return a program with a switch for each rule and side; it gives statuses, and whether a lesion is stopped."""
    return _program(knowledge, lesions, True, frozenset({"status", "stopped"}))


def sided_program(knowledge: KnowledgeBase, lesions: int) -> Program:
    """Return a program with a switch for each side; it gives all that verdicts are made of."""
    return _program(knowledge, lesions, False, OF_VERDICTS)


def _program(knowledge: KnowledgeBase, lesions: int, each: bool, kinds: frozenset[Kind]) -> Program:
    ground = Ground(FinestCells(knowledge.whole), Gates())
    encoding = Switched(knowledge, everyone(lesions), ground, each)
    return programmed(encoding, kinds, encoding.switches)
