"""Which rules decide in a registry, and where another side of a dispute would change what is recommended.

Each rule that could matter is silenced in turn, each disputed point set to each of its other sides, and all patients go
through the program again: what is counted are lesions of which the recommended pathways are then others. That is what
would be without the rule, not how often it fired.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.cohort import CHUNK, Columns, Forms
from engine.symbolic.program import MOST_LESIONS, Intake, Program, slot
from engine.symbolic.switched import SWITCH, switched_program
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
    weighing = _Weighing(knowledge, columns)
    silenced, turned = Influence(weighing.lesions), Influence(weighing.lesions)
    others = [(d.id, side) for d in knowledge.disputes.values() for side in d.sides if side != knowledge.sides[d.id]]
    steps = len(rules) + len(others)
    for i, rule in enumerate(rules):
        weighing.weigh(rule, {rule: False}, silenced)
        done(i + 1, steps)
    for i, (dispute, side) in enumerate(others):
        switches = {f"{dispute}={name}": name == side for name in knowledge.disputes[dispute].sides}
        weighing.weigh(f"{dispute}={side}", switches, turned)
        done(len(rules) + i + 1, steps)
    return silenced, turned


class _Weighing:
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


def _passes(knowledge: KnowledgeBase, columns: Columns) -> Iterator["_Pass"]:
    intake = Intake(knowledge)
    forms = {name: Forms(intake, name, columns.meanings[name]).grown() for name in columns.codes}
    inexact = {name: form.inexact for name, form in forms.items() if form.inexact}
    by_size: dict[int, list[tuple[int, ...]]] = {}
    for rows in columns.patients:
        bad = any(columns.codes[name][row] in codes for name, codes in inexact.items() for row in rows)
        if len(rows) <= MOST_LESIONS and not bad:
            by_size.setdefault(len(rows), []).append(rows)
    for size, patients in sorted(by_size.items()):
        program = switched_program(knowledge, size)
        for start in range(0, len(patients), CHUNK):
            yield _Pass(knowledge, intake, program, columns, forms, patients[start : start + CHUNK])


class _Pass:
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
        self.knowledge, self.program, self.patients = knowledge, program, patients
        self.every = (1 << len(patients)) - 1
        self.inputs: list[int] = []
        self.switches: dict[str, int] = {}
        for place, (lesion, name, part) in enumerate(program.inputs):
            if part == SWITCH:
                self.switches[name] = place
                self.inputs.append(self.every if self._usually(name) else 0)
            elif name in forms:
                own = int(lesion[1:]) - 1 if lesion else 0
                self.inputs.append(
                    forms[name].number(part, forms[name].of(columns.codes[name][r[own]] for r in patients))
                )
            else:
                self.inputs.append(self.every if part in intake.parts(name, None) else 0)
        self.before = program.run(self.inputs, self.every)

    def _usually(self, name: str) -> bool:
        dispute, _, side = name.partition("=")
        return self.knowledge.sides[dispute] == side if side else True

    def changed(self, switches: Mapping[str, bool]) -> dict[str, int]:
        """Return, for each lesion, the number of the patients of whom other pathways are recommended."""
        inputs = list(self.inputs)
        for name, is_so in switches.items():
            if name in self.switches:
                inputs[self.switches[name]] = self.every if is_so else 0
        after = self.program.run(inputs, self.every)
        stops = {output[1]: i for i, output in self.program.of("stopped")}
        found = {slot(i): 0 for i in range(self.program.lesions)}
        for i, (_, lesion, _, _, _) in self.program.of("status"):
            stop = stops[lesion]
            found[lesion] |= (self.before[i] & ~self.before[stop]) ^ (after[i] & ~after[stop])
        return found
