"""The drawing of a plan in words, for those who do not see it."""

from collections.abc import Iterable, Iterator

from explain.drawing.chain import Box, Chain, Link

LINK_WORDS = {
    "leads": "leads to",
    "premise": "read by",
    "decides": "decides",
    "for": "speaks for",
    "against": "speaks against",
    "asks": "then",
}


def in_words(chains: Iterable[Chain]) -> str:
    """Return chains as one text."""
    return " ".join(line for found in chains for line in sentences(found))


def sentences(found: Chain) -> Iterator[str]:
    """Yield a chain in sentences: the plan, what is known by letter, and what each box leads to."""
    yield f"{found.lesion}: {found.headline}"
    for box in found.facts:
        yield f"{box.letter}: {_said(box)}."
    for box in (box for level in found.levels for box in level):
        if after := [_after(link, child) for link, child in found.follow(box.id)]:
            yield f"{_said(box)}: {'; '.join(after)}."
        elif not any(link.end == box.id for link in found.links):
            yield f"{_said(box)}."


def _after(link: Link, child: Box) -> str:
    return f"if {link.words}, {_said(child)}" if link.words else f"{LINK_WORDS[link.kind]} {_said(child)}"


def _said(box: Box) -> str:
    foot = f" ({box.foot})" if box.foot else ""
    return f"{box.head} {box.text.rstrip('.')}{foot}".strip()
