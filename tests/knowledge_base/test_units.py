"""Numbers that may be written in more than one unit."""

import jsonschema
import pytest

from knowledge_base.language.vocabulary import Attribute

ALBUMIN = {
    "id": "albumin",
    "label": "serum albumin",
    "class": "finding",
    "question": "How high is the albumin?",
    "of": "patient",
    "letter": "S",
    "type": "number",
    "range": "10..60",
    "unit": "g/L",
    "also_in": {"g/dL": 10},
}


@pytest.fixture
def albumin() -> Attribute:
    return Attribute.model_validate(ALBUMIN)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("3.8 g/dL", 38),
        ("3.8g/dL", 38),
        (" 38 g/L ", 38),
        ("3.5..4 g/dL", "35..40"),
        (">3.5..4 g/dL", ">35..40"),
        ("< 3.5 g/dL", "< 35"),
        (["3.8 g/dL", 41], [38, 41]),
    ],
)
def test_a_quantity_in_another_unit_is_the_same_number(albumin, written, same):
    assert albumin.read(written) == albumin.read(same)
    jsonschema.validate(written if isinstance(written, str) else written[0], albumin.json_schema)


@pytest.mark.parametrize("written", ["150 10^9/L", "150..150 10^9/L", " 150  10^9/L", "150000 /µL"])
def test_a_unit_may_begin_with_a_digit_or_a_sign(written):
    platelets = ALBUMIN | {"id": "platelets", "range": "0..2000", "unit": "10^9/L", "also_in": {"/µL": 0.001}}
    attribute = Attribute.model_validate(platelets)
    assert attribute.read(written) == attribute.read(150)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (3.8, "3.8 is outside albumin (10..60 g/L). If it is in g/dL, write '3.8 g/dL'"),
        ("3.5..4", "3.5..4 is outside albumin (10..60 g/L). If it is in g/dL, write '3.5..4 g/dL'"),
        (380, "380 is outside albumin (10..60 g/L)"),
        ("38 g/dL", "'38 g/dL': 380 is outside albumin (10..60 g/L)"),
        ("3.8 g/dl", "'g/dl' is not a unit of albumin (g/L, g/dL). Did you mean 'g/dL'?"),
        ("38 grams", "'grams' is not a unit of albumin (g/L, g/dL)"),
        ("4..3.5 g/dL", "'4..3.5 g/dL': '4..3.5' runs backwards; write the lower number first"),
        ("lots g/dL", "'lots g/dL' is not a number for albumin (10..60 g/L)"),
    ],
)
def test_a_wrong_quantity_says_what_would_be_right(albumin, written, message):
    with pytest.raises(ValueError) as found:
        albumin.read(written)
    assert str(found.value) == message


def test_a_number_without_a_unit_takes_none(albumin):
    bare = Attribute.model_validate({key: value for key, value in ALBUMIN.items() if key not in ("unit", "also_in")})
    with pytest.raises(ValueError, match="is not a number for albumin"):
        bare.read("38 g/L")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"unit": None}, "`also_in` names other units, but the own `unit` is not given; add it"),
        ({"type": "yes_no", "range": None, "unit": None}, "`also_in` belongs to a number, not to a yes_no; remove it"),
    ],
)
def test_other_units_belong_to_a_number_with_a_unit(changes, message):
    with pytest.raises(ValueError) as found:
        Attribute.model_validate({**ALBUMIN, **changes})
    assert message in str(found.value)
