"""The tables of a journal, on SQLite or PostgreSQL; triggers refuse to change or remove what was written.

`records` is the chain and holds nothing that names a patient; `payloads` holds what does, and gives a row up only when its
erasure was written down. The tables after them are an index to search by, worked out from the payloads.
"""

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.engine import Connection

metadata = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, metadata, *columns, sqlite_strict=True)


def _seq() -> Column[int]:
    return Column("seq", Integer, ForeignKey("records.seq"), nullable=False, index=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


records = _table(
    "records",
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("kind"),
    Column("id", Text, nullable=False, unique=True),
    Column("about", Text, index=True),
    _text("at"),
    Column("envelope", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
payloads = _table(
    "payloads",
    Column("seq", Integer, ForeignKey("records.seq"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
knowledge = _table(
    "knowledge", Column("digest", Text, primary_key=True), Column("content", LargeBinary, nullable=False)
)
checkpoints = _table(
    "checkpoints",
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("peaks", LargeBinary, nullable=False),
    _text("note"),
)
meta = _table("meta", Column("name", Text, primary_key=True), _text("value"))

decisions = _table(
    "decisions",
    Column("seq", Integer, ForeignKey("records.seq"), primary_key=True, autoincrement=False),
    _text("knowledge"),
    _text("decision"),
    _text("pseudonym"),
)
firings = _table(
    "firings", _seq(), Column("rule", Text, nullable=False, index=True), _text("version"), _text("subject")
)
givens = _table("givens", _seq(), Column("fact", Text, nullable=False, index=True), _text("value"))
outcomes = _table(
    "outcomes", _seq(), _text("lesion"), Column("pathway", Text, nullable=False, index=True), _text("status")
)
arguments = _table("arguments", _seq(), _text("lesion"), _text("pathway"), _text("rule"), _text("stance"))
measures = _table("measures", _seq(), Column("measure", Text, nullable=False, index=True), _text("urgency"))
alerts = _table("alerts", _seq(), _text("level"), Column("rule", Text, nullable=False, index=True))
overrides = _table(
    "overrides", _seq(), _text("about"), _text("lesion"), _text("pathway"), _text("reason"), _text("rule")
)

KEPT = ("records", "knowledge", "checkpoints", "meta")
INDEXES = (decisions, firings, givens, outcomes, arguments, measures, alerts, overrides)
ERASED = "EXISTS (SELECT 1 FROM records e, records r WHERE r.seq = OLD.seq AND e.kind = 'erased' AND e.about = r.id)"


def create(connection: Connection) -> None:
    """Make all tables and triggers."""
    metadata.create_all(connection)
    if connection.dialect.name == "sqlite":
        for name in (*KEPT, "payloads"):
            _refuse_on_sqlite(connection, name, "UPDATE", "")
        for name in KEPT:
            _refuse_on_sqlite(connection, name, "DELETE", "")
        _refuse_on_sqlite(connection, "payloads", "DELETE", f"WHEN NOT {ERASED}")
    else:
        _refuse_on_postgresql(connection)


def _refuse_on_sqlite(connection: Connection, table: str, what: str, when: str) -> None:
    connection.exec_driver_sql(
        f"CREATE TRIGGER {table}_{what.lower()} BEFORE {what} ON {table} {when} "
        "BEGIN SELECT RAISE(ABORT, 'a journal is added to, and nothing else'); END"
    )


def _refuse_on_postgresql(connection: Connection) -> None:
    refuse = "RAISE EXCEPTION 'a journal is added to, and nothing else'"
    connection.exec_driver_sql(
        f"CREATE FUNCTION metspine_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse}; END $$"
    )
    connection.exec_driver_sql(
        "CREATE FUNCTION metspine_erase() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {ERASED} THEN RETURN OLD; END IF; {refuse}; END $$"
    )
    for table in KEPT:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION metspine_refuse()"
        )
    for what, function in (("UPDATE", "metspine_refuse"), ("DELETE", "metspine_erase")):
        connection.exec_driver_sql(
            f"CREATE TRIGGER payloads_{what.lower()} BEFORE {what} ON payloads "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        )
    for table in (*KEPT, "payloads"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION metspine_refuse()"
        )
