"""The edge of a consultation: the terminal or the script that it is held with, the case file, and the report.

On a terminal lines are edited and coloured; anything else is spoken to in plain lines: a question, then the prompt `> `, to
which one line of standard input answers and is repeated.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from cases.model import Case
from cases.reader import read_case
from engine import Reasoner, Run
from engine.inference.subjects import Fact
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.typed_yaml import read_typed
from metspine.api import Answer
from metspine.dialogue.case_store import CaseStore, is_ours, not_known_in
from metspine.dialogue.intake import CASE_ID
from metspine.dialogue.machine import Dialogue

PROMPT = "> "
SLOW = 0.4  # seconds after which a spinner shows that something is being worked out
NOT_WRITTEN = ("expect", "expect_in", "source_decision")  # what a case file may hold and a consultation does not keep
STYLES = {"?": "bold", "!": "bold red", "»": "bold green"}


class CannotConsult(Exception):  # noqa: N818  # reads well where it is raised
    """A consultation that would destroy a file, or cannot write one; the text says what to do."""


class Consult:
    """One consultation held over standard input and output."""

    def __init__(self, knowledge: KnowledgeBase, case_file: Path | None, out: Path | None) -> None:
        """Read the case, if there is one; raise `Invalid` for one with mistakes, `CannotConsult` for a wrong target."""
        self.knowledge = knowledge
        case = read_case(case_file, knowledge, expecting=False) if case_file else None
        self.out = out or (_beside(case_file) if case_file else None)
        self._refuse_loss(case_file)
        self._lines: list[str] = []
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        with self._working():
            self.reasoner = Reasoner(knowledge)
            not_known = not_known_in(case_file) if case_file else ()
            self.dialogue = Dialogue(self.reasoner, self._keep, case, not_known, lingers=self.is_terminal)

    def _refuse_loss(self, case_file: Path | None) -> None:
        try:
            if self.out is None or not self.out.exists():
                return
        except OSError as error:  # a name that is too long
            raise self._unwritable(error) from None
        if case_file is None or not self.out.samefile(case_file):
            raise CannotConsult(f"{self.out}: exists already; `metspine consult {self.out}` goes on with it")
        if lost := [key for key in NOT_WRITTEN if key in read_typed(case_file).data]:
            held = " and ".join(f"`{key}`" for key in lost)
            raise CannotConsult(f"{self.out}: holds {held}, which would be lost; write to another file with -o")

    def _unwritable(self, error: OSError) -> CannotConsult:
        return CannotConsult(f"{self.out}: cannot be written: {error.strerror or error}; name another file with -o")

    def hold(self) -> bool:
        """Hold it to its end, or to the end of the input; return False when it was interrupted."""
        try:
            self._converse()
        except KeyboardInterrupt:
            self._say(["", "Interrupted.", *self.dialogue.urgent()])
            return False
        except EOFError:
            pass
        return True

    def _converse(self) -> None:
        with self._working():
            lines = self.dialogue.open()
        self._say(lines)
        while self.dialogue.stage != "finished":
            text = self._hear()
            with self._working():
                lines = self._step(text)
            self._say(lines)

    def _step(self, text: str) -> list[str]:
        """Take a step; a name that would overwrite another case is asked for again."""
        name = text.strip()
        is_name = self.dialogue.stage == "name" and self.out is None and CASE_ID.fullmatch(name)
        if is_name and Path(f"{name}.yaml").exists():
            taken = f"! {name}.yaml exists already: `metspine consult {name}.yaml` goes on with it."
            return [taken, *self.dialogue.step("")[1:]]
        return self.dialogue.step(text)

    def _keep(self, case: Case, not_known: tuple[Fact, ...]) -> None:
        if self.out is None:
            self.out = Path(f"{case.id}.yaml")
        try:
            CaseStore(self.out, self.knowledge).write(case, not_known)
        except OSError as error:
            raise self._unwritable(error) from None

    @property
    def kept(self) -> Path | None:
        """The case file, when there is one by now."""
        return self.out if self.out and self.out.exists() else None

    def answer(self) -> Answer | None:
        """Return the advice at the end, with its plans; None when there is no case yet."""
        now = self.dialogue.now
        if now is None:
            return None
        with self._working():
            run = Run(now.case, self.reasoner)
            return Answer(run, run.advised(plan=True))

    @property
    def said(self) -> str:
        """All that was said to the user so far."""
        return "".join(f"{line}\n" for line in self._lines)

    # --- input and output ----------------------------------------------------------------------------------------

    def _hear(self) -> str:
        if self.is_terminal:
            return input(PROMPT)
        sys.stdout.write(PROMPT)
        sys.stdout.flush()
        line = sys.stdin.readline()
        sys.stdout.write(f"{line.rstrip()}\n")
        if not line:
            raise EOFError
        return line

    def _say(self, lines: list[str]) -> None:
        self._lines += lines
        if not self.is_terminal:
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            sys.stdout.flush()
            return
        from rich.console import Console
        from rich.text import Text

        console = Console(highlight=False, soft_wrap=True)
        for line in lines:
            console.print(Text(line, style=STYLES.get(line[:1], "")))

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Show a spinner on standard error while something takes long (none when it is not a terminal)."""
        if not sys.stderr.isatty():
            yield
            return
        from rich.console import Console

        status = Console(stderr=True).status("working it out")
        timer = Timer(SLOW, status.start)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            status.stop()


def _beside(case_file: Path) -> Path:
    """Return where to keep a case that was read: in its own file when a consultation wrote it, else in a new one here.

    The new one is named after the file: what a case calls itself may be anything, a path among others.
    """
    return case_file if is_ours(case_file) else Path(f"{case_file.stem}-consult.yaml")
