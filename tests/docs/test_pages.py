"""The pages of documentation show what the program does: their commands and their Python are run, and compared."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from running import Page, matches

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "docs" / "api.md",
    ROOT / "docs" / "registries.md",
    *sorted((ROOT / "docs" / "tutorials").glob("*.md")),
)


@pytest.fixture
def folder(tmp_path, monkeypatch, read_once):
    """A folder that looks like a checkout to read from, and may be written into."""
    for name in ("cases", "knowledge_base"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_is_what_happens(page, folder):
    assert "\n".join(Page(page, folder).mistakes()) == ""


def test_there_is_a_page_for_each_reader():
    assert {"auditor", "clinician", "knowledge-engineer"} <= {page.stem for page in PAGES}


def test_a_page_that_lags_is_noticed(folder):
    page = folder / "page.md"
    page.write_text("```sh\n$ echo new\nold\n$ echo same\nsame\n```\n\n```pycon\n>>> 1 + 1\n3\n```\n")
    shell, python = Page(page, folder).mistakes()
    assert shell == "page.md:2: `echo new` prints\nnew\n"
    assert "`1 + 1` prints\n2" in python


@pytest.mark.parametrize(
    ("expected", "printed", "agrees"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n…\nd\n", "a\nb\nc\nd\n", True),
        ("a\n…\n", "a\n", True),
        ("a … c\n", "a b c\n", True),
        ("a … c\n", "a\nc\n", False),
        ("…\n", "", True),
    ],
)
def test_an_ellipsis_stands_for_any_text_and_alone_for_any_lines(expected, printed, agrees):
    assert matches(expected, printed) is agrees
