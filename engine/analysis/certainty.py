"""How sure the advice is: settled whatever the unknown turns out to be, or not, and then what to ask.

`firm`: in every completion of the unknown inputs the same pathways are recommended. `provisional`: something is
recommended now, and other outcomes remain possible. `undetermined`: nothing is recommended now, and it may come out in
several ways. `contradictory`: the inputs cannot all be true of one patient.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from cases.writing import case_data
from engine.analysis.value_of_information import Question, ranked
from engine.inference.subjects import PATIENT, Fact, Subject
from engine.inference.trace import Json, Record
from engine.symbolic.completions import Completions, Outcome, completed
from engine.symbolic.cone_of_influence import Varying, needed
from engine.symbolic.solver import Model
from knowledge_base.language.domains import Values
from knowledge_base.language.rules import STANCES, Rule

Certainty = Literal["firm", "provisional", "undetermined", "contradictory"]


class OpenAnswer(Record):
    """One input and a value that it may turn out to have."""

    fact: Fact
    values: Json
    text: str = Field(description="the same in words, with the values that are as good")


class Possibility(Record):
    """One outcome that is possible, and a way the patient could still turn out that leads there."""

    recommended: tuple[str, ...]
    is_current: bool = Field(description="the same pathways as are recommended now")
    is_usual: bool = Field(description="the usual patient, without wish or exception, may come to it")
    decisive: tuple[OpenAnswer, ...] = Field(description="answers that force it, whatever else is known; none is idle")
    witness: dict[str, Any] = Field(
        description="a whole case in which every unknown input has a value; it runs to this"
    )
    rules: tuple[str, ...] = Field(
        description="rules that recommend these pathways in some completion with this outcome"
    )


class LesionCertainty(Record):
    lesion: str
    certainty: Certainty
    possible: tuple[Possibility, ...]


class MeasureCertainty(Record):
    """Whether a measure is called for in every completion, or only in some."""

    measure: str
    subject: str
    called: bool = Field(description="called for now")
    certainty: Literal["firm", "possible"]


class AskedQuestion(Record):
    """An unknown input that can still matter, most worthwhile first."""

    subject: str
    attribute: str
    fact: Fact
    question: str
    cost: str
    narrows: int | float = Field(
        description="share of the possible outcomes that an answer rules out on average, 0 to 1"
    )
    narrows_at_least: int | float = Field(description="the same for the answer that rules out least, 0 to 1")
    narrows_usually: int | float = Field(
        description="share of the outcomes possible for the usual patient that an answer rules out on average, 0 to 1; "
        "questions with one come first, for it and their cost, then the others, for `narrows` and their cost"
    )
    why: tuple[str, ...] = Field(description="the rules that read it, directly or through others, and are not decided")
    between: tuple[str, ...] = Field(
        description="the pathways that are recommended in some completions and not in others"
    )


class Settledness(Record):
    """What is settled and what is not, for a whole case."""

    lesions: tuple[LesionCertainty, ...]
    measures: tuple[MeasureCertainty, ...]
    questions: tuple[AskedQuestion, ...]
    not_needed: tuple[Fact, ...] = Field(description="unknown inputs that can no longer change what is recommended")


def settledness(
    completions: Completions, recommended: Mapping[str, tuple[str, ...]], called: set[tuple[str, str]]
) -> Settledness:
    """Return what is settled of the case whose completions these are.

    `recommended` and `called` are what the advice says now: pathways by lesion; measures with their subjects.
    """
    return _Settler(completions, recommended, called).settledness()


class _Settler:
    def __init__(
        self, completions: Completions, recommended: Mapping[str, tuple[str, ...]], called: set[tuple[str, str]]
    ) -> None:
        self.completions = completions
        self.knowledge = completions.knowledge
        self.recommended = recommended
        self.called = called
        lesions = [Subject(lesion.id) for lesion in completions.case.lesions]
        self.outcomes = {lesion: completions.outcomes(lesion) for lesion in lesions}
        self.models = [model for found in self.outcomes.values() for _, model in found]
        self.varying = Varying(completions, self.models)

    def settledness(self) -> Settledness:
        if not self.completions.is_possible:
            lesions = tuple(_contradictory(str(lesion)) for lesion in self.outcomes)
            return Settledness(lesions=lesions, measures=(), questions=(), not_needed=())
        matter = needed(self.completions, self.outcomes, self.varying)
        questions = ranked(self.completions, self.outcomes, matter, self.models) if matter else []
        asked = {question.subject.fact(question.attribute) for question in questions}
        return Settledness(
            lesions=tuple(self._lesion(lesion, found) for lesion, found in self.outcomes.items()),
            measures=tuple(self._measures()),
            questions=tuple(self._question(question) for question in questions),
            not_needed=tuple(sorted((fact for fact in self.completions.unknown if fact not in asked), key=str)),
        )

    def _lesion(self, lesion: Subject, found: list[tuple[Outcome, Model]]) -> LesionCertainty:
        now = frozenset(self.recommended[str(lesion)])
        if len(found) == 1:
            certainty: Certainty = "firm"
        else:
            certainty = "provisional" if now else "undetermined"
        possible = tuple(self._possibility(lesion, outcome, outcome == now) for outcome, _ in found)
        return LesionCertainty(lesion=str(lesion), certainty=certainty, possible=possible)

    def _possibility(self, lesion: Subject, outcome: Outcome, is_current: bool) -> Possibility:
        model, is_usual = self.completions.likeliest(lesion, outcome)
        answers = self.completions.answers(model)
        return Possibility(
            recommended=tuple(sorted(outcome)),
            is_current=is_current,
            is_usual=is_usual,
            decisive=tuple(self._answers(self.completions.decisive(lesion, outcome, model))),
            witness=case_data(completed(self.completions.case.patient_alone, answers.items()), self.knowledge),
            rules=tuple(self._rules(lesion, outcome)),
        )

    def _answers(self, answers: Mapping[Fact, Values]) -> Iterator[OpenAnswer]:
        for fact, values in sorted(answers.items(), key=lambda item: str(item[0])):
            attribute = self.knowledge.vocabulary[fact.attribute]
            as_good = self.completions.inputs[fact].as_good_as(values)
            yield OpenAnswer(fact=fact, values=attribute.dump(values), text=attribute.sentence(as_good))

    def _rules(self, lesion: Subject, outcome: Outcome) -> Iterator[str]:
        same = self.completions.encoding.is_outcome(lesion, outcome)
        rules = {rule.id: rule for p in outcome for rule in self.knowledge.arguers.get((p, "recommend"), ())}
        for rule in sorted(rules.values(), key=lambda rule: rule.id):
            fires = (self._fires(rule, s) for s in self.completions.encoding.below(rule.subject, lesion))
            if any(self.completions.solver.can_be(same, literal) for literal in fires):
                yield rule.id

    def _fires(self, rule: Rule, subject: Subject) -> int:
        return self.completions.encoding.fires(rule.id, subject)

    def _measures(self) -> Iterator[MeasureCertainty]:
        for (measure, subject), literals in self.completions.encoding.callers().items():
            certain = not self.completions.solver.can_be(*(-literal for literal in literals))
            called = (measure, subject) in self.called
            if certain or called or self.completions.solver.can_be(self.completions.encoding.circuit.any(literals)):
                certainty: Literal["firm", "possible"] = "firm" if certain else "possible"
                yield MeasureCertainty(measure=measure, subject=subject, called=called, certainty=certainty)

    # --- questions ---------------------------------------------------------------------------------------------

    def _question(self, question: Question) -> AskedQuestion:
        attribute = self.knowledge.vocabulary[question.attribute]
        return AskedQuestion(
            subject=str(question.subject),
            attribute=question.attribute,
            fact=question.subject.fact(question.attribute),
            question=attribute.asking,
            cost=question.cost,
            narrows=_share(question.expected),
            narrows_at_least=_share(question.worst),
            narrows_usually=_share(question.usually),
            why=tuple(sorted(set(self._undecided(question)))),
            between=tuple(
                sorted({pathway for lesion in self._asked_of(question) for pathway in self.disputed[lesion]})
            ),
        )

    def _asked_of(self, question: Question) -> list[Subject]:
        return [lesion for lesion in self.outcomes if question.subject in (PATIENT, lesion)]

    def _undecided(self, question: Question) -> Iterator[str]:
        """Yield the rules that still may or may not argue about a pathway in question, and that hang on this input."""
        downstream = self.knowledge.downstream(question.attribute)
        for lesion in self._asked_of(question):
            for pathway in self.disputed[lesion]:
                for rule in self._arguers(pathway):
                    if downstream.isdisjoint(rule.reads):
                        continue
                    about = self.completions.encoding.below(rule.subject, lesion)
                    if any(not self.varying.is_fixed(self._fires(rule, subject)) for subject in about):
                        yield rule.id

    def _arguers(self, pathway: str) -> Iterator[Rule]:
        for stance in STANCES:
            yield from self.knowledge.arguers.get((pathway, stance), ())

    @cached_property
    def disputed(self) -> Mapping[Subject, Outcome]:
        """For each lesion, the pathways that are recommended in some completions and not in others."""
        return {
            lesion: frozenset().union(*every) - frozenset.intersection(*every)
            for lesion, found in self.outcomes.items()
            for every in [[outcome for outcome, _ in found]]
            if every
        }


def _contradictory(lesion: str) -> LesionCertainty:
    return LesionCertainty(lesion=lesion, certainty="contradictory", possible=())


def _share(exact: Fraction) -> int | float:
    """Return a share to four places, as a whole number where it is one, so that its JSON is canonical."""
    rounded = round(float(exact), 4)
    return int(rounded) if rounded == int(rounded) else rounded
