"""The blocks of a report as HTML: the one renderer for every report that is shown on a page.

Everything is escaped. A role is a class, and is said in words too where it matters; a table names its columns, and its
last column is what follows from the others. Names of rules become links where the page has a place for them.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from markupsafe import Markup, escape

from explain.report.blocks import Block, Bullets, Heading, Para, Table

_RULE = re.compile(r"\b[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d+[a-z]?\b")
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
    else:
        yield _table(block, rule_link)


def _table(table: Table, rule_link: RuleLink | None) -> Markup:
    head = Markup().join(Markup('<th scope="col">{}</th>').format(name) for name in table.head)
    rows = Markup().join(
        Markup("<tr>{}{}</tr>").format(
            Markup().join(_cell(cell, rule_link) for cell in row[:-1]),
            Markup('<td class="result">{}</td>').format(_linked(row[-1], rule_link)),
        )
        for row in table.rows
    )
    return Markup(
        '<div class="wide" tabindex="0" role="group" aria-label="{}"><table><thead><tr>{}</tr></thead>'
    ).format(", ".join(table.head), head) + Markup("<tbody>{}</tbody></table></div>").format(rows)


def _cell(text: str, rule_link: RuleLink | None) -> Markup:
    if not text:
        return Markup('<td class="whichever">any</td>')
    return Markup("<td>{}</td>").format(_linked(text, rule_link))


def _linked(text: str, rule_link: RuleLink | None) -> Markup:
    """Return a text escaped, its rules as links."""
    if rule_link is None:
        return escape(text)
    parts: list[Markup] = []
    done = 0
    for found in _RULE.finditer(text):
        if (address := rule_link(found.group())) is not None:
            link = Markup('<a class="rule" href="{}">{}</a>').format(address, found.group())
            parts += [escape(text[done : found.start()]), link]
            done = found.end()
    return Markup().join([*parts, escape(text[done:])])
