"""Whom the conditions of a rule ask about."""

from cases.model import Case, Lesion
from engine.inference.subjects import PATIENT, Subject, Subjects
from knowledge_base.language.conditions import ALWAYS, Quantified

CASE = Case("two", {}, (Lesion("T8", {}), Lesion("L1", {})))
EVERYONE = Subjects.of_case(CASE, ("surgery", "beam"))
OF_T8 = (Subject("T8", "beam"), Subject("T8", "surgery"))
SOME_OPTION = Quantified("option", False, ALWAYS, "when")


def test_a_rule_about_a_lesion_asks_about_the_options_of_that_lesion():
    assert EVERYONE.asked_of(SOME_OPTION, Subject("T8")) == OF_T8


def test_a_rule_about_an_option_asks_about_every_option_of_its_lesion():
    assert EVERYONE.asked_of(SOME_OPTION, Subject("T8", "beam")) == OF_T8


def test_a_rule_about_the_patient_asks_about_all_lesions():
    assert EVERYONE.asked_of(Quantified("lesion", True, ALWAYS, "when"), PATIENT) == [Subject("T8"), Subject("L1")]
