"""Words for whose advice changes between two knowledge bases: what, from which answer to which, and for whom."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.verification.against import REWORDED, AdviceChanged, Aspect
from engine.verification.boxes import words_of
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import LONGEST
from knowledge_base.text.yaml_edits import flow

TOLD = 3  # boxes of patients for one change
LEAD = 20  # characters that both have before the first that differs, or more where there is room for them
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
        return f"Danger alert: {aspect.now} (in other words before)" if aspect.now else f"Danger alert: {aspect.name}"
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


def what(change: AdviceChanged, *bases: KnowledgeBase) -> str:
    """Return what has become of what for some patients."""
    before, after = answers(change)
    about = "Danger alert says other words" if _only_words(change) else subject(change.aspect, *bases)
    return f"{about}: {before} before, {after} now"


def answers(change: AdviceChanged) -> tuple[str, str]:
    """Return the answers before and now in words: of an alert that only says other words, these words."""
    if _only_words(change):
        return contrast(change.aspect.name, change.aspect.now)
    before, after = ("raised" if end == REWORDED else answer(end) for end in (change.before, change.after))
    return before, after


def _only_words(change: AdviceChanged) -> bool:
    return (change.before, change.after) == ("raised", REWORDED)


def contrast(before: Any, after: Any) -> tuple[str, str]:
    """Return two pieces of YAML as one line has room for them, cut so that the first that differs is seen."""
    texts = [raw if isinstance(raw, str) else "nothing" if raw is None else flow(raw) for raw in (before, after)]
    start = 0
    if max(map(len, texts)) > LONGEST:
        pairs = enumerate(zip(*texts, strict=False))
        differs = next((i for i, (one, other) in pairs if one != other), min(map(len, texts)))
        start = max(0, min(differs - LEAD, max(map(len, texts)) - LONGEST))
        start += texts[0][start:differs].find(" ") + 1 if start else 0
    cut = [
        f"{'…' if start else ''}{text[start : start + LONGEST]}{'…' if len(text) > start + LONGEST else ''}"
        for text in texts
    ]
    one, other = (repr(text) if isinstance(raw, str) else text for text, raw in zip(cut, (before, after), strict=True))
    return one, other


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
