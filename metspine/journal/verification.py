"""Verifying a journal with what its own program knows beside the offline verifier: the index, the knowledge, replays."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from sqlalchemy import ColumnElement, create_engine, func, select
from sqlalchemy.engine import Connection

from engine.record import DecisionRecord
from engine.verification.parallel import each
from metspine.journal import tables
from metspine.journal.checkpoints import peaks_of
from metspine.journal.index import Rows, index_event, index_rows
from metspine.journal.keys import is_signed, read_verifier
from metspine.journal.offline import Fault, Row, Stored, check, digests, envelope_of, notes_in, opened, sha256
from metspine.journal.payloads import decided_in
from metspine.journal.queries import kept_knowledge, replayed, texts_of, whole
from metspine.journal.store import Journal

PART = 200  # rows whose hashes are taken together
REPEATED = 20  # rows that are looked into, or repeated, together
FAR = 2**62  # no row has a higher number
INDEXED = ("advised", "overridden")


def findings(
    journal: Journal,
    replay: bool = False,
    witness: Path | None = None,
    index: bool = True,
    jobs: int = 1,
    key: str = "",
) -> list[Fault]:
    """Return everything that is wrong with a journal, by row; none when it is as it was written.

    `key` is the public key as somebody noted it; without it the one that the file names is believed. Raises `Invalid` for
    what is none. To hold the index against the records takes a twentieth of a second for each; the rest a thousandth.
    """
    verifier = read_verifier(key or journal.verifier)
    found = [*_made(journal), *_tree(journal)]
    rows = [row for part in each(_rows_in, parts_of(journal), journal, jobs) for row in part]
    bases = digests((row.digest, opened(row.content)) for row in journal.rows(select(tables.knowledge)))
    stored = Stored(rows, notes_of(journal, witness), bases, digests(texts_of(journal).items()))
    found += check(stored, verifier, is_signed)
    for wanted, look in ((index, _index), (replay, _replayed)):
        if wanted:
            found += [finding for part in each(look, parts_of(journal, REPEATED), journal, jobs) for finding in part]
    return sorted(set(found))


def parts_of(journal: Journal, size: int = PART) -> list[range]:
    """Return the rows of a journal in parts of so many, each work for one core; rows with no such number are at the ends."""
    parts = [range(first, first + size) for first in range(1, size_of(journal) + 1, size)]
    end = parts[-1].stop if parts else 1
    return [range(-FAR, 1), *parts, range(end, FAR)]


def rows_of(journal: Journal) -> Iterator[Row]:
    """Yield every row with the SHA-256 of its payload."""
    for part in parts_of(journal):
        yield from _rows_in(journal, part)


def _rows_in(journal: Journal, part: range) -> list[Row]:
    return [row for row, _ in _stored(journal, part)]


def records_of(journal: Journal, part: range) -> Iterator[tuple[Row, bytes]]:
    """Yield every decision in a part that was not erased, with its record; one that is not as it was written is left out."""
    texts = texts_of(journal)
    for row, content in stored_in(journal, part):
        record = whole(content, texts, envelope_of(row)) if is_whole(row) else None
        if record is not None:
            yield row, record


def stored_in(journal: Journal, part: range) -> Iterator[tuple[Row, bytes]]:
    """Yield every decision in a part that was not erased, with what is stored of its record."""
    for row, content in _stored(journal, part, tables.records.c.kind == "advised"):
        if content is not None:
            yield row, content


def is_whole(row: Row) -> bool:
    """Tell whether a row has the payload that its envelope names."""
    return row.payload is not None and row.payload.hex() == envelope_of(row).get("payload")


def _stored(journal: Journal, part: range, *which: ColumnElement[bool]) -> Iterator[tuple[Row, bytes | None]]:
    """Yield the rows in a part, each with what is stored of its payload."""
    joined = tables.records.outerjoin(tables.payloads, tables.payloads.c.seq == tables.records.c.seq)
    columns = (*tables.records.c, tables.payloads.c.salt, tables.payloads.c.content)
    with journal.engine.connect().execution_options(yield_per=100) as connection:
        asked = (
            select(*columns)
            .select_from(joined)
            .where(tables.within(tables.records, part), *which)
            .order_by(tables.records.c.seq)
        )
        for *row, salt, content in connection.execute(asked):
            yield Row._make((*row, None if content is None else sha256(salt, content))), content


def notes_of(journal: Journal, witness: Path | None = None) -> list[str]:
    """Return the checkpoints in a journal, and those in its second place as far as it can be read."""
    found = journal.column(select(tables.checkpoints.c.note).order_by(tables.checkpoints.c.size))
    place = witness or journal.witness
    if place is not None and place.is_file():
        return [*found, *notes_in(place.read_text(encoding="utf-8", errors="replace"))]
    return list(found)


def _tree(journal: Journal) -> Iterator[Fault]:
    """Yield that the next row would not be signed after the last checkpoint, for what is kept of its tree is another."""
    newest = select(func.max(tables.checkpoints.c.size))
    with journal.engine.connect() as connection:
        size = connection.execute(newest).scalar() or 0
        if not journal.is_copy and peaks_of(connection, size, journal.verifier) is None:
            yield Fault(
                0, "tree edited", f"what is kept of the tree over {size} rows is not what their checkpoint signs"
            )


def _made(journal: Journal) -> Iterator[Fault]:
    """Yield tables and triggers of a file that are not those of a journal."""
    if journal.is_url:
        return
    fresh = create_engine("sqlite://")
    with fresh.begin() as connection:
        tables.create(connection)
        expected = _schema(connection)
    with journal.engine.connect() as connection:
        held = _schema(connection)
    for kind, name, _ in sorted(expected ^ held):
        yield Fault(0, "schema edited", f"the {kind} {name} is not as it was made")


def _schema(connection: Connection) -> set[tuple[str, str, bool]]:
    """Return the kind and name of what is in a database, and whether it takes no other types than it says."""
    asked = (
        "SELECT type, name, sql LIKE '%STRICT%' FROM sqlite_master WHERE type <> 'index' AND name NOT LIKE 'sqlite_%'"
    )
    return {(kind, name, bool(strict)) for kind, name, strict in connection.exec_driver_sql(asked)}


def _index(journal: Journal, part: range) -> list[Fault]:
    """Return rows whose rows in the index are not those of their record, or of their event."""
    texts, expected, unread = texts_of(journal), set(), set()
    for row, content in _stored(journal, part, tables.records.c.kind.in_(INDEXED)):
        rows = _indexed(journal, row, content, texts)
        expected |= {(row.seq, table.name, str(tuple(one.values()))) for table, found in rows or () for one in found}
        unread |= {row.seq} if rows is None else set()
    held = set()
    with journal.engine.connect() as connection:
        for table in tables.INDEXES:
            there = connection.execute(select(table).where(tables.within(table, part)))
            held |= {(row.seq, table.name, str(tuple(row))) for row in there}
    wrong = sorted({(seq, name) for seq, name, _ in expected ^ held if seq not in unread})
    return [Fault(seq, "index edited", f"its rows in {name} are not those of its record") for seq, name in wrong]


def _indexed(journal: Journal, row: Row, content: bytes | None, texts: Mapping[str, str]) -> Rows | None:
    """Return the index of a row, nothing once it was erased; None for what cannot be read as it was written."""
    envelope = envelope_of(row)
    if content is None and envelope.get("payload"):
        return []
    with suppress(KeyError, TypeError):
        if row.kind == "overridden":
            return index_event(row.seq, row.kind, row.about, envelope["body"])
        record = whole(content, texts, envelope) if content and is_whole(row) else None
        if record is not None:
            advice, decision = decided_in(record.decode())
            case = envelope["body"]["case"] if journal.is_copy else journal.pseudonym(advice["case"])
            return index_rows(row.seq, advice, decision, case)
    return None


def _replayed(journal: Journal, part: range) -> list[Fault]:
    findings = []
    for row, content in records_of(journal, part):
        record = DecisionRecord.model_validate_json(content)
        knowledge = kept_knowledge(journal, record.advice.knowledge_base.digest)
        if knowledge is None:
            continue  # that is a finding of its own
        found = replayed(record, knowledge)
        if found.verdict != "same":
            places = ", ".join(departure.place for departure in found.departures[:3])
            findings.append(Fault(row.seq, found.verdict.replace("_", " "), f"its replay departs at {places}"))
    return findings


def size_of(journal: Journal) -> int:
    """Return how many rows there are."""
    (found,) = journal.column(select(func.count()).select_from(tables.records))
    return int(found)
