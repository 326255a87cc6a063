"""Sets of possible values obey the laws of sets: each operation is compared with plain Python sets."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.language.domains import Choices, Number, Numbers, Span, Subsets, Values, apart, both

WHOLES = range(-6, 7)
POINTS = [Decimal(n) / 4 for n in range(-24, 25)]  # ends of the spans below, and points between them
ENDS = st.one_of(st.integers(-5, 5), st.integers(-10, 10).map(lambda n: Decimal(n) / 2))
SPANS = st.builds(Span, ENDS, ENDS, st.booleans(), st.booleans())
LISTS = st.lists(SPANS, max_size=4)
SETS = st.frozensets(st.sampled_from("abcd"))


def inside(span: Span, point: Number) -> bool:
    above = point > span.low if span.low_open else point >= span.low
    return above and (point < span.high if span.high_open else point <= span.high)


def points_in(spans: list[Span] | tuple[Span, ...], points: list[Decimal] | range) -> set[Number]:
    return {point for point in points if any(inside(span, point) for span in spans)}


def points(numbers: Numbers) -> set[Number]:
    return points_in(numbers.spans, WHOLES if numbers.whole else POINTS)


@given(LISTS, st.booleans())
def test_numbers_of_spans_hold_the_same_numbers(spans: list[Span], whole: bool) -> None:
    assert points(Numbers.of(spans, whole)) == points_in(spans, WHOLES if whole else POINTS)


@given(LISTS, LISTS, st.booleans())
def test_numbers_intersect_unite_and_subtract_like_sets(a: list[Span], b: list[Span], whole: bool) -> None:
    one, two = Numbers.of(a, whole), Numbers.of(b, whole)
    assert points(one & two) == points(one) & points(two)
    assert points(one | two) == points(one) | points(two)
    assert points(one.without(two)) == points(one) - points(two)


@given(LISTS, LISTS, st.booleans(), st.booleans())
def test_numbers_are_apart_when_nothing_is_left_of_both(a: list[Span], b: list[Span], whole: bool, other: bool) -> None:
    one, two = Numbers.of(a, whole), Numbers.of(b, other)
    assert apart(one, two) == both(one, two).is_empty


@given(LISTS, LISTS, st.booleans())
def test_equal_numbers_have_one_form(a: list[Span], b: list[Span], whole: bool) -> None:
    one, two = Numbers.of(a, whole), Numbers.of(b, whole)
    assert one | two == two | one
    assert one & two == two & one
    assert one.without(two) | (one & two) == one
    assert (one == two) == (points(one) == points(two))
    assert hash(one | two) == hash(two | one)


@given(LISTS, st.booleans())
def test_numbers_are_sorted_apart_and_closed_when_whole(spans: list[Span], whole: bool) -> None:
    numbers = Numbers.of(spans, whole)
    for before, after in zip(numbers.spans, numbers.spans[1:], strict=False):
        assert not before.meets(after)
        assert before.high <= after.low
    if whole:
        assert all(isinstance(end, int) for span in numbers.spans for end in (span.low, span.high))
        assert not any(span.low_open or span.high_open for span in numbers.spans)


@given(LISTS, st.booleans())
def test_numbers_know_whether_none_or_one_is_left(spans: list[Span], whole: bool) -> None:
    numbers = Numbers.of(spans, whole)
    assert numbers.is_empty == (not points(numbers))
    if numbers.is_single:
        assert points(numbers) == {numbers.low} == {numbers.high}
    if whole:
        assert numbers.is_single == (len(points(numbers)) == 1)


@pytest.mark.parametrize(
    ("span", "low", "high"),
    [
        (Span(Decimal("1.5"), Decimal("3.5")), 2, 3),
        (Span(Decimal("-3.5"), Decimal("-1.5")), -3, -2),
        (Span(2, 5, low_open=True, high_open=True), 3, 4),
        (Span(Decimal("2.0"), Decimal("5.0"), low_open=True, high_open=True), 3, 4),
    ],
)
def test_whole_numbers_of_a_span(span: Span, low: int, high: int) -> None:
    assert Numbers.of([span], whole=True) == Numbers.between(low, high, whole=True)


def test_open_and_closed_end_at_one_number_join() -> None:
    assert Numbers.of([Span(0, 7), Span(0, 5, low_open=True)]) == Numbers.between(0, 7)
    assert Numbers.of([Span(0, 5, high_open=True), Span(5, 7)]) == Numbers.between(0, 7)
    assert len(Numbers.of([Span(0, 5, high_open=True), Span(5, 7, low_open=True)]).spans) == 2


@given(SETS, SETS)
def test_choices_are_sets(a: frozenset[str], b: frozenset[str]) -> None:
    one, two = Choices(a), Choices(b)
    assert (one & two).members == a & b
    assert (one | two).members == a | b
    assert one.without(two).members == a - b
    assert (one.is_empty, one.is_single) == (len(a) == 0, len(a) == 1)


def sets_in(values: Subsets) -> set[frozenset[str]]:
    every = [frozenset("abcd"[i] for i in range(4) if n >> i & 1) for n in range(16)]
    return {one for one in every if values.required <= one <= values.allowed}


@given(SETS, SETS, SETS, SETS)
def test_subsets_intersect_like_sets_of_sets(
    a: frozenset[str], b: frozenset[str], c: frozenset[str], d: frozenset[str]
) -> None:
    one, two = Subsets(a, b), Subsets(c, d)
    assert sets_in(one & two) == sets_in(one) & sets_in(two)
    assert one.is_empty == (len(sets_in(one)) == 0)
    assert one.is_single == (len(sets_in(one)) == 1)


@pytest.mark.parametrize(
    ("a", "b"),
    [(Choices(frozenset("a")), Numbers.between(0, 1)), (Subsets(frozenset(), frozenset("a")), Choices(frozenset("a")))],
)
def test_values_of_different_kinds_have_nothing_in_common_by_mistake(a: Values, b: Values) -> None:
    with pytest.raises(TypeError, match="different kinds"):
        both(a, b)
