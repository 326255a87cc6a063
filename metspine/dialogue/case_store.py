"""The case file of a consultation: written whole after every answer, so that an interruption loses nothing.

What was asked and is not known stands in a comment, which no other reader of cases sees.
"""

import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cases.model import Case
from cases.writing import case_text
from engine.inference.subjects import Fact
from knowledge_base.language.knowledge import KnowledgeBase

FIRST_LINE = "# Written by `metspine consult`; it goes on with this file when it is named."
NOT_KNOWN = "# Asked, and not known: "


@dataclass(frozen=True)
class CaseStore:
    """Where a consultation is kept."""

    path: Path
    knowledge: KnowledgeBase

    def write(self, case: Case, not_known: Collection[Fact]) -> None:
        """Replace the file by the present state, in one step: it is the old one or the new one, never half of one."""
        lines = [
            FIRST_LINE,
            case_text(case, self.knowledge).rstrip(),
            *(f"{NOT_KNOWN}{fact}" for fact in not_known),
            "",
        ]
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with beside.open("w", encoding="utf-8") as stream:
                stream.write("\n".join(lines))
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(self.path)
        finally:
            beside.unlink(missing_ok=True)


def not_known_in(path: Path) -> tuple[Fact, ...]:
    """Return the facts that a case file says were asked and are not known."""
    found = []
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        if line.startswith(NOT_KNOWN):
            with suppress(ValueError):  # what somebody wrote there by hand
                found.append(Fact.of(line.removeprefix(NOT_KNOWN).strip()))
    return tuple(found)


def is_ours(path: Path) -> bool:
    """Tell whether a case file was written by a consultation, so that another may write it again."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        return stream.readline().rstrip() == FIRST_LINE
