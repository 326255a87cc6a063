"""What a letter says and nobody understands: left open and told, with the dangers where it may hide one."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cases.reader import case_of, read_case
from explain.phrases.brief import brief
from knowledge_base import Invalid
from knowledge_base.language.domains import Choices
from knowledge_base.text.strict_yaml import read_text
from metspine import advise
from metspine.cli.app import app
from metspine.library import LIBRARY

DEFICIT = Choices(frozenset({"deficit"}))
NOT_WALKING = Choices(frozenset(("plegic", "non_ambulatory")))
PROSE = Path(__file__).parent / "prose.txt"
JUNK = st.lists(st.text("bdfgjkqvwxz", min_size=5, max_size=9), min_size=2, max_size=5).map(" ".join)


def letter(text, knowledge, expecting=False):
    return case_of(read_text(text, "c.yaml"), knowledge, expecting=expecting)


def lesion(line, knowledge, **how):
    return letter(f"case: c\nlesions:\n  - {{id: one, {line}}}\n", knowledge, **how)


def patient(line, knowledge, **how):
    return letter(f"case: c\npatient: {{{line}}}\nlesions: [{{id: T8}}]\n", knowledge, **how)


def told(case):
    return [(heard.kind, heard.typed) for heard in case.heard]


@pytest.mark.parametrize(
    "line",
    [
        "deficit_hours: gradual of late",
        "ambulation: wobbly as a newborn foal",
        "sphincter_disturbance: funny down below",
    ],
)
def test_a_phrase_about_a_finding_that_is_not_understood_is_left_open_and_told(line, knowledge):
    case = lesion(line, knowledge)
    assert case.lesions[0].given == {}
    assert told(case) == [("left open", line.partition(": ")[2])]
    with pytest.raises(Invalid):
        lesion(line, knowledge, expecting=True)  # of the library every word is understood


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("escc_grade: 5", "is not a value of escc_grade (0, 1a, 1b, 1c, 2, 3)"),
        ("sins_total: 77", "0..18"),
        ("ambulation: independant", "Did you mean 'independent'?"),
        ("frankel: C+", "Did you mean 'C'?"),
    ],
)
def test_a_slip_of_the_pen_is_left_open_and_told_with_what_is_right(line, why, knowledge):
    case = lesion(line, knowledge)
    assert case.lesions[0].given == {}
    (heard,) = case.heard
    assert heard.kind == "left open"
    assert why in heard.readings
    with pytest.raises(Invalid):
        lesion(line, knowledge, expecting=True)


def test_a_slip_of_the_pen_in_a_key_is_refused(knowledge):
    with pytest.raises(Invalid):
        lesion("escc_grad: 3", knowledge)


def test_a_refusal_under_a_key_of_a_lesion_is_told_as_the_patients(knowledge):
    case = lesion("previous_operation: offered decompression but the patient refused", knowledge)
    text = " ".join(advise(case, knowledge, settle=False).text().split())
    assert "NOT READ" in text
    assert "nobody knows what the patient agrees to" in text


@pytest.mark.parametrize("line", ["platelets: on the low side", "anticoagulant: something from the clinic"])
def test_what_is_then_supposed_to_be_as_usual_is_told_with_the_dangers(line, knowledge):
    case = patient(line, knowledge)
    assert case.patient == {}
    attribute = knowledge.vocabulary[line.partition(":")[0]]
    screen = " ".join(advise(case, knowledge, settle=False).text().split())
    typed = line.replace(": ", ' "') + '"'
    usual = brief(attribute, attribute.usual_values)
    assert f"NOT READ: {typed}. Until it is read, what is usual is supposed: {usual}." in screen


@pytest.mark.parametrize(
    "said", ["no longer on apixaban", "apixaban was stopped by the surgeon", "apixaban is planned for AF"]
)
def test_a_drug_that_may_not_be_taken_stays_possible(said, knowledge):
    case = patient(f"anticoagulant: {said}", knowledge)
    assert case.patient["anticoagulant"].members == {"none", "factor_xa_inhibitor"}
    assert told(case)[0][0] == "left open"


def test_a_key_like_none_that_is_known_becomes_a_note(knowledge):
    case = patient("covid: negative, G8: 14 of 17", knowledge)
    assert told(case) == [("note", "negative"), ("note", "14 of 17")]
    assert case.notes == "covid: negative; G8: 14 of 17"


def test_a_misplaced_word_is_told_with_its_place(knowledge):
    case = lesion("radiology says: osteolytic", knowledge)
    assert case.lesions[0].given == {}
    assert "write `sins_bone_lesion: osteolytic`" in case.heard[0].readings


@pytest.mark.parametrize("line", ["water works: incontinent of urine", "odd jobs: tetraparesis"])
def test_a_neurological_sign_under_no_known_key_is_told_with_the_dangers(line, knowledge):
    case = lesion(line, knowledge)
    assert case.lesions[0].given == {}
    typed = line.replace(": ", ' "') + '"'
    assert f"NOT READ: {typed}. Read this before anything else" in " ".join(
        advise(case, knowledge, settle=False).text().split()
    )
    with pytest.raises(Invalid, match="is no key here"):
        lesion(line, knowledge, expecting=True)


def test_parts_that_name_themselves_are_heard_under_any_key(knowledge):
    case = patient('labs: "plt 145, INR 1.2, CRP 12 mg/L", anaesthetics: ASA 3', knowledge)
    assert sorted(case.patient) == ["asa_class", "crp", "inr", "platelets"]
    assert {heard.place for heard in case.heard} == {"labs", "anaesthetics"}


@pytest.mark.parametrize("key", ["previous labs", "labs before chemotherapy", "brother", "wife's bloods", "other scan"])
def test_nothing_is_heard_of_another_time_or_person(key, knowledge):
    case = patient(f"{key}: plt 145", knowledge)
    assert case.patient == {}
    assert told(case) == [("left open", "plt 145")]


@pytest.mark.parametrize(("said", "heard"), [("yes", True), ("+", True), ("true", True), ("no", False), ("?", False)])
def test_a_value_for_a_key_counts_when_it_is_affirmed(said, heard, knowledge):
    case = patient(f"liver mets: '{said}'" if said != "true" else "liver mets: true", knowledge)
    assert ("visceral_metastases" in case.patient) == heard


def test_a_drug_is_heard_under_any_key_that_does_not_take_it_back(knowledge):
    assert list(patient("comorbidities: AF on apixaban", knowledge).patient) == ["anticoagulant"]
    for line in (
        "allergies: aspirin",
        "brother: on apixaban",
        "comorbidities: AF but apixaban was stopped",
        "drugs to avoid: apixaban",
    ):
        assert patient(line, knowledge).patient == {}


def test_a_drug_that_may_be_one_of_two_never_becomes_a_note(knowledge):
    case = patient("comorbidities: AF on tinzaparin for PE", knowledge)
    assert [(heard.kind, heard.attribute) for heard in case.heard] == [("left open", "anticoagulant")]


def test_every_worked_patient_reads_the_same_as_a_letter(knowledge):
    for file in sorted(LIBRARY.glob("*.yaml"))[::10]:
        strict, open_ = (read_case(file, knowledge, expecting=one) for one in (True, False))
        assert strict.patient == open_.patient, file.stem
        for one, other in zip(strict.lesions, open_.lesions, strict=True):
            since = {"neurological_examination": DEFICIT} if "deficit_hours" in one.given else {}
            lost = {"ambulation": NOT_WALKING} if "hours_since_walking_lost" in one.given else {}
            assert {**since, **lost, **one.given} == other.given, file.stem
        assert strict.heard == open_.heard


def test_a_time_since_the_deficit_began_tells_of_a_deficit(knowledge):
    case = lesion("deficit_hours: 72", knowledge)
    assert case.lesions[0].given["neurological_examination"] == DEFICIT
    assert "neurological_examination" not in lesion("deficit_hours: 72", knowledge, expecting=True).lesions[0].given
    for line in ("deficit_hours: 20, neurology: normal", "neurology: normal, deficit_hours: 20"):
        case = lesion(line, knowledge)
        assert set(case.lesions[0].given) == {"deficit_hours"}
        assert told(case) == [("left open", "normal")]


def test_what_stands_behind_the_sign_of_a_fracture_is_told(knowledge):
    text = "case: c\nlesions:\n  - id: L1\n    ambulation: aided # before, now bedbound\n    escc: '1a' # axial\n"
    assert told(letter(text, knowledge)) == [
        ("left open", "# before, now bedbound")
    ]  # a value in quotes ends with them
    assert letter(text, knowledge, expecting=True).heard == ()


@given(phrase=JUNK, data=st.data())
def test_no_phrase_that_says_nothing_gives_a_value(knowledge, phrase, data):
    attribute = data.draw(st.sampled_from([a for a in knowledge.vocabulary.given_of("lesion") if not a.group]))
    try:
        case = lesion(f"{attribute.id}: {phrase}", knowledge)
    except Invalid:
        return
    assert case.lesions[0].given == {}
    assert told(case) == [("left open", phrase)]


def test_six_letters_in_prose_are_read_without_refusal(knowledge):
    refused = []
    for text in PROSE.read_text(encoding="utf-8").split("\n---\n"):
        try:
            letter(text, knowledge)
        except Invalid as error:
            refused += [re.search(r": ['`](.+?)['`]", str(problem))[1] for problem in error.problems]
    assert refused == []


@pytest.mark.parametrize("command", [["why-not", "cebrt"], ["advise", "--format", "json", "--no-settle"], ["prov"]])
def test_what_no_rule_reads_is_told_where_the_answer_does_not(command, tmp_path):
    (file := tmp_path / "c.yaml").write_text(
        "case: c\npatient: {covid: negative}\nlesions: [{id: T8, pain: band-like}]\n"
    )
    told = CliRunner().invoke(app, [command[0], str(file), *command[1:]]).stderr
    assert "c: not used: T8.pain band-like: not understood" in told
    assert "c: not used: covid negative: a note" in told


@pytest.mark.parametrize(
    ("line", "attribute", "data"),
    [
        ("anticoagulation: 'Eliquis for afib, last dose this morning'", "anticoagulant", "factor_xa_inhibitor"),
        ("treatment: 'alectinib, excellent response elsewhere'", "systemic_drug", ["other_tki"]),
        ("diagnosis: poorly differentiated breast cancer of the left side", "primary_tumour", "breast"),
        ("diagnosis: renal cell carcinoma with bony mets everywhere", "primary_tumour", "renal_cell"),
        ("diagnosis: lung mets of some breast cancer", "primary_tumour", "breast"),
    ],
)
def test_a_listed_word_counts_within_a_phrase(line, attribute, data, knowledge):
    case = patient(line, knowledge)
    assert case.patient[attribute] == knowledge.vocabulary[attribute].read(data)
    assert "not used: " in case.heard[0].meaning


@pytest.mark.parametrize(
    "line",
    [
        "anticoagulation: Eliquis was stopped by the surgeon", "anticoagulation: allergic to Eliquis tablets",
        "anticoagulation: considering Eliquis from the ward", "treatment: alectinib planned by the board",
        "diagnosis: breast cancer resected long ago", "diagnosis: sister with breast cancer too",
        "diagnosis: melanoma excluded by the pathologist", "diagnosis: breast cancer plus fresh melanoma nodule",
        "diagnosis: lung mets perhaps of breast cancer", "diagnosis: perhaps in remission from lymphoma",
    ],
)  # fmt: skip
def test_a_word_that_may_be_taken_back_never_counts(line, knowledge):
    case = patient(line, knowledge)
    assert not any(values.is_single for values in case.patient.values())
    assert told(case)[0][0] == "left open"


@pytest.mark.parametrize(
    ("line", "months"),
    [
        ("prognosis: weeks", "< 3"),
        ("life_expectancy: short weeks", "< 3"),
        ("prognosis: 'poor, weeks'", "< 3"),
        ("prognosis: hours to days", "< 1"),
        ("prognosis: short months", None),
    ],
)
def test_a_word_for_a_time_is_left_open_within_what_every_reading_allows(line, months, knowledge):
    attribute = knowledge.vocabulary["expected_survival_months"]
    expected = {} if months is None else {attribute.id: attribute.read(months)}
    assert patient(line, knowledge).patient.items() >= expected.items()
    if not expected:
        assert attribute.id not in patient(line, knowledge).patient


@pytest.mark.parametrize(
    ("line", "count"),
    [("platelets: 38 today (nadir)", 38), ("platelets: dropped to 38", 38), ("platelets: 38 after two pools", 38)],
)
def test_a_result_is_read_beside_when_it_was_taken(line, count, knowledge):
    attribute = knowledge.vocabulary["platelets"]
    assert patient(line, knowledge).patient.get("platelets") == (count and attribute.read(count))


def test_of_what_is_typed_and_not_read_the_screen_does_not_say_that_nobody_said_it(tmp_path):
    (tmp_path / "c.yaml").write_text(
        "case: c\n"
        "patient: {primary_tumour: bladder, age: 79, ecog: 4, life_expectancy: as long as the swallows stay}\n"
        "lesions: [{id: T12, levels: T12, prior_radiotherapy: none}]\n"
    )
    screen = " ".join(str(advise(tmp_path / "c.yaml")).split())
    assert "what is not read must not say: survival < " in screen
    assert "survival" not in screen.partition("nobody says:")[2].partition(";")[0]


@pytest.mark.parametrize(
    ("name", "levels"),
    [("T8", ["T8"]), ("Th5/6", ["T5", "T6"]), ("T6-8", ["T6", "T7", "T8"]), ("hip", None), ("T15", None)],
)
def test_a_lesion_of_a_letter_that_is_called_by_its_level_has_it(name, levels, knowledge):
    text = f"case: c\nlesions: [{{id: {name}, escc_grade: 1b}}]\n"
    attribute = knowledge.vocabulary["levels"]
    assert letter(text, knowledge).lesions[0].given.get("levels") == (levels and attribute.read(levels))
    assert "levels" not in letter(text, knowledge, expecting=True).lesions[0].given
    other = letter(text.replace("escc_grade", "levels: L1, escc_grade"), knowledge)
    assert other.lesions[0].given["levels"] == attribute.read(["L1"])


@pytest.mark.parametrize(
    ("line", "is_told"),
    [
        ("neuro: no weakness in the legs", False),
        ("sphincters: voiding well", False),
        ("ambulation: mobile", False),
        ("neuro: a bit wobbly on the left", True),
        ("sphincters: catheterised overnight", True),
    ],
)
def test_what_says_that_a_part_is_well_is_read_later(line, is_told, knowledge):
    text = advise(lesion(line, knowledge), knowledge, settle=False).text()
    assert ("Read this before anything else" in text) is is_told
