"""`metspine verify`: exit codes, what is accepted and until when, cases written, and whose advice changes."""

import subprocess
from pathlib import Path

import pytest
from quarrel import QUARREL

import cases
import knowledge_base
from engine import Reasoner

ACCEPTED = """
- id: some
  reason: Because.
  by: knowledge engineer
  expires: "2030-05-01"
  findings:
    - {finding}
"""
KEPT = "rule_never_fires TOY-90"
NEVER = """
- id: TOY-90
  title: Never fires
  when: {grade: "0", grade_class: high}
  then: [{argue: {pathway: surgery, stance: consider}}]
  because: Because.
  sources: [{ref: book, at: p. 2, basis: primary}]
  review: {status: draft}
"""


@pytest.fixture
def run(run):
    return lambda *arguments: run("verify", "--jobs", "1", *arguments)


def told(out: str) -> list[str]:
    return [line.removeprefix("    to accept it: ") for line in out.splitlines() if line.startswith("    to accept it")]


@pytest.fixture
def clean(write_knowledge, run) -> Path:
    """The small knowledge with all that is found in it accepted."""
    return write_knowledge({"accepted_findings.yaml": accepting(told(run("--knowledge", write_knowledge({}))[1]))})


def accepting(findings: list[str]) -> str:
    return ACCEPTED.format(finding="\n    - ".join(f"'{finding}'" for finding in findings))


def add(folder: Path, place: str, text: str) -> None:
    with (folder / place).open("a", encoding="utf-8") as file:
        file.write(text)


def test_findings_end_with_one_and_without_any_with_zero(run, write_knowledge):
    code, out, _ = run("--knowledge", write_knowledge({}))
    assert code == 1
    found = told(out)
    assert found
    folder = write_knowledge({"accepted_findings.yaml": accepting(found)})
    code, out, _ = run("--knowledge", folder, "--on", "2030-05-01")
    assert (code, told(out)) == (0, [])
    assert f"0 findings, {len(found)} accepted" in out


def test_an_acceptance_expires_on_the_day_after(run, clean):
    code, out, _ = run("--knowledge", clean, "--on", "2030-05-02")
    assert code == 1
    assert "accepted_findings.yaml:2: some: expired on 2030-05-01; mend it or judge it anew" in out
    assert told(out)


def test_an_acceptance_of_what_is_found_no_more_is_told(run, clean):
    add(clean, "accepted_findings.yaml", f"    - '{KEPT}'\n")
    code, out, _ = run("--knowledge", clean, "--on", "2026-01-01")
    assert code == 1
    assert f"some: '{KEPT}' is found no more; remove it" in out
    add(clean, "rules/base.yaml", NEVER)
    assert run("--knowledge", clean, "--on", "2026-01-01")[0] == 0


def test_a_fault_is_told_by_file_line_and_what_to_do(run, clean):
    add(clean, "rules/base.yaml", NEVER)
    code, out, _ = run("--knowledge", clean, "--on", "2026-01-01")
    assert code == 1
    assert told(out) == [KEPT]
    assert "TOY-90: its `when` is surely true of no patient" in out
    assert out.startswith("rules/base.yaml:")


def test_cases_are_written_and_show_what_was_found(run, clean, tmp_path):
    add(clean, "rules/base.yaml", QUARREL)
    code, _, err = run("--knowledge", clean, "--on", "2026-01-01", "--write-cases", tmp_path / "new")
    base = knowledge_base.load(clean)
    files = sorted((tmp_path / "new").glob("*.yaml"))
    assert code == 1
    assert [file.name for file in files if "contradict" in file.name] == ["rules_contradict-grade_class.yaml"]
    assert str(files[0]) in err
    trace = Reasoner(base).consult(cases.read_case(tmp_path / "new" / "rules_contradict-grade_class.yaml", base)).trace
    assert [clash.between for clash in trace.contradictions] == ["rules"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--on", "tomorrow"), "--on: 'tomorrow' is not a day; write YYYY-MM-DD"),
        (("--page", "page.md"), "--page: it shows changes; name with --against what to compare with"),
        (("--diagram", "a.svg"), "--diagram: it shows changes; name with --against what to compare with"),
        (("--against", "nowhere"), "--against: 'nowhere' is neither a folder nor a git revision of"),
    ],
)
def test_wrong_use(arguments, message, run, write_knowledge):
    code, out, err = run("--knowledge", write_knowledge({}), *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(message)


@pytest.fixture
def moved(write_knowledge, tmp_path) -> tuple[Path, Path]:
    """The small knowledge, and the same with one threshold moved and a rule added."""
    old = write_knowledge({}).rename(tmp_path / "old")
    new = write_knowledge({})
    text = (new / "rules" / "base.yaml").read_text(encoding="utf-8")
    (new / "rules" / "base.yaml").write_text(
        text.replace('grade: ">= 2"', 'grade: ">= 1b"') + QUARREL, encoding="utf-8"
    )
    return old, new


def test_whose_advice_changes(run, moved):
    old, new = moved
    code, out, _ = run("--knowledge", new, "--against", old)
    assert code == 0
    first, *others = out.splitlines()
    assert first == "3 changes of advice: 1 of contradictions, 2 of measures; rules: 1 added, 1 changed"
    assert others[:3] == ["added: TOY-91", "removed: nothing", "changed: TOY-01"]
    assert "    TOY-01: when.grade: '>= 2' before, '>= 1b' now" in out
    assert "Rules that contradict each other: advice before, no advice now" in out
    assert "who: whatever the assessments" in out


def test_nobodys_advice_changes(run, moved):
    code, out, _ = run("--knowledge", moved[0], "--against", moved[0])
    assert code == 0
    assert out == (
        "0 changes of advice; rules: none changed\nadded: nothing\nremoved: nothing\nchanged: nothing\n"
        "Asked of every patient, with each side of each dispute that both have.\n"
    )


def test_the_page_of_a_release(run, moved, tmp_path):
    old, new = moved
    run("--knowledge", new, "--against", old, "--page", tmp_path / "change.md")
    page = (tmp_path / "change.md").read_text(encoding="utf-8")
    assert page.startswith("# A toy: whose advice changes\n")
    assert "| TOY-01 | when.grade | '>= 2' | '>= 1b' |" in page
    assert "### Rules that contradict each other" in page


def test_a_drawing_is_written(run, moved, tmp_path):
    run("--knowledge", moved[1], "--against", moved[0], "--diagram", tmp_path / "change.dot")
    assert "A toy: whose advice changes" in (tmp_path / "change.dot").read_text(encoding="utf-8")


def test_against_a_git_revision(run, moved):
    old, new = moved
    git = ("git", "-C", str(old.parent), "-c", "user.name=a", "-c", "user.email=a@b.c")
    (text := new / "rules" / "base.yaml").write_text((old / "rules" / "base.yaml").read_text())
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first")):
        subprocess.run((*git, *words), check=True)
    text.write_text(text.read_text().replace('grade: ">= 2"', 'grade: ">= 1b"'))
    code, out, _ = run("--knowledge", new, "--against", "HEAD")
    assert (code, out.splitlines()[3]) == (0, "changed: TOY-01")


def test_against_what_this_version_cannot_read(run, moved):
    old, new = moved
    git = ("git", "-C", str(old.parent), "-c", "user.name=a", "-c", "user.email=a@b.c")
    rules = new / "rules" / "base.yaml"
    sound = rules.read_text()
    rules.write_text("- id: TOY-01\n  color: red\n")
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first")):
        subprocess.run((*git, *words), check=True)
    rules.write_text(sound)
    code, out, err = run("--knowledge", new, "--against", "HEAD")
    assert (code, out) == (2, "")
    assert err.startswith("--against: this version cannot read the knowledge as it stood at HEAD: rules/base.yaml:")
    assert err.count("\n") == 1
