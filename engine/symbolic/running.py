"""What the engine recommends at the end of a consultation, for checking what was found without it."""

from engine.consultation import Consultation
from engine.subjects import Subject
from knowledge_base.values import Choices

RECOMMENDED = Choices(frozenset({"recommended"}))


def outcome_of(consultation: Consultation, lesion: str) -> frozenset[str]:
    """Return the pathways recommended for a lesion; none when contradictory rules leave it without advice."""
    state, trace = consultation.state, consultation.trace
    about = {fact.id: fact.subject.split("/")[0] for fact in trace.facts}
    if any(c.between == "rules" and about[c.fact] in ("patient", lesion) for c in trace.contradictions):
        return frozenset()
    pathways = state.knowledge.pathways
    return frozenset(p for p in pathways if state.value(Subject(lesion, p), "status") == RECOMMENDED)
