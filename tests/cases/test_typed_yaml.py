"""A letter whose values YAML cannot read is heard all the same; everything else is refused as before."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.reader import read_case
from knowledge_base.text.errors import Invalid
from knowledge_base.text.typed_yaml import MOST_LINES, read_typed

LETTER = """case: c
patient:
  primary: RCC: clear cell
  open_surgery: ?
lesions:
  - id: T8
    escc: "2" at the worst level
    deficit_hours: -
    notes: @ward: 7, 'late' shift
"""


@pytest.fixture
def letter(tmp_path):
    def written(text):
        path = tmp_path / "letter.yaml"
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return written


def test_values_that_yaml_cannot_read_are_what_was_typed(letter):
    path = letter(LETTER)
    found = read_typed(path)
    assert found.data["patient"] == {"primary": "RCC: clear cell", "open_surgery": "?"}
    assert found.data["lesions"] == [
        {"id": "T8", "escc": '"2" at the worst level', "deficit_hours": "-", "notes": "@ward: 7, 'late' shift"}
    ]
    assert found.lines[("lesions", 0, "deficit_hours")] == 8
    assert found.sha256 == sha256(path.read_bytes()).hexdigest()


def test_a_case_that_expects_something_stays_strict(letter, knowledge):
    path = letter("case: c\npatient:\n  open_surgery: ?\nlesions: [{id: T8}]\n")
    assert read_case(path, knowledge, expecting=False).patient.get("open_surgery") is None
    with pytest.raises(Invalid, match="is not YAML"):
        read_case(path, knowledge)


@pytest.mark.parametrize(
    "text",
    [
        "case: c\nlesions: [{id: T8\n",
        "case: c\n  lesions:\n- id: T8\n",
        "case: c\nsins: {pain: ?old, lesion: lytic}\n: x\n",
        "case: 'it''s\nlesions: [",
    ],
)
def test_a_broken_list_or_outline_is_refused(text, letter):
    with pytest.raises(Invalid):
        read_typed(letter(text))


def test_a_file_of_nothing_but_such_lines_is_no_letter(letter):
    with pytest.raises(Invalid, match="is not YAML"):
        read_typed(letter("".join(f"k{i}: - a\n" for i in range(MOST_LINES + 1))))


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12))
def test_whatever_is_typed_behind_a_colon_is_read_or_refused_with_its_line(tmp_path_factory, typed):
    path = tmp_path_factory.mktemp("letter") / "letter.yaml"
    path.write_text(f"case: c\nprimary: {typed}\n", encoding="utf-8")
    lines, keys = (), {"case", "primary"}
    try:
        keys = set(read_typed(path).data)
    except Invalid as invalid:
        lines = [problem.position.line for problem in invalid.problems]
    assert all(lines)
    assert keys == {"case", "primary"}
