"""`metspine report` from the outside."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from metspine.cli import app as cli

LIBRARY = Path(__file__).parents[2] / "cases" / "library"
CASE = str(LIBRARY / "noms-n9.yaml")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    def call(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["metspine", *arguments])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
        return int(exit_info.value.code or 0)

    return call


@pytest.mark.parametrize(
    ("name", "start"), [("page.html", b"<!DOCTYPE html>"), ("page.PDF", b"%PDF-"), ("page.md", b"# noms-n9: ")]
)
def test_it_writes_the_file_and_says_where(run, tmp_path, capsys, name, start):
    target = tmp_path / "new" / name
    assert run("report", CASE, "-o", str(target)) == 0
    assert target.read_bytes().startswith(start)
    assert str(target) in capsys.readouterr().err


def test_another_ending_is_wrong_use(run, tmp_path, capsys):
    assert run("report", CASE, "-o", str(tmp_path / "page.docx")) == 2
    assert ".html, .pdf or .md" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told_without_a_traceback(run, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run("report", CASE, "-o", str(tmp_path / "file" / "page.html")) == 2
    said = capsys.readouterr().err
    assert "cannot be written" in said
    assert "Traceback" not in said
