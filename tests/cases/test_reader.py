"""Cases are read by the vocabulary: what is given becomes possible values, and what is not given is left out."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import knowledge_base
from cases import Case, case_of, read_case
from knowledge_base import Invalid, KnowledgeBase
from knowledge_base.language.domains import Choices, Numbers, Subsets
from knowledge_base.text.strict_yaml import Document, read_text

TOY = knowledge_base.load(Path(__file__).parents[1] / "bad_knowledge" / "base")
FULL = """
case: full
title: A full case
notes: With notes.
patient: {kps: 70..80, fitness: [fit, unfit]}
lesions:
  - id: T8
    levels: T7..T9
    grade: [1b, 2]
    deficit: false
    gap_mm: 1.5
    sins: {pain: mechanical, bone: null}
  - id: C3
source: {ref: A paper, url: "https://example.org", note: The gap is a guess.}
expect:
  T8: {recommended: [surgery], status: {radiotherapy: open}, values: {response: null, sins_total: 3..5}, fired: [SINS]}
  patient: {not_fired: [TOY-01], values: {kps: 70..80}}
"""


def read(text: str, knowledge: KnowledgeBase) -> Case:
    return case_of(read_text(text, "case.yaml"), knowledge)


def test_full_case(toy_knowledge: KnowledgeBase) -> None:
    case = read(FULL, toy_knowledge)
    assert (case.id, case.title, case.notes) == ("full", "A full case", "With notes.")
    assert case.patient == {"kps": Numbers.between(70, 80, whole=True)}
    assert [lesion.id for lesion in case.lesions] == ["C3", "T8"]
    assert case.lesions[1].given == {
        "deficit": Choices(frozenset({False})),
        "gap_mm": Numbers.between(Decimal("1.5"), Decimal("1.5")),
        "grade": Choices(frozenset({"1b", "2"})),
        "levels": Subsets(frozenset({"T7", "T8", "T9"}), frozenset({"T7", "T8", "T9"})),
        "sins_pain": Choices(frozenset({"mechanical"})),
    }
    assert case.source is not None
    assert case.source.ref == "A paper"
    assert case.expect["T8"].recommended == ("surgery",)
    assert str(case.position) == "case.yaml:2"


@pytest.mark.parametrize(
    "text",
    [
        "case: 7\nlesions: [{id: 8}]",
        "case: 7\npatient:\nlesions:\n  - id: '8'\n    grade:\n    sins:\n",
        "case: 7\npatient: {kps: null, fitness: [fit, unfit]}\nlesions: [{id: 8, grade: '>= 0', sins: {}}]\nexpect:\n",
        '{"case": "7", "lesions": [{"id": "8", "gap_mm": "0..50"}]}',
    ],
)
def test_what_is_not_known_is_left_out(text: str, toy_knowledge: KnowledgeBase) -> None:
    case = read(text, toy_knowledge)
    assert (case.id, case.patient) == ("7", {})
    assert [(lesion.id, lesion.given) for lesion in case.lesions] == [("8", {})]


def test_order_of_lesions_and_keys_does_not_matter(toy_knowledge: KnowledgeBase) -> None:
    one = read("case: c\nlesions: [{id: A, deficit: true, grade: 1a}, {id: B}]", toy_knowledge)
    two = read("lesions: [{id: B}, {grade: 1a, id: A, deficit: true}]\ncase: c", toy_knowledge)
    assert one.lesions == two.lesions
    assert list(one.lesions[0].given) == list(two.lesions[0].given)


def test_read_case_names_the_file_as_it_is_told(toy_knowledge: KnowledgeBase, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("case: c")
    with pytest.raises(Invalid) as caught:
        read_case(path, toy_knowledge, "friendly")
    assert str(caught.value).startswith("friendly:1: c: `lesions` is missing")


def test_noms_case_reads_every_given_attribute(knowledge: KnowledgeBase) -> None:
    patient = {a.key: a.names[0] for a in knowledge.vocabulary.given_of("patient") if a.names and not a.group}
    text = (
        "case: c\npatient: {" + ", ".join(f"{key}: {value}" for key, value in patient.items()) + "}\nlesions: [{id: X}]"
    )
    assert set(read(text, knowledge).patient) == set(patient)


KEYS = st.sampled_from(["case", "patient", "lesions", "id", "kps", "grade", "sins", "pain", "levels", "expect", "T8"])
DATA: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(), inner, max_size=4),
)


@given(DATA)
def test_any_data_is_a_case_or_a_message(data: object) -> None:
    assert all(message.startswith("any.yaml") for message in said(Document("any.yaml", data, {})))


def said(document: Document) -> list[str]:
    try:
        case_of(document, TOY)
    except Invalid as invalid:
        return str(invalid).splitlines()
    return []


def test_what_a_message_repeats_moves_no_cursor() -> None:
    (message,) = said(Document("any.yaml", {"case": "\x1b[2J\u202e"}, {}))
    assert message.isprintable()
    assert r"\x1b[2J\u202e" in message
