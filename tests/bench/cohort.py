"""How fast a registry is advised on, beside Experta patient by patient, in one run: `make bench`.

Patients are random ones, some hundred of them over and over, with one to three lesions and 100 columns and more. CPU
seconds of this process are counted, from Parquet to Parquet, with reading, hearing and writing; ratios within a run count.
`python -m tests.bench.cohort 1000000` goes on to as many rows.
"""

import resource
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
from engine import cohort as cohorts
from engine.cohort import findings_of
from engine.symbolic.program import Intake, program_of
from knowledge_base import KnowledgeBase
from metspine.registry import run as running

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
sys.path.insert(0, str(Path(__file__).parents[1] / "metspine"))
DISTINCT = 400
BESIDE = 25  # patients that Experta is given


def registry(cases: list[Case], base: KnowledgeBase, rows: int, path: Path) -> int:
    """Write so many rows or a few more, whole patients over and over, and return how many patients there are."""
    from registries import rows_of, text_of

    patients = [rows_of([case], base) for case in cases]
    names = list(dict.fromkeys(name for patient in patients for row in patient for name in row))
    made: list[dict[str, object]] = []
    count = 0
    while len(made) < rows:
        made += [row | {"patient": f"P{count:07}"} for row in patients[count % len(patients)]]
        count += 1
    cells = {name: [None if row.get(name) is None else text_of(row[name]) for row in made] for name in names}
    parquet.write_table(pyarrow.table(cells), path)
    return count


def main() -> None:
    from randomcases import random_case

    most = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    base = knowledge_base.load()
    cases = [random_case(base, seed) for seed in range(DISTINCT)]
    assert all(case_data(case, base) for case in cases)
    programs = cache(lambda lesions: program_of(base, lesions))
    cohorts.kept_program = lambda _, lesions: programs(lesions)
    start = time.process_time()
    for lesions in (1, 2, 3):
        programs(lesions)
    print(f"programs for 1, 2 and 3 lesions compiled in {time.process_time() - start:.1f} s")

    reasoner, intake = Reasoner(base), Intake(base)
    alone = [case for case in cases if len(case.lesions) == 1][:BESIDE]
    start = time.process_time()
    for case in alone:
        findings_of(reasoner.consult(case))
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
            start = time.process_time()
            work = running.Run(table, Path(folder) / "out.parquet", running.Options(recheck=0))
            record = work.whole()
            work.finished(record)
            spent = time.process_time() - start
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{record.counts['rows']:9,} rows, {patients:8,} patients  {spent:7.2f} s of CPU  "
                f"{record.counts['rows'] / spent:9,.0f} rows/s  {experta * patients / spent:7.0f} x Experta  "
                f"peak {peak:,.0f} MiB"
            )
            rows *= 10


if __name__ == "__main__":
    main()
