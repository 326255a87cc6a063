"""Disputed points in words: which side the advice takes, and what the others would give."""

from collections.abc import Iterator, Mapping

from engine.disputes import Change, DisputeAdvice, OtherSide
from explain.terms import URGENCY_WORDS
from knowledge_base.model import KnowledgeBase

CHANGES_SHOWN = 4
WHEN: Mapping[str | None, str] = {str(name): words for name, words in URGENCY_WORDS.items()}


def dispute_in_words(dispute: DisputeAdvice, knowledge: KnowledgeBase) -> str:
    """Return one line: the question, the answer here and why, and what each other answer would change."""
    others = " ".join(f"{_cited(o.label, o)} {_difference(o, knowledge)}." for o in dispute.others)
    return f"{dispute.topic} Here: {_cited(dispute.label, dispute)}. {dispute.because} Otherwise: {others}"


def _cited(label: str, side: DisputeAdvice | OtherSide) -> str:
    return f"{label} [{', '.join(dict.fromkeys(citation.ref for citation in side.sources))}]"


def _difference(other: OtherSide, knowledge: KnowledgeBase) -> str:
    if not other.differs:
        return "would change nothing for this patient"
    found = list(dict.fromkeys(text for change in other.changes for text in _change(change, knowledge)))
    more = f"; and {len(found) - CHANGES_SHOWN} more" if len(found) > CHANGES_SHOWN else ""
    return f"would give: {'; '.join(found[:CHANGES_SHOWN])}{more}"


def _change(change: Change, knowledge: KnowledgeBase) -> Iterator[str]:
    if change.kind == "status":
        lesion, _, pathway = change.about.partition("/")
        ours, theirs = _plain(change.ours), _plain(change.theirs)
        yield f"{lesion}: {knowledge.pathways[pathway].label} {theirs} instead of {ours}"
    elif change.kind == "measure":
        label = knowledge.measures[change.about].label
        yield f"{label} {WHEN.get(change.theirs, 'not called for')}"
    elif change.theirs is not None:
        yield f"“{change.theirs}”"


def _plain(status: str | None) -> str:
    return (status or "").replace("_", " ")
