"""From knowledge to productions: every rule and every step of a score becomes patterns over settled facts.

A settled fact says what one attribute of one subject may be; its kind is the attribute. As each is declared once, when
everything that speaks of it has spoken, "surely true" is a predicate on one field, and "not surely true" (a line of
`unless`) is another: neither OR nor NOT reaches the engine. `any` becomes sibling productions under one rule id.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from engine.inference.production import EngineFact, Match, Memory, Pattern, Production
from engine.inference.score_steps import result, uninformed
from engine.inference.subjects import Subject
from knowledge_base.language.conditions import Leaf, Line, Quantified, alternatives, leaves
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.predicates import Test, Truth
from knowledge_base.language.rules import Rule, Step
from knowledge_base.language.vocabulary import SubjectKind

JOINS: Mapping[SubjectKind, tuple[str, ...]] = {"patient": (), "lesion": ("lesion",), "option": ("lesion", "pathway")}
ANCHORS: Mapping[SubjectKind, str] = {"patient": "the_patient", "lesion": "a_lesion", "option": "an_option"}
SETTLING = "settling"
SIDE = "side_on"


@dataclass(frozen=True)
class Bound:
    """The facts that Experta bound when a production fired, by the line of the rule that each met.

    `met` are those of `when`, `absent` those that lines of `unless` looked at, `taken` those that the rule copies or
    counts, or that a step of a score reads.
    """

    subject: Subject
    met: tuple[tuple[Leaf, EngineFact], ...] = ()
    absent: tuple[tuple[Leaf, EngineFact], ...] = ()
    taken: tuple[EngineFact, ...] = ()

    @classmethod
    def of(cls, match: Match, when: Iterable[Leaf] = (), unless: Iterable[Leaf] = (), taken: int = 0) -> "Bound":
        """Return what a match bound, for the lines in the order in which they became patterns."""
        return cls(
            Subject(match.joins.get("lesion", ""), match.joins.get("pathway", "")),
            tuple((leaf, match.facts[f"p{i}"]) for i, leaf in enumerate(when)),
            tuple((leaf, match.facts[f"u{i}"]) for i, leaf in enumerate(unless)),
            tuple(match.facts[f"t{i}"] for i in range(taken)),
        )


class Handler(Protocol):
    """What happens when a production fires."""

    def rule_fired(self, rule: Rule, alternative: int, bound: Bound) -> None: ...

    def step_fired(self, step: Step, bound: Bound) -> None: ...

    def stratum_done(self, level: int, memory: Memory) -> None: ...


class Compiler:
    """Compiles the rules of all sides of a knowledge base: one of a dispute waits for a fact that its side is on.

    So another side costs a consultation and no second compilation. Equal tests share one predicate, as Experta shares
    network nodes by identity.
    """

    def __init__(self, knowledge: KnowledgeBase, handler: Callable[[], Handler]) -> None:
        self.knowledge = knowledge = knowledge.whole
        self.handler = handler
        self.quantified = {key: f"question_{i}" for i, key in enumerate(knowledge.questions)}
        self._predicates: dict[tuple[object, bool], Callable[[object], bool]] = {}

    def productions(self) -> Iterator[Production]:
        """Yield one production for each alternative of each rule, each score step, and each stratum to be settled."""
        for rule in self.knowledge.rules.values():
            yield from self._of_rule(rule)
        for step in self.knowledge.steps.values():
            yield self._of_step(step)
        for level in range(self.knowledge.last_level + 1):
            yield self._settling(level)

    # A rule of stratum n runs at 2n, and what it may be the last to speak of is settled at 2n + 1.

    def _of_rule(self, rule: Rule) -> Iterator[Production]:
        unless = alternatives(rule.unless)
        looked_at = {leaf: f"u{i}" for i, leaf in enumerate(_looked_at(rule))}
        alone = {way[0] for way in unless if len(way) == 1}
        joint = [way for way in unless if len(way) > 1]
        absent = [self._pattern(leaf, name, leaf not in alone, absent=True) for leaf, name in looked_at.items()]
        taken = [self._any_value(name, f"t{i}") for i, name in enumerate(copied(rule))]
        for i, way in enumerate(alternatives(rule.when)):
            patterns = [self._pattern(leaf, f"p{j}") for j, leaf in enumerate(way)] + absent + taken
            yield Production(
                name=f"{rule.id}#{i + 1}",
                stratum=2 * self.knowledge.stratum(rule),
                turn=(rule.id, i),
                patterns=self._anchored(rule, patterns),
                fire=partial(self._fire_rule, rule, i, way),
                test=partial(self._none_holds, joint, looked_at) if joint else None,
                tested=tuple(looked_at[leaf] for leaf in dict.fromkeys(leaf for way in joint for leaf in way)),
            )

    def _of_step(self, step: Step) -> Production:
        domain = self.knowledge.vocabulary[step.attribute].domain
        patterns = [self._any_value(name, f"t{i}") for i, name in enumerate(step.reads)]
        return Production(
            name=step.id,
            stratum=2 * self.knowledge.stratum(step),
            turn=(step.id, 0),
            patterns=self._anchored(step, patterns),
            fire=partial(self._fire_step, step),
            test=partial(_narrows, step, domain),
            tested=tuple(pattern.name for pattern in patterns),
        )

    def _settling(self, level: int) -> Production:
        return Production(
            name=f"settle#{level}",
            stratum=2 * level + 1,
            turn=("", 0),
            patterns=(Pattern(SETTLING, "p0", literals=(("level", level),)),),
            fire=partial(self._settle, level),
        )

    def _fire_rule(self, rule: Rule, alternative: int, way: tuple[Leaf, ...], memory: Memory, match: Match) -> None:
        self.handler().rule_fired(rule, alternative, Bound.of(match, way, _looked_at(rule), len(copied(rule))))

    def _fire_step(self, step: Step, memory: Memory, match: Match) -> None:
        self.handler().step_fired(step, Bound.of(match, taken=len(step.reads)))

    def _settle(self, level: int, memory: Memory, match: Match) -> None:
        self.handler().stratum_done(level, memory)

    # --- patterns ----------------------------------------------------------------------------------------------

    def _anchored(self, unit: Unit, patterns: list[Pattern]) -> tuple[Pattern, ...]:
        """Return the patterns, led by one that says whom the production is about if none of them does, and whose side."""
        joins, led = JOINS[unit.subject], tuple(patterns)
        if not joins or all(pattern.joins != joins for pattern in patterns):
            led = (Pattern(ANCHORS[unit.subject], "subject", joins=joins), *led)
        if unit.side is not None:
            literals = (("dispute", unit.side.dispute), ("side", unit.side.side))
            led = (Pattern(SIDE, "side", literals=literals), *led)
        return led

    def _pattern(self, leaf: Leaf, name: str, free: bool = False, absent: bool = False) -> Pattern:
        if isinstance(leaf, Quantified):
            joins = () if leaf.over == "lesion" else JOINS["lesion"]
            accepts = None if free else self._predicate(None, absent)
            return Pattern(self.quantified[leaf.key], name, joins, field="truth", accepts=accepts)
        pattern = self._any_value(leaf.attribute, name)
        if free:
            return pattern
        return Pattern(pattern.kind, name, pattern.joins, field="values", accepts=self._predicate(leaf.test, absent))

    def _any_value(self, attribute: str, name: str) -> Pattern:
        return Pattern(attribute, name, JOINS[self.knowledge.vocabulary[attribute].of])

    def _predicate(self, test: Test | None, absent: bool) -> Callable[[object], bool]:
        """Return the predicate on a field: that it is surely true, or (absent) that it is not."""
        key = (test, absent)
        if key not in self._predicates:
            surely = _is_true if test is None else partial(_surely, test)
            self._predicates[key] = partial(_not, surely) if absent else surely
        return self._predicates[key]

    def _none_holds(
        self, ways: list[tuple[Leaf, ...]], names: Mapping[Leaf, str], facts: Mapping[str, EngineFact]
    ) -> bool:
        return not any(all(_holds(leaf, facts[names[leaf]]) for leaf in way) for way in ways)


def copied(rule: Rule) -> list[str]:
    """Return the attributes whose values a rule copies or counts, whatever they are."""
    return list(dict.fromkeys(said.reads for said in rule.sets if said.reads))


def _looked_at(rule: Rule) -> list[Leaf]:
    """Return the lines of `unless`, each once."""
    return list(dict.fromkeys(leaves(rule.unless)))


def _holds(leaf: Leaf, fact: EngineFact) -> bool:
    if isinstance(leaf, Line):
        return _surely(leaf.test, fact.fields["values"])
    return _is_true(fact.fields["truth"])


def _surely(test: Test, values: object) -> bool:
    return test.truth(values) is Truth.TRUE  # type: ignore[arg-type]  # the field of a settled fact


def _is_true(truth: object) -> bool:
    return truth is Truth.TRUE


def _not(predicate: Callable[[object], bool], value: object) -> bool:
    return not predicate(value)


def _narrows(step: Step, domain: Values, facts: Mapping[str, EngineFact]) -> bool:
    """Tell whether a step says something new: its result is less than the whole range of the table."""
    inputs = [facts[f"t{i}"].fields["values"] for i in range(len(step.reads))]
    found = result(step, inputs)  # type: ignore[arg-type]  # the fields of settled facts
    return found not in (domain, uninformed(step))
