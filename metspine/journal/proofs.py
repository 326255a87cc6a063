"""Proofs for who has not the journal: one row is in it, and a checkpoint goes on from an older one (RFC 6962, 2.1).

They are texts: the first in the form of a C2SP tlog-proof, the second as a C2SP witness is asked. `offline` verifies both.
"""

import base64
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from metspine.journal import tables
from metspine.journal.offline import Peaks, grow, root_of, sha256
from metspine.journal.store import Journal
from metspine.results import Unknown

FORM = "c2sp.org/tlog-proof@v1"


def inclusion(journal: Journal, seq: int) -> str:
    """Return the proof that a row is in the journal, with its envelope, under the last checkpoint."""
    leaves, note = _signed(journal)
    (envelope,) = journal.column(select(tables.records.c.envelope).where(tables.records.c.seq == seq))
    return _text([FORM, f"extra {_base64(envelope)}", f"index {seq - 1}"], path(seq - 1, leaves), note)


def consistency(journal: Journal, size: int) -> str:
    """Return the proof that the last checkpoint goes on from one of so many rows; raise `Unknown` when it cannot."""
    leaves, note = _signed(journal)
    if not 0 < size < len(leaves):
        raise Unknown(f"--since: {size} is not the size of an older checkpoint; there are 1 to {len(leaves) - 1}")
    return _text([f"old {size}"], extension(size, leaves), note)


def path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the audit path of a leaf (RFC 6962, 2.1.1)."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*path(index, leaves[:k]), root(leaves[k:])]
    return [*path(index - k, leaves[k:]), root(leaves[:k])]


def extension(size: int, leaves: Sequence[bytes], is_whole: bool = True) -> list[bytes]:
    """Return the consistency proof between the first leaves and all (RFC 6962, 2.1.2)."""
    if size == len(leaves):
        return [] if is_whole else [root(leaves)]
    k = _split(len(leaves))
    if size <= k:
        return [*extension(size, leaves[:k], is_whole), root(leaves[k:])]
    return [*extension(size - k, leaves[k:], False), root(leaves[:k])]


def _split(size: int) -> int:
    """Return how many leaves are in the left part of a tree: the largest power of two below its size."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the tree over leaves."""
    peaks: Peaks = []
    for leaf in leaves:
        grow(peaks, leaf)
    return root_of(peaks)


def _signed(journal: Journal) -> tuple[list[bytes], str]:
    """Return the rows under the last checkpoint as leaves, and that checkpoint."""
    rows, notes = tables.records, tables.checkpoints
    with journal.engine.connect() as connection:
        last = connection.execute(select(notes).order_by(notes.c.size.desc()).limit(1)).first()
        if last is None:
            raise Unknown(f"{journal.where}: there is no checkpoint yet; nothing was written")
        found = connection.execute(select(rows.c.envelope).where(rows.c.seq <= last.size).order_by(rows.c.seq))
        return [sha256(envelope) for envelope in found.scalars()], last.note


def _text(head: list[str], hashes: list[bytes], note: str) -> str:
    return "\n".join([*head, *map(_base64, hashes), "", note])


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
