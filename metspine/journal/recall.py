"""Recall: whom a rule advised, and whom a corrected one would now advise otherwise.

Looking for firings alone finds half of them. A wrong rule also harms where it should have fired and did not, so every
decision that was given under the knowledge in question is repeated under the corrected one: without a trace, by the program
that advises on many at once.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import Field
from sqlalchemy import ColumnElement, Table, select

from cases.model import Case
from cases.plain import case_from
from engine.cohort import LesionVerdict, lesion_verdicts_on
from engine.inference.trace import Json, Record
from engine.verification.parallel import each
from knowledge_base.grouping import grouped
from knowledge_base.language.knowledge import ByIdentity, KnowledgeBase
from knowledge_base.language.rules import soonest
from knowledge_base.text.errors import Invalid
from metspine.files import safe_cell
from metspine.journal import tables
from metspine.journal.offline import Row, envelope_of
from metspine.journal.payloads import case_in
from metspine.journal.queries import sided
from metspine.journal.store import Journal
from metspine.journal.verification import is_whole, parts_of, stored_in

PART = 4000  # rows of which the patients go through the program together
Consequence = Literal["danger", "recommendation", "measure", "firing", "none", "unreadable"]
CONSEQUENCES: tuple[Consequence, ...] = get_args(Consequence)


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
class ComparedDecision:
    """What is compared of one decision, then or now."""

    recommended: dict[str, list[str]]
    measures: set[str]
    dangers: set[str]
    fired: bool


@dataclass(frozen=True)
class Decision:
    """One decision under the recalled knowledge: its row, what it said, and its inputs."""

    row: Row
    digest: str
    said: ComparedDecision
    case: dict[str, Any]
    sides: dict[str, str]


@dataclass(frozen=True)
class RecallQuery:
    journal: Journal
    rule: str
    wrong: str
    corrected: KnowledgeBase | None


def recall(journal: Journal, rule: str, wrong: str, corrected: KnowledgeBase | None = None, jobs: int = 1) -> Recall:
    """Return the decisions under knowledge (by the first digits of its digest) that a rule advised, or should have.

    Without corrected knowledge those in which it fired; with it also those that it would now advise otherwise. What was said
    then is read from the index, which `verification` holds against the records.
    """
    told = each(_recalled_in, parts_of(journal, PART), RecallQuery(journal, rule, wrong, corrected), jobs)
    found = [one for part in told for one in part if one.fired or one.consequence != "none"]
    return Recall(
        rule=rule,
        knowledge=wrong,
        corrected=corrected.digest if corrected else None,
        looked_at=sum(map(len, told)),
        recalled=tuple(sorted(found, key=lambda one: (CONSEQUENCES.index(one.consequence), one.seq))),
    )


def _recalled_in(asked: RecallQuery, part: range) -> list[Recalled]:
    """Return what became of every decision in a part."""
    decisions = list(_decisions(asked, part))
    if asked.corrected is None:
        return [_recalled(one, None, False) for one in decisions]
    now = _now(decisions, asked.rule, asked.corrected)
    return [_recalled(one, now[_patient(one)], True) for one in decisions]


def _decisions(asked: RecallQuery, part: range) -> Iterator[Decision]:
    """Yield the decisions in a part that were given under the knowledge and not erased; an edited one is left out."""
    with asked.journal.engine.connect() as connection:

        def rows(table: Table, *where: ColumnElement[bool]) -> dict[int, tuple[Any, ...]]:
            wanted = select(table).where(tables.within(table, part), *where).order_by(*table.primary_key.columns)
            return grouped((row.seq, row) for row in connection.execute(wanted))

        digests = rows(tables.decisions, tables.decisions.c.knowledge.startswith(asked.wrong, autoescape=True))
        fired = rows(tables.firings, tables.firings.c.rule == asked.rule)
        outcomes = rows(tables.outcomes)
        measures = rows(tables.measures)
        dangers = rows(tables.alerts, tables.alerts.c.level == "danger")
    for row, content in stored_in(asked.journal, part):
        seq = row.seq
        if seq not in digests or not is_whole(row):
            continue
        recommended: dict[str, list[str]] = {}
        for told in outcomes.get(seq, ()):
            recommended.setdefault(told.lesion, []).extend([told.pathway] * (told.status == "recommended"))
        said = ComparedDecision(
            recommended,
            {f"{one.measure} {one.urgency}" for one in measures.get(seq, ())},
            {one.rule for one in dangers.get(seq, ())},
            seq in fired,
        )
        sides = envelope_of(row)["body"]["knowledge"]["sides"]
        yield Decision(row, digests[seq][0].decision, said, case_in(content), sides)


def _patient(one: Decision) -> str:
    """Return what two decisions share that are run once."""
    case = {name: said for name, said in one.case.items() if name in ("patient", "lesions", "measures")}
    return json.dumps([case, one.sides], sort_keys=True)


def _now(decisions: Iterable[Decision], rule: str, base: KnowledgeBase) -> dict[str, ComparedDecision | None]:
    """Return, by patient, what corrected knowledge says; None when it cannot read the case."""
    patients = {_patient(one): one for one in decisions}
    found: dict[str, ComparedDecision | None] = dict.fromkeys(patients)
    groups: dict[ByIdentity, dict[str, Case]] = {}
    for key, one in patients.items():
        knowledge = sided(base, one.sides)
        with suppress(Invalid):
            groups.setdefault(ByIdentity(knowledge), {})[key] = case_from(one.case, knowledge, typed=False)
    for held, cases in groups.items():
        for (key, case), verdicts in zip(
            cases.items(), lesion_verdicts_on(list(cases.values()), held.base), strict=True
        ):
            found[key] = _said(case, verdicts, rule)
    return found


def _said(case: Case, verdicts: Sequence[LesionVerdict], rule: str) -> ComparedDecision:
    called = soonest(item for verdict in verdicts for item in verdict.measures.items())
    return ComparedDecision(
        {lesion.id: list(verdict.recommended) for lesion, verdict in zip(case.lesions, verdicts, strict=True)},
        {f"{name} {urgency}" for name, urgency in called.items() if name not in case.measures},
        {danger for verdict in verdicts for danger in verdict.dangers},
        any(name.partition("@")[0] == rule for verdict in verdicts for name in verdict.fired),
    )


def _recalled(one: Decision, now: ComparedDecision | None, is_corrected: bool) -> Recalled:
    then = one.said
    measures = _changes(then.measures, now.measures) if now else ()
    dangers = _changes(then.dangers, now.dangers) if now else ()
    if is_corrected and now is None:
        consequence: Consequence = "unreadable"
    elif dangers:
        consequence = "danger"
    elif now and now.recommended != then.recommended:
        consequence = "recommendation"
    elif measures:
        consequence = "measure"
    else:
        consequence = "firing" if now and now.fired != then.fired else "none"
    return Recalled(
        consequence=consequence,
        seq=one.row.seq,
        id=one.row.id,
        at=one.row.at,
        case=one.case["case"],
        decision=one.digest,
        fired=then.fired,
        fires=now.fired if now else None,
        recommended_then=then.recommended,
        recommended_now=now.recommended if now else None,
        measures=measures,
        dangers=dangers,
    )


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
    return safe_cell("" if value is None else str(value))
