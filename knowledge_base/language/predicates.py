"""Tests on possible values, and their three-valued truth.

A test is surely true when every value that is still possible passes it, surely false when none does, else open.
"""

from dataclasses import dataclass
from enum import Enum

from knowledge_base.language.domains import Choices, Numbers, Subsets, Values, apart


class Truth(Enum):
    """Kleene's three truth values."""

    FALSE = "surely false"
    OPEN = "open"
    TRUE = "surely true"

    def __invert__(self) -> "Truth":
        return Truth.FALSE if self is Truth.TRUE else Truth.TRUE if self is Truth.FALSE else Truth.OPEN

    @classmethod
    def all(cls, truths: "list[Truth]") -> "Truth":
        """Return the truth of a conjunction; an empty one is true."""
        if cls.FALSE in truths:
            return cls.FALSE
        return cls.OPEN if cls.OPEN in truths else cls.TRUE

    @classmethod
    def any(cls, truths: "list[Truth]") -> "Truth":
        """Return the truth of a disjunction; an empty one is false."""
        if cls.TRUE in truths:
            return cls.TRUE
        return cls.OPEN if cls.OPEN in truths else cls.FALSE


@dataclass(frozen=True)
class Within:
    """Every possible value is one of `accepted`; `rejected` is the rest of the domain."""

    accepted: Choices | Numbers
    rejected: Choices | Numbers

    def truth(self, values: Values) -> Truth:
        if apart(values, self.rejected):
            return Truth.TRUE
        return Truth.FALSE if apart(values, self.accepted) else Truth.OPEN

    def negated(self) -> "Within":
        return Within(self.rejected, self.accepted)


@dataclass(frozen=True)
class AnyOf:
    """The set holds at least one of `members` (with `negative`: none of them)."""

    members: frozenset[str]
    negative: bool = False

    def truth(self, values: Values) -> Truth:
        assert isinstance(values, Subsets)
        if values.required & self.members:
            truth = Truth.TRUE
        else:
            truth = Truth.OPEN if values.allowed & self.members else Truth.FALSE
        return ~truth if self.negative else truth

    def negated(self) -> "AnyOf":
        return AnyOf(self.members, not self.negative)


@dataclass(frozen=True)
class Known:
    """Exactly one value is left. It may become true later, so it is open rather than false until then."""

    def truth(self, values: Values) -> Truth:
        return Truth.TRUE if values.is_single else Truth.OPEN

    def negated(self) -> "Unsettled":
        return Unsettled()


@dataclass(frozen=True)
class Unsettled:
    """More than one value is left: a statement about what is known, not about the patient."""

    def truth(self, values: Values) -> Truth:
        return Truth.FALSE if values.is_single else Truth.TRUE

    def negated(self) -> Known:
        return Known()


Test = Within | AnyOf | Known | Unsettled
