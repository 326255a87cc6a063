"""Values given beside a case."""

import pytest

from cases import Case, case_of
from cases.settings import with_settings
from knowledge_base import Invalid, KnowledgeBase
from knowledge_base.text.strict_yaml import read_text

TEXT = """
case: one
patient: {kps: 70}
lesions: [{id: T8, grade: "2"}]
"""


@pytest.fixture
def case(toy_knowledge: KnowledgeBase) -> Case:
    return case_of(read_text(TEXT, "one.yaml"), toy_knowledge)


def test_values_are_given_like_any_others(case, toy_knowledge):
    settings = ["patient.fitness=fit", "T8.grade=['2', '3']", "T8.sins.pain=mechanical", "patient.kps=80..90"]
    found = with_settings(case, settings, toy_knowledge)
    written = """
    case: one
    patient: {kps: 80..90, fitness: fit}
    lesions: [{id: T8, grade: ["2", "3"], sins: {pain: mechanical}}]
    """
    same = case_of(read_text(written, "one.yaml"), toy_knowledge)
    assert (found.patient, found.lesions) == (same.patient, same.lesions)


def test_an_empty_value_is_not_known(case, toy_knowledge):
    assert with_settings(case, ["patient.kps="], toy_knowledge).patient == {}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("kps=70", "a setting is SUBJECT.ATTRIBUTE=VALUE, such as patient.kps=70; write it so"),
        ("patient.kps", "a setting is SUBJECT.ATTRIBUTE=VALUE, such as patient.kps=70; write it so"),
        ("T9.grade=2", "'T9' is neither `patient` nor a lesion of this case (T8)"),
        ("patient.kpss=70", "'kpss' is not a known attribute of the patient. Did you mean 'kps'?"),
        ("T8.kps=70", "kps is of the patient, not of the lesion; name the patient before the dot"),
        ("T8.grade_class=low", "grade_class is worked out from the rest and cannot be given; give what it rests on"),
        ("T8.grade=9", "'9' is not a value of grade (0, 1a, 1b, 2, 3)"),
        ("patient.kps=75", "75 is not on a step; kps goes in steps of 10 (10..100)"),
    ],
)
def test_a_wrong_setting_says_what_to_do(case, toy_knowledge, setting, message):
    with pytest.raises(Invalid) as found:
        with_settings(case, [setting], toy_knowledge)
    assert str(found.value) == f"--set: {setting}: {message}"


def test_all_mistakes_are_told_at_once(case, toy_knowledge):
    with pytest.raises(Invalid) as found:
        with_settings(case, ["a.b=1", "patient.fitness=[", "patient.kps=60"], toy_knowledge)
    assert len(found.value.problems) == 2
