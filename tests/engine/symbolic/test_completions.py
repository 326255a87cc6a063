"""Settledness, questions, decisive answers, witnesses and measures are those that all completions, counted, give."""

import bruteforce
import pytest
import toys

from engine.symbolic import cone
from engine.symbolic.prospects import Prospects

TOYS, PATIENTS, COMPLETIONS = 260, 4, 48


def disagreements(seeds: range, patients: int, completions: int = COMPLETIONS) -> list[str]:
    found = []
    for seed in seeds:
        knowledge, reasoner = toys.toy(seed)
        for i in range(patients):
            case = toys.patient_of(knowledge, 1000 * seed + i, completions)
            differences = bruteforce.Comparison(knowledge, reasoner, case).differences()
            found += [f"{seed} {i}: {text}" for text in differences]
    return found


def test_agrees_with_counting_on_some_toys():
    assert disagreements(range(8), 2, 16) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_agrees_with_counting_on_many_toys(block):
    size = TOYS // 20
    assert disagreements(range(block * size, (block + 1) * size), PATIENTS) == []


def test_would_notice_contradictory_completions_being_counted(monkeypatch):
    monkeypatch.setattr(Prospects, "_coherent", lambda self: [])
    assert disagreements(range(8), 2, 16) != []


def test_would_notice_questions_being_forgotten(monkeypatch):
    visit = cone.Cone.visit
    monkeypatch.setattr(cone.Cone, "visit", lambda self, who, name: None if name in ("fit", "grade") else visit(self, who, name))
    assert disagreements(range(8), 2, 16) != []
