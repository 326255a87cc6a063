"""Everyday words: what a letter says, put into the words of the vocabulary, or asked about.

`everyday_words.txt` is a table made outside this program: attribute | what is said | what it means, where `asked` stands
for a word that is never guessed. Several values in brackets are all kept.
"""

import re
from decimal import Decimal
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import knowledge_base
from cases import Case, case_of
from cases.hearing import hear, hear_answer
from cases.hearing.times import calendar_day
from cases.settings import with_settings
from cases.writing import case_text
from knowledge_base import Invalid, KnowledgeBase
from knowledge_base.language.synonyms import plain
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.strict_yaml import read_text

TABLE = [
    tuple(part.strip() for part in line.split(" | "))
    for line in (Path(__file__).parent / "everyday_words.txt").read_text(encoding="utf-8").splitlines()
]
MEANT = [row for row in TABLE if row[2] != "asked"]
ASKED = [row for row in TABLE if row[2] == "asked"]


@lru_cache
def noms() -> KnowledgeBase:
    return knowledge_base.load()


def expected(attribute: Attribute, written: str) -> object:
    """Return what a cell of the table says, as a case file writes it."""
    if written.startswith("["):
        return [part.strip() for part in written[1:-1].split(",")]
    if attribute.type == "number" and re.fullmatch(r"\d+(\.\d+)?", written):
        return Decimal(written)
    return {"yes": True, "no": False}.get(written, written) if attribute.type == "yes_no" else written


@pytest.mark.parametrize(("name", "said", "means"), MEANT, ids=[f"{row[0]}: {row[1]}" for row in MEANT])
def test_a_word_means_what_the_table_says(name: str, said: str, means: str) -> None:
    vocabulary = noms().vocabulary
    values, meaning = hear_answer(vocabulary[name], said, noms())
    (_, own), *others = (part.split("=", 1) for part in means.split("; "))
    raw = expected(vocabulary[name], own)
    assert values == vocabulary[name].read(
        raw if vocabulary[name].type != "several" or isinstance(raw, list) else [raw]
    )
    for other, written in others:
        assert vocabulary[other].read(meaning.others[other]) == vocabulary[other].read(
            expected(vocabulary[other], written)
        )


@pytest.mark.parametrize(("name", "said", "_"), ASKED, ids=[f"{row[0]}: {row[1]}" for row in ASKED])
def test_an_ambiguous_word_is_refused_with_its_readings(name: str, said: str, _: str) -> None:
    with pytest.raises(
        ValueError, match=r"may mean: .+ Write the one that is meant|is counted from the day of the letter"
    ):
        hear_answer(noms().vocabulary[name], said, noms())


def test_myeloma_and_melanoma_are_both_named() -> None:
    with pytest.raises(ValueError) as raised:
        hear_answer(noms().vocabulary["primary_tumour"], "MM", noms())
    assert str(raised.value) == (
        "'MM' may mean: multiple_myeloma (myeloma or plasmacytoma); or melanoma (they answer radiotherapy in opposite "
        "ways). Write the one that is meant, or leave it out"
    )


# --- nothing of another class is ever suggested ------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["myelomma", "plasmacytomas", "seminomas", "melanom", "sarcome", "lymphome"])
def test_a_misspelt_tumour_is_never_corrected(word: str) -> None:
    with pytest.raises(Invalid) as raised:
        read(f"case: c\npatient: {{primary_tumour: {word}}}\nlesions: [{{id: T8}}]\n")
    assert "Did you mean" not in str(raised.value)
    assert "it is not guessed from its spelling" in str(raised.value)


@pytest.mark.parametrize(
    ("word", "value", "never"),
    [
        ("myeloma", "multiple_myeloma", "melanoma"),
        ("plasmacytoma", "multiple_myeloma", "sarcoma"),
        ("seminoma", "germ_cell", "melanoma"),
        ("myeloid sarcoma", "leukaemia", "sarcoma"),
    ],
)
def test_the_dangerous_pairs(word: str, value: str, never: str) -> None:
    case = read(f"case: c\npatient: {{primary_tumour: {word}}}\nlesions: [{{id: T8}}]\n")
    assert noms().vocabulary["primary_tumour"].dump(case.patient["primary_tumour"]) == value
    assert noms().vocabulary["primary_tumour"].dump(case.patient["primary_tumour"]) != never


@pytest.mark.parametrize("name", ["neurological_examination", "ambulation", "epidural_finding", "open_surgery"])
@pytest.mark.parametrize("word", ["no", "n", "yes", "a"])
def test_a_plain_yes_or_no_is_never_completed_to_a_value(name: str, word: str) -> None:
    with pytest.raises(ValueError, match=r"is not a value of|may mean"):
        hear_answer(noms().vocabulary[name], word, noms())


@pytest.mark.parametrize("name", ["radiculopathy", "visceral_metastases", "prior_radiotherapy"])
def test_a_plain_no_is_none_where_there_is_a_none(name: str) -> None:
    assert noms().vocabulary[name].dump(hear_answer(noms().vocabulary[name], "no", noms())[0]) == "none"


# --- properties --------------------------------------------------------------------------------------------------------

GIVEN = [attribute for attribute in noms().vocabulary.values() if attribute.given]


def test_no_word_has_two_meanings() -> None:
    for attribute in GIVEN:
        lexicon = noms().lexicon(attribute.id)
        assert not {word for word in lexicon.senses if word in lexicon.asked} - {plain(n) for n in attribute.names}


def test_no_name_means_two_attributes_of_one_subject() -> None:
    for one, two in combinations(GIVEN, 2):
        if one.of == two.of and not (one.group or two.group):
            shared = {plain(n) for n in also(one)} & {plain(n) for n in also(two)}
            assert not shared, (one.id, two.id)


def also(attribute: Attribute) -> tuple[str, ...]:
    return (attribute.id, attribute.label, *noms().lexicon(attribute.id).synonyms.also)


@given(st.sampled_from([a for a in GIVEN if not noms().lexicon(a.id).synonyms.ask_numbers or a.unit]), st.data())
def test_what_is_written_in_the_words_of_the_vocabulary_is_heard_as_it_is(
    attribute: Attribute, data: st.DataObject
) -> None:
    if attribute.type == "number":
        low, high = attribute.domain.low, attribute.domain.high  # type: ignore[union-attr]
        step = attribute.step or 1
        first = data.draw(st.integers(-(-int(low) // step), int(high) // step)) * step
        second = data.draw(st.integers(first // step, int(high) // step)) * step
        raw: object = data.draw(st.sampled_from([first, f"{first}..{second}"])) if first >= low else int(high)
        raw = f"{raw} {attribute.unit}" if attribute.unit else raw
    else:
        raw = data.draw(st.lists(st.sampled_from(attribute.names), min_size=1, unique=True))
    meaning = hear(attribute, raw, noms())
    again = hear(attribute, meaning.data, noms())
    assert attribute.read(again.data) == attribute.read(meaning.data)
    assert meaning.is_plain
    assert not meaning.others


@given(st.sampled_from(sorted({row[1] for row in TABLE})), st.sampled_from(GIVEN))
def test_letter_case_and_spaces_never_count(word: str, attribute: Attribute) -> None:
    assert outcome(attribute, word) == outcome(attribute, f"  {word.upper()} ")


def outcome(attribute: Attribute, word: str) -> object:
    try:
        return hear_answer(attribute, word, noms())[0]
    except ValueError:
        return "refused"


# --- cases -------------------------------------------------------------------------------------------------------------


def read(text: str) -> Case:
    return case_of(read_text(text, "case.yaml"), noms())


LETTER = """
case: letter
patient: {dx: RCC, PS: 2, ASA: II, alb: 3.1, Ca: 2.9, crp: 40 mg/l}
lesions:
  - id: upper
    level: D8
    bilsky: 2
    sins: {total: about 10, bone: lytic}
    prior: 20/5
  - id: lower
    levels: T11-12
    sins: 7-12
    frankel: ASIA C
    prior: SABR 24 Gy in 2 6/12 ago
"""
CANONICAL = """
case: letter
patient: {primary_tumour: renal_cell, ecog: 2, asa_class: 2, albumin: 31, calcium: 2.9 mmol/L, crp: 4 mg/dL}
lesions:
  - {id: upper, levels: [T8], escc_grade: "2", sins_total: 9..11, sins: {bone_lesion: lytic}, prior_radiotherapy: cebrt}
  - {id: lower, levels: [T11, T12], sins_total: 7..12, frankel: C, frankel_scale: asia, prior_radiotherapy: sbrt,
     prior_radiotherapy_months: 6}
"""


def test_a_letter_is_the_case_in_the_words_of_the_vocabulary() -> None:
    heard, written = read(LETTER), read(CANONICAL)
    assert (heard.patient, heard.lesions) == (written.patient, written.lesions)
    assert "upper.prior 20/5 = conventional, 20 Gy in 5" in map(str, heard.heard)
    assert written.heard == ()


def test_a_case_that_was_heard_is_written_so_that_it_is_heard_again() -> None:
    case = read("case: c\npatient: {crp: 3 mg/dL, bili: 2 mg/dL, inr: 10 INR, calcium: 5 mg/dL}\nlesions: [{id: T8}]\n")
    again = read(case_text(case, noms()))
    assert again.patient == case.patient
    assert len(case.patient) == 4


@pytest.mark.parametrize(("word", "said"), [("yes", "paraplegia"), ("no", "…"), ("none yet", "…"), ("resolved", "…")])
def test_a_value_written_as_a_key_is_never_proposed_when_it_is_denied(word: str, said: str) -> None:
    with pytest.raises(Invalid, match=f"write `neurological_examination: {said}` in its lesion"):
        read(f"case: x\nlesions: [{{id: T8, paraplegia: {word!r}}}]\n")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("crp: 3", "'3' may mean: '3 mg/dL'; or '3 mg/L'; its size does not tell the unit"),
        ("bilirubin: 12", "'12' may mean: '12 mg/dL'; or '12 micromol/L'; its size does not tell the unit"),
        ("calcium: 5", "'5' may mean: '5 mg/dL'; or '5 mmol/L'; its size does not tell the unit"),
        ("neutrophils: 100", "'100' may mean: '100 10^9/L'; or '100 per microlitre'; its size does not tell the unit"),
        ("{ps: 2, ecog: 3}", "`ecog` is ecog, which `ps` gives already on line 2; keep one"),
        (
            "{dx: TNBC, hormone_dependence: dependent}",
            "'TNBC' says hormone dependence: hormone-independent, but the case says",
        ),
        ("bilsky: 2", "'escc_grade' belongs in a lesion; move it there"),
    ],
)
def test_what_may_be_two_things_is_refused(written: str, said: str) -> None:
    inner = written.strip("{}")
    with pytest.raises(Invalid) as raised:
        read(f"case: c\npatient: {{{inner}}}\nlesions: [{{id: T8}}]\n")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("albumin: 4.1", 41),
        ("calcium: 13.5", 13.5),
        ("platelets: 250000", 250),
        ("platelets: 45,000", 45),
        ("platelets: 45 K/uL", 45),
        ("neutrophils: PMN 400", 0.4),
        ("ldh: 480 IU/L", 480),
        ("bilirubin: 30 uMol/l", 1.755),
        ("kps: about 70", "60..80"),
        ("kps: Karnofsky 70-80%", "70..80"),
        ("age: 61 yo", 61),
        ("expected_survival_months: at least 6 months", "6..240"),
    ],
)
def test_numbers_are_read_with_their_unit_or_by_their_size(written: str, value: object) -> None:
    name, _, said = written.partition(": ")
    attribute = noms().vocabulary[name]
    assert attribute.dump(hear_answer(attribute, said, noms())[0]) == value


@pytest.mark.parametrize(
    ("said", "date", "hours"),
    [
        ("since yesterday", "2026-03-31", "0..48"),
        ("since yesterday", "2026-03-31 14:30", "14.5..38.5"),
        ("today", "2026-03-31 14:30", "0..14.5"),
        ("since Monday", "2026-04-01 12:00", "36..60"),
        ("2026-03-30", "2026-03-31 12:00", "12..36"),
        ("18 h", None, 18),
        ("for 3/7", None, 72),
        ("1/52", None, 168),
        ("about 3 weeks", None, "336..672"),
    ],
)
def test_times_are_counted_from_the_day_of_the_letter(said: str, date: str | None, hours: object) -> None:
    attribute = noms().vocabulary["deficit_hours"]
    assert attribute.dump(hear_answer(attribute, said, noms(), date)[0]) == hours


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("20/11/2026", "2026-11-20"),
        ("18.11.26", "2026-11-18"),
        ("Do, 05.11.2026", "2026-11-05"),
        ("Thurs 26th November 2026", "2026-11-26"),
        ("Nov 20, 2026", "2026-11-20"),
        ("11/24/2026", "2026-11-24"),
        ("05/11/2026", None),
        ("31.13.2026", None),
        ("2026-11-20", None),  # as a case has it already
    ],
)
def test_the_day_of_a_letter_is_read_as_people_write_it_unless_it_may_be_two(typed: str, day: str | None) -> None:
    assert calendar_day(typed) == day


def test_a_letter_whose_day_may_be_two_is_read_without_it() -> None:
    text = "case: c\ndate: 05/11/2026\nlesions: [{id: T8, escc_grade: 2, deficit_hours: since yesterday}]\n"
    case = case_of(read_text(text, "c.yaml"), noms(), expecting=False)
    assert case.date is None
    assert {heard.place: heard.kind for heard in case.heard if heard.kind == "left open"} == {
        "date": "left open",
        "T8.deficit_hours": "left open",
    }
    assert set(case.lesions[0].given) == {"levels", "escc_grade"}


def test_a_time_that_may_be_a_date_is_refused() -> None:
    with pytest.raises(ValueError, match=r"3 days \(72 hours\), written '3 days'; or the date 3 July"):
        hear_answer(noms().vocabulary["deficit_hours"], "since 3/7", noms())


def test_a_relative_day_needs_the_date_of_the_case() -> None:
    text = "case: c\n{date}lesions: [{{id: T8, deficit_hours: since yesterday}}]\n"
    with pytest.raises(Invalid, match="add `date: YYYY-MM-DD`, the day of the letter, to the case"):
        read(text.format(date=""))
    case = read(text.format(date="date: 2026-03-31\n"))
    assert noms().vocabulary["deficit_hours"].dump(case.lesions[0].given["deficit_hours"]) == "0..48"


def test_settings_hear_the_same_words_and_say_the_same_errors() -> None:
    case = read("case: c\nlesions: [{id: T8}]\n")
    found = with_settings(case, ["patient.dx=RCC", "T8.bilsky=1b-c", "T8.sins.total=11", "T8.frankel=ASIA C"], noms())
    assert {"primary_tumour"} == set(found.patient)
    assert set(found.lesions[0].given) == {"escc_grade", "frankel", "frankel_scale", "sins_total"}
    assert str(found.heard[0]) == "dx RCC = renal cell carcinoma"
    with pytest.raises(Invalid, match=r"MM.*multiple_myeloma.*melanoma"):
        with_settings(case, ["patient.dx=MM"], noms())


def test_the_echo_changes_no_advice() -> None:
    from engine import Reasoner, advise

    heard, written = read(LETTER), read(CANONICAL)
    reasoner = Reasoner(noms())
    assert advise(heard, reasoner).model_dump_json() == advise(written, reasoner).model_dump_json()


def test_five_letters_of_every_style_are_understood_field_by_field() -> None:
    letters = (Path(__file__).parent / "referrals.txt").read_text(encoding="utf-8").split("\n---\n")
    refused = []
    for letter in letters:
        try:
            read(letter)
        except Invalid as error:
            refused += [str(problem) for problem in error.problems]
    assert len(letters) == 5
    assert [re.search(r"['`](\w+)['`]", text)[1] for text in refused] == ["bm", "sbrt"]  # each may well mean two things


def test_what_says_that_nothing_is_known_is_left_open() -> None:
    case = read("case: c\nlesions: [{id: T8, prior_radiotherapy: N/A, sphincters: NAD, frankel: not tested}]\n")
    assert not case.lesions[0].given
    assert [one.kind for one in case.heard] == ["left open"] * 3
