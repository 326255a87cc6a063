"""What is kept of library cases is what running them again gives; a change runs those alone in which it can matter."""

import random
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "engine" / "symbolic"), str(TESTS / "engine" / "verification")]

import toys  # noqa: E402
from test_against import Changer  # noqa: E402

import metspine.kept_results as kept_results  # noqa: E402
from knowledge_base import Invalid  # noqa: E402
from metspine.checking import checked  # noqa: E402
from metspine.kept_results import KeptResults  # noqa: E402


@pytest.fixture(autouse=True)
def written(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def checked_with(base, patients, place):
    """Return what becomes of patients by name, and how many were run; `place` is where results are kept."""
    files = [(place.parent / f"{i}.yaml", patient) for i, patient in enumerate(patients)]
    for i, (path, _) in enumerate(files):
        path.write_text(str(i))
    found = checked(base, files, jobs=1, kept=KeptResults(base, place))
    return {path.name: (result.proof, result.differences, result.facts) for path, _, result in found.results}, found


def pairs(count):
    """Return toys with what they were changed to, as the editor of a rule would."""
    seed = 0
    while count:
        seed += 1
        dice = random.Random(seed)
        files = toys.Writer(dice).files()
        try:
            yield toys.load(files), toys.load(Changer(dice).changed(files)), seed
        except Invalid:
            continue
        count -= 1


def test_what_is_kept_is_what_running_again_gives(tmp_path):
    run, known = 0, 0
    for old, new, seed in pairs(20):
        patients = [toys.patient_of(old, seed * 100 + i) for i in range(8)]
        kept = tmp_path / f"{seed}.json"
        _, first = checked_with(old, patients, kept)
        assert first.count_run == 8
        assert checked_with(old, patients, kept)[1].count_run == 0
        again, second = checked_with(new, patients, kept)
        fresh, _ = checked_with(new, patients, tmp_path / f"{seed}-fresh.json")
        assert again == fresh
        run, known = run + second.count_run, known + 8 - second.count_run
    assert run > 20
    assert known > 20


def test_another_program_runs_everything(tmp_path, monkeypatch):
    base, _, seed = next(pairs(1))
    patients = [toys.patient_of(base, seed)]
    checked_with(base, patients, tmp_path / "kept.json")
    monkeypatch.setattr(kept_results, "program", lambda: "another")
    assert checked_with(base, patients, tmp_path / "kept.json")[1].count_run == 1


def test_a_file_that_is_broken_is_as_none(tmp_path):
    base, _, seed = next(pairs(1))
    patients = [toys.patient_of(base, seed)]
    (tmp_path / "kept.json").write_text("{")
    assert checked_with(base, patients, tmp_path / "kept.json")[1].count_run == 1
    assert checked_with(base, patients, tmp_path / "kept.json")[1].count_run == 0


def test_nothing_is_written_where_python_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    base, _, seed = next(pairs(1))
    checked_with(base, [toys.patient_of(base, seed)], tmp_path / "kept.json")
    assert not (tmp_path / "kept.json").exists()
