"""What the tests of the commands share: modules beside them, and random patients from the engine's tests."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "engine")]


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process; the exit code, stdout and stderr come back."""
    from metspine.cli import app as cli

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["metspine", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
        captured = capsys.readouterr()
        return exit_info.value.code or 0, captured.out, captured.err

    return call
