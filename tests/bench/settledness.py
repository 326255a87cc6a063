"""How long it takes to know what is not known: `make bench`.

First every library case and published vignette: settledness and the ranked questions, with how many inputs are unknown, how
many outcomes are possible and how many questions matter; median, worst and the slowest cases. The bound is 2 s on two
cores. Then consultations: every vignette is gone on with, each question answered with one of its values, and each kind of
step is timed. The bound is half a second for a step; `what would change` searches, and may take longer. CPU time is counted;
beside it stands how many times that of the plain advice on a vignette it is, which is not of this machine.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator

import knowledge_base
from cases.model import Case
from engine import Reasoner, advise
from engine.analysis.certainty import settledness
from engine.inference.subjects import Fact
from engine.symbolic.completions import Completions
from knowledge_base.language.knowledge import KnowledgeBase
from metspine.dialogue.machine import Dialogue
from metspine.library import read_library

SHOWN = 10
STEPS = 8  # answers in each consultation
WORDS = ("why", "so far", "how sure", "what would change")
BOUND = 0.5  # seconds for a step of a consultation
Row = tuple[float, str, int, str, int]


def main() -> None:
    gc.set_threshold(1_000_000)  # as the command line has it
    base = knowledge_base.load()
    reasoner = Reasoner(base)
    library = read_library(base)
    _print_settled(sorted((_settled(case, base, reasoner) for case in library), reverse=True))
    vignettes = [case for case in library if case.id.startswith("pub-")]
    plain = statistics.median(_cpu(lambda case=case: advise(case, reasoner)) for case in vignettes)  # type: ignore[misc]
    _print_steps([step for case in vignettes for step in _steps(case, base, reasoner)], plain)


def _settled(case: Case, base: KnowledgeBase, reasoner: Reasoner) -> Row:
    advice = advise(case, reasoner)
    gc.collect()  # a command has one case: it never clears up after others
    recommended = {lesion.id: lesion.recommended for lesion in advice.lesions}
    called = {(measure.measure, subject) for measure in advice.measures for subject in measure.subjects}
    start = time.perf_counter()
    found = settledness(Completions(base, case), recommended, called)
    taken = time.perf_counter() - start
    outcomes = "+".join(str(len(lesion.possible)) for lesion in found.lesions)
    print(".", end="", file=sys.stderr, flush=True)
    return taken, case.id, len(found.questions) + len(found.not_needed), outcomes, len(found.questions)


def _print_settled(rows: list[Row]) -> None:
    print(file=sys.stderr)
    for name, some in (("library cases", rows), ("of them published", [r for r in rows if r[1].startswith("pub-")])):
        times, unknown = [row[0] for row in some], [row[2] for row in some]
        print(f"{len(some)} {name}: settledness and questions, bound 2 s")
        print(f"  seconds: median {statistics.median(times):.2f}, worst {max(times):.2f}")
        print(f"  unknown inputs: median {statistics.median(unknown):.0f}, most {max(unknown)}")
    print(f"{'case':40} {'s':>6} {'unknown':>8} {'outcomes':>9} {'questions':>10}")
    for taken, name, open_inputs, outcomes, questions in rows[:SHOWN]:
        print(f"{name:40} {taken:6.2f} {open_inputs:8} {outcomes:>9} {questions:10}")


def _steps(case: Case, base: KnowledgeBase, reasoner: Reasoner) -> Iterator[tuple[str, float, str]]:
    """Go on with a case, and yield each step: what kind, how long it took, and where."""
    gc.collect()
    dialogue = Dialogue(reasoner, lambda case, not_known: None, case, lingers=True)
    yield _timed(case, "open", lambda: dialogue.open())
    for word in WORDS[1:] if dialogue.question is None else WORDS:
        yield _timed(case, word, lambda word=word: dialogue.step(word))  # type: ignore[misc]
    for number in range(STEPS):
        if dialogue.question is None:
            break
        said = _some_answer(dialogue.question.fact, number, base)
        yield _timed(case, "answer", lambda said=said: dialogue.step(said))  # type: ignore[misc]
    print(".", end="", file=sys.stderr, flush=True)


def _some_answer(asked: Fact | None, number: int, base: KnowledgeBase) -> str:
    """Return one of the values that a question takes; a list is confirmed."""
    if asked is None:
        return "yes"
    attribute = base.vocabulary[asked.attribute]
    return (
        str(attribute.names[number % len(attribute.names)])
        if attribute.names
        else (attribute.range or "").split("..")[0]
    )


def _timed(case: Case, kind: str, step: Callable[[], object]) -> tuple[str, float, str]:
    return kind, _cpu(step), case.id


def _cpu(work: Callable[[], object]) -> float:
    """Return how many seconds of CPU something takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _print_steps(steps: list[tuple[str, float, str]], plain: float) -> None:
    print(file=sys.stderr)
    print(f"{len({case for _, _, case in steps})} consultations that go on with a vignette: seconds for each step")
    print(f"{'step':20} {'times':>6} {'median':>7} {'worst':>7} {'> bound':>7} {'median':>7} {'worst':>7}  slowest in")
    for kind in dict.fromkeys(kind for kind, _, _ in steps):
        some = [(taken, case) for other, taken, case in steps if other == kind]
        worst, where = max(some)
        median, over = statistics.median(t for t, _ in some), sum(taken > BOUND for taken, _ in some)
        ratios = f"{median / plain:7.1f} {worst / plain:7.1f}"
        print(f"{kind:20} {len(some):6} {median:7.2f} {worst:7.2f} {over:7} {ratios}  {where}")
    print(f"times the plain advice ({1000 * plain:.0f} ms): the last two columns")


if __name__ == "__main__":
    main()
