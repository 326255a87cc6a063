"""The plan for each lesion: what to do, provided which conditions hold, or which finding decides.

- `firm`: the same is recommended in every completion of what is unknown.
- `provided`: the same in every completion of the findings, as long as a minimal set of conditions holds.
- `forked`: it hangs on one to three findings; a decision table says what follows, each row with its own conditions.
- `open`: otherwise, with what to find out first and what it would bring.

That nothing is recommended is a result too, but never the last word: it names the test that is ordered and can still
change it, or the conversation to have.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from cases.model import Case
from cases.writing import case_data
from engine.analysis.conditions import Condition, Conditions, Goal
from engine.analysis.fork import Column, Forking, Reading, Row, Table, board_order
from engine.inference.subjects import PATIENT, Subject
from engine.inference.trace import Json, Record
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.completions import Completions, Outcome, completed
from engine.symbolic.encoding import Fact
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import AlertEntry, MeasureEntry
from knowledge_base.language.vocabulary import Attribute

Kind = Literal["firm", "provided", "forked", "open"]
MOST_NEXT = 3
CONVERSATION = "the multidisciplinary team decides with the patient"
CONTRADICTION = "what was recorded cannot all be true of one patient: it must be corrected first"
NO_ADVICE = "rules of the knowledge base contradict each other here: no advice is given"


class Brings(Record):
    """One thing that could be found, and every outcome that it would leave."""

    values: Json
    text: str
    possible: tuple[tuple[str, ...], ...]


class Next(Record):
    """What to do next: find something out, wait for a test, or talk."""

    kind: Literal["finding", "test", "conversation"]
    text: str = Field(description="the question to ask, the name of the test, or what to talk about")
    fact: str | None = Field(None, description="the finding")
    measure: str | None = Field(None, description="the test, a measure that is called for")
    cost: str | None = None
    brings: tuple[Brings, ...] = Field((), description="for a finding, what each answer would leave")


class ForkFinding(Record):
    """A finding on which the table hangs, or an assessment that rules make of findings (`question` is null)."""

    fact: str
    subject: str
    attribute: str
    label: str
    question: str | None
    cost: str | None


class When(Record):
    """What is found in one column of a row."""

    fact: str
    values: Json = Field(description="one of these; null: whichever")
    settled: bool = Field(description="false: an assessment that what is found leaves open")
    text: str


class ForkRow(Record):
    """One row: what is found, and what is then recommended."""

    when: tuple[When, ...]
    decided: bool = Field(description="false: several outcomes are still possible, and `next` says what to find out")
    recommended: tuple[str, ...]
    conditions: tuple[Condition, ...]
    next: tuple[Next, ...]
    witness: dict[str, Any] = Field(
        description="a whole case that lies in this row and, where decided, runs to its result"
    )


class Fork(Record):
    """A decision table: its rows exclude each other and leave nothing out."""

    findings: tuple[ForkFinding, ...]
    rows: tuple[ForkRow, ...]


class Plan(Record):
    """What to do about one lesion."""

    kind: Kind
    recommended: tuple[str, ...] = Field(
        description="empty where nothing is, where the plan forks, or where it is open"
    )
    conditions: tuple[Condition, ...] = Field((), description="those that would be dangerous to overlook first")
    fork: Fork | None = None
    next: tuple[Next, ...] = ()


class Called(Record):
    """Whether a measure is called for, or a danger told: whatever turns out, provided conditions hold, or possibly."""

    name: str = Field(description="the measure, or the rule that tells of the danger")
    subject: str
    kind: Literal["firm", "provided", "possible"]
    conditions: tuple[Condition, ...] = ()


class CasePlan(Record):
    """The plans of all lesions of a case, in order, and what goes with them."""

    lesions: dict[str, Plan]
    measures: tuple[Called, ...] = ()
    dangers: tuple[Called, ...] = ()


def plan(completions: Completions, stopped: frozenset[str] = frozenset()) -> CasePlan:
    """Return the plan for each lesion; `stopped` are those for which contradicting rules leave no advice."""
    if not completions.is_possible:
        return CasePlan(lesions={lesion.id: _halted(CONTRADICTION) for lesion in completions.case.lesions})
    planner = _Planner(completions)
    plans = {
        lesion.id: _halted(NO_ADVICE) if lesion.id in stopped else planner.lesion(Subject(lesion.id))
        for lesion in completions.case.lesions
    }
    return CasePlan(lesions=plans, measures=tuple(planner.measures()), dangers=tuple(planner.dangers()))


def _halted(text: str) -> Plan:
    return Plan(kind="open", recommended=(), next=(Next(kind="conversation", text=text),))


class _Planner:
    def __init__(self, completions: Completions) -> None:
        self.completions = completions
        self.knowledge: KnowledgeBase = completions.knowledge
        self.case: Case = completions.case.patient_alone
        self.encoding = completions.encoding
        self.solver = completions.solver
        self.callers = dict(_callers(completions))  # made first: a completion tells of no gate that is made after it
        self.conditions = Conditions(completions)

    # --- lesions -----------------------------------------------------------------------------------------------

    def lesion(self, lesion: Subject) -> Plan:
        usual = self.completions.outcomes(lesion, self.conditions.literals)
        if len(usual) > 1:
            return self._forked(Forking(self.conditions, lesion, usual))
        ((outcome, _),) = usual
        return self._same(lesion, outcome)

    def _same(self, lesion: Subject, outcome: Outcome) -> Plan:
        tests = [] if outcome else list(self._tests(lesion))
        if any(self._could_change(lesion, test) for test in tests):
            return Plan(kind="open", recommended=(), next=tuple(map(self._test, tests)))
        found = self.conditions.sufficient(self._goal(lesion, outcome))
        assert found is not None, "the outcome is the only one that the suppositions leave"
        kind: Kind = "provided" if found else "firm"
        return Plan(
            kind=kind, recommended=_sorted(outcome), conditions=found, next=() if outcome else self._no_way(lesion)
        )

    def _goal(self, lesion: Subject, outcome: Outcome, when: tuple[Lit, ...] = ()) -> Goal:
        return Goal(self.encoding.is_outcome(lesion, outcome), when, lesion, _sorted(outcome))

    def _forked(self, forking: Forking) -> Plan:
        table = forking.table()
        if table is None:
            return Plan(kind="open", recommended=(), next=tuple(self._findings(forking)))
        return Plan(kind="forked", recommended=(), fork=self._fork(forking, table))

    # --- forks -------------------------------------------------------------------------------------------------

    def _fork(self, forking: Forking, table: Table) -> Fork:
        return Fork(
            findings=tuple(self._column(column) for column in table.columns),
            rows=tuple(self._row(forking, row) for row in table.rows),
        )

    def _column(self, column: Column) -> ForkFinding:
        subject, name = column.fact
        attribute = column.attribute
        question, cost = (attribute.question, attribute.cost or "history") if attribute.given else (None, None)
        return ForkFinding(
            fact=subject.fact(name),
            subject=str(subject),
            attribute=name,
            label=attribute.label,
            question=question,
            cost=cost,
        )

    def _row(self, forking: Forking, row: Row) -> ForkRow:
        outcome, lesion = row.leaf.outcome, forking.lesion
        when = tuple(_when(column, reading) for column, reading in row.cells)
        if outcome is None:
            asked = {column.fact for column, _ in row.cells}
            following = tuple(n for n in self._findings(forking, row.literals, 1 + len(asked)) if not _asks(n, asked))[
                :1
            ]
            witness = self._witness(*row.literals)
            return ForkRow(when=when, decided=False, recommended=(), conditions=(), next=following, witness=witness)
        goal = self._goal(lesion, outcome, row.literals)
        found = self.conditions.sufficient(goal)
        assert found is not None, "the solver has settled the row"
        return ForkRow(
            when=when,
            decided=True,
            recommended=_sorted(outcome),
            conditions=found,
            next=() if outcome else self._no_way(lesion, row.literals),
            witness=self._witness(goal.literal, *row.literals),
        )

    def _witness(self, *when: Lit) -> dict[str, Any]:
        """Return a whole case in which some literals are true, as usual as can be and with few members of sets."""
        usual = self.conditions.beside(*when)
        members = (lit for fact in self.completions.unknown for lit in self.completions.inputs[fact].chosen.values())
        few = [-lit for lit in members if lit not in (TRUE, FALSE)]
        model = self.solver.model(*when, *usual, *self._possible_beside([*when, *usual], few))
        assert model is not None, "a row is possible"
        return case_data(completed(self.case, self.completions.answers(model).items()), self.knowledge)

    def _possible_beside(self, certain: list[Lit], wanted: list[Lit]) -> list[Lit]:
        kept: list[Lit] = []
        for literal in wanted:
            if self.solver.can_be(*certain, *kept, literal):
                kept.append(literal)
        return kept

    # --- what is next ------------------------------------------------------------------------------------------

    def _findings(self, forking: Forking, found: tuple[Lit, ...] = (), most: int = MOST_NEXT) -> Iterator[Next]:
        """Yield the first findings to get, in a board's order: those of which an answer rules something out.

        Where none does so by itself, those on which a result can hang together with others.
        """
        columns = [column for column in forking.narrowing(*found) if column.attribute.given]
        for column in columns[:most]:
            brings = self._brings(forking, column, found) if column.fits_a_table else ()
            yield _asking(column.fact, column.attribute, tuple(brings))
        for fact in [] if columns else self._upstream(forking.lesion)[:most]:
            yield _asking(fact, self.knowledge.vocabulary[fact[1]])

    def _upstream(self, lesion: Subject) -> list[Fact]:
        """Return the unknown inputs upstream of what is recommended, findings before all else."""
        facts = (fact for fact in self.completions.unknown if fact[0] in (PATIENT, lesion))
        found = [fact for fact in facts if "status" in self.knowledge.downstream(fact[1])]
        attributes = self.knowledge.vocabulary
        return sorted(found, key=lambda f: (attributes[f[1]].class_ != "finding", board_order(f, attributes[f[1]])))

    def _brings(self, forking: Forking, column: Column, found: tuple[Lit, ...]) -> Iterator[Brings]:
        for reading, left in forking.answers(column, found):
            when = _when(column, reading)
            possible = tuple(sorted(_sorted(forking.outcomes[i]) for i in left))
            yield Brings(values=when.values, text=when.text, possible=possible)

    def _no_way(self, lesion: Subject, when: tuple[Lit, ...] = ()) -> tuple[Next, ...]:
        """Return what follows when nothing is recommended: the tests that are ordered, and the conversation."""
        tests = [self._test(test) for test in self._tests(lesion, when)]
        return (*tests, Next(kind="conversation", text=CONVERSATION))

    def _tests(self, lesion: Subject, when: tuple[Lit, ...] = ()) -> Iterator[str]:
        """Yield the measures that find something out and are called for, whatever turns out of what is supposed."""
        usual = self.conditions.beside(*when)
        for measure in (measure for measure in self.knowledge.measures.values() if measure.finds):
            calls = [self.callers.get((measure.id, str(subject)), FALSE) for subject in (PATIENT, lesion)]
            if not all(self.solver.can_be(-call, *when, *usual) for call in calls):
                yield measure.id

    def _test(self, measure: str) -> Next:
        return Next(kind="test", text=self.knowledge.measures[measure].label, measure=measure)

    def _could_change(self, lesion: Subject, test: str) -> bool:
        """Tell whether something could be recommended if a test found otherwise what the case says."""
        finds = set(self.knowledge.measures[test].finds)
        reopened = Completions(self.knowledge, _without(self.case, lesion, finds))
        usual = reopened.outcomes(lesion, Conditions(reopened).literals)
        return any(outcome for outcome, _ in usual)

    # --- measures and dangers ----------------------------------------------------------------------------------

    def measures(self) -> Iterator[Called]:
        """Yield every measure that may be called for in a patient of whom all is as supposed."""
        for (measure, subject), call in self.callers.items():
            if (called := self._called(measure, subject, call)) is not None:
                yield called

    def dangers(self) -> Iterator[Called]:
        """Yield every danger that may be told of in a patient of whom all is as supposed."""
        for rule in self.knowledge.rules.values():
            if any(isinstance(c, AlertEntry) and c.level == "danger" for c in rule.conclusions):
                for subject in self.encoding.subjects(rule.subject):
                    called = self._called(rule.id, str(subject), self.encoding.fires(rule.id, subject))
                    if called is not None:
                        yield called

    def _called(self, name: str, subject: str, call: Lit) -> Called | None:
        if call == FALSE or not self.solver.can_be(call, *self.conditions.literals):
            return None
        found = self.conditions.sufficient(Goal(call))
        kind: Literal["firm", "provided", "possible"] = "possible" if found is None else "provided" if found else "firm"
        return Called(name=name, subject=subject, kind=kind, conditions=found or ())


def _callers(completions: Completions) -> Iterator[tuple[tuple[str, str], Lit]]:
    """Yield, for each measure and subject, the literal that it is called for."""
    found: dict[tuple[str, str], list[Lit]] = {}
    for rule in completions.knowledge.rules.values():
        for subject in completions.encoding.subjects(rule.subject):
            fires = completions.encoding.fires(rule.id, subject)
            for conclusion in rule.conclusions:
                if isinstance(conclusion, MeasureEntry):
                    found.setdefault((conclusion.measure, str(subject)), []).append(fires)
    for key, literals in sorted(found.items()):
        yield key, completions.encoding.circuit.any(literals)


def _without(case: Case, lesion: Subject, attributes: set[str]) -> Case:
    def left(given: Mapping[str, Any]) -> dict[str, Any]:
        return {name: values for name, values in given.items() if name not in attributes}

    lesions = tuple(replace(x, given=left(x.given)) if x.id == lesion.lesion else x for x in case.lesions)
    return replace(case, patient=left(case.patient), lesions=lesions)


def _when(column: Column, reading: Reading) -> When:
    subject, name = column.fact
    attribute = column.attribute
    settled, values = reading.settled, reading.values
    text = attribute.sentence(values)
    if values == attribute.domain:
        text = f"{attribute.label}: " + ("settled, whichever way" if settled else "not settled")
    return When(fact=subject.fact(name), values=attribute.dump(values), settled=settled, text=text)


def _asking(fact: Fact, attribute: Attribute, brings: tuple[Brings, ...] = ()) -> Next:
    return Next(
        kind="finding",
        text=attribute.question or attribute.label,
        fact=fact[0].fact(fact[1]),
        cost=attribute.cost or "history",
        brings=brings,
    )


def _asks(following: Next, asked: Iterable[Fact]) -> bool:
    return following.fact in {subject.fact(name) for subject, name in asked}


def _sorted(outcome: Outcome) -> tuple[str, ...]:
    return tuple(sorted(outcome))
