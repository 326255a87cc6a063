"""`metspine change` in words: what else could come out, and what it would take."""

from collections.abc import Iterator

from engine.analysis.alternatives import Alternatives, LesionAlternatives
from explain.phrases.prose import join, paragraph, titled
from explain.report.certainty import way_in_words
from explain.report.counterfactuals import CONTRADICTORY, ChangesWords
from knowledge_base.language.knowledge import KnowledgeBase

SHOWN = 4  # outcomes that the unknown can lead to


def alternatives_text(found: Alternatives, knowledge: KnowledgeBase) -> str:
    """Return what would change the advice as plain text of at most 100 columns."""
    return "\n".join(_lines(found, knowledge)).rstrip() + "\n"


def _lines(found: Alternatives, knowledge: KnowledgeBase) -> Iterator[str]:
    asked = f"for {knowledge.pathways[found.pathway].label}" if found.pathway else "to change the advice"
    yield from titled(f"{found.case}: what would have to be different {asked}")
    for place, lesion in enumerate(found.lesions):
        yield from [""] if place else []
        yield from _lesion(lesion, knowledge)
    if found.pathway and not all(lesion.changes.already for lesion in found.lesions):
        yield ""
        yield from paragraph(f"`metspine why-not` with {found.pathway} tells, rule by rule, why it is not so now.")


def _lesion(lesion: LesionAlternatives, knowledge: KnowledgeBase) -> Iterator[str]:
    labels = [knowledge.pathways[name].label for name in lesion.changes.recommended]
    yield from paragraph(f"{lesion.lesion}: {join(labels) if labels else 'nothing is recommended now'}.", "» ")
    if lesion.certainty == "contradictory":
        yield f"  {CONTRADICTORY}"
        return
    if lesion.certainty == "firm":
        yield "  Nothing that is still unknown could change this."
    yield from _possible(lesion, knowledge)
    yield from ChangesWords(lesion.changes, knowledge).lines()


def _possible(lesion: LesionAlternatives, knowledge: KnowledgeBase) -> Iterator[str]:
    """Yield the outcomes that the unknown can lead to, those that take fewest answers first."""
    if not lesion.possible:
        return
    yield "  As things are given, what is not known yet could lead to:"
    ways = sorted(lesion.possible, key=lambda p: (len(p.decisive), not p.recommended, p.recommended))
    for way in ways[:SHOWN]:
        yield from paragraph(way_in_words(way, lesion.lesion, knowledge), "    • ")
    if len(ways) > SHOWN:
        yield f"      {len(ways) - SHOWN} more"
