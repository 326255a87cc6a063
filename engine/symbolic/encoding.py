"""The rules read once more, as plain functions: from what the inputs may be to what the engine would settle.

For every attribute of every subject there is one literal for each cell: "it may still be this". Those of inputs are made by
a `Maker`, and say which states of knowledge are looked at; every other one is a gate. So one circuit holds the engine's
whole behaviour on all those states, and a solver can be asked what could happen. Gates are built when they are asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from cases.model import Case
from engine.inference.subjects import Fact, Subject, Subjects, given_in
from engine.inference.working_memory import ARGUED
from engine.symbolic.circuit import FALSE, TRUE, Circuit, Lit
from engine.symbolic.inputs import Input, Maker
from engine.symbolic.partition import Cells
from engine.symbolic.scores import ScoreReading, between
from knowledge_base.grouping import grouped
from knowledge_base.language.conditions import All, Condition, Line, Quantified
from knowledge_base.language.domains import Choices, Subsets
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.predicates import AnyOf, Known, Unsettled, Within
from knowledge_base.language.rules import Rule, SetTo, Step

Truths = tuple[Lit, Lit]  # surely true, surely false
Members = tuple[dict[str, Lit], dict[str, Lit]]  # of a set: those it must hold, those it may


@dataclass(frozen=True)
class Ground:
    """What an encoding is built on: cells, and perhaps the circuit and some inputs of another.

    Equal gates of one circuit are built once, so a second patient costs only what hangs on the inputs that are not shared.
    """

    cells: Cells
    circuit: Circuit = field(default_factory=Circuit)
    inputs: Mapping[Fact, Input] = field(default_factory=dict)


class Encoding:
    """The circuit of one knowledge base for the subjects of one case."""

    def __init__(self, knowledge: KnowledgeBase, case: Case, maker: Maker, ground: "Ground | None" = None) -> None:
        self.knowledge = knowledge
        self.case = case
        ground = ground or Ground(Cells(knowledge, case))
        self.cells, self.circuit = ground.cells, ground.circuit
        everyone = Subjects.of_case(case, knowledge.pathways)
        self.subjects, self.below, self.asked_of = everyone.of, everyone.below, everyone.asked_of
        self.emptied: dict[Fact, Lit] = {}
        # One memo for each question; all are asked of the same settled things, so each answer holds for good.
        self.possible = cache(self._possible)
        self.members = cache(self._members)
        self.known = cache(self._known)
        self.fires = cache(self._fires)
        self._truths = cache(self._truths_of_rule)
        self.inputs: dict[Fact, Input] = dict(self._inputs(maker, ground.inputs))

    def _inputs(self, maker: Maker, there: Mapping[Fact, Input]) -> Iterator[tuple[Fact, Input]]:
        for subject, values in given_in(self.case).items():
            for attribute in self.knowledge.vocabulary.given_of(subject.kind):
                fact = subject.fact(attribute.id)
                made = there.get(fact) or maker(self.circuit, self.cells, attribute, values.get(attribute.id))
                yield fact, made

    # --- subjects ----------------------------------------------------------------------------------------------

    def at(self, name: str, subject: Subject) -> Subject:
        """Return a subject, or the coarser one that has this attribute."""
        return subject.at(self.knowledge.vocabulary[name].of)

    def reading(self, subject: Subject) -> ScoreReading:
        """Return what a rule or step about a subject reads."""
        return ScoreReading(self.circuit, self.cells, lambda name: self.possible(self.at(name, subject), name))

    def informed(self, step: Step, subject: Subject) -> Lit:
        """Return that a step of a score says something new."""
        return self.reading(subject).informed(step)

    # --- contradictions ----------------------------------------------------------------------------------------

    @property
    def clashes(self) -> Mapping[Fact, Lit]:
        """For each attribute of which several voices speak: that nothing is left of it, a contradiction."""
        self.hear_all()
        return {fact: clash for fact, clash in sorted(self.emptied.items()) if clash != FALSE}

    def hear_all(self) -> None:
        """Build the gates of every attribute of which several voices speak."""
        for name, attribute in self.knowledge.vocabulary.items():
            if self._may_clash(name):
                for subject in self.subjects(attribute.of):
                    (self.members if attribute.type == "several" else self.possible)(subject, name)

    def parted(self, fact: Fact, clash: Lit) -> tuple[Lit, Lit]:
        """Return that a contradiction is one of inputs, which is theirs to mend, and that it is one of rules."""
        held = self.inputs.get(fact)
        silent = held.unsaid if held else TRUE
        by_rules = FALSE if self.knowledge.vocabulary[fact.attribute].reconciles else self.circuit.all((clash, silent))
        return self.circuit.all((clash, -by_rules)), by_rules

    def _may_clash(self, name: str) -> bool:
        """Tell whether an attribute has two voices; one alone leaves something, unless it counts."""
        attribute, writers = self.knowledge.vocabulary[name], self.knowledge.writers[name]
        if name in ARGUED or not writers:
            return False
        unit = writers[0]
        alone = len(writers) == 1 and not attribute.given and unit.subject == attribute.of
        if not alone or isinstance(unit, Step):
            return not alone
        said = unit.sets_of(name)
        return len(said) > 1 or said[0].count_of is not None

    # --- what an attribute may be ------------------------------------------------------------------------------

    def _possible(self, subject: Subject, name: str) -> tuple[Lit, ...]:
        """Return, for each cell of an attribute, the literal that says it may still be that."""
        if name == "pathway":
            return tuple(TRUE if subject.pathway in cell.members else FALSE for cell in self._choices(name))
        if name in ARGUED:
            return self._argued(subject, ARGUED[name])
        held = self.inputs.get(subject.fact(name))
        voices = [list(held.allowed)] if held else []
        for unit, about in self.speakers(subject, name):
            voices.extend(self._narrowings(unit, about, name))
        left = [self.circuit.all(cell) for cell in zip(*voices, strict=True)] or [TRUE] * len(self.cells.of(name))
        return self._unless_empty(subject.fact(name), left)

    def speakers(self, subject: Subject, name: str) -> Iterator[tuple[Unit, Subject]]:
        for unit in self.knowledge.writers[name]:
            for about in self.below(unit.subject, subject):
                yield unit, about

    def _unless_empty(self, fact: Fact, left: list[Lit]) -> tuple[Lit, ...]:
        """Return the cells, all of them when nothing is left: a contradiction is treated as open."""
        empty = self.emptied[fact] = self.circuit.all(-cell for cell in left)
        return tuple(self.circuit.any((cell, empty)) for cell in left)

    def _choices(self, name: str) -> list[Choices]:
        return [cell for cell in self.cells.of(name) if isinstance(cell, Choices)]

    def _argued(self, option: Subject, stance: str) -> tuple[Lit, Lit]:
        """Return that it may have been argued, and that it may not have been (cells yes and no)."""
        about = [
            (rule, subject, so)
            for rule, so in self.arguers(option.pathway, stance)
            for subject in self.below(rule.subject, option.at("lesion"))
        ]
        argued = self.circuit.any(self.circuit.all((so, self.fires(rule.id, subject))) for rule, subject, so in about)
        can_be = self.circuit.any(self.circuit.all((so, self.can_fire(rule, subject))) for rule, subject, so in about)
        return self.circuit.any((argued, can_be)), -argued

    def arguers(self, pathway: str, stance: str) -> Iterable[tuple[Rule, Lit]]:
        """Return the rules that argue so about a pathway, and that they do."""
        return [(rule, TRUE) for rule in self.knowledge.arguers.get((pathway, stance), ())]

    def _narrowings(self, unit: Unit, subject: Subject, name: str) -> Iterator[list[Lit]]:
        """Yield, for each thing that a rule or step says of an attribute, the cells that it leaves."""
        if isinstance(unit, Step):
            yield self.reading(subject).scored(unit)
            return
        fires = self.fires(unit.id, subject)
        for conclusion in unit.sets_of(name) if fires != FALSE else ():
            yield [self.circuit.any((-fires, cell)) for cell in self._said(conclusion, subject)]

    def _said(self, conclusion: SetTo, subject: Subject) -> list[Lit]:
        cells = self.cells.of(conclusion.attribute)
        if conclusion.values is not None:
            met = self.cells.meeting(conclusion.attribute, conclusion.values)
            return [TRUE if i in met else FALSE for i in range(len(cells))]
        if (source := conclusion.same_as) is not None:
            theirs = self.possible(self.at(source, subject), source)
            by_cell = dict(zip(self.cells.of(source), theirs, strict=True))  # their order may be another
            return [by_cell[cell] for cell in cells]
        assert conclusion.count_of is not None
        required, allowed = self.members(self.at(conclusion.count_of, subject), conclusion.count_of)
        least = self.circuit.one_hot_sum({0: -m, 1: m} for m in required.values())
        most = self.circuit.one_hot_sum({0: -m, 1: m} for m in allowed.values())
        return between(self.circuit, least, most, cells)

    # --- sets --------------------------------------------------------------------------------------------------

    def _members(self, subject: Subject, name: str) -> Members:
        """Return the literals of the members that a set must hold, and of those that it may."""
        voices = list(self._voices(subject, name))
        names = self.knowledge.vocabulary[name].names
        required = {m: self.circuit.any(needs[m] for needs, _ in voices) for m in names}
        allowed = {m: self.circuit.all(may[m] for _, may in voices) for m in names}
        return self._unless_apart(subject.fact(name), required, allowed)

    def _unless_apart(self, fact: Fact, required: dict[str, Lit], allowed: dict[str, Lit]) -> Members:
        """Return the members, as if nothing were said where one must be held that may not be."""
        empty = self.circuit.any(self.circuit.all((lit, -allowed[m])) for m, lit in required.items())
        self.emptied[fact] = empty
        return (
            {m: self.circuit.all((lit, -empty)) for m, lit in required.items()},
            {m: self.circuit.any((lit, empty)) for m, lit in allowed.items()},
        )

    def _voices(self, subject: Subject, name: str) -> Iterator[Members]:
        if held := self.inputs.get(subject.fact(name)):
            yield held.required, held.allowed_members
        for unit, about in self.speakers(subject, name):
            for conclusion in unit.sets_of(name) if isinstance(unit, Rule) else ():
                fires = self.fires(unit.id, about)
                required, allowed = self._members_said(conclusion, about)
                yield (
                    {m: self.circuit.all((fires, lit)) for m, lit in required.items()},
                    {m: self.circuit.any((-fires, lit)) for m, lit in allowed.items()},
                )

    def _members_said(self, conclusion: SetTo, subject: Subject) -> Members:
        if conclusion.same_as is not None:
            return self.members(self.at(conclusion.same_as, subject), conclusion.same_as)
        values, names = conclusion.values, self.knowledge.vocabulary[conclusion.attribute].names
        assert isinstance(values, Subsets)
        return (
            {m: TRUE if m in values.required else FALSE for m in names},
            {m: TRUE if m in values.allowed else FALSE for m in names},
        )

    # --- what is known -----------------------------------------------------------------------------------------

    def _known(self, subject: Subject, name: str) -> Lit:
        """Return that exactly one value is left (a single number, not a single cell)."""
        attribute = self.knowledge.vocabulary[name]
        if attribute.type == "several":
            required, allowed = self.members(subject, name)
            return self.circuit.all(self.circuit.any((required[m], -allowed[m])) for m in required)
        cells, possible = self.cells.of(name), self.possible(subject, name)
        if attribute.type != "number":
            return self._one_of(possible)
        points = (p for cell, p in zip(cells, possible, strict=True) if cell.is_single)
        ways = [self.circuit.any(points), *self._pinned(subject, name)]
        return self.circuit.all((self._one_of(possible), self.circuit.any(ways)))

    def _one_of(self, possible: tuple[Lit, ...]) -> Lit:
        """Return that exactly one cell is possible."""
        return self.circuit.any(self.alone(possible))

    def alone(self, possible: tuple[Lit, ...]) -> list[Lit]:
        """Return, for each cell that may be, that it alone may be."""
        places = range(len(possible))
        return [self.circuit.all(lit if i == j else -lit for j, lit in enumerate(possible)) for i in places]

    def _pinned(self, subject: Subject, name: str) -> Iterator[Lit]:
        """Yield the ways in which a number is pinned to a single value inside its cell."""
        if held := self.inputs.get(subject.fact(name)):
            yield held.single
        for unit, about in self.speakers(subject, name):
            for conclusion in unit.sets_of(name) if isinstance(unit, Rule) else ():
                if conclusion.same_as:
                    source = self.known(self.at(conclusion.same_as, about), conclusion.same_as)
                    yield self.circuit.all((self.fires(unit.id, about), source))

    # --- rules -------------------------------------------------------------------------------------------------

    def _fires(self, rule_id: str, subject: Subject) -> Lit:
        when, unless = self._truths(rule_id, subject)
        return self.circuit.all((when[0], -unless[0]))

    def fires_about(self, rule: Rule, subject: Subject) -> Lit:
        """Return that a rule fires for a subject, for one that belongs to it, or for the one that it belongs to."""
        return self.circuit.any(self.fires(rule.id, about) for about in self.below(rule.subject, subject))

    def callers(self) -> Mapping[tuple[str, str], tuple[Lit, ...]]:
        """Return, for each measure and subject in order, the literals of the firings that call for it."""
        found = grouped(
            ((called.measure, str(subject)), self.fires(rule.id, subject))
            for rule in self.knowledge.rules.values()
            for called in rule.measures
            for subject in self.subjects(rule.subject)
        )
        return dict(sorted(found.items()))

    def can_fire(self, rule: Rule, subject: Subject) -> Lit:
        """Return that a rule has fired, or may yet."""
        when, unless = self._truths(rule.id, subject)
        return self.circuit.all((-when[1], -unless[0]))

    def _truths_of_rule(self, rule_id: str, subject: Subject) -> tuple[Truths, Truths]:
        rule = self.knowledge.rules[rule_id]
        return self.truths(rule.when, subject), self.truths(rule.unless, subject)

    def truths(
        self, condition: Condition, subject: Subject, of_line: Callable[[Line, Subject], Truths] | None = None
    ) -> Truths:
        """Return the literals that say that a condition is surely true, and that it is surely false.

        `of_line` says so of a single line, where that is not the encoding's own reading.
        """
        if isinstance(condition, Line):
            return (of_line or self._line)(condition, subject)
        if isinstance(condition, Quantified):
            parts = [self.truths(condition.condition, other, of_line) for other in self.asked_of(condition, subject)]
            every = condition.every
        else:
            parts = [self.truths(part, subject, of_line) for part in condition.parts]
            every = isinstance(condition, All)
        true, false = [t for t, _ in parts], [f for _, f in parts]
        if every:
            return self.circuit.all(true), self.circuit.any(false)
        return self.circuit.any(true), self.circuit.all(false)

    def _line(self, line: Line, subject: Subject) -> Truths:
        about, name = self.at(line.attribute, subject), line.attribute
        if isinstance(line.test, Known):
            return self.known(about, name), FALSE
        if isinstance(line.test, Unsettled):
            known = self.known(about, name)
            return -known, known
        if isinstance(line.test, AnyOf):
            required, allowed = self.members(about, name)
            true = self.circuit.any(required[m] for m in sorted(line.test.members))
            false = self.circuit.all(-allowed[m] for m in sorted(line.test.members))
            return (false, true) if line.test.negative else (true, false)
        assert isinstance(line.test, Within)
        reading = self.reading(subject)
        return -reading.some(name, line.test.rejected), -reading.some(name, line.test.accepted)

    # --- what is recommended -----------------------------------------------------------------------------------

    def recommended(self, lesion: Subject) -> Mapping[str, Lit]:
        """Return, for each pathway, the literal that says it is recommended for a lesion: its only possible status."""
        names = [next(iter(cell.members)) for cell in self._choices("status")]
        found = {}
        for pathway in self.knowledge.pathways:
            possible = self.possible(Subject(lesion.lesion, pathway), "status")
            others = (-p for name, p in zip(names, possible, strict=True) if name != "recommended")
            found[pathway] = self.circuit.all(others)
        return found

    def is_outcome(self, lesion: Subject, outcome: Iterable[str]) -> Lit:
        """Return the literal that says that just these pathways are recommended for a lesion."""
        chosen = set(outcome)
        return self.circuit.all(lit if name in chosen else -lit for name, lit in self.recommended(lesion).items())
