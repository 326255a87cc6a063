"""How the advice relates to what the source of a published patient did."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from textwrap import dedent

import pytest

from cases import case_of
from cases.model import SourceDecision
from engine import Reasoner
from knowledge_base import Invalid, load
from knowledge_base.loading.frameworks import DEFAULT
from knowledge_base.text.strict_yaml import read_file, read_text
from metspine.library import LIBRARY
from metspine.studies.agreement import agreement, pathways_of
from metspine.studies.agreement_page import page

BASE = Path(__file__).parents[1] / "bad_knowledge" / "base"
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


HIGH = ("2 (cord pushed)", "3 (cord crushed)")
HASTY = "- {id: TOY-06, when: {sins_pain: mechanical}, then: [{argue: {pathway: surgery, stance: advise_against}}]}"
UNFIT = """
- {id: TOY-04, when: {fitness: unfit}, then: [{argue: {pathway: surgery, stance: exclude}}]}
- {id: TOY-07, when: {grade_class: high, fitness: unfit}, then: [{argue: {pathway: radiotherapy, stance: recommend}}]}
"""
NEVER_SURGERY = "- {id: TOY-05, when: {grade_class: high}, then: [{argue: {pathway: surgery, stance: exclude}}]}"


def with_grounds(rules: str) -> str:
    """Give each rule the grounds that every rule must state."""
    grounds = (
        "title: A rule, because: It is so., sources: [{ref: book, at: p. 5, basis: primary}], review: {status: draft}"
    )
    return "".join(f"{rule.rstrip()[:-1]}, {grounds}}}\n" for rule in rules.strip().splitlines())


@pytest.fixture
def build(write_knowledge):
    """Return a builder of the toy knowledge, with further rules and a text changed in those it begins with."""
    options = (DEFAULT / "rules" / "options.yaml").read_text(encoding="utf-8")
    base = (BASE / "rules" / "base.yaml").read_text(encoding="utf-8")

    def built(more: str = "", changed: tuple[str, str] = ("", "")):
        rules = {"rules/base.yaml": base.replace(*changed), "rules/more.yaml": RULES + with_grounds(more)}
        files = {"treatments.yaml": TREATMENTS, "pathways.yaml": PATHWAYS, "rules/options.yaml": options}
        return load(write_knowledge({**files, **rules}))

    return built


@pytest.fixture
def toy(build):
    return build()


def compare(knowledge, grade: str, decision: str, patient: str = "fitness: fit", settle: bool = False):
    text = f"""
    case: one
    patient: {{{patient}}}
    lesions: [{{id: T8, grade: {grade}, histology: renal, gap_mm: 9, deficit: true}}]
    source_decision: {{{decision}}}
    """
    return agreement(case_of(read_text(dedent(text), "one.yaml"), knowledge), Reasoner(knowledge), settle)


@pytest.fixture
def compared(toy):
    return partial(compare, toy)


@pytest.fixture
def settled(toy):
    return partial(compare, toy, settle=True)


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


def test_page_counts_and_gives_reasons(compared):
    written = page([compared("1a", "treatments: [knife], confidence: clear, guideline: true, detail: Cut.")])
    assert "| differs | rules argue otherwise, and what is not stated cannot change that | 1 | 1 | 0 | 1 |" in written
    assert "| one:  | the knife (clear, guideline) | radiotherapy | firm | 0 | 0 | differs |" in written
    assert "- **one** (differs): TOY-03 against surgery: There is room." in written


def test_page_tells_what_is_open_apart(settled):
    written = page([settled("null", "treatments: [knife]"), settled('"2"', "treatments: [steroids]")])
    assert "| open | not enough is stated to tell | 2 | 0 | 0 | 0 |" in written
    assert (
        "| … agrees if | it is the plan in a row of the fork, or in some plausible way in which the rest may turn out | 1"
        in written
    )
    assert "| forked | 0 | 1 | open: agrees if |" in written
    assert "Plans of 2 lesions: firm 1, provided 0, forked 1, open 0. Median conditions 0, median" in written


# --- every way in which the rest may turn out -------------------------------------------------------------------


def test_agrees_if_with_the_answers_that_lead_there(settled):
    found = settled("null", "treatments: [knife]")
    assert found.relation == "agrees if"
    assert found.why == ("surgery is the plan with grade 2 or 3",)


def test_agreement_is_firm_when_nothing_can_change_it(settled):
    assert settled('"2"', "treatments: [knife]").why == ("firm: whatever turns out",)


def test_agreement_hangs_on_the_row_of_the_fork_when_something_can(build):
    found = compare(build(HASTY), '"2"', "treatments: [knife]", settle=True)
    assert found.relation == "agrees if"
    assert found.why[0].startswith("surgery is the plan with ")
    assert (found.kinds, found.questions) == (("forked",), 1)


def test_agrees_in_the_row_in_which_something_else_is_ruled_out(build):
    found = compare(build(UNFIT), '"2"', "treatments: [beam]", patient="", settle=True)
    assert (found.relation, found.why) == ("agrees if", ("radiotherapy is the plan with fitness unfit",))


def test_acceptable_if_with_what_keeps_it_from_being_recommended(build):
    knowledge = build(changed=("surgery, stance: recommend", "surgery, stance: consider"))
    found = compare(knowledge, "null", "treatments: [knife]", settle=True)
    assert found.relation == "acceptable if"
    assert found.why[0] in (f"surgery at least acceptable with grade: {grade}" for grade in HIGH)
    assert found.why[1:] == ("surgery is never recommended: no rule does, but it may be worth considering (TOY-02)",)


def test_acceptable_if_a_plan_that_is_defensible_there_is_recommended(build):
    found = compare(build(NEVER_SURGERY), "null", "treatments: [knife], acceptable: [beam]", settle=True)
    assert found.relation == "acceptable if"
    assert found.why[0].startswith("radiotherapy recommended, which is defensible there, with grade: ")


def test_never_with_the_rules_that_part(build):
    found = compare(build(NEVER_SURGERY), "null", "treatments: [knife]", settle=True)
    assert (found.relation, found.why) == ("never", ("surgery is never recommended: TOY-05 always against it",))


def test_not_expressible_when_what_was_done_is_no_pathway(settled):
    assert settled('"2"', "treatments: [steroids]").relation == "not expressible"


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


@pytest.mark.parametrize(("name", "done"), [("kps-ecog", "cebrt"), ("location", "sbrt")])
def test_nothing_is_said_of_what_may_still_come_where_the_case_contradicts_itself(knowledge, name, done):
    written = read_file(LIBRARY / f"contradiction-{name}.yaml")
    case = replace(case_of(written, knowledge), source_decision=SourceDecision(treatments=(done,)))
    found = agreement(case, Reasoner(knowledge), settle=True)
    assert found.relation in ("agrees", "open")
    assert found.why == (
        "what is given cannot all be true of one patient, so nothing can be said of what may still come",
    )
