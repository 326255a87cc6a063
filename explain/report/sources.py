"""The sources of a report, as a list at its end."""

from collections.abc import Iterable, Iterator

from explain.phrases.conditions import SourceCited
from explain.report.blocks import Block, Point, part, points


def bibliography(sources: Iterable[SourceCited]) -> Iterator[Block]:
    """Yield the sources by their short names, each once, under a heading; nothing where there are none."""
    found = {source.ref: source for source in sources}
    yield from part("Sources", points(entry(s.short, s.citation, s.link) for _, s in sorted(found.items())))


def entry(short: str, citation: str, link: str | None) -> Point:
    """Return one entry of such a list."""
    return Point(f"{short}: {citation}{f' {link}' if link else ''}")
