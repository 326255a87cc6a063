"""How fast a consultation is, beside the same rules in a stock Experta engine and in CLIPS, in one run: `make bench`.

The stock engine holds a production of the same patterns for each alternative of each rule, with Experta's own bus,
agenda and salience, and right-hand sides that do nothing but declare the settled facts of the next stratum. It is given
the same settled facts at the same strata, so what differs is only the engine: no trace is written, no claim recorded.
CLIPS gets them all at once, and the tests answered (see `clips_engine`); all three fire equally often.
CPU time is counted. Ratios within a run are what counts; the milliseconds are of this machine on this day.
"""

import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import cache

import knowledge_base
from engine import Reasoner, advise
from engine.inference import experta_adapter as experta_seam
from engine.inference.compiler import Bound, Compiler
from engine.inference.production import EngineFact, Memory
from engine.inference.session import Consultation
from engine.symbolic.program import Intake, program_of
from metspine.library import read_library
from tests.bench.clips_engine import ClipsEngine

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
        memory.declare(*self.settled[level])


class StockEngine(experta_seam.Engine):
    """The same productions without our bus and agenda: Experta as it comes."""

    parts: dict[str, object] = {}  # noqa: RUF012  # what the seam would replace; here nothing
    fact, facts = experta_seam.ExpertaFact, staticmethod(lambda first: first)


class Recorder:
    """A memory that notes which facts each stratum declared."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.facts: list[EngineFact] = []

    def declare(self, *facts: EngineFact) -> None:
        self.facts.extend(facts)
        self.memory.declare(*facts)


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
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def main() -> None:
    base = knowledge_base.load()
    reasoner = Reasoner(base)
    handler = StockHandler()
    stock, clips = StockEngine(Compiler(base, lambda: handler).productions()), ClipsEngine(base)
    intake, programs = Intake(base), cache(lambda lesions: program_of(base, lesions))
    cases = read_library(base)[:: max(1, len(read_library(base)) // 20)]
    spent: Counter[str] = Counter()
    firings = 0
    for case in cases:
        handler.settled, start = recorded(reasoner, case)
        facts = clips.facts_of([*start, *(fact for facts in handler.settled.values() for fact in facts)])
        fired = len(reasoner.consult(case).trace.firings)
        assert clips.fired(facts) == fired
        program = programs(len(case.lesions))
        works: dict[str, Callable[[], object]] = {
            "consultation with trace": lambda case=case: reasoner.consult(case).trace,
            "with the advice built": lambda case=case: advise(case, reasoner),
            "stock Experta, no trace": lambda start=start: stock.run(start),
            "CLIPS, no trace": lambda facts=facts: clips.fired(facts),
            "conclusions by program": lambda case=case, program=program: program.run(intake.packed(program, [case]), 1),
        }
        program.run(intake.packed(program, [case]), 1)
        for name, work in works.items():
            spent[name] += seconds(work)
        firings += fired
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(
        f"{len(base.rules)} rules and {len(base.steps)} score steps, {len(cases)} library cases, median of {REPEATS} runs"
    )
    for name, time_spent in spent.items():
        ratios = " ".join(
            f"{time_spent / spent[other]:9.2f}" for other in ("CLIPS, no trace", "stock Experta, no trace")
        )
        print(f"{name:25} {1000 * time_spent / len(cases):9.2f} ms  {firings / time_spent:9,.0f} firings/s  {ratios}")
    print("the last two columns: how many times the CPU of CLIPS, and of stock Experta")


if __name__ == "__main__":
    main()
