"""What the engine recommends at the end of a consultation, for checking what was found without it."""

from engine.inference.session import Consultation
from engine.inference.subjects import Subject
from engine.verdicts import is_stopped, status_of


def outcome_of(consultation: Consultation, lesion: str) -> frozenset[str]:
    """Return the pathways recommended for a lesion; none when contradictory rules leave it without advice."""
    state, about = consultation.state, Subject(lesion)
    if is_stopped(consultation, about):
        return frozenset()
    pathways = state.knowledge.pathways
    return frozenset(p for p in pathways if status_of(state, Subject(lesion, p)) == "recommended")
