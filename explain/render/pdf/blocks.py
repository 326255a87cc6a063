"""The blocks of a report on paper: the same ones as in text and on a page, set with ReportLab."""

from collections.abc import Iterable, Iterator

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable, Spacer
from reportlab.platypus import Table as Grid

from explain.drawing.palette import TINTS
from explain.render.pdf.setting import (
    GREEN,
    LINE,
    RED,
    WHOLE,
    bold,
    coloured,
    listed,
    plain,
    set_in,
    soft,
    table_style,
)
from explain.render.pdf.sheets import INNER
from explain.render.pdf.tagging import TaggedParagraph
from explain.report.blocks import Block, Bullets, Heading, Pairs, Para, Point, Points, Role, Table

HEADINGS = {1: "title", 2: "heading"}
BOXED: dict[Role, tuple[str, str]] = {"danger": (RED, "#FBE3D6"), "now": ("#0B5C8C", TINTS["N"])}
BAR = 4.0
WIDER = 1.7
NAMES = 70.0
UNDER = ("item", "under", "below")


def story_of(blocks: Iterable[Block]) -> Iterator[Flowable]:
    """Yield blocks as what ReportLab sets, one below the other."""
    for block in blocks:
        if isinstance(block, Heading):
            yield set_in(HEADINGS.get(block.level, "subheading"), plain(block.text))
        elif isinstance(block, Para):
            yield from _paragraph(block)
        elif isinstance(block, Bullets):
            if block.items:
                yield set_in("body", bold(f"{block.lead}:"))
                yield from listed(map(plain, block.items))
        elif isinstance(block, Points):
            for point in block.items:
                yield from _point(point)
        elif isinstance(block, Pairs):
            yield _pairs(block)
        else:
            yield _table(block)
            yield Spacer(0, 4)


def _paragraph(block: Para) -> Iterator[Flowable]:
    lead = f"{block.lead}:" if block.lead else ""
    if block.role == "plan":
        yield _barred(set_in("answer", plain(block.text)))
    elif block.role in BOXED:
        line, fill = BOXED[block.role]
        led = coloured(lead, line) if lead else ""
        yield _boxed(set_in("strong" if block.role == "danger" else "body", led, plain(block.text)), line, fill)
        yield Spacer(0, 3)
    else:
        yield set_in("small" if block.role == "small" else "body", bold(lead) if lead else "", plain(block.text))
        yield Spacer(0, 2)


def _point(point: Point, depth: int = 0) -> Iterator[Flowable]:
    said = f"{soft(point.lead)} {plain(point.text)}" if point.lead else plain(point.text)
    yield from listed([said], point.mark or "•") if not depth else [set_in(UNDER[depth], said)]
    for below in point.under:
        yield from _point(below, min(depth + 1, len(UNDER) - 1))


def _pairs(pairs: Pairs) -> Grid:
    rows = [[set_in("body", bold(name)), set_in("body", plain(text))] for name, text in pairs.rows]
    look = table_style(("TOPPADDING", *WHOLE, 1), ("BOTTOMPADDING", *WHOLE, 1))
    return Grid(rows, [NAMES, INNER - NAMES], style=look)


def _boxed(line: TaggedParagraph, border: str, fill: str) -> Grid:
    look = table_style(
        ("BOX", *WHOLE, 0.75, HexColor(border)), ("BACKGROUND", *WHOLE, HexColor(fill)), ("LEFTPADDING", *WHOLE, 6),
        ("TOPPADDING", *WHOLE, 2), ("BOTTOMPADDING", *WHOLE, 3),
    )  # fmt: skip
    return Grid([[line]], [INNER], style=look)


def _barred(line: TaggedParagraph) -> Grid:
    look = table_style(
        ("LINEBEFORE", *WHOLE, BAR, HexColor(GREEN)), ("LEFTPADDING", *WHOLE, 8), ("TOPPADDING", *WHOLE, 1),
        ("BOTTOMPADDING", *WHOLE, 2),
    )  # fmt: skip
    return Grid([[line]], [INNER], style=look)


def _table(table: Table) -> Grid:
    """Return a table in which the last column, what follows from the others, is the widest."""
    head = [set_in("small", plain(name)) for name in table.head]
    rows = [[*(_cell(cell) for cell in row[:-1]), set_in("strong", plain(row[-1]))] for row in table.rows]
    width = INNER / (len(table.head) + WIDER - 1)
    widths = [width] * (len(table.head) - 1) + [width * WIDER]
    look = table_style(("LINEBELOW", *WHOLE, 0.4, LINE), ("TOPPADDING", *WHOLE, 1.5), ("BOTTOMPADDING", *WHOLE, 2))
    return Grid([head, *rows], widths, style=look, repeatRows=1)


def _cell(text: str) -> TaggedParagraph:
    return set_in("body", plain(text) if text else soft("any"))
