"""How a journal grows: seconds and bytes to write, find, count, verify and recall decisions: `make bench`.

Decisions are those of random patients, some of them over and over, written as every door writes them; all but the first
hundred in one transaction for many, without which writing alone would take hours. `python -m tests.bench.journal 100000`
goes on to as many. Seconds are those of a clock, on two cores where a command takes them.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import Connection

import knowledge_base
from engine.decision import Options
from metspine.api import Answer, explain
from metspine.journal.queries import Sought, find, rules
from metspine.journal.recall import recall
from metspine.journal.store import Journal
from metspine.journal.verification import findings

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
DISTINCT = 50
ALONE = 100  # decisions that are written each in transactions of its own
TOGETHER = 1000  # rows of one transaction, of the others
JOBS = min(2, os.cpu_count() or 1)


class Bulk(Journal):
    """A journal that commits, and signs a checkpoint, once for many rows."""

    held: Connection | None = None
    rows = 0

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self.held is None:
            self.held = self.engine.execution_options(writes=True).connect()
            self.held.begin()
        yield self.held
        self.rows += 1
        if self.rows % TOGETHER == 0:
            self.flush()

    def _checkpoint(self, connection: Connection, at: str) -> str:
        return super()._checkpoint(connection, at) if (self.rows + 1) % TOGETHER == 0 else ""

    def _witness(self, note: str) -> None:
        if note:
            super()._witness(note)

    def flush(self) -> None:
        """Commit what was written."""
        if self.held is not None:
            self.held.commit()
            self.held.close()
            self.held = None


def main() -> None:
    from randomcases import random_case

    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    base = knowledge_base.load()
    runs = [explain(random_case(base, seed), base).run for seed in range(DISTINCT)]
    asked = Options(settle=False, vary=False, plan=False)
    held = [Answer(run, run.advised(), asked).recorded() for run in runs]
    print(f"a record: {sum(len(one.text()) for one in held) // DISTINCT:,} bytes of JSON")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        place, key = Path(folder) / "j.db", Path(folder) / "key"
        single = Journal.create(place, key, "bench")
        with timed(f"write {ALONE} one by one", ALONE):
            for i in range(ALONE):
                single.close(single.open({"command": "advise"}), held[i % DISTINCT], base, {})
        bulk, written = Bulk(place, key), ALONE
        for size in sorted({size for size in (1000, 10_000, 30_000, most) if size <= most}):
            with timed(f"write up to {size} many at a time", size - written):
                for i in range(written, size):
                    bulk.close(bulk.open({"command": "advise"}), held[i % DISTINCT], base, {})
                bulk.flush()
            written = size
            print(f"{size:,} decisions: {place.stat().st_size / size:,.0f} bytes each")
            asking(Journal(place, key), size)


def asking(journal: Journal, size: int) -> None:
    """Time what a journal is asked for."""
    with timed("find by a rule and a day", size):
        found = find(journal, Sought(rule="HIST-01", since="2020-01-01"))
    with timed("find by a case", size):
        find(journal, Sought(case=f"random-{DISTINCT // 2}"))
    with timed("how every rule fared", size):
        used = rules(journal)
    with timed("verify, without the index", size):
        wrong = findings(journal, index=False, jobs=JOBS)
    assert wrong == [], wrong[:3]
    if size <= 10_000:
        with timed("verify, with the index", size):
            assert findings(journal, jobs=JOBS) == []
    rule = used[0].rule
    with timed(f"recall {rule}, nothing repeated", size):
        told = recall(journal, rule, "", jobs=JOBS)
    print(f"  ({len(found)} found, {len(told.recalled)} recalled)", flush=True)


@contextmanager
def timed(what: str, count: int) -> Iterator[None]:
    """Print how long something took, and for each decision."""
    start = time.perf_counter()
    yield
    took = time.perf_counter() - start
    print(f"  {what:<40}{took:9.2f} s {1000 * took / max(count, 1):9.3f} ms each", flush=True)


if __name__ == "__main__":
    main()
