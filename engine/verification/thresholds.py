"""Gaps at thresholds: `> 12` in one rule and `< 12` in another, so that at just 12 neither holds."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.verification.findings import Finding
from engine.verification.space import Everyone
from knowledge_base.language.conditions import Line
from knowledge_base.language.domains import Number, Numbers
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.predicates import Within
from knowledge_base.language.rules import Rule


@dataclass(frozen=True)
class Boundary:
    """Where a test of a rule begins or ends: just before or behind a number that it leaves out, or at one that it takes."""

    rule: Rule
    number: Number
    takes_it: bool
    lies_above: bool


def gaps(everyone: Everyone) -> Iterator[Finding]:
    """Yield each number that tests on both sides of it leave out and no test takes in as its first or last."""
    for name, edges in edges_of(everyone.knowledge).items():
        for number in sorted({edge.number for edge in edges}):
            here = [edge for edge in edges if edge.number == number]
            below = sorted({e.rule.id for e in here if not e.takes_it and not e.lies_above})
            above = sorted({e.rule.id for e in here if not e.takes_it and e.lies_above})
            if below and above and not any(edge.takes_it for edge in here) and can_be(everyone, name, number):
                about = tuple(sorted({*below, *above}))
                position = everyone.knowledge.rules[about[0]].position
                yield Finding("gap_at_threshold", about, f"{name}: {number}", position=position)


def edges_of(knowledge: KnowledgeBase) -> dict[str, list[Boundary]]:
    """Return, for each number, where the tests of rules on it begin and end."""
    found: dict[str, list[Boundary]] = {}
    for rule in knowledge.rules.values():
        for line in rule.lines:
            found.setdefault(line.attribute, []).extend(_edges(rule, line, knowledge))
    return {name: edges for name, edges in sorted(found.items()) if edges}


def _edges(rule: Rule, line: Line, knowledge: KnowledgeBase) -> Iterator[Boundary]:
    if not isinstance(line.test, Within) or not isinstance(line.test.accepted, Numbers):
        return
    domain = knowledge.vocabulary[line.attribute].domain
    assert isinstance(domain, Numbers)
    for span in line.test.accepted.spans:
        if span.low > domain.low or span.low_open:
            yield Boundary(rule, span.low, not span.low_open, lies_above=True)
            if domain.whole:
                yield Boundary(rule, span.low - 1, False, lies_above=True)
        if span.high < domain.high or span.high_open:
            yield Boundary(rule, span.high, not span.high_open, lies_above=False)
            if domain.whole:
                yield Boundary(rule, span.high + 1, False, lies_above=False)


def can_be(everyone: Everyone, name: str, number: Number) -> bool:
    """Tell whether a patient can have just this number."""
    attribute = everyone.knowledge.vocabulary[name]
    if attribute.step and number % attribute.step:
        return False
    at = Numbers.between(number, number, attribute.whole)
    space = everyone.space()
    subject = space.encoding.subjects(attribute.of)[0]
    possible = space.encoding.possible(subject, name)
    met = space.encoding.cells.meeting(name, at)
    return space.can(*(lit if i in met else -lit for i, lit in enumerate(possible)))
