"""In which order dangers are told: what cannot wait an hour first, what holds a procedure back behind it."""

from engine.advice import Advice, Alert
from knowledge_base.language.knowledge import KnowledgeBase

OF_OPTIONS = frozenset({"pathway", "status"})  # what a rule reads that speaks of what is in view


def dangers(advice: Advice, knowledge: KnowledgeBase) -> list[Alert]:
    """Return the dangers: those against which something is done at once, and there those of the patient as he is.

    A danger that a rule tells because a procedure is in view comes behind what is so whatever is chosen.
    """
    at_once = {reason.rule for m in advice.measures if m.urgency == "immediate" for reason in m.reasons}

    def rank(alert: Alert) -> tuple[bool, bool]:
        rule = knowledge.rules.get(alert.rule)
        return alert.rule not in at_once, rule is not None and not OF_OPTIONS.isdisjoint(rule.reads)

    return sorted((alert for alert in advice.alerts if alert.level == "danger"), key=rank)
