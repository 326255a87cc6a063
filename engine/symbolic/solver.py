"""Asking a SAT solver about a circuit: is this possible, which of these are possible, which never vary?

Of many literals, one of each kind is asked for together; what stands in the way, which the solver tells as a core, is
left for later, until the rest can be so at once. Each model settles several, and a literal that stands in its own way is
impossible.
"""

from collections.abc import Callable, Collection, Iterable
from collections.abc import Set as AbstractSet
from itertools import chain

from engine.symbolic.circuit import FALSE, Circuit, Lit

SOLVER = "cadical153"


class Model:
    """One completion: tells of every literal whether it is true in it."""

    def __init__(self, values: list[Lit]) -> None:
        self._values = values

    @property
    def size(self) -> int:
        """The last variable that it tells of; gates made later have none."""
        return len(self._values)

    def __contains__(self, literal: object) -> bool:
        assert isinstance(literal, int)
        place = abs(literal) - 1
        return place < len(self._values) and self._values[place] == literal

    def among(self, literals: Iterable[Lit]) -> set[Lit]:
        """Return those of the literals that are true."""
        values, most = self._values, len(self._values)
        return {lit for lit in literals if -most <= lit <= most and values[abs(lit) - 1] == lit}


class Solver:
    """A solver that holds a circuit and is handed each gate that is made later; what is `certain` is so in every answer."""

    def __init__(self, circuit: Circuit, certain: Iterable[Lit] = ()) -> None:
        import pysolvers  # only now: most commands never ask
        from pysat.solvers import Solver as CompiledSolver

        self._stopped = pysolvers.error
        self._circuit = circuit
        self._solver = CompiledSolver(name=SOLVER, bootstrap_with=circuit.clauses)
        self._fed = len(circuit.clauses)
        self._solver.append_formula([[literal] for literal in certain])

    def can_be(self, *literals: Lit) -> bool:
        """Tell whether all these literals can be true."""
        if self._fed < len(self._circuit.clauses):
            self._solver.append_formula(self._circuit.clauses[self._fed :])
            self._fed = len(self._circuit.clauses)
        assumed = list(dict.fromkeys(literals))  # CaDiCaL may crash on repeated ones
        try:
            return bool(self._solver.solve(assumptions=assumed))
        except self._stopped as error:
            if "keyboard interrupt" in str(error):
                raise KeyboardInterrupt from None
            raise

    def model(self, *literals: Lit) -> Model | None:
        """Return a way in which all these literals are true, or None when there is none."""
        return Model(self._solver.get_model()) if self.can_be(*literals) else None

    def together(self, wanted: Collection[Lit], *certain: Lit) -> list[Lit]:
        """Return of these literals, in order, each that can be so with those kept before it and with what is certain."""
        if self.can_be(*certain, *wanted):
            return list(wanted)
        kept: list[Lit] = []
        met: Model | None = None
        for literal in wanted:
            if met is None or literal not in met:
                found = self.model(*certain, *kept, literal)
                if found is None:
                    continue
                met = found
            kept.append(literal)
        return kept

    def core(self, *literals: Lit) -> set[Lit]:
        """Return those of the literals that suffice to leave nothing possible; empty when something is."""
        return set() if self.can_be(*literals) else self.last_core()

    def last_core(self) -> set[Lit]:
        """Return those of the literals asked for last that suffice to leave nothing possible, when nothing was."""
        return set(self._solver.get_core() or ())

    def possible(
        self,
        kinds: Iterable[Collection[Lit]],
        *assumed: Lit,
        at_hand: Iterable[AbstractSet[Lit]] = (),
        met: Callable[[Model], None] | None = None,
    ) -> set[Lit]:
        """Return those of the literals that can be true while all that is assumed is.

        Literals that rule each other out are of a kind: any grouping gives the same, this one in the fewest questions.
        `at_hand` are what is true in some models of the assumed, if any are known; `met` is told of each one found.
        """
        kinds = [sorted(kind) for kind in kinds]
        every = set(chain.from_iterable(kinds)) - {FALSE}
        found = every & set().union(*at_hand)
        left = every - found
        while left:
            first = (next(lit for lit in kind if lit in left) for kind in kinds if not left.isdisjoint(kind))
            wished = list(dict.fromkeys(first))
            while not self.can_be(*assumed, *wished):
                core = set(self._solver.get_core() or ())
                refused = [lit for lit in wished if lit in core]
                if not refused:
                    return found  # what is assumed cannot be
                if len(refused) == 1:
                    left.difference_update(refused)
                dropped = refused[1:] or refused
                wished = [lit for lit in wished if lit not in dropped]
            model = Model(self._solver.get_model())
            if met is not None:
                met(model)
            new = model.among(left)
            found |= new
            left -= new
        return found

    def one_of(self, literals: Collection[Lit]) -> Model | None:
        """Return a way in which one of these literals is true, or None when there is none."""
        if len(literals) == 1:
            return self.model(*literals)
        guard = self._circuit.free()
        self._circuit.require(-guard, *sorted(literals))
        model = self.model(guard)
        self._circuit.require(-guard)
        return model

    def close(self) -> None:
        """Free the solver."""
        self._solver.delete()
