"""The journal that a command line names, and how its commands keep what they show in it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metspine.cli.options import fail, needing
from metspine.journal.keeping import Pending, keeping

if TYPE_CHECKING:
    from metspine.journal.store import Journal

VARIABLE = "METSPINE_JOURNAL"
NEEDED = "a journal needs {}; install it with: pip install 'metspine[journal]'"


@dataclass
class JournalPlace:
    """Where the journal is that this command line names; None without one."""

    where: str | None = None


PLACE = JournalPlace()


def opened() -> "Journal":
    """Return the journal that the command line or METSPINE_JOURNAL names; end with a message when none is."""
    if not PLACE.where:
        fail(f"no journal is named; say `metspine --journal FILE journal …`, or set {VARIABLE}")
    with needing(NEEDED):
        from metspine.journal.store import Journal
    return Journal(PLACE.where)


def named() -> "Journal | None":
    """Return the journal that is named, if one is."""
    return opened() if PLACE.where else None


def journalled(command: str, **options: Any) -> AbstractContextManager[Pending]:
    """Give what a command closes once it has an answer; without a journal nothing is written."""
    return keeping(named(), command, **options)


def check_amended(decision: str | None) -> None:
    """End with a message when a decision is named that the journal does not hold, before anything is begun."""
    if decision is not None:
        from metspine.journal.queries import record_of_row

        record_of_row(opened(), decision)
