"""Rules and scores as tables to read side by side, and what was changed in such a table written back into the YAML.

A file of scores is a table, and a file of rules in which each argues and does nothing else. A row stands for a rule, or for
one line of a score; each cell for one value in the file, so that only the values of changed cells are written anew.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge_base.language.conditions import WORDS
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import STANCES
from knowledge_base.loading.cache import load_folder
from knowledge_base.loading.frameworks import own_files
from knowledge_base.loading.themes import themes
from knowledge_base.text.errors import Invalid, Position, Problem, listed, shown, suggestion
from knowledge_base.text.strict_yaml import Document, KeyPath, read_file, read_text, scalar
from knowledge_base.text.yaml_edits import Edits, flow, prose
from metspine.registry.tables import csv_rows, opened_text

OR, AND = " or ", " and "
RULE, TITLE, UNLESS, BECAUSE = "rule", "title", "unless", "because"
SCORE, PART, IS, GIVES = "score", "part", "is", "gives"
WHEN = "when "
MARKDOWN = (".md", ".markdown")
Entry = Mapping[str, Any]


@dataclass(frozen=True)
class RuleRow:
    """A rule, or one line of a score: where it stands in its file, and its cells by column, its id first."""

    path: KeyPath
    cells: Mapping[str, str]


@dataclass(frozen=True)
class RuleTable:
    """One file of the knowledge as a table; the cells of the columns `keys` say which row it is and are not changed."""

    name: str
    path: Path = field(repr=False)
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[RuleRow, ...]

    def is_named(self, name: str) -> bool:
        """Tell whether a user means it by a name."""
        return name in (self.name, self.name.split("/")[1], *(row.cells.get(SCORE) for row in self.rows))

    def csv(self) -> str:
        """Return it as CSV, with one line of names."""
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([self.columns, *([row.cells[name] for name in self.columns] for row in self.rows)])
        return stream.getvalue()

    def markdown(self) -> str:
        """Return it as a table of Markdown."""
        lines = [self.columns, ["---"] * len(self.columns)]
        lines += [[row.cells[name].replace("|", "\\|") for name in self.columns] for row in self.rows]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def tables(folder: Path) -> Iterator[RuleTable]:
    """Yield every file of a folder of knowledge that is a table, those of rules first."""
    for kind in ("rules", "scores"):
        for file in own_files(folder, f"{kind}/*.yaml"):
            table = _table(file.path, file.place)
            if table is not None:
                yield table


def table_named(name: str, folder: Path) -> RuleTable:
    """Return the table of a score, or of a file by its name (`noms_table`) or place (`rules/bauer`).

    Raises ValueError when there is none.
    """
    found = {table.name: table for table in tables(folder)}
    if chosen := [table for table in found.values() if table.is_named(name)]:
        return chosen[-1]  # where a file of rules has the same name, that of the score
    short = [place.split("/")[1] for place in found]
    if list(folder.glob(f"rules/{name.removeprefix('rules/')}.yaml")):
        message = "its rules do more than argue, so they are no table; `metspine knowledge` prints them"
        raise ValueError(f"{name}: {message}; tables are {', '.join(short)}")
    raise ValueError(f"{shown(name)} is not a table ({', '.join(short)}){suggestion(name, short)}")


def page(knowledge: KnowledgeBase, folder: Path) -> str:
    """Return all tables of a folder of knowledge on one page of Markdown."""
    framework = knowledge.framework
    about = {**themes(folder), **themes(folder, "scores")}
    parts = [f"# {framework.title}: tables\n\nVersion {framework.version}, digest {knowledge.digest}.\n"]
    for table in tables(folder):
        theme = about.get(f"{table.name}.yaml")
        parts.append(f"## {table.name}\n\n" + (f"{theme}\n\n" if theme else "") + table.markdown())
    return "\n".join(parts)


def _table(path: Path, place: str) -> RuleTable | None:
    document = read_file(path, place)
    name = place.removesuffix(".yaml")
    if place.startswith("scores/"):
        rows = tuple(_score_rows(document.data))
        return RuleTable(name, path, (SCORE, PART), (SCORE, PART, IS, GIVES), rows)
    rules: list[Entry] = document.data
    if not all(_is_row(rule) for rule in rules):
        return None
    lines = dict.fromkeys(f"{WHEN}{line}" for rule in rules for line in rule["when"])
    columns = (RULE, "title", *lines, UNLESS, *STANCES, BECAUSE)
    return RuleTable(name, path, (RULE,), columns, tuple(_rule_row(i, rule, columns) for i, rule in enumerate(rules)))


def _is_row(rule: Entry) -> bool:
    """Tell whether a rule has lines of `when`, and does nothing but argue, at most once in each way."""
    stances = [entry["argue"]["stance"] for entry in rule["then"] if "argue" in entry]
    return isinstance(rule["when"], dict) and len(set(stances)) == len(rule["then"])


# --- from the file to cells ----------------------------------------------------------------------------------------


def _score_rows(scores: Sequence[Entry]) -> Iterator[RuleRow]:
    for i, score in enumerate(scores):
        for j, item in enumerate(score["items"]):
            for k, line in enumerate(item["points"]):
                cells = {SCORE: score["id"], PART: item["attribute"], IS: _cell(line["is"]), GIVES: str(line["points"])}
                yield RuleRow((i, "items", j, "points", k), cells)
        for k, line in enumerate(score.get("classes", ())):
            cells = {SCORE: score["id"], PART: score["total"], IS: _cell(line["is"]), GIVES: _cell(line["class"])}
            yield RuleRow((i, "classes", k), cells)


def _rule_row(i: int, rule: Entry, columns: Sequence[str]) -> RuleRow:
    cells = dict.fromkeys(columns, "")
    cells |= {RULE: rule["id"], TITLE: rule["title"], BECAUSE: rule["because"]}
    cells |= {f"{WHEN}{line}": _cell(value) for line, value in rule["when"].items()}
    cells |= {entry["argue"]["stance"]: _cell(entry["argue"]["pathway"], AND) for entry in rule["then"]}
    if (raw := rule.get("unless")) is not None:
        exceptions = _exceptions(raw)
        cells[UNLESS] = (
            OR.join(f"{k}: {flow(v) if isinstance(v, list) else _cell(v)}" for k, v in exceptions)
            if exceptions
            else flow(raw)
        )
    return RuleRow((i,), cells)


def _exceptions(raw: Any) -> list[tuple[str, Any]]:
    """Return the exceptions of which any one counts, when each is a single line; else none."""
    several = raw["any"] if isinstance(raw, dict) and set(raw) == {"any"} else [raw]
    if any(len(one) != 1 or set(one) & set(WORDS) for one in several):
        return []
    return [pair for one in several for pair in one.items()]


def _cell(raw: Any, joint: str = OR) -> str:
    """Return a value as a cell has it: `high`, `resistant or sensitive`, else YAML on one line."""
    if isinstance(raw, list) and not any(isinstance(part, dict | list) for part in raw):
        return joint.join(map(_cell, raw))
    return flow(raw) if isinstance(raw, dict | list | bool) else str(raw)


# --- from cells to the file ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CellChange:
    """A cell that was changed: the line of its row in the table that was read, and what it says there."""

    row: RuleRow
    column: str
    line: int
    text: str

    @property
    def about(self) -> str:
        """The id of the rule or score."""
        return next(iter(self.row.cells.values()))


def read_back(table: RuleTable, source: Path, folder: Path) -> list[CellChange]:
    """Write the cells that were changed in a CSV or Markdown file into the file of a table, and return them.

    Raises `Invalid` with each mistake by row and column, and changes nothing, when the file is not this table with some
    cells changed, or when the knowledge would not load any more.
    """
    problems: list[Problem] = []
    changes = list(_changes(table, source, problems))
    before = table.path.read_bytes()
    edits = Edits(before.decode())
    for change in sorted(changes, key=lambda change: not change.text):  # what is taken away comes last
        try:
            _write(edits, change)
        except ValueError as error:
            problems.append(Problem(Position(str(source), change.line), change.about, _in(change.column, str(error))))
    if problems:
        raise Invalid(problems)
    if not changes:
        return []
    table.path.write_bytes(edits.text.encode())
    try:
        load_folder(folder)
    except Invalid as invalid:
        table.path.write_bytes(before)
        written = read_text(edits.text, f"{table.name}.yaml")
        raise Invalid([_in_table(problem, changes, written, source) for problem in invalid.problems]) from None
    return changes


def _changes(table: RuleTable, source: Path, problems: list[Problem]) -> Iterator[CellChange]:
    """Yield the cells that say something else than the file; report what is not a row or a column of it."""

    def report(line: int, about: str, message: str) -> None:
        problems.append(Problem(Position(str(source), line), about, message))

    (_, first), *lines = list(_lines(source, table.name)) or [(1, [])]
    names = [name.strip() for name in first]
    if lacking := [name for name in table.keys if name not in names]:
        report(
            1, "", f"the first line names the columns, and {listed(lacking)} is not among them; keep the line as it was"
        )
        return
    for name in (name for name in names if name not in table.columns and not _is_condition(name, table)):
        report(
            1,
            "",
            f"{shown(name)} is not a column of {table.name} ({listed(table.columns)}){suggestion(name, table.columns)}",
        )
    left: dict[tuple[str, ...], list[RuleRow]] = {}
    for row in table.rows:
        left.setdefault(tuple(row.cells[name] for name in table.keys), []).append(row)
    for number, line in lines:
        cells = dict(zip(names, (cell.strip() for cell in line), strict=False))
        if not any(cells.values()):
            continue
        key = tuple(cells.get(name, "") for name in table.keys)
        if len(line) != len(names):
            report(number, " ".join(key), f"the row has {len(line)} cells, and there are {len(names)} columns")
        elif not left.get(key):
            report(number, " ".join(key), "is no row that is left in the table; a new one is written in its file")
        else:
            row = left[key].pop(0)
            found = (CellChange(row, name, number, text) for name, text in cells.items())
            yield from (change for change in found if _is_other(change.text, row.cells.get(change.column, "")))
    for key in (key for key, rows in left.items() for _ in rows):
        report(
            0,
            " ".join(key),
            "its row is missing; keep it, since a rule is retired, and a line of a score removed, in the file",
        )


def _lines(source: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines of a table with their numbers, the names of its columns first.

    Of Markdown, the table under the heading of this name, where there are headings, as on the page of all tables.
    """
    if source.suffix.lower() not in MARKDOWN:
        yield from enumerate(csv_rows(source), 1)
        return
    with opened_text(source) as stream:
        text = stream.read()
    heading, has_headings = "", "\n## " in f"\n{text}"
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            heading = line.lstrip("# ").strip()
        elif line.startswith("|") and heading == (name if has_headings else heading):
            cells = [cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
            if not all(re.fullmatch(":?-+:?", cell) for cell in cells):
                yield number, cells


def _is_condition(name: str, table: RuleTable) -> bool:
    return name.startswith(WHEN) and RULE in table.keys


def _is_other(text: str, before: str) -> bool:
    return text != " ".join(before.split()) and text not in (before, before.upper())


def _in(column: str, message: str) -> str:
    return f"column {column!r}: {message}"


def _in_table(problem: Problem, changes: Sequence[CellChange], written: Document, source: Path) -> Problem:
    """Return a mistake in a file at the changed cell that it comes from, as far as there is one."""

    def far(change: CellChange) -> tuple[int, bool]:
        line = written.position((*change.row.path, *_place(change.column))).line
        return abs(line - problem.position.line), change.text not in problem.message

    near = [change for change in changes if change.about == problem.about and problem.position.file == written.name]
    if not near:
        return problem
    change = min(near, key=far)
    return Problem(Position(str(source), change.line), problem.about, _in(change.column, problem.message))


def _place(column: str) -> KeyPath:
    """Return where the value of a column stands in the entry or line of its row, as far as all entries have it there."""
    if column.startswith(WHEN):
        return "when", column.removeprefix(WHEN)
    return ("then",) if column in STANCES else (column,)


def _write(edits: Edits, change: CellChange) -> None:
    """Change one value in a text; raise ValueError when the cell means none."""
    column, text, path = change.column, change.text, change.row.path
    if column == UNLESS:
        _write_exceptions(edits, (*path, UNLESS), text)
    elif column in STANCES:
        _write_argument(edits, (*path, "then"), column, text)
    elif column.startswith(WHEN):
        _write_line(edits, (*path, *_place(column)), text)
    elif not text:
        raise ValueError("is empty; write its value")
    elif column in (TITLE, BECAUSE):
        edits.replace((*path, column), prose(text, edits.column((*path, column))))
    else:
        name = column if column != GIVES else "points" if "points" in edits.data(path) else "class"
        edits.replace((*path, name), flow(_raw(text)))


def _raw(text: str) -> Any:
    """Return the value that a cell means; a spreadsheet writes TRUE for true."""
    if text.startswith(("{", "[", '"')):
        try:
            return read_text(text, "cell").data
        except Invalid as invalid:
            raise ValueError(invalid.problems[0].message) from None
    if OR in text:
        return [_raw(part.strip()) for part in text.split(OR)]
    return scalar(text.lower() if text in ("TRUE", "FALSE") else text)


def _write_line(edits: Edits, path: KeyPath, text: str) -> None:
    """Change, add or take away a line of `when`."""
    lines = edits.data(path[:-1])
    if not text and len(lines) == 1:
        raise ValueError("a rule needs a line of `when`; retire it in its file if it is to fire no more")
    if not text:
        edits.remove(path)
    elif path[-1] in lines:
        edits.replace(path, flow(_raw(text)))
    else:
        edits.add(path[:-1], f"{path[-1]}: {flow(_raw(text))}")


def _write_exceptions(edits: Edits, path: KeyPath, text: str) -> None:
    """Change what stands under `unless`; exceptions that stay are left as they are where they stand in a list."""
    before = edits.data(path)
    if not text:
        edits.remove(path)
        return
    new = _raw(text) if text.startswith("{") else [_exception(part.strip()) for part in text.split(OR)]
    old = before["any"] if isinstance(before, dict) and set(before) == {"any"} else None
    if old and isinstance(new, list) and (kept := [one for one in old if one in new]) in (old, new):
        for i in reversed(range(len(old))):
            if old[i] not in kept:
                edits.remove((*path, "any", i))
        for one in (one for one in new if one not in old):
            edits.add((*path, "any"), flow(one))
        return
    if isinstance(new, list) and len(new) == 1:
        (new,) = new
    column = " " * (edits.column((*path[:-1], "when")) + 2)
    lines = (
        [f"\n{column}any:", *(f"\n{column}  - {flow(one)}" for one in new)] if isinstance(new, list) else [flow(new)]
    )
    if before is None:
        edits.add(path[:-1], f"{UNLESS}:{'' if len(lines) > 1 else ' '}{''.join(lines)}")
    else:
        edits.replace(path, "".join(lines))


def _exception(text: str) -> Any:
    name, colon, value = text.partition(": ")
    if not colon:
        raise ValueError(f"{shown(text)} is no exception; write `attribute: value`, and more of them with `or` between")
    return {name.strip(): _raw(value.strip())}


def _write_argument(edits: Edits, path: KeyPath, stance: str, text: str) -> None:
    """Change, add or take away the pathways for which, or against which, a rule speaks in one way."""
    entries = edits.data(path)
    (place, *_) = [*(i for i, entry in enumerate(entries) if entry["argue"]["stance"] == stance), len(entries)]
    if not text and len(entries) == 1:
        raise ValueError("a rule has to argue for or against something; retire it in its file if it is to say nothing")
    if not text:
        edits.remove((*path, place))
        return
    raw = _raw(text) if text.startswith("{") else [part.strip() for part in text.split(AND)]
    pathway = flow(raw[0] if isinstance(raw, list) and len(raw) == 1 else raw)
    if place < len(entries):
        edits.replace((*path, place, "argue", "pathway"), pathway)
    else:
        edits.add(path, f"argue: {{pathway: {pathway}, stance: {stance}}}")
