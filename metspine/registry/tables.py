"""Tables in and out: CSV and NDJSON by the standard library, Parquet by pyarrow (`pip install metspine[cohort]`).

A table is read in parts, each with the different cells of every column; it is never in memory as a whole.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TextIO

from cases.columns import distinct, number_of
from knowledge_base.text.errors import Invalid, shown
from metspine.registry.redcap import is_export, registry_rows

FORMATS = (".csv", ".ndjson", ".jsonl", ".parquet")
Columns = Mapping[str, tuple[list[object], list[int]]]
SEPARATOR = "; "
BATCH = 20_480  # rows that are read at a time: a part and a little more


@dataclass(frozen=True)
class Batch:
    """Some rows: of each column its different cells, and which of them each row has; `broken` are rows without cells."""

    size: int
    columns: Columns
    broken: Mapping[int, str]


class TableSource(Protocol):
    """A table that is read from its beginning, any number of times."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        ...

    @property
    def is_typed(self) -> bool:
        """Whether a text in it is a text, not a number that was written down."""
        ...

    def batches(self, only: Sequence[str] | None = None) -> Iterator[Batch]:
        """Yield all rows, of all columns or only some."""
        ...


def open_table(path: Path) -> TableSource:
    """Return a table by the ending of its file; raise `Invalid` when it cannot be read."""
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise Invalid.at(
            path, f"is read as .csv, .ndjson or .parquet; give the file one of these endings, not {ending!r}"
        )
    if not path.is_file():
        raise Invalid.at(path, "there is no such file; check the path")
    if ending == ".csv":
        table = CsvSource(path)
        return RedcapSource(path) if is_export(table.names) else table
    return ParquetSource(path) if ending == ".parquet" else JsonSource(path)


@contextmanager
def opened_text(path: Path, advice: str = "", newline: str | None = None) -> Iterator[TextIO]:
    """Open a file in UTF-8, with a byte order mark or without; raise `Invalid`, with advice, when it is none."""
    try:
        with path.open(encoding="utf-8-sig", newline=newline) as stream:
            yield stream
    except UnicodeDecodeError:
        raise Invalid.at(path, f"is not text in UTF-8{advice}") from None
    except OSError as error:
        raise Invalid.at(path, f"cannot be read: {error.strerror or error}") from None


def csv_rows(path: Path) -> Iterator[list[str]]:
    """Yield the lines of a CSV file in UTF-8, separated by commas or semicolons; raise `Invalid` when it is none."""
    with opened_text(path, "; save it as CSV UTF-8", newline="") as stream:
        first = stream.readline()
        stream.seek(0)
        try:
            yield from csv.reader(stream, delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
        except csv.Error as error:
            raise Invalid.at(path, f"is not CSV ({error}); look for a quotation mark that is not closed") from None


class CsvSource:
    """A CSV file in UTF-8, separated by commas or semicolons, with one line of names."""

    is_typed = False

    def __init__(self, path: Path) -> None:
        self.path = path
        rows = self._rows()
        self.names = tuple(name.strip() for name in next(rows, []))
        if not self.names:
            raise Invalid.at(path, "is empty; its first line names the columns")

    def _rows(self) -> Iterator[list[str]]:
        return csv_rows(self.path)

    def batches(self, only: Sequence[str] | None = None) -> Iterator[Batch]:
        """Yield all rows; one that has more or fewer cells than there are names is broken."""
        rows = self._rows()
        next(rows)
        wanted = [i for i, name in enumerate(self.names) if only is None or name in only]
        for batch in _batched((row for row in rows if row), BATCH):
            right = len(self.names)
            broken = {
                i: f"the row has {len(row)} cells, and there are {right} columns"
                for i, row in enumerate(batch)
                if len(row) != right
            }
            for i in broken:
                batch[i] = (batch[i] + [""] * right)[:right]
            columns = list(zip(*batch, strict=True))
            yield Batch(len(batch), {self.names[i]: _texts(columns[i]) for i in wanted}, broken)


class RedcapSource(CsvSource):
    """An export of REDCap, read as a registry."""

    def _rows(self) -> Iterator[list[str]]:
        return registry_rows(super()._rows())


def _texts(column: Sequence[str]) -> tuple[list[object], list[int]]:
    known = {text: i for i, text in enumerate(dict.fromkeys(column))}
    return list(known), [known[text] for text in column]


class JsonSource:
    """A file of one JSON object on each line."""

    is_typed = True

    def __init__(self, path: Path) -> None:
        self.path = path
        names: dict[str, None] = {}
        for row, _ in self._rows():
            names.update(dict.fromkeys(row))
        self.names = tuple(names)
        if not self.names:
            raise Invalid.at(path, "holds no row; write one JSON object on each line")

    def _rows(self) -> Iterator[tuple[dict[str, object], str | None]]:
        with opened_text(self.path) as stream:
            yield from (_json_row(line) for line in stream if line.strip())

    def batches(self, only: Sequence[str] | None = None) -> Iterator[Batch]:
        """Yield all rows; a line that is no JSON object is broken."""
        wanted = [name for name in self.names if only is None or name in only]
        for batch in _batched(self._rows(), BATCH):
            columns = {name: distinct([row.get(name) for row, _ in batch]) for name in wanted}
            yield Batch(len(batch), columns, {i: wrong for i, (_, wrong) in enumerate(batch) if wrong})


def _json_row(line: str) -> tuple[dict[str, object], str | None]:
    """Return the cells of a line, those of a mapping as `group.key`, and what is wrong with it."""
    try:
        row = json.loads(line, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        return {}, f"the line is not JSON ({error})"
    if not isinstance(row, dict):
        return {}, f"the line is {shown(row)}, not an object"
    flat: dict[str, object] = {}
    for name, cell in row.items():
        flat.update({f"{name}.{key}": part for key, part in cell.items()} if isinstance(cell, dict) else {name: cell})
    return flat, None


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is not a number; write null")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is written twice")
    return found


class ParquetSource:
    """A Parquet file."""

    is_typed = False

    def __init__(self, path: Path) -> None:
        self.path = path
        pyarrow = needs_pyarrow()
        from pyarrow import parquet

        try:
            self._file: Any = parquet.ParquetFile(path)
        except (OSError, pyarrow.ArrowException) as error:
            raise Invalid.at(path, f"is not a Parquet file that can be read ({error})") from None
        self.names = tuple(self._file.schema_arrow.names)

    def batches(self, only: Sequence[str] | None = None) -> Iterator[Batch]:
        """Yield all rows."""
        for batch in self._file.iter_batches(BATCH, columns=None if only is None else list(only)):
            yield batch_of(batch)


def batch_of(batch: Any) -> Batch:
    """Return the rows of an Arrow record batch."""
    columns = {name: _arrow_cells(batch.column(i)) for i, name in enumerate(batch.schema.names)}
    return Batch(batch.num_rows, columns, {})


def _arrow_cells(array: Any) -> tuple[list[object], list[int]]:
    import pyarrow

    if pyarrow.types.is_nested(array.type):
        return distinct(_plain(cell) for cell in array.to_pylist())
    coded = array if pyarrow.types.is_dictionary(array.type) else array.dictionary_encode()
    indices = coded.indices.cast(pyarrow.int32()).fill_null(len(coded.dictionary))
    raw = memoryview(indices.buffers()[1])[indices.offset * 4 : (indices.offset + len(indices)) * 4].cast("i")
    return [*(_plain(cell) for cell in coded.dictionary.to_pylist()), None], raw.tolist()


def _plain(cell: object) -> object:
    """Return an Arrow cell as a case file has it."""
    if isinstance(cell, list):
        return [_plain(part) for part in cell]
    if isinstance(cell, float):
        return number_of(cell)
    return cell.isoformat()[:16].replace("T", " ") if isinstance(cell, datetime | date) else cell


def needs_pyarrow() -> Any:
    """Return pyarrow; raise `Invalid` with how to install it where it is not."""
    try:
        import pyarrow
    except ImportError:
        message = "reading and writing it needs pyarrow; install it with: pip install 'metspine[cohort]'"
        raise Invalid.at("Parquet", message) from None
    return pyarrow


def _batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


# --- out ---------------------------------------------------------------------------------------------------------------

OutputRows = Mapping[str, Sequence[object]]  # by column; a cell is text, nothing, or a list of texts


def writer(path: Path) -> Callable[[Path, OutputRows], None]:
    """Return what writes columns to a file of this ending; raise `Invalid` for another ending."""
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise Invalid.at(path, "is written as .csv, .ndjson or .parquet; give the file one of these endings")
    if ending == ".parquet":
        needs_pyarrow()
        return _write_parquet
    return _write_csv if ending == ".csv" else _write_json


def _write_csv(path: Path, rows: OutputRows) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(rows)
        out.writerows(zip(*([cell_text(cell) for cell in column] for column in rows.values()), strict=True))


def cell_text(cell: object) -> str:
    """Return a cell as text, as CSV has it: a list in one cell, nothing as nothing."""
    if isinstance(cell, list):
        return SEPARATOR.join(map(str, cell))
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if cell is None else str(cell)


def _write_json(path: Path, rows: OutputRows) -> None:
    names = list(rows)
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for cells in zip(*rows.values(), strict=True):
            row = dict(zip(names, cells, strict=True))
            stream.write(json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_number) + "\n")


def _number(cell: object) -> object:
    assert isinstance(cell, Decimal), cell
    return float(cell)


def _write_parquet(path: Path, rows: OutputRows) -> None:
    from pyarrow import parquet

    parquet.write_table(arrow_table(rows), path, compression="zstd")


def arrow_table(rows: OutputRows) -> Any:
    """Return columns as an Arrow table: texts by dictionary, lists as lists, cells that are carried as text."""
    import pyarrow

    text = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    arrays = {}
    for name, column in rows.items():
        if name in LISTED or list in set(map(type, column)):
            arrays[name] = pyarrow.array(column, pyarrow.list_(pyarrow.string()))
        else:
            arrays[name] = _texts_of(column, pyarrow).cast(text)
    return pyarrow.table(arrays)


def _texts_of(column: Sequence[object], pyarrow: Any) -> Any:
    try:
        return pyarrow.array(column, pyarrow.string())
    except (TypeError, pyarrow.ArrowException):
        return pyarrow.array([None if cell is None else cell_text(cell) for cell in column], pyarrow.string())


PLAN_LISTS = ("plan_recommended", "plan_conditions", "plan_rows", "plan_next")
LISTED = ("recommended", "stopped", "measures", "dangers", "missing", "contradictions", "fired", *PLAN_LISTS)


def join(parts: Sequence[Path], target: Path) -> None:
    """Write parts, in order, as one file."""
    if target.suffix.lower() == ".parquet":
        from pyarrow import parquet

        out: Any = None
        for part in parts:
            table = parquet.read_table(part)
            out = out or parquet.ParquetWriter(target, table.schema, compression="zstd")
            out.write_table(table, row_group_size=max(1, table.num_rows))
        out.close()
        return
    with target.open("wb") as stream:
        for i, part in enumerate(parts):
            with part.open("rb") as content:
                if i and ".csv" in target.name:
                    content.readline()  # the names; they stand in the first part
                while block := content.read(1 << 20):
                    stream.write(block)


def read_rows(path: Path) -> Iterator[dict[str, object]]:
    """Yield the rows of advice that was written: texts, lists of texts, and nothing."""
    for batch in open_table(path).batches():
        lists = {n for n in batch.columns if n in LISTED}
        for row in range(batch.size):
            yield {
                name: _listed(cells[codes[row]]) if name in lists else cells[codes[row]]
                for name, (cells, codes) in batch.columns.items()
            }


def _listed(cell: object) -> list[str] | None:
    if isinstance(cell, list):
        return [str(part) for part in cell]
    return [] if cell in (None, "") else str(cell).split(SEPARATOR)
