"""How long the live page takes after a change, beside `advise` on the same cases in the same run: `make bench`.

A letter is entered field by field, each over the one before; measured is the answer that the browser gets at once (dangers,
what to do, what follows in the middle), and the plan after it, in processor time, so that a busy machine measures the same.
Then the same cases are asked for all at once, of one process and of workers as `--workers` starts them: by the clock, each
from the start, so that neither gains by what the other kept.
"""

import re
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

from starlette.testclient import TestClient

import knowledge_base
from cases.model import Case
from cases.reader import case_of
from engine import Reasoner, Run, advise
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.strict_yaml import read_text
from metspine.serve.server import make_app
from metspine.serve.work import Work
from metspine.serve.workers import Workers

T = TypeVar("T")
SCRIPT = {"HX-Request": "true"}
WORKERS = 2
LETTER = (
    ("p.primary_tumour", "Ca breast"), ("p.age", "61F"), ("p.ecog", "2"), ("l0.levels", "D8"), ("l0.escc_grade", "2"),
    ("l0.neurological_examination", "4/5"), ("l0.ambulation", "stick"), ("l0.deficit_hours", "1d"),
    ("l0.sins_pain", "worse standing"), ("l0.sins_total", "~10"), ("l0.prior_radiotherapy", "none"),
)  # fmt: skip


def milliseconds(work: Callable[[], T]) -> tuple[T, float]:
    """Return what work gives, and what it took of the processor."""
    start = time.process_time()
    found = work()
    return found, 1000 * (time.process_time() - start)


def all_started(count: int, knowledge: KnowledgeBase) -> Workers:
    """Return so many workers, each of which has its reasoner."""
    work = Workers(Reasoner(knowledge), count)
    with get_context("spawn").Manager() as manager:
        together = manager.Barrier(count)
        for one in [work.pool.submit(together.wait) for _ in range(count)]:
            one.result()
    return work


def seconds_at_once(work: Work, cases: Sequence[Case]) -> float:
    """Return how long all cases took that were asked for at the same time."""
    with ThreadPoolExecutor(len(cases)) as threads:
        start = time.perf_counter()
        list(threads.map(lambda case: work.advised(Run(case, work.reasoner), settle=True), cases))
        took = time.perf_counter() - start
    work.close()
    return took


def main() -> None:
    base = knowledge_base.load()
    reasoner = Reasoner(base)
    client = TestClient(make_app(base), base_url="http://127.0.0.1")
    fields = dict(re.findall(r'name="([^"]+)" (?:id="\w+" )?value="([^"]*)"', client.get("/").text))
    fields = {name: fields[name] for name in ("token", "from")} | {"l0.id": "", "act": ""}
    early, plans, advised, cases = [], [], [], []
    for name, text in LETTER:
        fields[name] = text
        answer, took = milliseconds(lambda: client.post("/case", data=fields, headers=SCRIPT))
        early.append(took)
        fields["from"] = answer.headers["hx-push-url"].rpartition("/")[2]
        address = f"/case/{fields['from']}"
        plans.append(milliseconds(lambda address=address: client.get(f"{address}/plan", headers=SCRIPT))[1])
        case = case_of(read_text(client.get(f"{address}/file").text, "case.yaml"), base)
        cases.append(case)
        advised.append(milliseconds(lambda case=case: advise(case, reasoner))[1])
    at_once, plan, alone = map(statistics.median, (early, plans, advised))
    print(f"median of {len(LETTER)} changes, in ms of the processor")
    print(f"the middle of the page, at once {at_once:7.0f}   {at_once / alone:.2f} times `advise`")
    print(f"its plan, afterwards            {plan:7.0f}")
    print(f"`advise` alone                  {alone:7.0f}")
    one, several = (seconds_at_once(work, cases) for work in (Work(Reasoner(base)), all_started(WORKERS, base)))
    print(f"{len(cases)} cases asked for at once, in s: {one:.1f} in one process, {several:.1f} in {WORKERS} workers")
    print(f"{WORKERS} workers are {one / several:.2f} times as fast")


if __name__ == "__main__":
    main()
