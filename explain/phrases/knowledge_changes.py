"""Words for whose advice changes between two knowledge bases: what, from which answer to which, and for whom."""

from collections.abc import Iterator, Mapping

from engine.verification.against import AdviceChanged, Aspect
from engine.verification.boxes import words_of
from knowledge_base.language.knowledge import KnowledgeBase

TOLD = 3  # boxes of patients for one change
_ANSWERS: Mapping[str, str] = {
    "not_advised": "not advised",
    "stopped": "no advice",
    "given": "advice",
    "within_24_h": "within 24 hours",
    "within_1_week": "within a week",
    "before_treatment": "before treatment",
    "with_treatment": "with treatment",
    "not known": "not a pathway",
}


def subject(aspect: Aspect, *bases: KnowledgeBase) -> str:
    """Return what has changed: a pathway or measure by its label, an alert by its text."""
    if aspect.kind == "advice":
        return "Rules that contradict each other"
    if aspect.kind == "alert":
        return f"Danger alert: {aspect.name}"
    for base in bases:
        if aspect.kind == "hazard" and aspect.name in base.hazards:
            return f"Hazard {aspect.name}: {base.hazards[aspect.name].hazard}"
        entry = base.pathways.get(aspect.name) or base.measures.get(aspect.name)
        if entry is not None:
            return f"{entry.label[0].upper()}{entry.label[1:]} ({aspect.name})"
    return aspect.name


def answer(text: str) -> str:
    """Return an answer in words."""
    return _ANSWERS.get(text, text)


def who(change: AdviceChanged, new: KnowledgeBase) -> Iterator[str]:
    """Yield for whom something is otherwise: a few boxes and how many more, or bounds where boxes are too many."""
    first, *others = (change.box,) if change.parts is None else change.parts[:TOLD]
    yield words_of(first, new)
    yield from (f"or {words_of(box, new)}" for box in others)
    if change.parts is None:
        yield "though perhaps not in every combination: there are too many to tell apart"
    elif len(change.parts) > TOLD:
        yield f"and {len(change.parts) - TOLD} more kinds"
    if change.lesions > 1:
        yield "beside another lesion"
