"""Asking a journal: decisions by what they were come to from, one decision, and how often each rule spoke."""

import zlib
from collections.abc import Iterator
from functools import lru_cache
from json import loads
from math import sqrt
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, distinct, func, select

from engine.inference.session import Reasoner
from engine.inference.trace import Record
from engine.record import DecisionRecord, record_from
from engine.replay import Replay
from engine.replay import replay as repeated
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.bundle import Bundle
from knowledge_base.text.errors import Invalid, Position, Problem, suggestion
from metspine.journal import tables
from metspine.journal.store import Journal

records, decisions = tables.records, tables.decisions
Z = 1.959964  # the 97.5th percentile of the normal distribution


class Found(Record):
    """One decision of a journal."""

    seq: int
    id: str
    at: str = Field(description="when, as the clock of the writer claimed")
    case: str = Field(description="the name under which the case stands in the chain, which tells nothing outside it")
    knowledge: str
    decision: str
    recommended: dict[str, tuple[str, ...]]
    overridden: bool


class Sought(Record):
    """What is sought; all that is said must hold."""

    rule: str | None = None
    version: str | None = Field(None, description="the rule's version, or the first digits of it")
    advised: str | None = Field(None, description="a pathway that was recommended")
    alert: str | None = Field(None, description="an alert of this level")
    measure: str | None = None
    fact: str | None = Field(None, description="FACT=VALUE, as JSON, that was given")
    overridden: bool = False
    case: str | None = Field(None, description="what the case calls itself")
    since: str | None = Field(None, description="YYYY-MM-DD or a time, in UTC")
    until: str | None = Field(None, description="the last day, or a time, in UTC")


def find(journal: Journal, sought: Sought) -> list[Found]:
    """Return the decisions in which everything sought holds, oldest first."""
    query = select(records.c.seq, records.c.id, records.c.at, decisions.c.knowledge, decisions.c.decision,
        decisions.c.pseudonym)  # fmt: skip
    query = query.join(decisions, decisions.c.seq == records.c.seq).order_by(records.c.seq)
    conditions = list(_conditions(sought))
    if sought.case:
        conditions.append(decisions.c.pseudonym == journal.pseudonym(sought.case))
    query = query.where(*conditions)
    with journal.engine.connect() as connection:
        rows = connection.execute(query).all()
        outcomes: dict[int, dict[str, list[str]]] = {}
        chosen = select(query.subquery().c.seq)
        wanted = select(tables.outcomes).where(
            tables.outcomes.c.status == "recommended", tables.outcomes.c.seq.in_(chosen)
        )
        for row in connection.execute(wanted):
            outcomes.setdefault(row.seq, {}).setdefault(row.lesion, []).append(row.pathway)
        overridden = set(connection.execute(select(tables.overrides.c.about)).scalars())
    return [
        Found(
            seq=row.seq,
            id=row.id,
            at=row.at,
            case=row.pseudonym,
            knowledge=row.knowledge,
            decision=row.decision,
            recommended={lesion: tuple(names) for lesion, names in sorted(outcomes.get(row.seq, {}).items())},
            overridden=row.id in overridden,
        )
        for row in rows
    ]


def _conditions(sought: Sought) -> Iterator[ColumnElement[bool]]:
    fired, given, alerts, outcomes = tables.firings, tables.givens, tables.alerts, tables.outcomes
    if sought.rule or sought.version:
        rule = select(fired.c.seq)
        rule = rule.where(fired.c.rule == sought.rule) if sought.rule else rule
        rule = rule.where(fired.c.version.startswith(sought.version, autoescape=True)) if sought.version else rule
        yield records.c.seq.in_(rule)
    if sought.advised:
        told = (outcomes.c.pathway == sought.advised) & (outcomes.c.status == "recommended")
        yield records.c.seq.in_(select(outcomes.c.seq).where(told))
    if sought.alert:
        yield records.c.seq.in_(select(alerts.c.seq).where(alerts.c.level == sought.alert))
    if sought.measure:
        yield records.c.seq.in_(select(tables.measures.c.seq).where(tables.measures.c.measure == sought.measure))
    if sought.fact:
        name, _, value = sought.fact.partition("=")
        said = (given.c.fact == name) & given.c.value.in_([value, f'"{value}"'])
        yield records.c.seq.in_(select(given.c.seq).where(said))
    if sought.overridden:
        yield records.c.id.in_(select(tables.overrides.c.about))
    if sought.since:
        yield records.c.at >= sought.since
    if sought.until:
        yield records.c.at < f"{sought.until}~"  # after every time of that day


def row_of(journal: Journal, name: str) -> tuple[int, str]:
    """Return the row and the id of a decision by its id, its row, or the digest that was printed.

    The first digits of an id or a digest are enough. Raises `Invalid` for none or several.
    """
    text = name.strip().lower()
    match: ColumnElement[bool] = records.c.id.startswith(text, autoescape=True) | decisions.c.decision.startswith(
        text, autoescape=True
    )
    if text.isdigit() and len(text) < 9:
        match = records.c.seq == int(text)
    query = select(records.c.seq, records.c.id).where(records.c.kind == "advised").where(match)
    query = query.outerjoin(decisions, decisions.c.seq == records.c.seq)
    with journal.engine.connect() as connection:
        found = connection.execute(query.order_by(records.c.seq)).all()
        if len(found) != 1:
            how = "there is no such decision" if not found else f"names {len(found)} decisions; give its row or its id"
            raise _invalid(name, f"{how}; `metspine journal find` lists them")
    return found[0].seq, found[0].id


def record_of_row(journal: Journal, name: str) -> tuple[int, str, bytes]:
    """Return the row, the id and the stored bytes of a decision, named as in `row_of`; raise `Invalid` for an erased one."""
    seq, row_id = row_of(journal, name)
    with journal.engine.connect() as connection:
        wanted = select(tables.payloads.c.content).where(tables.payloads.c.seq == seq)
        content = connection.execute(wanted).scalar_one_or_none()
    if content is None:
        raise _invalid(name, "was erased; what the chain has of it stays")
    return seq, row_id, zlib.decompress(content)


def never_fired(journal: Journal, rule: str) -> str:
    """Return what to say of a rule that fired in no decision, with the nearest that did; nothing when it fired."""
    with journal.engine.connect() as connection:
        fired = set(connection.execute(select(tables.firings.c.rule).distinct()).scalars())
    return "" if rule in fired else f"{rule} fired in no decision here{suggestion(rule, fired)}"


def stored(journal: Journal, name: str) -> DecisionRecord:
    """Return the record of a decision; raise `Invalid` as `record_of_row` does."""
    seq, _, content = record_of_row(journal, name)
    return record_from(content, f"row {seq}")


def bundle_of(journal: Journal, digest: str) -> bytes:
    """Return the knowledge that a journal keeps, by the first digits of its digest; raise `Invalid` for none."""
    query = select(tables.knowledge.c.content).where(tables.knowledge.c.digest.startswith(digest, autoescape=True))
    with journal.engine.connect() as connection:
        found = list(connection.execute(query).scalars())
    if len(found) != 1:
        raise _invalid(digest, "is the digest of no knowledge that the journal keeps, or of several")
    return zlib.decompress(found[0])


def knowledge_by_digest(journal: Journal, digest: str) -> KnowledgeBase:
    """Return the knowledge that a journal keeps, read once; raise `Invalid` for none."""
    return _loaded(bundle_of(journal, digest))


def kept_knowledge(journal: Journal, digest: str) -> KnowledgeBase | None:
    """Return the knowledge of a digest, if the journal keeps it."""
    try:
        return knowledge_by_digest(journal, digest)
    except Invalid:
        return None


@lru_cache(maxsize=4)
def _loaded(content: bytes) -> KnowledgeBase:
    return Bundle.read(content, "the journal").load("the journal")


def replayed(record: DecisionRecord, base: KnowledgeBase) -> Replay:
    """Return what becomes of a record under knowledge, with the sides on that it names."""
    return repeated(
        record, reasoner_for(base.digest, tuple(sorted(record.advice.knowledge_base.sides.items())), Held(base))
    )


class Held:
    """A knowledge base beside its digest, which is what a cache tells it by."""

    def __init__(self, base: KnowledgeBase) -> None:
        self.base = base

    def __hash__(self) -> int:
        return hash(self.base.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Held) and other.base.digest == self.base.digest


@lru_cache(maxsize=8)
def reasoner_for(digest: str, sides: tuple[tuple[str, str], ...], held: Held) -> Reasoner:
    base = held.base
    for dispute, side in sides:
        if dispute in base.disputes and side in base.disputes[dispute].sides and base.sides.get(dispute) != side:
            base = base.with_side(dispute, side)
    return Reasoner(base)


# --- rules ---------------------------------------------------------------------------------------------------------


class RuleUse(Record):
    """How often one version of a rule spoke."""

    rule: str
    version: str
    fired: int = Field(description="decisions in which it fired")
    decisions: int = Field(description="decisions in all")
    share: float
    low: float = Field(description="lower end of the 95 % interval (Wilson)")
    high: float
    decisive: int = Field(description="decisions in which it recommended what was recommended, or ruled something out")
    overridden: int = Field(description="decisions that a clinician overrode, naming it")
    reasons: dict[str, int] = Field(description="the codes of those overrides")


def rules(journal: Journal, since: str | None = None, until: str | None = None) -> list[RuleUse]:
    """Return how often each version of each rule spoke in a period, the most often overridden first."""
    fired, told = tables.firings, tables.arguments
    period = list(_conditions(Sought(since=since, until=until)))
    seqs = select(records.c.seq).where(records.c.kind == "advised", *period)
    with journal.engine.connect() as connection:
        total = connection.execute(select(func.count()).select_from(seqs.subquery())).scalar_one()
        count = func.count(distinct(fired.c.seq)).label("fired")
        by_rule = select(fired.c.rule, fired.c.version, count).where(fired.c.seq.in_(seqs))
        spoke = connection.execute(by_rule.group_by(fired.c.rule, fired.c.version)).all()
        status = (tables.outcomes.c.lesion == told.c.lesion) & (tables.outcomes.c.pathway == told.c.pathway)
        joined = told.join(tables.outcomes, (tables.outcomes.c.seq == told.c.seq) & status)
        decided = select(told.c.rule, func.count(distinct(told.c.seq)).label("n")).select_from(joined)
        decided = decided.where(told.c.seq.in_(seqs)).where(
            ((told.c.stance == "recommend") & (tables.outcomes.c.status == "recommended"))
            | ((told.c.stance == "exclude") & (tables.outcomes.c.status == "excluded"))
        )
        decisive = {row.rule: row.n for row in connection.execute(decided.group_by(told.c.rule))}
        over = select(
            tables.overrides.c.rule,
            tables.overrides.c.reason,
            func.count(distinct(tables.overrides.c.about)).label("n"),
        )
        over = over.join(records, records.c.id == tables.overrides.c.about).where(records.c.seq.in_(seqs))
        reasons: dict[str, dict[str, int]] = {}
        for row in connection.execute(over.group_by(tables.overrides.c.rule, tables.overrides.c.reason)):
            reasons.setdefault(row.rule, {})[row.reason] = row.n
    found = [_use(row.rule, row.version, row.fired, total, decisive, reasons) for row in spoke]
    return sorted(found, key=lambda use: (-use.overridden, -use.fired, use.rule, use.version))


def _use(
    rule: str, version: str, fired: int, total: int, decisive: dict[str, int], reasons: dict[str, dict[str, int]]
) -> RuleUse:
    low, high = wilson(fired, total)
    codes = dict(sorted(reasons.get(rule, {}).items()))
    return RuleUse(
        rule=rule,
        version=version,
        fired=fired,
        decisions=total,
        share=round(fired / total, 4),
        low=low,
        high=high,
        decisive=decisive.get(rule, 0),
        overridden=sum(codes.values()),
        reasons=codes,
    )


def wilson(successes: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927), rounded to four places; 0 and 1 when there is nothing."""
    if total == 0:
        return 0.0, 1.0
    share, square = successes / total, Z * Z / total
    middle = share + square / 2
    half = Z * sqrt(share * (1 - share) / total + square / (4 * total))
    return round(max(0.0, (middle - half) / (1 + square)), 4), round(min(1.0, (middle + half) / (1 + square)), 4)


def events(journal: Journal, record: str) -> list[dict[str, Any]]:
    """Return what happened to a decision, as the chain has it, oldest first."""
    query = select(records.c.envelope).where(records.c.about == record).order_by(records.c.seq)
    with journal.engine.connect() as connection:
        return [loads(envelope) for envelope in connection.execute(query).scalars()]


def _invalid(name: str, message: str) -> Invalid:
    return Invalid([Problem(Position(name), "", message)])
