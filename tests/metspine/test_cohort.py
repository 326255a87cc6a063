"""Whole registries from the command line: advice on each row, errors as rows, the second look, a run that was killed."""

import json
import random
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest
from registries import read, rows_of, write

import metspine
from cases import case_from, read_case
from engine import Reasoner
from engine import cohort as cohorts
from engine.cohort import lesion_verdicts
from engine.symbolic.program import program_of
from metspine.registry import run as running
from metspine.registry.part import answers_of

LIBRARY = Path(__file__).parents[2] / "cases" / "library"
CASES = ("noms-n9", "noms-n7", "two-lesions", "noms-n2")


@pytest.fixture(scope="module", autouse=True)
def programs():
    """Compile each program once for all tests here, and keep none of them."""
    found = {}
    original = cohorts.kept_program

    def compiled(base, lesions):
        key = (base.digest, tuple(sorted(base.sides.items())), lesions)
        return found.get(key) or found.setdefault(key, program_of(base, lesions))

    cohorts.kept_program = compiled
    yield
    cohorts.kept_program = original


@pytest.fixture(scope="module")
def worked(knowledge):
    return [read_case(LIBRARY / f"{name}.yaml", knowledge) for name in CASES]


@pytest.fixture(scope="module")
def rows(worked, knowledge):
    return rows_of(worked, knowledge)


def advice_on(run, tmp_path, rows, *options, ending=".csv"):
    """Return the exit code of a run over rows, and what was written about them."""
    table, out = write(tmp_path / f"in{ending}", rows), tmp_path / f"out{ending}"
    code, told, _ = run("cohort", table, "-o", out, "--recheck", "0", *options)
    return code, read(out), told


# --- advice ----------------------------------------------------------------------------------------------------------


def test_every_row_is_what_experta_says_of_the_case_file(run, tmp_path, rows, worked, knowledge):
    code, written, told = advice_on(run, tmp_path, rows, "--fired")
    reasoner = Reasoner(knowledge)
    expected = [
        {"patient": case.id, "lesion": lesion.id} | answers_of(finding, knowledge, fired=True)
        for case in worked
        for lesion, finding in zip(case.lesions, lesion_verdicts(reasoner.consult(case)), strict=True)
    ]
    assert code == 0
    assert told.startswith(f"patients: {len(worked)}, lesions: {len(rows)}; rows with errors: 0")
    assert len(written) == len(expected)
    for row, wanted in zip(written, expected, strict=True):
        assert {name: row[name] for name in wanted} == {name: _text(cell) for name, cell in wanted.items()}
    assert any(row["recommended"] for row in written)
    assert [row["hospital"] for row in written] == [row["hospital"] for row in rows]


def _text(cell):
    return "; ".join(cell) if isinstance(cell, list) else cell or ""


@pytest.mark.parametrize("ending", [".ndjson", ".parquet"])
def test_other_formats_say_the_same(run, tmp_path, rows, ending):
    (tmp_path / "other").mkdir()
    one, two = advice_on(run, tmp_path, rows), advice_on(run, tmp_path / "other", rows, ending=ending)
    assert one == two


def test_the_record_says_what_the_run_was(run, tmp_path, rows, knowledge):
    advice_on(run, tmp_path, rows)
    record = json.loads((tmp_path / "out.csv.run.json").read_text(encoding="utf-8"))
    assert record["knowledge"]["digest"] == knowledge.digest
    assert record["carried"] == ["hospital"]
    assert record["counts"]["rows"] == len(rows)
    assert record["columns"]["escc_grade"] == "escc_grade"
    assert not (tmp_path / ".out.csv.parts").exists()


@pytest.mark.parametrize("ending", [".csv", ".ndjson", ".parquet"])
def test_plans_are_those_of_the_first_screen(run, tmp_path, worked, knowledge, ending):
    forked = read_case(LIBRARY / "boundary-escc-2.yaml", knowledge)
    rows = rows_of([forked, worked[0]], knowledge)
    rows.append({"patient": "none", "lesion": "T1", "kps": "a lot"})
    _, written, _ = advice_on(run, tmp_path, rows, "--plan", ending=ending)
    plans = [metspine.advise(case, knowledge, settle=False).advice.lesions[0].plan for case in (forked, worked[0])]
    assert [row["plan"] for row in written] == ["forked", "provided", ""]
    assert written[1]["plan_recommended"] == plans[1].recommended[0]
    assert all(row.recommended[0] in knowledge.pathways for row in plans[0].fork.rows)
    labels = {knowledge.pathways[row.recommended[0]].label for row in plans[0].fork.rows}
    assert {row.partition(": ")[2] for row in written[0]["plan_rows"].split("; ")} == labels
    assert "; the patient agrees; nothing said of: " in written[1]["plan_conditions"]
    assert {text.partition(".")[2] for text in written[0]["plan_next"].split("; ")} <= set(knowledge.vocabulary)
    assert not any(written[2][name] for name in written[2] if name.startswith("plan"))


def test_another_side_of_a_dispute_is_taken(run, tmp_path, rows, knowledge):
    dispute = knowledge.disputes["grade_1c"]
    other = next(side for side in dispute.sides if side != knowledge.sides["grade_1c"])
    code, _, _ = advice_on(run, tmp_path, rows, "--side", f"grade_1c={other}")
    record = json.loads((tmp_path / "out.csv.run.json").read_text(encoding="utf-8"))
    assert code == 0
    assert record["knowledge"]["sides"]["grade_1c"] == other


def test_words_that_say_more_than_their_column_are_heard_as_in_a_case_file(run, tmp_path, knowledge):
    row = {"patient": "P1", "lesion": "T8", "primary tumour": "RCC", "Bilsky": "high grade compression", "levels": "T8"}
    code, written, _ = advice_on(run, tmp_path, [row])
    case = case_from(
        {
            "case": "P1",
            "patient": {"primary tumour": "RCC"},
            "lesions": [{"id": "T8", "Bilsky": row["Bilsky"], "levels": "T8"}],
        },
        knowledge,
    )
    (finding,) = lesion_verdicts(Reasoner(knowledge).consult(case))
    assert code == 0
    assert written[0]["missing"] == "; ".join(finding.missing)


# --- errors are rows ----------------------------------------------------------------------------------------------------

BAD = {
    "a value that there is not": ({"escc_grade": "9z"}, "escc_grade: '9z' is not a value of escc_grade"),
    "a number out of range": ({"kps": "900"}, "kps: "),
    "a word that may mean two things": ({"escc_grade": "n/a"}, "escc_grade: 'n/a' may mean"),
    "nobody": ({"patient": ""}, "it does not say whose row it is; fill in `patient`"),
    "no name of a lesion": ({"lesion": "T 8/x"}, "'T 8/x' is not the name of a lesion"),
    "a date that is none": ({"date": "soon"}, "date: 'soon' is not a date"),
}


def test_a_bad_row_is_an_error_row_and_the_others_are_as_they_were(run, tmp_path, rows):
    _, whole, _ = advice_on(run, tmp_path, rows)
    bad = [rows[0] | {"patient": f"bad-{i}", "date": ""} | cells for i, (cells, _) in enumerate(BAD.values())]
    (tmp_path / "bad").mkdir()
    code, written, told = advice_on(run, tmp_path / "bad", [*bad, *rows])
    assert code == 1
    assert f"rows with errors: {len(bad)}," in told
    for row, (_, message) in zip(written, BAD.values(), strict=False):
        assert message in row["error"]
        assert row["recommended"] == row["missing"] == row["status_sbrt"] == ""
    assert [_without_date(row) for row in written[len(bad) :]] == [_without_date(row) for row in whole]


def _without_date(row):
    return {name: cell for name, cell in row.items() if name != "date"}


def test_rows_that_disagree_on_the_patient_are_an_error(run, tmp_path):
    rows = [
        {"patient": "P1", "lesion": "T8", "kps": 80, "escc_grade": "2"},
        {"patient": "P1", "lesion": "T9", "kps": 40, "escc_grade": "2"},
        {"patient": "P2", "lesion": "T8", "kps": 80, "escc_grade": "2"},
        {"patient": "P2", "lesion": "T9", "kps": None, "escc_grade": "2"},
    ]
    code, written, _ = advice_on(run, tmp_path, rows)
    assert code == 1
    assert ["its rows disagree on kps of the patient: 80 and 40" in row["error"] for row in written[:2]] == [True, True]
    assert [row["error"] for row in written[2:]] == ["", ""]


def test_rows_of_a_patient_that_do_not_stand_together_are_errors(run, tmp_path):
    rows = [{"patient": who, "lesion": where, "kps": 80} for who, where in (("P1", "T8"), ("P2", "T8"), ("P1", "T9"))]
    _, written, _ = advice_on(run, tmp_path, rows)
    assert ["do not stand together" in row["error"] for row in written] == [True, False, True]


def test_two_rows_of_one_lesion_are_an_error(run, tmp_path):
    rows = [{"patient": "P1", "lesion": "T8", "kps": 80}, {"patient": "P1", "lesion": "T8", "kps": 80}]
    _, written, _ = advice_on(run, tmp_path, rows)
    assert all("lesion 'T8' has two rows" in row["error"] for row in written)


def test_a_line_that_is_no_json_and_a_row_with_a_cell_too_many_are_error_rows(run, tmp_path):
    for ending, content, message in (
        (".ndjson", '{"patient": "P1", "kps": 80}\nnonsense\n', "the line is not JSON"),
        (
            ".ndjson",
            '{"patient": "P1", "kps": 80}\n{"patient": "P2", "kps": 80, "kps": 70}\n',
            "a key is written twice",
        ),
        (".csv", "patient,kps\nP1,80\nP2,80,1\n", "the row has 3 cells, and there are 2 columns"),
    ):
        table = tmp_path / f"broken{ending}"
        table.write_text(content, encoding="utf-8")
        code, _, _ = run("cohort", table, "-o", tmp_path / f"out{ending}", "--recheck", 0)
        written = read(tmp_path / f"out{ending}")
        assert (code, written[0]["error"]) == (1, "")
        assert message in written[1]["error"]


# --- wrong use ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("patient,escc_grad", "column 'escc_grad' is not a known attribute; did you mean 'escc_grade'?"),
        ("patient,escc_class", "column 'escc_class' is worked out from the rest and cannot be given"),
        ("kps", "there is no column `patient`"),
        ("patient,kps,kps", "two columns are called 'kps'"),
        ("patient,kps,Karnofsky", "column 'Karnofsky' is kps as 'kps' is; keep one of them"),
        ("patient,recommended", "column 'recommended' is called as one of the answers"),
    ],
)
def test_a_header_that_cannot_be_meant_so_is_refused(run, tmp_path, header, message):
    table = tmp_path / "in.csv"
    table.write_text(f"{header}\n", encoding="utf-8")
    code, out, err = run("cohort", table, "-o", tmp_path / "out.csv")
    assert (code, out) == (2, "")
    assert message in err


def test_a_column_that_only_stands_there_is_carried(run, tmp_path):
    rows = [{"patient": "P1", "escc_grad": "x", "kps": 80}]
    code, written, _ = advice_on(run, tmp_path, rows, "--carry", "escc_grad")
    assert (code, written[0]["escc_grad"]) == (0, "x")


def test_another_ending_and_a_missing_file_are_refused(run, tmp_path):
    assert "give the file one of these endings" in run("cohort", tmp_path / "a.txt", "-o", tmp_path / "b.csv")[2]
    assert "there is no such file" in run("cohort", tmp_path / "a.csv", "-o", tmp_path / "b.csv")[2]


# --- the second look ----------------------------------------------------------------------------------------------------


def test_the_second_look_finds_nothing_and_sees_every_rule(run, tmp_path, rows, worked):
    table = write(tmp_path / "in.csv", rows)
    code, told, _ = run("cohort", table, "-o", tmp_path / "out.csv", "--recheck", 1)
    record = json.loads((tmp_path / "out.csv.run.json").read_text(encoding="utf-8"))
    assert code == 0
    assert record["recheck"]["rules"] == len(record["fired"])
    assert 1 <= record["recheck"]["patients"] <= len(worked)
    assert told.endswith("differences: 0\n")


def test_a_program_that_is_wrong_is_found_by_the_second_look(run, tmp_path, rows, knowledge, monkeypatch):
    other = next(side for side in knowledge.disputes["grade_1c"].sides if side != knowledge.sides["grade_1c"])
    wrong = cache(lambda lesions: program_of(knowledge.with_side("grade_1c", other), lesions))
    monkeypatch.setattr(cohorts, "kept_program", lambda base, lesions: wrong(lesions))
    patient = {"patient": "P1", "lesion": "T8", "levels": "T8", "escc_grade": "1c", "primary_tumour": "renal_cell"}
    table = write(tmp_path / "in.csv", [patient])
    code, told, _ = run("cohort", table, "-o", tmp_path / "out.csv")
    assert code == 3
    assert "patient P1, lesion T8, " in told
    assert "the output says" in told
    assert "Experta says" in told


# --- parts --------------------------------------------------------------------------------------------------------------


def test_parts_and_processes_give_the_same_bytes(tmp_path, rows):
    table = write(tmp_path / "in.csv", rows)
    outs = []
    for name, part, jobs in (("a", 20_000, 1), ("b", 2, 1)):
        work = running.RegistryRun(table, tmp_path / f"{name}.csv", running.RunOptions(part=part))
        work.finished(work.whole(jobs))
        outs.append((tmp_path / f"{name}.csv").read_bytes())
    assert outs[0] == outs[1]


@pytest.mark.slow
def test_two_processes_give_the_same_bytes(tmp_path, rows):
    table = write(tmp_path / "in.csv", rows)
    for name, jobs in (("a", 1), ("b", 2)):
        code = _command(table, tmp_path / f"{name}.csv", "--jobs", str(jobs)).wait()
        assert code == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


SCRIPT = """
import sys
from pathlib import Path
from metspine.registry.run import RegistryRun, RunOptions
work = RegistryRun(Path(sys.argv[1]), Path(sys.argv[2]), RunOptions(part=1))
work.finished(work.whole())
"""


def _command(*arguments):
    table, *rest = map(str, arguments)
    return subprocess.Popen([sys.executable, "-m", "metspine", "cohort", table, "--recheck", "0", "-o", *rest])


def _killed_after(parts, table, out):
    """Start a run, kill it when so many parts are there, and tell whether it was still at work."""
    work = subprocess.Popen([sys.executable, "-c", SCRIPT, str(table), str(out)])
    folder = out.with_name(f".{out.name}.parts")
    while work.poll() is None and len(list(folder.glob("[0-9]*.json"))) < parts:
        time.sleep(0.002)
    work.kill()
    return work.wait() == -signal.SIGKILL


def test_a_run_that_was_killed_goes_on_and_gives_the_same_bytes(tmp_path, rows, monkeypatch):
    many = [row | {"patient": f"{i}-{row['patient']}"} for i in range(40) for row in rows]
    table, out = write(tmp_path / "in.csv", many), tmp_path / "out.csv"
    assert _killed_after(3, table, out)
    assert not out.exists()
    there = len(list((tmp_path / ".out.csv.parts").glob("[0-9]*.json")))
    made = []
    original = running._advised
    monkeypatch.setattr(running, "_advised", lambda *a: made.append(a[2]) or original(*a))
    options = running.RunOptions(part=1)
    work = running.RegistryRun(table, out, options)
    work.finished(work.whole())
    whole = running.RegistryRun(table, tmp_path / "whole.csv", running.RunOptions())
    whole.finished(whole.whole())
    assert there >= 3
    assert len(made) < len({row["patient"] for row in many}) + 2
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.slow
def test_a_run_that_was_killed_often_gives_the_same_bytes(tmp_path, rows):
    many = [row | {"patient": f"{i}-{row['patient']}"} for i in range(55) for row in rows]
    table, out = write(tmp_path / "in.csv", many), tmp_path / "out.csv"
    moments = sorted(random.Random(17).sample(range(1, 55 * len(CASES)), 50))
    assert [_killed_after(parts, table, out) for parts in moments] == [True] * 50
    work = running.RegistryRun(table, out, running.RunOptions(part=1))
    work.finished(work.whole())
    whole = running.RegistryRun(table, tmp_path / "whole.csv", running.RunOptions())
    whole.finished(whole.whole())
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()
