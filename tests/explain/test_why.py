"""Why something is so: which proofs there are, in which order, and what they rest on."""

import shutil
from pathlib import Path
from textwrap import dedent

import pytest
from toycases import SEVERE, TWO, run

import knowledge_base
from explain.answers.justification import Why, why
from explain.report.blocks import text_of
from explain.report.why import why_report

TOY = Path(__file__).parent / "toy"
GROUNDS = """  because: So it is.
  sources: [{ref: book, at: p. 9, basis: primary}]
  review: {status: draft}
"""


@pytest.fixture
def extended(tmp_path: Path):
    """Return a function that gives the toy knowledge with more rules and attributes."""

    def build(rules, vocabulary=""):
        folder = tmp_path / "knowledge"
        shutil.copytree(TOY, folder)
        (folder / "rules" / "more.yaml").write_text(with_grounds(dedent(rules)))
        if vocabulary:
            (folder / "vocabulary" / "more.yaml").write_text(dedent(vocabulary))
        return knowledge_base.load(folder)

    return build


def with_grounds(rules):
    return "".join(f"- {rule.rstrip()}\n{GROUNDS}" for rule in ("\n" + rules.strip()).split("\n- ")[1:])


def ask(name, case, knowledge, lesion=None):
    return why(name, run(case, knowledge), lesion)


def facts(inputs):
    return {str(said.fact) for said in inputs}


def test_a_proof_goes_from_the_conclusion_back_to_the_inputs(toy):
    found = ask("cut", SEVERE, toy)
    (proof,) = found.proofs
    rules = [step.rule for step in proof.steps]
    assert rules[:3] == ["OPT-02", "TOY-01", "SEV-01"]
    assert set(rules) == {
        "OPT-02",
        "TOY-01",
        "SEV-01",
        "WOBBLE/class",
        "WOBBLE/total",
        "WOBBLE/pain",
        "WOBBLE/collapse",
    }
    for number, step in enumerate(proof.steps):
        assert all(by in [later.firing for later in proof.steps[number + 1 :]] for g in step.premises for by in g.by)
    assert set(map(str, proof.inputs)) == {"T8.grade", "T8.wobble_pain", "T8.wobble_collapse", "patient.fit"}


def test_what_it_rests_on_is_found_by_running_the_case_without_it(toy):
    found = ask("cut", SEVERE, toy)
    assert facts(found.rests_on) == {"T8.grade", "T8.wobble_pain", "patient.fit"}
    assert facts(found.stands_without) == {"T8.wobble_collapse"}  # pain alone makes it unstable


def test_a_conclusion_with_one_finding_behind_it_says_so(toy):
    found = ask("severity", SEVERE, toy)
    assert facts(found.rests_on) == {"T8.grade"}
    assert found.stands_without == ()
    assert 'It rests on one finding (ESCC grade: 2 (cord "squeezed"' in text_of(why_report(found))


def test_two_supports_are_told_apart_and_the_shorter_comes_first(extended):
    rules = """
        - id: MID-01
          title: Hard is coarse
          when: {tumour: hard}
          then: [{set: {coarse: true}}]
        - id: SEV-09
          title: Coarse is severe
          when: {coarse: true, wobble_pain: true}
          then: [{set: {severity: high}}]
    """
    coarse = "- {id: coarse, label: coarse, of: patient, letter: O, type: yes_no, from: [rules]}"
    found = ask("severity", SEVERE, extended(rules, coarse))
    assert [[step.rule for step in proof.steps] for proof in found.proofs] == [["SEV-01"], ["SEV-09", "MID-01"]]
    assert found.rests_on == ()
    assert facts(found.stands_without) == {"T8.grade", "T8.wobble_pain", "patient.tumour"}
    text = text_of(why_report(found))
    assert "It stands without any one of these" in text
    assert "There is one more proof, no shorter; --all prints it." in text
    assert "MID-01" not in text
    assert "MID-01" in text_of(why_report(found, all_proofs=True))


def test_two_voices_that_only_together_are_enough_stand_in_one_proof(extended):
    tone = """
        - {id: tone, label: tone, of: lesion, letter: N, type: choice, values: {a: a, b: b, c: c}, from: [rules]}
    """
    rules = """
        - id: TON-01
          title: Grade 2 is a or b
          when: {grade: "2"}
          then: [{set: {tone: [a, b]}}]
        - id: TON-02
          title: Hard is b or c
          when: {tumour: hard}
          then: [{set: {tone: [b, c]}}]
    """
    found = ask("tone", SEVERE, extended(rules, tone))
    (proof,) = found.proofs
    assert {step.rule for step in proof.steps} == {"TON-01", "TON-02"}
    assert facts(found.rests_on) == {"T8.grade", "patient.tumour"}


def test_each_line_of_a_rule_is_told_with_what_it_asked_and_what_it_found(toy):
    text = text_of(why_report(ask("severity", SEVERE, toy)))
    assert "because  ESCC grade: 2" in text
    assert "(asked for: 2" in text  # ">= 2" in words
    assert "book, p. 2 (read in the source)" in text
    assert 'book: A "book" by O\'Neill & sons. https://doi.org/10.1000/a-b' in text


def test_an_exception_that_did_not_hold_is_told(toy):
    (step,) = (step for step in ask("cut", SEVERE, toy).proofs[0].steps if step.rule == "TOY-01")
    assert [(str(ground.fact), ground.text) for ground in step.absent] == [
        ("T8.myelopathy", "myelopathy: yes (found: not known)")
    ]


def test_the_weakest_link_of_the_chain_is_told_when_it_is_not_the_rules_own(toy):
    (step, *_) = ask("cut", SEVERE, toy).proofs[0].steps
    assert (step.basis, step.chain_basis) == ("primary", "unconfirmed")
    assert "weakest link  NOT CONFIRMED in any text, in a step that it leans on" in text_of(
        why_report(ask("cut", SEVERE, toy))
    )


def test_one_of_several_lesions_is_enough_for_a_rule_that_asks_for_some(extended):
    rules = """
        - id: TOY-20
          title: Some lesion presses
          when: {some_lesion: {grade: ">= 2"}}
          then: [{measure: {measure: scan, urgency: planned}}]
    """
    pressing = TWO.replace('grade: "1"', 'grade: "3"').replace('["2", "3"]', '"2"')
    knowledge = extended(rules)
    found = ask("scan", pressing, knowledge)
    alone = [{step.rule for step in proof.steps} for proof in found.proofs].count({"TOY-20"})
    assert alone == 2
    assert facts(found.stands_without) == {"L1.grade", "T8.grade"}
    assert found.rests_on == ()


def test_a_given_fact_is_what_the_case_says(toy):
    found = ask("grade", SEVERE, toy)
    assert (found.given, found.proofs) == (True, ())
    assert "The case itself says so." in text_of(why_report(found))


def test_what_is_not_known_has_no_proof(toy):
    found = ask("L1.myelopathy", TWO, toy)
    assert (found.holds, found.proofs) == (False, ())
    assert "Nothing that is known settles it" in text_of(why_report(found))


def test_contradicting_inputs_are_told_before_anything_else(toy):
    case = "{case: a, lesions: [{id: T8, grade: '3', severity: low}]}"
    found = ask("severity", case, toy)
    assert not found.holds
    assert len(found.warnings) == 1
    assert "cannot all be true" in text_of(why_report(found))


def test_contradicting_rules_leave_no_advice_and_that_is_told(extended):
    rules = """
        - id: SEV-09
          title: Hard is never severe
          when: {tumour: hard}
          then: [{set: {severity: low}}]
    """
    found = ask("beam", SEVERE, extended(rules))
    assert "T8: no advice is given, because rules of the knowledge base contradict each other." in found.warnings


def test_a_measure_is_explained_by_the_rules_that_call_for_it(toy):
    found = ask("scan", TWO, toy)
    assert [step.rule for step in found.proofs[0].steps] == ["TOY-04", "SEV-01"]
    assert facts(found.rests_on) == {"T8.grade"}
    assert not ask("scan", TWO, toy, "L1").holds


def test_it_is_plain_data(toy):
    found = ask("cut", SEVERE, toy)
    assert Why.model_validate_json(found.model_dump_json()) == found


def test_text_fits_a_page(toy):
    for name in ("cut", "beam", "severity", "scan"):
        assert max(map(len, text_of(why_report(ask(name, SEVERE, toy), all_proofs=True)).splitlines())) <= 100
