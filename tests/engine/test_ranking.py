"""The next question is the one that a spine surgeon would ask next: findings before refusals and exceptions."""

import json

import pytest

from cases import case_of
from cases.model import Case
from engine import Reasoner, advise
from knowledge_base import KnowledgeBase
from knowledge_base.text.strict_yaml import read_text
from metspine.library import read_library

CASES = ("unknown-everything", "unknown-m", "noms-n9", "pub-samala-2021", "pub-yu-2016-scenario1", "pub-rcc-26f-2020")


@pytest.fixture(scope="module")
def advised(noms: KnowledgeBase, reasoner: Reasoner):
    library: dict[str, Case] = {case.id: case for case in read_library(noms)}
    return {name: advise(library[name], reasoner, settle=True) for name in CASES}


@pytest.fixture(scope="module")
def asked(advised):
    return {name: advice.questions for name, advice in advised.items()}


@pytest.mark.parametrize("name", CASES)
def test_an_outcome_that_the_usual_patient_may_come_to_is_shown_without_wish_or_exception(noms, advised, name):
    possible = [(lesion.id, way) for lesion in advised[name].lesions for way in lesion.possible]
    assert any(way.is_usual for _, way in possible)
    for lesion, way in possible:
        case = case_of(read_text(json.dumps(way.witness), "witness"), noms)
        given = {**case.patient, **next(found.given for found in case.lesions if found.id == lesion)}
        odd = [answer for answer in way.decisive if is_exception(noms, answer, given)]
        assert not (way.is_usual and odd), (lesion, way.recommended, odd)


def is_exception(noms, answer, given) -> bool:
    attribute = noms.vocabulary[answer.fact.attribute]
    usual = attribute.usual_values
    return attribute.may_stay_unsaid or (usual is not None and (given[attribute.id] & usual).is_empty)


@pytest.mark.parametrize("name", CASES)
def test_nobody_is_asked_for_a_refusal_or_an_exception_while_a_finding_narrows_more(noms, asked, name):
    narrowing = [question.narrows_usually > 0 for question in asked[name]]
    assert narrowing == sorted(narrowing, reverse=True)
    for question in asked[name]:
        if question.narrows_usually:
            assert noms.vocabulary[question.attribute].class_ == "finding"


def test_of_a_patient_of_whom_nothing_is_known_the_pillars_of_noms_are_asked_first(asked):
    first = {question.attribute for question in asked["unknown-everything"][:14]}
    assert {"prior_radiotherapy", "sins_total", "escc_grade"} <= first


def test_with_the_stability_unknown_its_score_is_asked_before_an_opinion_that_overrules_it(asked):
    names = [question.attribute for question in asked["unknown-m"]]
    assert names.index("sins_total") < names.index("stability_opinion")


def test_what_is_usual_never_changes_what_can_come_out(toy):
    vocabulary = """
        - {id: first, label: first, class: finding, question: first, of: lesion, letter: N, type: yes_no, cost: ct}
        - {id: second, label: second, question: second, of: lesion, letter: N, type: yes_no, cost: history, %s}
    """
    rules = """
        - id: TOY-01
          when: {second: true}
          then: [{argue: {pathway: cut, stance: recommend}}]
        - id: TOY-02
          when: {second: false, first: true}
          then: [{argue: {pathway: beam, stance: recommend}}]
        - id: OPT-01
          when: {argued_recommend: true}
          then: [{set: {status: recommended}}]
        - id: OPT-02
          when: {argued_recommend: false}
          then: [{set: {status: not_advised}}]
    """
    found = {}
    finding, exception = "class: finding", "class: exception, usual: false"
    for usual in (finding, exception):
        base = toy(vocabulary % usual, rules)
        case = case_of(read_text("{case: a, lesions: [{id: L}]}", "case.yaml"), base)
        advice = advise(case, Reasoner(base), settle=True)
        outcomes = {possibility.recommended for possibility in advice.lesions[0].possible}
        found[usual] = (outcomes, [question.attribute for question in advice.questions])
    assert found[finding][0] == found[exception][0] == {(), ("beam",), ("cut",)}
    assert found[finding][1] == ["second", "first"]
    assert found[exception][1] == ["first", "second"]
