"""Ids that attributes, values and rules had before are understood in old cases and records, and nobody takes them anew."""

import pytest

import knowledge_base
from cases.plain import case_from
from cases.reader import case_of
from cases.settings import with_settings
from engine import Reasoner
from explain.answers.targets import target
from knowledge_base import Invalid
from knowledge_base.text.strict_yaml import read_text

NEW = {
    "id: grade\n": "id: grade\n  formerly: [cord_grade]\n  former_values: {shoved: 1b, crushed: ['2', '3']}\n",
    "{id: sins_pain,": "{id: sins_pain, formerly: [sins_ache], former_values: {sore: mechanical},",
}
TODAY = "case: old\nlesions: [{id: T8, grade: 1b, sins: {pain: mechanical}}]"
RULE = """
- id: TOY-09
  title: No more
  when: {{grade: "2"}}
  then: [{{ask: [grade]}}]
  because: Because.
  sources: [{{ref: book, at: p. 3, basis: primary}}]
  review: {review}
"""


@pytest.fixture
def base(write_knowledge, toy_knowledge):
    folder = write_knowledge({"rules/old.yaml": RULE.format(review="{status: retired, replaced_by: [TOY-01, TOY-02]}")})
    file = folder / "vocabulary" / "base.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in NEW.items():
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return knowledge_base.load(folder)


def read(text, base):
    return case_of(read_text(text, "case.yaml"), base)


def test_a_case_of_then_reads_as_one_of_today_and_says_what_was_heard(base):
    case = read("case: old\nlesions: [{id: T8, cord_grade: shoved, sins: {ache: sore}}]", base)
    assert case.lesions == read(TODAY, base).lesions
    assert list(map(str, read(TODAY.replace("grade", "cord_grade"), base).heard)) == ["T8.cord_grade 1b = 1b (pushed)"]
    assert [str(heard) for heard in case.heard] == ["T8.cord_grade shoved = 1b (pushed)", "T8.ache sore = mechanical"]


def test_a_record_of_then_reads_as_one_of_today(base):
    data = {"case": "old", "lesions": [{"id": "T8", "cord_grade": "shoved", "sins": {"ache": "sore"}}]}
    case = case_from(data, base, typed=False)
    assert case.lesions == read(TODAY, base).lesions
    assert [heard.attribute for heard in case.heard] == ["grade", "sins_pain"]
    several = {"case": "old", "lesions": [{"id": "T8", "cord_grade": ["1a", "crushed"]}]}
    assert case_from(several, base, typed=False).lesions[0].given["grade"].members == {"1a", "2", "3"}


def test_a_value_that_became_two_leaves_both(base):
    case = read("case: old\nlesions: [{id: T8, grade: crushed}]", base)
    assert case.lesions[0].given["grade"].members == {"2", "3"}
    beside = with_settings(read("case: old\nlesions: [{id: T8}]", base), ["T8.cord_grade=crushed"], base)
    assert beside.lesions == case.lesions


def test_what_a_record_says_wrongly_is_still_refused(base):
    with pytest.raises(Invalid, match="'green' is not a value of grade"):
        case_from({"case": "old", "lesions": [{"id": "T8", "cord_grade": "green"}]}, base, typed=False)


def test_rules_are_written_in_the_names_of_today(base, write_knowledge):
    folder = base.origin
    (folder / "rules" / "new.yaml").write_text(
        RULE.format(review="{status: draft}").replace("TOY-09", "TOY-10").replace("grade", "cord_grade"),
        encoding="utf-8",
    )
    with pytest.raises(Invalid) as caught:
        knowledge_base.load(folder)
    told = [problem.message for problem in caught.value.problems]
    assert told == ["'cord_grade' is called grade now; write that"] * 2


def test_who_asks_for_a_retired_rule_is_told_what_stands_for_it(base):
    gone = "TOY-09 is gone; TOY-01 and TOY-02 stand for it"
    with pytest.raises(Invalid, match=gone):
        read("case: old\nlesions: [{id: T8}]\nexpect: {T8: {fired: [TOY-09]}}", base)
    with pytest.raises(ValueError, match=gone):
        target("TOY-09", Reasoner(base).consult(read(TODAY, base)).state)


def test_a_hazard_cannot_rest_on_a_retired_rule(base):
    hazard = (
        "- {id: HAZ-01, hazard: h, cause: c, harm: h, severity: 1, control: [TOY-09], never: {rules_fired: TOY-01},\n"
        "   sources: [{ref: metspine, at: here, basis: project}], review: {status: draft}}\n"
    )
    (base.origin / "hazards.yaml").write_text(hazard, encoding="utf-8")
    with pytest.raises(Invalid, match="HAZ-01: TOY-09 is gone; TOY-01 and TOY-02 stand for it; name what does"):
        knowledge_base.load(base.origin)
