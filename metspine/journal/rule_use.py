"""How rules fare: how often each spoke, decided, was overridden or never spoke, and which do otherwise than before.

A share is of the decisions under a knowledge that has the rule in that version, so that a new rule is not called rare.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Literal

from pydantic import Field
from sqlalchemy import ColumnElement, distinct, func, select

from engine.inference.trace import Record
from metspine.intervals import newcombe, wilson
from metspine.journal import tables
from metspine.journal.queries import Sought, conditions_of, knowledge_by_digest
from metspine.journal.store import Journal

records, decisions = tables.records, tables.decisions
ERROR = 0.05  # in so many of all journals in which nothing has changed, something is called changed


class RuleUse(Record):
    """How often one version of a rule spoke."""

    rule: str
    version: str
    fired: int = Field(description="decisions in which it fired")
    decisions: int = Field(description="decisions under a knowledge that has it in this version")
    share: float
    low: float = Field(description="lower end of the 95 % interval (Wilson)")
    high: float
    decisive: int = Field(description="decisions in which it recommended what was recommended, or ruled something out")
    overridden: int = Field(description="decisions that a clinician overrode, naming it")
    reasons: dict[str, int] = Field(description="the codes of those overrides")


class Drift(Record):
    """A rule that does otherwise in a period than before it, by more than chance explains."""

    rule: str
    version: str
    what: Literal["fired", "overridden"] = Field(
        description="fired, of decisions; or overridden, of those in which it fired"
    )
    before: tuple[int, int] = Field(description="how often, of how many")
    now: tuple[int, int]
    low: float = Field(
        description="lower end of the interval of the difference of the shares, now less before (Newcombe)"
    )
    high: float


def rules(journal: Journal, since: str | None = None, until: str | None = None) -> list[RuleUse]:
    """Return how often each version of each rule spoke in a period, the most often overridden first.

    Those that never did, although a knowledge of the period has them, are among them. Erased decisions are not counted.
    """
    return _used(journal, *conditions_of(Sought(since=since, until=until)))


def drift(journal: Journal, since: str, until: str | None = None) -> list[Drift]:
    """Return the rules that fired or were overridden more or less often from a day on than before it, the clearest first."""
    return drifted(_used(journal, records.c.at < since), rules(journal, since, until))


def _used(journal: Journal, *period: ColumnElement[bool]) -> list[RuleUse]:
    fired, over = tables.firings, tables.overrides
    within = select(records.c.seq).where(records.c.kind == "advised", *period)
    with journal.engine.connect() as connection:
        given = select(decisions.c.knowledge, func.count().label("n")).where(decisions.c.seq.in_(within))
        under = {row.knowledge: row.n for row in connection.execute(given.group_by(decisions.c.knowledge))}
        asked = (fired.c.rule, fired.c.version, func.count().label("n"), func.sum(fired.c.decisive).label("decisive"))
        spoke = select(*asked).where(fired.c.seq.in_(within)).group_by(fired.c.rule, fired.c.version)
        counts = {(row.rule, row.version): (row.n, row.decisive) for row in connection.execute(spoke)}
        version = select(fired.c.rule, fired.c.version, over.c.reason, func.count(distinct(over.c.about)))
        named = version.join(records, records.c.seq == fired.c.seq).join(
            over, (over.c.about == records.c.id) & (over.c.rule == fired.c.rule)
        )
        named = named.where(fired.c.seq.in_(within)).group_by(fired.c.rule, fired.c.version, over.c.reason)
        reasons: dict[tuple[str, str], dict[str, int]] = {}
        for rule, text, code, count in connection.execute(named.order_by(over.c.reason)):
            reasons.setdefault((rule, text), {})[code] = count
    held = _held(journal, under, counts)
    found = [_use(name, total, counts.get(name, (0, 0)), reasons.get(name, {})) for name, total in held.items()]
    return sorted(found, key=lambda use: (-use.overridden, -use.fired, use.rule, use.version))


def _held(journal: Journal, under: Mapping[str, int], fired: Container[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Return how many decisions were under knowledge that has a rule; without those of sides that were never on."""
    found: Counter[tuple[str, str]] = Counter()
    for digest, count in under.items():
        base = knowledge_by_digest(journal, digest)
        for unit in base.whole.units.values():
            if unit.id in base.units or (unit.id, unit.version) in fired:
                found[unit.id, unit.version] += count
    return found


def _use(name: tuple[str, str], total: int, counts: tuple[int, int], codes: dict[str, int]) -> RuleUse:
    fired, decisive = counts
    low, high = wilson(fired, total)
    return RuleUse(
        rule=name[0],
        version=name[1],
        fired=fired,
        decisions=total,
        share=round(fired / total, 4),
        low=round(low, 4),
        high=round(high, 4),
        decisive=decisive,
        overridden=sum(codes.values()),
        reasons=codes,
    )


def drifted(before: Sequence[RuleUse], now: Sequence[RuleUse]) -> list[Drift]:
    """Return where two periods differ; what is told may be wrong for one of all that are compared in 5 % of journals.

    So the level of each interval is that of Bonferroni. A version of a rule is compared with itself alone.
    """
    earlier = {(use.rule, use.version): use for use in before}
    pairs = [
        (use, what, then, here)
        for use in now
        if (was := earlier.get((use.rule, use.version)))
        for what, then, here in _counted(was, use)
        if then[1] and here[1]
    ]
    z = NormalDist().inv_cdf(1 - ERROR / 2 / max(1, len(pairs)))
    found = [
        Drift(
            rule=use.rule, version=use.version, what=what, before=then, now=here, low=round(low, 4), high=round(high, 4)
        )
        for use, what, then, here in pairs
        for low, high in [newcombe(here, then, z)]
        if low > 0 or high < 0
    ]
    return sorted(found, key=lambda one: (-max(one.low, -one.high), one.rule, one.version, one.what))


def _counted(
    was: RuleUse, use: RuleUse
) -> Iterator[tuple[Literal["fired", "overridden"], tuple[int, int], tuple[int, int]]]:
    yield "fired", (was.fired, was.decisions), (use.fired, use.decisions)
    yield "overridden", (was.overridden, was.fired), (use.overridden, use.fired)
