"""The command line from the outside: what is printed, where, and with which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, get_args

import jsonschema
import pytest

from metspine.cli import app as cli

ROOT = Path(__file__).parents[2]
CASE = str(ROOT / "cases" / "library" / "noms-n9.yaml")


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(run):
    return lambda *arguments: Result(*run(*arguments))


def test_bare_it_says_what_there_is(run):
    result = run()
    assert all(command in result.out + result.err for command in ("advise", "check", "cases", "schema", "template"))


def test_advice_as_text_names_the_pathway_its_rule_its_facts_and_its_source(run):
    result = run("advise", CASE, "--full")
    assert result.code == 0
    assert result.err == ""
    for words in ("separation surgery", "NOMS-09", "Laufer 2013", "10.1634/theoncologist.2012-0293", "decides nothing"):
        assert words in result.out
    assert max(map(len, result.out.splitlines())) <= 100


def test_advice_as_json_follows_its_schema_and_has_what_it_promises(run):
    advice = json.loads(run("advise", CASE, "--format", "json").out)
    jsonschema.validate(advice, json.loads(run("schema", "advice").out))
    assert {"case", "knowledge_base", "lesions", "measures", "alerts", "firings"} <= set(advice)
    assert {"version", "digest"} <= set(advice["knowledge_base"])
    assert {"id", "assessments", "options", "recommended", "missing"} <= set(advice["lesions"][0])
    assert {"sequence", "rule", "subject", "premises", "absent", "conclusions"} <= set(advice["firings"][0])
    assert [firing["sequence"] for firing in advice["firings"]] == list(range(1, len(advice["firings"]) + 1))


@pytest.mark.parametrize(
    ("ending", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")]
)
def test_a_diagram_is_drawn_in_every_format(run, tmp_path, ending, start):
    target = tmp_path / f"picture.{ending}"
    result = run("advise", CASE, "--diagram", str(target))
    assert result.code == 0
    assert str(target) in result.err
    assert target.read_bytes().startswith(start)


@pytest.mark.parametrize("view", get_args(cli.DiagramView))
def test_every_view_can_be_drawn(run, tmp_path, view):
    target = tmp_path / "picture.dot"
    assert run("advise", CASE, "--view", view, "--diagram", str(target)).code == 0
    assert "NOMS" in target.read_text()


def test_a_legend_is_drawn_when_it_is_asked_for(run, tmp_path):
    target = tmp_path / "picture.dot"
    assert run("advise", CASE, "--legend", "--diagram", str(target)).code == 0
    assert "How to read it" in target.read_text()
    assert run("advise", CASE, "--diagram", str(target)).code == 0
    assert "How to read it" not in target.read_text()


def test_a_diagram_of_another_kind_is_refused_before_anything_is_done(run, tmp_path):
    result = run("advise", CASE, "--diagram", str(tmp_path / "picture.gif"))
    assert (result.code, result.out) == (2, "")
    assert "drawn as .svg, .png, .pdf or .dot" in result.err


def test_folders_on_the_way_to_a_diagram_are_made(run, tmp_path):
    assert run("advise", CASE, "--diagram", str(tmp_path / "new" / "picture.DOT")).code == 0
    assert (tmp_path / "new" / "picture.DOT").is_file()


def test_a_diagram_that_cannot_be_written_says_so(run, tmp_path):
    (tmp_path / "plain").touch()
    result = run("advise", CASE, "--diagram", str(tmp_path / "plain" / "picture.dot"))
    assert result.code == 2
    assert "cannot be written: " in result.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_output_that_cannot_be_written_says_so():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "metspine", "schema"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    message = "the output cannot be written: No space left on device; send it elsewhere\n"
    assert (done.returncode, done.stderr) == (2, message)


def test_a_case_in_place_of_its_folder_is_told(run):
    assert run("cases", CASE).err == f"{CASE}: is a file; name the folder it is in\n"


def test_a_case_that_is_not_there_ends_in_a_message(run):
    result = run("advise", "nowhere.yaml")
    assert (result.code, result.out) == (2, "")
    assert result.err == "nowhere.yaml: there is no such file; check the path\n"


def test_a_mistake_in_a_case_is_told_by_file_and_line(run, tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text("case: a\nlesions:\n  - id: T8\n    escc_grad: 2\n")
    result = run("advise", str(path))
    assert result.code == 2
    assert f"{path}:4: a: 'escc_grad' is not a known key" in result.err
    assert "Did you mean 'escc_grade'?" in result.err
    assert "Traceback" not in result.err


@pytest.mark.slow
def test_the_library_gives_what_it_expects(run):
    result = run("cases")
    assert result.out.splitlines()[-1].endswith("0 differ from what they expect")
    assert result.code == 0


def test_a_case_that_differs_is_named_with_the_difference(run, tmp_path):
    (tmp_path / "odd.yaml").write_text(
        "{case: odd, lesions: [{id: T8, sins_total: 5}], expect: {T8: {values: {sins_class: unstable}}}}"
    )
    result = run("cases", str(tmp_path))
    assert result.code == 1
    assert "odd.yaml: T8: sins_class was expected to be unstable, but it is stable" in result.out


def test_a_library_case_without_expectations_is_an_error(run, tmp_path):
    (tmp_path / "mute.yaml").write_text("{case: mute, lesions: [{id: T8}]}")
    result = run("cases", str(tmp_path))
    assert result.code == 2
    assert "a library case says what it expects; add `expect`" in result.err


@pytest.mark.slow
def test_the_knowledge_passes_its_check(run):
    result = run("check")
    assert "0 errors" in result.out.splitlines()[-1]
    assert result.code == 0


def test_broken_knowledge_is_told_by_file_and_line(run, tmp_path):
    (tmp_path / "framework.yaml").write_text("{id: x}")
    result = run("check", "--knowledge", str(tmp_path))
    assert result.code == 2
    assert "framework.yaml:1: x: `title` is missing; add it" in result.err


def test_the_template_asks_fourteen_things_in_the_order_of_the_letters(run):
    lines = run("template").out.splitlines()
    fields = [line.strip() for line in lines if line.startswith("  ") and line.endswith(":")]
    assert len([field for field in fields if field != "sins:"]) == 14
    letters = [line.split("----")[1].split()[0] for line in lines if "# ---- " in line]
    assert letters == ["neurologic", "oncologic", "mechanical", "oncologic", "systemic"]


def test_what_was_heard_stands_at_the_foot_of_the_advice(run, tmp_path):
    path = tmp_path / "case.yaml"
    path.write_text("case: c\npatient: {dx: RCC}\nlesions: [{id: T8, prior: 20/5}]\n")
    lines = run("advise", str(path), "--no-settle").out.splitlines()
    assert lines[0].startswith("c: tumour renal cell carcinoma")
    assert lines[-2] == '  Heard: prior "20/5" = conventional, 20 Gy in 5.'


@pytest.mark.parametrize("options", [[], ["--all"]])
def test_the_template_is_a_case_in_which_nothing_is_known(run, tmp_path, options):
    path = tmp_path / "case.yaml"
    path.write_text(run("template", *options).out)
    advice = json.loads(run("advise", str(path), "--format", "json", "--no-settle").out)
    assert [fact["given"] for fact in advice["facts"] if fact["given"] is not None] == []
    assert advice["lesions"][0]["recommended"] == []


def test_a_library_case_follows_the_schema_of_cases(run):
    import ruamel.yaml

    schema = json.loads(run("schema", "case").out)
    data = ruamel.yaml.YAML(typ="safe", pure=True).load(Path(CASE).read_text())
    jsonschema.validate(data, schema)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_what_the_terminal_cannot_show_is_a_question_mark(encoding):
    command = [sys.executable, "-m", "metspine", "advise", CASE, "--no-settle"]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": f"{encoding}:strict"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert "eparation surgery, then SBRT." in done.stdout.decode(encoding)
