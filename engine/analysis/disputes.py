"""What disputed points an advice rests on, and what the other sides would give: found by trying them.

What the rules of a side would say is first read off what is settled now. If their words leave every attribute and every
pathway as it is, stratum by stratum, then only their measures and alerts are exchanged. Otherwise the whole case is looked
at again with the other side on; nobody sees a trace of it, so a glance is enough.
"""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import Field

from cases.model import Case
from engine.analysis.glances import Glance, glances
from engine.inference.score_steps import result, uninformed
from engine.inference.session import Consultation, Reasoner
from engine.inference.subjects import Subject
from engine.inference.trace import Record
from engine.verdicts import Verdict, verdict, verdict_of
from knowledge_base.language.disputes import Dispute
from knowledge_base.language.domains import both
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.predicates import Truth
from knowledge_base.language.rules import Argue, Citation, Conclusion, Rule, SetTo

Claims = frozenset[tuple[str, Subject, Conclusion]]
Turn = tuple[str, str]  # a dispute, and a side of it that is not on


class OutcomeChange(Record):
    """One thing that would be otherwise: the status of `T8/sbrt`, the urgency of a measure, an alert (a rule's id)."""

    about: str
    kind: str = Field(description="status, measure or alert")
    ours: str | None
    theirs: str | None


class OtherSide(Record):
    """What another side of a dispute would give for this patient."""

    side: str
    label: str
    sources: tuple[Citation, ...]
    lesions: dict[str, tuple[str, ...]] = Field(description="for each lesion, the pathways it would recommend")
    differs: bool
    changes: tuple[OutcomeChange, ...] = Field(description="everything that would be otherwise")
    fired: tuple[str, ...] = Field(description="the rules of that side that would fire")


class DisputeAdvice(Record):
    """A disputed point on which the advice rests."""

    dispute: str
    topic: str
    side: str
    label: str
    because: str = Field(description="why this side is the default")
    sources: tuple[Citation, ...]
    rests_on: tuple[str, ...] = Field(description="the firings of rules of this side")
    others: tuple[OtherSide, ...]


def disputes_of(case: Case, reasoner: Reasoner, consultation: Consultation) -> tuple[DisputeAdvice, ...]:
    """Return the disputed points that bear on a consultation, each with what its other sides would give."""
    return tuple(_DisputeWeighing(case, reasoner, consultation).disputes())


class _DisputeWeighing:
    def __init__(self, case: Case, reasoner: Reasoner, consultation: Consultation) -> None:
        self.case, self.reasoner, self.state = case, reasoner, consultation.state
        self.firings = consultation.trace.firings
        self.ours = verdict_of(consultation)

    def disputes(self) -> Iterator[DisputeAdvice]:
        every = self.state.knowledge.disputes.values()
        said = {d.id: {name: self._said(d, name) for name in d.sides} for d in every}
        bearing = [dispute for dispute in every if any(said[dispute.id].values())]
        self.elsewhere = self._elsewhere(bearing, said)
        for dispute in bearing:
            yield self._dispute(dispute, said[dispute.id])

    def _elsewhere(self, bearing: Iterable[Dispute], said: Mapping[str, Mapping[str, Claims]]) -> Mapping[Turn, Glance]:
        """Return what the case comes to with other sides on, where that cannot be read off."""
        knowledge = self.state.knowledge
        turns = [
            (dispute.id, name)
            for dispute in bearing
            for name, theirs in said[dispute.id].items()
            if name != (on := knowledge.sides[dispute.id])
            and not (self._settled_alike(said[dispute.id][on], theirs) and self._argued_alike(dispute, name))
        ]
        found = glances(self.reasoner, [(self.case, {**knowledge.sides, dispute: side}) for dispute, side in turns])
        return dict(zip(turns, found, strict=True))

    def _dispute(self, dispute: Dispute, said: Mapping[str, Claims]) -> DisputeAdvice:
        on = self.state.knowledge.sides[dispute.id]
        rules = {unit.id for unit in self.state.knowledge.side_units(dispute.id, on)}
        return DisputeAdvice(
            dispute=dispute.id,
            topic=dispute.topic,
            side=on,
            label=dispute.sides[on].label,
            because=dispute.because,
            sources=dispute.sides[on].sources,
            rests_on=tuple(firing.id for firing in self.firings if firing.rule in rules),
            others=tuple(self._other(dispute, name, said[on], said[name]) for name in dispute.sides if name != on),
        )

    def _other(self, dispute: Dispute, name: str, ours: Claims, theirs: Claims) -> OtherSide:
        side = dispute.sides[name]
        found, fired = self._verdict(dispute, name, ours, theirs)
        changes = tuple(_changes(self.ours, found))
        return OtherSide(
            side=name,
            label=side.label,
            sources=side.sources,
            lesions={str(lesion): found.recommended(lesion) for lesion in self.state.subjects("lesion")},
            differs=bool(changes),
            changes=changes,
            fired=tuple(sorted(fired)),
        )

    def _verdict(self, dispute: Dispute, name: str, ours: Claims, theirs: Claims) -> tuple[Verdict, set[str]]:
        """Return what the case comes to with another side on, and the rules of that side that fire."""
        units = {unit.id for unit in self.state.knowledge.side_units(dispute.id, name)}
        if (there := self.elsewhere.get((dispute.id, name))) is not None:
            return there.verdict, {rule for rule, _ in there.fired} & units
        gone = {rule for rule, _, _ in ours}
        kept = ((f.rule, conclusion) for f in self.firings if f.rule not in gone for conclusion in f.conclusions)
        instead = sorted(((rule, conclusion) for rule, _, conclusion in theirs), key=str)
        return verdict(self.ours.statuses, [*kept, *instead]), {rule for rule, _, _ in theirs}

    def _settled_alike(self, ours: Claims, theirs: Claims) -> bool:
        """Tell whether attributes stay as they are when one side's words are exchanged for another's."""
        gone = {f"{rule}@{subject}" for rule, subject, _ in ours}
        sets = {(s, c.attribute) for _, s, c in ours | theirs if isinstance(c, SetTo)}
        return all(self._set_alike(s, name, gone, theirs) for s, name in sets)

    def _set_alike(self, subject: Subject, name: str, gone: set[str], theirs: Claims) -> bool:
        attribute = self.state.knowledge.vocabulary[name]
        about = subject.at(attribute.of)
        voices = [values for by, values in self.state.claims_on(about, name) if by.partition("#")[0] not in gone]
        for _, other, conclusion in theirs:
            if isinstance(conclusion, SetTo) and conclusion.attribute == name and other.at(attribute.of) == about:
                if conclusion.values is None:
                    return False
                voices.append(conclusion.values)
        left = attribute.domain
        for values in voices:
            left = both(left, values)
        return left == self.state.value(about, name)

    def _argued_alike(self, dispute: Dispute, name: str) -> bool:
        """Tell whether what was argued of each option, what cannot be and what still may be, stays as it is."""
        knowledge = self.state.knowledge
        gone, come = (_arguing(knowledge, dispute, side) for side in (knowledge.sides[dispute.id], name))
        leaving = {rule.id for rule in gone}
        for pathway, stance in {(a.pathway, a.stance) for rule in (*gone, *come) for a in rule.arguments}:
            stay = [rule for rule in knowledge.arguers.get((pathway, stance), ()) if rule.id not in leaving]
            before, after = (
                [*stay, *(rule for rule in side if Argue(pathway=pathway, stance=stance) in rule.arguments)]
                for side in (gone, come)
            )
            options = [option for option in self.state.subjects("option") if option.pathway == pathway]
            if any(self._argued(option, before) != self._argued(option, after) for option in options):
                return False
        return True

    def _argued(self, option: Subject, rules: Iterable[Rule]) -> Truth:
        """Return whether one of these rules has argued of an option, still may, or cannot."""
        lesion = option.at("lesion")
        about = [(rule, subject) for rule in rules for subject in self.state.subjects_below(rule.subject, lesion)]
        return Truth.any([self._firing(rule, subject) for rule, subject in about])

    def _firing(self, rule: Rule, subject: Subject) -> Truth:
        if self._concludes(rule, subject):
            return Truth.TRUE
        return Truth.OPEN if self.state.can_fire(rule, subject) else Truth.FALSE

    def _said(self, dispute: Dispute, side: str) -> Claims:
        """Return what the rules of a side say in the light of what is settled now."""
        units = self.state.knowledge.side_units(dispute.id, side)
        found = ((unit, subject) for unit in units for subject in self.state.subjects(unit.subject))
        return frozenset((unit.id, subject, c) for unit, subject in found for c in self._concludes(unit, subject))

    def _concludes(self, unit: Unit, subject: Subject) -> Iterable[Conclusion]:
        if isinstance(unit, Rule):
            when, unless = self.state.truths(unit, subject)
            return unit.conclusions if when is Truth.TRUE and unless is not Truth.TRUE else ()
        values = result(unit, [self.state.value(subject, name) for name in unit.reads])
        domain = self.state.knowledge.vocabulary[unit.attribute].domain
        return () if values in (domain, uninformed(unit)) else (SetTo(attribute=unit.attribute, values=values),)


def _arguing(knowledge: KnowledgeBase, dispute: Dispute, side: str) -> list[Rule]:
    return [unit for unit in knowledge.side_units(dispute.id, side) if isinstance(unit, Rule) and unit.arguments]


def _changes(ours: Verdict, theirs: Verdict) -> Iterator[OutcomeChange]:
    """Yield everything that differs, in order."""
    for option, status in ours.statuses.items():
        if theirs.statuses[option] != status:
            yield OutcomeChange(about=str(option), kind="status", ours=status, theirs=theirs.statuses[option])
    for measure in sorted({*ours.measures, *theirs.measures}):
        urgency, otherwise = ours.measures.get(measure), theirs.measures.get(measure)
        if urgency != otherwise:
            yield OutcomeChange(about=measure, kind="measure", ours=urgency, theirs=otherwise)
    for text, rule in ours.alerts.items():
        if text not in theirs.alerts:
            yield OutcomeChange(about=rule, kind="alert", ours=text, theirs=None)
    for text, rule in theirs.alerts.items():
        if text not in ours.alerts:
            yield OutcomeChange(about=rule, kind="alert", ours=None, theirs=text)
