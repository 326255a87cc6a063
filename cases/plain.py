"""Reading a case from plain Python data, as `json.load` or a program gives it: the same rules as for a file.

A file names the line of a mistake; data has no lines, so here its place is named: `lesions[0].escc_grade`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cases.model import Case
from cases.reader import case_of
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import Invalid, Position, Problem
from knowledge_base.text.strict_yaml import CONTROL, MAX_DEPTH, Document, KeyPath, place_of

WHOLE = "the case"


def case_from(data: Mapping[str, object], knowledge: KnowledgeBase, typed: bool = True) -> Case:
    """Return the case in plain data; raise `Invalid` with every problem, by its place in the data.

    For `typed`, see `case_of`.
    """
    places: dict[KeyPath, int] = {}
    return case_of(_Data(WHOLE, _plain(data, (), places), places), knowledge, typed)


@dataclass(frozen=True)
class _Data(Document):
    """A document that was never a file; `lines` knows which places there are."""

    def position(self, path: KeyPath) -> Position:
        """Return the place of a part: its keys, and its number in a list, counted from 0."""
        while path not in self.lines:
            path = path[:-1]
        return _place(path)


def _place(path: KeyPath) -> Position:
    return Position(place_of(path) or WHOLE)


def _plain(raw: Any, path: KeyPath, places: dict[KeyPath, int]) -> Any:
    """Return data as the reader of files gives it: text for keys, lists, and exact decimals for floats."""
    if len(path) > MAX_DEPTH:
        raise Invalid([Problem(_place(path[:3]), "", f"is nested more than {MAX_DEPTH} deep; write it flatter")])
    places[path] = 0
    if isinstance(raw, Mapping):
        return {str(key): _plain(value, (*path, str(key)), places) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_plain(value, (*path, i), places) for i, value in enumerate(raw)]
    if isinstance(raw, str) and CONTROL.search(raw):
        raise Invalid([Problem(_place(path), "", "holds a control character; write plain text")])
    return Decimal(repr(raw)) if isinstance(raw, float) else raw
