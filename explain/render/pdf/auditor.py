"""The auditor's part of the PDF: what was given, every firing in order, every settled fact, and what made them."""

from collections.abc import Iterator, Sequence

from reportlab.platypus import Flowable, LongTable, NextPageTemplate, PageBreak

from explain.render.html.audit import Audit, FiringCard, RuleLine
from explain.render.pdf.setting import LINE, WHOLE, bold, cited_line, plain, set_in, soft, table_style
from explain.render.pdf.sheets import INNER

NONE = "-"


def auditor_story(audit: Audit) -> Iterator[Flowable]:
    """Yield the auditor's part, on pages of its own."""
    stamp = audit.advice.knowledge_base
    yield PageBreak()
    yield set_in("heading", "For the auditor")
    yield set_in("body", bold("Knowledge base"), plain(f"{stamp.id} {stamp.version}, SHA-256"), soft(stamp.digest))
    yield set_in("body", bold("Decision"), plain("SHA-256"), soft(audit.digest))
    made = ", ".join(f"{name} {version}" for name, version in audit.engines.items())
    yield set_in("body", bold("Made with"), plain(made))
    yield set_in("subheading", "Inputs, as given")
    if audit.inputs:
        yield _table(("Fact", "What it is", "The case says"), [(f.id, f.label, f.given) for f in audit.inputs])
    else:
        yield set_in("body", "The case says nothing but which lesions there are.")
    yield NextPageTemplate("two")
    yield PageBreak()
    yield set_in("subheading", f"Firings, in order ({len(audit.cards)})")
    yield from map(_card, audit.cards)
    yield NextPageTemplate("one")
    yield PageBreak()
    yield set_in("subheading", "Facts, once settled")
    yield set_in("small", f"{len(audit.facts)} were given or concluded; {audit.unknown} in all are not known.")
    facts = [(f.id, f.label, f.value, f.given or NONE, f.supports or NONE) for f in audit.facts]
    yield _table(("Fact", "What it is", "Settled as", "Given", "Narrowed by"), facts)


def _card(card: FiringCard) -> Flowable:
    firing = card.firing
    parts = [
        f"{card.number}&nbsp; {bold(firing.rule)} {plain(firing.subject)}. {plain(firing.title)}.",
        f"{bold('Read:')} {_lines(card.premises) or 'nothing; it holds for everyone'}.",
        f"{bold('Exceptions that did not hold:')} {_lines(card.absent)}." if card.absent else "",
        f"{bold('Concluded:')} {plain('; '.join(card.concluded))}.",
        f"{bold('Because:')} {plain(firing.because)}",
        f"{bold('Sources:')} {plain(cited_line(card.sources))}.",
        plain(
            f"{firing.id}, version {firing.version}, stratum {firing.stratum}; weakest on its chain: {card.chain_basis}."
        ),
    ]
    return set_in("firing", "<br/>".join(part for part in parts if part))


def _lines(lines: Sequence[RuleLine]) -> str:
    return "; ".join(plain(f"{line.text} ({line.line}: {line.test}, on {line.fact})") for line in lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> LongTable:
    cells = [[set_in("cell", bold(name)) for name in head], *([set_in("cell", plain(c)) for c in row] for row in rows)]
    look = table_style(("LINEBELOW", *WHOLE, 0.4, LINE), ("TOPPADDING", *WHOLE, 1.5), ("BOTTOMPADDING", *WHOLE, 1.5))
    return LongTable(cells, [INNER / len(head)] * len(head), style=look, repeatRows=1)
