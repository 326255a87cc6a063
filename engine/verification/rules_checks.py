"""Rules through all their chains: what cannot fire, what never matters, and what says nothing new."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import permutations

from engine.inference.session import Consultation
from engine.symbolic.circuit import Lit
from engine.verification.findings import Finding, FindingKind
from engine.verification.space import Everyone, Property, Space
from engine.verification.witness import Witnesses
from knowledge_base.language.conditions import ALWAYS, NEVER, All, Any, Condition, Line, Quantified, describe
from knowledge_base.language.domains import Choices, Numbers, Values
from knowledge_base.language.rules import URGENCIES, Conclusion, MeasureEntry, Rule, SetTo

Path = tuple[int, ...]


class RuleChecks:
    """Checks of single rules, over everyone."""

    def __init__(self, everyone: Everyone) -> None:
        self.everyone = everyone

    def findings(self, rule: Rule) -> Iterator[Finding]:
        """Yield what is wrong with the conditions of one rule; of a rule that never fires, only that."""
        if self.everyone.never(lambda space: space.fires(rule)):
            blocked = not self.everyone.never(lambda space: _true(space, rule, rule.when))
            kind: FindingKind = "exceptions_always_apply" if blocked else "rule_never_fires"
            yield Finding(kind, (rule.id,), position=rule.position)
            return
        for path, part, holder in parts_of(rule.when):
            yield from self._part(rule, path, part, holder)
        for part in exceptions(rule.unless):
            if self.everyone.never(_both(rule, rule.when, part)):
                yield Finding("exception_never_applies", (rule.id,), describe(part), position=rule.position)

    def _part(self, rule: Rule, path: Path, part: Condition, holder: type[All | Any]) -> Iterator[Finding]:
        without = put(rule.when, path, ALWAYS if holder is All else NEVER)
        if holder is Any and self.everyone.never(_fires_with(rule, part)):
            yield Finding("alternative_never_fires", (rule.id,), describe(part), position=rule.position)
        elif self.everyone.never(_differs(rule, without, fires_more=holder is All)):
            yield Finding("line_never_matters", (rule.id,), describe(part), position=rule.position)


def parts_of(
    condition: Condition, path: Path = (), top: bool = True
) -> Iterator[tuple[Path, Condition, type[All | Any]]]:
    """Yield every part of a condition with its path, and by what it is joined to the others; one alone is so by *and*."""
    if isinstance(condition, Line | Quantified):
        if top:
            yield path, condition, All
        return
    for i, part in enumerate(condition.parts):
        yield (*path, i), part, type(condition)
        yield from parts_of(part, (*path, i), top=False)


def put(condition: Condition, path: Path, part: Condition) -> Condition:
    """Return a condition with another part at a path."""
    if not path:
        return part
    assert isinstance(condition, All | Any)
    parts = tuple(put(old, path[1:], part) if i == path[0] else old for i, old in enumerate(condition.parts))
    return replace(condition, parts=parts)


def exceptions(unless: Condition) -> tuple[Condition, ...]:
    """Return the alternatives of `unless`: each stops the rule by itself."""
    return unless.parts if isinstance(unless, Any) else (unless,)


def _over(space: Space, rule: Rule, *conditions: tuple[Condition, bool]) -> Lit:
    """Return that for one subject of a rule each of these is surely true, or (False) is not."""
    ways = []
    for subject in space.about(rule):
        truths = ((space.encoding.truths(condition, subject)[0], wanted) for condition, wanted in conditions)
        ways.append(space.circuit.all(lit if wanted else -lit for lit, wanted in truths))
    return space.circuit.any(ways)


def _true(space: Space, rule: Rule, condition: Condition) -> Lit:
    return _over(space, rule, (condition, True))


def _both(rule: Rule, one: Condition, other: Condition) -> Property:
    return lambda space: _over(space, rule, (one, True), (other, True))


def _fires_with(rule: Rule, part: Condition) -> Property:
    return lambda space: _over(space, rule, (rule.when, True), (rule.unless, False), (part, True))


def _differs(rule: Rule, other: Condition, fires_more: bool) -> Property:
    """Return that a rule with another `when` fires where it does not (or does not where it does)."""
    more, less = (other, rule.when) if fires_more else (rule.when, other)
    return lambda space: _over(space, rule, (more, True), (less, False), (rule.unless, False))


# --- rules beside each other ---------------------------------------------------------------------------------------


def pairs(everyone: Everyone, witnesses: Witnesses, among: frozenset[str]) -> Iterator[Finding]:
    """Yield twins, and rules that say nothing that another does not say whenever they fire; one of each is `among`."""
    twins: set[frozenset[str]] = set()
    for rule, other in permutations(everyone.knowledge.rules.values(), 2):
        if among.isdisjoint((rule.id, other.id)) or rule.subject != other.subject:
            continue
        if frozenset((rule.id, other.id)) in twins or not _says_all_of(other, rule):
            continue
        if not everyone.never(_fires_alone(rule, other)):
            continue
        is_twin = _says_all_of(rule, other) and everyone.never(_fires_alone(other, rule))
        if is_twin:
            twins.add(frozenset((rule.id, other.id)))
        about = tuple(sorted((rule.id, other.id))) if is_twin else (rule.id, other.id)
        kind: FindingKind = "twin_rules" if is_twin else "rule_subsumed"
        if (space := everyone.where(partial(Space.fires, rule=rule))) is None:
            continue  # one that never fires is told as such
        yield _with_witness(Finding(kind, about, position=rule.position), space, witnesses, rule)


def _with_witness(finding: Finding, space: Space, witnesses: Witnesses, rule: Rule) -> Finding:
    """Return a finding with a patient for whom all rules that it is about fire."""

    def confirms(consultation: Consultation) -> bool:
        return {firing.rule for firing in consultation.trace.firings}.issuperset(finding.about)

    name = f"{finding.kind}-{'-'.join(finding.about)}"
    return replace(finding, witness=witnesses.of(space, name, confirms, space.fires(rule), space.is_coherent))


def _fires_alone(rule: Rule, other: Rule) -> Property:
    """Return that for some subject a rule fires and another does not."""

    def question(space: Space) -> Lit:
        fires = space.encoding.fires
        return space.circuit.any(space.circuit.all((fires(rule.id, s), -fires(other.id, s))) for s in space.about(rule))

    return question


def _says_all_of(rule: Rule, other: Rule) -> bool:
    """Tell whether a rule concludes all that another does; what is said in words is never the same."""
    return all(any(_implies(one, said) for one in rule.conclusions) for said in other.conclusions)


def _implies(one: Conclusion, said: Conclusion) -> bool:
    if isinstance(one, SetTo) and isinstance(said, SetTo):
        same = (one.attribute, one.count_of, one.same_as) == (said.attribute, said.count_of, said.same_as)
        return same and (one.values is None or said.values is None or _inside(one.values, said.values))
    if isinstance(one, MeasureEntry) and isinstance(said, MeasureEntry):
        return one.measure == said.measure and URGENCIES.index(one.urgency) <= URGENCIES.index(said.urgency)
    return one == said


def _inside(one: Values, other: Values) -> bool:
    if isinstance(one, Choices) and isinstance(other, Choices):
        return one.members <= other.members
    if isinstance(one, Numbers) and isinstance(other, Numbers):
        return one.without(other).is_empty
    return one == other
