"""The database of a journal: made, opened so that what is committed is on the disk, and what it says of itself."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, insert, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from knowledge_base.text.errors import Invalid
from metspine.journal import tables

FORMAT = "metspine.journal/3"
META = {"name", "key", "key_file", "pseudonyms", "witness"}
WAIT_MS = 30_000


def make(place: str, meta: Mapping[str, str]) -> None:
    """Make the tables of a journal; a file is for its owner alone, for it holds patients."""
    rows = {"format": FORMAT, **meta}
    if "://" not in place:
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(place, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with engine_of(place).begin() as connection:
            tables.create(connection)
            connection.execute(insert(tables.meta), [{"name": n, "value": v} for n, v in rows.items()])
    except SQLAlchemyError as error:
        raise Invalid.at(place, f"cannot be made ({cause(error)})") from None


def engine_of(where: str) -> Engine:
    """Return a database; writers of SQLite take turns from the start, and a commit is on the disk."""
    if "://" in where:
        return create_engine(where, poolclass=NullPool)
    # Each use opens the file anew and closes it, so that the last one leaves one file, without a log beside it.
    found = create_engine(f"sqlite:///{Path(where).absolute()}", poolclass=NullPool)

    @event.listens_for(found, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        for pragma in (
            f"busy_timeout={WAIT_MS}", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "trusted_schema=OFF",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(found, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")

    return found


def meta_in(engine: Engine, where: str) -> Mapping[str, str]:
    """Return what a journal says of itself; raise `Invalid` when it is none, or not all of it is there."""
    try:
        with engine.connect() as connection:
            found = {row.name: row.value for row in connection.execute(select(tables.meta))}
    except SQLAlchemyError as error:
        raise Invalid.at(where, f"is not a journal ({cause(error)})") from None
    if found.get("format") != FORMAT:
        raise Invalid.at(where, f"is not a journal of the format {FORMAT}")
    if missing := META - found.keys():
        raise Invalid.at(where, f"is not whole; in the table meta there is no {', '.join(sorted(missing))}")
    return found


def cause(error: Exception) -> str:
    """Return what a database said, in a line."""
    found = getattr(error, "orig", None) or error
    return str(found).strip().partition("\n")[0]
