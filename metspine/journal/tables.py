"""The tables of a journal, on SQLite or PostgreSQL; triggers refuse to change or remove what was written.

`records` is the chain and holds nothing that names a patient; `payloads` holds what does, and gives a row up only when its
erasure was written down; `texts` what records share of the knowledge. The tables after `meta` are an index to search by,
worked out from the payloads.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    type_coerce,
)
from sqlalchemy.engine import Connection

metadata = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, metadata, *columns, sqlite_strict=True)


def _index_table(name: str, *columns: Column[Any]) -> Table:
    """Return a table of the index: its rows lie in the order of their key, which starts with the row of the decision."""
    seq = Column("seq", Integer, ForeignKey("records.seq"), primary_key=True, autoincrement=False)
    return Table(name, metadata, seq, *columns, sqlite_strict=True, sqlite_with_rowid=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _key(name: str, index: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=True, index=index)


records = _table(
    "records",
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("kind"),
    Column("id", Text, nullable=False, unique=True),
    Column("about", Text, index=True),
    _text("at"),
    Column("envelope", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
payloads = _table(
    "payloads",
    Column("seq", Integer, ForeignKey("records.seq"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
knowledge = _table("knowledge", _key("digest"), Column("content", LargeBinary, nullable=False))
texts = _table("texts", _key("id"), _text("content"))
checkpoints = _table(
    "checkpoints",
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("peaks", LargeBinary, nullable=False),
    _text("note"),
)
meta = _table("meta", _key("name"), _text("value"))

decisions = _index_table(
    "decisions", _text("knowledge"), _text("decision"), Column("pseudonym", Text, nullable=False, index=True)
)
firings = _index_table("firings", _key("rule", True), _key("version"), Column("decisive", Integer, nullable=False))
givens = _index_table("givens", _key("fact", True), _text("value"))
outcomes = _index_table("outcomes", _key("lesion"), _key("pathway", True), _text("status"))
measures = _index_table("measures", _key("measure", True), _key("urgency"))
alerts = _index_table("alerts", _key("rule"), _key("level", True))
overrides = _index_table("overrides", _key("rule"), _text("about"), _text("lesion"), _text("pathway"), _text("reason"))

KEPT = ("records", "knowledge", "texts", "checkpoints", "meta")
INDEXES = (decisions, firings, givens, outcomes, measures, alerts, overrides)
ERASED = "EXISTS (SELECT 1 FROM records e, records r WHERE r.seq = OLD.seq AND e.kind = 'erased' AND e.about = r.id)"


def within(table: Table, part: range) -> ColumnElement[bool]:
    """Return whether a row is in a part of a journal; a part may end where no number of a row can be."""
    return type_coerce(table.c.seq, BigInteger).between(part.start, part.stop - 1)


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
