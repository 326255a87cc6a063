"""The whole verification: the default sides of all disputes, then each other side by itself, on several cores."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.verification.contradictions import contradictions
from engine.verification.coverage import nothing_offered
from engine.verification.findings import Finding
from engine.verification.invariants import hazards
from engine.verification.monotonicity import calmer
from engine.verification.parallel import each
from engine.verification.pathways import pathways
from engine.verification.rules_checks import RuleChecks, pairs
from engine.verification.space import Everyone
from engine.verification.thresholds import gaps
from engine.verification.witness import Witnesses
from knowledge_base.language.disputes import side_of, side_text
from knowledge_base.language.knowledge import KnowledgeBase

Check = str
WORSE = "worse:"  # before the input whose worsening a check is about


def _rules(everyone: Everyone, among: frozenset[str]) -> Iterator[Finding]:
    checks = RuleChecks(everyone)
    for rule in (rule for name, rule in everyone.knowledge.rules.items() if name in among):
        yield from checks.findings(rule)


CHECKS: Mapping[Check, Callable[[Everyone, Witnesses, frozenset[str]], Iterable[Finding]]] = {
    "rules": lambda everyone, _, among: _rules(everyone, among),
    "pairs": pairs,
    "contradictions": lambda everyone, witnesses, _: contradictions(everyone, witnesses),
    "pathways": lambda everyone, witnesses, _: pathways(everyone, witnesses),
    "thresholds": lambda everyone, *_: gaps(everyone),
    "hazards": lambda everyone, witnesses, _: hazards(everyone, witnesses),
    "coverage": lambda everyone, witnesses, _: nothing_offered(everyone, witnesses),
}


@dataclass(frozen=True)
class Task:
    """One independent question: a check, with the default sides on or another (`dispute=side`)."""

    check: Check
    side: str = ""


def verify(knowledge: KnowledgeBase, jobs: int = 1) -> list[Finding]:
    """Return all findings, the gravest kinds first; the same whatever the number of jobs.

    With another side on, the rules of that side are looked at alone; of all the rest only what differs is told. Whether a
    worse finding calms is asked with the default sides on.
    """
    found = each(run, tasks_of(knowledge), knowledge, jobs)
    return _without_echoes(finding for findings in found for finding in findings)


def tasks_of(knowledge: KnowledgeBase) -> Iterator[Task]:
    """Yield the independent questions about a knowledge base, the longest first."""
    yield from (Task(f"{WORSE}{name}") for name, attribute in knowledge.vocabulary.items() if attribute.worse)
    yield from (Task(check) for check in CHECKS)
    yield from (Task("all", side_text(*other)) for other in knowledge.other_sides)


def run(knowledge: KnowledgeBase, task: Task) -> list[Finding]:
    """Return what one question finds."""
    among = frozenset(knowledge.rules)
    if task.side:
        dispute, side = side_of(task.side)
        among = frozenset(unit.id for unit in knowledge.side_units(dispute, side))
        knowledge = knowledge.with_side(dispute, side)
    everyone = Everyone(knowledge)
    try:
        checks = CHECKS if task.check == "all" else (task.check,)
        found = [finding for check in checks for finding in _found(check, everyone, among)]
    finally:
        everyone.close()
    return [replace(finding, side=task.side) for finding in found]


def _found(check: Check, everyone: Everyone, among: frozenset[str]) -> Iterable[Finding]:
    witnesses = Witnesses(everyone)
    if check.startswith(WORSE):
        return calmer(everyone.knowledge, check.removeprefix(WORSE), witnesses)
    return CHECKS[check](everyone, witnesses, among)


def _without_echoes(findings: Iterator[Finding]) -> list[Finding]:
    """Return findings in order, without those of another side that are found with the default sides as well."""
    every = sorted(findings, key=lambda finding: finding.order)
    found_anyway = {replace(f, witness=None) for f in every if not f.side}
    return [f for f in every if not f.side or replace(f, side="", witness=None) not in found_anyway]
