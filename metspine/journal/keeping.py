"""How every door keeps a decision: begun before the engine runs, closed before anything is shown."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metspine.api import Answer
    from metspine.journal.store import Journal, WrittenRow
    from metspine.registry.run import RegistryRun, RunRecord


@dataclass
class Pending:
    """A decision that is being come to: `begun` until it is closed, then `entry`; neither without a journal."""

    journal: "Journal | None" = None
    begun: "WrittenRow | None" = None
    entry: "WrittenRow | None" = None

    def close(self, answer: "Answer", **shown: str | bytes) -> None:
        """Write the decision and what will be shown of it; raise `Unwritten` when that fails."""
        if self.journal is not None and self.begun is not None:
            contents = {name: text if isinstance(text, bytes) else text.encode() for name, text in shown.items()}
            self.entry = self.journal.close(self.begun, answer.recorded(), answer.knowledge, contents)
            self.begun = None

    def close_run(self, run: "RegistryRun", record: "RunRecord") -> None:
        """Write what a run over a registry came to; raise `Unwritten` when that fails."""
        if self.journal is not None and self.begun is not None:
            told = {name: getattr(record, name) for name in ("knowledge", "engine", "counts")}
            digests = {name: getattr(record, name)["sha256"] for name in ("input", "output")}
            self.entry = self.journal.close_run(self.begun, record.text(), run.base, {**told, **digests})
            self.begun = None

    def amend(self, decision: str | None) -> None:
        """Write that what was closed stands in the place of an earlier decision, if one is named."""
        if self.journal is not None and self.entry is not None and decision is not None:
            from metspine.journal.events import amend

            amend(self.journal, decision, self.entry.id)


@contextmanager
def keeping(journal: "Journal | None", command: str, **options: Any) -> Iterator[Pending]:
    """Give what a door closes once it has an answer; what ends without one has failed. No journal: nothing is written."""
    if journal is None:
        yield Pending()
        return
    kept = Pending(journal, journal.open({"command": command, "options": options}))
    try:
        yield kept
    except BaseException as error:
        if kept.begun is not None:
            with suppress(Exception):  # a journal that cannot be written is told of already
                journal.fail(kept.begun, type(error).__name__)
        raise
    if kept.begun is not None:
        journal.fail(kept.begun, "no advice")
