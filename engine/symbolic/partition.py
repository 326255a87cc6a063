"""Cutting a domain into cells: values that no rule, score or given range can tell apart.

A choice has one cell for each value. A number is cut wherever a test, a conclusion or a row of a score draws a line; scores,
their points and counts are cut at every whole number. Attributes that copy one another share their cuts.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import pairwise

from cases.model import Case
from knowledge_base.language.conditions import Line
from knowledge_base.language.domains import Choices, Member, Number, Numbers, Span, Subsets, Values, apart
from knowledge_base.language.knowledge import ByIdentity, KnowledgeBase
from knowledge_base.language.predicates import AnyOf, Within
from knowledge_base.language.rules import Rule
from knowledge_base.language.vocabulary import Attribute

Cut = tuple[Number, bool]  # before the number, or (True) behind it


class _Kept:
    """Cells by attribute, and which of them have something in common with some values that a rule or score names."""

    def __init__(self) -> None:
        self.cells: dict[str, tuple[Values, ...]] = {}
        self.meeting: dict[tuple[str, int], tuple[Values, frozenset[int]]] = {}


class Lines:
    """Where a knowledge base draws lines through its numbers, whatever the case."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge
        self.uncut = _Kept()

    @cached_property
    def copies(self) -> Mapping[str, frozenset[str]]:
        """For each attribute, those that copy it or are copied by it, itself among them."""
        groups = {name: frozenset({name}) for name in self.knowledge.vocabulary}
        for rule in self.knowledge.rules.values():
            for said in rule.sets:
                if said.same_as is not None:
                    joined = groups[said.attribute] | groups[said.same_as]
                    groups.update(dict.fromkeys(joined, joined))
        return groups

    @cached_property
    def cuts(self) -> Mapping[str, frozenset[Cut]]:
        """For each number, the lines drawn through it."""
        return cuts_of(self._values_used())

    @cached_property
    def alike(self) -> Mapping[str, Mapping[Member, Member]]:
        """For each choice or set, each of its values with the first that no rule and no score tells apart from it."""
        drawn: dict[str, list[Collection[Member]]] = {}
        for name, values in (*self._values_used(), *self._sets_used()):
            drawn.setdefault(name, []).extend(_members_of(values))
        found = {}
        for name, attribute in self.knowledge.vocabulary.items():
            members = (True, False) if attribute.type == "yes_no" else attribute.names
            apart = len(self.copies[name]) > 1  # what copies it may be given, which no rule shows
            kinds = {m: (m if apart else "", *(m in part for part in drawn.get(name, ()))) for m in members}
            first = {kind: member for member, kind in reversed(kinds.items())}
            found[name] = {member: first[kind] for member, kind in kinds.items()}
        return found

    def _sets_used(self) -> Iterator[tuple[str, Values]]:
        """Yield the members of sets that rules ask for or conclude."""
        for rule in self.knowledge.rules.values():
            for line in rule.lines:
                if isinstance(line.test, AnyOf):
                    yield line.attribute, Choices(line.test.members)
            for conclusion in rule.sets:
                if isinstance(conclusion.values, Subsets):
                    yield conclusion.attribute, conclusion.values

    def _values_used(self) -> Iterator[tuple[str, Values]]:
        for rule in self.knowledge.rules.values():
            yield from _of_rule(rule, self.knowledge)
        for step in self.knowledge.steps.values():
            for row in step.rows:
                yield step.reads[0], row.accepted
                yield step.attribute, row.result
            if step.kind != "class":
                yield from _whole_numbers(self.knowledge.vocabulary[step.attribute])


@lru_cache(maxsize=4)
def lines_of(knowledge: ByIdentity) -> Lines:
    """Return the lines that a knowledge base draws; found once."""
    return Lines(knowledge.base)


class Cells:
    """The cells of every attribute of a knowledge base, cut for one case as well."""

    def __init__(self, knowledge: KnowledgeBase, case: Case | None = None) -> None:
        self.knowledge = knowledge
        self.lines = lines_of(ByIdentity(knowledge))
        given = [] if case is None else [case.patient, *(lesion.given for lesion in case.lesions)]
        self._given = cuts_of(pair for values in given for pair in values.items())
        self._cut = _Kept()

    def of(self, name: str) -> tuple[Values, ...]:
        """Return the cells of a choice, a yes/no or a number, in order; together they are the domain."""
        cells = self._kept(name).cells
        if name not in cells:
            attribute = self.knowledge.vocabulary[name]
            cells[name] = tuple(self._numbers(attribute) if attribute.type == "number" else _choices(attribute))
        return cells[name]

    def meeting(self, name: str, values: Values) -> frozenset[int]:
        """Return the places of the cells that have something in common with these values, which the knowledge names."""
        meeting = self._kept(name).meeting
        key = (name, id(values))  # a line asks with the same values each time; kept, so that none takes their id
        if key not in meeting:
            meeting[key] = values, in_common(self.of(name), values)
        return meeting[key][1]

    def _kept(self, name: str) -> _Kept:
        """Return what is kept for all cases alike, where this one draws no line."""
        return self.lines.uncut if self._given.keys().isdisjoint(self.lines.copies[name]) else self._cut

    def _numbers(self, attribute: Attribute) -> Iterator[Numbers]:
        domain = attribute.domain
        assert isinstance(domain, Numbers)
        every = (self.lines.cuts, self._given)
        found = {cut for name in self.lines.copies[attribute.id] for cuts in every for cut in cuts.get(name, ())}
        inside = sorted(cut for cut in found if (domain.low, False) < cut < (domain.high, True))
        ends = [(domain.low, False), *inside, (domain.high, True)]
        for (low, low_open), (high, high_closed) in pairwise(ends):
            cell = Numbers.of([Span(low, high, low_open, not high_closed)], attribute.whole)
            if not cell.is_empty:
                yield cell


def in_common(cells: Iterable[Values], values: Values) -> frozenset[int]:
    """Return the places of those cells that have something in common with some values."""
    return frozenset(i for i, cell in enumerate(cells) if not apart(cell, values))


def cuts_of(used: Iterable[tuple[str, Values]]) -> Mapping[str, frozenset[Cut]]:
    """Return, for each number, the lines that some values of it draw."""
    cuts: dict[str, set[Cut]] = {}
    for name, values in used:
        for span in values.spans if isinstance(values, Numbers) else ():
            cuts.setdefault(name, set()).update(((span.low, span.low_open), (span.high, not span.high_open)))
    return {name: frozenset(found) for name, found in cuts.items()}


def value_in(cell: Values, step: int | None) -> Values | None:
    """Return one value of a cell as a set of that value; None when no value of the scale lies in it."""
    if not isinstance(cell, Numbers):
        return cell
    span = cell.spans[0]
    if step:
        first = -(-span.low // step) * step
        first += step if span.low_open and first == span.low else 0
        return Numbers.between(first, first, cell.whole) if not (_at(first) & cell).is_empty else None
    if not span.low_open:
        return Numbers.between(span.low, span.low, cell.whole)
    if not span.high_open:
        return Numbers.between(span.high, span.high, cell.whole)
    middle = (Decimal(span.low) + Decimal(span.high)) / 2
    return Numbers.between(middle, middle, cell.whole)


def _members_of(values: Values) -> Iterator[Collection[Member]]:
    if isinstance(values, Choices):
        yield values.members
    elif isinstance(values, Subsets):
        yield from (values.required, values.allowed)


def _at(number: Number) -> Numbers:
    return Numbers.between(number, number)


def _choices(attribute: Attribute) -> Iterator[Choices]:
    members: Iterable[str | bool] = (True, False) if attribute.type == "yes_no" else attribute.names
    return (Choices(frozenset({member})) for member in members)


def _of_rule(rule: Rule, knowledge: KnowledgeBase) -> Iterator[tuple[str, Values]]:
    yield from tested(rule.lines)
    for conclusion in rule.sets:
        if conclusion.values is not None and not isinstance(conclusion.values, Subsets):
            yield conclusion.attribute, conclusion.values
        elif conclusion.count_of is not None:
            most = len(knowledge.vocabulary[conclusion.count_of].names)
            yield from _whole_numbers(knowledge.vocabulary[conclusion.attribute], most)


def tested(lines: Iterable[Line]) -> Iterator[tuple[str, Values]]:
    """Yield the attribute of each line that asks whether values are within others, and these."""
    for line in lines:
        if isinstance(line.test, Within):
            yield line.attribute, line.test.accepted


def _whole_numbers(attribute: Attribute, most: int | None = None) -> Iterator[tuple[str, Values]]:
    """Yield every whole number of a domain (up to `most`), each as values that draw a line on either side."""
    domain = attribute.domain
    assert isinstance(domain, Numbers)
    high = int(domain.high) if most is None else min(int(domain.high), most)
    for number in range(int(domain.low), high + 1):
        yield attribute.id, Numbers.between(number, number)
