"""Which slips in the rules no worked patient notices, in words."""

from collections.abc import Iterator

from engine.verification.mutation import Mutation
from explain.report.verification import patient
from knowledge_base.grouping import grouped
from knowledge_base.language.knowledge import KnowledgeBase


def lines(found: Mutation, knowledge: KnowledgeBase) -> Iterator[str]:
    """Yield each mutant that lives under its rule; then the patients who would kill them, each with how many."""
    told = grouped((survivor.mutant.unit, survivor) for survivor in found.survivors)
    for unit in filter(told.__contains__, knowledge.units):
        yield f"{knowledge.units[unit].position}: {unit}"
        for survivor in told[unit]:
            by = "changes nothing for anybody" if survivor.witness is None else f"patient {survivor.witness.id}"
            yield f"    lives: {survivor.mutant.told} ({by})"
    for witness in found.witnesses:
        yield f"patient {witness.id}: {patient(witness, knowledge)}"


def summary(found: Mutation) -> str:
    """Return the score in a sentence."""
    same = len(found.survivors) - len(found.alive)
    total = len(found.killed) + len(found.survivors)
    return (
        f"{total} mutants: {len(found.killed)} killed, {len(found.alive)} live that {len(found.witnesses)} new patients "
        f"would kill, {same} change nothing for anybody. Score {found.score:.1%} of those that can be killed"
    )
