"""The solver is asked so that it always answers."""

import pytest

from engine.symbolic.circuit import Circuit
from engine.symbolic.solver import Solver


def test_a_literal_may_be_assumed_more_than_once():
    circuit = Circuit()
    a, b = circuit.free(), circuit.free()
    solver = Solver(circuit)
    circuit.require(a, b)
    assert solver.can_be(a, a, b)
    assert solver.model(-a, -a) is not None
    assert solver.core(-a, -b, -a, -b) == {-a, -b}
    solver.close()


def test_what_is_possible_beside_something_is_found_and_every_model_is_told():
    circuit = Circuit()
    a, b, c = circuit.free(), circuit.free(), circuit.free()
    circuit.require(-a, -b)
    solver, met = Solver(circuit), []
    assert solver.possible([[a, b, c]], a, met=met.append) == {a, c}
    assert met
    assert solver.possible([[a, b, c]], a, at_hand=[{a, c}]) == {a, c}
    solver.close()


def test_what_is_possible_is_the_same_however_it_is_grouped():
    circuit = Circuit()
    a, b, c, d = (circuit.free() for _ in range(4))
    circuit.exactly_one([a, b, c])
    circuit.require(-d, -a)
    solver = Solver(circuit)
    groupings: list[list[list[int]]] = [
        [[a, b, c], [d]],
        [[a], [b], [c], [d]],
        [[a, a], [a, d], [b], [c]],
        [[d, c, b, a]],
    ]
    for kinds in groupings:
        assert solver.possible(kinds) == {a, b, c, d}
        assert solver.possible(kinds, d) == {b, c, d}
        assert solver.possible(kinds, d, a) == set()
    solver.close()


def test_one_of_several_is_asked_for_without_leaving_anything_demanded():
    circuit = Circuit()
    a, b = circuit.free(), circuit.free()
    circuit.require(-a)
    solver = Solver(circuit)
    assert b in (solver.one_of([a, b]) or [])
    assert solver.one_of([a]) is None
    assert solver.can_be(-a, -b)
    solver.close()


def test_a_solver_that_is_interrupted_ends_as_python_does():
    import pysolvers

    circuit = Circuit()
    solver = Solver(circuit)

    class Stopped:
        def solve(self, assumptions):
            raise pysolvers.error(f"Caught {reason}")

        def delete(self):
            pass

    solver._solver.delete()
    solver._solver = Stopped()
    reason = "keyboard interrupt"
    with pytest.raises(KeyboardInterrupt):
        solver.can_be(circuit.free())
    reason = "something else"
    with pytest.raises(pysolvers.error):
        solver.can_be(circuit.free())
