"""Everything is settled in a stratum before the one that reads it, and a ring is found, the same one every time."""

import random
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base import KnowledgeBase
from knowledge_base.loading import stratification as strata


@dataclass(frozen=True)
class Unit:
    id: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]


def levels(units: list[Any], attributes: tuple[str, ...] = ()) -> dict[str, int]:
    return dict(strata.levels(attributes, units))


NAMES = st.sampled_from("abcdefgh")
EDGES = st.lists(st.tuples(NAMES, NAMES), max_size=15)


@given(EDGES)
def test_what_is_read_is_settled_earlier(edges: list[tuple[str, str]]) -> None:
    units = [Unit(f"R{i}", (min(edge),), (max(edge),)) for i, edge in enumerate(edges) if edge[0] != edge[1]]
    found = levels(units, tuple("abcdefgh"))
    assert set(found) == set("abcdefgh")
    assert all(found[unit.reads[0]] < found[unit.writes[0]] for unit in units)


@given(EDGES, st.randoms())
def test_order_of_units_does_not_matter(edges: list[tuple[str, str]], chance: random.Random) -> None:
    units = [Unit(f"R{i:02}", (a,), (b,)) for i, (a, b) in enumerate(edges)]
    shuffled = chance.sample(units, len(units))
    assert outcome(units) == outcome(shuffled)


def outcome(units: list[Unit]) -> object:
    try:
        return levels(units)
    except strata.Ring as ring:
        return str(ring)


def test_attribute_that_nothing_reads_or_sets_has_a_stratum() -> None:
    assert levels([], ("lonely",)) == {"lonely": 0}


def test_ring_shows_the_shortest_way_round() -> None:
    units = [
        Unit("R1", ("a",), ("b",)),
        Unit("R2", ("b",), ("c",)),
        Unit("R3", ("c",), ("a",)),
        Unit("R4", ("c",), ("b",)),
    ]
    with pytest.raises(strata.Ring) as caught:
        levels(units)
    assert str(caught.value) == "b → R2 → c → R4 → b"


def test_rule_that_reads_what_it_sets_is_a_ring() -> None:
    with pytest.raises(strata.Ring) as caught:
        levels([Unit("R1", ("a",), ("a",))])
    assert str(caught.value) == "a → R1 → a"


def test_noms_is_settled_before_it_is_read(knowledge: KnowledgeBase) -> None:
    for unit in knowledge.units.values():
        assert all(knowledge.levels[name] < knowledge.stratum(unit) for name in unit.reads)
        assert all(knowledge.levels[name] >= knowledge.stratum(unit) for name in unit.writes)
