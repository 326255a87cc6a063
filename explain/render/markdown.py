"""The blocks of a report as Markdown (CommonMark, with tables): to paste into a record, a letter or a ticket."""

import re
from collections.abc import Iterable, Iterator

from explain.drawing.labels import clean
from explain.report.blocks import Block, Bullets, Heading, Pairs, Para, Point, Points, Role, Table

MARKS: dict[Role, str] = {"danger": "> ", "now": "> "}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown_of(blocks: Iterable[Block]) -> str:
    """Return blocks as Markdown, in which nothing that is said is taken for a mark."""
    return "\n\n".join(part for block in blocks if (part := "\n".join(_lines(block)))) + "\n"


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"{'#' * block.level} {_plain(block.text)}"
    elif isinstance(block, Para):
        lead = f"**{_plain(block.lead)}:** " if block.lead else ""
        text = f"**{_plain(block.text)}**" if block.role in ("plan", "danger") else _plain(block.text)
        yield f"{MARKS.get(block.role, '')}{lead}{text}"
    elif isinstance(block, Bullets):
        if block.items:
            yield f"**{_plain(block.lead)}:**"
            yield ""
        yield from (f"- {_plain(item)}" for item in block.items)
    elif isinstance(block, Points):
        yield from _points(block.items, "")
    elif isinstance(block, Pairs):
        yield from (f"- **{_plain(name)}:** {_plain(text)}" for name, text in block.rows)
    else:
        yield from _table(block)


def _points(points: Iterable[Point], indent: str) -> Iterator[str]:
    for point in points:
        mark = f"**{_plain(point.mark)}** " if point.mark else ""
        lead = f"*{_plain(point.lead)}* " if point.lead else ""
        yield f"{indent}- {mark}{lead}{_plain(point.text)}"
        yield from _points(point.under, f"{indent}  ")


def _table(table: Table) -> Iterator[str]:
    yield _row(table.head)
    yield _row("---" for _ in table.head)
    yield from (_row([*(cell or "any" for cell in row[:-1]), row[-1]]) for row in table.rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell if cell == '---' else _plain(cell) for cell in cells)} |"


def _plain(text: str) -> str:
    """Return a text in which Markdown finds no mark."""
    return _SPECIAL.sub(r"\\\1", clean(text))
