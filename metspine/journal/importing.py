"""An export as a journal again, to be searched, explained and recalled where the first one is not: verified, never written.

What it is searched by is worked out anew from its records. It has no key, and does not know a case by its name.
"""

import json
import os
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.exc import SQLAlchemyError

from knowledge_base.text.errors import Invalid, Position, Problem
from metspine.journal import tables
from metspine.journal.index import index_event, index_rows
from metspine.journal.keys import is_signed
from metspine.journal.offline import Stored, check, envelope_of, from_export
from metspine.journal.payloads import decided_in
from metspine.journal.queries import whole
from metspine.journal.store import Journal
from metspine.journal.verification import findings

NO_EXPORT = (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile, SQLAlchemyError)


def import_export(export: Path, key: str, target: Path, checkpoints: Sequence[str] = ()) -> Journal:
    """Return a copy of an exported journal, in a file that is made when all of it is as the holder of the key wrote it.

    `checkpoints` were kept elsewhere. Raises `Invalid` with every finding, or for what is no export or no public key.
    """
    if target.exists():
        raise Invalid.at(target, "is there already; name another file")
    with TemporaryDirectory(dir=target.parent, prefix=".metspine-") as folder:
        place = Path(folder) / "journal.db"
        try:
            stored = from_export(export)
            wrong = check(stored._replace(notes=[*stored.notes, *checkpoints]), key, is_signed)
            if not wrong:
                copy = Journal.copy(place, key.strip())
                _fill(copy, export, stored)
                wrong = findings(copy)
        except NO_EXPORT as error:
            raise Invalid.at(export, f"is no exported journal, or the key is none ({error})") from None
        if wrong:
            raise Invalid(Problem(Position(str(export)), "", str(finding)) for finding in wrong)
        os.replace(place, target)
    return Journal(target)


def _fill(copy: Journal, export: Path, stored: Stored) -> None:
    """Write what an export holds, and the index of it."""
    with zipfile.ZipFile(export) as archive, copy.engine.begin() as connection:

        def add(table: Table, rows: Sequence[dict[str, Any]]) -> None:
            if rows:
                connection.execute(insert(table), rows)

        texts = json.loads(archive.read("texts.json"))
        add(tables.texts, [{"id": name, "content": text} for name, text in texts.items()])
        for name in archive.namelist():
            if name.startswith("knowledge/"):
                content = zlib.compress(archive.read(name), 9)
                add(tables.knowledge, [{"digest": Path(name).stem, "content": content}])
        add(tables.checkpoints, [{"size": i, "peaks": b"[]", "note": note} for i, note in enumerate(stored.notes)])
        for row, line in zip(stored.rows, archive.read("records.ndjson").splitlines(), strict=True):
            add(tables.records, [{column.name: getattr(row, column.name) for column in tables.records.c}])
            envelope = envelope_of(row)
            indexed = index_event(row.seq, row.kind, row.about, envelope["body"])
            if payload := json.loads(line)["payload"]:
                salt, content = map(b64decode, payload)
                add(tables.payloads, [{"seq": row.seq, "salt": salt, "content": content}])
                record = whole(content, texts, envelope) if row.kind == "advised" else None
                indexed = (
                    index_rows(row.seq, *decided_in(record.decode()), envelope["body"]["case"]) if record else indexed
                )
            for table, found in indexed:
                add(table, found)
