"""The checkpoint behind each row: all rows up to it, signed over the tree that the last checkpoint signed."""

import os
from contextlib import suppress
from json import loads
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from knowledge_base.canonical_json import canonical
from metspine.journal import tables
from metspine.journal.keys import Key, checkpoint, is_signed
from metspine.journal.offline import Peaks, grow, root_of, signed


def sign(connection: Connection, key: Key, seq: int, leaf: bytes, at: str) -> str | None:
    """Sign all rows with the last one, and keep that; None where there is one before it that no checkpoint covers."""
    peaks = peaks_of(connection, seq - 1, key.verifier)
    if peaks is None:
        return None
    grow(peaks, leaf)
    note = checkpoint(key, seq, root_of(peaks), at)
    told = canonical([[size, peak.hex()] for size, peak in peaks])
    connection.execute(insert(tables.checkpoints), {"size": seq, "peaks": told, "note": note})
    return note


def peaks_of(connection: Connection, size: int, verifier: str) -> Peaks | None:
    """Return the tree over the first so many rows, from which the next checkpoint grows; None unless the last signs it.

    What is kept of the tree is not signed by itself, so it is held against the root that is: else whoever can write the file
    could have another past signed by the next row.
    """
    newest = select(tables.checkpoints).order_by(tables.checkpoints.c.size.desc()).limit(1)
    last = connection.execute(newest).first()
    if last is None:
        return [] if size == 0 else None
    with suppress(ValueError, TypeError):
        peaks = [(part, bytes.fromhex(peak)) for part, peak in loads(last.peaks)]
        parts = [1 << bit for bit in reversed(range(size.bit_length())) if size >> bit & 1]
        roots, _ = signed([last.note], verifier, is_signed)
        if [part for part, _ in peaks] == parts and roots == {size: [root_of(peaks)]}:
            return peaks
    return None


def witness(place: Path | None, note: str) -> None:
    """Write a checkpoint to the second place, if there is one; it is on the disk then."""
    if place is not None:
        with place.open("a", encoding="utf-8") as stream:
            stream.write(f"{note}\n")
            stream.flush()
            os.fsync(stream.fileno())
