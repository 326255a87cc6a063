"""What the tests of the commands share: modules beside them, and random patients from the engine's tests."""

import gc
import json
import sys
from pathlib import Path

import pytest

import metspine
from engine.decision import Options

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "engine")]


@pytest.fixture(autouse=True)
def _read_once(read_once):
    """Let all tests of the commands share the built-in knowledge."""


@pytest.fixture(scope="session")
def decision(knowledge):
    """A function from a case to its advice with nothing asked beside it, which is repeated in a tenth of a second."""

    def decided(case):
        run = metspine.explain(case, knowledge).run
        return metspine.Answer(run, run.advised(), Options(settle=False, vary=False, plan=False))

    return decided


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process; the exit code, stdout and stderr come back."""
    from metspine.cli import app as cli

    # A command ends with its process and never looks for garbage; here many are run, and each would leave its all behind.
    thresholds = gc.get_threshold()
    monkeypatch.setattr(gc, "freeze", lambda: None)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["metspine", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
        gc.set_threshold(*thresholds)
        captured = capsys.readouterr()
        return exit_info.value.code or 0, captured.out, captured.err

    return call


@pytest.fixture
def replay(tmp_path, knowledge):
    """A function that repeats a stored decision, given as JSON text or as data."""

    def repeat(stored):
        file = tmp_path / "stored.json"
        file.write_text(stored if isinstance(stored, str) else json.dumps(stored), encoding="utf-8")
        return metspine.replay(file, knowledge)

    return repeat
