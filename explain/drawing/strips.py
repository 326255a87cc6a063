"""The strips above and below the drawing of a plan: what is dangerous, what to do, and what the plan rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.advice import Advice, MeasureAdvice
from explain.drawing.chain import Chain
from explain.phrases.plans import conditions_of, every_condition, holds, pathways_of
from explain.phrases.prose import join
from explain.phrases.terms import URGENCY_WORDS
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import URGENCIES, Urgency

SOON: tuple[Urgency, ...] = ("immediate", "within_24_h")
ACCEPTS = "the patient accepts it"


@dataclass(frozen=True)
class Strip:
    """A strip of text: what it is, the words it begins with, and what else hovering over it tells."""

    role: Literal["title", "plan", "danger", "now", "condition", "small"]
    lead: str
    text: str
    tip: str = ""


LEGEND = Strip(
    "small",
    "How to read it",
    "a letter in a box is that of NOMS; a folded corner was given in the case, a rounded box is what rules make of it, a "
    "dashed box is not known yet; a blue dashed box is what decides, and each line from it carries what is found; an arrow "
    "of paper is a rule that spoke; dark with a double border is recommended; a dashed line that ends in a bar speaks "
    "against.",
)


def strips_above(chains: Sequence[Chain], advice: Advice, knowledge: KnowledgeBase) -> Iterator[Strip]:
    """Yield the title, and what is dangerous about the patient or the lesions drawn."""
    drawn = {"patient", *(found.lesion for found in chains)}
    case = f"{advice.case}: {advice.title}" if advice.title else advice.case
    if len(chains) == 1:
        yield Strip("title", chains[0].lesion, chains[0].headline)
        yield Strip("small", "", case)
    else:
        yield Strip("title", "", case)
    for clash in advice.contradictions:
        if clash.fact.partition(".")[0] in drawn:
            yield Strip("danger", "Contradiction", clash.text)
    for alert in advice.alerts:
        about = [subject for subject in alert.subjects if subject.partition("/")[0] in drawn]
        if alert.level == "danger" and about:
            whose = f" ({', '.join(about)})" if about != ["patient"] else ""
            yield Strip("danger", f"DANGER{whose}", f"{alert.text} [{alert.rule}]")


def strips_below(chains: Sequence[Chain], advice: Advice, knowledge: KnowledgeBase) -> Iterator[Strip]:
    """Yield what the plans rest on that would be dangerous to overlook, what to do beside them, and the small print."""
    plans = {lesion.id: lesion.plan for lesion in advice.lesions}
    for found in chains:
        plan = plans[found.lesion]
        assert plan is not None, "a chain is made from a plan"
        every = conditions_of(plan, knowledge)
        grave = [condition for condition in every if condition.danger != "changes"]
        if not every or not pathways_of(plan):
            continue
        said = [holds(condition, knowledge) for condition in grave]
        if any(condition.input_class == "wish" for condition in every_condition(plan)):
            said.append(ACCEPTS)
        rest = len(every) - len(grave)
        more = f"; and {rest} more that would change it" if rest else ""
        whose = f" ({found.lesion})" if len(chains) > 1 else ""
        tip = "\n".join(f"{condition.text} ({', '.join(condition.because)})" for condition in every)
        yield Strip("condition", f"Only if{whose}", f"{'; '.join(said)}{more}.", tip)
    drawn = {"patient", *(found.lesion for found in chains)}
    for urgency in URGENCIES:
        measures = [m for m in advice.measures if m.urgency == urgency and drawn & set(m.subjects)]
        if urgency in SOON and measures:
            yield Strip("now", URGENCY_WORDS[urgency].capitalize(), _calls(measures))
    later = [m for m in advice.measures if m.urgency not in SOON and drawn & set(m.subjects)]
    if later:
        yield Strip("now", "Then", _calls(later))
    stamp = advice.knowledge_base
    yield Strip("small", "", f"{advice.notice} {stamp.id} {stamp.version}, digest {stamp.digest[:12]}.")


def _calls(measures: Sequence[MeasureAdvice]) -> str:
    words = (f"{m.label} [{', '.join(reason.rule for reason in m.reasons[:2])}]" for m in measures)
    return f"{join(words, 'and')}."
