"""The blocks of a report as HTML: the one renderer for every report that is shown on a page.

Everything is escaped. A role is a class, and is said in words too where it matters; a table names its columns, and its
last column is what follows from the others. Names of rules become links where the page has a place for them.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from markupsafe import Markup, escape

from explain.drawing.labels import clean
from explain.report.blocks import Block, Bullets, Folding, Heading, Pairs, Para, Point, Points, Table

_LINKED = re.compile(r"https://[^\s<>\"]+|\b[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d+[a-z]?\b")
RuleLink = Callable[[str], str | None]


def html_of(blocks: Iterable[Block], top: int = 2, rule_link: RuleLink | None = None) -> Markup:
    """Return blocks as HTML.

    `top` is the level (1 to 6) of the report's own title on the page. `rule_link` gives the address of a rule by its id,
    None for a word that only looks like one.
    """
    return Markup("\n").join(part for block in blocks for part in _html(block, top, rule_link))


def _html(block: Block, top: int, rule_link: RuleLink | None) -> Iterator[Markup]:
    if isinstance(block, Heading):
        level = min(top + block.level - 1, 6)
        yield Markup("<h{0}>{1}</h{0}>").format(level, _linked(block.text, rule_link))
    elif isinstance(block, Folding):
        yield from _html(Bullets(block.lead, block.first), top, rule_link)
        if block.rest:
            folded = Markup().join(Markup("<li>{}</li>").format(_linked(item, rule_link)) for item in block.rest)
            yield Markup('<details class="rest"><summary>{} more</summary><ul>{}</ul></details>').format(
                len(block.rest), folded
            )
    elif isinstance(block, Para):
        lead = Markup("<strong>{}:</strong> ").format(block.lead) if block.lead else Markup()
        yield Markup('<p class="{}">{}{}</p>').format(block.role, lead, _linked(block.text, rule_link))
    elif isinstance(block, Bullets):
        if block.items:
            items = Markup().join(Markup("<li>{}</li>").format(_linked(item, rule_link)) for item in block.items)
            name = block.lead.lower().replace(" ", "-")
            yield Markup('<p class="lead">{}:</p>\n<ul class="{}" aria-label="{}">{}</ul>').format(
                block.lead, name, block.lead, items
            )
    elif isinstance(block, Points):
        yield _points(block.items, rule_link)
    elif isinstance(block, Pairs):
        rows = (Markup("<dt>{}</dt><dd>{}</dd>").format(name, _linked(text, rule_link)) for name, text in block.rows)
        yield Markup('<dl class="pairs">{}</dl>').format(Markup().join(rows))
    else:
        yield _table(block, rule_link)


def _points(points: Iterable[Point], rule_link: RuleLink | None) -> Markup:
    return Markup('<ul class="points">{}</ul>').format(Markup().join(_point(point, rule_link) for point in points))


def _point(point: Point, rule_link: RuleLink | None) -> Markup:
    """Return a point; a sign of its own stands in place of the bullet, and the word that leads it before the text."""
    kind = Markup(' class="marked"') if point.mark else Markup()
    mark = Markup('<span class="mark">{}</span> ').format(point.mark) if point.mark else Markup()
    lead = Markup('<span class="word">{}</span> ').format(point.lead) if point.lead else Markup()
    under = _points(point.under, rule_link) if point.under else Markup()
    return Markup("<li{}>{}{}{}{}</li>").format(kind, mark, lead, _linked(point.text, rule_link), under)


def _table(table: Table, rule_link: RuleLink | None) -> Markup:
    """Return a table; its roles are said, since a narrow screen sets rows as cards, each cell after its label."""
    head = Markup().join(Markup('<th scope="col" role="columnheader">{}</th>').format(name) for name in table.head)
    rows = Markup().join(
        Markup('<tr role="row">{}</tr>').format(
            Markup().join(
                _cell(cell, name, i == len(row) - 1, rule_link)
                for i, (cell, name) in enumerate(zip(row, table.head, strict=True))
            )
        )
        for row in table.rows
    )
    return Markup(
        '<div class="wide" tabindex="0" role="group" aria-label="{}"><table role="table"><thead role="rowgroup">'
        '<tr role="row">{}</tr></thead>'
    ).format(", ".join(table.head), head) + Markup('<tbody role="rowgroup">{}</tbody></table></div>').format(rows)


def _cell(text: str, label: str, is_last: bool, rule_link: RuleLink | None) -> Markup:
    kind = ' class="result"' if is_last else "" if text else ' class="whichever"'
    said = _linked(text, rule_link) if text else "any"
    return Markup('<td role="cell" data-label="{}"{}>{}</td>').format(label, Markup(kind), said)


def _linked(text: str, rule_link: RuleLink | None) -> Markup:
    """Return a text escaped, its rules and addresses as links."""
    text = clean(text)
    parts: list[Markup] = []
    done = 0
    for found in _LINKED.finditer(text):
        word = found.group()
        if word.startswith("https://"):
            link = Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(word)
        elif rule_link is not None and (address := rule_link(word)) is not None:
            link = Markup('<a class="rule" href="{}">{}</a>').format(address, word)
        else:
            continue
        parts += [escape(text[done : found.start()]), link]
        done = found.end()
    return Markup().join([*parts, escape(text[done:])])
