"""Which worked patients prove which rule: every rule fires in one of them and is blocked in another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine import Advice
from knowledge_base.language.conditions import ALWAYS
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.rules import Rule
from knowledge_base.loading.frameworks import is_own
from knowledge_base.text.errors import Problem


@dataclass
class Coverage:
    """For each rule and score step, the cases in which it fires, and those in which it does not for some subject."""

    fires: dict[str, list[str]] = field(default_factory=dict)
    blocked: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseCoverage:
    """What one case proves: the rules and steps that fire in it, and those among them that fire for every subject."""

    case: str
    fires: frozenset[str]
    whole: frozenset[str]


def proof_of(knowledge: KnowledgeBase, advice: Advice) -> CaseCoverage:
    """Return what the advice on one case proves, of the rules of every side of every dispute."""
    subjects = _subjects_by_rule(advice)
    units = knowledge.whole.units
    whole = (name for name, about in subjects.items() if name in units and len(about) >= _count(units[name], advice))
    return CaseCoverage(advice.case, frozenset(subjects), frozenset(whole))


def coverage_of(knowledge: KnowledgeBase, proofs: Iterable[CaseCoverage]) -> Coverage:
    """Return what cases prove together."""
    found = Coverage({name: [] for name in knowledge.whole.units}, {name: [] for name in knowledge.whole.units})
    for proof in proofs:
        for name in knowledge.whole.units:
            if name in proof.fires:
                found.fires[name].append(proof.case)
            if name not in proof.whole:
                found.blocked[name].append(proof.case)
    return found


def rules_without_pair(knowledge: KnowledgeBase, found: Coverage) -> list[Problem]:
    """Return a problem for every rule that does not fire in one case of the library and stay silent in another."""
    units = (unit for unit in knowledge.whole.units.values() if is_own(unit.position))
    return sorted(problem for unit in units for problem in _without_pair(unit, found))


def _without_pair(unit: Unit, found: Coverage) -> Iterator[Problem]:
    fires, blocked = set(found.fires[unit.id]), set(found.blocked[unit.id])
    if not fires:
        yield Problem(unit.position, unit.id, "fires in no case of the library; add one to cases/library")
    elif isinstance(unit, Rule) and unit.when == ALWAYS:
        return
    elif not blocked:
        message = "is blocked in no case of the library; add one to cases/library in which it must not fire"
        yield Problem(unit.position, unit.id, message)
    elif len(fires | blocked) == 1:
        message = f"fires and is blocked in one case only ({fires.pop()}); add another to cases/library"
        yield Problem(unit.position, unit.id, message)


def _subjects_by_rule(advice: Advice) -> dict[str, set[str]]:
    """Return for whom each rule fired; for a rule of a side that is off, for everyone or no one."""
    found: dict[str, set[str]] = {}
    for firing in advice.firings:
        found.setdefault(firing.rule, set()).add(firing.subject)
    everyone = {fact.subject for fact in advice.facts}
    for dispute in advice.disputes:
        found.update((rule, everyone) for other in dispute.others for rule in other.fired)
    return found


def _count(unit: Unit, advice: Advice) -> int:
    """Return how many subjects of a rule's kind a case has."""
    if unit.subject == "patient":
        return 1
    return len(advice.lesions) if unit.subject == "lesion" else sum(len(lesion.options) for lesion in advice.lesions)
