"""Every way in which a fact follows: sets of firings and given facts that are together enough, the shortest first.

A fact that several voices narrow needs only as many of them as its reader's test asks for. What is not there to be known
(an `unless`, a part of a score left open) needs no support.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from engine.inference.subjects import Fact
from engine.inference.working_memory import ARGUED
from engine.run import Run, lines_by_path
from knowledge_base.language.conditions import Quantified, alternatives, leaves
from knowledge_base.language.domains import Values, both
from knowledge_base.language.predicates import Test, Truth
from knowledge_base.language.rules import Rule

Need = tuple[Fact, Test | None]  # a fact, and the test that it had to pass; None for "as it is"
MOST = 60  # ways kept for one fact; the shortest are kept
MANY_VOICES = 10  # beyond which only small groups of voices are tried


@dataclass(frozen=True)
class Support:
    """Firings and given facts that are together enough, and of which none can be left out."""

    firings: frozenset[str] = frozenset()
    given: frozenset[Fact] = frozenset()

    def __or__(self, other: "Support") -> "Support":
        return Support(self.firings | other.firings, self.given | other.given)

    def __le__(self, other: "Support") -> bool:
        return self.firings <= other.firings and self.given <= other.given

    @property
    def order(self) -> tuple[int, int, list[str], list[str]]:
        """The key by which ways are sorted: fewest firings first."""
        return len(self.firings), len(self.given), sorted(self.firings), sorted(map(str, self.given))


class Proofs:
    """Finds the ways for the facts and firings of one consultation; `cut` tells whether some were left out."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.cut = False
        self._facts: dict[Need, list[Support]] = {}
        self._firings: dict[str, list[Support]] = {}

    def of_fact(self, fact: Fact, test: Test | None = None) -> list[Support]:
        """Return the ways in which a fact passes a test, or (None) is as narrow as it is."""
        if (fact, test) not in self._facts:
            groups = self._enough(fact, test)
            ways = [way for group in groups for way in self._all(self._voice(fact, by) for by in group)]
            self._facts[fact, test] = self._best(ways)
        return self._facts[fact, test]

    def of_firing(self, firing_id: str) -> list[Support]:
        """Return the ways in which the premises of a firing hold, each with the firing itself."""
        if firing_id not in self._firings:
            parts = self._all(self._any(choices) for choices in self.needs(firing_id))
            self._firings[firing_id] = [Support(frozenset({firing_id})) | way for way in parts]
        return self._firings[firing_id]

    def of_firings(self, firing_ids: Iterable[str]) -> list[Support]:
        """Return the ways in which any one of some firings comes about."""
        return self._best([way for firing in firing_ids for way in self.of_firing(firing)])

    def needs(self, firing_id: str) -> Iterator[list[list[Need]]]:
        """Yield what a firing read, part by part: for each, choices of needs of which any one is enough.

        A line leaves one choice. `some_lesion` and `some_option` leave one for each lesion or option that met them.
        """
        firing = self.run.firings[firing_id]
        unit = self.run.knowledge.units[firing.rule]
        lines = lines_by_path(unit) if isinstance(unit, Rule) else {}
        asked = leaves(unit.when) if isinstance(unit, Rule) else ()
        some = [leaf for leaf in asked if isinstance(leaf, Quantified) and not leaf.every]
        inside = {path: leaf for leaf in some for path in (line.path for line in leaves(leaf.condition))}
        read: dict[Quantified, list[tuple[str, Need]]] = {}
        for premise in firing.premises:
            line = lines.get(premise.line)
            need = premise.fact, line.test if line else None
            if premise.line in inside:
                read.setdefault(inside[premise.line], []).append((premise.line, need))
            else:
                yield [[need]]
        for leaf, met in read.items():
            yield list(_choices(leaf, met))

    def _any(self, choices: list[list[Need]]) -> list[Support]:
        """Return the ways in which one of several lists of needs is met as a whole."""
        return self._best([way for needs in choices for way in self._all(self.of_fact(f, test) for f, test in needs)])

    def _voice(self, fact: Fact, by: str) -> list[Support]:
        return [Support(given=frozenset({fact}))] if by == "case" else self.of_firing(by)

    def _enough(self, fact: Fact, test: Test | None) -> list[tuple[str, ...]]:
        """Return the smallest groups of voices that together make a fact pass a test."""
        settled = self.run.values(fact)
        passes: Callable[[Values], bool] = (
            (lambda values: values == settled) if test is None else (lambda values: test.truth(values) is Truth.TRUE)
        )
        attribute = self.run.attribute(fact)
        voices = self.run.voices(fact)
        if attribute.id == "pathway" or (attribute.id in ARGUED and not voices):
            return [()]
        found: list[tuple[str, ...]] = []
        for group in _groups(voices):
            by = tuple(voice for voice, _ in group)
            if any(set(smaller) <= set(by) for smaller in found):
                continue
            if passes(_joint(attribute.domain, (values for _, values in group))):
                found.append(by)
        return found

    def _all(self, parts: Iterable[list[Support]]) -> list[Support]:
        """Return the ways in which every part holds."""
        joined = [Support()]
        for part in parts:
            joined = self._best([a | b for a in joined for b in part])
        return joined

    def _best(self, ways: list[Support]) -> list[Support]:
        """Return ways without those that need more than another does, shortest first."""
        kept: list[Support] = []
        for way in sorted(set(ways), key=lambda way: way.order):
            if any(other <= way for other in kept):
                continue
            if len(kept) == MOST:
                self.cut = True
                break
            kept.append(way)
        return kept


def _choices(leaf: Quantified, met: list[tuple[str, Need]]) -> Iterator[list[Need]]:
    """Yield, for each lesion or option that met a `some_…` line, the needs of each way to meet it."""
    own: dict[str, dict[str, Need]] = {}
    shared: dict[str, Need] = {}  # read of the patient, or of the lesion of an option
    for path, (fact, test) in met:
        about = fact.subject
        needs = own.setdefault(str(about), {}) if about.kind == leaf.over else shared
        needs[path] = (fact, test)
    for needs in own.values() or [shared]:
        known = {**shared, **needs}
        for way in alternatives(leaf.condition):
            if all(line.path in known for line in way):
                yield [known[line.path] for line in way]


def _groups(voices: list[tuple[str, Values]]) -> Iterator[tuple[tuple[str, Values], ...]]:
    """Yield groups of voices, small ones first, the whole at the end."""
    largest = len(voices) if len(voices) <= MANY_VOICES else 2
    for size in range(largest + 1):
        yield from combinations(voices, size)
    if largest < len(voices):
        yield tuple(voices)


def _joint(domain: Values, said: Iterable[Values]) -> Values:
    left = domain
    for values in said:
        left = both(left, values)
    return left
