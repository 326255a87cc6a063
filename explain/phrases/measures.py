"""What is to be done, as a reader needs it: a measure that another one comprises is not told beside it."""

from collections.abc import Iterable

from engine.advice import Advice, MeasureAdvice
from explain.phrases.prose import join
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import URGENCIES

CALL = "call "


def to_do(advice: Advice, knowledge: KnowledgeBase) -> list[MeasureAdvice]:
    """Return the measures that are called for, the soonest first and then as they stand in the knowledge's file.

    Those that others comprise which are as urgent are left out.
    """
    found = [one for one in advice.measures if not any(_comprises(o, one, knowledge) for o in advice.measures)]
    return sorted(found, key=lambda one: (URGENCIES.index(one.urgency), knowledge.measures[one.measure].position))


def as_one_sentence(things: Iterable[str]) -> str:
    """Return things to do as a sentence has them, whom to call first: "call A and B; relieve pain"."""
    every = list(things)
    calls = [thing.removeprefix(CALL) for thing in every if thing.startswith(CALL)]
    others = [thing for thing in every if not thing.startswith(CALL)]
    each = [*([f"{CALL}{join(calls, 'and')}"] if calls else []), *others]
    return "; ".join(each) if len(calls) > 1 else join(each, "and")


def _comprises(other: MeasureAdvice, one: MeasureAdvice, knowledge: KnowledgeBase) -> bool:
    return (
        one.measure in knowledge.measures[other.measure].comprises
        and URGENCIES.index(other.urgency) <= URGENCIES.index(one.urgency)
        and ("patient" in other.subjects or {*one.subjects} - {"patient"} <= {*other.subjects})
    )
