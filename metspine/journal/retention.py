"""How long records are kept: what is past its time is erased, class by class, and what is on legal hold is not.

A class is a word that each decision carries in the chain, from METSPINE_RETENTION where it was written; none is one, too.
"""

from json import loads

from sqlalchemy import select

from knowledge_base.grouping import grouped
from metspine.journal import tables
from metspine.journal.queries import KEPT, row_of
from metspine.journal.store import Journal, WrittenRow, is_held

records, payloads = tables.records, tables.payloads


def hold(journal: Journal, name: str, reason: str) -> WrittenRow:
    """Write that a decision must not be erased, and why; the reason stays in the chain."""
    return journal.note("held", row_of(journal, name, KEPT)[1], {"reason": reason})


def release(journal: Journal, name: str, reason: str) -> WrittenRow:
    """Write that a decision may be erased again."""
    return journal.note("released", row_of(journal, name, KEPT)[1], {"reason": reason})


def expired(journal: Journal, before: str, retention: str = "") -> list[str]:
    """Return the ids of the decisions and runs of a class from before a day that have a record and are not on hold."""
    written = select(records.c.id, records.c.envelope).join(payloads, payloads.c.seq == records.c.seq)
    written = written.where(records.c.kind.in_(KEPT), records.c.at < before).order_by(records.c.seq)
    holds = select(records.c.about, records.c.kind).where(records.c.kind.in_(["held", "released"]))
    with journal.engine.connect() as connection:
        said = grouped((row.about, row.kind) for row in connection.execute(holds.order_by(records.c.seq)))
        rows = connection.execute(written).all()
    return [
        row.id
        for row in rows
        if loads(row.envelope)["body"].get("retention", "") == retention and not is_held(said.get(row.id, ()))
    ]


def expire(journal: Journal, before: str, reason: str, retention: str = "") -> int:
    """Erase what is past its time, each as `Journal.erase` does; return how many it was."""
    found = expired(journal, before, retention)
    for record in found:
        journal.erase(record, reason)
    return len(found)
