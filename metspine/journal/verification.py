"""Verifying a journal with what its own program knows beside the offline verifier: the index, the knowledge, replays."""

import zlib
from collections.abc import Iterator
from hashlib import sha256
from json import loads
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select

from engine.record import DecisionRecord
from engine.verification.parallel import each
from metspine.journal import tables
from metspine.journal.index import index_rows
from metspine.journal.keys import is_signed
from metspine.journal.offline import Finding, Row, check, envelope_of, notes_in, taken_of
from metspine.journal.store import Journal

PART = 200  # rows


def findings(
    journal: Journal, replay: bool = False, witness: Path | None = None, index: bool = True, jobs: int = 1
) -> list[Finding]:
    """Return everything that is wrong with a journal, by row; none when it is as it was written.

    To hold the index against the records takes a twentieth of a second for each; the rest a thousandth.
    """
    parts = parts_of(journal)
    rows = [row for part in each(_rows_in, parts, journal, jobs) for row in part]
    found = [*check(rows, notes_of(journal, witness), journal.verifier, is_signed), *_knowledge(journal)]
    for wanted, look in ((index, _index), (replay, _replayed)):
        if wanted:
            found += [finding for part in each(look, parts, journal, jobs) for finding in part]
    return sorted(set(found))


def parts_of(journal: Journal) -> list[range]:
    """Return the rows of a journal in parts, each work for one core."""
    with journal.engine.connect() as connection:
        last = connection.execute(select(func.max(tables.records.c.seq))).scalar_one() or 0
    return [range(first, first + PART) for first in range(0, last + 1, PART)]


def rows_of(journal: Journal) -> Iterator[Row]:
    """Yield every row with the SHA-256 of its payload."""
    for part in parts_of(journal):
        yield from _rows_in(journal, part)


def _rows_in(journal: Journal, part: range) -> list[Row]:
    stored = _stored(journal, part, tables.records.c.seq.is_not(None))
    return [Row._make((*row, None if content is None else taken_of(salt, content))) for *row, salt, content in stored]


def records_of(journal: Journal, part: range, knowledge: str = "") -> Iterator[tuple[Row, DecisionRecord]]:
    """Yield every decision in a part that was not erased, with its record; one that is not as it was written is left out.

    With the first digits of a digest, those alone that were given under this knowledge.
    """
    for *columns, salt, content in _stored(journal, part, tables.records.c.kind == "advised"):
        row = Row._make((*columns, None if content is None else taken_of(salt, content)))
        if row.payload is None or row.payload.hex() != envelope_of(row).get("payload"):
            continue  # erased; or told as an edited payload
        record = DecisionRecord.model_validate_json(zlib.decompress(content))
        if record.advice.knowledge_base.digest.startswith(knowledge):
            yield row, record


def _stored(journal: Journal, part: range, which: ColumnElement[bool]) -> Iterator[Any]:
    joined = tables.records.outerjoin(tables.payloads, tables.payloads.c.seq == tables.records.c.seq)
    within = tables.records.c.seq.between(part.start, part.stop - 1)
    columns = (*tables.records.c, tables.payloads.c.salt, tables.payloads.c.content)
    with journal.engine.connect().execution_options(yield_per=100) as connection:
        yield from connection.execute(
            select(*columns).select_from(joined).where(which, within).order_by(tables.records.c.seq)
        )


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


def _index(journal: Journal, part: range) -> list[Finding]:
    """Return decisions whose rows in the index are not those of their record."""
    found = []
    with journal.engine.connect() as connection:
        for row, record in records_of(journal, part):
            for table, rows in index_rows(row.seq, record, journal.pseudonym(record.advice.case)):
                held = connection.execute(select(table).where(table.c.seq == row.seq))
                expected = sorted(str(tuple(one[column.name] for column in table.c)) for one in rows)
                if sorted(str(tuple(one)) for one in held) != expected:
                    found.append(
                        Finding(row.seq, "index edited", f"its rows in {table.name} are not those of its record")
                    )
    return found


def _replayed(journal: Journal, part: range) -> list[Finding]:
    from metspine.journal.queries import knowledge_by_digest, replayed

    findings = []
    for row, record in records_of(journal, part):
        found = replayed(record, knowledge_by_digest(journal, record.advice.knowledge_base.digest))
        if found.verdict != "same":
            places = ", ".join(departure.place for departure in found.departures[:3])
            findings.append(Finding(row.seq, found.verdict.replace("_", " "), f"its replay departs at {places}"))
    return findings


def size_of(journal: Journal) -> int:
    """Return how many rows there are."""
    with journal.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.records)).scalar_one()
