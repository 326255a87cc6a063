"""A journal as one file for an auditor: rows, checkpoints, knowledge, and the verifier that needs nothing else."""

import base64
import json
import zipfile
from pathlib import Path
from typing import Any

from sqlalchemy import select

from metspine.journal import offline, tables
from metspine.journal.offline import Row
from metspine.journal.queries import bundle_of, texts_of
from metspine.journal.store import Journal
from metspine.journal.verification import notes_of, rows_of

HOW = """\
This is an exported journal of metspine. Verify it with Python 3.11 or later, and nothing else:

    python verify.py {name} '{key}'

Take the key from who keeps the journal, not from this file. records.ndjson holds the rows, checkpoints.txt what was
signed, texts.json the texts that records share, knowledge/ the knowledge bases by digest, which `metspine --knowledge FILE`
reads.
"""


def export(journal: Journal, target: Path) -> int:
    """Write a journal to a zip file, and that it was exported to the journal; return how many rows it has."""
    journal.note("exported", "", {"to": "zip"})
    rows = list(rows_of(journal))
    kept = {row.seq: [_text(row.salt), _text(row.content)] for row in journal.rows(select(tables.payloads))}
    digests = journal.column(select(tables.knowledge.c.digest).order_by(tables.knowledge.c.digest))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", HOW.format(name=target.name, key=journal.verifier))
        archive.writestr("verify.py", Path(offline.__file__).read_text(encoding="utf-8"))
        archive.writestr("records.ndjson", "".join(f"{json.dumps(_line(row, kept.get(row.seq)))}\n" for row in rows))
        archive.writestr("checkpoints.txt", "\n".join(dict.fromkeys(notes_of(journal))))
        archive.writestr("texts.json", json.dumps(texts_of(journal)))
        for digest in digests:
            archive.writestr(f"knowledge/{digest}.json", bundle_of(journal, digest))
    return len(rows)


def _line(row: Row, payload: list[str] | None) -> dict[str, Any]:
    """Return a row as JSON; bytes are in base64."""
    plain = {name: getattr(row, name) for name in ("seq", "kind", "id", "about", "at")}
    binary = {name: _text(getattr(row, name)) for name in ("envelope", "hash")}
    return {**plain, **binary, "payload": payload}


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
