"""What a journal is asked for, as pages to print and work through: decisions that were found, and how rules fared."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from metspine.journal.queries import Found
from metspine.journal.rule_use import Drift, RuleUse

STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;"
    "vertical-align:top}@media print{tr{break-inside:avoid}}"
)


def document(title: str, lead: Iterable[str], heads: Iterable[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a list and a table as one HTML document that loads nothing."""
    points = "".join(f"<li>{escape(line)}</li>" for line in lead)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows)
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><h1>{escape(title)}</h1><ul>{points}</ul>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></body></html>\n"
    )


def decided(count: int) -> str:
    """Return how many decisions, in words."""
    return f"{count} {'decision' if count == 1 else 'decisions'}"


def found_page(found: Sequence[Found], sought: Sequence[str], where: str) -> str:
    """Return the decisions that were found, oldest first."""
    rows = ((one.seq, one.at[:19], recommended(one), "yes" if one.overridden else "", one.decision) for one in found)
    lead = [f"{decided(len(found))} in {where}", *sought]
    return document("Decisions", lead, ("Row", "Time (UTC)", "Recommended", "Overridden", "Decision"), rows)


def rules_page(used: Sequence[RuleUse], sought: Sequence[str], where: str) -> str:
    """Return how often each rule spoke, decided and was overridden; the most often overridden first."""
    rows = ((one.rule, one.version, one.fired, share(one), one.decisive, overrides(one)) for one in used)
    lead = [f"{decided(max((one.decisions for one in used), default=0))} in {where}", *sought]
    heads = ("Rule", "Version", "Fired", "Share (95 %)", "Decisive", "Overridden")
    return document("How rules fared", lead, heads, rows)


def recommended(one: Found) -> str:
    """Return what was recommended, in a line."""
    return "; ".join(f"{lesion}: {', '.join(names)}" for lesion, names in one.recommended.items()) or "nothing"


def share(one: RuleUse) -> str:
    """Return in which share of decisions a rule fired, with its interval."""
    return f"{one.share:.1%} ({one.low:.1%} to {one.high:.1%})"


def changed(one: Drift) -> str:
    """Return in which share a rule did something before and does it now, with the interval of the difference."""
    (then, of), (now, out) = one.before, one.now
    shares = f"{then} of {of} ({then / of:.1%}) -> {now} of {out} ({now / out:.1%})"
    return f"{one.what} {shares}; by {one.low:+.1%} to {one.high:+.1%}"


def writer(actor: Mapping[str, str]) -> str:
    """Return who wrote a row, and for whom; empty where neither is said."""
    other = actor.get("on_behalf_of")
    return f"{actor['id'] or 'not named'}, on behalf of {other}" if other else actor["id"]


def overrides(one: RuleUse) -> str:
    """Return how often a rule was disagreed with, and why."""
    reasons = ", ".join(f"{code} {count}" for code, count in one.reasons.items())
    return f"{one.overridden}{f': {reasons}' if reasons else ''}"
