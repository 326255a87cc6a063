"""How fast a consultation is, beside the same rules in a stock Experta engine, in one run: `make bench`.

The stock engine holds a production of the same patterns for each alternative of each rule, with Experta's own bus,
agenda and salience, and right-hand sides that do nothing but declare the settled facts of the next stratum. It is given
the same settled facts at the same strata, so what differs is only the engine: no trace is written, no claim recorded.
Ratios within a run are what counts; the milliseconds are of this machine on this day.
"""

import statistics
import sys
import time
from collections.abc import Callable

import knowledge_base
from engine import Reasoner, advise
from engine.inference import experta_adapter as experta_seam
from engine.inference.compiler import Bound, Compiler
from engine.inference.production import EngineFact, Memory
from engine.inference.session import Consultation
from metspine.library import read_library

REPEATS = 3


class StockHandler:
    """Stands in for the consultation: declares, at each stratum, the facts that were settled there before."""

    def __init__(self) -> None:
        self.settled: dict[int, list[EngineFact]] = {}
        self.fired = 0

    def rule_fired(self, rule: object, alternative: int, bound: Bound) -> None:
        self.fired += 1

    def step_fired(self, step: object, bound: Bound) -> None:
        self.fired += 1

    def stratum_done(self, level: int, memory: Memory) -> None:
        for fact in self.settled[level]:
            memory.declare(fact)


class StockEngine(experta_seam.Engine):
    """The same productions without our bus and agenda: Experta as it comes."""

    parts: dict[str, object] = {}  # noqa: RUF012  # what the seam would replace; here nothing


class Recorder:
    """A memory that notes which facts each stratum declared."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.facts: list[EngineFact] = []

    def declare(self, fact: EngineFact) -> None:
        self.facts.append(fact)
        self.memory.declare(fact)


def recorded(reasoner: Reasoner, case: object) -> tuple[dict[int, list[EngineFact]], list[EngineFact]]:
    """Return the facts that each stratum of a consultation settles, and those it starts with."""
    settled: dict[int, list[EngineFact]] = {}
    original = Consultation.stratum_done

    def spy(self: Consultation, level: int, memory: Memory) -> None:
        recorder = Recorder(memory)
        original(self, level, recorder)
        settled[level] = recorder.facts

    Consultation.stratum_done = spy  # type: ignore[method-assign]
    try:
        consultation = reasoner.consult(case)  # type: ignore[arg-type]
    finally:
        Consultation.stratum_done = original  # type: ignore[method-assign]
    return settled, list(consultation.initial_facts())


def seconds(work: Callable[[], object]) -> float:
    """Return the median of a few runs."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    base = knowledge_base.load()
    reasoner = Reasoner(base)
    handler = StockHandler()
    stock = StockEngine(Compiler(base, lambda: handler).productions())
    cases = read_library(base)[:: max(1, len(read_library(base)) // 20)]
    ours = theirs = whole = 0.0
    firings = 0
    for case in cases:
        handler.settled, start = recorded(reasoner, case)
        ours += seconds(lambda case=case: reasoner.consult(case))
        theirs += seconds(lambda start=start: stock.run(start))
        whole += seconds(lambda case=case: advise(case, reasoner))
        firings += len(reasoner.consult(case).trace.firings)
        print(".", end="", file=sys.stderr, flush=True)
    n = len(cases)
    print(file=sys.stderr)
    print(f"{len(base.rules)} rules and {len(base.steps)} score steps, {n} library cases, median of {REPEATS} runs")
    print(f"consultation with trace   {1000 * ours / n:7.1f} ms   {firings / ours:8.0f} firings/s")
    print(f"with the advice built     {1000 * whole / n:7.1f} ms")
    print(f"stock Experta, no trace   {1000 * theirs / n:7.1f} ms   {firings / theirs:8.0f} firings/s")
    print(f"ratio ours / stock        {ours / theirs:7.2f}   (below 1: faster than stock)")


if __name__ == "__main__":
    main()
