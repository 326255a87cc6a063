"""What disputed points an advice rests on, and what the other sides would give: found by running them.

A side that changes nothing is not run. When no rule of the side that is on has fired, and none of the other side would,
every attribute is settled alike with either, stratum by stratum.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from cases.model import Case
from engine.consultation import Consultation, Reasoner
from engine.scores import result, uninformed
from engine.state import State
from engine.subjects import Subject
from engine.trace import Firing, Record, Trace
from engine.verdicts import Verdict, verdict_of
from knowledge_base.disputes import Dispute, Side
from knowledge_base.model import Unit
from knowledge_base.rules import Citation, Rule
from knowledge_base.truth import Truth


class Change(Record):
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
    changes: tuple[Change, ...] = Field(description="everything that would be otherwise")
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
    weighing = _Weighing(case, reasoner, consultation.state, consultation.trace, verdict_of(consultation))
    return tuple(weighing.disputes())


@dataclass(frozen=True)
class _Weighing:
    case: Case
    reasoner: Reasoner
    state: State
    trace: Trace
    ours: Verdict

    def disputes(self) -> Iterator[DisputeAdvice]:
        for dispute in self.state.knowledge.disputes.values():
            on = self.state.knowledge.sides[dispute.id]
            rests_on = tuple(firing.id for firing in self._fired(self.trace, dispute, on))
            others = [name for name in dispute.sides if name != on]
            if rests_on or any(self._would_fire(dispute, side) for side in others):
                yield self._dispute(dispute, on, rests_on, others)

    def _dispute(self, dispute: Dispute, on: str, rests_on: tuple[str, ...], others: list[str]) -> DisputeAdvice:
        side = dispute.sides[on]
        return DisputeAdvice(
            dispute=dispute.id,
            topic=dispute.topic,
            side=on,
            label=side.label,
            because=dispute.because,
            sources=side.sources,
            rests_on=rests_on,
            others=tuple(self._other(dispute, name, dispute.sides[name]) for name in others),
        )

    def _other(self, dispute: Dispute, name: str, side: Side) -> OtherSide:
        consultation = self.reasoner.consult(self.case, self.state.knowledge.with_side(dispute.id, name))
        theirs = verdict_of(consultation)
        changes = tuple(_changes(self.ours, theirs))
        return OtherSide(
            side=name,
            label=side.label,
            sources=side.sources,
            lesions={str(lesion): theirs.recommended(lesion) for lesion in self.state.subjects("lesion")},
            differs=bool(changes),
            changes=changes,
            fired=tuple(dict.fromkeys(firing.rule for firing in self._fired(consultation.trace, dispute, name))),
        )

    def _fired(self, trace: Trace, dispute: Dispute, side: str) -> Iterator[Firing]:
        units = {unit.id for unit in self.state.knowledge.side_units(dispute.id, side)}
        return (firing for firing in trace.firings if firing.rule in units)

    def _would_fire(self, dispute: Dispute, side: str) -> bool:
        """Tell whether a rule of a side that is off would fire on what is settled now."""
        units = self.state.knowledge.side_units(dispute.id, side)
        return any(self._fires(unit, subject) for unit in units for subject in self.state.subjects(unit.subject))

    def _fires(self, unit: Unit, subject: Subject) -> bool:
        if isinstance(unit, Rule):
            when, unless = self.state.truths(unit, subject)
            return when is Truth.TRUE and unless is not Truth.TRUE
        found = result(unit, [self.state.value(subject, name) for name in unit.reads])
        return found not in (self.state.knowledge.vocabulary[unit.attribute].domain, uninformed(unit))


def _changes(ours: Verdict, theirs: Verdict) -> Iterator[Change]:
    """Yield everything that differs, in order."""
    for option, status in ours.statuses.items():
        if theirs.statuses[option] != status:
            yield Change(about=str(option), kind="status", ours=status, theirs=theirs.statuses[option])
    for measure in sorted({*ours.measures, *theirs.measures}):
        urgency, otherwise = ours.measures.get(measure), theirs.measures.get(measure)
        if urgency != otherwise:
            yield Change(about=measure, kind="measure", ours=urgency, theirs=otherwise)
    for alert in sorted(ours.alerts ^ theirs.alerts):
        rule, _, text = alert.partition(": ")
        said, unsaid = (text, None) if alert in ours.alerts else (None, text)
        yield Change(about=rule, kind="alert", ours=said, theirs=unsaid)
