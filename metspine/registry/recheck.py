"""The second look: rows of a run that Experta goes through one by one, read as case files are.

Nothing of the run is used but the table and what was written: a patient's rows become a case, heard by the reader of case
files, Experta advises, and what comes out must be what stands in the output. Looked at are patients drawn by lot, and
enough others that every rule that fired anywhere fires before Experta too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cases import case_from
from cases.columns import DATE, LESION, PATIENT, Header, cell_of
from cases.model import Case
from engine.cohort import Cohort
from knowledge_base.grouping import grouped
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import Invalid
from metspine.registry.part import Rows, answers_of, parts_of
from metspine.registry.tables import TableSource, cell_text

RowCells = Mapping[str, object]


@dataclass(frozen=True)
class CellDifference:
    """A cell of the output that Experta would have written otherwise."""

    patient: str
    lesion: str
    column: str
    written: str
    experta: str

    def __str__(self) -> str:
        return (
            f"patient {self.patient}, lesion {self.lesion}, {self.column}: the output says {self.written or 'nothing'}, "
            f"Experta says {self.experta or 'nothing'}"
        )


@dataclass
class Rechecked:
    """Who was looked at a second time, and what differed."""

    patients: list[str] = field(default_factory=list)
    fired: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    differences: list[CellDifference] = field(default_factory=list)


def case_of_rows(rows: Rows, group: Iterable[int], header: Header, knowledge: KnowledgeBase, is_typed: bool) -> Case:
    """Return the rows of a patient as the case that a file would give; raise `Invalid` as a file does."""
    group = list(group)

    def cell(name: str, row: int) -> object:
        raw = rows.cell(name, row)
        return cell_of(raw) if isinstance(raw, str) and not is_typed else raw

    def said(kind: str, chosen: list[int]) -> dict[str, object]:
        found: dict[str, Any] = {}
        for name, attribute in header.attributes.items():
            cells = [raw for row in chosen if attribute.of == kind and (raw := cell(name, row)) not in (None, "")]
            if not cells:
                continue
            holder = found
            if attribute.group and name == attribute.id:
                holder = found.setdefault(attribute.group, {})
            holder[attribute.key if name == attribute.id else name] = cells[0]
        return found

    ids = [
        str(rows.cell(LESION, row)).strip() if LESION in rows.columns else f"L{i + 1}" for i, row in enumerate(group)
    ]
    dates = [str(raw) for row in group if (raw := rows.cell(DATE, row)) not in (None, "")]
    data: dict[str, object] = {
        "case": str(rows.patients[group[0]]),
        **({"date": dates[0]} if dates else {}),
        "patient": said("patient", group),
        "lesions": [{"id": name, **said("lesion", [row])} for name, row in zip(ids, group, strict=True)],
    }
    return case_from(data, knowledge)


class Recheck:
    """Looks at patients of a run a second time."""

    def __init__(self, cohort: Cohort, header: Header, is_typed: bool, fired: bool) -> None:
        self.cohort, self.header, self.is_typed, self.fired = cohort, header, is_typed, fired
        self.found = Rechecked()

    def look(self, rows: Rows, group: tuple[int, ...], written: Sequence[RowCells]) -> None:
        """Compare what was written of a patient with what Experta says."""
        patient = str(rows.patients[group[0]])
        self.found.patients.append(patient)
        errors = [text for row in written if (text := cell_text(row.get("error")))]
        try:
            case = case_of_rows(rows, group, self.header, self.cohort.knowledge, self.is_typed)
        except Invalid as invalid:
            self.found.refused.append(patient)
            if not errors:
                self._differ(patient, "", "error", "", str(invalid))
            return
        if errors:
            if not _by_table_alone(errors):
                self._differ(patient, "", "error", errors[0], "")
            return
        by_lesion = {cell_text(row.get(LESION)): row for row in written}
        for lesion, verdict in zip(case.lesions, self.cohort.consulted(case), strict=True):
            self.found.fired.update(verdict.fired)
            expected = answers_of(verdict, self.cohort.knowledge, self.fired)
            row = by_lesion.get(lesion.id, {})
            for column, cell in expected.items():
                if cell_text(row.get(column)) != cell_text(cell):
                    self._differ(patient, lesion.id, column, cell_text(row.get(column)), cell_text(cell))

    def _differ(self, patient: str, lesion: str, column: str, written: str, experta: str) -> None:
        self.found.differences.append(CellDifference(patient, lesion, column, written, experta))


def _by_table_alone(errors: Iterable[str]) -> bool:
    """Tell whether errors are of the table, which a single case cannot show."""
    marks = ("do not stand together", "disagree on", "different dates", "cells, and there are", "is not JSON")
    return all(any(mark in text for mark in marks) for text in errors)


def groups_with(
    source: TableSource, wanted: Callable[[str], bool], size: int
) -> Iterator[tuple[Rows, tuple[int, ...]]]:
    """Yield the rows of every patient who is wanted, with the part that they stand in."""
    for rows in parts_of(source.batches(), size):
        names = {name for name in set(rows.patients) - {None} if wanted(str(name))}
        if names:
            yield from ((rows, group) for group in rows.groups if rows.patients[group[0]] in names)


def written_of(out: Iterable[RowCells], wanted: Callable[[str], bool]) -> dict[str, tuple[RowCells, ...]]:
    """Return the written rows of every patient who is wanted."""
    named = ((cell_text(row.get(PATIENT)), row) for row in out)
    return grouped((name, row) for name, row in named if wanted(name))
