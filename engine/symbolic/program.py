"""The program for everyone: the rules as one function that many patients go through at once, one bit each.

It is the circuit of `Encoding` with every input free, so it is the same reading of the rules that the solver and the
verification have. Lesions are slots of it: a program is for so many lesions. What it cannot do exactly it refuses, when it
is made (`Inexact`) or for a patient (`takes`); Experta then has to be asked. It gives no words, premises or sources: those
come from Experta's trace of the single patient.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import CodeType
from typing import Literal, get_args

from cases.model import Case, Lesion
from engine.inference.subjects import PATIENT, Fact
from engine.symbolic.circuit import Circuit, Lit
from engine.symbolic.encoding import Encoding, Ground
from engine.symbolic.ending import Ending
from engine.symbolic.fine_cells import FinestCells
from engine.symbolic.inputs import Input
from engine.symbolic.partition import Cells
from engine.symbolic.straight_line import Function, Gates, compiled, function_of, live
from engine.symbolic.waiting import Waiting
from knowledge_base.grouping import grouped
from knowledge_base.language.domains import Choices, Numbers, Subsets, Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import URGENCIES, Rule, Step
from knowledge_base.language.vocabulary import Attribute

MOST_LESIONS = 12  # a program grows with each lesion; patients with more are rare, and Experta's
Kind = Literal[
    "fired",  # a rule or step, for the patient, a lesion or an option
    "status",  # a pathway of a lesion has just this status
    "stopped",  # no advice for a lesion
    "hazard",  # a hazard would happen to a lesion
    "inputs",  # what is given contradicts itself about an attribute
    "rules",  # rules contradict each other about an attribute
    "missing",  # an open argument about a lesion waits for an input: (lesion, "subject.attribute")
    "measure",  # a measure is called for, for the patient or the lesion, no sooner than so
    "danger",  # a rule tells of a danger to the patient or the lesion
    "may_be",  # an attribute may still be in a cell; a set may hold a member
    "must_be",  # a set must hold a member
    "known",  # one value of an attribute is left
]
OF_VALUES: frozenset[Kind] = frozenset({"may_be", "must_be", "known"})
OF_ADVICE: frozenset[Kind] = frozenset(get_args(Kind)) - OF_VALUES
Output = tuple[Kind, str, str, str, str]  # what, the lesion, the pathway, a name, and what of it
SWITCH, UNSAID, SINGLE = -3, -2, -1  # parts of an input beside its cells or members; a switch is no input of a case
# a lesion ("" for the patient), an attribute (or the name of a switch), a cell or member or one of the three above
InputPlace = tuple[str, str, int]
NO_SWITCHES: Mapping[str, Lit] = {}


class Inexact(ValueError):  # noqa: N818  # reads well where it is raised and caught
    """The rules do something that bits of cells cannot tell exactly; the text says what, and what to do."""


class Free(Input):
    """Anything that a case may give, each cell and each member a variable of its own."""

    def _make_set(self, values: Subsets) -> None:
        self.unsaid = self.circuit.free()
        self.single = -self.unsaid
        self.required = {m: self.circuit.free() for m in self.attribute.names}
        self.allowed_members = {m: self.circuit.any((lit, self.unsaid)) for m, lit in self.required.items()}

    def _make_cells(self, met: frozenset[int]) -> None:
        self.unsaid, self.single = self.circuit.free(), self.circuit.free()
        self.allowed = tuple(self.circuit.free() for _ in self.cells)

    @property
    def parts(self) -> dict[int, Lit]:
        """Its variables by part."""
        listed = self.required.values() if self.is_set else self.allowed
        return {UNSAID: self.unsaid, **({} if self.is_set else {SINGLE: self.single}), **dict(enumerate(listed))}


@dataclass(frozen=True)
class Program:
    """The rules for so many lesions as a function. `inputs` and `outputs` name the numbers that go in and come out."""

    lesions: int
    inputs: tuple[InputPlace, ...]
    outputs: tuple[Output, ...]
    code: CodeType

    @cached_property
    def run(self) -> Function:
        """The function: from the numbers of the inputs, and that of all patients, to the numbers of the outputs."""
        return function_of(self.code)

    def of(self, kind: Kind) -> tuple[tuple[int, Output], ...]:
        """Return the outputs of a kind, each with its place among all."""
        return self._by_kind.get(kind, ())

    @cached_property
    def places(self) -> Mapping[tuple[str, str], tuple[tuple[int, int], ...]]:
        """For each lesion ("" for the patient) and attribute, the inputs about it: their parts and places."""
        return grouped(((lesion, name), (part, place)) for place, (lesion, name, part) in enumerate(self.inputs))

    @cached_property
    def _by_kind(self) -> Mapping[Kind, tuple[tuple[int, Output], ...]]:
        return grouped((output[0], (i, output)) for i, output in enumerate(self.outputs))


def program_of(knowledge: KnowledgeBase, lesions: int, everything: bool = False) -> Program:
    """Return the program for so many lesions (1 to `MOST_LESIONS`); with `everything`, also every settled value.

    It takes a second or two. Raises `Inexact` for rules that cannot be computed so.
    """
    if not 0 < lesions <= MOST_LESIONS:
        raise Inexact(f"a program is for 1 to {MOST_LESIONS} lesions, not for {lesions}; let Experta advise")
    refuse_inexact(knowledge)
    encoding = Encoding(knowledge, everyone(lesions), Free, Ground(FinestCells(knowledge), Gates()))
    return programmed(encoding, OF_ADVICE | OF_VALUES if everything else OF_ADVICE)


def everyone(lesions: int) -> Case:
    """Return the case of nobody in particular, with so many lesions."""
    return Case("everyone", {}, tuple(Lesion(slot(i), {}) for i in range(lesions)))


def programmed(encoding: Encoding, kinds: AbstractSet[Kind], switches: Mapping[str, Lit] = NO_SWITCHES) -> Program:
    """Return the program of a circuit of free inputs and gates, with outputs of these kinds; each switch is an input too."""
    gates = encoding.circuit
    assert isinstance(gates, Gates)
    outputs = dict(Outputs(encoding).of(kinds))
    used = live(gates, outputs.values())
    free = ((subject, name, held) for (subject, name), held in encoding.inputs.items() if isinstance(held, Free))
    places = {lit: (s.lesion, name, part) for s, name, held in free for part, lit in held.parts.items() if lit in used}
    places |= {lit: ("", name, SWITCH) for name, lit in switches.items() if lit in used}
    code = compiled(gates, list(places), list(outputs.values()))
    return Program(len(encoding.subjects("lesion")), tuple(places.values()), tuple(outputs), code)


def slot(index: int) -> str:
    """Return the name of a lesion of a program, counted from 0."""
    return f"L{index + 1}"


class Outputs:
    """What is asked of every patient, as literals of one circuit."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.circuit: Circuit = encoding.circuit
        self.knowledge = encoding.knowledge
        self.lesions = encoding.subjects("lesion")

    def of(self, kinds: AbstractSet[Kind]) -> Iterator[tuple[Output, Lit]]:
        """Yield each output of these kinds with its literal; nothing is built for others."""
        made: tuple[tuple[frozenset[Kind], Callable[[], Iterator[tuple[Output, Lit]]]], ...] = (
            (frozenset({"fired"}), self._firings),
            (frozenset({"status"}), self._statuses),
            (frozenset({"inputs", "rules"}), self._clashing),
            (frozenset({"hazard", "stopped"}), self._stops),
            (frozenset({"measure", "danger"}), self._called),
            (frozenset({"missing"}), self._missing),
            (OF_VALUES, self._values),
        )
        for some, make in made:
            if kinds & some:
                yield from ((output, literal) for output, literal in make() if output[0] in kinds)

    @cached_property
    def _clashes(self) -> Mapping[Fact, tuple[Lit, Lit]]:
        """For each fact that may contradict itself: that inputs do so, and that rules do."""
        return {fact: self.encoding.parted(fact, lit) for fact, lit in self.encoding.clashes.items()}

    def _clashing(self) -> Iterator[tuple[Output, Lit]]:
        for (subject, name), (by_inputs, by_rules) in self._clashes.items():
            yield ("inputs", subject.lesion, subject.pathway, name, ""), by_inputs
            yield ("rules", subject.lesion, subject.pathway, name, ""), by_rules

    def _missing(self) -> Iterator[tuple[Output, Lit]]:
        waiting = Waiting(self.encoding)
        for lesion in self.lesions:
            for (about, name), literal in waiting.missing(lesion).items():
                yield ("missing", lesion.lesion, "", str(about), name), literal

    def _firings(self) -> Iterator[tuple[Output, Lit]]:
        for unit in self.knowledge.units.values():
            for s in self.encoding.subjects(unit.subject):
                fires = self.encoding.informed(unit, s) if isinstance(unit, Step) else self.encoding.fires(unit.id, s)
                yield ("fired", s.lesion, s.pathway, unit.id, ""), fires

    def _statuses(self) -> Iterator[tuple[Output, Lit]]:
        cells = self.encoding.cells.of("status")
        names = [next(iter(cell.members)) for cell in cells if isinstance(cell, Choices)]
        for option in self.encoding.subjects("option"):
            alone = self.encoding.alone(self.encoding.possible(option, "status"))
            for name, only in zip(names, alone, strict=True):
                yield ("status", option.lesion, option.pathway, str(name), ""), only

    def _stops(self) -> Iterator[tuple[Output, Lit]]:
        for lesion in self.lesions:
            ending = Ending(self.encoding, lesion)
            happening = {name: ending.happens(hazard) for name, hazard in self.knowledge.hazards.items()}
            for name, literal in happening.items():
                yield ("hazard", lesion.lesion, "", name, ""), literal
            found = self._clashes.items()
            about = [rules for (s, _), (_, rules) in found if s == PATIENT or s.at("lesion") == lesion]
            yield ("stopped", lesion.lesion, "", "", ""), self.circuit.any((*about, *happening.values()))

    def _called(self) -> Iterator[tuple[Output, Lit]]:
        for lesion in self.lesions:
            ending = Ending(self.encoding, lesion)
            calls: dict[str, dict[str, list[Lit]]] = {}
            for rule in self.knowledge.rules.values():
                for call in rule.measures:
                    by_urgency = calls.setdefault(call.measure, {})
                    by_urgency.setdefault(call.urgency, []).append(ending.fires(rule))
                if rule.tells_of_danger:
                    yield ("danger", lesion.lesion, "", rule.id, ""), ending.fires(rule)
            for measure, by_urgency in sorted(calls.items()):
                sooner: list[Lit] = []
                for urgency in URGENCIES:
                    called = self.circuit.any(by_urgency.get(urgency, ()))
                    literal = self.circuit.all((called, *(-x for x in sooner)))
                    yield ("measure", lesion.lesion, "", measure, urgency), literal
                    sooner.append(called)

    def _values(self) -> Iterator[tuple[Output, Lit]]:
        for name, attribute in self.knowledge.vocabulary.items():
            for s in self.encoding.subjects(attribute.of) if name != "pathway" else ():
                yield ("known", s.lesion, s.pathway, name, ""), self.encoding.known(s, name)
                if attribute.type == "several":
                    required, allowed = self.encoding.members(s, name)
                    for member in attribute.names:
                        yield ("may_be", s.lesion, s.pathway, name, member), allowed[member]
                        yield ("must_be", s.lesion, s.pathway, name, member), required[member]
                    continue
                for i, literal in enumerate(self.encoding.possible(s, name)):
                    yield ("may_be", s.lesion, s.pathway, name, str(i)), literal


# --- what it takes -----------------------------------------------------------------------------------------------------


class Intake:
    """Turns what a case gives of an attribute into the parts of an input, and tells what cannot be exact."""

    def __init__(self, knowledge: KnowledgeBase, cells: Cells | None = None) -> None:
        self.knowledge = knowledge
        self.cells = cells or FinestCells(knowledge)
        self.delicate = frozenset(_delicate(knowledge, self.cells))
        self._said = lru_cache(maxsize=4096)(self.parts)
        self._nothings: dict[int, tuple[Program, Sequence[bool]]] = {}

    def parts(self, name: str, values: Values | None) -> frozenset[int]:
        """Return the parts of an input that are so; None when nothing is said of it."""
        attribute = self.knowledge.vocabulary[name]
        if isinstance(values, Subsets):
            return frozenset(i for i, member in enumerate(attribute.names) if member in values.required)
        if attribute.type == "several":
            return frozenset({UNSAID})
        met = self.cells.meeting(name, attribute.domain if values is None else values)
        single = {SINGLE} if values is not None and values.is_single else set()
        return met | single | ({UNSAID} if values is None else set())

    def is_exact(self, name: str, values: Values) -> bool:
        """Tell whether cells say of these values all that rules could find out about them."""
        if isinstance(values, Subsets):
            return values.is_single
        if name not in self.delicate or values.is_single:
            return True
        whole = [self.cells.of(name)[i] for i in sorted(self.cells.meeting(name, values))]
        return all(isinstance(c, Numbers) and isinstance(values, Numbers) and c.without(values).is_empty for c in whole)

    def takes(self, case: Case) -> bool:
        """Tell whether a program is exact for a patient."""
        given = (case.patient, *(lesion.given for lesion in case.lesions))
        exact = all(self.is_exact(name, values) for said in given for name, values in said.items())
        return exact and 0 < len(case.lesions) <= MOST_LESIONS

    def packed(self, program: Program, cases: Sequence[Case]) -> list[int]:
        """Return the numbers of the inputs of a program for cases with as many lesions, the first in bit 0.

        Switches are off. The same case may stand there several times.
        """
        bits: dict[int, int] = {}
        for i, case in enumerate(cases):
            bits[id(case)] = bits.get(id(case), 0) | 1 << i
        every = (1 << len(cases)) - 1
        numbers = [every if is_so else 0 for is_so in self._nothing(program)]
        for case in {id(case): case for case in cases}.values():
            mine = bits[id(case)]
            about = (("", case.patient), *((slot(i), lesion.given) for i, lesion in enumerate(case.lesions)))
            for lesion, said in about:
                for name, values in said.items():
                    parts = self._said(name, values)
                    for part, place in program.places.get((lesion, name), ()):
                        numbers[place] = numbers[place] | mine if part in parts else numbers[place] & ~mine
        return numbers

    def _nothing(self, program: Program) -> Sequence[bool]:
        """Return, for each input of a program, whether it is so of nobody in particular."""
        if id(program) not in self._nothings:
            found = tuple(part != SWITCH and part in self.parts(name, None) for _, name, part in program.inputs)
            self._nothings[id(program)] = (program, found)
        return self._nothings[id(program)][1]


def refuse_inexact(knowledge: KnowledgeBase) -> None:
    """Raise `Inexact` when two voices could name two points of one cell: then cells cannot tell whether they agree."""
    cells = FinestCells(knowledge)
    for name, attribute in knowledge.vocabulary.items():
        if attribute.type == "number" and len(_pointing(knowledge, name)) > 1 and not _is_cut_up(cells, attribute):
            voices = " and ".join(_pointing(knowledge, name))
            raise Inexact(
                f"{name} is a number that {voices} name exactly, so that whether they agree cannot be told for many "
                "patients at once; let it have one such voice, or let Experta advise one patient after another"
            )


def _delicate(knowledge: KnowledgeBase, cells: Cells) -> Iterator[str]:
    """Yield the numbers of which a range must end where a cell does, because rules may leave just its end."""
    for name, attribute in knowledge.vocabulary.items():
        if attribute.type == "number" and not _is_cut_up(cells, attribute):
            group = cells.lines.copies[name]
            coarse = any(_coarse(knowledge, other) for other in group)
            if coarse and any(knowledge.vocabulary[other].given for other in group):
                yield from group


def _is_cut_up(cells: Cells, attribute: Attribute) -> bool:
    return all(isinstance(cell, Numbers) and cell.is_single for cell in cells.of(attribute.id))


def _pointing(knowledge: KnowledgeBase, name: str) -> list[str]:
    """Return who may name a point of a number that is no cell by itself: a case, and rules that copy one that may."""
    found = ["the case"] if knowledge.vocabulary[name].given else []
    for unit in knowledge.writers[name]:
        for source in _copied(unit, name):
            found += [unit.id] if _pointing(knowledge, source) else []
    return found


def _coarse(knowledge: KnowledgeBase, name: str) -> bool:
    """Tell whether something speaks of an attribute that is no copy of another."""
    return any(
        isinstance(unit, Step) or any(not said.same_as for said in unit.sets_of(name))
        for unit in knowledge.writers[name]
    )


def _copied(unit: Rule | Step, name: str) -> list[str]:
    said = unit.sets_of(name) if isinstance(unit, Rule) else ()
    return [copy.same_as for copy in said if copy.same_as]
