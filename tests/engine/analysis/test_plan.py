"""On small random knowledge, every plan is what all completions of the patient, run by Experta one by one, bear out."""

from collections import Counter
from collections.abc import Iterator

import pytest
import toys
from planoracle import Oracle, looked_ahead

from engine.analysis.conditions import Conditions
from engine.analysis.fork import Forking
from engine.analysis.lookahead import Lookahead
from engine.analysis.plan import CasePlan, Planner
from engine.symbolic.completions import Completions
from engine.symbolic.inputs import Turning

TOYS, PATIENTS, COMPLETIONS = 200, 4, 48


def planned(seeds: range, patients: int = 3, completions: int = COMPLETIONS) -> Iterator[tuple[str, CasePlan, Oracle]]:
    for seed in seeds:
        knowledge, reasoner = toys.toy(seed)
        for i in range(patients):
            case = toys.patient_of(knowledge, 1000 * seed + i, completions)
            yield f"{seed} {i}", Planner(Completions(knowledge, case)).plan(), Oracle(knowledge, reasoner, case)


def faults(seeds: range, **more: int) -> Iterator[str]:
    for name, found, oracle in planned(seeds, **more):
        yield from (f"{name}: {fault}" for fault in oracle.faults(found))


def test_plans_are_borne_out_on_some_toys():
    assert list(faults(range(12))) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_plans_are_borne_out_on_many_toys(block):
    size = TOYS // 20
    assert list(faults(range(block * size, (block + 1) * size), patients=PATIENTS)) == []


def test_toys_come_to_every_kind_of_plan():
    kinds = Counter(p.kind for _, found, _ in planned(range(12)) for p in found.lesions.values())
    assert set(kinds) == {"firm", "provided", "forked", "open"}


@pytest.mark.parametrize("conditions", [False, True])
def test_looking_ahead_tells_the_same_of_toys_as_planning(conditions):
    for seed in range(12):
        knowledge, _ = toys.toy(seed)
        for i in range(3):
            case = toys.patient_of(knowledge, 1000 * seed + i, COMPLETIONS)
            planned = Planner(Completions(knowledge, case)).lesions(brief=True)
            ahead = Lookahead(knowledge, case).ahead(frozenset(), (), conditions)
            assert looked_ahead(ahead, conditions) == looked_ahead(planned, conditions)


def forgetful(forking: Forking, found: frozenset[int], ask=Forking._ask) -> frozenset[int]:
    """Forget the last of several outcomes."""
    left = ask(forking, found)
    return frozenset(sorted(left)[:-1]) if len(left) > 1 else left


@pytest.mark.parametrize(
    ("of", "name", "broken", "told"),
    [
        (Conditions, "_minimal", lambda self, goal, order: order, "an idle condition"),
        (Conditions, "_widened", lambda self, goal, kept: kept[1:], "conditions that do not suffice"),
        (Forking, "_ask", forgetful, "an answer that brings something else"),
        (
            Turning,
            "usual",
            property(lambda self: next((x for x in self.choices if x > 1), -1)),
            "a finding is supposed",
        ),
    ],
    ids=["core not minimal", "condition forgotten", "outcome forgotten", "finding taken for an exception"],
)
def test_would_notice(monkeypatch, of, name, broken, told):
    monkeypatch.setattr(of, name, broken)
    assert any(told in fault or "refused" in fault for fault in noticed(range(20)))


def noticed(seeds: range) -> Iterator[str]:
    """Yield the faults of plans, or that the planner itself has refused to make one."""
    try:
        yield from faults(seeds)
    except AssertionError as refusal:
        yield f"refused: {refusal}"
