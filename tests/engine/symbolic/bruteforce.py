"""What is settled, found the slow way: every completion is run through the engine, and everything is counted on the list.

Contradictory completions are dropped. Nothing here knows of circuits; only the cells of numbers, which define which
answers to a question are counted as different, are taken from the code under test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from toys import case_from, every_completion, overlap

from cases import case_of
from cases.model import Case
from engine import Reasoner
from engine.analysis.certainty import Settledness, settledness
from engine.analysis.value_of_information import COSTS
from engine.inference.session import Consultation
from engine.inference.subjects import Fact as Told
from engine.inference.subjects import Subject
from engine.inference.trace import MeasureConclusion
from engine.symbolic.completions import Completions
from engine.symbolic.partition import Cells
from knowledge_base import KnowledgeBase
from knowledge_base.language.domains import Choices, Numbers, Subsets, Values
from knowledge_base.text.strict_yaml import Document

Fact = tuple[str, str]  # subject, attribute
RECOMMENDED = Choices(frozenset({"recommended"}))


@dataclass(frozen=True)
class Result:
    """What the engine makes of one case."""

    outcomes: dict[str, frozenset[str]]
    measures: frozenset[tuple[str, str]]
    is_coherent: bool
    fired: frozenset[tuple[str, str]]


def run(reasoner: Reasoner, case: Case) -> Result:
    consultation = reasoner.consult(case)
    return Result(
        {lesion.id: recommended(consultation, lesion.id) for lesion in case.lesions},
        frozenset(_called(consultation)),
        not consultation.trace.contradictions,
        frozenset((f.rule, f.subject) for f in consultation.trace.firings),
    )


def _called(consultation: Consultation) -> Iterator[tuple[str, str]]:
    for firing in consultation.trace.firings:
        for conclusion in firing.conclusions:
            if isinstance(conclusion, MeasureConclusion):
                yield conclusion.measure, firing.subject


def recommended(consultation: Consultation, lesion: str) -> frozenset[str]:
    """Return what is recommended; nothing when rules contradict each other about the patient or the lesion."""
    state = consultation.state
    for clash in consultation.trace.contradictions:
        if clash.between == "rules" and clash.fact.subject.lesion in ("", lesion):
            return frozenset()
    return frozenset(p for p in state.knowledge.pathways if state.value(Subject(lesion, p), "status") == RECOMMENDED)


def given_of(case: Case) -> dict[Fact, Values]:
    found = {("patient", name): values for name, values in case.patient.items()}
    return found | {(x.id, name): values for x in case.lesions for name, values in x.given.items()}


def facts_of(knowledge: KnowledgeBase, case: Case) -> dict[Fact, Values | None]:
    """Return everything that a case could give, with what it gives."""
    given = given_of(case)
    subjects = [("patient", "patient"), *((lesion.id, "lesion") for lesion in case.lesions)]
    every = [(who, a.id) for who, kind in subjects for a in knowledge.vocabulary.given_of(kind)]
    return {fact: given.get(fact) for fact in every}


class Bruteforce:
    """All coherent completions of one case, with what the engine makes of each."""

    def __init__(self, knowledge: KnowledgeBase, reasoner: Reasoner, case: Case) -> None:
        self.knowledge, self.reasoner, self.case = knowledge, reasoner, case
        every = [(given_of(c), run(reasoner, c)) for c in every_completion(knowledge, case)]
        self.completions = [(given, result) for given, result in every if result.is_coherent]
        self.lesions = [lesion.id for lesion in case.lesions]
        self.cells = Cells(knowledge, case)
        self.now = run(reasoner, case)

    def outcomes(self, lesion: str) -> set[frozenset[str]]:
        return {result.outcomes[lesion] for _, result in self.completions}

    @cached_property
    def unknown(self) -> list[Fact]:
        found = facts_of(self.knowledge, self.case)
        return [fact for fact, values in found.items() if values is None or not values.is_single]

    def with_answer(self, fact: Fact, answer: Values) -> list[Result]:
        return [result for given, result in self.completions if fact in given and holds(given[fact], answer)]

    def answers(self, fact: Fact) -> list[Values]:
        """Return the answers that are counted as different and that some completion gives."""
        attribute = self.knowledge.vocabulary[fact[1]]
        if attribute.type == "several":
            every = [attribute.read([name]) for name in attribute.names]
        else:
            every = list(self.cells.of(fact[1]))
        return [answer for answer in every if self.with_answer(fact, answer)]

    def figures(self, fact: Fact, usually: bool = False) -> tuple[Fraction, Fraction]:
        """Return the share of outcomes (of the usual patient) that an answer rules out on average, and at least."""
        among = self.usual if usually else self.completions
        every = {x: {r.outcomes[x] for _, r in among} for x in self.lesions}
        open_lesions = [lesion for lesion in self.lesions if len(every[lesion]) > 1]
        shares = []
        for answer in self.answers(fact) if open_lesions else ():
            left = [result for given, result in among if fact in given and holds(given[fact], answer)]
            if left:
                each = [Fraction(len({r.outcomes[x] for r in left}), len(every[x])) for x in open_lesions]
                shares.append(sum(each, Fraction()) / len(each))
        return (1 - sum(shares, Fraction()) / len(shares), 1 - max(shares)) if shares else (Fraction(0), Fraction(0))

    @cached_property
    def usual(self) -> list[tuple[dict[Fact, Values], Result]]:
        """The completions of the usual patient: usual in as much as some completion can be."""
        left = self.completions
        for fact in sorted(self.unknown, key=lambda fact: ("" if fact[0] == "patient" else fact[0], fact[1])):
            attribute = self.knowledge.vocabulary[fact[1]]
            if attribute.may_stay_unsaid:
                fewer = [(given, result) for given, result in left if fact not in given]
            elif (usual := attribute.usual_values) is not None:
                fewer = [(given, result) for given, result in left if fact in given and overlap(given[fact], usual)]
            else:
                continue
            left = fewer or left
        return left


def holds(value: Values, answer: Values) -> bool:
    return value == answer if isinstance(value, Subsets) else not (value & answer).is_empty  # type: ignore[operator]


class Comparison:
    """What the symbolic reading says of a case beside the brute force."""

    def __init__(self, knowledge: KnowledgeBase, reasoner: Reasoner, case: Case) -> None:
        self.slow = Bruteforce(knowledge, reasoner, case)
        now = self.slow.now
        said = {lesion: tuple(sorted(outcome)) for lesion, outcome in now.outcomes.items()}
        self.fast: Settledness = settledness(Completions(knowledge, case), said, set(now.measures))
        self.knowledge, self.reasoner = knowledge, reasoner

    def differences(self) -> list[str]:
        if not self.slow.completions:
            wrong = [x.certainty for x in self.fast.lesions if x.certainty != "contradictory"]
            return [f"no completion, but {wrong}"] if wrong else []
        checks = (
            self.outcomes,
            self.decisive,
            self.witnesses,
            self.rules,
            self.measures,
            self.questions,
            self.not_needed,
        )
        return [text for check in checks for text in check()]

    def outcomes(self) -> Iterator[str]:
        for lesion in self.fast.lesions:
            found = {frozenset(p.recommended) for p in lesion.possible}
            if found != self.slow.outcomes(lesion.lesion) or len(found) != len(lesion.possible):
                yield f"outcomes of {lesion.lesion}: {found} but {self.slow.outcomes(lesion.lesion)}"
            now = self.slow.now.outcomes[lesion.lesion]
            expected = "firm" if len(found) == 1 else "provisional" if now else "undetermined"
            if lesion.certainty != expected:
                yield f"{lesion.lesion} is {lesion.certainty} but {expected}"
            if [frozenset(p.recommended) for p in lesion.possible if p.is_current] != [x for x in found if x == now]:
                yield f"{lesion.lesion}: the current outcome is not {now}"

    def decisive(self) -> Iterator[str]:
        """Each set of decisive answers forces its outcome (with the witness's silences), and fewer do not."""
        for lesion in self.fast.lesions:
            for possibility in lesion.possible:
                outcome = frozenset(possibility.recommended)
                answers = {
                    self.fact(a.fact): self.knowledge.vocabulary[a.fact.attribute].read(a.values)
                    for a in possibility.decisive
                }
                silent = set(self.slow.unknown) - set(given_of(self.read(possibility.witness)))
                if self.left(lesion.lesion, answers, silent) != {outcome}:
                    yield f"{lesion.lesion}: {answers} do not force {set(outcome)}"
                for idle in answers:
                    fewer = {fact: values for fact, values in answers.items() if fact != idle}
                    if self.left(lesion.lesion, fewer, silent) == {outcome}:
                        yield f"{lesion.lesion}: {idle} is idle in {answers} for {set(outcome)}"

    def left(self, lesion: str, answers: dict[Fact, Values], silent: set[Fact]) -> set[frozenset[str]]:
        answers = {fact: self.cell(fact, value) for fact, value in answers.items()}
        return {
            result.outcomes[lesion]
            for given, result in self.slow.completions
            if silent.isdisjoint(given)
            and all(fact in given and holds(given[fact], value) for fact, value in answers.items())
        }

    def cell(self, fact: Fact, value: Values) -> Values:
        if not isinstance(value, Numbers):
            return value
        return next(c for c in self.slow.cells.of(fact[1]) if isinstance(c, Numbers) and not (c & value).is_empty)

    def witnesses(self) -> Iterator[str]:
        for lesion in self.fast.lesions:
            for possibility in lesion.possible:
                witness = self.read(possibility.witness)
                result = run(self.reasoner, witness)
                if not result.is_coherent or result.outcomes[lesion.lesion] != frozenset(possibility.recommended):
                    yield f"{lesion.lesion}: the witness of {possibility.recommended} runs to {result.outcomes}"
                given, found = given_of(self.slow.case), given_of(witness)
                if any(fact not in found or not _within(found[fact], values) for fact, values in given.items()):
                    yield f"{lesion.lesion}: the witness of {possibility.recommended} is another patient"

    def read(self, data: dict) -> Case:
        return case_of(Document("witness", data, {}), self.knowledge)

    def rules(self) -> Iterator[str]:
        for lesion in self.fast.lesions:
            for possibility in lesion.possible:
                outcome = frozenset(possibility.recommended)
                rules = {r.id for p in outcome for r in self.knowledge.arguers.get((p, "recommend"), ())}
                fired = {
                    rule
                    for _, result in self.slow.completions
                    if result.outcomes[lesion.lesion] == outcome
                    for rule, subject in result.fired
                    if rule in rules and subject.split("/")[0] in ("patient", lesion.lesion)
                }
                if set(possibility.rules) != fired:
                    yield f"{lesion.lesion}: {possibility.rules} recommend {set(outcome)}, but {fired}"

    def measures(self) -> Iterator[str]:
        every = [result.measures for _, result in self.slow.completions]
        some, all_of = frozenset.union(*every), frozenset.intersection(*every)
        expected = {m: "firm" if m in all_of else "possible" for m in some | self.slow.now.measures}
        found = {(m.measure, m.subject): m.certainty for m in self.fast.measures}
        if found != expected:
            yield f"measures {found} but {expected}"
        if {(m.measure, m.subject) for m in self.fast.measures if m.called} != self.slow.now.measures:
            yield "measures called now"

    def questions(self) -> Iterator[str]:
        found = {self.fact(q.fact): (q.narrows, q.narrows_at_least, q.narrows_usually) for q in self.fast.questions}
        exact = {fact: (self.slow.figures(fact), self.slow.figures(fact, usually=True)) for fact in found}
        rounded = {fact: tuple(round(float(x), 4) for x in (*all_, usual[0])) for fact, (all_, usual) in exact.items()}
        if found != rounded:
            yield f"figures {found} but {rounded}"
        cost = {fact: self.knowledge.vocabulary[fact[1]].cost for fact in found}
        narrowing = {fact: usual if usual[0] else all_ for fact, (all_, usual) in exact.items()}
        order = sorted(
            found, key=lambda f: (not exact[f][1][0], -narrowing[f][0] / COSTS[cost[f]], -narrowing[f][1], f)
        )
        if list(found) != order:
            yield f"order {list(found)} but {order}"

    def not_needed(self) -> Iterator[str]:
        """An input named as not needed changes nothing, whatever it is, and whatever the others are."""
        idle = {self.fact(text) for text in self.fast.not_needed}
        asked = {self.fact(q.fact) for q in self.fast.questions}
        if idle | asked != set(self.slow.unknown) or idle & asked:
            yield f"asked {asked} and not needed {idle} are not {self.slow.unknown}"
        for lesion in self.slow.lesions:
            by_rest: dict[object, frozenset[str]] = {}
            for given, result in self.slow.completions:
                rest = tuple((fact, given.get(fact)) for fact in self.slow.unknown if fact not in idle)
                if by_rest.setdefault(rest, result.outcomes[lesion]) != result.outcomes[lesion]:
                    yield f"{lesion} hangs on one of {idle}"
                    break
            for fact in idle:
                for answer in self.slow.answers(fact):
                    left = {r.outcomes[lesion] for r in self.slow.with_answer(fact, answer)}
                    if left != self.slow.outcomes(lesion):
                        yield f"{fact} is named as not needed, but {answer} leaves {left}"

    def fact(self, told: Told) -> Fact:
        return str(told.subject), told.attribute


def _within(value: Values, given: Values) -> bool:
    return value == given or holds(value, given)


def changed(case: Case, values: dict[Fact, Values]) -> Case:
    """Return the case with some of what is given replaced."""
    given = given_of(case) | values
    return case_from(
        [x.id for x in case.lesions], {("" if who == "patient" else who, n): v for (who, n), v in given.items()}
    )
