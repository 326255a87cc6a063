"""Words for what a plan rests on, and how the conditions of several plans become one list."""

from collections import Counter
from collections.abc import Iterable

from engine.analysis.conditions import Condition
from engine.analysis.plan import Plan
from knowledge_base.language.domains import Choices, Numbers, Values, both
from knowledge_base.language.vocabulary import Attribute, Vocabulary


def conditions_of(plans: Iterable[Plan], vocabulary: Vocabulary) -> list[Condition]:
    """Return what plans and the rows of their forks rest on, each fact once: what suffices for all of them."""
    plans = list(plans)
    rows = [row for one in plans if one.fork for row in one.fork.rows]
    every = [c for held in (*(one.conditions for one in plans), *(row.conditions for row in rows)) for c in held]
    merged: dict[str, Condition] = {}
    for condition in every:
        merged[condition.fact] = _both(merged.get(condition.fact), condition, vocabulary[condition.attribute])
    return list(merged.values())


OPINIONS = ("judgement", "setting")


def conditions_met(conditions: Iterable[Condition]) -> int:
    """Return how many conditions a reader meets; all wishes are one, and so are all opinions that nobody gave."""
    classes = Counter("opinion" if c.unsaid and c.input_class in OPINIONS else c.input_class for c in conditions)
    return classes.total() - max(classes["wish"] - 1, 0) - max(classes["opinion"] - 1, 0)


def _both(first: Condition | None, second: Condition, attribute: Attribute) -> Condition:
    if first is None or first.values == second.values:
        return second
    if first.values is None or second.values is None:
        return first if first.values is None else second
    shared = both(attribute.read(first.values), attribute.read(second.values))
    return second.model_copy(update={"values": attribute.dump(shared)})


def holds(attribute: Attribute, condition: Condition) -> str:
    """Return a condition as a reader ticks it off: "no active infection", "expected survival not under 3 months"."""
    if condition.values is None:
        return f"nothing said of {attribute.label}"
    values = attribute.read(condition.values)
    if attribute.type == "yes_no" and not condition.unsaid:
        return attribute.label if values == Choices(frozenset({True})) else f"no {attribute.label}"
    if condition.unsaid and (left := others(attribute, values)) is not None:
        return f"{attribute.label} not {attribute.words(left)}"
    return f"{attribute.label}{':' if attribute.type == 'choice' else ''} {attribute.words(values)}"


def others(attribute: Attribute, values: Values) -> Values | None:
    domain = attribute.domain
    if isinstance(domain, Numbers) and isinstance(values, Numbers):
        return domain.without(values)
    if isinstance(domain, Choices) and isinstance(values, Choices):
        return domain.without(values)
    return None
