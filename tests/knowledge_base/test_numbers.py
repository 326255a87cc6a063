"""Every number that a rule prints is somebody's: a source that was read, a line of the rule, or openly ours."""

import re

import pytest

import knowledge_base
from knowledge_base.checks import findings, number_without_a_source, printed
from knowledge_base.text.figures import figures

RULE = """
- id: TOY-50
  title: A rule that prints a number
  when: {grade: "3"}
  then:
    - alert: {level: note, text: "%s"}
  because: It was said so.
  sources:
    - {ref: metspine, at: somewhere, basis: project}
  review: {status: draft}
"""


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("61 of 121 walked, 10 had died", ("61", "121", "10")),
        ("in 4.5% of 2,949 operations", ("4.5", "2,949")),
        ("below 0.5 x 10^9/L", ("0.5", "10")),
        ("from T8 to L1, grade 1c, a P2Y12 inhibitor or PD-1", ()),
        ("2 of 7, and 2 of 9", ("2", "7", "9")),
    ],
)
def test_figures(text, numbers):
    assert figures(text) == numbers


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("Half of them, 12 of 24, walked.", True),
        ("Of grade 3 it is said.", False),
        ("Within 12 weeks, by our default.", False),
        ("Nothing is counted here.", False),
    ],
)
def test_a_number_that_nobody_says_is_refused(write_knowledge, text, refused):
    folder = write_knowledge({"rules/numbers.yaml": RULE % text})
    loaded = knowledge_base.load(folder)
    assert bool(list(number_without_a_source(loaded.whole))) is refused


def test_every_number_of_noms_is_somebodys(knowledge):
    assert not [finding for finding in findings(knowledge) if "which no source that was read says" in str(finding)]


def test_a_number_on_the_word_of_a_primary_source_has_its_place(knowledge):
    """Each such rule names where in the source it stands, and the source was at hand."""
    counted = 0
    for rule in knowledge.whole.rules.values():
        if rule.basis == "primary" and figures(" ".join(printed(rule))):
            counted += 1
            for citation in rule.sources:
                assert re.search(r"\w{4,}", citation.at), rule.id
                assert knowledge.sources[citation.ref].read in ("full_text", "abstract", "registry"), rule.id
    assert counted > 30


def test_a_clinician_is_asked_some_twenty_questions_first(knowledge):
    asked = [rule for rule in knowledge.whole.rules.values() if rule.review.judge]
    assert 20 <= len(asked) <= 25
    assert all(rule.review.judge.endswith("?") and rule.review.status == "draft" for rule in asked)
