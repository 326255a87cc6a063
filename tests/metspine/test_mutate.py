"""`metspine mutate`: slips that no worked patient notices, and the patients who would."""

import sys

import pytest

import knowledge_base
import metspine.checking
from metspine.approved import read_witnesses
from metspine.cli import app as cli

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


def test_patients_who_would_notice_what_lives_become_witnesses_and_then_nothing_lives(run, write_knowledge, tmp_path):
    folder = write_knowledge({})
    code, out, _ = run("--knowledge", folder, "--write-cases")
    assert code == 0
    assert "    lives: " in out
    assert out.splitlines()[-1].endswith("of those that can be killed")
    written = read_witnesses(tmp_path / "library", knowledge_base.load(folder))
    assert len(written) == sum(line.startswith("patient ") for line in out.splitlines()) > 0
    _, out, _ = run("--knowledge", folder, "--write-cases")
    assert out.splitlines()[-1].endswith("Score 100.0% of those that can be killed")
    assert len(read_witnesses(tmp_path / "library", knowledge_base.load(folder))) == len(written)


def test_one_rule_alone(run, write_knowledge):
    _, out, _ = run("--knowledge", write_knowledge({}), "--rule", "TOY-01")
    told = [line for line in out.splitlines()[:-1] if not line.startswith((" ", "patient "))]
    assert {line.split(": ")[-1] for line in told} <= {"TOY-01"}
    assert "mutants: " in out


def test_an_unknown_rule_is_refused(run, write_knowledge):
    code, out, err = run("--knowledge", write_knowledge({}), "--rule", "TOY-77")
    assert (code, out) == (2, "")
    assert err == "--rule: no rule or score is TOY-77; `metspine knowledge` lists them\n"
