"""Attributes read what a case or a rule writes, and write it back so that it reads the same."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import knowledge_base
from knowledge_base.language.domains import Choices, Numbers, Span, Subsets, Values
from knowledge_base.language.predicates import AnyOf, Truth, Within
from knowledge_base.language.vocabulary import Attribute

NOMS = knowledge_base.load().vocabulary
GIVEN = [attribute for attribute in NOMS.values() if attribute.given]
COMMON: dict[str, Any] = {"label": "thing", "question": "What?", "of": "lesion", "letter": "N", "class": "finding"}


def attribute(**own: Any) -> Attribute:
    return Attribute.model_validate({"id": "thing", **COMMON, **own})


GRADE = attribute(type="choice", ordered=True, values={"0": "none", "1b": "touch", "1c": "push", "2": "crush"})
TUMOUR = attribute(type="choice", values={"renal": "kidney", "breast": "breast", "lung": "lung"})
DEFICIT = attribute(type="yes_no")
LEVELS = attribute(type="several", ordered=True, values={f"T{n}": f"T{n}" for n in range(1, 7)})
SCORE = attribute(type="number", range="0..18", whole=True, unit="points")
GAP = attribute(type="number", range="-2..50", unit="mm")
MONTHS = attribute(type="number", range="0..600", unit="months")
KPS = attribute(type="number", range="10..100", whole=True, step=10)
FIVES = attribute(type="number", range="0..20", whole=True, step=5)


def choices(*members: str | bool) -> Choices:
    return Choices(frozenset(members))


def exactly(*members: str) -> Subsets:
    return Subsets(frozenset(members), frozenset(members))


def whole(low: int, high: int) -> Numbers:
    return Numbers.between(low, high, whole=True)


@pytest.mark.parametrize(
    ("about", "raw", "values"),
    [
        (GRADE, "2", choices("2")),
        (GRADE, 2, choices("2")),
        (GRADE, ["1b", 2], choices("1b", "2")),
        (GRADE, ">= 1c", choices("1c", "2")),
        (GRADE, ">1c", choices("2")),
        (GRADE, "<= 1b", choices("0", "1b")),
        (GRADE, "< 1b", choices("0")),
        (GRADE, "1b..2", choices("1b", "1c", "2")),
        (GRADE, [0, "1c .. 2"], choices("0", "1c", "2")),
        (TUMOUR, ["renal", "lung"], choices("renal", "lung")),
        (DEFICIT, True, choices(True)),
        (DEFICIT, [True, False], choices(True, False)),
        (LEVELS, "T3", exactly("T3")),
        (LEVELS, ["T1", "T3..T5"], exactly("T1", "T3", "T4", "T5")),
        (SCORE, 7, whole(7, 7)),
        (SCORE, "7..12", whole(7, 12)),
        (SCORE, "7 .. 12", whole(7, 12)),
        (SCORE, ">7..<12", whole(8, 11)),
        (SCORE, "> 7", whole(8, 18)),
        (SCORE, "< 7", whole(0, 6)),
        (SCORE, "<=7", whole(0, 7)),
        (SCORE, [3, "5..6"], Numbers.of([Span(3, 3), Span(5, 6)], whole=True)),
        (SCORE, Decimal("7.0"), whole(7, 7)),
        (GAP, Decimal("1.5"), Numbers.between(Decimal("1.5"), Decimal("1.5"))),
        (GAP, 1.5, Numbers.between(Decimal("1.5"), Decimal("1.5"))),
        (GAP, "-1.5..2.25", Numbers.between(Decimal("-1.5"), Decimal("2.25"))),
        (GAP, "< 3", Numbers.of([Span(-2, 3, high_open=True)])),
        (GAP, ">1..<3", Numbers.of([Span(1, 3, low_open=True, high_open=True)])),
        (KPS, "< 70", whole(10, 60)),
        (KPS, "70..80", whole(70, 80)),
        (FIVES, "> 10", whole(15, 20)),
        (FIVES, ">5..<20", whole(10, 15)),
    ],
)
def test_reads(about: Attribute, raw: object, values: Values) -> None:
    assert about.read(raw) == values


@pytest.mark.parametrize(
    ("about", "raw", "said"),
    [
        (GRADE, "1d", "'1d' is not a value of thing (0, 1b, 1c, 2)"),
        (GRADE, "1C", "'1C' is not a value of thing (0, 1b, 1c, 2). Did you mean '1c'?"),
        (GRADE, None, "no value is written for thing (0, 1b, 1c, 2); write one, or remove the line"),
        (GRADE, "> 2", "'> 2' leaves no possible value of thing (0, 1b, 1c, 2)"),
        (GRADE, "2..1b", "'2..1b' runs backwards; thing goes 0, 1b, 1c, 2"),
        (TUMOUR, ">= renal", "'>= renal': the values of thing have no order (renal, breast, lung); list them instead"),
        (DEFICIT, "no", "'no' is not a value of thing (false, true). Did you mean false?"),
        (DEFICIT, 1, "'1' is not a value of thing (false, true)"),
        (LEVELS, {"a": 1}, "a mapping is not a value of thing (T1, T2, T3, T4, T5, T6)"),
        (SCORE, True, "true is not a number for thing (0..18 points)"),
        (SCORE, "seven", "'seven' is not a number for thing (0..18 points)"),
        (SCORE, "1_0..18", "'1_0' is not a number for thing (0..18 points)"),
        (SCORE, "٣..18", "'٣' is not a number for thing (0..18 points)"),
        (SCORE, "7..1e1", "'1e1' is not a number for thing (0..18 points)"),
        (SCORE, 19, "19 is outside thing (0..18 points)"),
        (SCORE, -1, "-1 is outside thing (0..18 points)"),
        (SCORE, "17..19", "17..19 is outside thing (0..18 points)"),
        (SCORE, float("nan"), "NaN is not a number for thing (0..18 points)"),
        (SCORE, float("inf"), "Infinity is not a number for thing (0..18 points)"),
        (SCORE, Decimal("7.5"), "7.5 is not whole; thing takes whole numbers only (0..18 points)"),
        (KPS, ">= 75", "75 is not on a step; thing goes in steps of 10 (10..100)"),
    ],
)
def test_refuses(about: Attribute, raw: object, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        about.read(raw)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("raw", "low", "high"), [("7..12", 7, 12), (">= 13", 13, 18), ("> 12", 13, 18), ("<= 6", 0, 6), ("< 7", 0, 6)]
)
def test_threshold_is_seen_from_both_sides(raw: str, low: int, high: int) -> None:
    test = SCORE.test(raw)
    for total in range(19):
        assert test.truth(whole(total, total)) is (Truth.TRUE if low <= total <= high else Truth.FALSE)


def test_test_of_several_asks_for_any() -> None:
    assert LEVELS.test(["T1", "T3..T4"]) == AnyOf(frozenset({"T1", "T3", "T4"}))


def test_narrowing_of_several_is_exact_and_of_the_rest_open_to_more() -> None:
    assert LEVELS.narrowing("T1") == exactly("T1")
    assert GRADE.narrowing(">= 1c") == choices("1c", "2")
    with pytest.raises(ValueError, match="says nothing"):
        GRADE.narrowing(">= 0")


@pytest.mark.parametrize(
    ("about", "raw", "words"),
    [
        (GRADE, ["1c", "0"], "0 (none) or 1c (push)"),
        (GRADE, ">= 0", "not known"),
        (DEFICIT, False, "no"),
        (LEVELS, ["T2", "T1"], "T1, T2"),
        (SCORE, "7..9", "7 to 9 points"),
        (SCORE, [3, "7..9"], "3 points or 7 to 9 points"),
        (SCORE, 1, "1 point"),
        (SCORE, "< 1", "0 points"),
        (SCORE, ">= 13", "13 points or more"),
        (SCORE, "<= 6", "up to 6 points"),
        (GAP, "< 1", "less than 1 mm"),
        (GAP, "3..<5", "3 to under 5 mm"),
        (GRADE, ["0", "1b"], "0 (none) or 1b (touch)"),
        (GRADE, "0..1c", "0 (none) to 1c (push)"),
        (GRADE, ["0", "1c", "2"], "0 (none) or 1c (push) or 2 (crush)"),
        (MONTHS, "< 1", "less than 1 month"),
        (MONTHS, ">= 6", "6 months or more"),
        (GAP, Decimal("1.50"), "1.5 mm"),
        (GAP, "> 1", "more than 1 mm"),
    ],
)
def test_words(about: Attribute, raw: object, words: str) -> None:
    assert about.words(about.read(raw)) == words


@pytest.mark.parametrize(
    ("about", "raw", "dumped"),
    [
        (GRADE, ["2", "0"], ["0", "2"]),
        (GRADE, "2", "2"),
        (GRADE, [0, "1b", "1c", 2], None),
        (DEFICIT, True, True),
        (LEVELS, "T1", ["T1"]),
        (SCORE, "7..9", "7..9"),
        (SCORE, 7, 7),
        (SCORE, [3, "7..9"], [3, "7..9"]),
        (GAP, Decimal("1.5"), 1.5),
        (GAP, "< 0.0000001", "-2..<0.0000001"),
    ],
)
def test_dump(about: Attribute, raw: object, dumped: object) -> None:
    assert about.dump(about.read(raw)) == dumped


def numbers_of(about: Attribute) -> st.SearchStrategy[object]:
    domain = about.domain
    assert isinstance(domain, Numbers)
    low, high, step = int(domain.low), int(domain.high), about.step or 1
    wholes = st.integers(-(-low // step), high // step).map(lambda n: n * step)
    one = wholes if about.whole else wholes | st.decimals(low, high, places=2)
    pairs = st.tuples(one, one).map(lambda pair: f"{min(pair)}..{max(pair)}")
    compared = st.tuples(st.sampled_from(("<", "<=", ">", ">=")), one).map(lambda parts: f"{parts[0]} {parts[1]}")
    return one | pairs | compared | st.lists(one | pairs, min_size=1, max_size=3)


def raws_of(about: Attribute) -> st.SearchStrategy[object]:
    if about.type == "number":
        return numbers_of(about)
    one: st.SearchStrategy[object] = st.booleans() if about.type == "yes_no" else st.sampled_from(about.names)
    return one | st.lists(one, min_size=1, max_size=3)


def readable(about: Attribute, raw: object) -> Values | None:
    """Return what an attribute reads, or None when it refuses for a reason that it says."""
    try:
        return about.read(raw)
    except ValueError as error:
        return None if str(error) else about.domain


@given(st.sampled_from([*NOMS.values(), GAP]).flatmap(lambda a: st.tuples(st.just(a), raws_of(a))))
def test_what_is_dumped_reads_the_same(pair: tuple[Attribute, object]) -> None:
    about, raw = pair
    values = readable(about, raw)
    assume(values is not None)
    assert values is not None
    dumped = about.dump(values)
    assert values == (about.domain if dumped is None else about.read(dumped))
    assert about.words(values)


@pytest.mark.parametrize("about", GIVEN, ids=[about.id for about in GIVEN])
def test_every_given_attribute_reads_its_own_values(about: Attribute) -> None:
    domain = about.domain
    if isinstance(domain, Numbers):
        assert about.read([domain.low, domain.high]) == Numbers.of(
            [Span(domain.low, domain.low), Span(domain.high, domain.high)], about.whole
        )
    for name in about.names:
        assert about.read(name).is_single
        assert about.label_of(name)


@pytest.mark.parametrize("about", GIVEN, ids=[about.id for about in GIVEN])
@pytest.mark.parametrize(
    "nonsense", ["", "nonsense", "known", "null", {}, {"a": 1}, [], [[]], [None], "..", "1..", ">=", ">= "]
)
def test_every_given_attribute_refuses_nonsense(about: Attribute, nonsense: object) -> None:
    with pytest.raises(ValueError) as caught:
        about.read(nonsense)
    assert about.id in str(caught.value)


LONG = [about for about in GIVEN if len(max(about.names, key=len, default="")) >= 4]


@pytest.mark.parametrize("about", LONG, ids=[about.id for about in LONG])
def test_misspelt_value_is_answered_with_a_near_one(about: Attribute) -> None:
    name = max(about.names, key=len)
    with pytest.raises(ValueError) as caught:
        about.read(f"{name[:-1]}x")
    assert "Did you mean '" in str(caught.value)


@given(
    st.sampled_from(GIVEN),
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5),
)
def test_reading_anything_gives_values_or_a_message(about: Attribute, raw: object) -> None:
    values = readable(about, raw)
    assert values is None or not values.is_empty


@given(st.sampled_from(list(NOMS.values())).flatmap(lambda a: st.tuples(st.just(a), raws_of(a))))
def test_a_test_splits_the_domain_in_two(pair: tuple[Attribute, object]) -> None:
    about, raw = pair
    try:
        test = about.test(raw)
    except ValueError:
        assume(False)
    if isinstance(test, Within):
        domain = about.domain
        assert isinstance(domain, Choices | Numbers)
        assert test.rejected == domain.without(test.accepted)  # type: ignore[arg-type]  # of one kind
        assert domain.without(test.rejected) == test.accepted  # type: ignore[arg-type]
