"""What people may write for a fact, a pathway or a measure, and what they are told when it is nothing."""

from textwrap import dedent

import pytest

from cases import case_of
from engine import Reasoner
from engine.inference.subjects import PATIENT, Subject
from engine.run import Run
from explain.answers.targets import Target, another, target, wanted
from knowledge_base.language.domains import Choices
from knowledge_base.language.predicates import Known, Within
from knowledge_base.text.strict_yaml import read_text

ONE = "{case: one, patient: {tumour: hard}, lesions: [{id: T8, grade: '2'}]}"
TWO = "{case: two, lesions: [{id: L1}, {id: T8}]}"


@pytest.fixture
def state(toy):
    def of(text):
        return Run(case_of(read_text(dedent(text), "case.yaml"), toy), Reasoner(toy)).state

    return of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("T8.grade", Target("fact", "grade", Subject("T8"), "grade")),
        ("grade", Target("fact", "grade", Subject("T8"), "grade")),
        ("patient.tumour", Target("fact", "tumour", PATIENT, "tumour")),
        ("tumour", Target("fact", "tumour", PATIENT, "tumour")),
        ("beam", Target("pathway", "beam", Subject("T8", "beam"), "status")),
        ("T8/beam", Target("pathway", "beam", Subject("T8", "beam"), "status")),
        (
            "T8/beam.argued_exclude",
            Target("fact", "beam", Subject("T8", "beam"), "argued_exclude"),
        ),
        ("scan", Target("measure", "scan", PATIENT)),
    ],
)
def test_names_are_understood_as_people_write_them(state, text, expected):
    assert target(text, state(ONE)) == expected


def test_with_several_lesions_one_is_chosen(state):
    assert str(target("grade", state(TWO), "L1").fact) == "L1.grade"
    assert str(target("T8.grade", state(TWO)).fact) == "T8.grade"
    assert str(target("beam", state(TWO), "T8").fact) == "T8/beam.status"
    with pytest.raises(ValueError, match=r"choose one with --lesion L1\|T8"):
        target("grade", state(TWO))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("garde", r"'garde' is not a pathway, a measure or a fact\. Did you mean 'grade'\?"),
        ("beem", r"Did you mean 'beam'\?"),
        ("T9.grade", r"'T9' is neither `patient` nor a lesion of this case \(T8\)"),
        ("patiant.fit", r"Did you mean 'patient'\?"),
        ("patient.grade", r"grade is of a lesion, not of the patient; write T8\.grade"),
        ("argued_exclude", "is not a pathway, a measure or a fact"),
    ],
)
def test_what_means_nothing_is_answered_with_the_nearest_name(state, text, message):
    with pytest.raises(ValueError, match=message):
        target(text, state(ONE))


def test_a_lesion_that_is_not_there_is_refused(state):
    with pytest.raises(ValueError, match="'T7' is not a lesion of this case"):
        target("grade", state(ONE), "T7")


def test_without_a_value_a_pathway_is_wanted_recommended_and_a_fact_different(state):
    found = state(ONE)
    assert wanted(target("beam", found), None, found) == found.knowledge.vocabulary["status"].test("recommended")
    assert wanted(target("grade", found), None, found) == Within(
        Choices(frozenset({"1", "3"})), Choices(frozenset({"2"}))
    )
    assert wanted(target("myelopathy", found), None, found) == Known()


def test_a_value_is_read_as_in_a_rule(state):
    found = state(ONE)
    about = target("wobble_total", found)
    assert wanted(about, "3", found) == found.knowledge.vocabulary["wobble_total"].test(3)
    assert wanted(about, ">= 3", found) == found.knowledge.vocabulary["wobble_total"].test(">= 3")
    with pytest.raises(ValueError, match="is not a value of severity"):
        wanted(target("severity", found), "hihg", found)
    with pytest.raises(ValueError, match="is a measure, which has no value"):
        wanted(target("scan", found), "now", found)


def test_another_value_of_a_number_is_any_other(toy):
    total = toy.vocabulary["wobble_total"]
    test = another(total, total.read(3))
    assert [test.truth(total.read(n)).name for n in (2, 3, 4)] == ["TRUE", "FALSE", "TRUE"]
