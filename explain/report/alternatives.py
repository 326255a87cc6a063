"""`metspine change` in words: what else could come out, and what it would take."""

from collections.abc import Iterator

from engine.alternatives import Alternatives, LesionAlternatives
from explain.phrases.prose import join
from explain.report.blocks import Block, Bullets, Heading, Para
from explain.report.certainty import order_of, way_in_words
from explain.report.counterfactuals import CONTRADICTORY, ChangesWords
from knowledge_base.language.knowledge import KnowledgeBase

SHOWN = 4  # outcomes that the unknown can lead to


def alternatives_report(found: Alternatives, knowledge: KnowledgeBase) -> Iterator[Block]:
    """Yield what would change the advice."""
    asked = f"for {knowledge.pathways[found.pathway].label}" if found.pathway else "to change the advice"
    yield Heading(f"{found.case}: what would have to be different {asked}")
    for lesion in found.lesions:
        yield from _lesion(lesion, knowledge)
    if found.pathway and not all(lesion.changes.already for lesion in found.lesions):
        yield Para(f"`metspine why-not` with {found.pathway} tells, rule by rule, why it is not so now.")


def _lesion(lesion: LesionAlternatives, knowledge: KnowledgeBase) -> Iterator[Block]:
    labels = [knowledge.pathways[name].label for name in lesion.changes.recommended]
    now = join(labels) if labels else "nothing is recommended"
    given = "" if lesion.certainty == "firm" else ", as things are given"
    yield Para(f"{lesion.lesion}: {now}{given}.", "plan")
    if lesion.certainty == "contradictory":
        yield Para(CONTRADICTORY)
        return
    if lesion.certainty == "firm":
        yield Para("Nothing that is still unknown could change this.")
    yield from _possible(lesion, knowledge)
    yield from ChangesWords(lesion.changes, knowledge).blocks()


def _possible(lesion: LesionAlternatives, knowledge: KnowledgeBase) -> Iterator[Block]:
    """Yield the outcomes that the unknown can lead to."""
    ways = sorted(lesion.possible, key=lambda way: order_of(way, knowledge))
    more = [f"{len(ways) - SHOWN} more"] if len(ways) > SHOWN else []
    shown = (way_in_words(way, lesion.lesion, knowledge) for way in ways[:SHOWN])
    yield Bullets("What is not known yet could lead to", (*shown, *more))
