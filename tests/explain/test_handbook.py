"""The knowledge base as a page: every rule in words, its grounds, its cases, and what is to be signed off."""

from pathlib import Path

import pytest

import knowledge_base
from explain.phrases.rules import rule_in_words, step_in_words
from explain.report.handbook import handbook

BASE = Path(__file__).parents[1] / "bad_knowledge" / "base"


@pytest.fixture(scope="module")
def base():
    return knowledge_base.load(BASE)


@pytest.fixture(scope="module")
def page(base):
    return handbook(base, {"TOY-01": [f"case-{i}" for i in range(7)], "SINS/total": ["case-1"]})


def test_a_rule_in_words(base):
    assert dict(rule_in_words(base.rules["TOY-02"], base)) == {
        "when": "class of the grade: high; and fitness: fit",
        "unless": "histology: unknown",
        "then": "MRI, before treatment; recommend surgery",
    }


def test_a_score_in_words(base):
    steps = base.steps.values()
    assert [step_in_words(step, base) for step in steps] == [
        "points for bone from bone: blastic: 0 points; mixed: 1 point; lytic: 2 points.",
        "class from total: up to 2: stable; 3 or more: unstable.",
        "points for pain from pain: none: 0 points; mechanical: 3 points.",
        "total is the sum of points for pain and points for bone.",
    ]


def test_bases_are_counted_with_the_rules_of_every_side(page):
    assert "| abstract | abstract of the seed review | 1 | 1 | 0 | 1 |" in page
    assert "| project | a default of this project | 1 | 1 | 0 | 1 |" in page
    assert "| all |  | 4 | 3 | 1 | 5 |" in page


def test_disputes_stand_with_their_sides_and_the_reason(page):
    assert "### How wide must the gap be?" in page
    assert "- **2 mm** (default) `gap=two`: GAP-02. book (p. 4; primary)" in page
    assert "`gap=any`: no rule: it means to do without." in page
    assert "Why the default: The book says so." in page


def test_what_decides_and_is_founded_least_is_signed_first(page):
    assert "1 of 5 entries are reviewed." in page
    assert "| GAP-03 | A gap of less than 3 mm is too narrow | project |" in page
    assert "- primary: GAP-02, TOY-01, score sins" in page
    assert "| TOY-02 |" not in page


def test_a_rule_says_its_grounds_its_review_and_its_cases(page):
    assert "- fires in: case-0, case-1, case-2, case-3, case-4 and 2 more" in page
    assert "- weakest basis abstract; review reviewed by A. Surgeon on 2024-02-29" in page
    assert "- weakest basis project; review draft; side three of gap" in page
    assert "- fires in: no library case" in page
