"""Cutting a domain into cells: values that no rule, score or given range can tell apart.

A choice has one cell for each value. A number is cut wherever a test, a conclusion or a row of a score draws a line; scores
and their points are cut at every whole number. Attributes that copy one another share their cuts.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import networkx as nx

from cases.model import Case
from knowledge_base.conditions import Condition, Line, Quantified, leaves
from knowledge_base.model import KnowledgeBase
from knowledge_base.rules import Rule, SetTo
from knowledge_base.truth import Within
from knowledge_base.values import Choices, Number, Numbers, Span, Values
from knowledge_base.vocabulary import Attribute

Cut = tuple[Number, bool]  # before the number, or (True) behind it
FINE = 60  # a whole-number attribute of a score with at most this many values is cut at each of them


class Cells:
    """The cells of every attribute of a knowledge base, cut for one case as well."""

    def __init__(self, knowledge: KnowledgeBase, case: Case | None = None) -> None:
        self.knowledge = knowledge
        self.case = case
        self._cells: dict[str, tuple[Values, ...]] = {}

    def of(self, name: str) -> tuple[Values, ...]:
        """Return the cells of a choice, a yes/no or a number, in order; together they are the domain."""
        if name not in self._cells:
            attribute = self.knowledge.vocabulary[name]
            self._cells[name] = tuple(self._numbers(attribute) if attribute.type == "number" else _choices(attribute))
        return self._cells[name]

    def _numbers(self, attribute: Attribute) -> Iterator[Numbers]:
        domain = attribute.domain
        assert isinstance(domain, Numbers)
        cuts = sorted({cut for name in self._copies[attribute.id] for cut in self._cuts.get(name, ())})
        ends = [(domain.low, False), *cuts, (domain.high, True)]
        for (low, low_open), (high, high_closed) in zip(ends, ends[1:], strict=False):
            cell = Numbers.of([Span(low, high, low_open, not high_closed)], attribute.whole) & domain
            if not cell.is_empty:
                yield cell

    @cached_property
    def _copies(self) -> Mapping[str, frozenset[str]]:
        """For each attribute, those that copy it or are copied by it, itself among them."""
        graph = nx.Graph()
        graph.add_nodes_from(self.knowledge.vocabulary)
        for rule in self.knowledge.rules.values():
            graph.add_edges_from(
                (c.attribute, c.same_as) for c in rule.conclusions if isinstance(c, SetTo) and c.same_as is not None
            )
        return {name: frozenset(group) for group in nx.connected_components(graph) for name in group}

    @cached_property
    def _cuts(self) -> Mapping[str, set[Cut]]:
        cuts: dict[str, set[Cut]] = {}
        for name, values in self._values_used():
            if isinstance(values, Numbers):
                cuts.setdefault(name, set()).update(_cuts_of(values))
        return cuts

    def _values_used(self) -> Iterator[tuple[str, Values]]:
        for rule in self.knowledge.rules.values():
            yield from _of_rule(rule)
        for step in self.knowledge.steps.values():
            for row in step.rows:
                yield step.reads[0], row.accepted
                yield step.attribute, row.result
            if step.kind != "class":
                yield from ((step.attribute, point) for point in _points(self.knowledge.vocabulary[step.attribute]))
        if self.case is not None:
            for given in (self.case.patient, *(lesion.given for lesion in self.case.lesions)):
                yield from given.items()


def _choices(attribute: Attribute) -> Iterator[Choices]:
    members: Iterable[str | bool] = (True, False) if attribute.type == "yes_no" else attribute.names
    return (Choices(frozenset({member})) for member in members)


def _of_rule(rule: Rule) -> Iterator[tuple[str, Values]]:
    for condition in (rule.when, rule.unless):
        yield from _of_condition(condition)
    for conclusion in rule.conclusions:
        if isinstance(conclusion, SetTo) and conclusion.values is not None:
            yield conclusion.attribute, conclusion.values


def _of_condition(condition: Condition) -> Iterator[tuple[str, Values]]:
    for leaf in leaves(condition):
        if isinstance(leaf, Quantified):
            yield from _of_condition(leaf.condition)
        elif isinstance(leaf, Line) and isinstance(leaf.test, Within):
            yield leaf.attribute, leaf.test.accepted


def _cuts_of(values: Numbers) -> Iterator[Cut]:
    for span in values.spans:
        yield span.low, span.low_open
        yield span.high, not span.high_open


def _points(attribute: Attribute) -> Iterator[Numbers]:
    domain = attribute.domain
    if isinstance(domain, Numbers) and domain.high - domain.low <= FINE:
        for number in range(int(domain.low), int(domain.high) + 1):
            yield Numbers.between(number, number, whole=True)
