"""`metspine mutate`: slips that no worked patient notices, with what would notice them, as lines and as cases."""

import sys

import pytest

import cases
import knowledge_base
import metspine.checking
from engine import Reasoner
from metspine.cli import app as cli
from metspine.library import run as run_case

CASE = """
case: one
patient: {fitness: fit}
lesions: [{id: T8, grade: 1b, histology: renal, gap_mm: 1}]
expect: {T8: {values: {grade_class: high}}}
"""


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "one.yaml").write_text(CASE, encoding="utf-8")
    monkeypatch.setattr(metspine.checking, "LIBRARY", folder)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["metspine", "mutate", "--jobs", "1", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
        captured = capsys.readouterr()
        return int(exit_info.value.code or 0), captured.out, captured.err

    return call


def test_slips_that_live_are_told_with_cases_that_kill_them(run, write_knowledge, tmp_path):
    folder = write_knowledge({})
    code, out, _ = run("--knowledge", folder, "--write-cases", tmp_path / "new")
    base = knowledge_base.load(folder)
    assert code == 0
    assert "    lives: " in out
    assert out.splitlines()[-1].endswith("of those that can be killed")
    written = sorted((tmp_path / "new").glob("*.yaml"))
    assert len(written) == out.count("        patient: ") > 0
    for path in written:
        assert not run_case(cases.read_case(path, base), Reasoner(base)).differences


def test_one_rule_alone(run, write_knowledge):
    _, out, _ = run("--knowledge", write_knowledge({}), "--rule", "TOY-01")
    assert {line.split(": ")[-1] for line in out.splitlines()[:-1] if not line.startswith(" ")} <= {"TOY-01"}
    assert "mutants: " in out


def test_an_unknown_rule_is_refused(run, write_knowledge):
    code, out, err = run("--knowledge", write_knowledge({}), "--rule", "TOY-77")
    assert (code, out) == (2, "")
    assert err == "--rule: no rule or score is TOY-77; `metspine knowledge` lists them\n"
