"""The strips above and below the drawing of a plan: what is dangerous, what to do, and what the plan rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.advice import Advice, MeasureAdvice
from engine.decision import decision_in_short
from explain.drawing.chain import Chain
from explain.phrases.measures import as_one_sentence, to_do
from explain.phrases.plans import conditions_and_wishes, pathways_of, told
from explain.phrases.terms import URGENCY_WORDS
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import SOON

RULES_SHOWN = 2


@dataclass(frozen=True)
class Strip:
    """A strip of text: what it is, its parts (each begins with a word of its own), and what else hovering over it tells."""

    role: Literal["title", "plan", "danger", "now", "condition", "small"]
    parts: tuple[tuple[str, str], ...]
    tip: str = ""

    @property
    def words(self) -> str:
        return " ".join(f"{lead}: {text}" if lead else text for lead, text in self.parts)


LEGEND = Strip(
    "small",
    (
        (
            "How to read it",
            "a letter is that of NOMS; a folded corner was given in the case, a rounded box is what rules make of it; a "
            "blue dashed box is not known and decides, and each line from it carries what may be found; a box with a "
            "point is a rule that spoke; dark with a double border is recommended; a dashed line that ends in a bar "
            "speaks against.",
        ),
    ),
)


def above(chains: Sequence[Chain], advice: Advice) -> Iterator[Strip]:
    """Yield the title, and what is dangerous about the patient or the lesions drawn."""
    drawn = _drawn(chains)
    case = f"{advice.case}: {advice.title}" if advice.title else advice.case
    if len(chains) == 1:
        yield Strip("title", ((chains[0].lesion, chains[0].headline),))
        yield Strip("small", (("", case),))
    else:
        yield Strip("title", (("", case),))
    for clash in advice.contradictions:
        if (clash.fact.subject.lesion or "patient") in drawn:
            yield Strip("danger", (("Contradiction", clash.text),))
    for alert in advice.alerts:
        about = [subject for subject in alert.subjects if subject.partition("/")[0] in drawn]
        if alert.level == "danger" and about:
            whose = f" ({', '.join(about)})" if about != ["patient"] else ""
            yield Strip("danger", ((f"DANGER{whose}", f"{alert.text} [{alert.rule}]"),))


def plan_strip(found: Chain) -> Strip:
    """Return what the plan of one of several lesions is."""
    return Strip("plan", ((found.lesion, found.headline),))


def conditions(chains: Sequence[Chain], advice: Advice, knowledge: KnowledgeBase) -> Iterator[Strip]:
    """Yield what plans rest on and would be dangerous to overlook, where they rest on anything; of several what suffices."""
    drawn = _drawn(chains)
    plans = [
        lesion.plan for lesion in advice.lesions if lesion.id in drawn and lesion.plan and pathways_of(lesion.plan)
    ]
    every, wishes = conditions_and_wishes(plans, knowledge)
    if not every:
        return
    grave = [condition for condition in every if condition.danger != "changes"]
    said = told(grave, knowledge, chains, wishes)
    rest = len(every) - len(grave)
    more = f"; and {rest} more" if rest else ""
    tip = "\n".join(f"{condition.text} ({', '.join(condition.because)})" for condition in every)
    yield Strip("condition", (("Only if", f"{'; '.join(said)}{more}."),), tip)


def below(chains: Sequence[Chain], advice: Advice, knowledge: KnowledgeBase) -> Iterator[Strip]:
    """Yield what to do beside the plans, and the small print."""
    drawn = _drawn(chains)
    mine = [measure for measure in to_do(advice, knowledge) if drawn & set(measure.subjects)]
    parts = [(URGENCY_WORDS[urgency].capitalize(), [m for m in mine if m.urgency == urgency]) for urgency in SOON] + [
        ("Then", [measure for measure in mine if measure.urgency not in SOON])
    ]
    if mine:
        yield Strip("now", tuple((lead, _calls(measures, knowledge)) for lead, measures in parts if measures))
    stamp = advice.knowledge_base
    yield Strip("small", (("", f"{advice.notice} {stamp.id} {stamp.version}, {decision_in_short(advice)}."),))


def _drawn(chains: Sequence[Chain]) -> set[str]:
    return {"patient", *(found.lesion for found in chains)}


def _calls(measures: Sequence[MeasureAdvice], knowledge: KnowledgeBase) -> str:
    words = (
        f"{knowledge.measures[m.measure].to_do} [{', '.join(reason.rule for reason in m.reasons[:RULES_SHOWN])}]"
        for m in measures
    )
    return f"{as_one_sentence(words)}."
