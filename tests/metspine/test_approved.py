"""Answers that were approved: what changed of them is told, patient by patient, until somebody agrees."""

import json

import pytest
from test_check import library  # noqa: F401  # the same one patient

import knowledge_base
from engine import Reasoner
from engine.cohort import lesion_verdicts
from knowledge_base import Invalid
from metspine import checking
from metspine.approved import ANSWERS, WITNESSES, answers_of, change_lines, changes, read_answers, read_witnesses
from metspine.library import LIBRARY

WITNESS = {"case": "base-1", "patient": {"fitness": "fit"}, "lesions": [{"id": "L1", "grade": "2"}]}


def test_a_change_of_a_rule_is_told_with_its_patients_until_it_is_agreed_to(run, library, write_knowledge):  # noqa: F811
    folder = write_knowledge({})
    (library / WITNESSES).write_text(json.dumps(WITNESS) + "\n", encoding="utf-8")
    assert "advice" not in run("check", "--jobs", "1", "--knowledge", folder)[1]
    assert run("approve", "--knowledge", folder)[0] == 0
    assert "advice" not in run("check", "--jobs", "1", "--knowledge", folder)[1]
    rules = folder / "rules" / "base.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace('">= 2"', '">= 3"', 1), encoding="utf-8")
    _, out, _ = run("check", "--jobs", "1", "--knowledge", folder)
    assert "the advice of one patient changed:" in out
    assert "TOY-01 fires no more: base-1 L1" in out
    assert "`metspine approve` agrees" in out
    assert "TOY-01 fires no more: base-1 L1" in run("approve", "--knowledge", folder)[1]
    assert "advice" not in run("check", "--jobs", "1", "--knowledge", folder)[1]


def test_the_gravest_change_is_told_first_and_patients_are_counted():
    before = {f"p{i} L1": {"recommended": ["sbrt"], "dangers": ["D-1"], "measures": {"mri": "soon"}} for i in range(6)}
    after = {f"p{i} L1": {"acceptable": ["sbrt"], "fired": ["R-1"]} for i in range(6)}
    assert list(change_lines(changes(before, after | {"new L1": {}}))) == [
        "the advice of 7 patients changed:",
        "    has no approved answer: new L1",
        "    danger alert D-1 lost: p0 L1, p1 L1, p2 L1, p3 L1 and 2 more",
        "    sbrt recommended before, acceptable now: p0 L1, p1 L1, p2 L1, p3 L1 and 2 more",
        "    mri soon before, not called for now: p0 L1, p1 L1, p2 L1, p3 L1 and 2 more",
        "    R-1 fires: p0 L1, p1 L1, p2 L1, p3 L1 and 2 more",
    ]
    assert not list(change_lines(changes(before, before)))
    assert next(change_lines(changes(before, before | {"new L1": {}}))) == "one patient is new:"


def test_a_new_rule_leaves_the_lines_of_others_as_they_are(run, library, write_knowledge):  # noqa: F811
    folder = write_knowledge({})
    (library / WITNESSES).write_text(json.dumps(WITNESS) + "\n", encoding="utf-8")
    run("approve", "--knowledge", folder)
    before = (library / ANSWERS).read_text(encoding="utf-8").splitlines()
    rules = folder / "rules" / "base.yaml"
    first = """
- id: AAA-01
  title: New
  when: {fitness: fit, grade: 1b}
  then: [{alert: {level: note, text: It is so.}}]
  because: It is.
  sources: [{ref: book, at: p. 3, basis: primary}]
  review: {status: draft}
"""
    rules.write_text(rules.read_text(encoding="utf-8") + first, encoding="utf-8")
    run("approve", "--knowledge", folder)
    after = (library / ANSWERS).read_text(encoding="utf-8").splitlines()
    assert [line.partition(":")[0] for line, was in zip(after, before, strict=True) if line != was] == [
        '"rules"',
        '"one T8"',
    ]


def test_a_witness_that_cannot_be_read_is_named_by_line(tmp_path, write_knowledge):
    base = knowledge_base.load(write_knowledge({}))
    bad = json.dumps({**WITNESS, "patient": {"fitnes": "fit"}})
    (tmp_path / WITNESSES).write_text(f"{json.dumps(WITNESS)}\n{bad}\n", encoding="utf-8")
    with pytest.raises(Invalid, match=r"witnesses.ndjson:2: .*fitnes"):
        read_witnesses(tmp_path, base)


def test_the_shipped_answers_are_those_of_the_shipped_rules(knowledge):
    assert not checking.advice_changed(knowledge, None)


@pytest.mark.slow
def test_experta_finds_of_every_witness_what_the_program_finds(knowledge):
    approved, reasoner = read_answers(LIBRARY, knowledge), Reasoner(knowledge)
    witnesses = read_witnesses(LIBRARY, knowledge)
    assert len(witnesses) > 300
    found = answers_of(knowledge, witnesses)
    for case in witnesses:
        for lesion, finding in zip(case.lesions, lesion_verdicts(reasoner.consult(case)), strict=True):
            who = f"{case.id} {lesion.id}"
            assert sorted(finding.fired) == sorted(found[who]["fired"]) == sorted(approved[who]["fired"])
            assert dict(finding.measures) == found[who].get("measures", {})
            assert list(finding.recommended) == found[who].get("recommended", [])
