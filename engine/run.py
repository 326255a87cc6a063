"""One run of one case: consulted once, encoded once, and handed to whatever has to be said of it.

Advice and explanations read the state and the trace of the run itself; nothing is worked out a second time in another way.
Each part is made when it is first asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from cases.model import Case
from engine.advice import Advice, KnowledgeStamp, advice_on
from engine.analysis.certainty import Settledness, settledness
from engine.analysis.counterfactuals import Changing
from engine.analysis.disputes import disputes_of
from engine.analysis.lookahead import Lookahead
from engine.analysis.plan import CasePlan, Planner
from engine.analysis.questions import emergency_questions
from engine.analysis.sensitivity import neighbours
from engine.inference.session import Consultation, Reasoner
from engine.inference.subjects import Fact, Subject
from engine.inference.trace import FactRecord, Firing, Trace
from engine.inference.working_memory import ARGUED, WorkingMemory
from engine.invariants import hazards_of
from engine.symbolic.coherent import CoherentEncoding
from engine.symbolic.completions import Completions
from engine.verdicts import has_quarrel
from knowledge_base.language.conditions import Line
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import Rule
from knowledge_base.language.vocabulary import Attribute


def advise(case: Case, reasoner: Reasoner, settle: bool = False, vary: bool = False, plan: bool = False) -> Advice:
    """Return the advice on a case; see `Run.advised`."""
    return Run(case, reasoner).advised(settle, vary, plan)


@dataclass(frozen=True, eq=False)
class Run:
    """One case in the light of one knowledge base."""

    case: Case
    reasoner: Reasoner

    @property
    def knowledge(self) -> KnowledgeBase:
        return self.reasoner.knowledge

    @cached_property
    def consultation(self) -> Consultation:
        """The case as Experta ran it."""
        return self.reasoner.consult(self.case)

    @cached_property
    def completions(self) -> Completions:
        """Every way in which the patient could still turn out, ready to be asked."""
        return Completions(self.knowledge, self.case)

    @cached_property
    def changing(self) -> Changing:
        """The case with some of what is given changed, ready to be asked."""
        return Changing(self.consultation, self.reasoner)

    @property
    def state(self) -> WorkingMemory:
        return self.consultation.state

    @cached_property
    def trace(self) -> Trace:
        return self.consultation.trace

    @cached_property
    def facts(self) -> Mapping[Fact, FactRecord]:
        return {fact.id: fact for fact in self.trace.facts}

    @cached_property
    def firings(self) -> Mapping[str, Firing]:
        return {firing.id: firing for firing in self.trace.firings}

    # --- advice ------------------------------------------------------------------------------------------------

    @cached_property
    def advice(self) -> Advice:
        """The advice, with what disputed points bear on it."""
        disputes = disputes_of(self.case, self.reasoner, self.consultation)
        return advice_on(self.knowledge, self.case, self.consultation, disputes)

    @cached_property
    def settledness(self) -> Settledness:
        """What is settled of it, what is not, and what to ask next."""
        recommended = {lesion.id: lesion.recommended for lesion in self.advice.lesions}
        called = {(measure.measure, subject) for measure in self.advice.measures for subject in measure.subjects}
        return settledness(self.completions, recommended, called)

    @cached_property
    def planner(self) -> Planner:
        """The conditional plans of the case, ready to be asked.

        It asks completions of its own: which of several equally good witnesses a solver shows hangs on what it was asked
        before, and what is settled must read the same whether a plan was wanted or not.
        """
        return Planner(Completions(self.knowledge, self.case, CoherentEncoding))

    @cached_property
    def lookahead(self) -> Lookahead:
        """The plans as far as the next question hangs on them, ready to be asked."""
        return Lookahead(self.knowledge, self.case)

    @property
    def stopped(self) -> frozenset[str]:
        """The lesions for which contradicting rules or a hazard leave no advice."""
        return frozenset(lesion.id for lesion in self.advice.lesions if lesion.stopped)

    @cached_property
    def plans(self) -> CasePlan:
        """The conditional plan of every lesion."""
        return self.planner.plan(self.stopped, emergency_questions(self.state))

    def advised(self, settle: bool = False, vary: bool = False, plan: bool = False) -> Advice:
        """Return the advice.

        With `plan`, also the conditional plan of each lesion; with `settle`, what is settled, what is not, and what to ask
        next; with `vary`, what would change it, and how it stands one grade away.
        """
        advice = _settled(self.advice, self.settledness) if settle else self.advice
        advice = _planned(advice, self.plans) if plan else advice
        return self._varied(advice) if vary else advice

    def _varied(self, advice: Advice) -> Advice:
        lesions = tuple(
            lesion.model_copy(update={"changes": self.changing.changes(lesion.id)}) for lesion in advice.lesions
        )
        return advice.model_copy(
            update={"lesions": lesions, "neighbours": neighbours(self.consultation, self.reasoner)}
        )

    @property
    def stamp(self) -> KnowledgeStamp:
        """Which knowledge was used."""
        return KnowledgeStamp.of(self.knowledge)

    # --- facts -------------------------------------------------------------------------------------------------

    def attribute(self, fact: Fact) -> Attribute:
        """Return the attribute that a fact is about."""
        return self.knowledge.vocabulary[fact.attribute]

    def values(self, fact: Fact) -> Values:
        """Return what a fact may be, once settled."""
        return self.state.values[fact]

    def voices(self, fact: Fact) -> list[tuple[str, Values]]:
        """Return who spoke of a fact and what they said: "case", and the firings in order."""
        subject, name = fact
        if name in ARGUED:
            claimed = self.values(fact)
            return [(firing, claimed) for firing in self.state.arguments.get((subject, ARGUED[name]), ())]
        return self.state.claims_on(subject, name)

    def given(self) -> Iterator[Fact]:
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

    def contradiction(self, fact: Fact) -> str | None:
        """Return what contradicts itself about a fact, as a sentence; None when nothing does."""
        return next((clash.text for clash in self.trace.contradictions if clash.fact == fact), None)

    def warnings(self, fact: Fact) -> tuple[str, ...]:
        """Return what a reader of an explanation of a fact must know first."""
        return tuple(text for text in (self.no_advice(fact.subject.lesion), self.contradiction(fact)) if text)

    def without(self, fact: Fact) -> "Run":
        """Run the case again without one of the facts it gives."""
        return Run(changed(self.case, {fact: None}), self.reasoner)


def _planned(advice: Advice, found: CasePlan) -> Advice:
    lesions = tuple(lesion.model_copy(update={"plan": found.lesions[lesion.id]}) for lesion in advice.lesions)
    more = {"measures_planned": found.measures, "dangers_planned": found.dangers}
    return advice.model_copy(update={"lesions": lesions, **more})


def _settled(advice: Advice, found: Settledness) -> Advice:
    by_lesion = {lesion.lesion: lesion for lesion in found.lesions}
    lesions = tuple(
        lesion.model_copy(
            update={"certainty": by_lesion[lesion.id].certainty, "possible": by_lesion[lesion.id].possible}
        )
        for lesion in advice.lesions
    )
    more = {"questions": found.questions, "not_needed": found.not_needed, "measures_settled": found.measures}
    return advice.model_copy(update={"lesions": lesions, **more})


def changed(case: Case, changes: Mapping[Fact, Values | None]) -> Case:
    """Return a case in which some facts are given otherwise; None takes a fact away."""
    return case.with_given({(fact.subject.lesion, fact.attribute): values for fact, values in changes.items()})


def lines_by_path(rule: Rule) -> Mapping[str, Line]:
    """Return every line of a rule by its place in it, those inside `some_…` and `every_…` too."""
    return {line.path: line for line in rule.lines}
