"""Which mutants the patients of a library kill: those under which something is found of one that is not found otherwise.

All mutants go through one program at once, a bit each, patient after patient. What is found is all of a `LesionVerdict`
but what is missing. Patients of whom the program is not exact are left out, so that no kill is claimed that may be none.
"""

import operator
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

from cases.model import Case
from engine.symbolic.fine_cells import FinestCells
from engine.symbolic.mutated import mutated_program
from engine.symbolic.program import SWITCH, Intake, Kind, Output, Program
from engine.verification.mutants import Mutant, beside, mutants_of
from engine.verification.parallel import Watch, unwatched
from knowledge_base.language.knowledge import KnowledgeBase

FOUND: frozenset[Kind] = frozenset({"fired", "status", "stopped", "hazard", "inputs", "rules", "measure", "danger"})


def tried(
    knowledge: KnowledgeBase, mutants: Sequence[Mutant], cases: Iterable[Case], watch: Watch = unwatched
) -> dict[Mutant, str]:
    """Return the mutants that are killed, each with the first patient who kills it.

    Raises `Inexact` for rules that a program cannot compute.
    """
    killed: dict[Mutant, str] = {}
    for case, bits in kills(knowledge, mutants, cases, watch):
        for bit, mutant in enumerate(mutants):
            if bits >> bit & 1:
                killed.setdefault(mutant, case.id)
    return killed


def kills(
    knowledge: KnowledgeBase, mutants: Sequence[Mutant], cases: Iterable[Case], watch: Watch = unwatched
) -> Iterator[tuple[Case, int]]:
    """Yield each patient of whom the program is exact, with a bit for each mutant that they kill."""
    for trial in _trials(knowledge, mutants, cases, FOUND, watch):
        yield trial.case, reduce(operator.or_, (changed for _, changed in trial.changes()), 0) >> 1


def cover(killing: Iterable[tuple[Case, int]]) -> Iterator[Case]:
    """Yield few patients who kill together all that is killed: again and again one who kills most of what lives (greedy)."""
    left = list(killing)
    while left:
        best, dead = max(left, key=lambda pair: pair[1].bit_count())
        if not dead:
            return
        yield best
        left = [(case, bits & ~dead) for case, bits in left if case is not best]


def decisive(knowledge: KnowledgeBase, cases: Iterable[Case], watch: Watch = unwatched) -> dict[Mutant, str | None]:
    """Return every line of every rule as the mutant without it, with the first case in which it decides; None for none.

    A line decides in a case when the rule fires, or does not fire, for somebody because of it. Raises `Inexact` for rules
    that a program cannot compute.
    """
    lines = [mutant for mutant in mutants_of(knowledge, knowledge.rules.values()) if mutant.kind == "dropped"]
    found: dict[Mutant, str | None] = dict.fromkeys(lines)
    for trial in _trials(knowledge, lines, cases, frozenset({"fired"}), watch):
        by_rule: dict[str, int] = {}
        for (_, _, _, rule, _), changed in trial.changes():
            by_rule[rule] = by_rule.get(rule, 0) | changed
        for bit, mutant in enumerate(lines, start=1):
            if found[mutant] is None and by_rule.get(mutant.unit, 0) >> bit & 1:
                found[mutant] = trial.case.id
    return found


def _trials(
    knowledge: KnowledgeBase, mutants: Sequence[Mutant], cases: Iterable[Case], kinds: frozenset[Kind], watch: Watch
) -> Iterator["_Trial"]:
    """Yield the trial of each patient of whom the program is exact."""
    cells = FinestCells(knowledge, beside(knowledge, mutants))
    intake = Intake(knowledge, cells)
    taken = [case for case in cases if intake.takes(case)]
    sizes = sorted({len(case.lesions) for case in taken})
    programs = {size: mutated_program(knowledge, size, cells, mutants, kinds) for size in sizes}
    for case in watch(taken, len(taken)):
        yield _Trial(programs[len(case.lesions)], intake, case, len(mutants))


class _Trial:
    """One patient with all mutants: bit 0 of a number is about the rules as they are, the next about the first mutant."""

    def __init__(self, program: Program, intake: Intake, case: Case, count: int) -> None:
        self.case = case
        self.outputs = program.outputs
        self.every = (1 << count + 1) - 1
        given = intake.packed(program, [case])
        switches = (1 << int(name) + 1 if part == SWITCH else 0 for _, name, part in program.inputs)
        inputs = [switch or (self.every if said else 0) for switch, said in zip(switches, given, strict=True)]
        self.results = program.run(inputs, self.every)
        self.stopped = {o[1]: so for o, so in zip(self.outputs, self.results, strict=True) if o[0] == "stopped"}

    def changes(self) -> Iterator[tuple[Output, int]]:
        """Yield each output with the number of the mutants under which it is otherwise."""
        for output, so in zip(self.outputs, self.results, strict=True):
            if output[0] == "status":
                so &= ~self.stopped[output[1]]  # a pathway of a lesion that gets no advice has no status
            yield output, so ^ (self.every if so & 1 else 0)
