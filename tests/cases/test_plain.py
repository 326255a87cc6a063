"""A case from plain Python data is the case that a file gives, and its mistakes are told by their place."""

import json

import pytest

from cases import case_from, read_case
from cases.writing import case_data
from knowledge_base import Invalid
from metspine.library import LIBRARY

GIVEN = {"case": "a", "patient": {"kps": 80}, "lesions": [{"id": "T8", "escc_grade": "3", "levels": ("T8", "T9")}]}


def problems(data, knowledge) -> str:
    with pytest.raises(Invalid) as raised:
        case_from(data, knowledge)
    return str(raised.value)


@pytest.mark.parametrize("name", ["noms-n9", "two-lesions", "pub-tai-2010"])
def test_it_is_the_case_of_the_file(knowledge, name):
    case = read_case(LIBRARY / f"{name}.yaml", knowledge)
    data = json.loads(json.dumps(case_data(case, knowledge), default=float))
    again = case_from(data, knowledge)
    assert (again.id, again.patient, again.lesions) == (case.id, case.patient, case.lesions)


def test_tuples_and_floats_are_read_as_lists_and_exact_numbers(knowledge):
    case = case_from({**GIVEN, "patient": {"albumin": 38.1}}, knowledge)
    assert case.patient["albumin"] == knowledge.vocabulary["albumin"].read("38.1 g/L")
    assert case.lesions[0].given["levels"] == knowledge.vocabulary["levels"].read(["T8", "T9"])


def test_every_mistake_is_told_with_its_place(knowledge):
    said = problems({"case": "a", "patient": {"kps": 300}, "lesions": [{"id": "T8", "escc_grade": "5"}]}, knowledge)
    assert "patient.kps: a: 300 is outside kps (10..100)" in said
    assert "lesions[0].escc_grade: a: '5' is not a value of escc_grade" in said


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1: 2}])
def test_what_no_file_can_say_is_a_mistake_too(knowledge, value):
    assert "patient.kps" in problems({**GIVEN, "patient": {"kps": value}}, knowledge)


def test_endless_data_is_refused(knowledge):
    endless: dict = {}
    endless["patient"] = endless
    assert "nested more than" in problems(endless, knowledge)
