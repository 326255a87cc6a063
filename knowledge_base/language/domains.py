"""Sets of possible values: what an attribute may still be.

Three kinds, one for each shape of attribute:

- `Choices`: one of these members, not known which (choices and yes/no);
- `Numbers`: somewhere in these spans;
- `Subsets`: a set that holds at least `required` and at most `allowed` (the levels of a lesion).

All are immutable, compare by content, narrow with `&`, and print without regard to hash order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor

Number = int | Decimal
Member = str | bool


@dataclass(frozen=True)
class Choices:
    """One of `members`; the value is known when one is left."""

    members: frozenset[Member]

    def __and__(self, other: "Choices") -> "Choices":
        return Choices(self.members & other.members)

    def __or__(self, other: "Choices") -> "Choices":
        return Choices(self.members | other.members)

    def without(self, other: "Choices") -> "Choices":
        """Return the members that the other set does not have."""
        return Choices(self.members - other.members)

    @property
    def is_empty(self) -> bool:
        return not self.members

    @property
    def is_single(self) -> bool:
        return len(self.members) == 1


@dataclass(frozen=True, order=True)
class Span:
    """The numbers from `low` to `high`; an end that is open does not belong to it."""

    low: Number
    high: Number
    low_open: bool = False
    high_open: bool = False

    @property
    def is_empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def __and__(self, other: "Span") -> "Span":
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, high_closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Span(low, high, low_open, not high_closed)

    def is_before(self, other: "Span") -> bool:
        """Tell whether all its numbers are less than all of the other span, neither of which is empty."""
        return self.high < other.low or (self.high == other.low and (self.high_open or other.low_open))

    def meets(self, other: "Span") -> bool:
        """Tell whether the other span, which starts no earlier, leaves no gap after this one."""
        return other.low < self.high or (other.low == self.high and not (self.high_open and other.low_open))


@dataclass(frozen=True)
class Numbers:
    """Numbers in `spans` (sorted, disjoint); with `whole`, whole numbers only and all ends closed."""

    spans: tuple[Span, ...]
    whole: bool = False

    @classmethod
    def of(cls, spans: Iterable[Span], whole: bool = False) -> "Numbers":
        """Return the numbers in any spans, put into normal form."""
        merged: list[Span] = []
        normal = (_whole(span) if whole else span for span in spans)
        for span in sorted(normal, key=lambda span: (span.low, span.low_open)):
            if span.is_empty:
                continue
            last = merged[-1] if merged else None
            if last and (last.meets(span) or (whole and span.low == last.high + 1)):
                high, closed = max((last.high, not last.high_open), (span.high, not span.high_open))
                merged[-1] = Span(last.low, high, last.low_open, not closed)
            else:
                merged.append(span)
        return cls(tuple(merged), whole)

    @classmethod
    def between(cls, low: Number, high: Number, whole: bool = False) -> "Numbers":
        """Return the numbers from low to high, ends included."""
        return cls.of([Span(low, high)], whole)

    def __and__(self, other: "Numbers") -> "Numbers":
        if len(self.spans) == len(other.spans) == 1 and self.whole == other.whole:  # nothing to be put into normal form
            span = self.spans[0] & other.spans[0]
            return Numbers(() if span.is_empty else (span,), self.whole)
        return Numbers.of((a & b for a in self.spans for b in other.spans), self.whole)

    def __or__(self, other: "Numbers") -> "Numbers":
        return Numbers.of((*self.spans, *other.spans), self.whole)

    def without(self, other: "Numbers") -> "Numbers":
        """Return the numbers that the other set does not have."""
        left = list(self.spans)
        for cut in other.spans:
            left = [
                part
                for span in left
                for part in (
                    span & Span(span.low, cut.low, span.low_open, not cut.low_open),
                    span & Span(cut.high, span.high, not cut.high_open, span.high_open),
                )
                if not part.is_empty
            ]
        return Numbers.of(left, self.whole)

    @property
    def is_empty(self) -> bool:
        return not self.spans

    @property
    def is_single(self) -> bool:
        return len(self.spans) == 1 and self.spans[0].low == self.spans[0].high

    @property
    def low(self) -> Number:
        return self.spans[0].low

    @property
    def high(self) -> Number:
        return self.spans[-1].high


def _whole(span: Span) -> Span:
    """Return the closed span of the whole numbers in a span."""
    low, high = ceil(span.low), floor(span.high)  # not `//`, which rounds a negative Decimal towards zero
    return Span(
        low + (span.low_open and low == span.low),
        high - (span.high_open and high == span.high),
    )


@dataclass(frozen=True)
class Subsets:
    """A set of members that holds all of `required` and nothing outside `allowed`."""

    required: frozenset[str]
    allowed: frozenset[str]

    def __and__(self, other: "Subsets") -> "Subsets":
        return Subsets(self.required | other.required, self.allowed & other.allowed)

    @property
    def is_empty(self) -> bool:
        return not self.required <= self.allowed

    @property
    def is_single(self) -> bool:
        return self.required == self.allowed


Values = Choices | Numbers | Subsets


def both(a: Values, b: Values) -> Values:
    """Return what two sets of the same kind have in common."""
    if isinstance(a, Choices) and isinstance(b, Choices):
        return a & b
    if isinstance(a, Numbers) and isinstance(b, Numbers):
        return a & b
    if isinstance(a, Subsets) and isinstance(b, Subsets):
        return a & b
    raise TypeError(f"{a!r} and {b!r} are values of different kinds")


def apart(a: Values, b: Values) -> bool:
    """Tell whether two sets of the same kind have nothing in common."""
    if isinstance(a, Choices) and isinstance(b, Choices):
        return a.members.isdisjoint(b.members)
    if isinstance(a, Numbers) and isinstance(b, Numbers) and a.whole == b.whole:
        return all(one.is_before(other) or other.is_before(one) for one in a.spans for other in b.spans)
    return both(a, b).is_empty


def either(a: Values, b: Values) -> Choices | Numbers:
    """Return what is in one or the other of two sets of the same kind."""
    if isinstance(a, Choices) and isinstance(b, Choices):
        return a | b
    if isinstance(a, Numbers) and isinstance(b, Numbers):
        return a | b
    raise TypeError(f"{a!r} and {b!r} are no values of one kind that can be joined")


def without(a: Values, b: Values) -> Choices | Numbers:
    """Return what the first of two sets of the same kind has and the second has not."""
    if isinstance(a, Choices) and isinstance(b, Choices):
        return a.without(b)
    if isinstance(a, Numbers) and isinstance(b, Numbers):
        return a.without(b)
    raise TypeError(f"{b!r} cannot be taken out of {a!r}")
