"""The symbolic reading of the rules is the engine's, on any state of knowledge."""

from collections.abc import Iterator

import pytest
import states
import toys
from randomcases import random_case

from engine.symbolic.encoding import Encoding

TOYS, PATIENTS = 200, 5


def disagreements_on_toys(seeds: range, patients: int) -> Iterator[str]:
    for seed in seeds:
        knowledge, reasoner = toys.toy(seed)
        for i in range(patients):
            case = toys.patient_of(knowledge, 1000 * seed + i)
            for text in states.disagreements(knowledge, reasoner, case):
                yield f"{seed} {i}: {text}"


def test_agrees_on_some_states_of_toy_knowledge():
    assert list(disagreements_on_toys(range(6), PATIENTS)) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_agrees_on_many_states_of_toy_knowledge(block):
    size = TOYS // 10
    assert list(disagreements_on_toys(range(block * size, (block + 1) * size), PATIENTS)) == []


def test_agrees_on_some_states_of_noms(noms, reasoner):
    assert [text for seed in range(2) for text in states.disagreements(noms, reasoner, random_case(noms, seed))] == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_agrees_on_many_states_of_noms(noms, reasoner, block):
    seeds = range(100 + 25 * block, 125 + 25 * block)
    assert [text for seed in seeds for text in states.disagreements(noms, reasoner, random_case(noms, seed))] == []


def test_would_notice_a_line_that_is_read_wrongly(monkeypatch):
    """Swap surely true and surely false of one kind of line, and the two part."""
    read = Encoding._line

    def turned(self, line, subject):
        true, false = read(self, line, subject)
        return (false, true) if line.attribute == "grade" else (true, false)

    monkeypatch.setattr(Encoding, "_line", turned)
    assert any(disagreements_on_toys(range(3), PATIENTS))


def test_would_notice_a_rule_that_forgets_its_unless(monkeypatch):
    monkeypatch.setattr(Encoding, "_fires", lambda self, rule, subject: self._truths(rule, subject)[0][0])
    assert any(disagreements_on_toys(range(8), PATIENTS))
