"""A run over a registry: planned, advised on in parts, each written and renamed, joined in the end, and checked.

A run that was killed goes on where it was: parts that are there, of the same table, knowledge and options, are kept.
"""

import hashlib
import heapq
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import knowledge_base
from cases.columns import PATIENT, Header, read_header
from engine.cohort import cohort_of
from engine.versions import engine_stamp
from knowledge_base.language.knowledge import KnowledgeBase
from metspine.files import put_whole
from metspine.registry.part import PartAdviser, Rows, answer_columns, names_of, parts_of, uncollected
from metspine.registry.recheck import Recheck, Rechecked, groups_with, written_of
from metspine.registry.tables import TableSource, join, open_table, read_rows, writer

PART = 20_000  # rows of a part, at least
PLANNED = 20  # the same, where each has its plan: what is done of these is told, and not done again after a kill
OnProgress = Callable[[int, int], None]  # told how many rows are done, and of how many


@dataclass(frozen=True)
class RunOptions:
    """What a run is to do, apart from the table."""

    knowledge: str | None = None
    sides: tuple[tuple[str, str], ...] = ()
    carry: tuple[str, ...] = ()
    fired: bool = False
    recheck: int = 300
    seed: str = "metspine"
    part: int = PART
    planned: bool = False

    @property
    def rows(self) -> int:
        """How many rows a part has, at least."""
        return PLANNED if self.planned else self.part

    def base(self) -> KnowledgeBase:
        """Return the knowledge of the run."""
        return base_of(self.knowledge, self.sides)


@lru_cache(maxsize=4)
def base_of(which: str | None, sides: tuple[tuple[str, str], ...]) -> KnowledgeBase:
    """Return a knowledge base by name or folder with sides on, read once in a process."""
    return knowledge_base.load(which).with_sides(dict(sides))


@dataclass(frozen=True)
class Survey:
    """What one look at the table tells: how many rows, whose rows stand apart, and who is drawn for the second look."""

    rows: int
    patients: int
    scattered: frozenset[str]
    drawn: frozenset[str]


def plan_of(source: TableSource, options: RunOptions) -> Survey:
    """Return the plan of a table: it reads the column of patients."""
    seen: set[str] = set()
    scattered: set[str] = set()
    drawn: list[tuple[int, str]] = []
    last: str | None = None
    count = 0
    for batch in source.batches([PATIENT]):
        count += batch.size
        for name in names_of(batch):
            if name is None or name == last:
                last = name
                continue
            last = name
            if name in seen:
                scattered.add(name)
                continue
            seen.add(name)
            if options.recheck:
                lot = (-_lot(options.seed, name), name)
                (heapq.heappush if len(drawn) < options.recheck else heapq.heappushpop)(drawn, lot)
    return Survey(count, len(seen), frozenset(scattered), frozenset(name for _, name in drawn))


def _lot(seed: str, patient: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}|{patient}".encode()).digest()[:8])


@dataclass
class RunRecord:
    """What a run was and what it came to, as it is written beside the output."""

    input: dict[str, object]
    output: dict[str, object]
    knowledge: dict[str, object]
    engine: str
    options: dict[str, object]
    columns: dict[str, str]
    carried: list[str]
    counts: dict[str, int]
    fired: dict[str, int]
    recheck: dict[str, object] = field(default_factory=dict)

    def text(self) -> str:
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def record_path(out: Path) -> Path:
    """Return where the record of an output stands."""
    return out.with_name(f"{out.name}.run.json")


def read_record(out: Path) -> RunRecord:
    """Return the record of an output; raise ValueError when there is none that can be read."""
    try:
        return RunRecord(**json.loads(record_path(out).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise ValueError(
            f"{record_path(out)}: the record of the run is missing or not whole; run `metspine cohort` again"
        ) from None


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class RegistryRun:
    """One run: `done` tells of rows as they are done."""

    def __init__(self, table: Path, out: Path, options: RunOptions, done: OnProgress = lambda done, of: None) -> None:
        self.table, self.out, self.options, self.done = table, out, options, done
        self.write = writer(out)
        self.base = options.base()
        self.source = open_table(table)
        taken = answer_columns(self.base)
        self.header: Header = read_header(self.source.names, self.base, str(table), options.carry, taken)
        self.cohort = cohort_of(self.base)
        self.plan = plan_of(self.source, options)
        self.folder = out.with_name(f".{out.name}.parts")
        self.joined = out.with_name(f".tmp-{out.name}")  # the output, until the run is finished
        self.digest = digest_of(table)
        self.key = self._key()

    def _key(self) -> str:
        """Return what tells apart all that the parts hang on."""
        told = [self.digest, self.base.digest, dict(self.base.sides), engine_stamp().digest, asdict(self.options)]
        return hashlib.sha256(json.dumps([*told, self.out.suffix.lower()], sort_keys=True).encode()).hexdigest()

    def whole(self, jobs: int = 1) -> RunRecord:
        """Advise on all, write the output beside its place, and return the record; nothing is checked yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        told = list(self._parts(jobs))
        paths = [self._path(i) for i in range(len(told))]
        if not paths:
            nothing = Rows([], {name: ([], []) for name in self.source.names})
            self.write(self.joined, {name: [] for name in self._setting().adviser().advise(nothing).rows})
        else:
            join(paths, self.joined)
        return self._record(told)

    def finished(self, record: RunRecord) -> None:
        """Put the output in its place with its record, and clear the parts away."""
        self.joined.replace(self.out)
        put_whole(record_path(self.out), record.text())
        shutil.rmtree(self.folder, ignore_errors=True)

    def recheck(self, record: RunRecord, done: OnProgress = lambda done, of: None) -> Rechecked:
        """Look at some patients a second time, as `recheck` says, and put what was found into the record."""
        look = Recheck(self.cohort, self.header, self.source.is_typed, self.options.fired)
        if self.options.recheck:
            chosen = self.plan.drawn | set(self.cover.values())
            size = self.options.part
            written = written_of(read_rows(self.joined), chosen.__contains__)
            waiting = []
            looked = 0
            for rows, group in groups_with(self.source, chosen.__contains__, size):
                name = str(rows.patients[group[0]])
                if name in self.plan.drawn:
                    look.look(rows, group, written.get(name, ()))
                    looked += 1
                    done(looked, len(self.plan.drawn))
                else:
                    waiting.append((rows, group, name))
            for rows, group, name in waiting:
                mine = {unit for unit, patient in self.cover.items() if patient == name}
                if not mine <= look.found.fired:
                    look.look(rows, group, written.get(name, ()))
        found = look.found
        record.recheck = {
            "patients": len(found.patients),
            "drawn": len(self.plan.drawn) if self.options.recheck else 0,
            "rules": len(found.fired),
            "differences": [asdict(difference) for difference in found.differences],
        }
        return found

    # --- parts -------------------------------------------------------------------------------------------------

    def _parts(self, jobs: int) -> Iterator[dict[str, Any]]:
        parts = enumerate(parts_of(self.source.batches(), self.options.rows))
        count = 0
        for told in self._alone(parts) if jobs <= 1 else self._together(parts, jobs):
            count += told["counts"]["rows"]
            self.done(count, self.plan.rows)
            yield told

    def _alone(self, parts: Iterator[tuple[int, Rows]]) -> Iterator[dict[str, Any]]:
        adviser: PartAdviser | None = None
        for i, rows in parts:
            told = self._kept(i)
            if told is None:
                adviser = adviser or self._setting().adviser()
                told = _advised(adviser, rows, self._path(i), self.key)
            yield told

    def _together(self, parts: Iterator[tuple[int, Rows]], jobs: int) -> Iterator[dict[str, Any]]:
        """Yield parts in order, several at work: no more are read than are at work."""
        setting = self._setting()
        with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (setting,)) as pool:
            waiting: list[Any] = []
            for i, rows in parts:
                told = self._kept(i)
                waiting.append(told if told is not None else pool.submit(_work, rows, self._path(i), self.key))
                if len(waiting) > 2 * jobs:
                    yield _result(waiting.pop(0))
            for one in waiting:
                yield _result(one)

    def _setting(self) -> "Setting":
        return Setting(self.options, self.table, self.header, self.source.is_typed, self.plan.scattered)

    def _path(self, i: int) -> Path:
        return self.folder / f"{i:06}{self.out.suffix.lower()}"

    def _kept(self, i: int) -> dict[str, Any] | None:
        """Return what was told of a part that is there already, whole, and of this run."""
        try:
            told: dict[str, Any] = json.loads(_beside(self._path(i)).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return told if told.get("key") == self.key and self._path(i).is_file() else None

    # --- what is said in the end ----------------------------------------------------------------------------------

    def _record(self, told: Sequence[Mapping[str, Any]]) -> RunRecord:
        counts: Counter[str] = Counter()
        fired: Counter[str] = Counter()
        self.cover: dict[str, str] = {}
        for part in told:
            counts.update(part["counts"])
            fired.update(part["fired"])
            for name, patient in part["cover"].items():
                self.cover.setdefault(name, patient)
        framework = self.base.framework
        return RunRecord(
            input={"file": str(self.table), "sha256": self.digest},
            output={"file": self.out.name, "sha256": digest_of(self.joined)},
            knowledge={
                "id": framework.id,
                "version": framework.version,
                "digest": self.base.digest,
                "sides": dict(self.base.sides),
            },
            engine=engine_stamp().digest,
            options=asdict(self.options),
            columns={name: attribute.id for name, attribute in self.header.attributes.items()},
            carried=list(self.header.carried),
            counts=dict(counts),
            fired=dict(sorted(fired.items())),
        )


@dataclass(frozen=True)
class Setting:
    """What a process needs to advise on parts."""

    options: RunOptions
    table: Path
    header: Header
    is_typed: bool
    scattered: frozenset[str]

    def adviser(self) -> PartAdviser:
        """Return what advises on parts in this process."""
        cohort = cohort_of(self.options.base())
        options = self.options
        return PartAdviser(cohort, self.header, self.is_typed, options.fired, self.scattered, options.planned)


_ADVISER: list[PartAdviser] = []  # of a process that works for another


def _begin(setting: Setting) -> None:
    _ADVISER[:] = [setting.adviser()]


def _work(rows: Rows, path: Path, key: str) -> dict[str, Any]:
    return _advised(_ADVISER[0], rows, path, key)


def _result(one: Any) -> dict[str, Any]:
    return one if isinstance(one, dict) else one.result()


def _advised(adviser: PartAdviser, rows: Rows, path: Path, key: str) -> dict[str, Any]:
    """Write a part under another name, then rename it, then say so: whatever is under its name is whole."""
    with uncollected():  # until the rows are gone
        advised = adviser.advise(rows)
        beside = path.with_name(f"tmp-{path.name}")
        writer(path)(beside, advised.rows)
        beside.replace(path)
        told = {"key": key, "counts": advised.counts, "fired": advised.fired, "cover": advised.cover}
        del advised
    put_whole(_beside(path), json.dumps(told))
    return told


def _beside(path: Path) -> Path:
    return path.with_suffix(".json")
