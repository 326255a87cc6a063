"""What would change the advice is something that one can think of; how sure says what it did not try."""

import pytest

from cases.plain import case_from
from engine import Reasoner, Run
from engine.analysis.sensitivity import neighbours
from knowledge_base.language.knowledge import KnowledgeBase

ROW = {
    "case": "row",
    "patient": {
        "primary_tumour": "renal_cell",
        "histology_confirmed": True,
        "kps": 70,
        "asa_class": 2,
        "coagulopathy": True,
    },
    "lesions": [
        {
            "id": "T8",
            "levels": ["T8"],
            "escc_grade": "3",
            "neurological_examination": "normal",
            "frankel": "E",
            "sins_total": 14,
            "prior_radiotherapy": "none",
        }
    ],
}


@pytest.fixture(scope="module")
def run(knowledge: KnowledgeBase) -> Run:
    return Run(case_from(ROW, knowledge), Reasoner(knowledge))


def test_no_exception_is_made_up_and_numbers_stay_within_reason(run: Run) -> None:
    changes = run.changing.changes("T8")
    told = [change for found in (changes.changeable, changes.fixed) for one in found.sets for change in one.changes]
    assert told
    assert not [change for change in told if str(change.fact) == "patient.asa_class"]
    usual = run.knowledge.vocabulary["kps"].plausible_values
    assert usual is not None
    for change in (change for change in told if str(change.fact) == "patient.kps"):
        values = run.knowledge.vocabulary["kps"].read(change.values)
        assert (values & usual) == values  # type: ignore[operator]


def test_a_grade_on_which_raters_differ_is_tried_and_what_is_not_is_named(run: Run) -> None:
    found = neighbours(run.consultation, run.reasoner)
    assert {str(n.fact) for n in found.neighbours} == {"T8.escc_grade"}
    assert {"T8.frankel", "T8.sins_total", "T8.neurological_examination"} <= set(map(str, found.not_tried))
    assert "T8.escc_grade" not in map(str, found.not_tried)
