"""Where advice is worked out: in this process, one case at a time. `Workers` does several at once."""

from threading import Lock

from engine import Advice, Reasoner, Run


class Work:
    """Works advice out, `at_once` cases at the same time."""

    at_once = 1

    def __init__(self, reasoner: Reasoner) -> None:
        self.reasoner = reasoner
        self.lock = Lock()  # held while the reasoner of this process works: it does one thing at a time

    def advised(self, run: Run, settle: bool = False, plan: bool = False) -> Advice:
        """Return the advice on a case; see `Run.advised`."""
        with self.lock:
            return run.advised(settle=settle, plan=plan)

    def close(self) -> None:
        """End what works elsewhere."""
