"""What is wrong, where, and what to do: the one way in which mistakes are reported.

Readers collect every problem they can find before they raise, so that a user mends a file in one go.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Self, TypeVar

from knowledge_base.text.polarity import opposed

ItemT = TypeVar("ItemT")
FoundT = TypeVar("FoundT")
LONGEST = 60  # characters of the user's own text that a message repeats
LIKENESS = 0.6  # of 1, from which a name is proposed for another
MANY = 12  # names beyond which a message lists only the first ones


@dataclass(frozen=True, order=True)
class Position:
    """A place in a file: its name as the user knows it, and a line counted from 1 (0: the whole file)."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


NOWHERE = Position("", 0)


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake at one place; `about` names the entry it is in, such as a rule id (may be empty)."""

    position: Position
    about: str
    message: str

    def __str__(self) -> str:
        about = f"{self.about}: " if self.about else ""
        return printable(f"{self.position}: {about}{self.message}")


class Invalid(Exception):  # noqa: N818  # a file is invalid; the word reads well where it is raised and caught
    """A file, or a set of files, that cannot be used; `problems` lists everything found, in order of place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def at(cls, place: str | Path, message: str, about: str = "", line: int = 0) -> Self:
        """Return what is wrong with one place: a file, or what the user calls it."""
        return cls([Problem(Position(str(place), line), about, message)])


def gathered(read: Callable[[ItemT], FoundT], items: Iterable[ItemT]) -> list[FoundT]:
    """Return what is read of each item; raise `Invalid` with the problems of all of them."""
    found: list[FoundT] = []
    problems: list[Problem] = []
    for item in items:
        try:
            found.append(read(item))
        except Invalid as invalid:
            problems.extend(invalid.problems)
    if problems:
        raise Invalid(problems)
    return found


class Mistake(ValueError):  # noqa: N818  # see Invalid
    """What is wrong with a value; `path` says with which part of it."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path


def printable(text: str) -> str:
    """Return a text in which nothing moves a terminal's cursor or breaks a line but a newline: controls are escaped."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def nearest(name: str, known: Iterable[str], likeness: float = LIKENESS) -> str | None:
    """Return the known name that is most like a name, or None when none is like it; never one that may say the opposite."""
    names = {candidate.lower(): candidate for candidate in sorted(known)}
    near = get_close_matches(name.lower(), list(names), n=MANY, cutoff=likeness)
    return next((names[like] for like in near if not opposed(name, like)), None)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ". Did you mean 'x'?" for the nearest of the known names, or an empty string."""
    near = nearest(name, known)
    return f". Did you mean {near!r}?" if near else ""


def shown(raw: object) -> str:
    """Return what a user wrote as a message repeats it: short, and as YAML has it rather than as Python does."""
    if raw is None:
        return "nothing"
    if isinstance(raw, dict | list):
        return f"{'a' if raw else 'an empty'} {'mapping' if isinstance(raw, dict) else 'list'}"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    text = repr(raw) if isinstance(raw, str) else str(raw)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def listed(names: Collection[str]) -> str:
    """Return names in their order, cut short when there are very many."""
    if len(names) <= MANY:
        return ", ".join(names)
    return ", ".join(list(names)[: MANY - 2]) + f", … {len(names)} in all"
