"""Every rule fires in one worked patient and is blocked in another."""

from textwrap import dedent

import pytest

from cases import case_of
from engine import Reasoner, advise
from knowledge_base.text.strict_yaml import read_text
from metspine.coverage import coverage_of, proof_of, rules_without_pair


@pytest.fixture
def found(toy_knowledge):
    reasoner = Reasoner(toy_knowledge)

    def problems(*lesions: str) -> dict[str, str]:
        cases = [f"case: case-{i}\nlesions: [{{{lesion}}}]" for i, lesion in enumerate(lesions)]
        read = [case_of(read_text(dedent(text), "case.yaml"), toy_knowledge) for text in cases]
        seen = coverage_of(toy_knowledge, [proof_of(toy_knowledge, advise(case, reasoner)) for case in read])
        return {problem.about: problem.message for problem in rules_without_pair(toy_knowledge, seen)}

    return problems


def test_a_rule_that_fires_in_one_and_is_blocked_in_another_has_its_pair(found):
    assert "GAP-02" not in found("id: T8, gap_mm: 1", "id: T8, gap_mm: 5")


def test_not_known_is_blocked_too(found):
    assert "GAP-02" not in found("id: T8, gap_mm: 1", "id: T8")


def test_a_rule_that_never_fires_has_none(found):
    assert found("id: T8, gap_mm: 5")["GAP-02"] == "fires in no case of the library; add one to cases/library"


def test_a_rule_that_is_never_blocked_has_none(found):
    assert found("id: T8, gap_mm: 1", "id: T8, gap_mm: 0")["GAP-02"] == (
        "is blocked in no case of the library; add one to cases/library in which it must not fire"
    )


def test_two_lesions_of_one_patient_are_no_pair(found):
    alone = "id: T8, gap_mm: 1}, {id: T9, gap_mm: 5"
    assert "fires and is blocked in one case only (case-0)" in found(alone)["GAP-02"]
    assert "GAP-02" not in found(alone, "id: T8")


def test_a_rule_of_a_side_that_is_off_needs_its_pair_too(found):
    assert "GAP-03" in found("id: T8, gap_mm: 5", "id: T8")
    assert "GAP-03" not in found("id: T8, gap_mm: 2.5", "id: T8")
