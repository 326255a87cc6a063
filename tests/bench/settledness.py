"""How long settledness and the ranked questions take on every library case: `make bench`.

Prints, for the slowest cases, how many inputs are unknown, how many outcomes are possible, how many questions matter, and
the time beside the consultation itself; then median and worst. The bound is 2 s on two cores.
"""

import statistics
import sys
import time

import knowledge_base
from engine import Reasoner, advise
from engine.certainty import settledness
from metspine.library import read_library

SHOWN = 10


def main() -> None:
    base = knowledge_base.load()
    reasoner = Reasoner(base)
    rows = []
    for case in read_library(base):
        advice = advise(case, reasoner)
        recommended = {lesion.id: lesion.recommended for lesion in advice.lesions}
        called = {(measure.measure, subject) for measure in advice.measures for subject in measure.subjects}
        start = time.perf_counter()
        found = settledness(case, base, recommended, called)
        taken = time.perf_counter() - start
        unknown = len(found.questions) + len(found.not_needed)
        outcomes = "+".join(str(len(lesion.possible)) for lesion in found.lesions)
        rows.append((taken, case.id, unknown, outcomes, len(found.questions)))
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    _print(sorted(rows, reverse=True))


def _print(rows: list[tuple[float, str, int, str, int]]) -> None:
    times = [row[0] for row in rows]
    print(f"{len(rows)} library cases: settledness and questions")
    print(f"median {statistics.median(times):.2f} s, worst {max(times):.2f} s, bound 2 s")
    print(f"unknown inputs: median {statistics.median(row[2] for row in rows):.0f}, most {max(row[2] for row in rows)}")
    print(f"{'case':40} {'s':>6} {'unknown':>8} {'outcomes':>9} {'questions':>10}")
    for taken, name, unknown, outcomes, questions in rows[:SHOWN]:
        print(f"{name:40} {taken:6.2f} {unknown:8} {outcomes:>9} {questions:10}")


if __name__ == "__main__":
    main()
