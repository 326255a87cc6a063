"""Mutants: a knowledge base with one small slip in one rule or score, such as an editor makes.

A line of `when` or `unless` is dropped, a threshold stands one further, a stance is turned to its opposite. A library of
cases that is worth something has a case that comes out otherwise: that case kills the mutant.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from typing import Literal

import networkx as nx

from engine.verification.rules_checks import parts_of, put
from knowledge_base.language.conditions import ALWAYS, NEVER, All, Condition, Line, Quantified, describe
from knowledge_base.language.domains import Choices, Number, Numbers, Span, Values, without
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.predicates import Within
from knowledge_base.language.rules import Argue, Rule, ScoreRow, Stance, Step
from knowledge_base.language.vocabulary import Attribute, Vocabulary
from knowledge_base.loading.stratification import dependency_graph, levels

MutantKind = Literal["dropped", "moved", "turned"]
OPPOSITE: Mapping[Stance, Stance] = {
    "recommend": "advise_against",
    "consider": "advise_against",
    "advise_against": "consider",
    "exclude": "consider",
}


@dataclass(frozen=True)
class Mutant:
    """One slip: `change` says in words which line of the rule or step `unit` it is, and `mutated` is that with it."""

    unit: str
    kind: MutantKind
    change: str
    mutated: Unit

    def __hash__(self) -> int:
        return hash((self.unit, self.kind, self.change))

    def __str__(self) -> str:
        return f"{self.unit}: {self.told}"

    @property
    def told(self) -> str:
        """The line and what became of it."""
        return f"{self.change} dropped" if self.kind == "dropped" else self.change


def mutants_of(knowledge: KnowledgeBase, units: Iterable[Unit]) -> Iterator[Mutant]:
    """Yield the mutants of some rules and score steps.

    Left out are turned stances that would make a ring: of what the rule itself reads, through others or other mutants.
    """
    reading = dependency_graph(knowledge.units.values())
    for unit in units:
        if isinstance(unit, Step):
            mutants: Iterator[tuple[MutantKind, str, Unit]] = _of_step(unit, knowledge.vocabulary)
        else:
            mutants = chain(_of_conditions(unit, knowledge.vocabulary), _turned(unit, reading))
        yield from (Mutant(unit.id, *mutant) for mutant in mutants)


def with_mutant(knowledge: KnowledgeBase, mutant: Mutant) -> KnowledgeBase:
    """Return the knowledge base with a mutant in place of what it is one of."""
    name, unit = mutant.unit, mutant.mutated
    if isinstance(unit, Step):
        steps, every_step = ({**kept, name: unit} for kept in (knowledge.steps, knowledge.every_step))
        return replace(knowledge, steps=steps, every_step=every_step)
    rules, every_rule = ({**kept, name: unit} for kept in (knowledge.rules, knowledge.every_rule))
    order = levels(knowledge.vocabulary, (*every_rule.values(), *knowledge.every_step.values()))
    return replace(knowledge, rules=rules, every_rule=every_rule, levels=order)


def beside(knowledge: KnowledgeBase, mutants: Iterable[Mutant]) -> KnowledgeBase:
    """Return a knowledge base of the mutants alone, for the lines that they draw through numbers."""
    listed = [(f"{i}", mutant.mutated) for i, mutant in enumerate(mutants)]
    rules = {name: unit for name, unit in listed if isinstance(unit, Rule)}
    return replace(knowledge, rules=rules, steps={name: unit for name, unit in listed if isinstance(unit, Step)})


# --- rules -------------------------------------------------------------------------------------------------------------


def _of_conditions(rule: Rule, vocabulary: Vocabulary) -> Iterator[tuple[MutantKind, str, Unit]]:
    for place in ("when", "unless"):
        for kind, change, condition in _conditions(getattr(rule, place), place, vocabulary):
            yield kind, change, _with(rule, **{place: condition})


def _turned(rule: Rule, reading: "nx.DiGraph[str]") -> Iterator[tuple[MutantKind, str, Unit]]:
    for stance in dict.fromkeys(argument.stance for argument in rule.arguments):
        turned, written = OPPOSITE[stance], f"argued_{OPPOSITE[stance]}"
        if written in reading and any(nx.has_path(reading, written, read) for read in rule.reads):
            continue
        reading.add_edges_from((read, written) for read in rule.reads)
        conclusions = tuple(
            Argue(pathway=c.pathway, stance=turned) if isinstance(c, Argue) and c.stance == stance else c
            for c in rule.conclusions
        )
        yield "turned", f"then: {stance} turned to {turned}", _with(rule, conclusions=conclusions)


def _with(rule: Rule, **otherwise: object) -> Rule:
    """Return a rule with other fields, and nothing that was worked out from the old ones."""
    return Rule.model_construct(**{**{name: getattr(rule, name) for name in Rule.model_fields}, **otherwise})


def _conditions(whole: Condition, place: str, vocabulary: Vocabulary) -> Iterator[tuple[MutantKind, str, Condition]]:
    """Yield each condition that differs by one line, with the change in words."""
    nothing = ALWAYS if place == "when" else NEVER
    for path, part, holder in parts_of(whole):
        if not isinstance(part, Line | Quantified):
            continue
        without = (ALWAYS if holder is All else NEVER) if path else nothing
        yield "dropped", f"{place}: {describe(part)}", put(whole, path, without)
        if isinstance(part, Line):
            for moved in _moved(part, vocabulary):
                said = vocabulary[part.attribute].dump(moved.accepted)
                change = f"{place}: {describe(part)} moved to {said}"
                yield "moved", change, put(whole, path, replace(part, test=moved))


# --- thresholds --------------------------------------------------------------------------------------------------------


def _moved(line: Line, vocabulary: Vocabulary) -> Iterator[Within]:
    """Yield a test with each of its thresholds one further, and one less far."""
    attribute = vocabulary[line.attribute]
    if not isinstance(line.test, Within):
        return
    accepted: Iterable[Choices | Numbers] = ()
    if isinstance(line.test.accepted, Numbers):
        accepted = _moved_numbers(line.test.accepted, attribute)
    elif attribute.ordered and any(sign in line.text for sign in ("<", ">", "..")):
        accepted = _moved_grades(line.test.accepted, attribute)
    for values in dict.fromkeys(accepted):
        rest = without(attribute.domain, values)
        if not values.is_empty and not rest.is_empty and values != line.test.accepted:
            yield Within(values, rest)


def _moved_numbers(accepted: Numbers, attribute: Attribute) -> Iterator[Numbers]:
    domain = attribute.domain
    assert isinstance(domain, Numbers)
    for i, span in enumerate(accepted.spans):
        others = (*accepted.spans[:i], *accepted.spans[i + 1 :])
        moved = [replace(span, low=span.low + by) for by in _by(span.low, attribute) if span.low > domain.low]
        moved += [replace(span, high=span.high + by) for by in _by(span.high, attribute) if span.high < domain.high]
        yield from (Numbers.of((*others, one), domain.whole) & domain for one in moved)


def _by(number: Number, attribute: Attribute) -> tuple[Number, Number]:
    """Return how far a threshold is moved, both ways: a step of the scale, or one in the last place that is written."""
    exponent = number.as_tuple().exponent if isinstance(number, Decimal) else 0
    unit = Decimal(1).scaleb(exponent) if isinstance(exponent, int) and exponent < 0 else attribute.step or 1
    return (unit, -unit)


def _moved_grades(accepted: Values, attribute: Attribute) -> Iterator[Choices]:
    assert isinstance(accepted, Choices)
    places = [i for i, name in enumerate(attribute.names) if name in accepted.members]
    first, last, end = places[0], places[-1], len(attribute.names) - 1
    ends = [(first + by, last) for by in (1, -1) if first > 0]
    ends += [(first, last + by) for by in (1, -1) if last < end]
    if places == list(range(first, last + 1)):
        yield from (Choices(frozenset(attribute.names[low : high + 1])) for low, high in ends)


# --- scores ------------------------------------------------------------------------------------------------------------


def _of_step(step: Step, vocabulary: Vocabulary) -> Iterator[tuple[MutantKind, str, Unit]]:
    """Yield a table from a total to classes with each line between two classes one further, and one less far."""
    if step.kind != "class":
        return
    rows = sorted(step.rows, key=lambda row: row.accepted.low if isinstance(row.accepted, Numbers) else 0)
    for i in range(len(rows) - 1):
        below, above = rows[i].accepted, rows[i + 1].accepted
        assert isinstance(below, Numbers)
        assert isinstance(above, Numbers)
        for by in (1, -1):
            parts = (Numbers.of([replace(below.spans[-1], high=below.high + by)], below.whole), _from(above, by))
            if any(part.is_empty for part in parts):
                continue
            new = [ScoreRow(accepted=part, result=row.result) for part, row in zip(parts, rows[i : i + 2], strict=True)]
            said = vocabulary[step.reads[0]].dump(parts[1])
            yield (
                "moved",
                f"{vocabulary[step.attribute].dump(rows[i + 1].result)} moved to {said}",
                step.model_copy(update={"rows": (*rows[:i], *new, *rows[i + 2 :])}),
            )


def _from(numbers: Numbers, by: int) -> Numbers:
    """Return numbers with their lower end moved."""
    first: Span = numbers.spans[0]
    return Numbers.of((replace(first, low=first.low + by), *numbers.spans[1:]), numbers.whole)
