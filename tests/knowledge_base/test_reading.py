"""Strict YAML: plain data with the line of each part, and nothing read as something it is not."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from knowledge_base import Invalid
from knowledge_base.text.strict_yaml import KeyPath, read_bytes, read_text, scalar

TEXT = """\
# a comment
- id: A
  list: [1, 2,
    {x: 1,
     y: [3,
       4]}]
  text: >-
    folded
    text

- {id: B, "quoted key": 'quoted', nothing: ,
   deep: {er: {est: true}}}
"""


def test_data() -> None:
    assert read_text(TEXT, "t").data == [
        {"id": "A", "list": [1, 2, {"x": 1, "y": [3, 4]}], "text": "folded text"},
        {"id": "B", "quoted key": "quoted", "nothing": None, "deep": {"er": {"est": True}}},
    ]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        ((0,), 2),
        ((0, "id"), 2),
        ((0, "list"), 3),
        ((0, "list", 1), 3),
        ((0, "list", 2), 4),
        ((0, "list", 2, "y"), 5),
        ((0, "list", 2, "y", 1), 6),
        ((0, "text"), 7),
        ((1,), 11),
        ((1, "quoted key"), 11),
        ((1, "deep"), 12),
        ((1, "deep", "er", "est"), 12),
        ((1, "absent"), 11),
        ((1, "deep", "absent", 3), 12),
        ((7,), 2),
    ],
)
def test_line_of_a_part(path: KeyPath, line: int) -> None:
    assert read_text(TEXT, "t").position(path).line == line


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2),
        ("-2", -2),
        ("+2", 2),
        ("0", 0),
        ("007", "007"),
        ("1b", "1b"),
        ("1.50", Decimal("1.50")),
        (".5", ".5"),
        ("1e3", "1e3"),
        ("0x10", "0x10"),
        ("0o7", "0o7"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2024-01-31", "2024-01-31"),
        ("yes", "yes"),
        ("no", "no"),
        ("On", "On"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("9" * 15, 10**15 - 1),
        ("9" * 16, "9" * 16),
        ("9" * 5000, "9" * 5000),
        ("\u0663", "\u0663"),
    ],
)
def test_plain_scalar(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


def test_quotes_make_text() -> None:
    assert read_text("['1', \"true\", 'null', '']", "t").data == ["1", "true", "null", ""]


def test_byte_order_mark_is_skipped() -> None:
    assert read_bytes(b"\xef\xbb\xbfa: 1", "t").data == {"a": 1}


def test_json_is_read_too() -> None:
    assert read_text('{"a": [1, 2.5, "x", null, true],\n\t"b": {}}', "t").data == {
        "a": [1, Decimal("2.5"), "x", None, True],
        "b": {},
    }


SCALARS = st.one_of(
    st.booleans(), st.integers(-(10**14), 10**14), st.text(st.characters(codec="ascii", categories=["L"]), max_size=5)
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(DATA)
def test_what_another_library_writes_is_read_back(data: Any) -> None:
    from io import StringIO

    stream = StringIO()
    YAML(typ="safe").dump(data, stream)
    assert read_text(stream.getvalue(), "t").data == (data if data != "" else "")


def said(content: bytes) -> list[str]:
    try:
        read_bytes(content, "t")
    except Invalid as invalid:
        return str(invalid).splitlines()
    return []


@given(st.text().map(str.encode) | st.binary(max_size=200))
def test_any_bytes_are_data_or_a_message_with_a_place(content: bytes) -> None:
    assert all(message.startswith("t:") for message in said(content))


@given(st.text(st.sampled_from("ab:-[]{},&*!|>'\"%@`#? \n\t0")))
def test_any_yaml_is_data_or_a_message_with_a_place(text: str) -> None:
    assert all(message.startswith("t:") for message in said(text.encode()))


def test_all_repeated_keys_are_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        read_text("a: 1\nb: {c: 1,\n c: 2}\na: {d: 1, d: 2}\n", "t")
    assert str(caught.value).splitlines() == [
        "t:3: 'c' is already given on line 2; keep one",
        "t:4: 'a' is already given on line 1; keep one",
        "t:4: 'd' is already given on line 4; keep one",
    ]
