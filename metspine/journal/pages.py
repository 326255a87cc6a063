"""What a journal is asked for, as pages to print and work through: decisions that were found, and how rules fared."""

from collections.abc import Iterable, Mapping, Sequence

from explain.render.html.environment import environment
from metspine.journal.queries import Found
from metspine.journal.rule_use import Drift, RuleUse


def document(title: str, lead: Iterable[str], heads: Iterable[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a list and a table as one HTML document that loads nothing."""
    template = environment("metspine.journal").get_template("table.html")
    return template.render(title=title, lead=lead, heads=heads, rows=rows)


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
