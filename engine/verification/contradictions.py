"""Rules that set one thing to values that exclude each other, on inputs that are sound."""

from collections.abc import Iterator
from functools import reduce
from itertools import combinations

from engine.inference.session import Consultation
from engine.inference.subjects import Fact, Subject
from engine.symbolic.circuit import Lit
from engine.verification.findings import Finding
from engine.verification.space import LESION, Everyone, Space
from engine.verification.witness import Confirms, Witnesses
from knowledge_base.language.domains import Values, both

MOST = 20  # quarrels about one fact that are told


def contradictions(everyone: Everyone, witnesses: Witnesses) -> Iterator[Finding]:
    """Yield each smallest set of rules and steps that can leave nothing of an attribute, with a patient."""
    told: set[tuple[str, tuple[str, ...]]] = set()
    for lesions in everyone.counts:
        space = everyone.space(lesions)
        for fact, clash in space.rule_clashes.items():
            if fact.subject.lesion not in ("", LESION.lesion) or (
                lesions > 1 and fact.attribute not in everyone.crowded
            ):
                continue  # lesions are alike, and of what no other lesion bears on, one tells all
            for finding in _of_fact(space, fact, clash, witnesses):
                if (mark := (finding.place, finding.about)) not in told:
                    told.add(mark)
                    yield finding


def _of_fact(space: Space, fact: Fact, clash: Lit, witnesses: Witnesses) -> Iterator[Finding]:
    """Yield the quarrels about a fact, each found by leaving out those that are known already."""
    seen: list[Lit] = [space.is_sound]
    while len(seen) < MOST and space.can(clash, *seen):
        subject, name = fact
        case = witnesses.of(space, f"rules_contradict-{name}", _clashes(subject, name), clash, *seen)
        about = quarrel(witnesses.reasoner.consult(case), subject, name)
        position = space.knowledge.units[about[0]].position
        yield Finding("rules_contradict", about, name, position=position, witness=case)
        firing = [_speaks(space, unit, subject) for unit in about]
        seen.append(-space.circuit.all(firing))


def _speaks(space: Space, unit: str, subject: Subject) -> Lit:
    """Return that a rule fires for what a fact is about; a step of a score always speaks."""
    if unit not in space.knowledge.rules:
        return 1
    return space.encoding.fires_about(space.knowledge.rules[unit], subject)


def _clashes(subject: Subject, name: str) -> Confirms:
    fact = subject.fact(name)
    return lambda consultation: any(c.fact == fact and c.between == "rules" for c in consultation.trace.contradictions)


def quarrel(consultation: Consultation, subject: Subject, name: str) -> tuple[str, ...]:
    """Return the fewest rules and steps that leave nothing of a fact, by id."""
    claims: dict[str, Values] = {}
    for by, values in consultation.state.claims_on(subject, name):
        unit = by.partition("@")[0]
        claims[unit] = both(claims[unit], values) if unit in claims else values
    for size in range(1, len(claims) + 1):
        for some in combinations(sorted(claims), size):
            if reduce(both, (claims[unit] for unit in some)).is_empty:
                return some
    raise AssertionError("a contradiction has claims that leave nothing")
