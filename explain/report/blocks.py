"""What a report is made of: a few kinds of block, which every renderer sets in its own way.

A report is a function that yields blocks; text, page and paper read the same ones, so they cannot say different things.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from explain.phrases.prose import paragraph, titled

Role = Literal["plain", "danger", "now", "plan", "small"]
MARKS: dict[Role, str] = {"plain": "", "danger": "! ", "now": "! ", "plan": "» ", "small": ""}


@dataclass(frozen=True)
class Heading:
    """The title of the report (`level` 1) or of a part of it."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Para:
    """A paragraph; its role says how much it matters. `lead` is the word it begins with."""

    text: str
    role: Role = "plain"
    lead: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list under a word that says what it lists; nothing when it is empty."""

    lead: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells under a head; the last cell of a row is what follows from the others.

    An empty cell says that it does not matter there.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Point:
    """Something said in a list, and what stands under it; `mark` is the sign before it."""

    text: str
    under: tuple["Point", ...] = ()
    mark: str = "•"


@dataclass(frozen=True)
class Points:
    """A list whose points have others under them."""

    items: tuple[Point, ...]


@dataclass(frozen=True)
class Pairs:
    """Names, each with what is said of it."""

    rows: tuple[tuple[str, str], ...]


Block = Heading | Para | Bullets | Table | Points | Pairs


def text_of(blocks: Iterable[Block]) -> str:
    """Return blocks as plain text of at most 100 columns."""
    return "\n".join(line for block in blocks for line in _lines(block)).rstrip() + "\n"


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield from titled(block.text) if block.level == 1 else ("", block.text, "-" * len(block.text))
    elif isinstance(block, Para):
        lead = f"{block.lead}: " if block.lead else ""
        mark = MARKS[block.role]
        yield from paragraph(f"{lead}{block.text}", mark or "  ", 4 if lead else 2)
    elif isinstance(block, Bullets):
        if len(block.items) == 1:
            yield from paragraph(f"{block.lead}: {block.items[0]}", "  ", 4)
        elif block.items:
            yield f"  {block.lead}:"
            for item in block.items:
                yield from paragraph(item, "    • ", 6)
    elif isinstance(block, Points):
        for point in block.items:
            yield from _point(point, f"  {point.mark} ")
    elif isinstance(block, Pairs):
        width = max((len(name) for name, _ in block.rows), default=0)
        for name, text in block.rows:
            yield from paragraph(text, f"  {name:{width}}  ")
    else:
        names = tuple(f"{name} " if len(block.head) > 2 else "" for name in block.head[:-1])
        yield from _branches(names, block.rows, "    • ")


def _branches(names: tuple[str, ...], rows: Sequence[tuple[str, ...]], lead: str) -> Iterator[str]:
    """Yield the rows of a table as a tree: what several have in common is said once."""
    for first, group in groupby(rows, key=lambda row: row[0]):
        alike = list(group)
        if len(alike) == 1:
            cells = [f"{name}{cell}" for name, cell in zip(names, alike[0], strict=False) if cell]
            yield from paragraph(f"{', '.join(cells) or 'otherwise'} → {alike[0][-1]}", lead, len(lead) + 2)
        else:
            if first:
                yield from paragraph(f"{names[0]}{first}:", lead, len(lead) + 2)
            yield from _branches(names[1:], [row[1:] for row in alike], f"  {lead}" if first else lead)


def _point(point: Point, lead: str) -> Iterator[str]:
    yield from paragraph(point.text, lead, max(len(lead), 4))
    for below in point.under:
        yield from _point(below, " " * (6 if lead.strip() else len(lead) + 2))
