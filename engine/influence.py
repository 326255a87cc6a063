"""Which rules decide in a registry, where another side of a dispute would change what is recommended, what answers would.

Each rule that could matter is silenced in turn, each disputed point set to each of its other sides, and all patients go
through the program again: what is counted are lesions of which the recommended pathways are then others. That is what
would be without the rule, not how often it fired. In the same way an unknown is given each of its values, wherever it is
not known.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

from engine.cohort import Columns, Forms, batched, numbers_of
from engine.symbolic.program import SINGLE, SWITCH, UNSAID, Intake, Program
from engine.symbolic.switched import switched_program
from knowledge_base.language.disputes import side_of, side_text
from knowledge_base.language.knowledge import KnowledgeBase


@dataclass
class Influence:
    """How many lesions would have another recommendation, and one row of them, by rule or by `dispute=side`."""

    lesions: int
    changed: dict[str, int] = field(default_factory=dict)
    example: dict[str, int] = field(default_factory=dict)


def influence_of(
    knowledge: KnowledgeBase,
    columns: Columns,
    rules: Sequence[str],
    done: Callable[[int, int], None] = lambda done, of: None,
) -> tuple[Influence, Influence]:
    """Return what silencing each of these rules would change, and what each other side of a dispute would.

    Looked at are patients of whom the program is exact.
    """
    weighing = _SwitchWeighing(knowledge, columns)
    silenced, turned = Influence(weighing.lesions), Influence(weighing.lesions)
    others = knowledge.other_sides
    steps = len(rules) + len(others)
    for i, rule in enumerate(rules):
        weighing.weigh(rule, {rule: False}, silenced)
        done(i + 1, steps)
    for i, (dispute, side) in enumerate(others):
        switches = {side_text(dispute, name): name == side for name in knowledge.disputes[dispute].sides}
        weighing.weigh(side_text(dispute, side), switches, turned)
        done(len(rules) + i + 1, steps)
    return silenced, turned


@dataclass(frozen=True)
class Settling:
    """What one unknown would settle: of so many lesions without a recommendation, for whom it is not known."""

    undecided: int
    some: int  # at least one of its values leads to a recommendation
    every: int  # each of its values does, so knowing it is enough


def settling_of(knowledge: KnowledgeBase, columns: Columns, names: Sequence[str]) -> dict[str, Settling]:
    """Return what each of these inputs would settle by itself. Sets, such as levels, are passed over."""
    weighing = _SwitchWeighing(knowledge, columns)
    return {name: weighing.settled(name) for name in names if knowledge.vocabulary[name].type != "several"}


class _SwitchWeighing:
    def __init__(self, knowledge: KnowledgeBase, columns: Columns) -> None:
        self.knowledge = knowledge
        self.passes = list(_passes(knowledge, columns))
        self.lesions = sum(len(one.patients) * one.program.lesions for one in self.passes)

    def weigh(self, name: str, switches: Mapping[str, bool], into: Influence) -> None:
        """Count the lesions that other switches change."""
        for one in self.passes:
            for lesion, number in one.changed(switches).items():
                if number:
                    into.changed[name] = into.changed.get(name, 0) + number.bit_count()
                    first = len(one.patients) - number.bit_length()
                    into.example.setdefault(name, one.patients[first][int(lesion[1:]) - 1])

    def settled(self, name: str) -> Settling:
        """Return what an input would settle."""
        told = [one.settled(name) for one in self.passes]
        return Settling(*(sum(numbers[i].bit_count() for found in told for numbers in found) for i in range(3)))


def _passes(knowledge: KnowledgeBase, columns: Columns) -> Iterator["_SwitchedPass"]:
    intake = Intake(knowledge.whole)  # as the program: lines of all sides are drawn
    forms = {name: Forms(intake, name, columns.meanings[name]).grown() for name in columns.codes}
    programs = cache(partial(switched_program, knowledge))
    for patients in batched(columns, forms)[0]:
        yield _SwitchedPass(knowledge, intake, programs(len(patients[0])), columns, forms, patients)


class _SwitchedPass:
    """Patients with equally many lesions, their inputs made numbers once."""

    def __init__(
        self,
        knowledge: KnowledgeBase,
        intake: Intake,
        program: Program,
        columns: Columns,
        forms: Mapping[str, Forms],
        patients: Sequence[tuple[int, ...]],
    ) -> None:
        self.knowledge, self.program, self.patients, self.intake = knowledge, program, patients, intake
        self.every = (1 << len(patients)) - 1
        self.inputs = list(numbers_of(program, columns, forms, patients, self._is_so))
        self.switches = {name: place for place, (_, name, part) in enumerate(program.inputs) if part == SWITCH}
        self.before = program.run(self.inputs, self.every)
        self.columns, self.forms = columns, forms
        self.stops = {output[1]: i for i, output in program.of("stopped")}
        self.recommending = [(i, output[1]) for i, output in program.of("status") if output[3] == "recommended"]
        self.lesions = [lesion for _, lesion in self.recommending]

    def _is_so(self, name: str, part: int) -> bool:
        if part != SWITCH:
            return part in self.intake.parts(name, None)
        dispute, side = side_of(name)
        return self.knowledge.sides[dispute] == side if side else True

    def changed(self, switches: Mapping[str, bool]) -> dict[str, int]:
        """Return, for each lesion, the number of the patients of whom other pathways are recommended."""
        inputs = list(self.inputs)
        for name, is_so in switches.items():
            if name in self.switches:
                inputs[self.switches[name]] = self.every if is_so else 0
        after = self.program.run(inputs, self.every)
        found = dict.fromkeys(self.stops, 0)
        for lesion, before, now in zip(
            self.lesions, self._recommended(self.before), self._recommended(after), strict=True
        ):
            found[lesion] |= before ^ now
        return found

    def settled(self, name: str) -> list[tuple[int, int, int]]:
        """Return, for each lesion, who waits (see `Settling`), whom some value settles, and whom each of them does."""
        unknown = self._unknown(name)
        undecided = {
            lesion: unknown.get(lesion, unknown.get("", 0)) & ~(self._any(self.before, lesion) | self.before[stop])
            for lesion, stop in self.stops.items()
        }
        some, every = dict.fromkeys(self.stops, 0), dict(undecided)
        for cell in range(len(self.intake.cells.of(name))):
            after = self.program.run(self._answered(name, cell, unknown), self.every)
            for lesion in self.stops:
                decided = self._any(after, lesion) & undecided[lesion]
                some[lesion] |= decided
                every[lesion] &= decided
        return [(undecided[lesion], some[lesion], every[lesion]) for lesion in self.stops]

    def _unknown(self, name: str) -> dict[str, int]:
        """Return, for the patient ("") or each lesion, the number of those of whom an input is not known."""
        of = self.knowledge.vocabulary[name].of
        about = [""] if of == "patient" else list(self.stops)
        if name not in self.forms:
            return dict.fromkeys(about, self.every)
        form, codes = self.forms[name], self.columns.codes[name]
        slots = {lesion: int(lesion[1:]) - 1 if lesion else 0 for lesion in about}
        return {
            lesion: form.number(UNSAID, form.of(codes[rows[place]] for rows in self.patients))
            for lesion, place in slots.items()
        }

    def _answered(self, name: str, cell: int, unknown: Mapping[str, int]) -> list[int]:
        """Return the inputs in which an unknown has a value, in one of its cells."""
        inputs = list(self.inputs)
        for place, (lesion, about, part) in enumerate(self.program.inputs):
            if about == name and part != SWITCH:
                asked = unknown[lesion]
                inputs[place] = inputs[place] & ~asked | (asked if part in (cell, SINGLE) else 0)
        return inputs

    def _any(self, results: Sequence[int], lesion: str) -> int:
        found = 0
        for own, number in zip(self.lesions, self._recommended(results), strict=True):
            found |= number if own == lesion else 0
        return found

    def _recommended(self, results: Sequence[int]) -> list[int]:
        """Return the patients of whom each pathway of each lesion is recommended, in the order of `lesions`."""
        return [results[i] & ~results[self.stops[lesion]] for i, lesion in self.recommending]
