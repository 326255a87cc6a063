"""What the seam to Experta takes and gives: productions, patterns, facts, matches. Nothing here knows Experta."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

Turn = tuple[int | str, ...]


@dataclass(frozen=True)
class EngineFact:
    """Something declared to the engine: a kind, and fields with hashable values.

    `found_from` are the facts that an answer was found from, for each subject that was asked about: no rule matches on
    them, and a firing is handed them.
    """

    kind: str
    fields: Mapping[str, object]
    found_from: tuple[tuple["EngineFact", ...], ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Pattern:
    """Facts of one kind; `joins` fields must agree with other patterns of the production, `accepts` judges one field."""

    kind: str
    name: str
    joins: tuple[str, ...] = ()
    literals: tuple[tuple[str, object], ...] = ()
    field: str | None = None
    accepts: Callable[[object], bool] | None = None


@dataclass(frozen=True)
class Match:
    """The facts that met the patterns of a production, by the name of the pattern, and the values of its joins."""

    facts: Mapping[str, EngineFact]
    joins: Mapping[str, str]


class Memory(Protocol):
    """What a production may do when it fires."""

    def declare(self, *facts: EngineFact) -> None:
        """Assert facts; equal ones are asserted once."""


@dataclass(frozen=True)
class Production:
    """A rule of the engine: patterns that must all be met, a test over their facts, and what happens then.

    `stratum` and `turn` fix its place on the agenda: lower strata first, then lower turns, then the joins in order.
    """

    name: str
    stratum: int
    turn: Turn
    patterns: tuple[Pattern, ...]
    fire: Callable[[Memory, Match], None]
    test: Callable[[Mapping[str, EngineFact]], bool] | None = None
    tested: tuple[str, ...] = field(default=())
