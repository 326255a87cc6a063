"""The smallest sets of changes are those that trying all of them gives."""

from collections.abc import Iterator

import pytest
import slowchanges
import toys

from engine.symbolic import changes as module

TOYS, PATIENTS, GIVEN = 250, 4, 5
PATHWAYS = (None, "cut", "beam", "wait")


def disagreements(seeds: range, patients: int) -> Iterator[str]:
    for seed in seeds:
        knowledge, reasoner = toys.toy(seed)
        for i in range(patients):
            case = toys.knowing_at_most(toys.patient_of(knowledge, 1000 * seed + i), GIVEN, seed)
            slow = slowchanges.SlowChanges(knowledge, reasoner, case, "L1", PATHWAYS[(seed + i) % 4])
            largest = 3 if len(slow.facts) < 4 else 2 if len(slow.facts) < 8 else 1
            for text in slow.disagreements(largest):
                yield f"{seed} {i}: {text}"


def test_agrees_with_trying_everything_on_some_toys():
    assert list(disagreements(range(4), 1)) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_agrees_with_trying_everything_on_many_toys(block):
    size = TOYS // 10
    assert list(disagreements(range(block * size, (block + 1) * size), PATIENTS)) == []


def test_would_notice_sets_that_are_not_the_smallest(monkeypatch):
    counter = module._counter
    monkeypatch.setattr(module, "_counter", lambda *args: counter(*args)[1:])
    assert any(disagreements(range(4), 2))
