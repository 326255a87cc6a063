"""Advice worked out in several processes, each with a reasoner of its own.

Browsers, logins, limits and the journal stay with the one process that answers requests; a worker gets a case, gives its
advice, and knows nobody.
"""

import os
import pickle
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Lock, Thread

from cases.model import Case
from engine import Advice, Reasoner, Run
from knowledge_base.language.knowledge import KnowledgeBase
from metspine.serve.work import Work


class Workers(Work):
    """Works advice out in so many processes."""

    def __init__(self, reasoner: Reasoner, count: int) -> None:
        super().__init__(reasoner)
        self.at_once = count
        self.starting = Lock()
        self.pool = _started(reasoner.knowledge, count)

    def advised(self, run: Run, settle: bool = False, plan: bool = False) -> Advice:
        """Return the advice on a case; see `Run.advised`."""
        pool = self.pool
        try:
            return pool.submit(_advised, run.case, settle, plan).result()
        except BrokenProcessPool:  # a worker was ended from outside: others take its place, once
            return self._anew(pool).submit(_advised, run.case, settle, plan).result()

    def _anew(self, broken: ProcessPoolExecutor) -> ProcessPoolExecutor:
        """Return workers in the place of those that broke, the same for all who find them broken."""
        with self.starting:
            if self.pool is broken:
                self.pool = _started(self.reasoner.knowledge, self.at_once)
            return self.pool

    def close(self) -> None:
        """End the processes."""
        self.pool.shutdown(cancel_futures=True)


def _started(knowledge: KnowledgeBase, count: int) -> ProcessPoolExecutor:
    """Return so many processes, which start at once."""
    pool = ProcessPoolExecutor(count, get_context("spawn"), _start, (pickle.dumps(knowledge),))
    for _ in range(count):
        pool.submit(os.getpid)
    return pool


# --- in a worker ----------------------------------------------------------------------------------------------------------

_reasoners: list[Reasoner] = []


def _start(knowledge: bytes) -> None:
    """Make the reasoner of this process. It leaves Ctrl+C to its parent, and ends when that does, however that ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _reasoners.append(Reasoner(pickle.loads(knowledge)))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _advised(case: Case, settle: bool, plan: bool) -> Advice:
    return Run(case, _reasoners[0]).advised(settle=settle, plan=plan)
