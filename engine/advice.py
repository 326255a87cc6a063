"""What comes out: for each lesion the four assessments and a table of options, then measures, alerts, what is missing,
and the whole trace. One object, with a JSON Schema; the same case and knowledge give the same bytes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from pydantic import Field

from cases.model import Case, Mark
from engine.analysis.certainty import AskedQuestion, Certainty, MeasureCertainty, Possibility
from engine.analysis.contrasts import Changes
from engine.analysis.disputes import DisputeAdvice
from engine.analysis.plan import Called, Plan
from engine.analysis.sensitivity import Neighbours
from engine.inference.session import Consultation
from engine.inference.subjects import PATIENT, Fact, Subject
from engine.inference.trace import (
    AlertConclusion,
    AskConclusion,
    Contradiction,
    FactRecord,
    Firing,
    Json,
    MeasureConclusion,
    Record,
    Trace,
)
from engine.inference.working_memory import WorkingMemory
from engine.invariants import hazards_of
from engine.verdicts import STATUSES, Status, has_quarrel, status_of
from knowledge_base.grouping import grouped
from knowledge_base.language.entries import is_empty
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import (
    ALERT_LEVELS,
    FOR,
    STANCES,
    URGENCIES,
    AlertLevel,
    Basis,
    Citation,
    Stance,
    Urgency,
    weakest,
)
from knowledge_base.language.vocabulary import LETTERS

SomeConclusion = TypeVar("SomeConclusion", MeasureConclusion, AlertConclusion, AskConclusion)


class KnowledgeStamp(Record):
    """Which knowledge gave the advice."""

    id: str
    version: str
    digest: str = Field(description="SHA-256 of the canonical JSON of all entries")
    sides: dict[str, str] = Field(default_factory=dict, description="for each dispute, the side that is on")

    @classmethod
    def of(cls, knowledge: KnowledgeBase) -> "KnowledgeStamp":
        """Return the stamp of a knowledge base."""
        framework = knowledge.framework
        return cls(id=framework.id, version=framework.version, digest=knowledge.digest, sides=dict(knowledge.sides))


class Assessment(Record):
    """One headline finding under a letter of NOMS."""

    fact: Fact
    label: str
    values: Json
    text: str
    basis: Basis | None = Field(description="the weakest basis on its chain; null when given or unknown")


class Argument(Record):
    """One rule that spoke for or against a pathway."""

    stance: Stance
    rule: str
    firing: str
    title: str
    because: str
    sources: tuple[Citation, ...]
    basis: Basis = Field(description="the weakest basis on its chain")


class OpenArgument(Record):
    """A rule that might still speak, and the inputs it waits for."""

    stance: Stance
    rule: str
    title: str
    waits_for: tuple[Fact, ...]


class Option(Record):
    """A pathway for a lesion; an excluded one stays in the table with its reason."""

    pathway: str
    label: str
    status: Status
    basis: Basis | None
    arguments: tuple[Argument, ...]
    open_arguments: tuple[OpenArgument, ...]


class Missing(Record):
    """An input that is not known and on which arguments wait."""

    fact: Fact
    label: str
    question: str
    rules: tuple[str, ...] = Field(description="the rules that wait for it")


class HazardAverted(Record):
    """A hazard that would have happened: the advice for the lesion is held back."""

    id: str
    hazard: str
    harm: str
    control: tuple[str, ...] = Field(description="the rules that should have kept it from happening")


class LesionAdvice(Record):
    id: str
    assessments: dict[str, tuple[Assessment, ...]]
    options: tuple[Option, ...]
    recommended: tuple[str, ...]
    missing: tuple[Missing, ...]
    stopped: bool = Field(description="true when contradictory rules, or a hazard, leave no advice for this lesion")
    hazards: tuple[HazardAverted, ...] = Field(
        (), exclude_if=is_empty, description="hazards that would happen; left out when there is none"
    )
    certainty: Certainty | None = Field(None, description="null when it was not asked for")
    possible: tuple[Possibility, ...] = Field((), description="every outcome that a completion can lead to")
    plan: Plan | None = Field(None, description="what to do, under which conditions; null when it was not asked for")
    changes: Changes | None = Field(
        None, description="what would have to be given otherwise for another recommendation; null when not asked for"
    )


class Reason(Record):
    """One rule that calls for a measure, with its own sources."""

    rule: str
    firings: tuple[str, ...]
    because: str
    sources: tuple[Citation, ...]
    basis: Basis = Field(description="the weakest basis on its chain")


class MeasureAdvice(Record):
    """Something to do beside the pathway, with every rule that calls for it."""

    measure: str
    label: str
    urgency: Urgency
    subjects: tuple[str, ...]
    reasons: tuple[Reason, ...]


class MarkedMeasure(Record):
    """A measure that the case says is done or does not apply, and that is not called for again."""

    measure: str
    label: str
    mark: Mark


class Alert(Record):
    """Something the reader must see."""

    level: AlertLevel
    text: str
    rule: str
    subjects: tuple[str, ...]
    firings: tuple[str, ...]
    sources: tuple[Citation, ...]
    basis: Basis


class Datum(Record):
    """A datum that a rule asks for."""

    fact: Fact
    question: str
    firings: tuple[str, ...]


class Advice(Record):
    """Everything a consultation has to say, and how it came to say it."""

    case: str
    title: str | None
    knowledge_base: KnowledgeStamp
    notice: str
    patient: tuple[Assessment, ...]
    lesions: tuple[LesionAdvice, ...]
    measures: tuple[MeasureAdvice, ...]
    measures_marked: tuple[MarkedMeasure, ...] = Field((), description="what the case says is done or does not apply")
    alerts: tuple[Alert, ...]
    asks: tuple[Datum, ...]
    contradictions: tuple[Contradiction, ...]
    disputes: tuple[DisputeAdvice, ...] = Field((), description="disputed points on which the advice rests")
    questions: tuple[AskedQuestion, ...] = Field((), description="what to ask next, the most worthwhile first")
    not_needed: tuple[Fact, ...] = Field((), description="unknown inputs that can no longer change the outcome")
    measures_settled: tuple[MeasureCertainty, ...] = Field(
        (), description="measures called for in some or all completions"
    )
    measures_planned: tuple[Called, ...] = Field(
        (), description="measures that a plan calls for: whatever turns out, provided conditions hold, or possibly"
    )
    dangers_planned: tuple[Called, ...] = Field((), description="the same for rules that tell of a danger")
    neighbours: Neighbours | None = Field(
        None, description="whether it holds when a disputed reading is a grade away; null when not asked for"
    )
    firings: tuple[Firing, ...]
    facts: tuple[FactRecord, ...]

    @property
    def is_complete(self) -> bool:
        """Tell whether advice could be given for every lesion: no rules contradict each other."""
        return not any(lesion.stopped for lesion in self.lesions)


def advice_on(
    knowledge: KnowledgeBase, case: Case, consultation: Consultation, disputes: tuple[DisputeAdvice, ...]
) -> Advice:
    """Return what a finished consultation advises; nothing yet of what is settled or would change it."""
    return _AdviceBuilder(knowledge, case, consultation, disputes).advice()


class _AdviceBuilder:
    def __init__(
        self,
        knowledge: KnowledgeBase,
        case: Case,
        consultation: Consultation,
        disputes: tuple[DisputeAdvice, ...],
    ) -> None:
        self.knowledge = knowledge
        self.disputes = disputes
        self.case = case
        self.consultation = consultation
        self.state: WorkingMemory = consultation.state
        self.trace: Trace = consultation.trace
        self.facts = {fact.id: fact for fact in self.trace.facts}
        self.by_id = {firing.id: firing for firing in self.trace.firings}

    def advice(self) -> Advice:
        return Advice(
            case=self.case.id,
            title=self.case.title,
            knowledge_base=KnowledgeStamp.of(self.knowledge),
            notice=self.knowledge.framework.notice,
            patient=self._assessments(PATIENT),
            lesions=tuple(self._lesion(Subject(lesion.id)) for lesion in self.case.lesions),
            measures=self._measures(),
            measures_marked=tuple(
                MarkedMeasure(measure=name, label=self.knowledge.measures[name].label, mark=mark)
                for name, mark in self.case.measures.items()
                if name in self.knowledge.measures
            ),
            alerts=self._alerts(),
            asks=self._asks(),
            contradictions=self.trace.contradictions,
            disputes=self.disputes,
            firings=self.trace.firings,
            facts=self.trace.facts,
        )

    # --- lesions -----------------------------------------------------------------------------------------------

    def _lesion(self, lesion: Subject) -> LesionAdvice:
        hazards = hazards_of(self.consultation, lesion)
        stopped = bool(hazards) or has_quarrel(self.trace, lesion)
        found = [self._option(Subject(lesion.lesion, pathway), stopped) for pathway in self.knowledge.pathways]
        options = tuple(sorted(found, key=lambda option: (STATUSES.index(option.status), option.pathway)))
        both = (*self._assessments(PATIENT), *self._assessments(lesion))
        letters = {fact.id: fact.letter for fact in self.trace.facts}
        return LesionAdvice(
            id=str(lesion),
            assessments={name: tuple(a for a in both if letters[a.fact] == letter) for letter, name in LETTERS.items()},
            options=options,
            recommended=tuple(option.pathway for option in options if option.status == "recommended"),
            missing=self._missing(options),
            stopped=stopped,
            hazards=tuple(HazardAverted(id=h.id, hazard=h.hazard, harm=h.harm, control=h.control) for h in hazards),
        )

    def _option(self, option: Subject, stopped: bool) -> Option:
        pathway = self.knowledge.pathways[option.pathway]
        status = "open" if stopped else status_of(self.state, option)
        arguments = tuple(
            self._argument(self.by_id[firing], stance)
            for stance in (reversed(STANCES) if status == "excluded" else STANCES)  # what decides comes first
            for firing in self.state.arguments.get((option, stance), ())
        )
        bases = [a.basis for a in arguments if (a.stance in FOR) == (status in ("recommended", "acceptable"))]
        return Option(
            pathway=pathway.id,
            label=pathway.label,
            status=status,
            basis=weakest(bases) if bases else None,
            arguments=arguments,
            open_arguments=tuple(self._open_arguments(option)),
        )

    def _argument(self, firing: Firing, stance: Stance) -> Argument:
        return Argument(
            stance=stance,
            rule=firing.rule,
            firing=firing.id,
            title=firing.title,
            because=firing.because,
            sources=self.knowledge.grounds(firing.rule).sources,
            basis=firing.chain_basis,
        )

    def _open_arguments(self, option: Subject) -> list[OpenArgument]:
        found = []
        for stance in STANCES:
            for rule in self.knowledge.arguers.get((option.pathway, stance), ()):
                for subject in self.state.subjects_below(rule.subject, option.at("lesion")):
                    if self.state.is_undecided(rule, subject):
                        waits_for = tuple(sorted(self.state.open_inputs(rule, subject), key=str))
                        found.append(OpenArgument(stance=stance, rule=rule.id, title=rule.title, waits_for=waits_for))
        return found

    def _missing(self, options: tuple[Option, ...]) -> tuple[Missing, ...]:
        """Return the unknown inputs, those on which most rules wait first."""
        return tuple(
            self._missing_fact(fact, rules)
            for fact, rules in sorted(rules_waiting(options).items(), key=lambda item: (-len(item[1]), str(item[0])))
        )

    def _missing_fact(self, fact: Fact, rules: set[str]) -> Missing:
        attribute = self.knowledge.vocabulary[fact.attribute]
        return Missing(fact=fact, label=attribute.label, question=attribute.asking, rules=tuple(sorted(rules)))

    def _assessments(self, subject: Subject) -> tuple[Assessment, ...]:
        found = []
        for name, attribute in self.knowledge.vocabulary.items():
            if not attribute.assessment or attribute.of != subject.kind:
                continue
            record = self.facts[subject.fact(name)]
            bases = [self.by_id[support].chain_basis for support in record.supports]
            text = attribute.words(self.state.value(subject, name))
            basis = weakest(bases) if bases else None
            found.append(
                Assessment(fact=record.id, label=attribute.label, values=record.values, text=text, basis=basis)
            )
        return tuple(found)

    # --- measures, alerts, asks --------------------------------------------------------------------------------

    def _measures(self) -> tuple[MeasureAdvice, ...]:
        calls = grouped((c.measure, (firing, c)) for firing, c in self._concluded(MeasureConclusion))
        marked = self.case.measures
        found = [self._measure(name, called) for name, called in calls.items() if name not in marked]
        return tuple(sorted(found, key=lambda m: (URGENCIES.index(m.urgency), m.measure)))

    def _measure(self, name: str, called: Sequence[tuple[Firing, MeasureConclusion]]) -> MeasureAdvice:
        by_rule = grouped((firing.rule, firing) for firing, _ in called)
        return MeasureAdvice(
            measure=name,
            label=self.knowledge.measures[name].label,
            urgency=min((c.urgency for _, c in called), key=URGENCIES.index),
            subjects=_in_order(firing.subject for firing, _ in called),
            reasons=tuple(self._reason(rule, firings) for rule, firings in by_rule.items()),
        )

    def _reason(self, rule: str, firings: Sequence[Firing]) -> Reason:
        return Reason(
            rule=rule,
            firings=tuple(firing.id for firing in firings),
            because=firings[0].because,
            sources=self.knowledge.grounds(rule).sources,
            basis=weakest([firing.chain_basis for firing in firings]),
        )

    def _alerts(self) -> tuple[Alert, ...]:
        found = grouped(((c.level, firing.rule, c.text), firing) for firing, c in self._concluded(AlertConclusion))
        return tuple(
            Alert(
                level=level,
                text=text,
                rule=rule,
                subjects=_in_order(firing.subject for firing in firings),
                firings=tuple(firing.id for firing in firings),
                sources=self.knowledge.grounds(rule).sources,
                basis=weakest([firing.chain_basis for firing in firings]),
            )
            for (level, rule, text), firings in sorted(
                found.items(), key=lambda item: (ALERT_LEVELS.index(item[0][0]), item[0][1:])
            )
        )

    def _asks(self) -> tuple[Datum, ...]:
        found = grouped((c.fact, firing.id) for firing, c in self._concluded(AskConclusion))
        return tuple(
            Datum(fact=fact, question=self._missing_fact(fact, set()).question, firings=found[fact])
            for fact in sorted(found, key=str)
            if not self.state.value(*fact).is_single
        )

    def _concluded(self, kind: type[SomeConclusion]) -> Iterator[tuple[Firing, SomeConclusion]]:
        """Yield the conclusions of one kind, each behind the firing that drew it."""
        for firing in self.trace.firings:
            yield from ((firing, conclusion) for conclusion in firing.conclusions if isinstance(conclusion, kind))


def rules_waiting(options: Iterable[Option]) -> dict[Fact, set[str]]:
    """Return, for each unknown fact on which open arguments about some options wait, the rules that wait."""
    waiting: dict[Fact, set[str]] = {}
    for option in options:
        for argument in option.open_arguments:
            for fact in argument.waits_for:
                waiting.setdefault(fact, set()).add(argument.rule)
    return waiting


def _in_order(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
