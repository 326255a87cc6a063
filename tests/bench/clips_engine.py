"""The same productions in CLIPS: what one of the fastest engines of its kind needs to match and fire them.

CLIPS is spared all that costs Python time elsewhere: nothing is settled, recorded or explained, and each test on a value is
worked out beforehand, so that a fact says yes or no to it. So its time is that of an engine, not of a consultation. Facts
are asserted from Python in the quickest of the three ways that clipspy has; most of its time goes there.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import clips

from engine.inference.compiler import Compiler
from engine.inference.production import EngineFact, Pattern, Production
from knowledge_base.language.conditions import Leaf, Line
from knowledge_base.language.knowledge import KnowledgeBase

JOINS = ("lesion", "pathway")
NARROWING = "narrowing"  # that a step of a score says something new, worked out beforehand as the tests are

Accepts = Callable[[object], bool]
Asserted = tuple[Any, dict[str, object]]  # a template, and what goes into its slots


class ClipsEngine:
    """A knowledge base in CLIPS; `fired` gives how many productions fire on settled facts."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._compiler = Compiler(knowledge, lambda: None)  # type: ignore[arg-type,return-value]  # nothing is handled
        every = [p for p in self._compiler.productions() if not p.name.startswith("settle#")]
        self._steps = {p.name: p for p in every if p.name in knowledge.whole.steps}
        self._asked: dict[str, dict[Accepts, str]] = {}  # by kind, the slot of each test
        rules = [self._rule(production) for production in every]
        self._kinds = {pattern.kind for production in every for pattern in production.patterns}
        templates = [
            f"(deftemplate {NARROWING} (slot step) (slot lesion) (slot pathway))",
            *map(self._template, sorted(self._kinds)),
        ]
        self._environment = clips.Environment()
        for construct in (*templates, *rules):
            self._environment.build(construct)

    def fired(self, facts: Iterable[Asserted]) -> int:
        """Forget the last run, assert facts (see `facts_of`), fire until nothing is left, and return how often."""
        self._environment.reset()
        for template, slots in facts:
            template.assert_fact(**slots)
        fired: int = self._environment.run()
        return fired

    def facts_of(self, settled: Iterable[EngineFact]) -> list[Asserted]:
        """Return settled facts as CLIPS takes them, with the answers to all tests."""
        listed = [fact for fact in settled if fact.kind in self._kinds]
        return [*map(self._fact, listed), *self._narrowings(listed)]

    # --- rules ---------------------------------------------------------------------------------------------------------

    def _rule(self, production: Production) -> str:
        lines = [self._pattern(production, pattern) for pattern in production.patterns]
        if production.name in self._steps:
            joined = " ".join(f"({join} ?{join})" for join in _joins(production))
            lines.append(f'({NARROWING} (step "{production.name}") {joined})')
        elif production.test is not None:
            assert isinstance(production.test, partial)
            ways, names = production.test.args
            held = (f"(and {' '.join(f'(eq ?{names[leaf]}{self._of(leaf)} yes)' for leaf in way)})" for way in ways)
            lines.append(f"(test (not (or {' '.join(held)} FALSE)))")
        return f"(defrule {production.name} (declare (salience {-production.stratum})) {' '.join(lines)} =>)"

    def _pattern(self, production: Production, pattern: Pattern) -> str:
        slots = [f"({join} ?{join})" for join in pattern.joins]
        slots += [f'({name} "{value}")' for name, value in pattern.literals]
        if pattern.accepts is not None:
            slots.append(f"({self._slot(pattern.kind, pattern.accepts)} yes)")
        if isinstance(production.test, partial) and production.name not in self._steps:
            ways, names = production.test.args
            for leaf in dict.fromkeys(leaf for way in ways for leaf in way):
                if names[leaf] == pattern.name:
                    slots.append(f"({self._of(leaf)} ?{pattern.name}{self._of(leaf)})")
        return f"({pattern.kind} {' '.join(dict.fromkeys(slots))})"

    def _of(self, leaf: Leaf) -> str:
        """Return the slot that says whether a line is surely met."""
        if isinstance(leaf, Line):
            return self._slot(leaf.attribute, self._compiler._predicate(leaf.test, absent=False))
        return self._slot(self._compiler.quantified[leaf.key], self._compiler._predicate(None, absent=False))

    def _slot(self, kind: str, accepts: Accepts) -> str:
        slots = self._asked.setdefault(kind, {})
        return slots.setdefault(accepts, f"t{len(slots)}")

    # --- facts ---------------------------------------------------------------------------------------------------------

    def _template(self, kind: str) -> str:
        slots = ("lesion", "pathway", "dispute", "side", *self._asked.get(kind, {}).values())
        return f"(deftemplate {kind} {' '.join(f'(slot {slot})' for slot in slots)})"

    def _fact(self, fact: EngineFact) -> Asserted:
        said = fact.fields.get("values", fact.fields.get("truth"))
        slots = {name: fact.fields[name] for name in (*JOINS, "dispute", "side") if name in fact.fields}
        asked = self._asked.get(fact.kind, {}).items()
        answers = {slot: clips.Symbol("yes" if accepts(said) else "no") for accepts, slot in asked}
        return self._environment.find_template(fact.kind), {**slots, **answers}

    def _narrowings(self, facts: Iterable[EngineFact]) -> Iterator[Asserted]:
        template = self._environment.find_template(NARROWING)
        settled = {(fact.kind, *(_text(fact, join) for join in JOINS)): fact for fact in facts}
        subjects = sorted({key[1:] for key in settled})
        for name, production in self._steps.items():
            joins = _joins(production)
            for subject in subjects:
                about = dict(zip(JOINS, subject, strict=True))
                if [join for join in JOINS if about[join]] != joins:
                    continue
                bound = {
                    p.name: settled[(p.kind, *(about[join] if join in p.joins else "" for join in JOINS))]
                    for p in production.patterns
                }
                if production.test is not None and production.test(bound):
                    yield template, {"step": name, **{join: about[join] for join in joins}}


def _joins(production: Production) -> list[str]:
    """Return the joins of a production, in order."""
    joined = {join for pattern in production.patterns for join in pattern.joins}
    return [join for join in JOINS if join in joined]


def _text(fact: EngineFact, field: str) -> str:
    return str(fact.fields.get(field, ""))
