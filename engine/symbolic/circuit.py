"""A Boolean circuit in conjunctive normal form: gates as literals, after Tseitin (1968).

A literal is a non-zero integer, its negation the negative one, as SAT solvers have them. Equal gates are built once, and
constants are folded, so that what is settled by the knowledge and the case alone never reaches the solver.
"""

from collections.abc import Iterable

Lit = int
TRUE: Lit = 1
FALSE: Lit = -1


class Circuit:
    """Gates and the clauses that define them; `clauses` may be handed to any SAT solver."""

    def __init__(self) -> None:
        self.size = 1
        self.clauses: list[list[Lit]] = [[TRUE]]
        self._gates: dict[frozenset[Lit], Lit] = {}

    def free(self) -> Lit:
        """Return a new variable."""
        self.size += 1
        return self.size

    def all(self, literals: Iterable[Lit]) -> Lit:
        """Return a literal that is true exactly when all of these are."""
        inputs = frozenset(literals)
        if FALSE in inputs:
            return FALSE
        if TRUE in inputs:
            inputs -= {TRUE}
        if len(inputs) < 2:
            return next(iter(inputs), TRUE)
        gate = self._gates.get(inputs)
        if gate is None:
            gate = self._gates[inputs] = FALSE if any(-literal in inputs for literal in inputs) else self._made(inputs)
        return gate

    def _made(self, inputs: frozenset[Lit]) -> Lit:
        """Return a gate for inputs that were not met before."""
        return self._gate(inputs)

    def _gate(self, inputs: frozenset[Lit]) -> Lit:
        gate = self.free()
        ordered = sorted(inputs)
        self.clauses.extend([-gate, literal] for literal in ordered)
        self.clauses.append([gate, *(-literal for literal in ordered)])
        return gate

    def any(self, literals: Iterable[Lit]) -> Lit:
        """Return a literal that is true exactly when one of these is."""
        return -self.all(-literal for literal in literals)

    def one_hot_sum(self, parts: Iterable[dict[int, Lit]]) -> dict[int, Lit]:
        """Return, for each possible sum, a literal that says that it is the sum of numbers given in the same way."""
        total: dict[int, Lit] = {0: TRUE}
        for part in parts:
            grown: dict[int, list[Lit]] = {}
            for number, chosen in part.items():
                for so_far, reached in total.items() if chosen != FALSE else ():
                    grown.setdefault(so_far + number, []).append(self.all((reached, chosen)))
            total = {number: self.any(ways) for number, ways in sorted(grown.items())}
        return {number: literal for number, literal in total.items() if literal != FALSE}

    def exactly_one(self, literals: Iterable[Lit], unless: Lit = FALSE) -> None:
        """Demand that exactly one of these is true (or nothing, when `unless` is)."""
        ways = list(literals)
        self.require(unless, *ways)
        for i, literal in enumerate(ways):
            for other in ways[:i]:
                self.require(unless, -literal, -other)

    def require(self, *literals: Lit) -> None:
        """Demand that one of these literals is true."""
        if TRUE not in literals:
            self.clauses.append([literal for literal in literals if literal != FALSE])
