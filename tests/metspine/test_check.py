"""`metspine check` on the small knowledge: what is told, in which order, and of which files."""

from pathlib import Path

import pytest
from quarrel import QUARREL

import metspine.checking
import metspine.library
from knowledge_base import load
from knowledge_base.loading.releases import releases, with_release

CASE = """
case: one
patient: {fitness: fit}
lesions: [{id: T8, grade: 1b, histology: renal, gap_mm: 1}]
expect: {T8: {values: {grade_class: high}}}
"""
OVERLAY = {
    "framework.yaml": """
id: ours
title: Ours
version: 1.0.0
about: What we do.
notice: It decides nothing.
extends: ../knowledge
""",
    "rules/own.yaml": """
- id: OUR-01
  title: We operate on lesser grades too
  replaces: TOY-01
  when: {grade: ">= 1b"}
  then: [{set: {grade_class: high}}]
  because: We can.
  sources: [{ref: book, at: p. 3, basis: primary}]
  review: {status: draft}
""",
}


@pytest.fixture
def library(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "one.yaml").write_text(CASE, encoding="utf-8")
    for module in (metspine.checking, metspine.library):
        monkeypatch.setattr(module, "LIBRARY", folder)
    return folder


@pytest.fixture
def run(run, library):
    def call(*arguments: object) -> tuple[int, list[str]]:
        code, out, err = run("check", "--jobs", "1", *arguments)
        return code, (out or err).splitlines()

    return call


def place(lines: list[str], words: str) -> int:
    return next(i for i, line in enumerate(lines) if words in line)


def test_contradictions_are_told_before_consequences_with_both_rules_and_a_patient(run, write_knowledge):
    folder = write_knowledge({})
    with (folder / "rules" / "base.yaml").open("a", encoding="utf-8") as file:
        file.write(QUARREL)
    code, lines = run("--knowledge", folder)
    quarrel = place(lines, "TOY-01 + TOY-91: TOY-01 and TOY-91 can leave no value of grade_class")
    consequence = place(lines, "one.yaml: T8: grade_class was expected to be high, but it is")
    assert code == 1
    assert quarrel < consequence
    assert "patient: deficit: yes; grade: 3" in lines[quarrel + 2]


def test_of_files_only_what_is_wrong_in_them_is_told(run, write_knowledge):
    folder = write_knowledge({})
    _, lines = run("--knowledge", folder, folder / "rules" / "sided.yaml")
    assert place(lines, "rules/sided.yaml:1: GAP-02") == 0
    assert not any("base.yaml" in line or "one.yaml" in line for line in lines)


def test_of_broken_files_the_one_that_is_named_is_told_alone(run, write_knowledge):
    folder = write_knowledge({"measures.yaml": "[]", "rules/more.yaml": "- {id: TOY-09}"})
    code, lines = run("--knowledge", folder, folder / "measures.yaml")
    assert (code, lines) == (2, ["measures.yaml:1: must be a list of entries; start each with `- id:`"])


def test_a_file_of_other_knowledge_is_refused(run, write_knowledge, library):
    code, lines = run("--knowledge", write_knowledge({}), library / "one.yaml")
    assert code == 2
    assert "one.yaml: is no file of the knowledge in" in lines[0]


@pytest.fixture
def policy(write_knowledge, tmp_path) -> Path:
    write_knowledge({})
    for name, text in OVERLAY.items():
        (tmp_path / "policy" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "policy" / name).write_text(text, encoding="utf-8")
    return tmp_path / "policy"


def test_who_is_advised_otherwise_by_policy_is_listed_until_accepted(run, policy):
    code, lines = run("--knowledge", policy)
    assert code == 1
    assert place(lines, "error: one: differs by policy (OUR-01): mri not called for before, before_treatment here")
    key = lines[place(lines, "to accept it")].strip().removeprefix("to accept it: ")
    accepted = f"- {{id: a, findings: [{key}], reason: So., by: head, expires: '2999-01-01'}}\n"
    (policy / "accepted_findings.yaml").write_text(accepted, encoding="utf-8")
    _, lines = run("--knowledge", policy)
    assert place(lines, "accepted: one: differs by policy (OUR-01)")
    assert not any("to accept it" in line for line in lines)
    (policy / "accepted_findings.yaml").write_text(accepted.replace(key, "case_differs two"), encoding="utf-8")
    assert place(run("--knowledge", policy)[1], "error: accepted_findings.yaml: 'case_differs two' is found no more")


def test_patients_of_a_policy_lie_in_its_folder(run, policy):
    (policy / "cases").mkdir()
    text = CASE.replace("case: one", "case: ours").replace("expect: {T8", "expect_in: {ours: {T8").rstrip() + "}\n"
    (policy / "cases" / "ours.yaml").write_text(text.replace("high", "low"), encoding="utf-8")
    assert (
        place(run("--knowledge", policy)[1], "ours.yaml: T8: grade_class was expected to be low, but it is high") >= 0
    )


def test_lines_that_decide_in_no_case_are_told(run, write_knowledge):
    folder = write_knowledge({})
    code, lines = run("--knowledge", folder, "--coverage")
    assert code == 1  # rules without a patient
    told = [line for line in lines if line.endswith(": decides in no case")]
    count, total = (int(lines[-1].split()[i]) for i in (0, 2))
    assert lines[-1].endswith("lines of `when` and `unless` decide in some case")
    assert 0 < count < total == count + len(told)


def test_a_released_version_keeps_its_rules(run, write_knowledge):
    """The version names one digest: other rules under it are an error, until its number rises."""
    folder = write_knowledge({})
    found = "1.0.0 was released with other rules; give it a higher number"
    (folder / "released.yaml").write_text(with_release(load(folder), folder), encoding="utf-8")
    assert not any(found in line for line in run("--knowledge", folder)[1])
    rules = folder / "rules" / "base.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace('">= 2"', '">= 3"', 1), encoding="utf-8")
    code, lines = run("--knowledge", folder)
    assert code == 1
    assert f"error: framework.yaml:2: version: {found}" in lines
    framework = folder / "framework.yaml"
    framework.write_text(
        framework.read_text(encoding="utf-8").replace("version: 1.0.0", "version: 1.0.1"), encoding="utf-8"
    )
    assert not any(found in line for line in run("--knowledge", folder)[1])
    assert releases(folder).keys() == {"1.0.0"}
    assert with_release(load(folder), folder).splitlines()[1:] == [
        *(f"{version}: {digest}" for version, digest in releases(folder).items()), f"1.0.1: {load(folder).digest}",
    ]  # fmt: skip


def test_only_what_passes_is_released(run, write_knowledge):
    folder = write_knowledge({})
    code, _ = run("--knowledge", folder, "--release")
    assert (code, (folder / "released.yaml").exists()) == (1, False)
