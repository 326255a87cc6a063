"""What a journal is searched by: rows worked out from the record of a decision."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from knowledge_base.canonical_json import canonical, numbers
from metspine.journal import tables

DECISIVE = {
    ("recommend", "recommended"),
    ("exclude", "excluded"),
}  # the stance of an argument, and what became of the pathway
Rows = Sequence[tuple[Table, list[dict[str, Any]]]]


def index_rows(seq: int, advice: Mapping[str, Any], decision: str, pseudonym: str) -> Rows:
    """Return the rows of the index for one decision from its advice as JSON; `pseudonym` is the name of its case here."""
    options = [(lesion["id"], option) for lesion in advice["lesions"] for option in lesion["options"]]
    decisive = {a["rule"] for _, o in options for a in o["arguments"] if (a["stance"], o["status"]) in DECISIVE}
    found: dict[Table, Iterable[tuple[Any, ...]]] = {
        tables.decisions: [(advice["knowledge_base"]["digest"], decision, pseudonym)],
        tables.firings: ((f["rule"], f["version"], int(f["rule"] in decisive)) for f in advice["firings"]),
        tables.givens: (
            (fact["id"], canonical(numbers(fact["given"])).decode())
            for fact in advice["facts"]
            if fact["given"] is not None
        ),
        tables.outcomes: ((lesion, option["pathway"], option["status"]) for lesion, option in options),
        tables.measures: ((measure["measure"], measure["urgency"]) for measure in advice["measures"]),
        tables.alerts: ((alert["rule"], alert["level"]) for alert in advice["alerts"]),
    }
    return [(table, _rows(table, seq, sorted(set(rows)))) for table, rows in found.items()]


def index_event(seq: int, kind: str, about: str | None, body: Mapping[str, Any]) -> Rows:
    """Return the rows of the index for an event."""
    if kind != "overridden":
        return []
    said = (about, body["lesion"], body["pathway"], body["reason"])
    return [(tables.overrides, _rows(tables.overrides, seq, [(rule, *said) for rule in body["rules"] or [""]]))]


def _rows(table: Table, seq: int, values: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(zip(table.c.keys(), (seq, *row), strict=True)) for row in values]
