"""Which mutants the cases of a library kill: those under which what a case expects comes out otherwise.

All mutants go through one program at once, a bit each, case after case. What a case expects to be missing is not looked at.
Cases of which the program is not exact are left out, so that no kill is claimed that may be none.
"""

import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce

from cases.model import Case, Expected
from engine.inference.subjects import PATIENT
from engine.symbolic.fine_cells import FinestCells
from engine.symbolic.mutated import mutated_program
from engine.symbolic.partition import Cells
from engine.symbolic.program import Intake, Output, Program, slot
from engine.symbolic.switched import SWITCH
from engine.verdicts import STATUSES
from engine.verification.mutants import Mutant, beside, mutants_of
from engine.verification.parallel import Watch, unwatched
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.rules import MeasureEntry, Rule, Step

Chance = tuple["Hope", str, Expected | None, Expected | None]
Hope = tuple[Output, ...]  # what is expected is that one of these is so, or that none is: as it is without a mutant


@dataclass(frozen=True)
class Pin:
    """What a case of the library would have to expect, of a lesion or of the patient, to kill a mutant."""

    case: str
    who: str
    expected: Expected


@dataclass
class Tried:
    """The mutants that are killed, each with the first case that kills it, and those that a case could kill."""

    killed: dict[Mutant, str] = field(default_factory=dict)
    pins: dict[Mutant, Pin] = field(default_factory=dict)


def tried(
    knowledge: KnowledgeBase, mutants: Sequence[Mutant], cases: Iterable[Case], watch: Watch = unwatched
) -> Tried:
    """Return what becomes of mutants in a library of cases.

    Raises `Inexact` for rules that a program cannot compute.
    """
    found = Tried()
    for trial in _trials(knowledge, mutants, cases, watch):
        trial.into(found)
    return found


def decisive(knowledge: KnowledgeBase, cases: Iterable[Case], watch: Watch = unwatched) -> dict[Mutant, str | None]:
    """Return every line of every rule as the mutant without it, with the first case in which it decides; None for none.

    A line decides in a case when the rule fires, or does not fire, for somebody because of it. Raises `Inexact` for rules
    that a program cannot compute.
    """
    lines = [mutant for mutant in mutants_of(knowledge, knowledge.rules.values()) if mutant.kind == "dropped"]
    found: dict[Mutant, str | None] = dict.fromkeys(lines)
    for trial in _trials(knowledge, lines, cases, watch):
        for bit, mutant in enumerate(lines, start=1):
            if found[mutant] is None and trial.fires_otherwise(bit, mutant):
                found[mutant] = trial.hopes.case.id
    return found


def _trials(
    knowledge: KnowledgeBase, mutants: Sequence[Mutant], cases: Iterable[Case], watch: Watch
) -> Iterator["_Trial"]:
    """Yield the trial of each case of which the program is exact."""
    cells = FinestCells(knowledge, beside(knowledge, mutants))
    intake = Intake(knowledge, cells)
    taken = [Hopes(knowledge, cells, case) for case in cases if intake.takes(case)]
    programs: dict[int, Program] = {}
    for size in sorted({len(hopes.case.lesions) for hopes in taken}):
        alike = [hopes for hopes in taken if len(hopes.case.lesions) == size]
        wanted = {output for hopes in alike for hope in hopes.all for output in hope}
        wanted |= {_stop(slot(i)) for i in range(size)}
        wanted |= {output for mutant in mutants for pin in alike[0].pins(mutant) for output in pin[0]}
        programs[size] = mutated_program(knowledge, size, cells, mutants, wanted)
    for hopes in watch(taken, len(taken)):
        yield _Trial(programs[len(hopes.case.lesions)], intake, hopes, mutants)


class _Trial:
    """One case with all mutants: bit 0 of every number is about the rules as they are, the next about the first mutant."""

    def __init__(self, program: Program, intake: Intake, hopes: "Hopes", mutants: Sequence[Mutant]) -> None:
        self.hopes = hopes
        self.mutants = mutants
        self.every = (1 << len(mutants) + 1) - 1
        given = intake.packed(program, [hopes.case])
        switches = (1 << int(name) + 1 if part == SWITCH else 0 for _, name, part in program.inputs)
        inputs = [switch or (self.every if said else 0) for switch, said in zip(switches, given, strict=True)]
        self.results = dict(zip(program.outputs, program.run(inputs, self.every), strict=True))

    def _so(self, hope: Hope) -> int:
        return reduce(operator.or_, map(self._value, hope), 0)

    def _value(self, output: Output) -> int:
        """Return the number of an output; a pathway of a lesion that gets no advice has no status."""
        so = self.results.get(output, 0)
        return so & ~self.results[_stop(output[1])] if output[0] == "status" else so

    def into(self, found: Tried) -> None:
        """Put in what this case kills, and what it could."""
        otherwise = 0
        for hope in self.hopes.all:
            so = self._so(hope)
            otherwise |= so ^ (self.every if so & 1 else 0)
        for i, mutant in enumerate(self.mutants, start=1):
            if otherwise >> i & 1:
                found.killed.setdefault(mutant, self.hopes.case.id)
            elif mutant not in found.pins and (pin := self._pin(i, mutant)) is not None:
                found.pins[mutant] = pin

    def fires_otherwise(self, bit: int, mutant: Mutant) -> bool:
        """Tell whether a mutant fires for somebody where the rule does not, or the other way round."""
        firing = (output for hope, *_ in self.hopes.pins(mutant) for output in hope if output[0] == "fired")
        return any((so := self._value(output)) >> bit & 1 != so & 1 for output in firing)

    def _pin(self, bit: int, mutant: Mutant) -> Pin | None:
        for hope, who, if_so, if_not in self.hopes.pins(mutant):
            so = self._so(hope)
            expected = if_so if so & 1 else if_not
            if expected is not None and so >> bit & 1 != so & 1:
                return Pin(self.hopes.case.id, who, expected)
        return None


@dataclass(frozen=True)
class Hopes:
    """What a case expects, as outputs of a program."""

    knowledge: KnowledgeBase
    cells: Cells
    case: Case

    @cached_property
    def all(self) -> tuple[Hope, ...]:
        """Each thing that is expected."""
        places = {lesion.id: slot(i) for i, lesion in enumerate(self.case.lesions)}
        expected = self.case.expect.items()
        return tuple(hope for who, said in expected for hope in self._of("" if who == "patient" else places[who], said))

    def pins(self, mutant: Mutant) -> Iterator[Chance]:
        """Yield what could be expected about a mutant: of whom, and as what when it is so and when it is not."""
        unit = self.knowledge.units[mutant.unit]
        about = [("", "patient")] if unit.subject == "patient" else self._lesions
        for lesion, who in about:
            if isinstance(unit, Step):
                yield from self._classes(lesion, who, unit.attribute)
                continue
            yield self._fired(lesion, [unit]), who, Expected(fired=(unit.id,)), Expected(not_fired=(unit.id,))
            for pathway in dict.fromkeys(argument.pathway for argument in unit.arguments):
                told: list[Output] = [
                    ("status", lesion, pathway, status, "") for status in STATUSES if status != "open"
                ]
                yield from (((one,), who, Expected(status={pathway: one[3]}), None) for one in told if lesion)
                if lesion:
                    yield tuple(told), who, None, Expected(status={pathway: "open"})

    @property
    def _lesions(self) -> list[tuple[str, str]]:
        return [(slot(i), lesion.id) for i, lesion in enumerate(self.case.lesions)]

    def _classes(self, lesion: str, who: str, name: str) -> Iterator[Chance]:
        for i, cell in enumerate(self.cells.of(name)):
            others: list[Output] = [
                ("may_be", lesion, "", name, str(j)) for j, _ in enumerate(self.cells.of(name)) if j != i
            ]
            said = Expected(values={name: self.knowledge.vocabulary[name].dump(cell)})
            yield tuple(others), who, None, said

    def _of(self, lesion: str, expected: Expected) -> Iterator[Hope]:
        for unit in (*expected.fired, *expected.not_fired, *expected.alerts):
            yield self._fired(lesion, [u for u in self.knowledge.units.values() if unit in (u.id, u.id.split("/")[0])])
        for measure in (*expected.measures, *expected.no_measures):
            yield self._fired(lesion, [r for r in self.knowledge.rules.values() if _calls_for(r, measure)])
        if expected.recommended is not None:
            yield from ((("status", lesion, p, "recommended", ""),) for p in self.knowledge.pathways)
        for pathway, status in expected.status.items():
            statuses = self.knowledge.vocabulary["status"].names if status == "open" else [status]
            yield tuple(("status", lesion, pathway, name, "") for name in statuses if name != "open")
        for name in expected.values:
            yield from self._value(lesion, name)
        for name in expected.contradictions:
            yield (("inputs", lesion, "", name, ""), ("rules", lesion, "", name, ""))

    def _fired(self, lesion: str, units: Iterable[Unit]) -> Hope:
        """Return that one of some rules fires for a subject, or for an option of it."""
        named = [(unit, ("",) if unit.subject != "option" else tuple(self.knowledge.pathways)) for unit in units]
        mine = [(u, pathways) for u, pathways in named if (u.subject == "patient") == (lesion == "")]
        return tuple(("fired", lesion, pathway, unit.id, "") for unit, pathways in mine for pathway in pathways)

    def _value(self, lesion: str, name: str) -> Iterator[Hope]:
        attribute = self.knowledge.vocabulary[name]
        about = "" if attribute.of == PATIENT.kind else lesion
        yield (("known", about, "", name, ""),)
        if attribute.type == "several":
            yield from (((kind, about, "", name, m),) for m in attribute.names for kind in ("may_be", "must_be"))
        else:
            yield from ((("may_be", about, "", name, str(i)),) for i, _ in enumerate(self.cells.of(name)))


def _stop(lesion: str) -> Output:
    return ("stopped", lesion, "", "", "")


def _calls_for(rule: Rule, measure: str) -> bool:
    return any(isinstance(c, MeasureEntry) and c.measure == measure for c in rule.conclusions)
