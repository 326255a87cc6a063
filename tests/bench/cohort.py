"""How fast a registry is advised on, beside Experta patient by patient, in one run: `make bench`.

Patients are random ones, some hundred of them over and over, with one to three lesions and 100 columns and more. CPU
seconds of the whole command on two cores are counted, from Parquet to Parquet; ratios within a run count.
`python -m tests.bench.cohort 1000000` goes on to as many rows.
"""

import resource
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import pyarrow
from pyarrow import parquet

import knowledge_base
from cases.model import Case
from cases.writing import case_data
from engine import Reasoner
from engine.cohort import lesion_verdicts
from engine.symbolic.program import Intake, program_of
from knowledge_base import KnowledgeBase

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
sys.path.insert(0, str(Path(__file__).parents[1] / "metspine"))
DISTINCT = 400
BESIDE = 25  # patients that Experta is given
BLOCK = 50_000  # rows that are written at a time
JOBS = 2


def registry(cases: list[Case], base: KnowledgeBase, rows: int, path: Path) -> int:
    """Write so many rows, the same patients over and over by other names, and return how many patients there are."""
    from registries import rows_of, text_of

    patients = [rows_of([case], base) for case in cases]
    names = list(dict.fromkeys(name for patient in patients for row in patient for name in row))
    numbers = [i for i, patient in enumerate(patients) for _ in patient]
    once = [row for patient in patients for row in patient]
    cells = {name: [None if row.get(name) is None else text_of(row[name]) for row in once] for name in names}
    table = pyarrow.table(cells)
    block, place = pyarrow.concat_tables([table] * (1 + BLOCK // len(once))), names.index("patient")
    written = count = 0
    with parquet.ParquetWriter(path, table.schema) as out:
        while written < rows:
            block_rows = block.slice(0, rows - written)
            who = [
                f"P{count + i // len(once) * len(cases) + numbers[i % len(once)]:07}" for i in range(len(block_rows))
            ]
            out.write_table(block_rows.set_column(place, "patient", [who]))
            written, count = written + len(block_rows), int(who[-1][1:]) + 1
    return count


def main() -> None:
    from randomcases import random_case

    most = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    base = knowledge_base.load()
    cases = [random_case(base, seed) for seed in range(DISTINCT)]
    assert all(case_data(case, base) for case in cases)
    programs = cache(lambda lesions: program_of(base, lesions))
    start = time.process_time()
    for lesions in (1, 2, 3):
        programs(lesions)
    print(f"programs for 1, 2 and 3 lesions compiled in {time.process_time() - start:.1f} s")

    reasoner, intake = Reasoner(base), Intake(base)
    alone = [case for case in cases if len(case.lesions) == 1][:BESIDE]
    start = time.process_time()
    for case in alone:
        lesion_verdicts(reasoner.consult(case))
    experta = (time.process_time() - start) / len(alone)
    start = time.process_time()
    for case in alone:
        programs(1).run(intake.packed(programs(1), [case]), 1)
    one = (time.process_time() - start) / len(alone)
    print(f"one patient by Experta    {1000 * experta:9.2f} ms of CPU")
    print(f"one patient by program    {1000 * one:9.2f} ms, ratio {one / experta:.4f}")

    with tempfile.TemporaryDirectory() as folder:
        rows = 1000
        while rows <= most:
            table = Path(folder) / f"{rows}.parquet"
            patients = registry(cases, base, rows, table)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [sys.executable, "-m", "metspine", "cohort", table, "-o", Path(folder) / "out.parquet"]
            options = ["--recheck", "0", "--jobs", str(JOBS)]
            done = subprocess.run([*map(str, command), *options], check=False, capture_output=True, text=True)
            assert done.returncode in (0, 1), done.stderr  # 1: some rows have an error
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(
                f"{rows:9,} rows, {patients:8,} patients  {spent / JOBS:7.2f} s of CPU on each of {JOBS} cores  "
                f"{rows / spent:8,.0f} rows/s of CPU  {experta * patients / spent:6.0f} x Experta  "
                f"largest process {after.ru_maxrss / 1024:,.0f} MiB",
                flush=True,
            )
            rows *= 10


if __name__ == "__main__":
    main()
