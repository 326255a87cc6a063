"""How the advice relates to what the source of a published patient did."""

from textwrap import dedent

import pytest

from cases import case_of
from engine import Reasoner
from knowledge_base import Invalid, load
from knowledge_base.folders import DEFAULT
from knowledge_base.reading import read_text
from metspine.agreement import agreement, pathways_of, table

TREATMENTS = """
- {id: knife, label: the knife}
- {id: beam, label: the beam}
- {id: steroids, label: steroids, accompanies: true}
"""
PATHWAYS = """
- {id: radiotherapy, label: radiotherapy, summary: Irradiate., involves: [beam], given_as: [[beam]]}
- {id: surgery, label: surgery, summary: Operate., involves: [open_surgery], given_as: [[knife, beam], [knife]]}
"""
RULES = """
- id: TOY-03
  title: Low grades are irradiated
  when: {grade: "<= 1b"}
  then:
    - set: {grade_class: low}
    - argue: {pathway: radiotherapy, stance: recommend}
    - argue: {pathway: surgery, stance: advise_against}
  because: There is room.
  sources: [{ref: book, at: p. 3, basis: primary}]
  review: {status: draft}
"""


@pytest.fixture
def toy(write_knowledge):
    options = (DEFAULT / "rules" / "options.yaml").read_text(encoding="utf-8")
    files = {"treatments.yaml": TREATMENTS, "pathways.yaml": PATHWAYS, "rules/more.yaml": RULES}
    return load(write_knowledge({**files, "rules/options.yaml": options}))


@pytest.fixture
def compared(toy):
    reasoner = Reasoner(toy)

    def compare(grade: str, decision: str):
        text = f"""
        case: one
        patient: {{fitness: fit}}
        lesions: [{{id: T8, grade: {grade}, histology: renal, gap_mm: 9, deficit: true}}]
        source_decision: {{{decision}}}
        """
        return agreement(case_of(read_text(dedent(text), "one.yaml"), toy), reasoner)

    return compare


@pytest.mark.parametrize(
    ("plan", "pathways"),
    [
        ({"knife", "beam"}, {"surgery"}),
        ({"knife"}, {"surgery"}),
        ({"beam", "steroids"}, {"radiotherapy"}),
        ({"steroids"}, set()),
    ],
)
def test_a_plan_describes_the_pathways_that_are_given_as_it(toy, plan, pathways):
    assert pathways_of(plan, toy) == pathways


def test_agrees_when_what_was_done_is_recommended(compared):
    assert compared('"2"', "treatments: [knife, beam]").relation == "agrees"


def test_acceptable_when_what_is_recommended_is_defensible(compared):
    assert compared("1a", "treatments: [knife], acceptable: [[beam, steroids]]").relation == "acceptable"
    assert compared("1a", "treatments: [knife], acceptable: [beam]").relation == "acceptable"


def test_differs_with_the_rules_that_argue_otherwise(compared):
    found = compared("1a", "treatments: [knife]")
    assert found.relation == "differs"
    assert found.why == (
        "TOY-03 against surgery: There is room.",
        "TOY-03 for radiotherapy: There is room.",
    )


def test_open_with_what_is_not_stated(compared):
    found = compared("null", "treatments: [knife]")
    assert (found.relation, found.why) == ("open", ("not stated: grade",))


def test_open_when_what_was_done_is_no_pathway(compared):
    assert compared('"2"', "treatments: [steroids]").why == ("what the source names makes up no pathway",)


def test_table_counts_and_gives_reasons(compared, toy):
    page = table([compared("1a", "treatments: [knife], confidence: clear, guideline: true, detail: Cut.")], toy)
    assert "| differs | rules argue otherwise | 1 | 1 | 0 | 1 |" in page
    assert "| one:  | the knife (clear, guideline) | radiotherapy | differs |" in page
    assert "- **one** (differs): TOY-03 against surgery: There is room." in page


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        ("treatments: [knive]", "'knive' is not a known treatment. Did you mean 'knife'?"),
        ("treatments: [knife], acceptable: [[knife, bean]]", "'bean' is not a known treatment. Did you mean 'beam'?"),
        ("treatments: [knife], lesion: T9", "'T9' is not a lesion of this case (T8)"),
    ],
)
def test_names_that_do_not_exist_are_refused(compared, decision, message):
    with pytest.raises(Invalid) as found:
        compared("1a", decision)
    assert str(found.value) == f"one.yaml:5: one: {message}"
