"""What a plan claims, tried: each claim on completions that Experta has run, without the symbolic reading."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bruteforce import given_of, recommended
from toys import every_completion, overlap

from cases import case_of
from cases.model import Case
from engine import Reasoner
from engine.analysis.conditions import Condition
from engine.analysis.plan import Called, CasePlan, ForkRow, Next, Plan, When
from engine.inference.subjects import Subject
from engine.inference.trace import MeasureConclusion
from engine.inference.working_memory import WorkingMemory
from knowledge_base import KnowledgeBase
from knowledge_base.language.domains import Values
from knowledge_base.text.strict_yaml import Document

Fact = tuple[str, str]


@dataclass(frozen=True)
class Ran:
    """One completion, and what Experta made of it."""

    given: dict[Fact, Values]
    outcomes: dict[str, frozenset[str]]
    called: frozenset[tuple[str, str]]
    state: WorkingMemory
    is_coherent: bool


def looked_ahead(found: dict[str, Plan], conditions: bool) -> list[dict[str, Any]]:
    """Return what plans tell without witnesses, and of conditions nothing or all but the rules that make them matter."""
    told: Any = {"__all__": {"because"}} if conditions else True
    rows = {"__all__": {"conditions": told, "witness": True}}
    return [plan.model_dump(exclude={"conditions": told, "fork": {"rows": rows}}) for plan in found.values()]


def ran(reasoner: Reasoner, case: Case) -> Ran:
    consultation = reasoner.consult(case)
    firings = consultation.trace.firings
    measures = ((c.measure, f.subject) for f in firings for c in f.conclusions if isinstance(c, MeasureConclusion))
    return Ran(
        given_of(case),
        {lesion.id: recommended(consultation, lesion.id) for lesion in case.lesions},
        frozenset([*measures, *((f.rule, f.subject) for f in firings)]),
        consultation.state,
        not consultation.trace.contradictions,
    )


class Oracle:
    """Finds what is wrong with a plan, on all completions of a case (or on some of them)."""

    def __init__(self, knowledge: KnowledgeBase, reasoner: Reasoner, case: Case, some: Iterable[Case] | None = None):
        self.knowledge, self.reasoner, self.case = knowledge, reasoner, case
        self.is_exhaustive = some is None
        every = (ran(reasoner, c) for c in (every_completion(knowledge, case) if some is None else some))
        self.completions = [completion for completion in every if completion.is_coherent]

    @cached_property
    def usual(self) -> list[Ran]:
        """The completions of the usual patient: usual in as much as some completion can be."""
        known = {fact for fact, values in given_of(self.case).items() if values.is_single}
        subjects = [("patient", "patient"), *((lesion.id, "lesion") for lesion in self.case.lesions)]
        facts = {(who, a.id) for who, kind in subjects for a in self.knowledge.vocabulary.given_of(kind)} - known
        left = self.completions
        for fact in sorted(facts, key=lambda f: ("" if f[0] == "patient" else f[0], f[1])):
            left = [ran for ran in left if self.is_usual(fact, ran)] or left
        return left

    def is_usual(self, fact: Fact, completion: Ran) -> bool:
        attribute = self.knowledge.vocabulary[fact[1]]
        if attribute.may_stay_unsaid:
            return fact not in completion.given
        usual = attribute.usual_values
        return usual is None or overlap(completion.given[fact], usual)

    # --- what holds of a completion ----------------------------------------------------------------------------

    def holds(self, condition: Condition, completion: Ran) -> bool:
        value = completion.given.get((condition.subject, condition.attribute))
        if value is None:
            return condition.unsaid
        attribute = self.knowledge.vocabulary[condition.attribute]
        return condition.values is not None and overlap(value, attribute.read(condition.values))

    def is_so(self, when: When, completion: Ran) -> bool:
        who, name = str(when.fact.subject), when.fact.attribute
        attribute = self.knowledge.vocabulary[name]
        value = completion.given.get((who, name)) if attribute.given else None
        if value is None:
            value = completion.state.value(Subject.of(who), name)
        wanted = attribute.domain if when.values is None else attribute.read(when.values)
        within = (value & wanted) == value  # type: ignore[operator]
        settled = attribute.given or self.is_settled(name, value)
        return bool(within and settled == when.settled)

    def is_settled(self, name: str, value: Values) -> bool:
        """Tell whether an assessment has come to one of its cells."""
        cells = self.cells.of(name)
        return sum(overlap(value, cell) for cell in cells) == 1

    @cached_property
    def cells(self):
        from engine.symbolic.partition import Cells

        return Cells(self.knowledge, self.case)

    def in_row(self, row: ForkRow, completion: Ran) -> bool:
        return all(self.is_so(when, completion) for when in row.when)

    # --- what is wrong -----------------------------------------------------------------------------------------

    def faults(self, plan: CasePlan) -> Iterator[str]:
        if self.is_exhaustive and not self.completions:
            if any(p.kind != "open" or p.conditions or not p.next for p in plan.lesions.values()):
                yield "a plan for a patient who cannot be"
            return
        for lesion, one in plan.lesions.items():
            yield from (f"{lesion}: {fault}" for fault in self.faults_of(lesion, one))
        for called in (*plan.measures, *plan.dangers):
            yield from self.faults_called(called)

    def faults_of(self, lesion: str, plan: Plan) -> Iterator[str]:
        outcomes = {completion.outcomes[lesion] for completion in self.usual}
        if plan.kind in ("firm", "provided"):
            if (plan.kind == "firm") == bool(plan.conditions):
                yield f"{plan.kind} with {len(plan.conditions)} conditions"
            wanted = frozenset(plan.recommended)
            good = [completion.outcomes[lesion] == wanted for completion in self.completions]
            yield from self.faults_of_conditions(plan.conditions, self.completions, good)
        elif self.is_exhaustive and len(outcomes) < 2:
            yield f"{plan.kind}, though the usual patient has one outcome"
        if not plan.recommended and plan.kind != "forked" and not plan.next:
            yield "nothing is recommended and nothing is next"
        if (plan.kind == "forked") != (plan.fork is not None):
            yield "a fork that is none"
        if plan.fork is not None:
            yield from self.faults_of_rows(lesion, plan.fork.rows)

    def faults_of_rows(self, lesion: str, rows: Sequence[ForkRow]) -> Iterator[str]:
        if not 2 <= len(rows) <= 6 or any(len({w.fact for w in row.when}) > 3 for row in rows):
            yield "a table that is too large or too small"
        for completion in self.usual:
            if sum(self.in_row(row, completion) for row in rows) != 1:
                yield "a usual patient in no row, or in several"
            for following in (n for row in rows if self.in_row(row, completion) for n in row.next):
                yield from self.faults_of_next(lesion, following, completion)
        for i, row in enumerate(rows):
            inside = [completion for completion in self.completions if self.in_row(row, completion)]
            yield from (f"row {i}: {fault}" for fault in self.faults_of_row(lesion, row, inside))

    def faults_of_next(self, lesion: str, following: Next, completion: Ran) -> Iterator[str]:
        """Say whether an answer would leave less than the completion that gives it comes to."""
        for brings in following.brings if following.fact else ():
            who, name = str(following.fact.subject), following.fact.attribute
            is_given = overlap(completion.given[who, name], self.knowledge.vocabulary[name].read(brings.values))
            if is_given and tuple(sorted(completion.outcomes[lesion])) not in brings.possible:
                yield f"an answer that brings something else: {following.fact}"

    def faults_of_row(self, lesion: str, row: ForkRow, inside: list[Ran]) -> Iterator[str]:
        wanted = frozenset(row.recommended)
        witness = ran(self.reasoner, case_of(Document("witness", row.witness, {}), self.knowledge))
        if not witness.is_coherent or not self.in_row(row, witness):
            yield "a witness outside the row"
        if not row.decided:
            outcomes = {tuple(sorted(c.outcomes[lesion])) for c in self.usual if self.in_row(row, c)}
            if row.conditions or wanted or len(row.possible) < 2:
                yield "an undecided row that decides"
            if row.courses and set(row.courses) != {self.course(way) for way in row.possible}:
                yield "an undecided row that takes another course"
            if not outcomes <= set(row.possible) or (self.is_exhaustive and len(outcomes) < len(row.possible)):
                yield "an undecided row that says too little or too much of what is possible"
            return
        if row.possible or row.courses:
            yield "a decided row that is not"
        if not wanted and not row.next:
            yield "nothing is recommended and nothing is next"
        if witness.outcomes[lesion] != wanted or not all(self.holds(c, witness) for c in row.conditions):
            yield "a witness with another result"
        yield from self.faults_of_conditions(row.conditions, inside, [c.outcomes[lesion] == wanted for c in inside])

    def course(self, way: Iterable[str]) -> tuple[str, ...]:
        pathways = (self.knowledge.pathways[name] for name in way)
        return tuple(sorted({pathway.course or pathway.label for pathway in pathways}))

    def faults_called(self, called: Called) -> Iterator[str]:
        good = [(called.name, called.subject) in completion.called for completion in self.completions]
        if called.kind == "possible":
            if self.is_exhaustive and not any(good):
                yield f"{called.name}: never called for"
            return
        if (called.kind == "firm") == bool(called.conditions):
            yield f"{called.name}: {called.kind} with {len(called.conditions)} conditions"
        faults = self.faults_of_conditions(called.conditions, self.completions, good)
        yield from (f"{called.name}: {fault}" for fault in faults)

    def faults_of_conditions(
        self, conditions: Sequence[Condition], completions: list[Ran], good: list[bool]
    ) -> Iterator[str]:
        """Say where conditions do not suffice for something to be so of the completions, or one can be left out."""
        for condition in conditions:
            if self.knowledge.vocabulary[condition.attribute].class_ in (None, "finding"):
                yield f"a finding is supposed: {condition.fact}"
        meets = [[self.holds(condition, completion) for condition in conditions] for completion in completions]
        if not all(so for met, so in zip(meets, good, strict=True) if all(met)):
            yield "conditions that do not suffice"
        if self.is_exhaustive:
            if not any(all(met) for met in meets):
                yield "conditions that cannot hold"
            for i, condition in enumerate(conditions):
                if all(so for met, so in zip(meets, good, strict=True) if all(met[:i] + met[i + 1 :])):
                    yield f"an idle condition: {condition.fact}"
