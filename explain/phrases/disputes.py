"""Disputed points in words: which side the advice takes and why, and what the others would give.

Where another side would recommend something else for a lesion, its answer says so in a sentence; what else a dispute would
change stands in a part of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.advice import Advice, LesionAdvice
from engine.analysis.disputes import DisputeAdvice, OtherSide, OutcomeChange
from explain.phrases.prose import join
from explain.phrases.terms import STATUS_WORDS, URGENCY_WORDS
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import Citation

CHANGES_SHOWN = 4
NOTHING = "no recommendation"
WHEN: Mapping[str | None, str] = {str(name): words for name, words in URGENCY_WORDS.items()}


@dataclass(frozen=True)
class SideCited:
    """One answer to a disputed question, with its sources by their ids and by their short names."""

    label: str
    cited: tuple[str, ...]
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.label} [{', '.join(self.names)}]"


@dataclass(frozen=True)
class Other:
    """Another answer, and what it would give for this patient; nothing when it would change nothing."""

    side: SideCited
    gives: tuple[str, ...]
    more: int

    @property
    def words(self) -> str:
        """What it would give, in one phrase."""
        if not self.gives:
            return "would change nothing for this patient"
        return f"would give {'; '.join(self.gives)}{f'; and {self.more} more' if self.more else ''}"


@dataclass(frozen=True)
class Disputed:
    """A disputed point on which the advice rests."""

    topic: str
    here: SideCited
    because: str
    others: tuple[Other, ...]

    @property
    def sides(self) -> tuple[SideCited, ...]:
        """Every answer, ours first."""
        return (self.here, *(other.side for other in self.others))


def disputed(advice: Advice, knowledge: KnowledgeBase) -> tuple[Disputed, ...]:
    """Return the disputed points on which it depends what a patient is advised."""
    return tuple(_disputed(dispute, advice, knowledge) for dispute in advice.disputes if _differs(dispute))


def without_consequence(advice: Advice) -> tuple[str, ...]:
    """Return the questions that are disputed too, where every answer comes to the same for this patient."""
    return tuple(dispute.topic for dispute in advice.disputes if not _differs(dispute))


def rests_on(lesion: LesionAdvice, advice: Advice, knowledge: KnowledgeBase) -> tuple[str, ...]:
    """Return a sentence for each dispute of which another side would recommend something else for a lesion."""
    found = ((dispute, list(_otherwise(dispute, lesion, knowledge))) for dispute in advice.disputes)
    return tuple(
        f"{dispute.topic} Here: {dispute.label}. {' '.join(otherwise)}" for dispute, otherwise in found if otherwise
    )


def sided_firings(advice: Advice) -> dict[str, list[str]]:
    """Return, for each firing of a rule that is on one side of a dispute which matters here, the question and our side."""
    found: dict[str, list[str]] = {}
    for dispute in filter(_differs, advice.disputes):
        for firing in dispute.rests_on:
            found.setdefault(firing, []).append(f"{dispute.topic} Here: {dispute.label}.")
    return found


def _otherwise(dispute: DisputeAdvice, lesion: LesionAdvice, knowledge: KnowledgeBase) -> Iterator[str]:
    for other in dispute.others:
        theirs = other.lesions.get(lesion.id, lesion.recommended)
        if set(theirs) != set(lesion.recommended):
            outcome = join([knowledge.pathways[name].label for name in theirs], "and") if theirs else NOTHING
            which = "The other side" if len(dispute.others) == 1 else "Another side"
            yield f"{which} ({other.label}) would give {outcome}."


def _differs(dispute: DisputeAdvice) -> bool:
    return any(other.differs for other in dispute.others)


def _disputed(dispute: DisputeAdvice, advice: Advice, knowledge: KnowledgeBase) -> Disputed:
    return Disputed(
        topic=dispute.topic,
        here=_side(dispute.label, dispute.sources, knowledge),
        because=dispute.because,
        others=tuple(_other(other, knowledge, len(advice.lesions) > 1) for other in dispute.others),
    )


def _side(label: str, sources: Iterable[Citation], knowledge: KnowledgeBase) -> SideCited:
    refs = tuple(dict.fromkeys(citation.ref for citation in sources))
    return SideCited(label, refs, tuple(knowledge.sources[ref].short for ref in refs))


def _other(other: OtherSide, knowledge: KnowledgeBase, several: bool) -> Other:
    changes = sorted(other.changes, key=lambda change: "recommended" not in (change.ours, change.theirs))
    found = list(dict.fromkeys(text for change in changes for text in _change(change, knowledge, several)))
    if other.differs and not found:
        found = ["fewer warnings"]
    side = _side(other.label, other.sources, knowledge)
    return Other(side, tuple(found[:CHANGES_SHOWN]), max(0, len(found) - CHANGES_SHOWN))


def _change(change: OutcomeChange, knowledge: KnowledgeBase, several: bool) -> Iterator[str]:
    if change.kind == "status":
        lesion, _, pathway = change.about.partition("/")
        place = f" ({lesion})" if several else ""
        yield f"{knowledge.pathways[pathway].label}{place}: {_status(change.theirs)} instead of {_status(change.ours)}"
    elif change.kind == "measure":
        yield f"{knowledge.measures[change.about].label}: {WHEN.get(change.theirs, 'not called for')}"
    elif change.theirs is not None:
        yield f"the warning “{change.theirs.rstrip('.')}”"


def _status(name: str | None) -> str:
    """Return a status in a word or two."""
    return STATUS_WORDS[name or "open"].partition(" (")[0]
