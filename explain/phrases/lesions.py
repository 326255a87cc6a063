"""Lesions in words: the answer for one as a sentence, of which ones something holds, and in which order they are told."""

from collections.abc import Iterable

from engine.advice import Advice, LesionAdvice
from engine.inference.subjects import Subject
from explain.phrases.prose import join
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import URGENCIES


def sentence(lesion: LesionAdvice) -> str:
    """Return the answer for one lesion in a sentence, with nothing supposed."""
    return f"{lesion.id}: {answer(lesion)}"


def answer(lesion: LesionAdvice) -> str:
    """Return the same without its name."""
    if lesion.hazards:
        averted = join([f"{hazard.hazard} ({hazard.id})" for hazard in lesion.hazards], "and")
        return f"no advice, because it would let this happen: {averted}. Call the multidisciplinary team."
    if lesion.stopped:
        return "no advice, because rules of the knowledge base contradict each other."
    labels = {option.pathway: option.label for option in lesion.options}
    if lesion.recommended:
        return f"{join([labels[name] for name in lesion.recommended])}."
    acceptable = [option.label for option in lesion.options if option.status == "acceptable"]
    if acceptable:
        return f"nothing is clearly recommended; the multidisciplinary team may consider {join(acceptable)}."
    if any(option.status == "open" for option in lesion.options):
        return "not enough is known to recommend a pathway; the multidisciplinary team decides."
    return "no pathway is left to recommend; the multidisciplinary team decides."


def who(subjects: Iterable[str]) -> str:
    """Return for which lesions something holds, after a space; nothing where it holds for the patient alone."""
    lesions = [subject for subject in subjects if subject != "patient"]
    return f" ({', '.join(lesions)})" if lesions else ""


def by_urgency(advice: Advice, knowledge: KnowledgeBase) -> list[LesionAdvice]:
    """Return the lesions: those in danger first, then as soon as something is to be done, then down the spine."""
    endangered = {subject for alert in advice.alerts if alert.level == "danger" for subject in alert.subjects}
    facts = {fact.id: fact for fact in advice.facts}

    def rank(lesion: LesionAdvice) -> tuple[bool, int, int, str]:
        soonest = (URGENCIES.index(m.urgency) for m in advice.measures if lesion.id in m.subjects)
        levels = facts.get(Subject(lesion.id).fact("levels"))
        names = knowledge.vocabulary["levels"].names if levels else ()
        given = levels.values if levels and isinstance(levels.values, list) else []
        highest = min((names.index(str(level)) for level in given), default=99)
        return lesion.id not in endangered, min(soonest, default=99), highest, lesion.id

    return sorted(advice.lesions, key=rank)
