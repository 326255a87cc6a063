"""A circuit that knows what is one-hot says what the plain one says, and builds one gate where that is all that is asked."""

import random
from itertools import product

import pytest

from engine.symbolic.circuit import FALSE, TRUE, Circuit, Lit
from engine.symbolic.one_hot import OneHotCircuit
from engine.symbolic.solver import Solver

GROUPS = (4, 2, 3)


def inputs(circuit: Circuit) -> list[list[Lit]]:
    """Return groups of literals of which exactly one is true, and one that is free."""
    groups = [[circuit.free() for _ in range(size)] for size in GROUPS]
    for group in groups:
        circuit.exactly_one(group)
    return [*groups, [circuit.free()]]


def gates(circuit: Circuit, seed: int) -> list[Lit]:
    """Return gates at random, among them sums; the same for each circuit."""
    dice = random.Random(seed)
    groups = inputs(circuit)
    found = [literal for group in groups for literal in group]
    for _ in range(30):
        parts = [dice.choice((1, -1)) * dice.choice(found) for _ in range(dice.randint(2, 4))]
        found.append(dice.choice((circuit.all, circuit.any))(parts))
    sums = circuit.one_hot_sum(dict(zip(dice.sample(range(10), len(part)), part, strict=True)) for part in groups[:3])
    some = circuit.any(literal for number, literal in sums.items() if number < 9)
    return [*found, *(sums.get(number, FALSE) for number in range(28)), some]


@pytest.mark.parametrize("seed", range(30))
def test_gates_are_true_where_those_of_the_plain_circuit_are(seed):
    both = [(circuit, gates(circuit, seed), Solver(circuit)) for circuit in (Circuit(), OneHotCircuit())]
    for chosen in product(*(range(size) for size in GROUPS), (1, -1)):
        truths = []
        for _, found, solver in both:
            first = [2, 2 + GROUPS[0], 2 + sum(GROUPS[:2])]
            model = solver.model(*(place + i for place, i in zip(first, chosen[:3], strict=True)), chosen[3] * 11)
            assert model is not None
            truths.append([literal in model for literal in found])
        assert truths[0] == truths[1]


def test_what_asks_only_which_way_it_is_becomes_one_gate():
    circuit = OneHotCircuit()
    a, b, c, d = (circuit.free() for _ in range(4))
    circuit.exactly_one([a, b, c, d])
    free = circuit.free()
    assert circuit.any([a, b, c, d]) == TRUE
    assert circuit.all([a, b]) == circuit.all([-a, -b, -c, -d]) == FALSE
    assert circuit.all([-b, -c, -d]) == circuit.all([a, -b]) == a
    assert circuit.any([a, b]) == -circuit.any([c, d])
    assert circuit.all([circuit.any([a, b]), circuit.any([b, c]), free]) == circuit.all([b, free])


def test_it_is_known_of_what_exactly_one_is_true():
    circuit = OneHotCircuit()
    a, b, c, d, e = (circuit.free() for _ in range(5))
    circuit.exactly_one([a, b, c])
    circuit.exactly_one([d, e], unless=a)
    assert circuit.is_one([circuit.any([a, b]), c, FALSE])
    assert circuit.is_one([a, -a])
    assert circuit.is_one([TRUE])
    assert not circuit.is_one([circuit.any([a, b]), circuit.any([b, c])])
    assert not circuit.is_one([a, b])
    assert not circuit.is_one([d, e])
    assert not circuit.is_one([])
