"""Type for the PDF: the fonts of this package, a few paragraph styles, and text that is always escaped."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, TableStyle

from explain.drawing.labels import clean
from explain.drawing.measure import BOLD, REGULAR, fonts
from explain.drawing.palette import INK, SOFT_INK
from explain.render.html.audit import Cited
from explain.render.pdf.tagging import TaggedParagraph

WHOLE = ((0, 0), (-1, -1))
LINK = "#0B5C8C"
_ADDRESS = re.compile(r"https://[^\s<>\"]+")
LINE = HexColor("#C9C9C4")
RED = "#8F2F00"
GREEN = "#00503B"


def _style(name: str, size: float, font: str = REGULAR, colour: str = INK, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=size * 1.3, textColor=HexColor(colour), splitLongWords=True, **more
    )


@cache
def styles() -> dict[str, ParagraphStyle]:
    """Return the paragraph styles by name."""
    fonts()
    found = (
        _style("title", 11, BOLD, spaceAfter=4),
        _style("answer", 11.5, BOLD),
        _style("heading", 12.5, BOLD, spaceBefore=14, spaceAfter=5, keepWithNext=True),
        _style("subheading", 9.5, BOLD, spaceBefore=9, spaceAfter=3, keepWithNext=True),
        _style("table heading", 9.5, BOLD, spaceBefore=9, spaceAfter=3),
        _style("body", 8.2),
        _style("strong", 8.2, BOLD),
        _style("item", 8.2, leftIndent=11, firstLineIndent=-11, spaceAfter=2),
        _style("under", 7.6, leftIndent=11, spaceAfter=1),
        _style("below", 7, colour=SOFT_INK, leftIndent=20, spaceAfter=1),
        _style("small", 7, colour=SOFT_INK),
        _style("firing", 6.8, leftIndent=12, firstLineIndent=-12, spaceAfter=4),
        _style("cell", 6.8),
    )
    return {style.name: style for style in found}


Look = tuple[str, tuple[int, int], tuple[int, int], *tuple[Any, ...]]


def table_style(*looks: Look) -> TableStyle:
    """Return a style in which cells stand at the top and start at the left edge."""
    return TableStyle([("VALIGN", *WHOLE, "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0), *looks])


def plain(text: str) -> str:
    """Return a text as ReportLab's markup: escaped, on one line, without control characters; addresses are links."""
    return _ADDRESS.sub(rf'<a href="\g<0>" color="{LINK}">\g<0></a>', escape(clean(text)))


def bold(text: str) -> str:
    """Return a text in bold."""
    return f"<b>{plain(text)}</b>"


def coloured(text: str, colour: str) -> str:
    """Return a text in bold and in a colour."""
    return f'<font color="{colour}"><b>{plain(text)}</b></font>'


def soft(text: str) -> str:
    """Return a text in the quiet colour, a little smaller."""
    return f'<font color="{SOFT_INK}" size="7">{plain(text)}</font>'


def set_in(style: str, *markup: str) -> TaggedParagraph:
    """Return a paragraph of markup in a style."""
    return TaggedParagraph(" ".join(part for part in markup if part), styles()[style])


def listed(lines: Iterable[str], sign: str = "•") -> list[Flowable]:
    """Return a list, each line of markup after a sign."""
    return [set_in("item", f"{sign}&nbsp;&nbsp;{line}") for line in lines]


def cited_line(sources: Iterable[Cited]) -> str:
    """Return sources by name, each with its locator and how it was confirmed, as plain text."""
    return "; ".join(f"{cited.source.id} ({cited.at}; {cited.basis})" for cited in sources)
