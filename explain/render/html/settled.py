"""How sure the advice is, in words: what is settled, what to ask next, and what would change it.

All of it is read off the advice; where the advice was not asked for it, there is nothing to say.
"""

from collections.abc import Sequence

from engine.advice import Advice, LesionAdvice
from engine.analysis.certainty import Certainty, Possibility
from explain.render.html.parts import Change, Otherwise, Sure
from explain.report.advice import join
from explain.report.counterfactuals import SHOWN, ChangesWords
from explain.report.sensitivity import DISTANCES, NeighboursWords
from knowledge_base.language.knowledge import KnowledgeBase

CERTAINTY_WORDS: dict[Certainty, str] = {
    "firm": "Firm: it stays so whatever the unknown turns out to be",
    "provisional": "Provisional: what is not known could still change it",
    "undetermined": "Not settled: it depends on what is not known",
    "contradictory": "Contradictory: the inputs cannot all be true of one patient",
}

RULES_SHOWN = 6


def few(words: Sequence[str], shown: int = RULES_SHOWN) -> str:
    """Return the first of some rules or labels, and how many more there are."""
    more = len(words) - shown
    return join([*words[:shown], *([f"{more} more"] if more > 0 else [])], "and")


def certainty(lesion: LesionAdvice) -> str | None:
    """Return how sure the answer for a lesion is; None when that was not asked."""
    if lesion.certainty is None:
        return None
    others = sum(not possibility.is_current for possibility in lesion.possible)
    count = f" ({others} other {'outcome' if others == 1 else 'outcomes'} possible)" if others else ""
    return f"{CERTAINTY_WORDS[lesion.certainty]}{count}."


def next_question(advice: Advice, lesion: LesionAdvice) -> tuple[str | None, str]:
    """Return the question most worth asking for a lesion, and what its answer is worth, if that is known.

    Where the completions were not worked out, the question on which most rules wait.
    """
    asked = next((q for q in advice.questions if q.subject in ("patient", lesion.id)), None)
    if asked is not None and lesion.certainty != "firm":
        whose = "In the usual patient an answer" if asked.narrows_usually else "An answer"
        share = asked.narrows_usually or asked.narrows
        worth = f"{whose} rules out {share:.0%} of the possible outcomes on average."
        return asked.question, worth if share >= 0.01 else ""
    if lesion.certainty is None and lesion.missing:
        return lesion.missing[0].question, ""
    return None, ""


def changes(lesion: LesionAdvice, knowledge: KnowledgeBase) -> tuple[Change, ...]:
    """Return every other outcome that is possible, the one that takes fewest answers first."""
    others = [possibility for possibility in lesion.possible if not possibility.is_current]
    others.sort(key=lambda p: (len(p.decisive), p.recommended))
    return tuple(_change(possibility, knowledge) for possibility in others)


def _change(possibility: Possibility, knowledge: KnowledgeBase) -> Change:
    labels = [knowledge.pathways[name].label for name in possibility.recommended]
    outcome = join(labels, "and") if labels else "no pathway recommended"
    return Change(outcome, tuple(answer.text for answer in possibility.decisive), possibility.rules)


def otherwise(lesion: LesionAdvice, knowledge: KnowledgeBase) -> Otherwise | None:
    """Return what would have to be given otherwise for another recommendation; None when that was not asked."""
    if lesion.changes is None:
        return None
    words = ChangesWords(lesion.changes, knowledge)
    kinds = ((heading, words.told(sets)[:SHOWN], words.more(sets, SHOWN)) for heading, sets in words.kinds if sets.sets)
    return Otherwise(words.verdict(), tuple(kinds))


def sure(advice: Advice, knowledge: KnowledgeBase) -> Sure | None:
    """Return whether the advice holds one grade away; None when that was not asked."""
    if advice.neighbours is None:
        return None
    words = NeighboursWords(advice.neighbours, knowledge)
    return Sure(words.verdict(), words.flips(), words.clashes(), words.distances()[:DISTANCES])


def idle(advice: Advice, knowledge: KnowledgeBase) -> tuple[str, ...]:
    """Return the labels of what is not known and can no longer change what is recommended."""
    attributes = {fact.id: fact.attribute for fact in advice.facts}
    return tuple(dict.fromkeys(knowledge.vocabulary[attributes[fact]].label for fact in advice.not_needed))


def possible_measures(advice: Advice, knowledge: KnowledgeBase) -> tuple[str, ...]:
    """Return the measures that are not called for now and may be, depending on what is not known."""
    found = (m.measure for m in advice.measures_settled if not m.called and m.certainty == "possible")
    return tuple(knowledge.measures[name].label for name in dict.fromkeys(found))
