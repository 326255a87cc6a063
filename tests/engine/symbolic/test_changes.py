"""The smallest sets of changes are those that trying all of them gives."""

from collections.abc import Iterator

import pytest
import slowchanges
import toys

from cases.plain import case_from
from engine import Reasoner
from engine.analysis import counterfactuals as module
from knowledge_base.loading.frameworks import DEFAULT

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
    assert any(disagreements(range(12), 2))


SCORE = """
- {id: score, label: score, class: finding, question: q, of: patient, letter: S, type: number, range: 0..100, whole: true,
   step: 10}
"""
BY_SCORE = """
- id: A-01
  when: {score: ">= 40"}
  then: [{argue: {pathway: cut, stance: recommend}}]
- id: A-02
  when: {score: "< 40"}
  then: [{argue: {pathway: beam, stance: recommend}}]
"""


def test_numbers_that_go_in_steps_are_told_as_they_can_be_given(toy, tmp_path):
    (tmp_path / "rules").mkdir()
    options = (DEFAULT / "rules" / "options.yaml").read_text(encoding="utf-8").replace("ref: metspine", "ref: book")
    (tmp_path / "rules" / "options.yaml").write_text(options.replace("project", "primary"))
    knowledge = toy(SCORE, BY_SCORE)
    case = case_from({"case": "x", "patient": {"score": 80}, "lesions": [{"id": "A"}]}, knowledge)
    (found,) = slowchanges.changes(case, Reasoner(knowledge), "A").changeable.sets
    assert [(str(change.fact), change.values) for change in found.changes] == [("patient.score", "0..30")]
