"""A registry in memory: a data frame, an Arrow table or rows of a program in, the same kind of thing out.

`advise_arrow` is what engines of data frames map over the parts of a table that is larger than one machine. It must be
imported from here, not defined in a script: a function of a script travels by value, and then compiles anew for each part.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

from cases.columns import Header, distinct, number_of, read_header
from engine.cohort import Cohort, cohort_of, cohort_once
from knowledge_base.language.knowledge import ByIdentity, KnowledgeBase
from metspine.registry.part import PartAdviser, answer_columns, parts_of
from metspine.registry.run import PART, RunOptions, base_of, plan_of
from metspine.registry.tables import Batch, TableSource, arrow_table, batch_of, open_table

WHERE = "the table"
SHOWN = 20


@dataclass(frozen=True)
class _Memory:
    """Batches that are in memory already."""

    names: tuple[str, ...]
    is_typed: bool
    held: tuple[Batch, ...]

    def batches(self, only: Sequence[str] | None = None) -> Iterator[Batch]:
        yield from self.held


@dataclass(frozen=True, repr=False)
class Registry:
    """Advice on many patients: a row for each lesion, by column; `counts` says how many rows, errors and so on there are."""

    columns: Mapping[str, list[Any]]
    counts: Mapping[str, int]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows as dictionaries; lists are lists, and nothing is None."""
        return [dict(zip(self.columns, cells, strict=True)) for cells in zip(*self.columns.values(), strict=True)]

    def arrow(self) -> Any:
        """Return the rows as an Arrow table (needs `metspine[cohort]`)."""
        return arrow_table(self.columns)

    def __len__(self) -> int:
        return self.counts.get("rows", 0)

    def __repr__(self) -> str:
        counts = self.counts
        return (
            f"<advice on {counts.get('patients', 0)} patients, {len(self)} lesions, "
            f"{counts.get('errors', 0)} rows with errors>"
        )

    def _repr_html_(self) -> str:
        names = [name for name in ("patient", "lesion", "error", "recommended", "missing") if name in self.columns]
        head = "".join(f"<th>{name}</th>" for name in names)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(_shown(row[name]))}</td>' for name in names)}</tr>"
            for row in self.rows[:SHOWN]
        )
        return f"<p>{escape(repr(self))}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _shown(cell: object) -> str:
    text = ", ".join(map(str, cell)) if isinstance(cell, list) else "" if cell is None else str(cell)
    return text if len(text) <= 80 else f"{text[:79]}…"


def registry_of(
    table: object, base: KnowledgeBase, carry: Iterable[str] = (), fired: bool = False, planned: bool = False
) -> Registry:
    """Return the advice on a table: a file, rows, a data frame, or an Arrow table; raise `Invalid` as the command does."""
    source, where = _source(table)
    header = read_header(source.names, base, where, tuple(carry), answer_columns(base))
    return _advised(source, header, cohort_of(base), fired, planned)


def advise_arrow(
    table: Any,
    knowledge: str | None = None,
    sides: tuple[tuple[str, str], ...] = (),
    carry: tuple[str, ...] = (),
    fired: bool = False,
) -> Any:
    """Return the advice on an Arrow table of whole patients as another; knowledge is compiled once in a process."""
    source, where = _source(table)
    base = base_of(knowledge, sides)
    header = read_header(source.names, base, where, carry, answer_columns(base))
    return _advised(source, header, cohort_once(ByIdentity(base)), fired).arrow()


def _advised(source: TableSource, header: Header, cohort: Cohort, fired: bool, planned: bool = False) -> Registry:
    scattered = plan_of(source, RunOptions(recheck=0)).scattered
    adviser = PartAdviser(cohort, header, source.is_typed, fired, scattered, planned)
    columns: dict[str, list[Any]] = {}
    counts: Counter[str] = Counter()
    for rows in parts_of(source.batches(), PART):
        advised = adviser.advise(rows)
        for name, column in advised.rows.items():
            columns.setdefault(name, []).extend(column)
        counts.update(advised.counts)
    return Registry(columns, dict(counts))


def _source(table: object) -> tuple[TableSource, str]:
    if isinstance(table, str | PathLike):
        return open_table(Path(table)), str(table)
    if hasattr(table, "to_batches"):
        batches = tuple(batch_of(batch) for batch in table.to_batches())
        return _Memory(tuple(table.schema.names), False, batches), WHERE  # type: ignore[attr-defined]
    rows = table.to_dict("records") if hasattr(table, "to_dict") else table
    if not isinstance(rows, Iterable) or isinstance(rows, Mapping):
        raise TypeError("a registry is a file, rows as dictionaries, a data frame or an Arrow table")
    listed = [dict(row) for row in rows]
    names = tuple(dict.fromkeys(str(name) for row in listed for name in row))
    cells = {name: distinct(_plain(row.get(name)) for row in listed) for name in names}
    return _Memory(names, not hasattr(table, "to_dict"), (Batch(len(listed), cells, {}),)), WHERE


def _plain(cell: object) -> object:
    """Return a cell as a case file has it, also when it is one of numpy."""
    item = getattr(cell, "item", None)
    raw = item() if callable(item) and not isinstance(cell, list) else cell
    return number_of(raw) if isinstance(raw, float) else raw
