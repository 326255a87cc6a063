"""What differs between two patients, and between two knowledge bases for one."""

import shutil
from pathlib import Path

import pytest
from toycases import SEVERE, case_in

import knowledge_base
from engine import Reasoner, Run
from explain.answers.differences import Differences, compare
from explain.drawing.differences import draw_differences
from explain.drawing.rendering import render
from explain.report.blocks import text_of
from explain.report.differences import differences_report

TOY = Path(__file__).parent / "toy"
MILD = """
    case: mild
    patient: {fit: true}
    lesions: [{id: L1, grade: "1", myelopathy: false, wobble: {pain: true, collapse: false}}]
"""


def side(text, knowledge):
    return Run(case_in(text, knowledge), Reasoner(knowledge))


@pytest.fixture
def other(tmp_path):
    """The toy knowledge with one threshold moved and one rule gone."""
    folder = tmp_path / "knowledge"
    shutil.copytree(TOY, folder)
    rules = folder / "rules" / "all.yaml"
    text = rules.read_text().replace('when: {grade: ">= 2"}', 'when: {grade: "3"}').replace("TOY-05", "TOY-06")
    rules.write_text(text.replace('when: {grade: "1"}', 'when: {grade: "<= 2"}'))
    return knowledge_base.load(folder)


def changes(differences):
    return {(d.change, d.id) for d in differences}


def test_what_is_given_differently_is_added_removed_or_changed(toy):
    found, *_ = compare(side(SEVERE, toy), side(MILD, toy))
    assert changes(found.given) == {
        ("removed", "patient.tumour"),
        ("changed", "T8.grade"),
        ("added", "T8.myelopathy"),
    }


def test_single_lesions_are_compared_whatever_they_are_called(toy):
    found, *_ = compare(side(SEVERE, toy), side(MILD, toy))
    assert found.renamed == ("L1", "T8")
    assert "Lesion L1 of B is compared with lesion T8 of A." in text_of(differences_report(found))


def test_a_lesion_compared_under_another_name_is_called_by_both(toy):
    found, one, two = compare(side(SEVERE, toy), side(MILD, toy))
    assert found.first.answers[0].startswith("T8: ")
    assert found.second.answers == ("L1 (compared with T8): beaming.",)
    assert "B: L1 (compared with T8): beaming." in draw_differences(found, one, two).source


def test_what_fired_and_what_is_advised_differently(toy):
    found, *_ = compare(side(SEVERE, toy), side(MILD, toy))
    assert ("removed", "SEV-01@T8") in changes(found.fired)
    assert ("added", "SEV-02@T8") in changes(found.fired)
    assert changes(found.advised) >= {("changed", "T8/cut"), ("changed", "T8/beam"), ("removed", "scan")}
    assert "≠ beaming: ruled out → recommended" in text_of(differences_report(found))


def test_a_case_does_not_differ_from_itself(toy):
    found, *_ = compare(side(SEVERE, toy), side(SEVERE, toy))
    assert found.all == ()
    assert "Nothing differs." in text_of(differences_report(found))


def test_one_case_under_two_knowledge_bases(toy, other):
    found, *_ = compare(side(SEVERE, toy), side(SEVERE, other))
    assert found.given == ()
    assert changes(found.knowledge) == {
        ("changed", "SEV-01"),
        ("changed", "SEV-02"),
        ("removed", "TOY-05"),
        ("added", "TOY-06"),
    }
    assert ("changed", "T8.severity") in changes(found.derived)
    assert found.first.knowledge_base.digest != found.second.knowledge_base.digest


def test_the_text_fits_a_page_and_the_data_round_trip(toy, other):
    for second in (side(MILD, toy), side(SEVERE, other)):
        found, *_ = compare(side(SEVERE, toy), second)
        assert max(map(len, text_of(differences_report(found)).splitlines())) <= 100
        assert Differences.model_validate_json(found.model_dump_json()) == found


def test_the_drawing_tells_change_by_shape_and_line_as_well_as_colour(toy):
    lines = draw_differences(*compare(side(SEVERE, toy), side(MILD, toy))).source.splitlines()
    added = next(line for line in lines if line.lstrip().startswith('"SEV-02@T8" ['))
    removed = next(line for line in lines if line.lstrip().startswith('"SEV-01@T8" ['))
    changed = next(line for line in lines if line.lstrip().startswith('"T8.grade" ['))
    assert "peripheries=2" in added
    assert "+ only in B" in added
    assert 'style="filled,dashed"' in removed
    assert "- only in A" in removed
    assert 'style="filled,dotted"' in changed
    assert "style=dashed" in next(line for line in lines if '"T8.grade" -> "SEV-01@T8"' in line)
    assert "style=solid" in next(line for line in lines if '"T8.grade" -> "SEV-02@T8"' in line)


def test_points_of_a_score_are_folded_into_its_total(toy):
    changed = SEVERE.replace("collapse: false", "collapse: true")
    source = draw_differences(*compare(side(SEVERE, toy), side(changed, toy))).source
    assert "points" not in source.replace("POINT", "").split("How to read it")[0]
    assert '"T8.wobble_collapse" -> "T8.wobble_total"' in source
    assert "WOBBLE/" not in source


def test_what_is_given_here_and_concluded_there_is_one_node(toy):
    given = "{case: a, lesions: [{id: T8, severity: low}]}"
    found, one, two = compare(side(given, toy), side(SEVERE, toy))
    assert {(d.kind, d.change) for d in found.all if d.id == "T8.severity"} == {
        ("given", "removed"),
        ("derived", "added"),
    }
    source = draw_differences(found, one, two).source
    (node,) = (line for line in source.splitlines() if line.lstrip().startswith('"T8.severity" ['))
    assert "A: low" in node
    assert "B: high" in node
    assert "not the same" in node
    assert render(source, "svg").startswith(b"<?xml")
