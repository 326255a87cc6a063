"""The knowledge base as pages: every rule in words, its grounds, its cases, and what is to be signed off."""

import posixpath
import re
from pathlib import Path

import pytest

import knowledge_base
from explain.phrases.rules import rule_in_words, step_in_words
from explain.report.handbook import handbook
from knowledge_base.checks import printed
from knowledge_base.text.figures import figures

BASE = Path(__file__).parents[1] / "bad_knowledge" / "base"


@pytest.fixture(scope="module")
def base():
    return knowledge_base.load(BASE)


@pytest.fixture(scope="module")
def pages(base):
    fires = {"TOY-01": [f"case-{i}" for i in range(7)], "SINS/total": ["case-1"]}
    return handbook(base, fires, {"rules/base.yaml": "Toys | and more."})


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


def test_there_is_a_page_for_each_file_of_rules_and_an_index_that_says_what_it_is_about(pages):
    rules = ["rules/base.md", "rules/sided.md"]
    assert list(pages) == [
        "index.md",
        "disputed-points.md",
        "sign-off.md",
        *rules,
        "scores.md",
        "sources.md",
        "numbers.md",
    ]
    assert "| [base](rules/base.md) | Toys \\| and more. | 2 |" in pages["index.md"]
    assert pages["rules/base.md"].startswith("# `rules/base.yaml`\n\nToys | and more.\n\n## ")


def test_every_rule_score_source_and_dispute_has_one_anchor(base, pages):
    anchors = {place: re.findall(r"^## (\S+)$", page, re.MULTILINE) for place, page in pages.items()}
    assert sorted(anchors["rules/base.md"] + anchors["rules/sided.md"]) == sorted(base.whole.rules)
    assert anchors["scores.md"] == ["sins"]
    assert anchors["sources.md"] == list(base.sources)
    assert anchors["disputed-points.md"] == list(base.disputes)


def test_every_link_leads_to_an_anchor(pages):
    links = [
        (
            name,
            posixpath.normpath(posixpath.join(posixpath.dirname(place), target or posixpath.basename(place))),
            anchor,
        )
        for place, page in pages.items()
        for name, target, anchor in re.findall(r"\[([^]]+)\]\(([^)#]*)#([^)]*)\)", page)
    ]
    assert {"GAP-03", "sins", "book", "gap"} <= {name for name, _, _ in links}
    for name, place, anchor in links:
        assert f"\n## {name}\n" in pages[place]
        assert anchor == name.lower()


def test_bases_are_counted_with_the_rules_of_every_side(pages):
    page = pages["index.md"]
    assert "| primary | read in the source | 2 | 1 | 1 | 3 |" in page
    assert "| abstract | abstract of the seed review | 1 | 1 | 0 | 1 |" in page
    assert "| project | a default of this project | 1 | 1 | 0 | 1 |" in page
    assert "| all |  | 4 | 3 | 1 | 5 |" in page


def test_disputes_stand_with_their_sides_and_the_reason(pages):
    page = pages["disputed-points.md"]
    assert "## gap\n\n**How wide must the gap be?**" in page
    assert (
        "- **2 mm** (default) `gap=two`: [GAP-02](rules/sided.md#gap-02). [book](sources.md#book) (p. 4; primary)"
        in page
    )
    assert "`gap=any`: no rule: it means to do without." in page
    assert "Why the default: The book says so." in page


def test_what_decides_and_is_founded_least_is_signed_first(pages):
    page = pages["sign-off.md"]
    assert "1 of 5 entries are reviewed." in page
    assert "| [GAP-03](rules/sided.md#gap-03) | A gap of less than 3 mm is too narrow | project |" in page
    assert "- primary: [GAP-02](rules/sided.md#gap-02), [TOY-01](rules/base.md#toy-01), [sins](scores.md#sins)" in page
    assert "| [TOY-02]" not in page


def test_a_rule_says_its_grounds_its_review_and_its_cases(pages):
    page = pages["rules/base.md"]
    assert "- fires in: case-0, case-1, case-2, case-3, case-4 and 2 more" in page
    assert "- weakest basis abstract; review reviewed by A. Surgeon on 2024-02-29" in page
    assert "- fires in: no library case" in page


def test_a_rule_of_one_side_says_so(pages):
    assert (
        "- weakest basis project; review draft; side three of [gap](../disputed-points.md#gap)"
        in pages["rules/sided.md"]
    )


JUDGED = """
- id: TOY-50
  title: Three of four
  when: {grade: ">= 2"}
  then:
    - alert: {level: note, text: "3 of 4 said so."}
  because: The cord is pushed.
  sources: [{ref: book, at: p. 2, basis: primary}]
  review: {status: draft, judge: "Is it so?"}
"""


@pytest.fixture
def judged(write_knowledge):
    return knowledge_base.load(write_knowledge({"rules/judged.yaml": JUDGED}))


def test_the_page_of_numbers_has_each_rule_that_prints_some(judged):
    """A row for each, with the source and its place; rules that print none are not on it."""
    page = handbook(judged, {}, {})["numbers.md"]
    rows = re.findall(r"^\| \[(\S+)\]", page, re.MULTILINE)
    assert rows == [r.id for r in judged.whole.rules.values() if figures(" ".join(printed(r)))]
    assert "| [TOY-50](rules/judged.md#toy-50) | 3, 4 | [book](sources.md#book) (p. 2; primary) |" in page


def test_questions_to_a_clinician_come_first(judged):
    page = handbook(judged, {}, {})["sign-off.md"]
    assert page.index("| 1 | Is it so? | Three of four |") < page.index("## Everything else")
