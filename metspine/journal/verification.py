"""Verifying a journal with what its own program knows beside the offline verifier: the index, the knowledge, replays."""

import zlib
from collections.abc import Iterator
from hashlib import sha256
from json import loads
from pathlib import Path

from sqlalchemy import func, select

from engine.record import DecisionRecord, record_from
from knowledge_base.text.errors import Invalid
from metspine.journal import tables
from metspine.journal.index import index_rows
from metspine.journal.offline import Finding, Row, check, notes_in
from metspine.journal.store import Journal


def findings(journal: Journal, replay: bool = False, witness: Path | None = None) -> list[Finding]:
    """Return everything that is wrong with a journal, by row; none when it is as it was written."""
    found = [
        *check(rows_of(journal), notes_of(journal, witness), journal.verifier),
        *_knowledge(journal),
        *_index(journal),
    ]
    if replay:
        found += _replayed(journal)
    return sorted(set(found))


def rows_of(journal: Journal) -> Iterator[Row]:
    """Yield every row with its payload."""
    joined = tables.records.outerjoin(tables.payloads, tables.payloads.c.seq == tables.records.c.seq)
    columns = (*tables.records.c, tables.payloads.c.salt, tables.payloads.c.content)
    with journal.engine.connect() as connection:
        query = select(*columns).select_from(joined).order_by(tables.records.c.seq)
        for seq, kind, row_id, about, at, envelope, taken, signature, salt, content in connection.execute(query):
            payload = None if content is None else (salt, _unpacked(content))
            yield Row(seq, kind, row_id, about, at, envelope, taken, signature, payload)


def notes_of(journal: Journal, witness: Path | None = None) -> list[str]:
    """Return the checkpoints in a journal, and those in its second place as far as it can be read."""
    with journal.engine.connect() as connection:
        found = list(
            connection.execute(select(tables.checkpoints.c.note).order_by(tables.checkpoints.c.size)).scalars()
        )
    place = witness or journal.witness
    if place is not None and place.is_file():
        found += notes_in(place.read_text(encoding="utf-8", errors="replace"))
    return found


def record_in(row: Row) -> DecisionRecord | None:
    """Return the record that a row holds; None when it holds none (any more)."""
    if row.kind != "advised" or row.payload is None:
        return None
    return record_from(row.payload[1], f"row {row.seq}")


def _unpacked(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return content


def _knowledge(journal: Journal) -> Iterator[Finding]:
    """Yield knowledge that is not that of which the chain has the SHA-256, or that is missing."""
    with journal.engine.connect() as connection:
        kept = {row.digest: row.content for row in connection.execute(select(tables.knowledge))}
        rows = connection.execute(select(tables.records).where(tables.records.c.kind == "knowledge")).all()
    for row in rows:
        body = loads(row.envelope)["body"]
        content = kept.pop(body["digest"], None)
        if content is None:
            yield Finding(row.seq, "knowledge missing", f"{body['digest'][:12]} is not there")
        elif sha256(_unpacked(content)).hexdigest() != body["sha256"]:
            yield Finding(row.seq, "knowledge edited", f"{body['digest'][:12]} is not what was kept")
    yield from (Finding(0, "knowledge inserted", f"{digest[:12]} stands in no row") for digest in kept)


def _index(journal: Journal) -> Iterator[Finding]:
    """Yield decisions whose rows in the index are not those of their record."""
    named = {"firings", "givens", "outcomes", "arguments", "measures", "alerts", "decisions"}
    with journal.engine.connect() as connection:
        held: dict[str, dict[int, list[tuple[object, ...]]]] = {}
        for table in (table for table in tables.INDEXES if table.name in named):
            by_seq = held.setdefault(table.name, {})
            for found in connection.execute(select(table)):
                by_seq.setdefault(found.seq, []).append(tuple(found))
    for row in rows_of(journal):
        try:
            record = record_in(row)
        except Invalid:
            continue  # the payload is told as edited
        if record is None:
            continue
        for table, rows in index_rows(row.seq, record, journal):
            expected = sorted(map(str, (tuple(one[column.name] for column in table.c) for one in rows)))
            if sorted(map(str, held[table.name].get(row.seq, []))) != expected:
                yield Finding(row.seq, "index edited", f"its rows in {table.name} are not those of its record")


def _replayed(journal: Journal) -> Iterator[Finding]:
    from metspine.journal.queries import knowledge_by_digest, replayed

    for row in rows_of(journal):
        try:
            record = record_in(row)
        except Invalid:
            continue
        if record is None:
            continue
        base = knowledge_by_digest(journal, record.advice.knowledge_base.digest)
        found = replayed(record, base)
        if found.verdict != "same":
            places = ", ".join(departure.place for departure in found.departures[:3])
            yield Finding(row.seq, found.verdict.replace("_", " "), f"its replay departs at {places}")


def size_of(journal: Journal) -> int:
    """Return how many rows there are."""
    with journal.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.records)).scalar_one()
