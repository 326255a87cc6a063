"""The lines that rules and scores draw through numbers, and who draws them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.symbolic.partition import Cut, cuts_of, tested
from knowledge_base.language.domains import Number, Numbers, Span, Values, apart
from knowledge_base.language.knowledge import KnowledgeBase


@dataclass(frozen=True)
class Threshold:
    """A line through a number: the units that draw it, and the classes on its sides where a score's table parts them."""

    units: tuple[str, ...]
    below: str = ""
    above: str = ""


def thresholds(knowledge: KnowledgeBase) -> Mapping[str, Mapping[Cut, Threshold]]:
    """Return, for each number that a rule or a score's table tests, every line that is drawn inside its range."""
    drawn: dict[str, dict[Cut, set[str]]] = {}
    for name, values, unit in _tested(knowledge):
        domain = knowledge.vocabulary[name].domain
        for cut in cuts_of([(name, values)]).get(name, ()):
            if isinstance(domain, Numbers) and (domain.low, False) < cut < (domain.high, True):
                drawn.setdefault(name, {}).setdefault(cut, set()).add(unit)
    return {
        name: {cut: _threshold(knowledge, name, cut, units) for cut, units in cuts.items()}
        for name, cuts in drawn.items()
    }


def _tested(knowledge: KnowledgeBase) -> Iterator[tuple[str, Values, str]]:
    for rule in knowledge.rules.values():
        yield from ((name, values, rule.id) for name, values in tested(rule.lines))
    for step in knowledge.steps.values():
        for row in step.rows:
            yield step.reads[0], row.accepted, step.id


def _threshold(knowledge: KnowledgeBase, name: str, cut: Cut, units: set[str]) -> Threshold:
    domain = knowledge.vocabulary[name].domain
    assert isinstance(domain, Numbers)
    number, behind = cut
    below = _next_to(Span(domain.low, number, high_open=not behind), domain, last=True)
    above = _next_to(Span(number, domain.high, low_open=behind), domain, last=False)
    sides = _class(knowledge, name, below), _class(knowledge, name, above)
    return Threshold(tuple(sorted(units)), *(sides if sides[0] != sides[1] else ("", "")))


def _next_to(span: Span, domain: Numbers, last: bool) -> Number | None:
    """Return the number next to a line, when they are whole."""
    side = Numbers.of([span], domain.whole)
    if side.is_empty or not domain.whole:
        return None
    return side.high if last else side.low


def _class(knowledge: KnowledgeBase, name: str, number: Number | None) -> str:
    """Return the words for the class that a score gives to a total."""
    for step in knowledge.steps.values():
        if step.kind == "class" and step.reads[0] == name and number is not None:
            for row in step.rows:
                if not apart(row.accepted, Numbers.between(number, number, whole=True)):
                    return knowledge.vocabulary[step.attribute].words(row.result)
    return ""
