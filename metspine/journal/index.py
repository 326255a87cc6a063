"""What a journal is searched by: rows worked out from the record of a decision."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Table

from engine.record import DecisionRecord
from knowledge_base.canonical_json import canonical, numbers
from metspine.journal import tables

Rows = list[tuple[Table, list[dict[str, Any]]]]


def index_rows(seq: int, record: DecisionRecord, pseudonym: str) -> Rows:
    """Return the rows of the index for one decision; `pseudonym` is the name of its case in the journal."""
    advice = record.advice
    options = [(lesion.id, option) for lesion in advice.lesions for option in lesion.options]
    found: dict[Table, Iterator[dict[str, Any]]] = {
        tables.decisions: iter(
            [
                {
                    "knowledge": advice.knowledge_base.digest,
                    "decision": record.digests.decision,
                    "pseudonym": pseudonym,
                }
            ]
        ),
        tables.firings: ({"rule": f.rule, "version": f.version, "subject": f.subject} for f in advice.firings),
        tables.givens: (
            {"fact": str(fact.id), "value": canonical(numbers(fact.given)).decode()}
            for fact in advice.facts
            if fact.given is not None
        ),
        tables.outcomes: ({"lesion": x, "pathway": o.pathway, "status": o.status} for x, o in options),
        tables.arguments: (
            {"lesion": x, "pathway": o.pathway, "rule": a.rule, "stance": a.stance}
            for x, o in options
            for a in o.arguments
        ),
        tables.measures: ({"measure": m.measure, "urgency": m.urgency} for m in advice.measures),
        tables.alerts: ({"level": alert.level, "rule": alert.rule} for alert in advice.alerts),
    }
    return [(table, [{"seq": seq, **row} for row in rows]) for table, rows in found.items()]


def index_event(seq: int, kind: str, about: str | None, body: Mapping[str, Any]) -> Rows:
    """Return the rows of the index for an event."""
    if kind != "overridden":
        return []
    common = {"seq": seq, "about": about, **{name: body[name] for name in ("lesion", "pathway", "reason")}}
    return [(tables.overrides, [{**common, "rule": rule} for rule in body["rules"] or [""]])]
