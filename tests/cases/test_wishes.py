"""An operation that is declined is heard as a refusal where the words are clear, and left open where they are not."""

import pytest

import knowledge_base
from cases.model import Case
from cases.reader import case_of
from knowledge_base import KnowledgeBase
from knowledge_base.text.strict_yaml import read_text


@pytest.fixture(scope="module")
def noms() -> KnowledgeBase:
    return knowledge_base.load()


def letter(key: str, said: str, noms: KnowledgeBase) -> Case:
    text = f'case: letter\npatient: {{{key}: "{said}"}}\nlesions: [{{id: T8, levels: T8}}]\n'
    return case_of(read_text(text, "letter.yaml"), noms, expecting=False)


CLEAR = (
    "declines surgery", "does not want an operation", "refuses spinal surgery", "The patient has declined any operation",
    "rejects a big operation, would agree with radiation or cement", "doesn't want to be operated on",
    "declines surgery but accepts radiotherapy",
)  # fmt: skip
BARE = ("no operation", "no surgery", "no more hospital, no operations", "never an operation")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        *((key, said) for key in ("wishes", "open_surgery", "surgery_declined") for said in CLEAR),
        *((key, said) for key in ("wishes", "surgery_declined") for said in BARE),
    ],
)
def test_a_clear_refusal_is_heard_as_open_surgery_at_least(key, said, noms):
    case = letter(key, said, noms)
    assert case.patient["surgery_declined"] == noms.vocabulary["surgery_declined"].read(["open", "any"])
    assert [heard.kind for heard in case.heard] == ["more"]
    assert "whether percutaneous procedures too is not said" in case.heard[0].meaning


HEDGED = (
    "would prefer to avoid a big operation", "Wife says he'd not want a big op", "would consider op if small",
    "not keen on surgery", "no surgery, unless the legs go", "declined surgery, now agrees", "no operation?",
    "son refuses surgery for him", "refuses to decide about surgery", "declines surgery but may reconsider",
    "declined surgery, wants the operation", "Family (son) requests conservative tx; pt herself undecided",
    "not for surgery", "anxious about surgery",
)  # fmt: skip


@pytest.mark.parametrize("said", HEDGED)
def test_what_is_hedged_is_left_open(said, noms):
    case = letter("wishes", said, noms)
    assert "surgery_declined" not in case.patient
    (heard,) = case.heard
    assert (heard.kind, heard.attribute) == ("left open", "surgery_declined")
    assert "surgery_declined" not in letter("open_surgery", said, noms).patient


@pytest.mark.parametrize(
    "said",
    ["Operation is for him acceptable", "keen for surgery", "wants everything done", "pain relief", "no transfusion"],
)
def test_an_assent_and_what_speaks_of_no_operation_stay_notes(said, noms):
    case = letter("wishes", said, noms)
    assert [heard.kind for heard in case.heard] == ["note"]
    assert "surgery_declined" not in case.patient


@pytest.mark.parametrize("said", BARE)
def test_a_bare_no_under_what_can_be_borne_may_be_the_surgeons(said, noms):
    assert "surgery_declined" not in letter("open_surgery", said, noms).patient


def test_a_wish_that_is_heard_is_kept_whole_as_a_note_too(noms):
    assert letter("wishes", "no operation", noms).notes == "wishes: no operation"
