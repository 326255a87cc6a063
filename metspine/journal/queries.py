"""Asking a journal: decisions by what they were come to from, one decision, and how often each rule spoke."""

import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from json import loads
from lzma import LZMAError
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, select

from engine.inference.session import reasoner_of
from engine.inference.trace import Record
from engine.record import DecisionRecord, record_from
from engine.replay import Replay
from engine.replay import replay as repeated
from knowledge_base.grouping import grouped
from knowledge_base.language.knowledge import ByIdentity, KnowledgeBase
from knowledge_base.loading.bundle import Bundle
from knowledge_base.text.errors import Invalid, suggestion
from metspine.journal import tables
from metspine.journal.payloads import unpacked
from metspine.journal.store import Journal

records, decisions = tables.records, tables.decisions
KEPT = ("advised", "cohort")  # kinds of rows that have a record


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
    conditions = list(conditions_of(sought))
    if sought.case:
        conditions.append(decisions.c.pseudonym == journal.pseudonym(sought.case))
    columns = (records.c.seq, records.c.id, records.c.at, decisions.c.knowledge, decisions.c.decision)
    query = select(*columns, decisions.c.pseudonym.label("case")).where(*conditions).order_by(records.c.seq)
    query = query.join(decisions, decisions.c.seq == records.c.seq)
    outcomes = select(tables.outcomes).where(
        tables.outcomes.c.status == "recommended", tables.outcomes.c.seq.in_(select(query.subquery().c.seq))
    )
    with journal.engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
        told = grouped((row.seq, (row.lesion, row.pathway)) for row in connection.execute(outcomes))
        overridden = set(connection.execute(select(tables.overrides.c.about)).scalars())
    return [
        Found.model_validate(
            {
                **row,
                "recommended": dict(sorted(grouped(told.get(row["seq"], ())).items())),
                "overridden": row["id"] in overridden,
            }
        )
        for row in rows
    ]


def conditions_of(sought: Sought) -> Iterator[ColumnElement[bool]]:
    """Yield what must hold of a row, but for its case."""
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


def row_of(journal: Journal, name: str, kinds: tuple[str, ...] = ("advised",)) -> tuple[int, str]:
    """Return the row and the id of a decision (or of what else has a record) by its id, its row, or the digest printed.

    The first digits of an id or a digest are enough. Raises `Invalid` for none or several.
    """
    text = name.strip().lower()
    match: ColumnElement[bool] = records.c.id.startswith(text, autoescape=True) | decisions.c.decision.startswith(
        text, autoescape=True
    )
    if text.isdigit() and len(text) < 9:
        match = records.c.seq == int(text)
    query = select(records.c.seq, records.c.id).where(records.c.kind.in_(kinds), match)
    query = query.outerjoin(decisions, decisions.c.seq == records.c.seq)
    found = journal.rows(query.order_by(records.c.seq))
    if len(found) != 1:
        how = "there is no such decision" if not found else f"names {len(found)} decisions; give its row or its id"
        raise Invalid.at(name, f"{how}; `metspine journal find` lists them")
    return found[0].seq, found[0].id


def record_of_row(journal: Journal, name: str) -> tuple[int, str, bytes]:
    """Return the row, the id and the bytes of a decision's record, named as in `row_of`.

    Raises `Invalid` for one that was erased, or that is not what was written.
    """
    seq, row_id = row_of(journal, name)
    joined = records.outerjoin(tables.payloads, tables.payloads.c.seq == records.c.seq)
    wanted = select(records.c.envelope, tables.payloads.c.content).select_from(joined).where(records.c.seq == seq)
    [(envelope, content)] = journal.rows(wanted)
    if content is None:
        raise Invalid.at(name, "was erased; what the chain has of it stays")
    record = whole(content, texts_of(journal), loads(envelope))
    if record is None:
        raise Invalid.at(name, "is not what was written; `metspine journal verify` says more")
    return seq, row_id, record


def actor_of(journal: Journal, seq: int) -> dict[str, str]:
    """Return who wrote a row, as the chain has it."""
    (envelope,) = journal.column(select(records.c.envelope).where(records.c.seq == seq))
    return dict(loads(envelope)["actor"])


def texts_of(journal: Journal) -> dict[str, str]:
    """Return what records share, by id."""
    return {row.id: row.content for row in journal.rows(select(tables.texts))}


def whole(content: bytes, texts: Mapping[str, str], envelope: Mapping[str, Any]) -> bytes | None:
    """Return the record that is stored in a payload; None when it is not the one whose SHA-256 its envelope has."""
    try:
        record = unpacked(content, texts)
    except (LZMAError, ValueError, KeyError):
        return None
    return record if sha256(record).hexdigest() == envelope["body"].get("record_sha256") else None


def never_fired(journal: Journal, rule: str) -> str:
    """Return what to say of a rule that fired in no decision, with the nearest that did; nothing when it fired."""
    fired = set(journal.column(select(tables.firings.c.rule).distinct()))
    return "" if rule in fired else f"{rule} fired in no decision here{suggestion(rule, fired)}"


def stored(journal: Journal, name: str) -> DecisionRecord:
    """Return the record of a decision; raise `Invalid` as `record_of_row` does."""
    seq, _, content = record_of_row(journal, name)
    return record_from(content, f"row {seq}")


def bundle_of(journal: Journal, digest: str) -> bytes:
    """Return the knowledge that a journal keeps, by the first digits of its digest; raise `Invalid` for none."""
    query = select(tables.knowledge.c.content).where(tables.knowledge.c.digest.startswith(digest, autoescape=True))
    found = journal.column(query)
    if len(found) != 1:
        raise Invalid.at(digest, "is the digest of no knowledge that the journal keeps, or of several")
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
    return repeated(record, reasoner_of(sided(base, record.advice.knowledge_base.sides)))


def sided(base: KnowledgeBase, sides: Mapping[str, str]) -> KnowledgeBase:
    """Return knowledge with those sides on that it has; the same one for the same sides."""
    return _sided(ByIdentity(base), tuple(sorted(sides.items())))


@lru_cache(maxsize=8)
def _sided(held: ByIdentity, sides: tuple[tuple[str, str], ...]) -> KnowledgeBase:
    return held.base.with_sides(held.base.sides_among(dict(sides)))


def events(journal: Journal, record: str) -> list[dict[str, Any]]:
    """Return what happened to a decision, as the chain has it, oldest first."""
    query = select(records.c.envelope).where(records.c.about == record).order_by(records.c.seq)
    return [loads(envelope) for envelope in journal.column(query)]
