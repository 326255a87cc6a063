"""Writing a journal: one row after another, each signed and named by the next; what cannot be written is not done.

A decision takes two rows: `opened` before the engine runs, and `advised` (or `failed`) after it and before anything is
shown, so that a crash between them leaves a row that was never closed. Rows are committed with full durability; then a
checkpoint over all of them is signed and written to a second place.
"""

import hashlib
import hmac
import os
import secrets
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from engine.record import DecisionRecord
from knowledge_base.canonical_json import canonical
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.bundle import Bundle
from knowledge_base.text.errors import Invalid
from metspine.journal import tables
from metspine.journal.checkpoints import sign, witness
from metspine.journal.database import FORMAT, cause, engine_of, make, meta_in
from metspine.journal.index import Rows, index_event, index_rows
from metspine.journal.keys import Key, new_key, read_key
from metspine.journal.offline import sha256
from metspine.journal.payloads import compressed, decided_in, packed
from metspine.results import Unknown

KEY = "METSPINE_JOURNAL_KEY"
RETENTION = "METSPINE_RETENTION"
NO_TEXTS: Mapping[str, str] = MappingProxyType({})
EMPTY = "0" * 64  # what the first row names in the place of the one before it
EVENTS = ("shown", "accepted", "overridden", "amended", "exported", "erased", "replayed", "held", "released")


class Unwritten(Invalid):
    """The journal could not be written, so nothing may be shown."""


@dataclass(frozen=True)
class WrittenRow:
    """A row that was written."""

    seq: int
    id: str


def default_key() -> Path:
    """Return where the key is, unless METSPINE_JOURNAL_KEY names another place: with the user, not with the journal."""
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(os.environ.get(KEY) or f"{home}/metspine/journal.key").expanduser()


class Journal:
    """A journal that can be written and read; `where` is a file, or the URL of a PostgreSQL database."""

    def __init__(self, where: str | Path, key: Path | None = None) -> None:
        """Open a journal; raise `Invalid` when there is none."""
        self.where = str(where)
        self.engine = engine_of(self.where)
        self._key = key
        self.who = self.behalf = ""
        self._texts: set[str] = set()  # ids that are known to be kept
        self._bases: set[str] = set()  # and digests of knowledge
        if not self.is_url and not Path(self.where).is_file():
            raise Invalid.at(self.where, "there is no journal; make one with `metspine journal init FILE`")
        self.meta = meta_in(self.engine, self.where)

    @classmethod
    def create(cls, where: str | Path, key: Path | None = None, name: str = "", witness: str = "") -> "Journal":
        """Make a journal and, unless there is one, its key; raise `Invalid` when something is there already.

        `witness` is the second place for checkpoints: a file, by default beside the journal.
        """
        place = str(where)
        is_url = "://" in place
        if not is_url and Path(place).exists():
            raise Invalid.at(place, "is there already; name another file")
        title = name or f"metspine.journal/{secrets.token_hex(4)}"
        place_of_key = (key or default_key()).absolute()
        made = new_key(place_of_key, title)
        rows = {
            "name": title,
            "key": made.verifier,
            "key_file": str(place_of_key),
            "pseudonyms": secrets.token_hex(32),
            "witness": witness or ("" if is_url else f"{Path(place).name}.checkpoints"),
        }
        make(place, rows)
        return cls(where, key)

    @classmethod
    def copy(cls, where: Path, verifier: str) -> "Journal":
        """Make a journal that is filled with another's rows, by its public key, and never written by itself."""
        name = verifier.partition("+")[0]
        make(str(where), {"name": name, "key": verifier, "key_file": "", "pseudonyms": "", "witness": ""})
        return cls(where)

    @property
    def is_copy(self) -> bool:
        """Whether it was imported, so that it is read and not written."""
        return not self.meta["key_file"]

    @property
    def is_url(self) -> bool:
        return "://" in self.where

    @property
    def verifier(self) -> str:
        """The public key, as a verifier takes it."""
        return self.meta["key"]

    @cached_property
    def key(self) -> Key:
        """The private key; raise `Invalid` when it is not that of this journal."""
        if self.is_copy:
            raise Invalid.at(
                self.where, "is a copy, to be read; what is new is written in the journal that it is a copy of"
            )
        named = os.environ.get(KEY)
        path = self._key or (default_key() if named else Path(self.meta["key_file"]))
        found = read_key(path, self.meta["name"])
        if found.verifier != self.verifier:
            raise Invalid.at(str(path), f"is not the key of {self.where}; {KEY} names the key of a journal")
        return found

    @cached_property
    def _pseudonyms(self) -> bytes:
        """The secret from which the names of cases in the chain are made; raise `Invalid` where it was spoilt."""
        try:
            return bytes.fromhex(self.meta["pseudonyms"])
        except ValueError:
            raise Invalid.at(self.where, "was altered: in the table meta, pseudonyms is no secret any more") from None

    @property
    def witness(self) -> Path | None:
        """The second place for checkpoints."""
        written = self.meta["witness"]
        return Path(self.where).parent / written if written and not self.is_url else Path(written) if written else None

    def rows(self, asked: Select[Any]) -> Sequence[Any]:
        """Return the rows that a query finds."""
        with self.engine.connect() as connection:
            return connection.execute(asked).all()

    def column(self, asked: Select[Any]) -> Sequence[Any]:
        """Return the first column of what a query finds."""
        return [row[0] for row in self.rows(asked)]

    def by(self, who: str, behalf: str = "") -> "Journal":
        """Return this journal as somebody else writes in it, on behalf of another where one is given.

        Both are pseudonyms, such as initials; none is what the environment says.
        """
        found = copy(self)
        found.who, found.behalf = who, behalf
        return found

    # --- writing -----------------------------------------------------------------------------------------------

    def open(self, body: Mapping[str, Any]) -> WrittenRow:
        """Write that something was begun; `body` says what, and nothing that names a patient."""
        return self._write("opened", None, body)

    def fail(self, opened: WrittenRow, why: str) -> WrittenRow:
        """Write that it ended without advice."""
        return self._write("failed", opened.id, {"why": why})

    def close(
        self,
        opened: WrittenRow,
        record: DecisionRecord,
        knowledge: KnowledgeBase,
        shown: Mapping[str, bytes],
        bundle: Bundle | None = None,
    ) -> WrittenRow:
        """Write the decision that was come to, and what of it will be shown; its knowledge is kept too."""
        text, stamp = record.text(), record.advice.knowledge_base
        content, texts = packed(text)
        case = self.pseudonym(record.advice.case)
        body = {
            "record_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "decision": record.digests.decision,
            "knowledge": stamp.model_dump(),
            "engine": record.engine.model_dump(),
            "options": record.options.model_dump(),
            "case": case,
            "case_file_sha256": record.case_file_sha256,
            "complete": record.advice.is_complete,
            **_retention(),
            "displayed": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(shown.items())},
        }
        self.keep(stamp.digest, knowledge, bundle)
        advice, decision = decided_in(text)
        return self._write(
            "advised", opened.id, body, content, lambda seq: index_rows(seq, advice, decision, case), texts
        )

    def close_run(
        self, opened: WrittenRow, record: str, knowledge: KnowledgeBase, body: Mapping[str, Any]
    ) -> WrittenRow:
        """Write what a run over a registry came to; its record, which names the table, can be erased."""
        self.keep(knowledge.digest, knowledge)
        taken = {"record_sha256": hashlib.sha256(record.encode()).hexdigest()}
        return self._write("cohort", opened.id, {**body, **taken, **_retention()}, compressed(record.encode()))

    def note(
        self, kind: str, about: str, body: Mapping[str, Any], payload: Mapping[str, Any] | None = None
    ) -> WrittenRow:
        """Write an event about a decision; free text belongs in the payload, which can be erased."""
        if kind not in EVENTS:
            raise ValueError(f"{kind!r} is not an event ({', '.join(EVENTS)})")
        content = None if payload is None else compressed(canonical(payload))
        return self._write(kind, about, body, content, lambda seq: index_event(seq, kind, about, body))

    def keep(self, digest: str, knowledge: KnowledgeBase, bundle: Bundle | None = None) -> None:
        """Keep a knowledge base, once; its files (read anew without `bundle`) stand in the chain by their SHA-256."""
        if self._keeps(digest):
            return
        content = (bundle or Bundle.of(knowledge)).content()
        body = {"digest": digest, "sha256": hashlib.sha256(content).hexdigest()}
        row = {"digest": digest, "content": zlib.compress(content, 9)}
        try:
            self._write("knowledge", None, body, beside=lambda seq: [(tables.knowledge, [row])])
        except Unwritten:
            if not self._keeps(digest):  # another writer may have kept it meanwhile
                raise

    def _keeps(self, digest: str) -> bool:
        """Tell whether a knowledge base is kept."""
        if digest not in self._bases:
            self._bases |= set(self.column(select(tables.knowledge.c.digest)))
        return digest in self._bases

    def erase(self, record: str, reason: str) -> WrittenRow:
        """Take what names a patient out of a decision and out of the index; the chain stays whole.

        Raises `Unknown` when there is no such decision, it holds nothing, or it is on hold. What a clinician wrote about it
        goes too.
        """
        written, kept = tables.records.c, tables.payloads.c
        joined = tables.records.outerjoin(tables.payloads, kept.seq == written.seq)
        about = (written.id == record) | (written.about == record)
        asked = select(written.seq, written.id, written.kind, kept.seq.label("kept")).select_from(joined).where(about)
        rows = self.rows(asked.order_by(written.seq))
        if is_held([row.kind for row in rows]):
            raise Unknown(f"record {record} is held; release it first, if that is right")
        full = [row for row in rows if row.kept is not None]
        if not full:
            raise Unknown(f"record {record} holds nothing to erase" if rows else f"there is no record {record}")
        entries = [self._write("erased", row.id, {"reason": reason}, forget=row.seq) for row in full]
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")
        return entries[-1]

    def pseudonym(self, case: str) -> str:
        """Return the name under which a case stands in the chain; without this journal it leads nowhere."""
        if self.is_copy:
            raise Invalid.at(
                self.where, "is a copy, which does not know cases by their names; search by what was given"
            )
        return hmac.new(self._pseudonyms, case.encode(), "sha256").hexdigest()

    def _write(
        self,
        kind: str,
        about: str | None,
        body: Mapping[str, Any],
        payload: bytes | None = None,
        beside: Callable[[int], Rows] = lambda seq: (),
        texts: Mapping[str, str] = NO_TEXTS,
        forget: int | None = None,
    ) -> WrittenRow:
        """Write one row with all that belongs to it, in one transaction, then its checkpoint; raise `Unwritten`.

        `beside` gives what stands in other tables of a row of this number. Those of the shared `texts` that are new here
        stand in the chain by their ids. What the row `forget` holds is erased.
        """
        key, salt = self.key, secrets.token_bytes(32)
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        columns = {"kind": kind, "id": (row_id := _uuid7()), "about": about, "at": at}
        more = {
            "schema": FORMAT,
            "actor": _actor(self.who, self.behalf),
            "payload": None if payload is None else sha256(salt, payload).hex(),
        }
        try:
            with self._writing() as connection:
                last = connection.execute(_LAST).first()
                seq, before = (last.seq + 1, last.hash.hex()) if last else (1, EMPTY)
                new = self._new(connection, texts)
                told = {**body, "texts": sorted(new)} if new else dict(body)
                envelope = canonical({**columns, **more, "seq": seq, "prev": before, "body": told})
                leaf = sha256(envelope)
                row = {"seq": seq, **columns, "envelope": envelope, "hash": leaf}
                held = [] if payload is None else [{"seq": seq, "salt": salt, "content": payload}]
                shared = [{"id": name, "content": texts[name]} for name in sorted(new)]
                _insert(connection, [(tables.records, [row]), (tables.payloads, held), (tables.texts, shared)])
                _insert(connection, beside(seq))
                for table in (tables.payloads, *tables.INDEXES) if forget is not None else ():
                    connection.execute(table.delete().where(table.c.seq == forget))
                note = sign(connection, key, seq, leaf, at)
                if note is None:
                    message = f"row {seq - 1} is not one that was written here; `metspine journal verify` says more"
                    raise Unwritten.at(self.where, message)
            witness(self.witness, note)
        except (SQLAlchemyError, OSError) as error:
            message = f"cannot be written ({cause(error)}), so nothing is shown; mend it, or leave --journal out"
            raise Unwritten.at(self.where, message) from None
        self._texts |= new
        return WrittenRow(seq, row_id)

    def _new(self, connection: Connection, texts: Mapping[str, str]) -> set[str]:
        """Return the ids of those texts that are not kept yet."""
        asked = texts.keys() - self._texts
        there = select(tables.texts.c.id).where(tables.texts.c.id.in_(asked))
        return asked - set(connection.execute(there).scalars()) if asked else set()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Give a connection whose transaction no other writer shares."""
        with self.engine.execution_options(writes=True).begin() as connection:
            if connection.dialect.name != "sqlite":
                connection.exec_driver_sql("LOCK TABLE records IN EXCLUSIVE MODE")
            yield connection


_LAST = select(tables.records.c.seq, tables.records.c.hash).order_by(tables.records.c.seq.desc()).limit(1)


def _insert(connection: Connection, rows: Rows) -> None:
    for table, found in rows:
        if found:
            connection.execute(insert(table), found)


ACTOR: ContextVar[tuple[str, str] | None] = ContextVar("actor", default=None)  # a name and a role, where one logged in


def _actor(who: str, behalf: str) -> dict[str, str]:
    """Return who writes: who has logged in, for nobody else; else the pseudonyms given, or what the environment says."""
    if logged_in := ACTOR.get():
        return dict(zip(("id", "role"), logged_in, strict=True))
    found = {"id": who or os.environ.get("METSPINE_ACTOR", ""), "role": os.environ.get("METSPINE_ROLE", "")}
    other = behalf or os.environ.get("METSPINE_ON_BEHALF_OF", "")
    return {**found, "on_behalf_of": other} if other else found


def _retention() -> dict[str, str]:
    """Return the class by which a record is kept, where one is set."""
    said = os.environ.get(RETENTION)
    return {"retention": said} if said else {}


def is_held(kinds: Iterable[str]) -> bool:
    """Tell from the events about a decision, oldest first, whether it is on hold."""
    return next((kind for kind in reversed([*kinds]) if kind in ("held", "released")), "") == "held"


def _uuid7() -> str:
    """Return a UUID of version 7 (RFC 9562): milliseconds, then chance."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    number = number & ~(0xF << 76) | 0x7 << 76
    return str(UUID(int=number & ~(0x3 << 62) | 0x2 << 62))
