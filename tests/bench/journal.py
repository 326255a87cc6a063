"""How a journal grows: seconds and bytes to write, find, count, verify and recall decisions: `make bench`.

Decisions are those of fifty patients, worked and random. A door writes each alone, for what is shown must be on the disk
first; that is timed at every size. The rest are written in one transaction for many, with what is worked out of a record
worked out once, without which writing alone would take an hour.
`python -m tests.bench.journal 100000` goes on to as many. A recall runs equal patients once in each of its parts; what
different ones cost stands first. Two cores are taken where a command takes them.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy.engine import Connection

import knowledge_base
from engine.cohort import lesion_verdicts_on
from engine.decision import Options
from engine.record import DecisionRecord
from knowledge_base import KnowledgeBase
from knowledge_base.loading.frameworks import DEFAULT
from metspine.api import Answer, explain
from metspine.journal import index, payloads, store, tables
from metspine.journal.index import Rows
from metspine.journal.queries import Sought, find
from metspine.journal.recall import recall
from metspine.journal.rule_use import rules
from metspine.journal.store import Journal
from metspine.journal.verification import findings
from metspine.library import LIBRARY

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
RULE = "NOMS-09"
DISTINCT = 50
ALONE = 20  # decisions that are written each in transactions of its own, first and at each size
ROWS = 10_000  # small ones, with and without checkpoints
TOGETHER = 1000  # rows of one transaction, of the others
JOBS = min(2, os.cpu_count() or 1)


class Bulk(Journal):
    """A journal that commits, and writes its checkpoints to the second place, once for many rows."""

    held: Connection | None = None
    notes: tuple[str, ...] = ()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self.held is None:
            self.held = self.engine.execution_options(writes=True).connect()
            self.held.begin()
        yield self.held

    def _witness(self, note: str) -> None:
        self.notes += (note,)
        if len(self.notes) == TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Commit what was written."""
        if self.held is not None:
            if LIKE:
                copy_index(self.held)
            self.held.commit()
            self.held.close()
            self.held = None
            super()._witness("\n".join(self.notes))
            self.notes = ()


class Unsigned(Bulk):
    """A journal whose rows no checkpoint covers: what those of others cost is told beside it."""

    def _checkpoint(self, *of_row: object) -> str:
        return ""


def ready(record: DecisionRecord) -> Any:
    """Return what is written of a record like the record itself, its text worked out once."""
    parts = {name: getattr(record, name) for name in ("advice", "digests", "engine", "options", "case_file_sha256")}
    text = record.text()
    return SimpleNamespace(**parts, text=lambda: text)


FIRST: dict[int, int] = {}  # by the advice of a record, the row in which it was first written
LIKE: list[tuple[int, int]] = []  # rows whose index is still to be written, each with an earlier one that has the same


def index_once(seq: int, advice: Any, decision: str, pseudonym: str) -> Rows:
    """Return the index of what was not written before; note what was."""
    if FIRST.setdefault(id(advice), seq) == seq:
        return index.index_rows(seq, advice, decision, pseudonym)
    LIKE.append((seq, FIRST[id(advice)]))
    return []


ONCE = {"index_rows": index_once, "packed": cache(payloads.packed), "decided_in": cache(payloads.decided_in)}


@contextmanager
def remembering() -> Iterator[None]:
    """Let a journal work out once what it stores of each record, and what it is found by."""
    before = {name: getattr(store, name) for name in ONCE}
    for name, found in ONCE.items():
        setattr(store, name, found)
    yield
    for name, found in before.items():
        setattr(store, name, found)


def copy_index(connection: Connection) -> None:
    """Write the index of rows that have the same as others."""
    connection.exec_driver_sql("CREATE TEMP TABLE alike (own INTEGER PRIMARY KEY, other INTEGER)")
    connection.exec_driver_sql("INSERT INTO alike VALUES (?, ?)", LIKE)
    for table in tables.INDEXES:
        _, *names = (column.name for column in table.c)
        columns = ", ".join(names)
        chosen = f"SELECT own, {columns} FROM alike JOIN {table.name} ON seq = other ORDER BY own"
        connection.exec_driver_sql(f"INSERT INTO {table.name} (seq, {columns}) {chosen}")
    LIKE.clear()


def main() -> None:
    from randomcases import random_case

    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    base = knowledge_base.load()
    worked = sorted(LIBRARY.glob("noms-n*.yaml"))[:DISTINCT]  # in some of them NOMS-09 fires
    cases = [*worked, *(random_case(base, seed) for seed in range(DISTINCT - len(worked)))]
    runs = [explain(case, base).run for case in cases]
    asked = Options(settle=False, vary=False, plan=False)
    held = [ready(Answer(run, run.advised(), asked).recorded()) for run in runs]
    print(f"a record: {sum(len(one.text()) for one in held) // DISTINCT:,} bytes of JSON")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        place, key = Path(folder) / "j.db", Path(folder) / "key"
        corrected = corrected_in(Path(folder) / "noms")
        patients = [random_case(corrected, seed) for seed in range(1000)]
        with timed("advise 1000 different patients anew", 1000):
            lesion_verdicts_on(patients, corrected)
        single = Journal.create(place, key, "bench")
        write_alone(single, held, base)
        with timed("verify, with the index", ALONE):
            assert findings(single) == []
        checkpoints(Path(folder), key)
        for jobs in sorted({1, JOBS}):
            with timed(f"repeat all by the engine, cores: {jobs}", ALONE):
                assert findings(single, replay=True, index=False, jobs=jobs) == []
        bulk, written = Bulk(place, key), ALONE
        for size in sorted({size for size in (1000, 10_000, 100_000, most) if size <= most}):
            with remembering(), timed(f"write up to {size} many at a time", size - written):
                for i in range(written, size):
                    bulk.close(bulk.open({"command": "advise"}), held[i % DISTINCT], base, {})
                bulk.flush()
            written = size
            print(f"{size:,} decisions: {place.stat().st_size / size:,.0f} bytes each")
            asking(Journal(place, key), size, corrected)
            write_alone(single, held, base)
            written += ALONE


def checkpoints(folder: Path, key: Path) -> None:
    """Time rows with and without a checkpoint after each, and tell what these take on the disk."""
    work, size = {}, {}
    for kind in (Unsigned, Bulk):
        place = folder / f"{kind.__name__}.db"
        Journal.create(place, key, "bench")
        journal, before = kind(place, key), sum(os.times()[:4])
        with timed(f"write {ROWS} small rows, {kind.__name__.lower()}", ROWS):
            for _ in range(ROWS):
                journal.note("shown", "x", {"as": "text"})
            journal.flush()
        work[kind] = sum(os.times()[:4]) - before
        size[kind] = sum(file.stat().st_size for file in folder.glob(f"{kind.__name__}.db*"))
    cost, taken = ((found[Bulk] - found[Unsigned]) / ROWS for found in (work, size))
    ratio = work[Bulk] / work[Unsigned]
    print(
        f"a checkpoint: {1000 * cost:.3f} ms of work (a small row with it: {ratio:.1f} times without), {taken:,.0f} bytes"
    )


def write_alone(journal: Journal, held: list[Any], base: KnowledgeBase) -> None:
    """Time decisions that are each written as a door writes them: two rows, each on the disk before anything is shown."""
    with timed(f"write {ALONE} one by one", ALONE):
        for i in range(ALONE):
            journal.close(journal.open({"command": "advise"}), held[i % DISTINCT], base, {})


def corrected_in(home: Path) -> KnowledgeBase:
    """Return the knowledge in which NOMS-09 recommends something else, from a folder that is made."""
    shutil.copytree(DEFAULT, home)
    file = home / "rules" / "noms_table.yaml"
    head, mark, rest = file.read_text(encoding="utf-8").partition(f"- id: {RULE}\n")
    rest = rest.replace("pathway: separation_surgery_then_sbrt", "pathway: cebrt", 1)
    file.write_text(head + mark + rest, encoding="utf-8")
    return knowledge_base.load(home)


def asking(journal: Journal, size: int, corrected: KnowledgeBase) -> None:
    """Time what a journal is asked for."""
    with timed("find by a rule and a day", size):
        found = find(journal, Sought(rule=RULE, since="2020-01-01"))
    with timed("find by a case", size):
        find(journal, Sought(case="noms-n9"))
    with timed("how every rule fared", size):
        rules(journal)
    with timed("verify, without the index", size):
        wrong = findings(journal, index=False, jobs=JOBS)
    assert wrong == [], wrong[:3]
    with timed(f"recall {RULE}, nothing repeated", size):
        fired = len(recall(journal, RULE, "", jobs=JOBS).recalled)
    with timed(f"recall {RULE}, all repeated", size):
        told = recall(journal, RULE, "", corrected, jobs=JOBS)
    other = sum(one.consequence in ("danger", "recommendation", "measure") for one in told.recalled)
    print(f"  ({len(found)} found, {fired} in which it fired, {other} otherwise)", flush=True)


@contextmanager
def timed(what: str, count: int) -> Iterator[None]:
    """Print how long something took by the clock, and in work of all cores, which a busy machine does not change."""
    start, before = time.perf_counter(), sum(os.times()[:4])
    yield
    took, work = time.perf_counter() - start, sum(os.times()[:4]) - before
    each = 1000 / max(count, 1)
    print(f"  {what:<40}{took:9.2f} s {work:9.2f} s of work {took * each:9.3f} ms each ({work * each:.3f})", flush=True)


if __name__ == "__main__":
    main()
