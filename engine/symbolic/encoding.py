"""The rules read once more, as plain functions: from what the case allows to what the engine would settle.

For every attribute of every subject there is one literal for each cell: "it may still be this". Those of inputs are free;
every other one is a gate. So one circuit holds the engine's whole behaviour on any state of knowledge, and a solver can be
asked what could happen. With the literal `complete` assumed, every input has exactly one value (or, where the vocabulary
says so, may stay unsaid); with `coherent`, nothing contradicts anything. Both together are the completions.
"""

from collections.abc import Iterator, Mapping
from functools import cache

from cases.model import Case
from engine.state import ARGUED
from engine.subjects import PATIENT, Subject, subjects_of
from engine.symbolic.cells import Cells
from engine.symbolic.circuit import FALSE, TRUE, Circuit, Lit
from knowledge_base.conditions import All, Condition, Line, Quantified
from knowledge_base.model import KnowledgeBase, Unit
from knowledge_base.rules import Rule, SetTo, Step
from knowledge_base.truth import AnyOf, Known, Unsettled, Within
from knowledge_base.values import Choices, Numbers, Subsets, Values, both
from knowledge_base.vocabulary import SUBJECT_KINDS, SubjectKind

Truths = tuple[Lit, Lit]  # surely true, surely false


class Encoding:
    """The circuit of one knowledge base for the lesions of one case."""

    def __init__(self, knowledge: KnowledgeBase, case: Case) -> None:
        self.knowledge = knowledge
        self.case = case
        self.cells = Cells(knowledge, case)
        self.circuit = Circuit()
        self.complete = self.circuit.free()
        self.coherent = self.circuit.free()
        self.inputs: dict[tuple[Subject, str], Input] = {}
        self.clashes: dict[tuple[Subject, str], Lit] = {}
        # One memo for each question; all are asked of the same settled things, so each answer holds for good.
        self.possible = cache(self._possible)
        self.members = cache(self._members)
        self.known = cache(self._known)
        self.fires = cache(self._fires)
        self._truths = cache(self._truths_of_rule)
        for kind in ("patient", "lesion"):
            for attribute in knowledge.vocabulary.given_of(kind):  # type: ignore[arg-type]  # two of the kinds
                for subject in self.subjects(kind):  # type: ignore[arg-type]
                    self.inputs[subject, attribute.id] = Input(self, subject, attribute.id)
        for subject, name in self._everything():
            if knowledge.vocabulary[name].type != "several":
                self.possible(subject, name)
        self.firings = {
            (rule.id, subject): self.fires(rule.id, subject)
            for rule in knowledge.rules.values()
            for subject in self.subjects(rule.subject)
        }
        for clash in self.clashes.values():
            self.circuit.require(-self.coherent, -clash)

    # --- subjects ----------------------------------------------------------------------------------------------

    def subjects(self, kind: SubjectKind) -> list[Subject]:
        return subjects_of(kind, self.case, self.knowledge.pathways)

    def below(self, kind: SubjectKind, subject: Subject) -> list[Subject]:
        """Return the subjects of a kind that belong to a subject, or the one that it belongs to."""
        if SUBJECT_KINDS.index(kind) <= SUBJECT_KINDS.index(subject.kind):
            return [subject.at(kind)]
        return [s for s in self.subjects(kind) if subject == PATIENT or s.at("lesion") == subject.at("lesion")]

    def _everything(self) -> Iterator[tuple[Subject, str]]:
        order = sorted(self.knowledge.levels.items(), key=lambda item: (item[1], item[0]))
        for name, _ in order:
            for subject in self.subjects(self.knowledge.vocabulary[name].of):
                yield subject, name

    # --- what an attribute may be ------------------------------------------------------------------------------

    def _possible(self, subject: Subject, name: str) -> tuple[Lit, ...]:
        """Return, for each cell of an attribute, the literal that says it may still be that."""
        if name == "pathway":
            return tuple(TRUE if subject.pathway in cell.members else FALSE for cell in self._choices(name))
        if name in ARGUED:
            return self._argued(subject, ARGUED[name])
        held = self.inputs.get((subject, name))
        left = list(held.allowed) if held else [TRUE] * len(self.cells.of(name))
        for unit in self.knowledge.writers[name]:
            for about in self.below(unit.subject, subject):
                for narrowed in self._narrowings(unit, about, name):
                    left = [self.circuit.all(pair) for pair in zip(left, narrowed, strict=True)]
        return self._unless_empty(subject, name, left)

    def _unless_empty(self, subject: Subject, name: str, left: list[Lit]) -> tuple[Lit, ...]:
        """Return the cells, all of them when nothing is left: a contradiction is treated as open."""
        empty = self.circuit.all(-cell for cell in left)
        if empty != FALSE:
            self.clashes[subject, name] = empty
        return tuple(self.circuit.any((cell, empty)) for cell in left)

    def _choices(self, name: str) -> list[Choices]:
        return [cell for cell in self.cells.of(name) if isinstance(cell, Choices)]

    def _argued(self, option: Subject, stance: str) -> tuple[Lit, Lit]:
        """Return that it may have been argued, and that it may not have been (cells yes and no)."""
        rules = self.knowledge.arguers.get((option.pathway, stance), ())
        about = [(rule, s) for rule in rules for s in self.below(rule.subject, option.at("lesion"))]
        argued = self.circuit.any(self.fires(rule.id, subject) for rule, subject in about)
        can_be = self.circuit.any(self.can_fire(rule, subject) for rule, subject in about)
        return self.circuit.any((argued, can_be)), -argued

    def _narrowings(self, unit: Unit, subject: Subject, name: str) -> Iterator[list[Lit]]:
        """Yield, for each thing that a rule or step says of an attribute, the cells that it leaves."""
        if isinstance(unit, Step):
            yield self._scored(unit, subject)
            return
        fires = self.fires(unit.id, subject)
        for conclusion in unit.conclusions:
            if isinstance(conclusion, SetTo) and conclusion.attribute == name:
                yield [self.circuit.any((-fires, cell)) for cell in self._said(conclusion, subject)]

    def _said(self, conclusion: SetTo, subject: Subject) -> list[Lit]:
        cells = self.cells.of(conclusion.attribute)
        if conclusion.values is not None:
            return [FALSE if both(cell, conclusion.values).is_empty else TRUE for cell in cells]
        if conclusion.same_as is not None:
            return list(self.possible(self._at(conclusion.same_as, subject), conclusion.same_as))
        assert conclusion.count_of is not None
        required, allowed = self.members(self._at(conclusion.count_of, subject), conclusion.count_of)
        least = self.circuit.one_hot_sum({0: -m, 1: m} for m in required.values())
        most = self.circuit.one_hot_sum({0: -m, 1: m} for m in allowed.values())
        return self._between(least, most, cells)

    # --- scores ------------------------------------------------------------------------------------------------

    def _scored(self, step: Step, subject: Subject) -> list[Lit]:
        cells = self.cells.of(step.attribute)
        if step.kind == "total":
            parts = [self._extremes(self._at(name, subject), name) for name in step.reads]
            least = self.circuit.one_hot_sum(least for least, _ in parts)
            most = self.circuit.one_hot_sum(most for _, most in parts)
            return self._between(least, most, cells)
        read = step.reads[0]
        possible = self.possible(self._at(read, subject), read)
        rows = [self._some(row.accepted, read, possible) for row in step.rows]
        silent = self.circuit.all(rows)  # every row still possible: the step says nothing
        return [
            self.circuit.any(
                [
                    silent,
                    *(hit for hit, row in zip(rows, step.rows, strict=True) if not both(row.result, cell).is_empty),
                ]
            )
            for cell in cells
        ]

    def _extremes(self, subject: Subject, name: str) -> tuple[dict[int, Lit], dict[int, Lit]]:
        """Return the least and the greatest possible points of an item, one literal for each number."""
        cells, possible = self.cells.of(name), self.possible(subject, name)
        ends = [(int(cell.low), int(cell.high)) for cell in cells if isinstance(cell, Numbers)]
        least = {low: self.circuit.all((possible[i], *(-p for p in possible[:i]))) for i, (low, _) in enumerate(ends)}
        most = {
            high: self.circuit.all((possible[i], *(-p for p in possible[i + 1 :]))) for i, (_, high) in enumerate(ends)
        }
        return least, most

    def _between(self, least: Mapping[int, Lit], most: Mapping[int, Lit], cells: tuple[Values, ...]) -> list[Lit]:
        """Return, for each cell, that it meets the range from the least to the greatest sum."""
        return [
            self.circuit.all(
                (
                    self.circuit.any(literal for number, literal in least.items() if number <= cell.high),
                    self.circuit.any(literal for number, literal in most.items() if number >= cell.low),
                )
            )
            for cell in cells
            if isinstance(cell, Numbers)
        ]

    # --- what is known -----------------------------------------------------------------------------------------

    def _members(self, subject: Subject, name: str) -> tuple[dict[str, Lit], dict[str, Lit]]:
        """Return the literals of the members that a set must hold, and of those that it may."""
        held = self.inputs[subject, name]
        return held.required, held.members

    def _known(self, subject: Subject, name: str) -> Lit:
        """Return that exactly one value is left (a single number, not a single cell)."""
        attribute = self.knowledge.vocabulary[name]
        if attribute.type == "several":
            required, allowed = self.members(subject, name)
            return self.circuit.all(self.circuit.any((required[m], -allowed[m])) for m in required)
        cells, possible = self.cells.of(name), self.possible(subject, name)
        one = self.circuit.any(
            self.circuit.all((cell, *(-other for other in possible if other != cell))) for cell in possible
        )
        if attribute.type != "number":
            return one
        points = (p for cell, p in zip(cells, possible, strict=True) if cell.is_single)
        ways = [self.circuit.any(points), *self._pinned(subject, name)]
        return self.circuit.all((one, self.circuit.any(ways)))

    def _pinned(self, subject: Subject, name: str) -> Iterator[Lit]:
        """Yield the ways in which a number is pinned to a single value inside its cell."""
        if held := self.inputs.get((subject, name)):
            yield held.single
        for unit in self.knowledge.writers[name]:
            if isinstance(unit, Rule):
                for about in self.below(unit.subject, subject):
                    for conclusion in unit.conclusions:
                        if isinstance(conclusion, SetTo) and conclusion.attribute == name and conclusion.same_as:
                            source = self.known(self._at(conclusion.same_as, about), conclusion.same_as)
                            yield self.circuit.all((self.fires(unit.id, about), source))

    # --- rules -------------------------------------------------------------------------------------------------

    def _fires(self, rule_id: str, subject: Subject) -> Lit:
        when, unless = self._truths(rule_id, subject)
        return self.circuit.all((when[0], -unless[0]))

    def can_fire(self, rule: Rule, subject: Subject) -> Lit:
        """Return that a rule has fired, or may yet."""
        when, unless = self._truths(rule.id, subject)
        return self.circuit.all((-when[1], -unless[0]))

    def _truths_of_rule(self, rule_id: str, subject: Subject) -> tuple[Truths, Truths]:
        rule = self.knowledge.rules[rule_id]
        return self.truths(rule.when, subject), self.truths(rule.unless, subject)

    def truths(self, condition: Condition, subject: Subject) -> Truths:
        """Return the literals that say that a condition is surely true, and that it is surely false."""
        if isinstance(condition, Line):
            return self._line(condition, subject)
        if isinstance(condition, Quantified):
            asked = (
                self.subjects("lesion") if condition.over == "lesion" else self.below("option", subject.at("lesion"))
            )
            parts = [self.truths(condition.condition, other) for other in asked]
            every = condition.every
        else:
            parts = [self.truths(part, subject) for part in condition.parts]
            every = isinstance(condition, All)
        true, false = [t for t, _ in parts], [f for _, f in parts]
        if every:
            return self.circuit.all(true), self.circuit.any(false)
        return self.circuit.any(true), self.circuit.all(false)

    def _line(self, line: Line, subject: Subject) -> Truths:
        about = self._at(line.attribute, subject)
        if isinstance(line.test, Known):
            return self.known(about, line.attribute), FALSE
        if isinstance(line.test, Unsettled):
            known = self.known(about, line.attribute)
            return -known, known
        if isinstance(line.test, AnyOf):
            required, allowed = self.members(about, line.attribute)
            true = self.circuit.any(required[m] for m in line.test.members)
            false = self.circuit.all(-allowed[m] for m in line.test.members)
            return (false, true) if line.test.negative else (true, false)
        assert isinstance(line.test, Within)
        possible = self.possible(about, line.attribute)
        some_rejected = self._some(line.test.rejected, line.attribute, possible)
        some_accepted = self._some(line.test.accepted, line.attribute, possible)
        return -some_rejected, -some_accepted

    def _some(self, values: Values, name: str, possible: tuple[Lit, ...]) -> Lit:
        """Return that one of the possible cells lies in these values."""
        cells = self.cells.of(name)
        return self.circuit.any(p for cell, p in zip(cells, possible, strict=True) if not both(cell, values).is_empty)

    def _at(self, name: str, subject: Subject) -> Subject:
        return subject.at(self.knowledge.vocabulary[name].of)


class Input:
    """The free literals of one input: what the case allows it to be, and the demands of a completion on them."""

    def __init__(self, encoding: Encoding, subject: Subject, name: str) -> None:
        self.attribute = encoding.knowledge.vocabulary[name]
        self.subject = subject
        circuit = encoding.circuit
        self.single = circuit.free()
        self.unsaid = circuit.free() if self.attribute.optional else FALSE
        self.members: dict[str, Lit] = {}
        self.required: dict[str, Lit] = {}
        self.allowed: tuple[Lit, ...] = ()
        if self.attribute.type == "several":
            self.members = {member: circuit.free() for member in self.attribute.names}
            self.required = {member: circuit.free() for member in self.attribute.names}
            self._complete_set(circuit, encoding.complete)
        else:
            self.cells = encoding.cells.of(name)
            self.allowed = tuple(circuit.free() for _ in self.cells)
            self._complete_value(circuit, encoding.complete)

    def _complete_value(self, circuit: Circuit, complete: Lit) -> None:
        said = (-complete, self.unsaid)
        circuit.require(-complete, *self.allowed)
        for i, cell in enumerate(self.allowed):
            circuit.require(-complete, -self.unsaid, cell)
            for other in self.allowed[:i]:
                circuit.require(*said, -cell, -other)
        circuit.require(*said, self.single)
        circuit.require(-complete, -self.unsaid, -self.single)

    def _complete_set(self, circuit: Circuit, complete: Lit) -> None:
        circuit.require(-complete, *self.required.values())
        for member in self.members:
            circuit.require(-complete, -self.members[member], self.required[member])
            circuit.require(-complete, self.members[member], -self.required[member])

    # --- what a case says, as assumptions ------------------------------------------------------------------------

    def within(self, given: Values | None) -> list[Lit]:
        """Return what a case demands of a completion: that the value is one of those given (all, when unknown)."""
        if given is None:
            return []
        if isinstance(given, Subsets):
            return [
                *(self.members[m] for m in sorted(given.required)),
                *(-self.members[m] for m in self.members if m not in given.allowed),
            ]
        unsaid = [] if self.unsaid == FALSE else [-self.unsaid]
        cells = zip(self.cells, self.allowed, strict=True)
        return unsaid + [-literal for cell, literal in cells if both(cell, given).is_empty]

    def exactly(self, given: Values | None) -> list[Lit]:
        """Return the state of knowledge itself: just these values are possible (all, when unknown)."""
        values = self.attribute.domain if given is None else given
        if isinstance(values, Subsets):
            allowed = [lit if m in values.allowed else -lit for m, lit in self.members.items()]
            return allowed + [lit if m in values.required else -lit for m, lit in self.required.items()]
        cells = zip(self.cells, self.allowed, strict=True)
        found = [-literal if both(cell, values).is_empty else literal for cell, literal in cells]
        return [*found, self.single if values.is_single else -self.single]
