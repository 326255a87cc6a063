"""Independent questions about one thing, on several cores."""

from collections.abc import Callable, Iterable
from multiprocessing import get_context
from typing import Any, TypeVar

SharedT = TypeVar("SharedT")
ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

Watch = Callable[[Iterable[Any], int], Iterable[Any]]
"""Is handed what comes one by one, and how much there will be, to show how far it is."""


def unwatched(items: Iterable[Any], count: int) -> Iterable[Any]:  # a `Watch`
    """Show nothing."""
    return items


_held: list[tuple[Callable[[Any, Any], Any], Any]] = []


def each(
    ask: Callable[[SharedT, ItemT], ResultT],
    questions: Iterable[ItemT],
    about: SharedT,
    jobs: int = 1,
    watch: Watch = unwatched,
) -> list[ResultT]:
    """Return the answer to each question, in order; the same whatever the number of jobs."""
    questions = list(questions)
    if jobs < 2 or len(questions) < 2:
        return list(watch((ask(about, question) for question in questions), len(questions)))
    with get_context("fork").Pool(jobs, _hold, ((ask, about),)) as pool:
        return list(watch(pool.imap(_answer, questions, chunksize=1), len(questions)))


def _hold(held: tuple[Callable[[Any, Any], Any], Any]) -> None:
    _held[:] = [held]


def _answer(question: Any) -> Any:
    ask, about = _held[0]
    return ask(about, question)
