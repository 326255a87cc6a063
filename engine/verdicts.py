"""What a consultation comes to, without the reasons: the status of every pathway, the measures, the alerts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.inference.session import Consultation
from engine.inference.subjects import Subject
from engine.inference.trace import AlertConclusion, Concluded, MeasureConclusion, Trace
from engine.inference.working_memory import WorkingMemory
from engine.invariants import hazards_of
from knowledge_base.language.domains import Choices
from knowledge_base.language.rules import AlertEntry, Conclusion, MeasureEntry, Urgency, soonest

Status = Literal["recommended", "acceptable", "open", "not_advised", "excluded"]
STATUSES: tuple[Status, ...] = ("recommended", "acceptable", "open", "not_advised", "excluded")


@dataclass(frozen=True)
class Verdict:
    """What two consultations of one case can be compared by; `alerts` has the rule of each text."""

    statuses: Mapping[Subject, Status]
    measures: Mapping[str, Urgency]
    alerts: Mapping[str, str]

    def recommended(self, lesion: Subject) -> tuple[str, ...]:
        """Return the pathways that are recommended for a lesion, in order."""
        return tuple(o.pathway for o, s in self.statuses.items() if o.at("lesion") == lesion and s == "recommended")


def verdict_of(consultation: Consultation) -> Verdict:
    """Return what a consultation comes to."""
    state, trace = consultation.state, consultation.trace
    said = [(firing.rule, conclusion) for firing in trace.firings for conclusion in firing.conclusions]
    stopped = {lesion for lesion in state.subjects("lesion") if is_stopped(consultation, lesion)}
    statuses: dict[Subject, Status] = {
        option: "open" if option.at("lesion") in stopped else status_of(state, option)
        for option in state.subjects("option")
    }
    return verdict(statuses, said)


def verdict(statuses: Mapping[Subject, Status], said: Iterable[tuple[str, Concluded | Conclusion]]) -> Verdict:
    """Return statuses together with the measures and alerts among what rules have said."""
    called: list[tuple[str, Urgency]] = []
    alerts: dict[str, str] = {}
    for rule, conclusion in said:
        if isinstance(conclusion, MeasureConclusion | MeasureEntry):
            called.append((conclusion.measure, conclusion.urgency))
        elif isinstance(conclusion, AlertConclusion | AlertEntry) and conclusion.level != "handbook":
            alerts.setdefault(conclusion.text, rule)
    return Verdict(statuses, soonest(called), alerts)


def status_of(state: WorkingMemory, option: Subject) -> Status:
    """Return the status of a pathway for a lesion; open when several are possible."""
    values = state.value(option, "status")
    assert isinstance(values, Choices)
    return next((status for status in STATUSES if values.members == {status}), "open")


def outcome_of(consultation: Consultation, lesion: str) -> frozenset[str]:
    """Return the pathways recommended for a lesion; none when contradictory rules leave it without advice."""
    state, about = consultation.state, Subject(lesion)
    if is_stopped(consultation, about):
        return frozenset()
    return frozenset(p for p in state.knowledge.pathways if status_of(state, Subject(lesion, p)) == "recommended")


def is_stopped(consultation: Consultation, lesion: Subject) -> bool:
    """Tell whether there is no advice for a lesion: rules contradict each other, or a hazard would happen."""
    return has_quarrel(consultation.trace, lesion) or bool(hazards_of(consultation, lesion))


def has_quarrel(trace: Trace, lesion: Subject) -> bool:
    """Tell whether contradictory rules leave no advice for a lesion."""
    return any(
        clash.between == "rules" and clash.fact.subject.lesion in ("", lesion.lesion) for clash in trace.contradictions
    )
