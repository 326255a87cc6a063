"""Recall: whom a rule advised, and whom a corrected one would now advise otherwise.

Looking for firings alone finds half of them. A wrong rule also harms where it should have fired and did not, so every
decision that was given under the knowledge in question is repeated under the corrected one.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from engine.advice import Advice
from engine.inference.trace import Json, Record
from engine.record import DecisionRecord, case_of_record
from engine.run import Run
from engine.verification.parallel import each
from knowledge_base.canonical_json import digest
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import Invalid
from metspine.journal.offline import Row
from metspine.journal.queries import Held, reasoner_for
from metspine.journal.store import Journal
from metspine.journal.verification import parts_of, records_of

Consequence = Literal["danger", "recommendation", "measure", "firing", "none", "unreadable"]
CONSEQUENCES: tuple[Consequence, ...] = ("danger", "recommendation", "measure", "firing", "none", "unreadable")


class Recalled(Record):
    """One decision that a recall is about."""

    consequence: Consequence = Field(
        description="what is otherwise: an alert of danger, what is recommended, a measure, only that the rule fires, "
        "nothing; unreadable: the corrected knowledge cannot read the case"
    )
    seq: int
    id: str
    at: str
    case: str
    decision: str
    fired: bool = Field(description="whether the rule fired then")
    fires: bool | None = Field(
        description="whether it fires under the corrected knowledge; null when nothing was corrected"
    )
    recommended_then: Json
    recommended_now: Json
    measures: tuple[str, ...] = Field(description="measures added (+) and taken away (-)")
    dangers: tuple[str, ...] = Field(description="rules that tell of a danger, added (+) and taken away (-)")


class Recall(Record):
    """Everybody whom a recall is about, by consequence."""

    rule: str
    knowledge: str = Field(description="digest of the knowledge that is recalled; its first digits")
    corrected: str | None = Field(description="digest of the corrected knowledge")
    looked_at: int = Field(description="decisions given under the recalled knowledge")
    recalled: tuple[Recalled, ...]


@dataclass(frozen=True)
class Asked:
    """What is recalled of which journal, and the runs of each process so far."""

    journal: Journal
    rule: str
    wrong: str
    corrected: KnowledgeBase | None
    runs: dict[str, Advice | None]


def recall(journal: Journal, rule: str, wrong: str, corrected: KnowledgeBase | None = None, jobs: int = 1) -> Recall:
    """Return the decisions under knowledge (by the first digits of its digest) that a rule advised, or should have.

    Without corrected knowledge those in which it fired; with it also those that it would now advise otherwise.
    """
    told = each(_recalled_in, parts_of(journal), Asked(journal, rule, wrong, corrected, {}), jobs)
    found = [one for part in told for one in part if one.fired or one.consequence != "none"]
    return Recall(
        rule=rule,
        knowledge=wrong,
        corrected=corrected.digest if corrected else None,
        looked_at=sum(map(len, told)),
        recalled=tuple(sorted(found, key=lambda one: (CONSEQUENCES.index(one.consequence), one.seq))),
    )


def _recalled_in(asked: Asked, part: range) -> list[Recalled]:
    """Return what became of every decision in a part."""
    base = asked.corrected
    return [
        _recalled(row, record, asked.rule, _again(record, base, asked.runs) if base else None, base is not None)
        for row, record in records_of(asked.journal, part, asked.wrong)
    ]


def _again(record: DecisionRecord, base: KnowledgeBase, runs: dict[str, Advice | None]) -> Advice | None:
    """Return the advice under corrected knowledge; None when it cannot read the case. Equal patients are run once."""
    sides = record.advice.knowledge_base.sides
    patient = {name: record.case[name] for name in ("patient", "lesions")}
    key = digest({"case": str(patient), "sides": dict(sorted(sides.items()))})
    if key not in runs:
        reasoner = reasoner_for(base.digest, tuple(sorted(sides.items())), Held(base))
        try:
            runs[key] = Run(case_of_record(record, reasoner.knowledge), reasoner).advice
        except Invalid:
            runs[key] = None
    return runs[key]


def _recalled(row: Row, record: DecisionRecord, rule: str, now: Advice | None, is_corrected: bool) -> Recalled:
    then = record.advice
    fired = _fires(then, rule)
    fires = _fires(now, rule) if now else None
    measures = _changes(_measures(then), _measures(now)) if now else ()
    dangers = _changes(_dangers(then), _dangers(now)) if now else ()
    told = {lesion.id: list(lesion.recommended) for lesion in then.lesions}
    tells = {lesion.id: list(lesion.recommended) for lesion in now.lesions} if now else None
    if is_corrected and now is None:
        consequence: Consequence = "unreadable"
    elif dangers:
        consequence = "danger"
    elif tells is not None and tells != told:
        consequence = "recommendation"
    elif measures:
        consequence = "measure"
    else:
        consequence = "firing" if fires is not None and fires != fired else "none"
    return Recalled(
        consequence=consequence,
        seq=row.seq,
        id=row.id,
        at=row.at,
        case=then.case,
        decision=record.digests.decision,
        fired=fired,
        fires=fires,
        recommended_then=told,
        recommended_now=tells,
        measures=measures,
        dangers=dangers,
    )


def _fires(advice: Advice, rule: str) -> bool:
    return any(firing.rule == rule for firing in advice.firings)


def _measures(advice: Advice) -> set[str]:
    return {f"{measure.measure} {measure.urgency}" for measure in advice.measures}


def _dangers(advice: Advice) -> set[str]:
    return {alert.rule for alert in advice.alerts if alert.level == "danger"}


def _changes(before: set[str], after: set[str]) -> tuple[str, ...]:
    return (*(f"+{name}" for name in sorted(after - before)), *(f"-{name}" for name in sorted(before - after)))


def as_csv(found: Recall) -> str:
    """Return a recall as CSV, one decision a line; nothing in it starts as a formula of a spreadsheet does."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(Recalled.model_fields)
    for one in found.recalled:
        writer.writerow(_cell(value) for value in one.model_dump().values())
    return stream.getvalue()


def _cell(value: Json) -> str:
    if isinstance(value, dict):
        value = "; ".join(f"{lesion}: {', '.join(names) or 'nothing'}" for lesion, names in value.items())
    elif isinstance(value, Iterable) and not isinstance(value, str):
        value = " ".join(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
