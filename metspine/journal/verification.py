"""Verifying a journal with what its own program knows beside the offline verifier: the index, the knowledge, replays."""

import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select

from engine.record import DecisionRecord
from engine.verification.parallel import each
from metspine.journal import tables
from metspine.journal.index import index_rows
from metspine.journal.keys import is_signed
from metspine.journal.offline import Fault, Row, check, envelope_of, notes_in, taken_of
from metspine.journal.payloads import decided_in, text_id
from metspine.journal.queries import knowledge_by_digest, replayed, texts_of, whole
from metspine.journal.store import Journal

PART = 200  # rows whose hashes are taken together
REPEATED = 20  # rows that are looked into, or repeated, together


def findings(
    journal: Journal, replay: bool = False, witness: Path | None = None, index: bool = True, jobs: int = 1
) -> list[Fault]:
    """Return everything that is wrong with a journal, by row; none when it is as it was written.

    To hold the index against the records takes a twentieth of a second for each; the rest a thousandth.
    """
    rows = [row for part in each(_rows_in, parts_of(journal), journal, jobs) for row in part]
    found = [*check(rows, notes_of(journal, witness), journal.verifier, is_signed), *_knowledge(journal, rows)]
    for wanted, look in ((index, _index), (replay, _replayed)):
        if wanted:
            found += [finding for part in each(look, parts_of(journal, REPEATED), journal, jobs) for finding in part]
    return sorted(set(found))


def parts_of(journal: Journal, size: int = PART) -> list[range]:
    """Return the rows of a journal in parts of so many, each work for one core."""
    with journal.engine.connect() as connection:
        last = connection.execute(select(func.max(tables.records.c.seq))).scalar_one() or 0
    return [range(first, first + size) for first in range(0, last + 1, size)]


def rows_of(journal: Journal) -> Iterator[Row]:
    """Yield every row with the SHA-256 of its payload."""
    for part in parts_of(journal):
        yield from _rows_in(journal, part)


def _rows_in(journal: Journal, part: range) -> list[Row]:
    stored = _stored(journal, part)
    return [Row._make((*row, None if content is None else taken_of(salt, content))) for *row, salt, content in stored]


def records_of(journal: Journal, part: range) -> Iterator[tuple[Row, bytes]]:
    """Yield every decision in a part that was not erased, with its record; one that is not as it was written is left out."""
    texts = texts_of(journal)
    for row, content in stored_in(journal, part):
        record = whole(content, texts, envelope_of(row)) if is_whole(row) else None
        if record is not None:
            yield row, record


def stored_in(journal: Journal, part: range) -> Iterator[tuple[Row, bytes]]:
    """Yield every decision in a part that was not erased, with what is stored of its record."""
    for *columns, salt, content in _stored(journal, part, tables.records.c.kind == "advised"):
        if content is not None:
            yield Row._make((*columns, taken_of(salt, content))), content


def is_whole(row: Row) -> bool:
    """Tell whether a row has the payload that its envelope names."""
    return row.payload is not None and row.payload.hex() == envelope_of(row).get("payload")


def _stored(journal: Journal, part: range, *which: ColumnElement[bool]) -> Iterator[Any]:
    joined = tables.records.outerjoin(tables.payloads, tables.payloads.c.seq == tables.records.c.seq)
    within = tables.records.c.seq.between(part.start, part.stop - 1)
    columns = (*tables.records.c, tables.payloads.c.salt, tables.payloads.c.content)
    with journal.engine.connect().execution_options(yield_per=100) as connection:
        yield from connection.execute(
            select(*columns).select_from(joined).where(within, *which).order_by(tables.records.c.seq)
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


def _knowledge(journal: Journal, rows: Iterable[Row]) -> Iterator[Fault]:
    """Yield knowledge, and texts that records share, that are missing or not as the chain has them; and foreign knowledge.

    A text that stands in no row is in no record, for each says what it is as a whole.
    """
    with journal.engine.connect() as connection:
        bases = {row.digest: _sha256(row.content) for row in connection.execute(select(tables.knowledge))}
    kept = bases | {name: text_id(text) for name, text in texts_of(journal).items()}
    named = {name: (row.seq, taken) for row in rows for name, taken in _named(row)}
    for name, (seq, taken) in named.items():
        if kept.get(name) != taken:
            how, words = ("edited", "what was kept") if name in kept else ("missing", "there")
            yield Fault(seq, f"knowledge {how}", f"{name[:12]} is not {words}")
    yield from (Fault(0, "knowledge inserted", f"{name[:12]} stands in no row") for name in bases.keys() - named)


def _named(row: Row) -> Iterator[tuple[str, str]]:
    """Yield what a row keeps, by name, with the SHA-256 (or the first digits of it) that it must have."""
    if row.kind in ("knowledge", "advised"):
        body = envelope_of(row).get("body", {})
        if row.kind == "knowledge":
            yield body.get("digest", ""), body.get("sha256", "")
        yield from ((name, name) for name in body.get("texts", ()))


def _sha256(content: bytes) -> str:
    with suppress(zlib.error):
        content = zlib.decompress(content)
    return sha256(content).hexdigest()


def _index(journal: Journal, part: range) -> list[Fault]:
    """Return decisions whose rows in the index are not those of their record."""
    found = []
    with journal.engine.connect() as connection:
        for row, content in records_of(journal, part):
            advice, decision = decided_in(content.decode())
            case = envelope_of(row)["body"]["case"] if journal.is_copy else journal.pseudonym(advice["case"])
            for table, rows in index_rows(row.seq, advice, decision, case):
                held = connection.execute(select(table).where(table.c.seq == row.seq))
                expected = sorted(str(tuple(one.values())) for one in rows)
                if sorted(str(tuple(one)) for one in held) != expected:
                    found.append(
                        Fault(row.seq, "index edited", f"its rows in {table.name} are not those of its record")
                    )
    return found


def _replayed(journal: Journal, part: range) -> list[Fault]:
    findings = []
    for row, content in records_of(journal, part):
        record = DecisionRecord.model_validate_json(content)
        found = replayed(record, knowledge_by_digest(journal, record.advice.knowledge_base.digest))
        if found.verdict != "same":
            places = ", ".join(departure.place for departure in found.departures[:3])
            findings.append(Fault(row.seq, found.verdict.replace("_", " "), f"its replay departs at {places}"))
    return findings


def size_of(journal: Journal) -> int:
    """Return how many rows there are."""
    with journal.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(tables.records)).scalar_one()
