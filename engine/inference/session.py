"""One consultation: a case goes in, Experta fires the rules, and the trace is written while they fire."""

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from threading import Lock

from cases.model import Case
from engine.inference.compiler import ANCHORS, SETTLING, SIDE, Bound, Compiler
from engine.inference.experta_adapter import Engine
from engine.inference.production import EngineFact, Memory
from engine.inference.score_steps import result
from engine.inference.subjects import PATIENT, Fact, Subject
from engine.inference.trace import (
    AlertConclusion,
    ArgumentConclusion,
    AskConclusion,
    Claim,
    Concluded,
    Contradiction,
    FactRecord,
    Firing,
    MeasureConclusion,
    Premise,
    SetConclusion,
    Trace,
)
from engine.inference.working_memory import ARGUED, WorkingMemory
from knowledge_base.language.conditions import (
    Condition,
    Leaf,
    Line,
    Quantified,
    count_of_alternatives,
    leaves,
    truth,
)
from knowledge_base.language.domains import Numbers, Subsets, Values
from knowledge_base.language.hazards import Hazard
from knowledge_base.language.knowledge import ByIdentity, KnowledgeBase, Unit
from knowledge_base.language.predicates import Truth
from knowledge_base.language.rules import (
    AlertEntry,
    Argue,
    Ask,
    Basis,
    Conclusion,
    MeasureEntry,
    Rule,
    SetTo,
    Step,
    is_for_handbook,
    weakest,
)
from knowledge_base.language.vocabulary import SUBJECT_KINDS, Attribute


class Reasoner:
    """A knowledge base compiled to Experta; consults one case after another, with any side of its disputes on.

    Threads may share it: their consultations take turns.
    """

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge
        self._current: Consultation | None = None
        self._turn = Lock()
        self._compiler = Compiler(knowledge, self._consultation)
        self._engine = Engine(self._compiler.productions())

    def consult(self, case: Case, knowledge: KnowledgeBase | None = None) -> "Consultation":
        """Return the finished consultation of a case: its state and its trace.

        `knowledge` is the same knowledge base with other sides on (see `KnowledgeBase.with_side`).
        """
        consultation = Consultation(WorkingMemory(knowledge or self.knowledge, case), self._compiler)
        with self._turn:
            self._current = consultation
            try:
                self._engine.run(consultation.initial_facts())
            finally:
                self._current = None
        return consultation

    def _consultation(self) -> "Consultation":
        assert self._current is not None, "a rule fired outside a consultation"
        return self._current


def reasoner_of(knowledge: KnowledgeBase) -> Reasoner:
    """Return a knowledge base compiled, once for each."""
    return _compiled(ByIdentity(knowledge))


@lru_cache(maxsize=8)
def _compiled(held: ByIdentity) -> Reasoner:
    return Reasoner(held.base)


class Consultation:
    """Handles the firings of one run: records them, collects claims, and settles one stratum after another."""

    def __init__(self, state: WorkingMemory, compiler: Compiler) -> None:
        self.state = state
        self._compiler = compiler
        self._firings: list[Firing] = []
        self._by_id: dict[str, Firing] = {}
        self._facts: dict[Fact, FactRecord] = {}
        self._settled: dict[Fact, EngineFact] = {}
        self._contradictions: list[Contradiction] = []
        self.hazards: dict[Subject, tuple[Hazard, ...]] = {}  # by lesion, those that have happened, once asked for

    @property
    def firings(self) -> tuple[Firing, ...]:
        """The rules and steps that have fired, in order."""
        return tuple(self._firings)

    def firings_about(self, lesion: Subject) -> list[Firing]:
        """Return the firings for the patient, a lesion and its options, in order."""
        about = {str(PATIENT), str(lesion), *map(str, self.state.subjects_below("option", lesion))}
        return [firing for firing in self._firings if firing.subject in about]

    @cached_property
    def trace(self) -> Trace:
        """Everything that happened, once it has."""
        return Trace(
            facts=tuple(self._facts[name] for name in sorted(self._facts, key=str)),
            firings=tuple(self._firings),
            contradictions=tuple(self._contradictions),
        )

    def initial_facts(self) -> Iterator[EngineFact]:
        """Yield whom the case is about, the sides that are on, and the strata to be settled."""
        for kind in SUBJECT_KINDS:
            for subject in self.state.subjects(kind):
                yield EngineFact(ANCHORS[kind], _joins(subject))
        for dispute, side in self.state.knowledge.sides.items():
            yield EngineFact(SIDE, {"dispute": dispute, "side": side})
        for level in range(self.state.knowledge.last_level + 1):
            yield EngineFact(SETTLING, {"level": level})

    # --- rules and steps ---------------------------------------------------------------------------------------

    def rule_fired(self, rule: Rule, alternative: int, bound: Bound) -> None:
        """Record the firing of one alternative of a rule, by the facts that Experta bound."""
        premises = [p for leaf, fact in bound.met for p in self._premises(leaf, fact, surely=True)]
        read = {one.kind for _, fact in bound.met for seen in ((fact,), *fact.found_from) for one in seen}
        premises += [self._premise(f, "as it is", "then.set") for f in bound.taken if f.kind not in read]
        absent = [p for leaf, fact in bound.absent for p in self._premises(leaf, fact, surely=False)]
        suffix = f"#{alternative + 1}" if count_of_alternatives(rule.when) > 1 else ""
        conclusions = tuple(self._filled(conclusion, bound) for conclusion in rule.conclusions)
        self._record(rule, f"{rule.id}@{bound.subject}{suffix}", bound.subject, premises, absent, conclusions)

    def step_fired(self, step: Step, bound: Bound) -> None:
        """Record the firing of one step of a score, by the facts that Experta bound."""
        premises = [self._premise(fact, "known so far", f"reads.{fact.kind}") for fact in bound.taken]
        conclusion = SetTo(attribute=step.attribute, values=result(step, [_values(fact) for fact in bound.taken]))
        self._record(step, f"{step.id}@{bound.subject}", bound.subject, premises, [], (conclusion,))

    def _filled(self, conclusion: Conclusion, bound: Bound) -> Conclusion:
        """Return a conclusion; one that copies or counts what a fact is, with the values that the bound fact gives."""
        if not isinstance(conclusion, SetTo) or conclusion.values is not None:
            return conclusion
        taken = next(_values(fact) for fact in bound.taken if fact.kind == conclusion.reads)
        if conclusion.count_of and isinstance(taken, Subsets):
            taken = Numbers.between(len(taken.required), len(taken.allowed), whole=True)
        return SetTo(attribute=conclusion.attribute, values=taken)

    def _record(
        self,
        unit: Unit,
        firing_id: str,
        subject: Subject,
        premises: list[Premise],
        absent: list[Premise],
        conclusions: tuple[Conclusion, ...],
    ) -> None:
        firing = Firing(
            sequence=len(self._firings) + 1,
            id=firing_id,
            rule=unit.id,
            version=unit.version,
            subject=str(subject),
            stratum=self.state.knowledge.stratum(unit),
            title=unit.title,
            because=unit.because,
            basis=unit.basis,
            chain_basis=self._chain_basis(unit.basis, premises),
            premises=tuple(premises),
            absent=tuple(absent),
            conclusions=tuple(
                self._concluded(conclusion, subject, firing_id)
                for conclusion in conclusions
                if not is_for_handbook(conclusion)
            ),
        )
        self._firings.append(firing)
        self._by_id[firing.id] = firing

    def _concluded(self, conclusion: Conclusion, subject: Subject, firing_id: str) -> Concluded:
        """Put a conclusion into effect, and return its record."""
        vocabulary = self.state.knowledge.vocabulary
        if isinstance(conclusion, SetTo):
            attribute = vocabulary[conclusion.attribute]
            about = subject.at(attribute.of)
            values = conclusion.values
            assert values is not None, "filled from what was bound"
            self.state.claims.setdefault((about, attribute.id), []).append((firing_id, values))
            text = attribute.sentence(values)
            return SetConclusion(fact=about.fact(attribute.id), values=attribute.dump(values), text=text)
        if isinstance(conclusion, Argue):
            option = Subject(subject.lesion, conclusion.pathway)
            self.state.arguments.setdefault((option, conclusion.stance), []).append(firing_id)
            return ArgumentConclusion(lesion=subject.lesion, pathway=conclusion.pathway, stance=conclusion.stance)
        if isinstance(conclusion, MeasureEntry):
            return MeasureConclusion(measure=conclusion.measure, urgency=conclusion.urgency)
        if isinstance(conclusion, AlertEntry):
            assert conclusion.level != "handbook"
            return AlertConclusion(level=conclusion.level, text=conclusion.text)
        assert isinstance(conclusion, Ask)
        return AskConclusion(fact=subject.at(vocabulary[conclusion.attribute].of).fact(conclusion.attribute))

    # --- premises: what Experta matched, never worked out again -----------------------------------------------------

    def _premises(self, leaf: Leaf, fact: EngineFact, surely: bool) -> Iterator[Premise]:
        """Yield the facts that meet a line, or (not surely) those that were looked at for a line of `unless`."""
        if isinstance(leaf, Line):
            yield self._premise(fact, leaf.text, leaf.path)
            return
        for seen in fact.found_from:
            found = {one.kind: one for one in seen}
            if surely and not leaf.every and _truth(leaf.condition, found) is not Truth.TRUE:
                continue
            for inner in leaves(leaf.condition):
                if isinstance(inner, Line) and (not surely or _truth(inner, found) is Truth.TRUE):
                    yield self._premise(found[inner.attribute], inner.text, inner.path)

    def _premise(self, fact: EngineFact, test: str, line: str) -> Premise:
        attribute, values = self.state.knowledge.vocabulary[fact.kind], _values(fact)
        text, about = attribute.sentence(values), _about(fact)
        return Premise(line=line, fact=about.fact(fact.kind), test=test, values=attribute.dump(values), text=text)

    def _chain_basis(self, own: Basis, premises: list[Premise]) -> Basis:
        supports = (support for p in premises for support in self._facts[p.fact].supports)
        return weakest([own, *(self._by_id[support].chain_basis for support in supports)])

    # --- settling ----------------------------------------------------------------------------------------------

    def stratum_done(self, level: int, memory: Memory) -> None:
        """Settle every attribute of a stratum, then every question over lesions or options that can now be answered."""
        knowledge = self.state.knowledge
        attributes = knowledge.settled_at.get(level, ())
        memory.declare(*(self._settle(about, a) for a in attributes for about in self.state.subjects(a.of)))
        questions = knowledge.answered_at.get(level, ())
        memory.declare(*(answer for question in questions for answer in self._answers(*question)))

    def _settle(self, subject: Subject, attribute: Attribute) -> EngineFact:
        """Settle an attribute, record what was found, and return it as the engine has it."""
        name = attribute.id
        voices = self.state.claims_on(subject, name)
        values = self.state.settle(subject, name)
        if values.is_empty:
            self._contradictions.append(self._contradiction(subject, name, voices))
            values = attribute.domain
        supports = tuple(by for by, _ in voices if by != "case")
        if name in ARGUED:
            supports = tuple(self.state.arguments.get((subject, ARGUED[name]), ()))
        self.state.values[subject, name] = values
        given = self.state.given.get(subject, {}).get(name)
        fact = subject.fact(name)
        self._facts[fact] = FactRecord(
            id=fact,
            subject=str(subject),
            attribute=name,
            letter=attribute.letter,
            values=attribute.dump(values),
            words=attribute.words(values),
            given=None if given is None else attribute.dump(given),
            given_words=None if given is None else attribute.words(given),
            supports=supports,
        )
        settled = EngineFact(name, {**_joins(subject), "values": values})
        self._settled[subject.fact(name)] = settled
        return settled

    def _answers(self, key: str, question: Quantified, names: tuple[str, ...]) -> Iterator[EngineFact]:
        """Yield the answers to a question, for each subject that rules ask it of, with what each was found from."""
        for subject in self.state.subjects("patient" if question.over == "lesion" else "lesion"):
            asked = self.state.asked_of(question, subject)
            seen = tuple(tuple(self._settled[self._at(other, name)] for name in names) for other in asked)
            truth = self.state.truth(question, subject)
            yield EngineFact(self._compiler.quantified[key], {**_joins(subject), "truth": truth}, seen)

    def _at(self, subject: Subject, name: str) -> Fact:
        return subject.at(self.state.knowledge.vocabulary[name].of).fact(name)

    # --- contradictions ----------------------------------------------------------------------------------------

    def _contradiction(self, subject: Subject, name: str, voices: list[tuple[str, Values]]) -> Contradiction:
        attribute = self.state.knowledge.vocabulary[name]
        fact = subject.fact(name)
        claims = tuple(
            Claim(by=by, values=attribute.dump(values), inputs=tuple(sorted(self._inputs(by, fact), key=str)))
            for by, values in voices
        )
        among_inputs = attribute.reconciles or any(by == "case" for by, _ in voices)
        said = "; ".join(self._voice(by, fact, values) for by, values in voices)
        where = f"{attribute.label} of {'the patient' if not subject.lesion else subject}"
        text = (
            f"What is given cannot all be true of the {where}: {said}. It is treated as not known; check the inputs."
            if among_inputs
            else f"Rules contradict each other on the {where}: {said}. There is no advice until the knowledge is mended."
        )
        return Contradiction(fact=fact, between="inputs" if among_inputs else "rules", claims=claims, text=text)

    def _voice(self, by: str, fact: Fact, values: Values) -> str:
        """Return a claim in words: who says so, from which inputs, and what it leaves."""
        words = self.state.knowledge.vocabulary[fact.attribute].words(values)
        if by == "case":
            return f"the case says {words}"
        given = ", ".join(self._given(fact) for fact in sorted(self._inputs(by, fact), key=str))
        rule = by.partition("@")[0]
        return f"{given} ({rule})" if given.endswith(f" {words}") else f"{given or 'no input'} means {words} ({rule})"

    def _given(self, fact: Fact) -> str:
        record = self._facts[fact]
        return f"{self.state.knowledge.vocabulary[record.attribute].label} {record.given_words}"

    def _inputs(self, by: str, fact: Fact) -> set[Fact]:
        """Return the given facts that a claim rests on."""
        if by == "case":
            return {fact}
        found: set[Fact] = set()
        for premise in self._by_id[by].premises:
            record = self._facts[premise.fact]
            if record.given is not None:
                found.add(record.id)
            for support in record.supports:
                found |= self._inputs(support, record.id)
        return found


def _joins(subject: Subject) -> dict[str, object]:
    fields: dict[str, object] = {}
    if subject.lesion:
        fields["lesion"] = subject.lesion
    if subject.pathway:
        fields["pathway"] = subject.pathway
    return fields


def _about(fact: EngineFact) -> Subject:
    """Return the subject of a fact."""
    return Subject(str(fact.fields.get("lesion", "")), str(fact.fields.get("pathway", "")))


def _values(fact: EngineFact) -> Values:
    values = fact.fields["values"]
    assert isinstance(values, Values)
    return values


def _truth(condition: Condition, found: Mapping[str, EngineFact]) -> Truth:
    """Return the truth of a condition of which every line is about one subject, in the light of the facts of it."""
    return truth(
        condition,
        lambda leaf: leaf.test.truth(_values(found[leaf.attribute])) if isinstance(leaf, Line) else Truth.OPEN,
    )
