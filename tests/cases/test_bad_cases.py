"""Every mistake in a case has its exact message, and no file of any kind gets a traceback.

A file of tests/bad_cases holds one mistake against the small vocabulary of tests/bad_knowledge/base. Its lines
`# says:` are everything that a user is then told.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cases import read_case
from knowledge_base import Invalid, KnowledgeBase

FOLDER = Path(__file__).parents[1] / "bad_cases"
MISTAKES = sorted(FOLDER.glob("*.yaml"))
GOOD = b"case: good\nlesions: [{id: T8}]\n"


@pytest.fixture
def said(toy_knowledge: KnowledgeBase) -> Callable[[Path], list[str]]:
    """A function that returns what is said of a file, and does not hang."""

    def say(path: Path) -> list[str]:
        start = time.perf_counter()
        try:
            read_case(path, toy_knowledge, path.name)
        except Invalid as invalid:
            return str(invalid).splitlines()
        finally:
            assert time.perf_counter() - start < 30
        return []

    return say


@pytest.mark.parametrize("path", MISTAKES, ids=[path.stem for path in MISTAKES])
def test_mistake_has_its_message(path: Path, said: Callable[[Path], list[str]]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix("# says: ") for line in lines if line.startswith("# says: ")]
    assert expected, "a mistake has a message"
    assert said(path) == expected


MADE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "made.yaml: is empty; nothing is written in it"),
    "only a marker": (b"---\n", "made.yaml: is empty; nothing is written in it"),
    "png": (b"\x89PNG\r\n\x1a\n\x00", "made.yaml:1: is not UTF-8 text; save the file as UTF-8"),
    "latin-1": (
        b"case: x\ntitle: \xfcber\n",
        "made.yaml:2: is not UTF-8 text; save the file as UTF-8",
    ),
    "utf-16": ("case: x".encode("utf-16"), "made.yaml:1: is not UTF-8 text; save the file as UTF-8"),
    "zero bytes": (
        b"case: x\n\x00\x00",
        "made.yaml:2: holds a control character, so it is not plain text; save the file as UTF-8 text",
    ),
    "terminal escape": (
        b"case: \x1b[31mred\n",
        "made.yaml:1: holds a control character, so it is not plain text; save the file as UTF-8 text",
    ),
    "escaped escape": (
        b'case: one\ntitle: "x\\e[31mred"\nlesions: [{id: T8}]\n',
        "made.yaml:2: holds a control character; write plain text",
    ),
    "escaped bidi": (
        b'case: one\ntitle: "x\\u202ered"\nlesions: [{id: T8}]\n',
        "made.yaml:2: holds a control character; write plain text",
    ),
    "next line": (
        "case: x\nlesions: [{id: T8}]\ntitle: one\u0085case: y".encode(),
        "made.yaml:3: holds U+0085, which YAML 1.2 does not know as a line end; put a plain line end there",
    ),
    "line separator": (
        "case: x\u2028lesions: [{id: T8}]".encode(),
        "made.yaml:1: holds U+2028, which YAML 1.2 does not know as a line end; put a plain line end there",
    ),
    "paragraph separator": (
        "case: x\n# why\u2029lesions: [{id: T8}]".encode(),
        "made.yaml:2: holds U+2029, which YAML 1.2 does not know as a line end; put a plain line end there",
    ),
    "escaped next line": (
        b'case: one\ntitle: "x\\Nred"\nlesions: [{id: T8}]\n',
        "made.yaml:2: holds a control character; write plain text",
    ),
    "deep lists": (b"[" * 100_000, "made.yaml:1: is nested more than 40 deep; write it flatter"),
    "deep mappings": (b"{a: " * 100_000, "made.yaml:1: is nested more than 40 deep; write it flatter"),
    "deep blocks": (b"- " * 100_000, "made.yaml:1: is nested more than 40 deep; write it flatter"),
    "long line": (
        b"case: " + b"x" * 999_000,
        "made.yaml:1: `lesions` is missing; add it (one entry for each lesion; at least one)",
    ),
    "tab": (
        b"case: x\nlesions:\n\t- id: T8\n",
        "made.yaml:3: is not YAML (while scanning for the next token found character that cannot start any token); "
        "indent with spaces, not tabs, and put quotes around text that starts with @, % or `",
    ),
    "too long": (GOOD + b"#" * 1_000_000, "made.yaml: is 1,000,031 bytes long; at most 1,000,000 are read"),
}


@pytest.mark.parametrize("content", MADE)
def test_hostile_file_is_refused(content: str, said: Callable[[Path], list[str]], tmp_path: Path) -> None:
    path = tmp_path / "made.yaml"
    path.write_bytes(MADE[content][0])
    assert said(path) == [MADE[content][1]]


def test_file_of_a_gigabyte_is_refused_unread(said: Callable[[Path], list[str]], tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(2**30)
    assert said(path) == ["huge.yaml: is 1,073,741,824 bytes long; at most 1,000,000 are read"]


def test_endless_device_is_refused(said: Callable[[Path], list[str]]) -> None:
    assert said(Path("/dev/zero")) == ["zero: is longer than 1,000,000 bytes, the most that is read"]


def test_folder(said: Callable[[Path], list[str]], tmp_path: Path) -> None:
    assert said(tmp_path) == [f"{tmp_path.name}: is a folder; a YAML file is expected"]


def test_missing_file(said: Callable[[Path], list[str]], tmp_path: Path) -> None:
    assert said(tmp_path / "none.yaml") == ["none.yaml: there is no such file; check the path"]


def test_path_that_cannot_be(said: Callable[[Path], list[str]]) -> None:
    assert said(Path("a\0b")) == ["'a\\x00b': is not a path; check it"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_that_may_not_be_read(said: Callable[[Path], list[str]], tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_bytes(GOOD)
    path.chmod(0)
    assert said(path) == ["secret.yaml: cannot be read: Permission denied"]


def test_a_hundred_thousand_mistakes_are_cut_short(said: Callable[[Path], list[str]], tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text("case: x\nlesions: [{id: T8}]\n" + "".join(f"k{i}: 1\n" for i in range(100_000)))
    messages = said(path)
    assert len(messages) == 101
    assert "many.yaml:102: x: there are 99,900 more mistakes; mend these first" in messages


def test_pathological_range_does_not_hang(said: Callable[[Path], list[str]], tmp_path: Path) -> None:
    path = tmp_path / "dots.yaml"
    path.write_text(
        f"case: x\nlesions:\n  - id: T8\n    gap_mm: '{'.' * 400_000} x y'\n    grade: '{'.' * 400_000} x'\n"
    )
    assert [message[:17] for message in said(path)] == [
        "dots.yaml:4: x: '",
        "dots.yaml:5: x: '",
    ]
