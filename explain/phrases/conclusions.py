"""What a firing concluded, in words, and the fact it speaks of."""

from engine.inference.subjects import Fact, Subject
from engine.inference.trace import (
    AlertConclusion,
    ArgumentConclusion,
    AskConclusion,
    Concluded,
    MeasureConclusion,
    SetConclusion,
)
from engine.run import Run
from explain.phrases.terms import STANCE_WORDS, STATUS_WORDS, URGENCY_WORDS


def concluded_fact(conclusion: Concluded) -> Fact | None:
    """Return the fact that a conclusion speaks of; None for measures, alerts and questions."""
    if isinstance(conclusion, SetConclusion):
        return conclusion.fact
    if isinstance(conclusion, ArgumentConclusion):
        return Subject(conclusion.lesion, conclusion.pathway).fact(f"argued_{conclusion.stance}")
    return None


def conclusion_words(conclusion: Concluded, run: Run) -> str:
    """Return a conclusion in words."""
    knowledge = run.knowledge
    if isinstance(conclusion, SetConclusion):
        return _set_words(conclusion, run)
    if isinstance(conclusion, ArgumentConclusion):
        return f"{STANCE_WORDS[conclusion.stance]}: {knowledge.pathways[conclusion.pathway].label}"
    if isinstance(conclusion, MeasureConclusion):
        return f"{knowledge.measures[conclusion.measure].label}: {URGENCY_WORDS[conclusion.urgency]}"
    if isinstance(conclusion, AlertConclusion):
        return f"{conclusion.level}: {conclusion.text}"
    assert isinstance(conclusion, AskConclusion)
    return f"asks for {run.attribute(conclusion.fact).label}"


def _set_words(conclusion: SetConclusion, run: Run) -> str:
    if conclusion.fact.attribute != "status" or not isinstance(conclusion.values, str):
        return conclusion.text
    return f"{run.knowledge.pathways[conclusion.fact.subject.pathway].label}: {STATUS_WORDS[conclusion.values]}"
