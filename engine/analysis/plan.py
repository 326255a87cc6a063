"""The plan for each lesion: what to do, provided which conditions hold, or which finding decides.

- `firm`: the same is recommended in every completion of what is unknown.
- `provided`: the same in every completion of the findings, as long as a minimal set of conditions holds.
- `forked`: it hangs on one to three findings; a decision table says what follows, each row with its own conditions. A row
  that does not decide says what may still be recommended.
- `open`: otherwise, with what to find out first and what it would bring.

That nothing is recommended is a result too, but never the last word: it names the test that is ordered and can still
change it, or the conversation to have.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from pydantic import Field

from cases.model import Case
from cases.writing import case_data
from engine.analysis.asking import PLACES, asking_order, is_due, waiting_for, without_emergency
from engine.analysis.conditions import Condition, Conditions, Goal
from engine.analysis.fork import Column, DecisionRow, DecisionTable, Forking, Reading, is_told
from engine.inference.subjects import PATIENT, Fact, Subject, given_in
from engine.inference.trace import Json, Record
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.coherent import CoherentEncoding
from engine.symbolic.completions import Completions, Outcome, completed
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Letter, Vocabulary

PlanKind = Literal["firm", "provided", "forked", "open"]
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
    fact: Fact | None = Field(None, description="the finding")
    measure: str | None = Field(None, description="the test, a measure that is called for")
    cost: str | None = None
    brings: tuple[Brings, ...] = Field((), description="for a finding, what each answer would leave")


class ForkFinding(Record):
    """A finding on which the table hangs, or an assessment that rules make of findings (`question` is null)."""

    fact: Fact
    subject: str
    attribute: str
    label: str
    question: str | None
    cost: str | None


class When(Record):
    """What is found in one column of a row."""

    fact: Fact
    values: Json = Field(description="one of these; null: whichever")
    settled: bool = Field(description="false: an assessment that what is found leaves open")
    text: str


class ForkRow(Record):
    """One row: what is found, and what is then recommended."""

    when: tuple[When, ...]
    decided: bool = Field(description="false: several outcomes are still possible, and `next` says what to find out")
    recommended: tuple[str, ...]
    possible: tuple[tuple[str, ...], ...] = Field(
        (), description="where undecided, every outcome that is still possible"
    )
    courses: tuple[tuple[str, ...], ...] = Field(
        (),
        description="where these are many, what they amount to: the courses (of pathways.yaml) of each, alike ones once",
    )
    conditions: tuple[Condition, ...]
    next: tuple[Next, ...]
    witness: dict[str, Any] = Field(
        description="a whole case that lies in this row and, where decided, runs to its result"
    )


class Fork(Record):
    """A decision table: its rows exclude each other and leave nothing out."""

    findings: tuple[ForkFinding, ...]
    rows: tuple[ForkRow, ...]

    @property
    def questions(self) -> int:
        """The most findings on the way to a row."""
        return max(len(row.when) for row in self.rows)


class Plan(Record):
    """What to do about one lesion."""

    kind: PlanKind
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


def _halted(text: str) -> Plan:
    return Plan(kind="open", recommended=(), next=(Next(kind="conversation", text=text),))


class Planner:
    """The plans of one case; what was found out for them is kept, so that they are soon told again."""

    def __init__(self, completions: Completions, explained: bool = True) -> None:
        self.completions = completions
        self.aside: frozenset[Fact] = frozenset()
        self.brief = False
        self.knowledge: KnowledgeBase = completions.knowledge
        self.case: Case = completions.case.patient_alone
        self.given = given_in(self.case)
        self.encoding = completions.encoding
        self.solver = completions.solver
        self.build_firings()
        self.conditions = Conditions(completions, explained)
        self._forked_lesions: dict[Subject, tuple[Forking, DecisionTable | None]] = {}
        self._retested: dict[tuple[Subject, str], frozenset[Outcome]] = {}

    @property
    def is_possible(self) -> bool:
        """Tell whether all that was recorded can be true of one patient."""
        return self.completions.is_possible

    def build_firings(self) -> None:
        """Build the gates of all firings: a completion tells of no gate that is made after it."""
        for rule in self.knowledge.rules.values():
            for subject in self.encoding.subjects(rule.subject):
                self.encoding.fires(rule.id, subject)
        _ = self.callers

    @cached_property
    def callers(self) -> Mapping[tuple[str, str], Lit]:
        """For each measure and subject, that it is called for."""
        return {key: self.encoding.circuit.any(calls) for key, calls in self.encoding.callers().items()}

    def plan(self, stopped: frozenset[str] = frozenset(), first: Sequence[Fact] = ()) -> CasePlan:
        """Return the plans of all lesions (see `lesions`), and what goes with them."""
        plans = self.lesions(stopped, first)
        if not self.is_possible:
            return CasePlan(lesions=plans)
        return CasePlan(lesions=plans, measures=tuple(self.measures()), dangers=tuple(self.dangers()))

    def lesions(
        self,
        stopped: frozenset[str] = frozenset(),
        first: Sequence[Fact] = (),
        aside: Collection[Fact] = (),
        brief: bool = False,
    ) -> dict[str, Plan]:
        """Return the plan for each lesion.

        What to find out `first`, as an emergency may hang on it, leads what is next; what is set `aside`, asked and not
        known, is no finding to get, nor is how long ago that was. When `brief`, rows have no witness, those that do not
        decide no question of their own, and no test that may correct the case is named: what a consultation tells between
        two questions needs none of them.
        """
        self.brief = brief
        vocabulary = self.knowledge.vocabulary
        since = (waiting for fact in aside for waiting in waiting_for(fact, vocabulary))
        self.aside = frozenset((*aside, *without_emergency(self.given, vocabulary), *since))
        plans = self._plans(stopped)
        return {
            name: self._led(one, [fact for fact in first if str(fact.subject) in ("patient", name)])
            for name, one in plans.items()
        }

    def _led(self, one: Plan, first: list[Fact]) -> Plan:
        if not first:
            return one
        following = {n.fact or n.text: n for n in (*map(self._asking, first), *one.next)}
        return one.model_copy(update={"next": tuple(following.values())})

    def _plans(self, stopped: frozenset[str]) -> dict[str, Plan]:
        if not self.is_possible:
            return {lesion.id: _halted(CONTRADICTION) for lesion in self.completions.case.lesions}
        return {
            lesion.id: _halted(NO_ADVICE) if lesion.id in stopped else self._lesion(Subject(lesion.id))
            for lesion in self.completions.case.lesions
        }

    # --- lesions -----------------------------------------------------------------------------------------------

    def _lesion(self, lesion: Subject) -> Plan:
        if lesion in self._forked_lesions:
            return self._forked(*self._forked_lesions[lesion])
        usual = self.completions.outcomes(lesion, self.conditions.literals)
        if len(usual) > 1:
            forking = Forking(self.conditions, lesion, usual, self.given)
            self._forked_lesions[lesion] = forking, forking.table()
            return self._forked(*self._forked_lesions[lesion])
        ((outcome, _),) = usual
        return self._same(lesion, outcome)

    def _same(self, lesion: Subject, outcome: Outcome) -> Plan:
        tests = [] if outcome else list(self._tests(lesion))
        if any(self._could_change(lesion, test) for test in tests):
            return Plan(kind="open", recommended=(), next=tuple(map(self._test, tests)))
        kind, found = self.resting(self._goal(lesion, outcome))
        return Plan(
            kind=kind, recommended=_sorted(outcome), conditions=found, next=() if outcome else self._no_way(lesion)
        )

    def resting(self, goal: Goal) -> tuple[PlanKind, tuple[Condition, ...]]:
        """Return whether a result that the suppositions force is firm, and the conditions that it rests on."""
        found = self.conditions.sufficient(goal)
        assert found is not None, "the solver has settled it"
        return "provided" if found else "firm", found

    def _goal(self, lesion: Subject, outcome: Outcome, when: tuple[Lit, ...] = ()) -> Goal:
        return Goal(self.encoding.is_outcome(lesion, outcome), when, lesion, _sorted(outcome))

    def _forked(self, forking: Forking, table: DecisionTable | None) -> Plan:
        if table is None:
            return Plan(kind="open", recommended=(), next=self._with_test(forking, self._findings(forking)))
        following = self._with_test(forking, self._deciding(forking, table))
        return Plan(kind="forked", recommended=(), fork=self._fork(forking, table), next=following)

    def _with_test(self, forking: Forking, findings: Iterable[Next]) -> tuple[Next, ...]:
        """Return findings to get, and the test without which nothing else helps, in a board's order."""
        tests = () if self.brief else self._correcting(forking.lesion, forking.outcomes)
        return tuple(sorted((*tests, *findings), key=lambda n: PLACES.index(self._letter(n))))

    def _letter(self, following: Next) -> Letter:
        if following.fact:
            return self.knowledge.vocabulary[following.fact.attribute].letter
        return self.knowledge.vocabulary[self.knowledge.measures[following.measure or ""].finds[0]].letter

    def _correcting(self, lesion: Subject, outcomes: Collection[Outcome]) -> Iterator[Next]:
        """Yield the test that finds most of what the case says and nothing else can change, such as the tissue.

        Only where it is called for and could lead to what cannot come out now.
        """
        given = (*self.given[PATIENT], *self.given[lesion])
        fixed = {name for name in given if self.knowledge.vocabulary[name].fixed}
        tests = {test: len(fixed & set(self.knowledge.measures[test].finds)) for test in self._tests(lesion)}
        best = max(tests, key=lambda test: tests[test], default=None)
        if best is not None and tests[best] and self._could_change(lesion, best, outcomes):
            yield self._test(best)

    # --- forks -------------------------------------------------------------------------------------------------

    def _fork(self, forking: Forking, table: DecisionTable) -> Fork:
        return Fork(
            findings=tuple(self._column(column) for column in table.columns),
            rows=tuple(self._row(forking, row) for row in table.rows),
        )

    def _column(self, column: Column) -> ForkFinding:
        subject, name = column.fact
        attribute = column.attribute
        question, cost = (attribute.question, attribute.effort) if attribute.given else (None, None)
        return ForkFinding(
            fact=subject.fact(name),
            subject=str(subject),
            attribute=name,
            label=attribute.label,
            question=question,
            cost=cost,
        )

    def _row(self, forking: Forking, row: DecisionRow) -> ForkRow:
        outcome, lesion = row.leaf.outcome, forking.lesion
        when = tuple(_when(column, reading) for column, reading in row.cells)
        if outcome is None:
            return ForkRow(
                when=when,
                decided=False,
                recommended=(),
                possible=tuple(map(_sorted, row.leaf.outcomes)),
                courses=() if is_told(row.leaf.outcomes) else tuple(sorted(map(_sorted, row.leaf.told))),
                conditions=(),
                next=() if self.brief else self._deciding_further(forking, row),
                witness=self._witness(*row.literals),
            )
        goal = self._goal(lesion, outcome, row.literals)
        _, found = self.resting(goal)
        return ForkRow(
            when=when,
            decided=True,
            recommended=_sorted(outcome),
            conditions=found,
            next=() if outcome else self._no_way(lesion, row.literals),
            witness=self._witness(goal.literal, *row.literals),
        )

    def _deciding_further(self, forking: Forking, row: DecisionRow) -> tuple[Next, ...]:
        """Return the finding that decides most of a row that does not decide."""
        asked = {self._leads(column.fact) for column, _ in row.cells}
        more = self._findings(forking, row.literals, asked, MOST_NEXT + len(asked))
        return tuple(sorted((n for n in more if n.fact not in asked), key=_decided, reverse=True)[:1])

    def _witness(self, *when: Lit) -> dict[str, Any]:
        """Return a whole case in which some literals are true, as usual as can be and with few members of sets."""
        if self.brief:
            return {}
        usual = self.conditions.beside(*when)
        members = (lit for fact in self.completions.unknown for lit in self.completions.inputs[fact].chosen.values())
        few = [-lit for lit in members if lit not in (TRUE, FALSE)]
        model = self.solver.model(*when, *usual, *self.solver.together(few, *when, *usual))
        assert model is not None, "a row is possible"
        return case_data(completed(self.case, self.completions.answers(model).items()), self.knowledge)

    # --- what is next ------------------------------------------------------------------------------------------

    def _findings(
        self,
        forking: Forking,
        found: tuple[Lit, ...] = (),
        told: Collection[Fact] = (),
        most: int = MOST_NEXT,
    ) -> Iterator[Next]:
        """Yield the first findings to get, in a board's order: those of which an answer rules something out.

        Where none does so by itself, those on which a result can hang together with others.
        """
        columns = list(islice(forking.narrowing(self._asked(forking.columns, told), *found), most))
        for column in columns:
            brings = self._brings(forking, column, found) if column.fits_a_table else ()
            yield self._asking(column.fact, tuple(brings))
        for fact in [] if columns else self._upstream(forking.lesion)[:most]:
            yield self._asking(fact)

    def _asked(self, columns: Iterable[Column], told: Collection[Fact] = ()) -> list[Column]:
        """Return the columns that can be asked: findings that mean something and were not set aside, one a question."""
        given = [column for column in columns if column.attribute.given and self._can_be_asked(column.fact, told)]
        ordered = sorted(given, key=lambda column: asking_order(column.fact, column.attribute), reverse=True)
        return list({self._leads(column.fact): column for column in ordered}.values())[::-1]

    def _can_be_asked(self, fact: Fact, told: Collection[Fact] = ()) -> bool:
        return self._leads(fact) not in self.aside and is_due(fact, self.given, self.knowledge.vocabulary, told)

    def _leads(self, fact: Fact) -> Fact:
        """Return the input that leads the question to which an input belongs."""
        return fact.subject.fact(self.knowledge.vocabulary.asked_together(fact.attribute)[0])

    def _deciding(self, forking: Forking, table: DecisionTable) -> Iterator[Next]:
        """Yield the findings that tell in which row of a table a patient is, in a board's order.

        For an assessment, or a finding that is not known, those that feed it and rule something out, or else all of them.
        """
        asked: dict[Fact | None, Next] = {}
        for column in table.columns:
            for following in self._telling(forking, column):
                asked.setdefault(following.fact, following)
        yield from list(asked.values())[:MOST_NEXT]

    def _telling(self, forking: Forking, column: Column) -> Iterator[Next]:
        if findings := self._asked([column]):
            yield from (self._asking(one.fact, tuple(self._brings(forking, one, ()))) for one in findings)
            return
        feeding = [c for c in forking.columns if self._feeds(c.fact.attribute, column)]
        upstream = self._asked(forking.narrowing(feeding))
        for finding in upstream:
            brings = self._brings(forking, finding, ()) if finding.fits_a_table else ()
            yield self._asking(finding.fact, tuple(brings))
        for fact in [] if upstream else self._upstream(forking.lesion):
            if self._feeds(fact.attribute, column) and self.knowledge.vocabulary[fact.attribute].class_ == "finding":
                yield self._asking(fact)

    def _feeds(self, name: str, column: Column) -> bool:
        return column.attribute.id in self.knowledge.downstream(name)

    def _asking(self, fact: Fact, brings: tuple[Brings, ...] = ()) -> Next:
        return asking(fact, self.knowledge.vocabulary, brings)

    def _upstream(self, lesion: Subject) -> list[Fact]:
        """Return the unknown inputs upstream of what is recommended, findings before all else."""
        facts = (fact for fact in self.completions.unknown if fact.subject in (PATIENT, lesion))
        found = [
            fact for fact in facts if "status" in self.knowledge.downstream(fact.attribute) and self._can_be_asked(fact)
        ]
        attributes = self.knowledge.vocabulary
        found = list(dict.fromkeys(self._leads(fact) for fact in found))
        return sorted(
            found, key=lambda f: (attributes[f.attribute].class_ != "finding", asking_order(f, attributes[f.attribute]))
        )

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
        marked = self.case.measures
        for measure in (m for m in self.knowledge.measures.values() if m.finds and m.id not in marked):
            calls = [self.callers.get((measure.id, str(subject)), FALSE) for subject in (PATIENT, lesion)]
            if not all(self.solver.can_be(-call, *when, *usual) for call in calls):
                yield measure.id

    def _test(self, measure: str) -> Next:
        return Next(kind="test", text=self.knowledge.measures[measure].label, measure=measure)

    def _could_change(self, lesion: Subject, test: str, now: Collection[Outcome] = ()) -> bool:
        """Tell whether something else than `now` could be recommended if a test found otherwise what the case says."""
        if (lesion, test) not in self._retested:
            self._retested[lesion, test] = self._if_retested(lesion, test)
        return any(outcome and outcome not in now for outcome in self._retested[lesion, test])

    def _if_retested(self, lesion: Subject, test: str) -> frozenset[Outcome]:
        """Return every outcome while what a test finds is not known."""
        found = {(about, name): None for about in ("", lesion.lesion) for name in self.knowledge.measures[test].finds}
        reopened = Completions(self.knowledge, self.case.with_given(found), CoherentEncoding)
        return frozenset(outcome for outcome, _ in reopened.outcomes(lesion, Conditions(reopened).literals))

    # --- measures and dangers ----------------------------------------------------------------------------------

    def measures(self) -> Iterator[Called]:
        """Yield every measure that may be called for in a patient of whom all is as supposed."""
        for (measure, subject), call in self.callers.items():
            if measure not in self.case.measures and (called := self._called(measure, subject, call)) is not None:
                yield called

    def dangers(self) -> Iterator[Called]:
        """Yield every danger that may be told of in a patient of whom all is as supposed."""
        for rule in self.knowledge.rules.values():
            if rule.tells_of_danger:
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


def _when(column: Column, reading: Reading) -> When:
    subject, name = column.fact
    attribute = column.attribute
    settled, values = reading.settled, attribute.on_steps(reading.values)
    text = attribute.sentence(values)
    if values == attribute.domain:
        text = f"{attribute.label}: " + ("settled, whichever way" if settled else "not settled")
    return When(fact=subject.fact(name), values=attribute.dump(values), settled=settled, text=text)


def asking(fact: Fact, vocabulary: Vocabulary, brings: tuple[Brings, ...] = ()) -> Next:
    """Return the question that an input belongs to, as something to find out next."""
    subject, name = fact.subject, vocabulary.asked_together(fact.attribute)[0]
    attribute = vocabulary[name]
    return Next(
        kind="finding",
        text=attribute.asking,
        fact=subject.fact(name),
        cost=attribute.effort,
        brings=brings if name == fact.attribute else (),
    )


def _decided(following: Next) -> float:
    """Return the share of the answers to a question after which one outcome is left."""
    return sum(len(brings.possible) == 1 for brings in following.brings) / max(len(following.brings), 1)


def _sorted(outcome: Outcome) -> tuple[str, ...]:
    return tuple(sorted(outcome))
