"""A circuit that knows of which literals exactly one is true, and builds fewer gates for it.

A gate that asks no more than which of these ways is the true one is a set of ways. Such gates are joined as sets, and each
set is built once. What is told apart by nothing but that never reaches the solver.
"""

from collections.abc import Collection, Iterable
from itertools import chain

from engine.symbolic.circuit import FALSE, TRUE, Circuit, Lit

Ways = frozenset[Lit]


class OneHotCircuit(Circuit):
    """Gates that are equal, as some literals are one-hot, are built once; `clauses` say the same."""

    def __init__(self) -> None:
        super().__init__()
        self._among: dict[
            Lit, tuple[Ways, Ways]
        ] = {}  # ways of which one is true, and those that a literal says it is of

    def _made(self, inputs: frozenset[Lit]) -> Lit:
        if self._among.keys().isdisjoint(inputs):
            return self._gate(inputs)
        joined = self._joined(inputs)
        return self._gate(inputs) if joined == inputs else self.all(joined)

    def _joined(self, inputs: frozenset[Lit]) -> frozenset[Lit]:
        """Return literals that come to the same, one for all that speak of the same ways."""
        left: dict[Ways, Ways] = {}
        others = []
        for literal in inputs:
            if told := self._among.get(literal):
                ways, some = told
                left[ways] = left.get(ways, ways) & some
            else:
                others.append(literal)
        return frozenset([*others, *(self._one_of(ways, some) for ways, some in left.items())])

    def _one_of(self, ways: Ways, some: Ways) -> Lit:
        """Return that the way that is true is one of some."""
        if len(some) < 2:
            return next(iter(some), FALSE)
        rest = ways - some
        if not rest:
            return TRUE
        if (len(rest), min(rest)) < (len(some), min(some)):
            return -self._one_of(ways, rest)
        inputs = frozenset(-literal for literal in some)
        gate = self._gates.get(inputs)
        if gate is None:
            gate = self._gates[inputs] = self._gate(inputs)
            self._among[gate], self._among[-gate] = (ways, rest), (ways, some)
        return -gate

    def one_hot_sum(self, parts: Iterable[dict[int, Lit]]) -> dict[int, Lit]:
        """Return the same sums; parts that are one-hot come first, so that what they add up to is shared and one-hot too."""
        ordered = sorted(parts, key=lambda part: not self.is_one(part.values()))
        found = super().one_hot_sum(ordered)
        if all(self.is_one(part.values()) for part in ordered):
            self._know_one(found.values())
        return found

    def exactly_one(self, literals: Iterable[Lit], unless: Lit = FALSE) -> None:
        """Demand that exactly one of these is true (or nothing, when `unless` is)."""
        ways = list(literals)
        super().exactly_one(ways, unless)
        if unless == FALSE:
            self._know_one(ways)

    def _know_one(self, literals: Collection[Lit]) -> None:
        """Take it as known, for gates made later, that exactly one of these is true."""
        ways = frozenset(literals)
        if len(ways) > 1 and self._among.keys().isdisjoint(ways):
            for literal in ways:
                self._among[literal], self._among[-literal] = (ways, frozenset((literal,))), (ways, ways - {literal})

    def is_one(self, literals: Iterable[Lit]) -> bool:
        """Tell whether it is known that exactly one of these is true."""
        found = [literal for literal in literals if literal != FALSE]
        if found == [TRUE] or (len(found) == 2 and found[0] == -found[1]):
            return True
        told = [self._among[literal] for literal in found if literal in self._among]
        every = {ways for ways, _ in told}
        return (
            len(told) == len(found) and len(every) == 1 and sorted(chain(*(some for _, some in told))) == sorted(*every)
        )
