"""Asking a SAT solver about a circuit: is this possible, which of these are possible, which never vary?

Questions about many literals are asked together, as one clause that at least one of them is true: each answer settles
several, and the last one all that remain (chunks of candidates, after Janota, Lynce and Marques-Silva 2015).
"""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

from engine.symbolic.circuit import FALSE, TRUE, Circuit, Lit

SOLVER = "cadical153"


class Model:
    """One completion: tells of every literal whether it is true in it."""

    def __init__(self, values: list[Lit]) -> None:
        self._values = values

    def __contains__(self, literal: object) -> bool:
        assert isinstance(literal, int)
        place = abs(literal) - 1
        return place < len(self._values) and self._values[place] == literal

    def among(self, literals: Iterable[Lit]) -> set[Lit]:
        """Return those of the literals that are true."""
        values, most = self._values, len(self._values)
        return {lit for lit in literals if -most <= lit <= most and values[abs(lit) - 1] == lit}


class Asker:
    """A solver that holds a circuit and is handed each gate that is made later."""

    def __init__(self, circuit: Circuit) -> None:
        from pysat.solvers import Solver  # only now: most commands never ask

        self._circuit = circuit
        self._solver = Solver(name=SOLVER, bootstrap_with=circuit.clauses)
        self._fed = len(circuit.clauses)

    def can_be(self, *literals: Lit) -> bool:
        """Tell whether all these literals can be true."""
        if self._fed < len(self._circuit.clauses):
            self._solver.append_formula(self._circuit.clauses[self._fed :])
            self._fed = len(self._circuit.clauses)
        return bool(self._solver.solve(assumptions=list(dict.fromkeys(literals))))  # CaDiCaL may crash on repeated ones

    def model(self, *literals: Lit) -> Model | None:
        """Return a way in which all these literals are true, or None when there is none."""
        return Model(self._solver.get_model()) if self.can_be(*literals) else None

    def core(self, *literals: Lit) -> set[Lit]:
        """Return those of the literals that suffice to leave nothing possible; empty when something is."""
        return set() if self.can_be(*literals) else set(self._solver.get_core() or ())

    def possible(
        self,
        literals: Iterable[Lit],
        assumed: Lit = TRUE,
        at_hand: Iterable[AbstractSet[Lit]] = (),
        met: Callable[[Model], None] | None = None,
    ) -> set[Lit]:
        """Return those of the literals that can be true while another is.

        `at_hand` are what is true in some models of that, if any are known; `met` is told of each model that is found.
        """
        left = set(literals) - {FALSE}
        found = left & set().union(*at_hand)
        left -= found
        self._solver.set_phases([*sorted(left), *(-literal for literal in sorted(found))])
        while left and (model := self._one_of(left, assumed)) is not None:
            if met is not None:
                met(model)
            new = model.among(left)
            found |= new
            left -= new
            self._solver.set_phases([-literal for literal in sorted(new)])
        return found

    def _one_of(self, literals: set[Lit], assumed: Lit) -> Model | None:
        if len(literals) == 1:
            return self.model(assumed, *literals)
        guard = self._circuit.free()
        self._circuit.require(-guard, *sorted(literals))
        model = self.model(assumed, guard)
        self._circuit.require(-guard)
        return model

    def close(self) -> None:
        """Free the solver."""
        self._solver.delete()
