"""What a report is made of: a few kinds of block, which every renderer sets in its own way.

A report is a function that yields blocks; text, page and paper read the same ones, so they cannot say different things.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from explain.phrases.prose import paragraph, titled

Role = Literal["plain", "danger", "now", "plan", "small", "title"]
FEW = 2  # rows of a table that need no heading of their own
SHORT = 80  # characters of a point, of which a text sets several in one paragraph
GAP = 2  # columns after the word that leads a point
MARKS: dict[Role, str] = {"plain": "", "danger": "! ", "now": "! ", "plan": "» ", "small": "", "title": ""}


@dataclass(frozen=True)
class Heading:
    """The title of the report (`level` 1) or of a part of it; where lines are few a text has it lead the paragraph below."""

    text: str
    level: int = 1
    runs_in: bool = False


@dataclass(frozen=True)
class Para:
    """A paragraph; its role says how much it matters. `lead` is the word it begins with."""

    text: str
    role: Role = "plain"
    lead: str = ""


@dataclass(frozen=True)
class Folding(Para):
    """A paragraph of items, which a page sets as a list: the `first` ones in sight, the `rest` folded under their number."""

    first: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()

    @classmethod
    def of(cls, lead: str, first: Iterable[str], rest: Iterable[str]) -> "Folding":
        """Return the paragraph that says all items, those that stay in sight first."""
        seen, folded = tuple(first), tuple(rest)
        return cls(f"{'; '.join((*seen, *folded))}.", lead=lead, first=seen, rest=folded)


@dataclass(frozen=True)
class Bullets:
    """A list under a word that says what it lists; nothing when it is empty.

    Short ones that flow stand in one paragraph of a text.
    """

    lead: str
    items: tuple[str, ...]
    flows: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells under a head; the last cell of a row is what follows from the others.

    An empty cell says that it does not matter there.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Point:
    """Something said in a list, and what stands under it.

    `mark` is the sign before it, a bullet in a list that is under nothing; `lead` the word that says what the text is.
    """

    text: str
    under: tuple["Point", ...] = ()
    mark: str = ""
    lead: str = ""


@dataclass(frozen=True)
class Points:
    """A list whose points have others under them."""

    items: tuple[Point, ...]


@dataclass(frozen=True)
class Pairs:
    """Names, each with what is said of it."""

    rows: tuple[tuple[str, str], ...]


Block = Heading | Para | Bullets | Table | Points | Pairs


def led(sentences: Iterable[str]) -> Para | None:
    """Return sentences as a paragraph that begins with the word before the first colon; None where there are none."""
    lead, _, text = " ".join(sentences).partition(": ")
    return Para(text, lead=lead) if text else None


def part(title: str, blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks under a heading; nothing where there are none."""
    if found := list(blocks):
        yield Heading(title, 2)
        yield from found


def points(found: Iterable[Point]) -> Iterator[Block]:
    """Yield points as a list; nothing where there are none."""
    if items := tuple(found):
        yield Points(items)


def text_of(blocks: Iterable[Block]) -> str:
    """Return blocks as plain text of at most 100 columns."""
    return "\n".join(line for block in _run_in(blocks) for line in _lines(block)).rstrip() + "\n"


def _run_in(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks, a heading that runs in with the paragraph behind it."""
    every = iter(blocks)
    for block in every:
        if isinstance(block, Heading) and block.runs_in and isinstance(below := next(every, None), Para):
            yield replace(below, lead=block.text, role="title")
        else:
            yield block


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield from titled(block.text) if block.level == 1 else ("", block.text, "-" * len(block.text))
    elif isinstance(block, Para):
        lead = f"{block.lead}: " if block.lead else ""
        mark = "" if lead and block.role in ("danger", "title") else MARKS[block.role] or "  "
        yield from paragraph(f"{lead}{block.text}", mark, 4 if lead else 2)
    elif isinstance(block, Bullets):
        if len(block.items) == 1 or (block.flows and all(len(item) <= SHORT for item in block.items)):
            yield from paragraph(f"{block.lead}: {' • '.join(block.items)}" if block.items else "", "  ", 4)
        elif block.items:
            yield f"  {block.lead}:"
            for item in block.items:
                yield from paragraph(item, "    • ", 6)
    elif isinstance(block, Points):
        yield from _points(block.items, "  ", "•")
    elif isinstance(block, Pairs):
        width = max((len(name) for name, _ in block.rows), default=0)
        for name, text in block.rows:
            yield from paragraph(text, f"  {name:{width}}  ")
    else:
        names = tuple(f"{name} " if len(block.head) > 2 else "" for name in block.head[:-1])
        yield from _branches(names, block.rows, "  • ")


def _branches(
    names: tuple[str, ...], rows: Sequence[tuple[str, ...]], lead: str, before: tuple[str, ...] = ()
) -> Iterator[str]:
    """Yield the rows of a table as a tree: what several have in common is said once, or of `FEW` twice if that is shorter.

    `before` is what was found in the columns to the left and is not said above.
    """
    for first, group in groupby(rows, key=lambda row: row[0]):
        alike = list(group)
        if len(alike) == 1:
            cells = [*before, *(f"{name}{cell}" for name, cell in zip(names, alike[0], strict=False) if cell)]
            yield from paragraph(f"{', '.join(cells) or 'otherwise'} → {alike[0][-1]}", lead, len(lead) + 2)
            continue
        rest = [row[1:] for row in alike]
        found = (*before, f"{names[0]}{first}") if first else before
        repeated = [*_branches(names[1:], rest, lead, found)]
        under = [*paragraph(f"{', '.join(found)}:", lead, len(lead) + 2), *_branches(names[1:], rest, f"  {lead}")]
        yield from repeated if not first or (len(rest) <= FEW and len(repeated) < len(under)) else under


def _points(points: Sequence[Point], indent: str, bullet: str = "") -> Iterator[str]:
    """Yield a list; the words that lead its points stand in a column."""
    width = max((len(point.lead) + GAP for point in points if point.lead), default=0)
    for point in points:
        mark = point.mark or bullet
        lead = f"{indent}{f'{mark} ' if mark else ''}{f'{point.lead:{width}}' if point.lead else ''}"
        yield from paragraph(point.text, lead)
        yield from _points(point.under, indent + " " * (4 if width or mark else 2))
