"""One part of a registry: rows of patients heard, advised on, and made rows of advice."""

import gc
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress
from operator import ne

from cases.columns import DATE, LESION, PATIENT, Header, TableEar
from cases.model import LESION_ID
from engine.cohort import LISTS, Cohort, Columns, LesionVerdict, LesionVerdicts
from knowledge_base.grouping import grouped
from knowledge_base.language.knowledge import KnowledgeBase
from metspine.registry.plans import COLUMNS as PLAN_COLUMNS
from metspine.registry.plans import Planning
from metspine.registry.tables import Batch

ANSWERS = ("error", "recommended", "stopped", "measures", "dangers", "missing", "contradictions")
ENGINE = "engine"  # the column that says which engine a row is of
_LESION_ID = re.compile(LESION_ID)


@dataclass
class Rows:
    """Consecutive rows of a table, patients whole: who each row is about, its cells, and what is broken."""

    patients: list[str | None]
    columns: dict[str, tuple[list[object], list[int]]]
    broken: dict[int, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.patients)

    def cell(self, name: str, row: int) -> object:
        """Return a cell; nothing where there is no such column."""
        if name not in self.columns:
            return None
        cells, codes = self.columns[name]
        return cells[codes[row]]

    @cached_property
    def groups(self) -> list[tuple[int, ...]]:
        """Return the rows of each patient; a row of nobody stands alone."""
        found: list[list[int]] = []
        for row, who in enumerate(self.patients):
            if row and who is not None and who == self.patients[row - 1]:
                found[-1].append(row)
            else:
                found.append([row])
        return [tuple(rows) for rows in found]


def parts_of(batches: Iterable[Batch], size: int) -> Iterator[Rows]:
    """Yield all rows in parts of at least so many, cut between patients."""
    held: Rows | None = None
    for batch in batches:
        held = _rows(batch) if held is None else _together(held, _rows(batch))
        while held is not None and held.size > size:
            cut = _border(held.patients, size)
            if cut == held.size:
                break  # the last patient may go on in the next batch
            first, held = _slice(held, 0, cut), _slice(held, cut, held.size)
            yield first
    if held is not None and held.size:
        yield held


def _border(patients: Sequence[str | None], at: int) -> int:
    while at < len(patients) and patients[at] is not None and patients[at] == patients[at - 1]:
        at += 1
    return at


def _rows(batch: Batch) -> Rows:
    return Rows(names_of(batch), dict(batch.columns), dict(batch.broken))


def names_of(batch: Batch) -> list[str | None]:
    """Return whose row each row is; nothing where it does not say."""
    cells, codes = batch.columns[PATIENT]
    names = [None if cell is None or not str(cell).strip() else str(cell).strip() for cell in cells]
    return [None if row in batch.broken else names[code] for row, code in enumerate(codes)]


def _together(a: Rows, b: Rows) -> Rows:
    columns = {
        name: (cells + b.columns[name][0], [*codes, *map(len(cells).__add__, b.columns[name][1])])
        for name, (cells, codes) in a.columns.items()
    }
    broken = a.broken | {a.size + row: wrong for row, wrong in b.broken.items()}
    return Rows(a.patients + b.patients, columns, broken)


def _slice(rows: Rows, low: int, high: int) -> Rows:
    columns = {name: (cells, codes[low:high]) for name, (cells, codes) in rows.columns.items()}
    broken = {row - low: wrong for row, wrong in rows.broken.items() if low <= row < high}
    return Rows(rows.patients[low:high], columns, broken)


@dataclass(frozen=True)
class PartAdvice:
    """What became of a part: its rows of advice by column, and what is counted of it."""

    rows: Mapping[str, Sequence[object]]
    counts: Mapping[str, int]
    fired: Counter[str]
    cover: Mapping[str, str]  # for each rule that fired, a patient for whom it did


class PartAdviser:
    """Advises on parts of one table, in one process."""

    def __init__(
        self,
        cohort: Cohort,
        header: Header,
        is_typed: bool,
        fired: bool = False,
        scattered: Iterable[str] = (),
        planned: bool = False,
    ) -> None:
        self.cohort = cohort
        self.header = header
        self.fired = fired
        self.scattered = frozenset(scattered)
        self.ear = TableEar(header, cohort.knowledge, is_typed)
        self.planning = Planning(cohort.knowledge) if planned else None

    def advise(self, rows: Rows) -> PartAdvice:
        """Return the advice on a part: a row for each of its rows, in order."""
        with uncollected():
            return self._advised(rows)

    def _advised(self, rows: Rows) -> PartAdvice:
        columns, errors = self.heard(rows)
        found = self.cohort.advise(columns, self.fired)
        counts = {
            "rows": rows.size,
            "patients": len(rows.groups),
            "errors": len(errors),
            "stopped": sum(map(bool, found.lists["stopped"])),
            "contradictory": sum(map(bool, found.lists["contradictions"])),
            "by_experta": len(found.by_experta),
        }
        cover = {name: str(rows.patients[row]) for name, row in found.cover.items()}
        return PartAdvice(self._rows(rows, columns, found, errors), counts, found.counts, cover)

    def heard(self, rows: Rows) -> tuple[Columns, dict[int, str]]:
        """Return the patients of a part who can be advised on, and what is wrong with the rows of the others."""
        heard = self.ear.hear(rows.columns, rows.size)
        lesions = [_lesion(rows.cell(LESION, row)) for row in range(rows.size)]
        patients: list[tuple[int, ...]] = []
        errors: dict[int, str] = {}
        vocabulary = self.cohort.knowledge.vocabulary
        by_patient = [name for name in heard.codes if vocabulary[name].of == "patient"]
        named = {name: not list(_lesions((name,))) for name in set(lesions)}
        differing = _differing(rows.groups, {name: heard.codes[name] for name in by_patient})
        for group in rows.groups:
            if LESION not in rows.columns:
                for i, row in enumerate(group):
                    lesions[row] = f"L{i + 1}"
            if len(group) == 1 and self._is_plain(rows, group[0], heard.errors, named.get(lesions[group[0]], True)):
                patients.append(group)
                continue
            wrong = list(self._wrong(rows, group, lesions, heard.errors, heard.codes, differing.get(group[0], ())))
            if wrong:
                errors.update((row, "; ".join(wrong)) for row in group)
            else:
                patients.append(tuple(sorted(group, key=lambda row: lesions[row])))
        return Columns(patients, lesions, heard.codes, self.ear.meanings), errors

    def _is_plain(self, rows: Rows, row: int, refused: Mapping[int, list[str]], is_named: bool) -> bool:
        """Tell at once, of a patient with one row, that nothing is wrong."""
        patient = rows.patients[row]
        return is_named and row not in refused and patient is not None and patient not in self.scattered

    def _wrong(
        self,
        rows: Rows,
        group: tuple[int, ...],
        lesions: Sequence[str],
        refused: Mapping[int, list[str]],
        codes: Mapping[str, list[int]],
        differing: Sequence[str],
    ) -> Iterator[str]:
        """Yield what is wrong with the rows of a patient; give all of them what one says of the patient."""
        patient = rows.patients[group[0]]
        if group[0] in rows.broken:
            yield rows.broken[group[0]]
            return
        if patient is None:
            yield "it does not say whose row it is; fill in `patient`"
        elif patient in self.scattered:
            yield f"the rows of patient {patient} do not stand together; sort the table by `patient`"
        told = grouped((text, lesions[row]) for row in group for text in refused.get(row, ()))
        for text, about in told.items():
            yield text if len(about) == len(group) else f"lesion {' and '.join(about)}: {text}"
        yield from _lesions(lesions[row] for row in group)
        if DATE in rows.columns and len({rows.cell(DATE, row) for row in group} - {None, ""}) > 1:
            yield "its rows have different dates; a patient is advised on as of one day"
        for name in differing:
            said = sorted({codes[name][row] for row in group} - {0})
            if len(said) > 1:
                attribute, meanings = self.ear.ears[name].attribute, self.ear.meanings[name]
                words = " and ".join(attribute.words(values) for code in said if (values := meanings[code]) is not None)
                yield f"its rows disagree on {attribute.id} of the patient: {words}; mend one of them"
            for row in group if len(said) == 1 else ():
                codes[name][row] = said[0]

    def _rows(
        self, rows: Rows, columns: Columns, found: LesionVerdicts, errors: Mapping[int, str]
    ) -> dict[str, Sequence[object]]:
        wrong = [row in errors for row in range(rows.size)]
        carried = {name: [rows.cell(name, row) for row in range(rows.size)] for name in self.header.carried}
        keyed = {DATE: [rows.cell(DATE, row) for row in range(rows.size)]} if DATE in rows.columns else {}
        answers: dict[str, Sequence[object]] = {"error": [errors.get(row) for row in range(rows.size)]}
        for name in ANSWERS[1:]:
            column: Sequence[object] = (
                [_called(calls) for calls in found.measures] if name == "measures" else found.lists[name]
            )
            answers[name] = _without(column, wrong)
        if self.fired:
            answers["fired"] = _without(found.lists["fired"], wrong)
        answers |= self.planning.columns(columns) if self.planning else {}
        for pathway, status in found.statuses.items():
            answers[status_column(pathway)] = _without(status, wrong)
        engines = ["experta" if row in found.by_experta else "program" for row in range(rows.size)]
        answers[ENGINE] = _without(engines, wrong)
        stamp = stamp_of(self.cohort.knowledge)
        names = [None if row in rows.broken else name for row, name in enumerate(rows.patients)]
        return {
            PATIENT: names,
            LESION: columns.lesions,
            **keyed,
            **carried,
            **answers,
            "knowledge": [stamp] * rows.size,
        }


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of garbage away: it would go through a million lists again and again, and finds nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _differing(groups: Iterable[tuple[int, ...]], codes: Mapping[str, Sequence[int]]) -> dict[int, list[str]]:
    """Return the columns in which rows of a patient are not the same, by the first of the rows."""
    pairs = [(group[0], row) for group in groups for row in group[1:]]
    firsts, others = [first for first, _ in pairs], [row for _, row in pairs]
    found: dict[int, list[str]] = {}
    for name, column in codes.items():
        parted = map(ne, map(column.__getitem__, firsts), map(column.__getitem__, others))
        for first in dict.fromkeys(compress(firsts, parted)):
            found.setdefault(first, []).append(name)
    return found


def answer_columns(knowledge: KnowledgeBase) -> tuple[str, ...]:
    """Return the names of the columns that advice fills."""
    return (*ANSWERS, "fired", *PLAN_COLUMNS, *map(status_column, sorted(knowledge.pathways)), ENGINE, "knowledge")


def status_column(pathway: str) -> str:
    return f"status_{pathway}"


def stamp_of(knowledge: KnowledgeBase) -> str:
    """Return the first twelve digits of the digest of the knowledge, as advice prints them."""
    return knowledge.digest[:12]


def answers_of(verdict: LesionVerdict, knowledge: KnowledgeBase, fired: bool) -> dict[str, object]:
    """Return the columns of advice for one verdict, as a part writes them for a row without an error."""
    lists = {name: list(getattr(verdict, name)) for name in LISTS}
    listed = {name: _called(verdict.measures) if name == "measures" else lists[name] for name in ANSWERS[1:]}
    more = {"fired": lists["fired"]} if fired else {}
    statuses = {status_column(pathway): status for pathway, status in verdict.statuses.items()}
    return {"error": None, **listed, **more, **statuses, "knowledge": stamp_of(knowledge)}


def _called(measures: Mapping[str, str]) -> list[str]:
    return [f"{measure}={urgency}" for measure, urgency in measures.items()]


def _without(column: Sequence[object], wrong: Sequence[bool]) -> Sequence[object]:
    """Return a column with nothing in the rows that are wrong."""
    return [None if bad else cell for cell, bad in zip(column, wrong, strict=True)] if any(wrong) else column


def _lesion(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _lesions(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if not name:
            yield "it does not say which lesion it is; fill in `lesion`"
            continue
        if not _LESION_ID.fullmatch(name) or name == PATIENT:
            yield f"{name!r} is not the name of a lesion; write letters, digits, _ or -, such as T8"
        if name in seen:
            yield f"lesion {name!r} has two rows; give each lesion one"
        seen.add(name)
