"""Strict YAML: plain data, and the line on which every part of it stands.

Knowledge and cases are both read here. The text is turned into data straight from the parser's events, with a stack of
our own, so a hostile file can neither exhaust the interpreter's stack nor multiply itself: anchors and aliases are
refused, nesting and size are bounded, and a repeated key is an error rather than the last one winning.

Plain scalars are read by the short rules below, not by YAML 1.1: `no`, `on` and `12:30` are text, `true` and `false`
are the only booleans. Keys are always text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from knowledge_base.text.errors import Invalid, Position, Problem, shown

MAX_BYTES = 1_000_000
MAX_DEPTH = 40

KeyPath = tuple[str | int, ...]

# More digits than any measurement has, and few enough for exact arithmetic and for JSON.
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,14})")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]{0,8})\.[0-9]{1,17}")
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# Line ends of YAML 1.1 that YAML 1.2 takes for text: two readers of one file would see other lines.
_OLD_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
_REMARK = re.compile(r"[ \t]+#(?P<words>.*\S)")  # behind a value on its line
_MERGE = re.compile(r"^(<<<<<<<|>>>>>>>)(?= |$)", re.MULTILINE)  # what version control leaves in front of a line
_WORDS: Mapping[str, object] = {"true": True, "false": False, "null": None, "~": None, "": None}


def place_of(path: KeyPath) -> str:
    """Return a path in words: `lesions[0].escc_grade`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


@dataclass(frozen=True)
class Document:
    """The data of one file (dict, list, str, int, Decimal, bool or None) and the line of each of its parts.

    `remarks` are the words behind a # on the line of a value, by its path: YAML takes them for no part of it.
    """

    name: str
    data: Any
    lines: Mapping[KeyPath, int] = field(repr=False)
    remarks: Mapping[KeyPath, str] = field(default_factory=dict, repr=False, compare=False)
    sha256: str | None = field(default=None, compare=False)  # of the bytes of the file, where there was one

    def position(self, path: KeyPath) -> Position:
        """Return where the part at `path` stands; for a part that is absent, where its nearest parent does."""
        while path and path not in self.lines:
            path = path[:-1]
        return Position(self.name, self.lines.get(path, 1))


def read_file(path: Path, name: str | None = None) -> Document:
    """Return the document in a file of at most 1 MB; raise `Invalid` when it cannot be read."""
    name = name or str(path)
    return read_bytes(content_of(path, name, "YAML", MAX_BYTES), name)


def content_of(path: Path, name: str, kind: str, most: int) -> bytes:
    """Return what a file of at most so many bytes holds; raise `Invalid` when it cannot be read."""
    try:
        if path.is_dir():
            raise Invalid.at(name, f"is a folder; a {kind} file is expected")
        size = path.stat().st_size
        if size > most:
            raise Invalid.at(name, f"is {size:,} bytes long; at most {most:,} are read")
        with path.open("rb") as stream:
            return stream.read(most + 1)
    except FileNotFoundError:
        raise Invalid.at(name, "there is no such file; check the path") from None
    except OSError as error:
        raise Invalid.at(name, f"cannot be read: {error.strerror or error}") from None
    except ValueError:  # a NUL or a lone surrogate in the path
        raise Invalid.at(repr(name), "is not a path; check it") from None


def read_bytes(content: bytes, name: str) -> Document:
    """Return the document in UTF-8 bytes; raise `Invalid` when they are too many or not UTF-8."""
    if len(content) > MAX_BYTES:
        raise Invalid.at(name, f"is longer than {MAX_BYTES:,} bytes, the most that is read")
    try:
        document = read_text(content.decode("utf-8-sig"), name)
        return replace(document, sha256=sha256(content).hexdigest())
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Invalid.at(name, "is not UTF-8 text; save the file as UTF-8", line=line) from None


def read_text(text: str, name: str) -> Document:
    """Return the document in a text; raise `Invalid` naming the line of the first mistake."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    if control := CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        message = "holds a control character, so it is not plain text; save the file as UTF-8 text"
        raise Invalid.at(name, message, line=line)
    if separator := _OLD_LINE_ENDS.search(text):
        line = text.count("\n", 0, separator.start()) + 1
        code = f"U+{ord(separator.group()):04X}"
        message = f"holds {code}, which YAML 1.2 does not know as a line end; put a plain line end there"
        raise Invalid.at(name, message, line=line)
    if merge := _MERGE.search(text):
        line = text.count("\n", 0, merge.start()) + 1
        message = f"holds a mark of an unfinished merge ({merge[0].strip()}); keep one version and remove the marks"
        raise Invalid.at(name, message, line=line)
    builder = _DataBuilder(name, text)
    try:
        for event in YAML(typ="safe", pure=False).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        raise Invalid.at(name, _syntax(error.context, error.problem), line=_line(error)) from None
    if not builder.roots or builder.roots[0] is None:
        raise Invalid.at(name, "is empty; nothing is written in it")
    if builder.problems:
        raise Invalid(builder.problems)
    return Document(name, builder.roots[0], builder.lines, builder.remarks)


def _line(error: Any) -> int:
    """Return the line to look at: where a bracket or a quote opens, else where the parser stopped."""
    opens = error.context and ("flow" in error.context or "quoted" in error.context)
    mark = (error.context_mark if opens else None) or error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 0


def _syntax(context: str | None, problem: str | None) -> str:
    """Return what the parser found, and the usual way out."""
    why = " ".join(part for part in (context, problem) if part)
    if " tab " in why or "cannot start any token" in why:
        advice = "indent with spaces, not tabs, and put quotes around text that starts with @, % or `"
    elif "block scalar" in why:
        advice = 'put quotes around a value that starts with > or |, such as ">= 80"'
    elif "mapping values are not allowed" in why or "unexpected ':'" in why:
        advice = "put quotes around text that holds a colon, and check the indentation"
    elif "quoted scalar" in why:
        advice = "close the quotes that open here"
    elif " flow " in why:
        advice = "close the bracket that opens here, and put quotes around text in it that holds , : ? or a bracket"
    else:
        advice = "check the indentation of this line and the ones above"
    return f"is not YAML ({why}); {advice}"


def scalar(text: str) -> object:
    """Return what a plain scalar means: a whole number, a decimal, a boolean, nothing, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


class _DataBuilder:
    """Turns parser events into data with a stack of open collections."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text.split("\n")
        self.roots: list[Any] = []
        self.remarks: dict[KeyPath, str] = {}
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._open: list[_Open] = []

    def take(self, event: Any) -> None:
        """Add one event; raise `Invalid` at once for what this language does not have."""
        kind = type(event).__name__
        line = event.start_mark.line + 1
        if kind == "AliasEvent" or getattr(event, "anchor", None):
            raise Invalid.at(
                self.name, "anchors and aliases (& and *) are not used here; write the value out", line=line
            )
        if getattr(event, "tag", None) is not None:
            raise Invalid.at(self.name, f"tags such as {shown(event.tag)} are not used here; remove it", line=line)
        if kind == "ScalarEvent":
            self._scalar(event, line)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._start({} if kind == "MappingStartEvent" else [], line)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._open.pop()
        elif kind == "DocumentStartEvent" and self.roots:
            raise Invalid.at(self.name, "a second document starts here (---); one file holds one", line=line)

    def _scalar(self, event: Any, line: int) -> None:
        if CONTROL.search(event.value) or _OLD_LINE_ENDS.search(event.value):  # written as an escape
            raise Invalid.at(self.name, "holds a control character; write plain text", line=line)
        top = self._open[-1] if self._open else None
        if top and isinstance(top.data, dict) and top.key is None:
            self._key(top, event.value, line)
        else:
            plain = event.style is None or event.style == ""
            path = self._add(scalar(event.value) if plain else event.value, line)
            end = event.end_mark
            rest = self.text[end.line][end.column :] if plain and end.line < len(self.text) else ""
            if remark := _REMARK.match(rest):
                self.remarks[path] = remark["words"].strip()

    def _key(self, top: "_Open", key: str, line: int) -> None:
        top.key = key
        path = (*top.path, key)
        if key in top.data:
            message = f"{shown(key)} is already given on line {self.lines[path]}; keep one"
            self.problems.append(Problem(Position(self.name, line), "", message))
        else:
            self.lines[path] = line

    def _start(self, data: Any, line: int) -> None:
        if self._open and isinstance(self._open[-1].data, dict) and self._open[-1].key is None:
            raise Invalid.at(self.name, "a list or a mapping cannot be a key; use text", line=line)
        if len(self._open) >= MAX_DEPTH:
            raise Invalid.at(self.name, f"is nested more than {MAX_DEPTH} deep; write it flatter", line=line)
        path = self._add(data, line)
        self._open.append(_Open(data, path))

    def _add(self, value: Any, line: int) -> KeyPath:
        """Put a value into the open collection and return its path."""
        if not self._open:
            self.roots.append(value)
            self.lines[()] = line
            return ()
        top = self._open[-1]
        if isinstance(top.data, dict):
            assert top.key is not None
            path = (*top.path, top.key)
            top.data.setdefault(top.key, value)
            top.key = None
        else:
            path = (*top.path, len(top.data))
            top.data.append(value)
            self.lines[path] = line
        return path


@dataclass
class _Open:
    data: Any
    path: KeyPath
    key: str | None = None
