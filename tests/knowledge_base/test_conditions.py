"""Conditions mean the same as a tree, negated, and as a list of alternatives."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.language.conditions import (
    ALWAYS,
    NEVER,
    All,
    Condition,
    Leaf,
    Line,
    Quantified,
    alternatives,
    attributes_read,
    count_of_alternatives,
    describe,
    leaves,
    parse,
    truth,
    truth_of_line,
)
from knowledge_base.language.domains import Choices, Numbers, Subsets, Values
from knowledge_base.language.predicates import Truth
from knowledge_base.language.vocabulary import Attribute, Vocabulary


def attribute(name: str, **own: Any) -> Attribute:
    of = own.pop("of", "lesion")
    return Attribute.model_validate({"id": name, "label": name, "of": of, "letter": "N", "from": ["rules"], **own})


VOCABULARY = Vocabulary(
    {
        found.id: found
        for found in (
            attribute("grade", type="choice", ordered=True, values={"1a": "a", "1b": "b", "2": "c"}),
            attribute("deficit", type="yes_no"),
            attribute("total", type="number", range="0..2", whole=True),
            attribute("levels", type="several", values={"T1": "T1", "T2": "T2"}),
            attribute("kps", of="patient", type="number", range="0..1", whole=True),
            attribute("status", of="option", type="yes_no"),
        )
    }
)
LINES: list[dict[str, object]] = [
    {"grade": "1a"},
    {"grade": ">= 1b"},
    {"grade": ["1a", "2"]},
    {"deficit": True},
    {"total": "< 2"},
    {"total": 1},
    {"levels": "T1"},
    {"kps": 1},
]
RAWS = st.recursive(
    st.sampled_from(LINES),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=5,
)


def read(raw: object) -> Condition:
    condition, errors = parse(raw, VOCABULARY, ("when",))
    assert not errors, errors
    return condition


def mistakes(raw: object) -> list[tuple[str, str]]:
    return [(".".join(map(str, error.path)), str(error)) for error in parse(raw, VOCABULARY, ("when",))[1]]


def some(members: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(members), min_size=1, unique=True)


def subsets() -> st.SearchStrategy[Subsets]:
    sets = st.frozensets(st.sampled_from(["T1", "T2"]))
    return st.tuples(sets, sets).map(lambda pair: Subsets(pair[0], pair[0] | pair[1]))


STATES: st.SearchStrategy[dict[str, Values]] = st.fixed_dictionaries(
    {
        "grade": some(["1a", "1b", "2"]).map(lambda m: Choices(frozenset(m))),
        "deficit": some([True, False]).map(lambda m: Choices(frozenset(m))),
        "total": some([0, 1, 2]).map(lambda n: Numbers.between(min(n), max(n), whole=True)),
        "levels": subsets(),
        "kps": some([0, 1]).map(lambda n: Numbers.between(min(n), max(n), whole=True)),
    }
)


def worth(condition: Condition, state: Mapping[str, Values]) -> Truth:
    return truth(condition, leaf_in(state))


def leaf_in(state: Mapping[str, Values]) -> Callable[[Leaf], Truth]:
    def of_leaf(leaf: Leaf) -> Truth:
        assert isinstance(leaf, Line)
        return truth_of_line(leaf, state.__getitem__)

    return of_leaf


@given(RAWS, STATES)
def test_negation_is_kleenes(raw: dict[str, object], state: dict[str, Values]) -> None:
    assert worth(read({"not": raw}), state) is ~worth(read(raw), state)
    assert worth(read(raw).negated().negated(), state) is worth(read(raw), state)


@given(RAWS, STATES)
def test_alternatives_mean_the_same_as_the_tree(raw: dict[str, object], state: dict[str, Values]) -> None:
    condition = read(raw)
    of_leaf = leaf_in(state)
    ways = [Truth.all([of_leaf(leaf) for leaf in way]) for way in alternatives(condition)]
    assert Truth.any(ways) is worth(condition, state)
    assert len(ways) == count_of_alternatives(condition)


def worlds(state: Mapping[str, Values]) -> list[dict[str, Values]]:
    """Return every state in which all is known that agrees with a state."""
    return [dict(zip(state, each, strict=True)) for each in product(*(singles(values) for values in state.values()))]


def singles(values: Values) -> list[Values]:
    if isinstance(values, Choices):
        return [Choices(frozenset({member})) for member in sorted(values.members)]
    if isinstance(values, Numbers):
        return [Numbers.between(n, n, whole=True) for n in range(int(values.low), int(values.high) + 1)]
    more = sorted(values.allowed - values.required)
    picks = product((False, True), repeat=len(more))
    sets = [values.required | {m for m, here in zip(more, pick, strict=True) if here} for pick in picks]
    return [Subsets(members, members) for members in sets]


@given(RAWS, STATES)
def test_what_is_surely_true_holds_in_every_world(raw: dict[str, object], state: dict[str, Values]) -> None:
    condition = read(raw)
    found = {worth(condition, world) for world in worlds(state)}
    assert found <= {Truth.TRUE, Truth.FALSE}
    settled = worth(condition, state)
    assert settled is Truth.OPEN or found == {settled}


@given(RAWS, STATES, STATES)
def test_knowing_more_never_unsettles(raw: dict[str, object], a: dict[str, Values], b: dict[str, Values]) -> None:
    narrower = {name: meet(a[name], b[name]) for name in a}
    condition = read(raw)
    assert worth(condition, a) in (Truth.OPEN, worth(condition, narrower))


def meet(one: Values, two: Values) -> Values:
    both: Values = one & two  # type: ignore[operator]  # of one kind
    return one if both.is_empty else both


def test_lines_are_joined_by_and() -> None:
    condition = read({"grade": "2", "any": [{"deficit": True}, {"total": 0}]})
    assert isinstance(condition, All)
    assert describe(condition) == "{grade: 2, {deficit: true or total: 0}}"
    assert [describe(leaf) for leaf in leaves(condition)] == ["grade: 2", "deficit: true", "total: 0"]
    assert list(attributes_read(condition)) == ["grade", "deficit", "total"]


def test_path_says_where_a_line_stands() -> None:
    condition = read({"any": [{"deficit": True}, {"not": {"all": [{"total": 0}]}}]})
    assert [leaf.path for leaf in leaves(condition)] == ["when.any.0.deficit", "when.any.1.not.all.0.total"]


def test_negated_line_reads_as_written() -> None:
    assert describe(read({"not": {"grade": ["1a", "2"]}})) == "grade: not 1a or 2"
    assert describe(read({"not": {"not": {"grade": "2"}}})) == "grade: 2"


def test_known_and_open_are_opposites() -> None:
    assert describe(read({"not": {"open": "grade"}})) == "grade: known"
    known, unsettled = read({"grade": "known"}), read({"open": "grade"})
    one, two = {"grade": Choices(frozenset({"2"}))}, {"grade": Choices(frozenset({"2", "1a"}))}
    assert (worth(known, one), worth(known, two)) == (Truth.TRUE, Truth.OPEN)
    assert (worth(unsettled, one), worth(unsettled, two)) == (Truth.FALSE, Truth.TRUE)


def test_negated_quantifier_asks_for_the_other() -> None:
    condition = read({"not": {"some_lesion": {"grade": "2"}}})
    assert isinstance(condition, Quantified)
    assert condition.key == "every lesion: grade: not 2"
    assert condition.path == "when.not.some_lesion"


def test_always_and_never() -> None:
    assert read("always") == ALWAYS
    assert alternatives(ALWAYS) == [()]
    assert read({"not": "always"}) == NEVER
    assert alternatives(NEVER) == []


def test_every_mistake_is_told_with_its_path() -> None:
    raw = {"grad": "2", "any": [{"grade": "3"}, {"not": {"total": [1, "x"]}}, []], "open": ["grade", "x", 3]}
    assert mistakes(raw) == [
        ("when.grad", "'grad' is not a known attribute. Did you mean 'grade'?"),
        ("when.any.0.grade", "'3' is not a value of grade (1a, 1b, 2)"),
        ("when.any.1.not.total.1", "'x' is not a number for total (0..2)"),
        ("when.any.2", "no condition is written here; write lines of `attribute: test`, or the word `always`"),
        ("when.open.1", "'x' is not a known attribute"),
        ("when.open.2", "`open` takes attributes, such as [escc_grade], not 3"),
    ]


def test_excused_names_are_passed_over() -> None:
    _, errors = parse({"gone": 1, "gone_too": 2, "open": ["gone"]}, VOCABULARY, ("when",), {"gone"})
    assert [error.path for error in errors] == [("when", "gone_too")]


def test_alternatives_that_would_fill_the_memory_are_counted_and_refused() -> None:
    raw = {"all": [{"any": [{"grade": "2"}, {"deficit": True}, {"total": 0}]} for _ in range(40)]}
    assert mistakes(raw) == [
        ("when", f"`any` multiplies into {3**40:,} alternatives, and at most 64 are allowed; split the rule")
    ]


@pytest.mark.parametrize("count", [64, 65])
def test_threshold_of_alternatives_from_both_sides(count: int) -> None:
    assert bool(mistakes({"any": [{"grade": "2"}] * count})) == (count > 64)
