"""Which slips in the rules no worked patient notices, in words."""

from collections.abc import Iterator

from cases.model import Expected
from engine.verification.mutation import Mutation, Survivor
from explain.report.verification import patient
from knowledge_base.language.knowledge import KnowledgeBase


def lines(found: Mutation, knowledge: KnowledgeBase) -> Iterator[str]:
    """Yield each mutant that lives under its rule, with what a case would have to expect, or the smallest new patient."""
    told: dict[str, list[str]] = {}
    for mutant, pin in found.pins.items():
        said = f"        case {pin.case}: expect {pin.who}: {hope(pin.expected)}"
        told.setdefault(mutant.unit, []).extend((f"    lives: {mutant.told}", said))
    for survivor in found.survivors:
        told.setdefault(survivor.mutant.unit, []).extend(_survivor(survivor, knowledge))
    for unit in filter(told.__contains__, knowledge.units):
        yield f"{knowledge.units[unit].position}: {unit}"
        yield from told[unit]


def _survivor(survivor: Survivor, knowledge: KnowledgeBase) -> Iterator[str]:
    yield f"    lives: {survivor.mutant.told}"
    if survivor.witness is None:
        yield "        for no patient is anything otherwise"
        return
    yield f"        patient: {patient(survivor.witness, knowledge)}"
    yield from (f"        expect {who}: {hope(said)}" for who, said in survivor.witness.expect.items())


def hope(expected: Expected) -> str:
    """Return what a case expects of one subject, as YAML on one line."""
    said = expected.model_dump(exclude_defaults=True, mode="json")
    parts = (f"{key}: {_flow(value)}" for key, value in said.items())
    return f"{{{', '.join(parts)}}}"


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(part)}' for key, part in value.items())}}}"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def summary(found: Mutation) -> str:
    """Return the score in a sentence."""
    same = len(found.survivors) - len(found.alive)
    total = len(found.killed) + len(found.pins) + len(found.survivors)
    return (
        f"{total} mutants: {len(found.killed)} killed; {len(found.pins)} live that a worked patient could kill, "
        f"{len(found.alive)} that only a new one could; {same} change nothing for anybody. "
        f"Score {found.score:.1%} of those that can be killed"
    )
