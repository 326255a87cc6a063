"""Why something is not so: how each line stands, who says so, what blocks, what defeats, and what came near."""

import pytest
from toycases import HARDLY, SEVERE, TWO, run

from explain.answers.why_not import WhyNot, why_not
from explain.report.blocks import text_of
from explain.report.why_not import why_not_report


@pytest.fixture
def ask(toy):
    return lambda name, case, lesion=None: why_not(name, run(case, toy), lesion)


def rules(found, key):
    return [candidate.rule for candidate in found.goals[key].candidates]


def lines(found, key, rule):
    (candidate,) = (c for c in found.goals[key].candidates if c.rule == rule)
    return {line.fact: line.standing for line in (*candidate.lines, *candidate.exceptions)}


RECOMMENDED = "T8/cut.argued_recommend: yes"
BLOCKED = SEVERE.replace('grade: "2"', 'grade: "2", myelopathy: true')


def test_lines_are_satisfied_contradicted_or_not_known(ask):
    case = '{case: a, patient: {fit: false}, lesions: [{id: T8, grade: "2"}]}'
    assert lines(ask("cut", case), RECOMMENDED, "TOY-01") == {
        "T8.severity": "satisfied",
        "T8.wobble_class": "not_known",
        "patient.fit": "contradicted",
        "T8.myelopathy": "clear",
    }


def test_a_contradicted_line_names_the_case_or_the_rule_and_its_source(ask):
    found = ask("severity=low", SEVERE)
    (candidate,) = found.goals["T8.severity: low"].candidates
    (line,) = candidate.lines
    assert [voice.by for voice in line.voices] == ["case"]
    assert [voice.by for voice in found.instead] == ["SEV-01@T8"]
    assert found.instead[0].sources[0].ref == "book"
    assert "ESCC grade must be 1 (cord free); it is 2" in text_of(why_not_report(found))
    assert "so the case says" in text_of(why_not_report(found))


def test_a_line_that_is_not_known_brings_its_question(ask):
    found = ask("severity=low", HARDLY)
    assert found.answer == "not known"
    assert "not known  ESCC grade must be 1 (cord free); it is not known" in text_of(why_not_report(found))
    assert "ask: Which grade?" in text_of(why_not_report(found))


def test_an_exception_blocks_and_says_what_it_is(ask):
    found = ask("cut", BLOCKED)
    assert lines(found, RECOMMENDED, "TOY-01")["T8.myelopathy"] == "blocks"
    assert found.goals[RECOMMENDED].candidates[0].unmet == 1
    assert "blocked by  myelopathy: yes" in text_of(why_not_report(found))


def test_a_pathway_is_defeated_by_arguments_and_the_rule_that_lets_them_count(ask):
    found = ask("beam", SEVERE)
    assert [(d.rule, d.stance) for d in found.defeated_by] == [("TOY-02", "exclude")]
    assert found.defeated_by[0].facts == ("severity: high",)
    assert [voice.by for voice in found.instead] == ["OPT-01@T8/beam"]
    text = text_of(why_not_report(found))
    assert "rules it out: It leaves no margin." in text
    assert "[TOY-02; book, p. 4 (read in the source)]" in text


def test_it_goes_down_to_the_inputs(ask):
    found = ask("cut", HARDLY)
    assert set(found.goals) >= {
        "T8/cut.status: recommended",
        RECOMMENDED,
        "T8.severity: high",
        "T8.wobble_total: 3 or more",
    }
    assert rules(found, "T8.wobble_pain_points: known") == ["WOBBLE/pain"]
    leaves = {line.fact for goal in found.goals.values() for c in goal.candidates for line in c.lines if line.question}
    assert leaves >= {"T8.grade", "T8.wobble_pain", "T8.wobble_collapse", "patient.fit"}


def test_the_nearest_miss_comes_first(ask):
    found = ask("scan", TWO)
    assert found.answer == "it is so"
    nearest = ask("scan", TWO, "L1").goals["measure:scan"].candidates
    assert [(c.rule, c.subject, c.unmet) for c in nearest] == [("TOY-04", "L1", 1)]
    orders = [[c.order for c in goal.candidates] for goal in ask("cut", HARDLY).goals.values()]
    assert all(order == sorted(order) for order in orders)


def test_a_sum_that_is_too_great_asks_for_less_of_each_part(ask):
    found = ask("wobble_class=stable", SEVERE)
    assert "T8.wobble_pain_points: up to 2 points" in found.goals
    assert "T8.wobble_total: up to 2" in found.goals


def test_what_is_so_is_said_to_be_so(ask):
    found = ask("cut", SEVERE)
    assert found.answer == "it is so"
    assert "But it is so" in text_of(why_not_report(found))


def test_a_fact_that_only_a_case_can_give_has_no_candidates(ask):
    found = ask("fit=false", SEVERE)
    assert found.goals[found.goal].candidates == ()
    assert "no rule can; only the case could say so." in text_of(why_not_report(found))


def test_a_misspelt_value_is_answered_with_the_nearest(ask):
    with pytest.raises(ValueError, match="Did you mean 'high'"):
        ask("severity=hihg", SEVERE)


def test_it_is_plain_data_and_fits_a_page(ask):
    for name, case in (("cut", HARDLY), ("beam", SEVERE), ("cut", BLOCKED), ("severity=low", SEVERE)):
        found = ask(name, case)
        assert WhyNot.model_validate_json(found.model_dump_json()) == found
        for everything in (False, True):
            assert max(map(len, text_of(why_not_report(found, everything)).splitlines())) <= 100
