"""A letter is marked word by word: what is understood, what is denied or doubted, and never more than it says."""

import pytest

from cases.hearing.letters import terms_in

LETTER = (
    "72M, prostate ca on ADT. Three weeks of thoracic pain, worse standing. MRI: Th7 Bilsky 2, SINS about 9.\n"
    "Power 4/5 both legs since Monday, walks with a stick. PS 2, INR 1.2. No brain mets. ?myeloma excluded. "
    "His brother had lymphoma."
)


@pytest.fixture(scope="module")
def terms(knowledge):
    return terms_in(LETTER, knowledge)


def test_each_term_stands_where_it_is_said_to_stand_and_none_over_another(terms):
    ends = 0
    for term in terms:
        assert term.start >= ends
        ends = term.end
        assert term.text.lstrip("?") in LETTER[term.start : term.end] or term.attribute == "age"


def test_what_is_written_is_understood(terms):
    found = {term.attribute: term for term in terms if not term.problem}
    assert found["age"].words == "72 years"
    assert found["levels"].words == "T7"
    assert found["escc_grade"].words.startswith("2 ")
    assert found["sins_total"].text == "SINS about 9"
    assert found["neurological_examination"].text == "Power 4/5 both legs"
    assert found["ecog"].words == "2"
    assert found["inr"].words == "1.2"
    assert found["sins_pain"].words == "mechanical"
    assert found["primary_tumour"].words == "prostate cancer"
    assert (found["brain_metastases"].text, found["brain_metastases"].words) == ("No brain mets", "no")


def test_what_is_denied_doubted_or_of_others_is_told_and_not_offered(terms):
    held_back = {term.text.lstrip("?"): term.problem for term in terms if term.problem}
    assert "question mark" in held_back["myeloma"]
    assert "stands before it" in held_back["lymphoma"]


@pytest.mark.parametrize(
    "text",
    ["brain mets: none", "Brain mets - nil", "brain mets excluded", "brain mets not seen", "brain mets (no)",
     "brain mets were ruled out", "brain mets?", "brain mets awaited", "denies brain mets", "without known brain mets"],
)  # fmt: skip
def test_what_is_denied_before_or_behind_is_not_offered(knowledge, text):
    (term,) = (term for term in terms_in(text, knowledge) if term.attribute == "brain_metastases")
    assert "stands" in term.problem


def test_a_no_that_is_of_something_else_denies_nothing(knowledge):
    (term,) = terms_in("Brain mets x2 asymptomatic. No fever.", knowledge)[:1]
    assert (term.attribute, term.problem) == ("brain_metastases", "")


@pytest.mark.parametrize("text", ["", "Thank you for seeing him.", "yes no none 3 4 5 normal", "\n\n(;,)"])
def test_words_that_tell_nothing_are_left_alone(knowledge, text):
    assert terms_in(text, knowledge) == ()


def test_what_may_mean_two_things_is_asked_about(knowledge):
    (term,) = terms_in("Kyphosis noted", knowledge)
    assert term.attribute == "sins_alignment"
    assert "may mean" in term.problem


def test_every_term_reads_as_the_field_will_read_it(knowledge, terms):
    from cases.hearing import hear

    for term in terms:
        if not term.problem:
            attribute = knowledge.vocabulary[term.attribute]
            meaning = hear(attribute, term.text, knowledge)
            assert meaning.words(attribute, knowledge) == term.words
