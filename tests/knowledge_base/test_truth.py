"""A test is surely true when every possible value passes, surely false when none does, else open."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.language.domains import Choices, Numbers, Subsets
from knowledge_base.language.predicates import AnyOf, Known, Truth, Unsettled, Within

MEMBERS = "abcd"
SETS = st.frozensets(st.sampled_from(MEMBERS))
SOME = st.frozensets(st.sampled_from(MEMBERS), min_size=1)


def expected(passes: list[bool]) -> Truth:
    return Truth.TRUE if all(passes) else Truth.OPEN if any(passes) else Truth.FALSE


@given(SOME, SETS)
def test_choice_within(values: frozenset[str], accepted: frozenset[str]) -> None:
    test = Within(Choices(accepted), Choices(frozenset(MEMBERS) - accepted))
    assert test.truth(Choices(values)) is expected([value in accepted for value in values])
    assert test.negated().truth(Choices(values)) is ~test.truth(Choices(values))


@given(*[st.integers(0, 9)] * 4)
def test_number_within(a: int, b: int, c: int, d: int) -> None:
    (low, high), (least, most) = sorted((a, b)), sorted((c, d))
    domain, inside = Numbers.between(0, 9, whole=True), Numbers.between(least, most, whole=True)
    test = Within(inside, domain.without(inside))
    possible = Numbers.between(low, high, whole=True)
    assert test.truth(possible) is expected([least <= n <= most for n in range(low, high + 1)])
    assert test.negated().truth(possible) is ~test.truth(possible)


@given(SETS, SETS, SOME)
def test_any_of_several(required: frozenset[str], more: frozenset[str], members: frozenset[str]) -> None:
    values = Subsets(required, required | more)
    sizes = product((False, True), repeat=len(more))
    possible = [required | {m for m, here in zip(sorted(more), picks, strict=True) if here} for picks in sizes]
    test = AnyOf(members)
    assert test.truth(values) is expected([bool(one & members) for one in possible])
    assert test.negated().truth(values) is ~test.truth(values)
    assert test.negated().negated() == test


def test_known_waits_and_unsettled_does_not() -> None:
    one, two = Choices(frozenset("a")), Choices(frozenset("ab"))
    assert (Known().truth(one), Known().truth(two)) == (Truth.TRUE, Truth.OPEN)
    assert (Unsettled().truth(one), Unsettled().truth(two)) == (Truth.FALSE, Truth.TRUE)
    assert (Known().negated(), Unsettled().negated()) == (Unsettled(), Known())


@pytest.mark.parametrize(
    ("truths", "every", "some"),
    [
        ([], Truth.TRUE, Truth.FALSE),
        ([Truth.TRUE, Truth.OPEN], Truth.OPEN, Truth.TRUE),
        ([Truth.FALSE, Truth.OPEN], Truth.FALSE, Truth.OPEN),
        ([Truth.FALSE, Truth.TRUE], Truth.FALSE, Truth.TRUE),
    ],
)
def test_joining(truths: list[Truth], every: Truth, some: Truth) -> None:
    assert (Truth.all(truths), Truth.any(truths)) == (every, some)


@given(st.lists(st.sampled_from(Truth)))
def test_de_morgan(truths: list[Truth]) -> None:
    assert ~Truth.all(truths) is Truth.any([~truth for truth in truths])
