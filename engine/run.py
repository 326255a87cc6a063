"""A consultation that is over, with the look-ups that every explanation of it needs.

Explanations read the state and the trace of the run itself; nothing is worked out a second time in another way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from cases.model import Case
from engine import Advice, Reasoner, advise
from engine.advice import KnowledgeStamp
from engine.inference.session import Consultation
from engine.inference.subjects import Subject, fact_of
from engine.inference.trace import FactRecord, Firing, Trace
from engine.inference.working_memory import ARGUED, State
from engine.invariants import hazards_of
from engine.verdicts import has_quarrel
from knowledge_base.language.conditions import Condition, Line, Quantified, leaves
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import Rule
from knowledge_base.language.vocabulary import Attribute


@dataclass(frozen=True)
class Run:
    """One case and the finished consultation of it; `reasoner` runs changed cases."""

    reasoner: Reasoner
    case: Case
    consultation: Consultation

    @classmethod
    def of(cls, case: Case, reasoner: Reasoner) -> "Run":
        """Consult on a case and return what came of it."""
        return cls(reasoner, case, reasoner.consult(case))

    @property
    def knowledge(self) -> KnowledgeBase:
        return self.reasoner.knowledge

    @property
    def state(self) -> State:
        return self.consultation.state

    @cached_property
    def trace(self) -> Trace:
        return self.consultation.trace

    @cached_property
    def facts(self) -> Mapping[str, FactRecord]:
        return {fact.id: fact for fact in self.trace.facts}

    @cached_property
    def firings(self) -> Mapping[str, Firing]:
        return {firing.id: firing for firing in self.trace.firings}

    @cached_property
    def advice(self) -> Advice:
        """The advice on the same case."""
        return advise(self.case, self.reasoner)

    @property
    def stamp(self) -> KnowledgeStamp:
        """Which knowledge was used."""
        return KnowledgeStamp.of(self.knowledge)

    # --- facts -------------------------------------------------------------------------------------------------

    def attribute(self, fact: str) -> Attribute:
        """Return the attribute that a fact is about."""
        return self.knowledge.vocabulary[fact.rpartition(".")[2]]

    def values(self, fact: str) -> Values:
        """Return what a fact may be, once settled."""
        return self.state.values[fact_of(fact)]

    def voices(self, fact: str) -> list[tuple[str, Values]]:
        """Return who spoke of a fact and what they said: "case", and the firings in order."""
        subject, name = fact_of(fact)
        if name in ARGUED:
            claimed = self.values(fact)
            return [(firing, claimed) for firing in self.state.arguments.get((subject, ARGUED[name]), ())]
        return self.state.claims_on(subject, name)

    def given(self) -> Iterator[str]:
        """Yield the facts that the case gives, the patient's first."""
        for subject, values in self.state.given.items():
            yield from (subject.fact(name) for name in values)

    def no_advice(self, lesion: str) -> str | None:
        """Return why there is no advice for a lesion, when rules contradict each other or a hazard would happen."""
        if lesion and has_quarrel(self.trace, Subject(lesion)):
            return f"{lesion}: no advice is given, because rules of the knowledge base contradict each other."
        if lesion and (hazards := hazards_of(self.consultation, Subject(lesion))):
            return f"{lesion}: no advice is given, because this would happen: {hazards[0].hazard} ({hazards[0].id})."
        return None

    def contradiction(self, fact: str) -> str | None:
        """Return what contradicts itself about a fact, as a sentence; None when nothing does."""
        return next((clash.text for clash in self.trace.contradictions if clash.fact == fact), None)

    def warnings(self, fact: str) -> tuple[str, ...]:
        """Return what a reader of an explanation of a fact must know first."""
        lesion = fact_of(fact)[0].lesion if fact else ""
        return tuple(text for text in (self.no_advice(lesion), self.contradiction(fact)) if text)

    def without(self, fact: str) -> "Run":
        """Run the case again without one of the facts it gives."""
        return Run.of(changed(self.case, {fact: None}), self.reasoner)


def changed(case: Case, changes: Mapping[str, Values | None]) -> Case:
    """Return a case in which some facts are given otherwise; None takes a fact away."""

    def given(about: str, before: Mapping[str, Values]) -> dict[str, Values]:
        mine = {fact.rpartition(".")[2]: v for fact, v in changes.items() if fact.rpartition(".")[0] == about}
        merged = {**before, **mine}
        return {name: values for name, values in sorted(merged.items()) if values is not None}

    lesions = tuple(replace(lesion, given=given(lesion.id, lesion.given)) for lesion in case.lesions)
    return replace(case, patient=given("patient", case.patient), lesions=lesions)


def lines_by_path(rule: Rule) -> Mapping[str, Line]:
    """Return every line of a rule by its place in it, those inside `some_…` and `every_…` too."""
    return {line.path: line for condition in (rule.when, rule.unless) for line in _lines(condition)}


def _lines(condition: Condition) -> Iterator[Line]:
    for leaf in leaves(condition):
        if isinstance(leaf, Quantified):
            yield from _lines(leaf.condition)
        else:
            yield leaf
