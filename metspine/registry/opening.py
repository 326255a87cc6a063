"""One patient of a run opened: the case that the table gives, and what was written beside what Experta says of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cases.columns import Header, read_header
from cases.model import Case
from engine.cohort import cohort_of
from knowledge_base.language.knowledge import KnowledgeBase
from metspine.registry.part import PartAdviser, Rows, answer_columns, parts_of
from metspine.registry.recheck import CellDifference, Recheck, RowCells, case_of_rows, groups_with, written_of
from metspine.registry.run import RunOptions, RunRecord, base_of, digest_of, plan_of, read_record
from metspine.registry.tables import TableSource, open_table, read_rows
from metspine.results import Unknown


@dataclass(frozen=True)
class Finished:
    """A run that was written: its record, its table, and the knowledge that it used."""

    out: Path
    record: RunRecord
    source: TableSource
    base: KnowledgeBase
    header: Header
    options: RunOptions

    @property
    def rows(self) -> Iterator[dict[str, object]]:
        """The rows that were written, in order."""
        return read_rows(self.out)

    def parts(self) -> Iterator[Rows]:
        """Yield the rows of the table again, in parts."""
        return parts_of(self.source.batches(), self.options.part)

    def adviser(self, base: KnowledgeBase) -> PartAdviser:
        """Return what advises on the parts by this knowledge, or by other that can read the same columns."""
        scattered = plan_of(self.source, RunOptions(recheck=0)).scattered
        return PartAdviser(cohort_of(base), self.header, self.source.is_typed, False, scattered)


def finished(out: Path, table: Path | None = None) -> Finished:
    """Return a run that was written; raise `Unknown` when its table or its knowledge is not what it was.

    `table` is where the table is now, when it is not where it was.
    """
    try:
        record = read_record(out)
    except ValueError as error:
        raise Unknown(str(error)) from None
    if not out.is_file() or digest_of(out) != record.output["sha256"]:
        raise Unknown(f"{out}: the output is not the one that its record speaks of; run `metspine cohort` again")
    path = table or Path(str(record.input["file"]))
    if not path.is_file():
        raise Unknown(f"{path}: the table of the run is not there; name where it is with --table")
    if digest_of(path) != record.input["sha256"]:
        raise Unknown(f"{path}: the table has changed since the run; run `metspine cohort` again")
    options = _options(record.options)
    base = base_of(options.knowledge, options.sides)
    if base.digest != record.knowledge["digest"]:
        raise Unknown(
            f"{out}: the knowledge has changed since the run; `metspine cohort compare` tells what that changes"
        )
    source = open_table(path)
    header = read_header(source.names, base, str(path), options.carry, answer_columns(base))
    return Finished(out, record, source, base, header, options)


def _options(told: dict[str, Any]) -> RunOptions:
    sides = tuple((dispute, side) for dispute, side in told["sides"])
    return RunOptions(**{**told, "sides": sides, "carry": tuple(told["carry"])})


@dataclass(frozen=True)
class Opened:
    """A patient of a run: the case, what was written, and where Experta would have written otherwise."""

    case: Case | None
    written: tuple[RowCells, ...]
    differences: tuple[CellDifference, ...]


def opened(run: Finished, patient: str) -> Opened:
    """Return a patient of a run; raise `Unknown` when there is none of this name."""
    written = written_of(run.rows, patient.__eq__).get(patient, ())
    found = list(groups_with(run.source, patient.__eq__, run.options.part))
    if not found:
        raise Unknown(f"{patient!r} is no patient of {run.record.input['file']}; look into its column `patient`")
    rows, group = found[0]
    if any(row.get("error") for row in written):
        return Opened(None, written, ())
    look = Recheck(cohort_of(run.base), run.header, run.source.is_typed, run.options.fired)
    look.look(rows, group, written)
    case = case_of_rows(rows, group, run.header, run.base, run.source.is_typed)
    return Opened(case, written, tuple(look.found.differences))
