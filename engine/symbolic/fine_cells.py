"""Cells fine enough for every state of knowledge at once, not for one case alone.

A range that a case gives could end anywhere in a cell; where rules narrow it too, what is left may then be one value. So
a number about which a case and rules speak is cut at each of its values, as far as they can be counted.
"""

from collections.abc import Iterator

from engine.symbolic.partition import Cells, Cut, Lines, cuts_of, tested
from knowledge_base.language.conditions import lines_in
from knowledge_base.language.domains import Numbers, Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute

MOST_CUT = 60  # whole numbers beyond which a number that is both given and ruled is not cut at each of its values


class FineCells(Cells):
    """Cells cut by the lines of hazards too, and at every value of a number that is both given and ruled."""

    def __init__(self, knowledge: KnowledgeBase, other: KnowledgeBase | None = None) -> None:
        """`other`: knowledge whose lines cut the numbers as well, to look at both in one circuit."""
        super().__init__(knowledge)
        drawn = [cuts_of(_every_value(base)) for base in (knowledge, other) if base is not None]
        drawn += [Lines(other).cuts] if other is not None else []
        drawn += [cuts_of(_of_hazards(base)) for base in (knowledge, other) if base is not None]
        names = {name for cuts in drawn for name in cuts}
        self._given = {name: frozenset().union(*(cuts.get(name, frozenset()) for cuts in drawn)) for name in names}


class FinestCells(FineCells):
    """Fine cells that are cut as well at every value of a number that is given and copied to where rules speak of it."""

    def __init__(self, knowledge: KnowledgeBase, other: KnowledgeBase | None = None) -> None:
        super().__init__(knowledge, other)
        added: dict[str, frozenset[Cut]] = {}
        for group in set(self.lines.copies.values()):
            attributes = [knowledge.vocabulary[name] for name in sorted(group)]
            if any(a.given for a in attributes) and any(knowledge.writers[a.id] for a in attributes):
                added |= cuts_of(pair for attribute in attributes for pair in _values_of(attribute))
        old = self._given
        self._given = {name: old.get(name, frozenset()) | added.get(name, frozenset()) for name in {*old, *added}}


def _of_hazards(knowledge: KnowledgeBase) -> Iterator[tuple[str, Values]]:
    """Yield the values that hazards test: they draw lines through numbers as rules do."""
    for hazard in knowledge.hazards.values():
        for condition in hazard.conditions:
            yield from tested(lines_in(condition))


def _every_value(knowledge: KnowledgeBase) -> Iterator[tuple[str, Numbers]]:
    for name, attribute in knowledge.vocabulary.items():
        if attribute.given and knowledge.writers[name]:
            yield from _values_of(attribute)


def _values_of(attribute: Attribute) -> Iterator[tuple[str, Numbers]]:
    """Yield each number that can be given, if these can be counted: each is to be a cell."""
    domain, step = attribute.domain, attribute.step or 1
    if isinstance(domain, Numbers) and domain.whole and (domain.high - domain.low) / step <= MOST_CUT:
        for number in range(-(-int(domain.low) // step) * step, int(domain.high) + 1, step):
            yield attribute.id, Numbers.between(number, number)
