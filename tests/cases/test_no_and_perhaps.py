"""What is denied, doubted or only measured: never taken for a yes, and never proposed as one."""

import pytest

import knowledge_base
from cases import Case, case_of
from cases.hearing import hear, hear_answer
from knowledge_base import Invalid
from knowledge_base.language.domains import Values, both
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.strict_yaml import read_text

NOMS = knowledge_base.load()
GIVEN = [a for a in NOMS.vocabulary.values() if a.given]
CHOICES = [a for a in GIVEN if a.type == "choice"]
YES_NO = [a for a in GIVEN if a.type == "yes_no"]


def patient(written: str) -> Case:
    return case_of(read_text(f"case: c\npatient: {{{written}}}\nlesions: [{{id: T8}}]\n", "c.yaml"), NOMS)


def lesion(written: str) -> Case:
    return case_of(read_text(f"case: c\nlesions: [{{id: T8, {written}}}]\n", "c.yaml"), NOMS)


def heard(attribute: Attribute, said: str) -> tuple[Values | None, str]:
    """Return the values that are heard, or what is told in their place."""
    try:
        return hear_answer(attribute, said, NOMS)[0], ""
    except ValueError as refused:
        return None, str(refused)


# --- no -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["no {}", "not {}", "without {}", "non-{}"])
@pytest.mark.parametrize("attribute", CHOICES, ids=[a.id for a in CHOICES])
def test_a_denied_value_is_never_heard_or_proposed(attribute: Attribute, form: str) -> None:
    for name in attribute.names:
        for words in {name.replace("_", " "), attribute.label_of(name)}:
            said = form.format(words)
            values, told = heard(attribute, said)
            is_no = name == "none" or name.startswith(("not_", "non_"))
            is_no = is_no or attribute.class_ == "wish"  # no open surgery: that is what was declined
            assert values is None or is_no or both(values, attribute.read(name)).is_empty, said
            assert f"Did you mean {name!r}" not in told or name.startswith(("no", "un")), said


@pytest.mark.parametrize("attribute", CHOICES, ids=[a.id for a in CHOICES])
@pytest.mark.parametrize("word", ["not", "non", "without"])
def test_a_no_by_itself_is_the_beginning_of_nothing(attribute: Attribute, word: str) -> None:
    with pytest.raises(ValueError):
        hear_answer(attribute, word, NOMS)


@pytest.mark.parametrize(
    ("name", "said", "left"),
    [
        ("sins_alignment", "no deformity", ["normal", "subluxation"]),
        ("sins_alignment", "not subluxation", ["normal", "deformity"]),
        ("sins_collapse", "no fracture", ["none", "over_half_involved"]),
        ("sins_collapse", "no collapse", ["none", "over_half_involved"]),
        ("sins_pain", "no mechanical pain", ["none", "occasional_not_mechanical"]),
        ("sins_pain", "not mechanical", ["none", "occasional_not_mechanical"]),
        ("sins_pain", "night ache, not mechanical", ["occasional_not_mechanical"]),
        ("neurological_examination", "no neuro", ["normal"]),
    ],
)
def test_what_is_denied_leaves_the_other_values(name: str, said: str, left: list[str]) -> None:
    assert hear_answer(NOMS.vocabulary[name], said, NOMS)[0] == NOMS.vocabulary[name].read(left)


def test_walking_leaves_open_with_what() -> None:
    case = lesion("ambulation: ambulant")
    assert case.lesions[0].given["ambulation"] == NOMS.vocabulary["ambulation"].read(["independent", "aided"])


def test_a_key_that_is_denied_proposes_no_value() -> None:
    with pytest.raises(Invalid) as raised:
        patient("chemotherapy: none yet")
    assert "write `systemic_drug: …` in `patient` (none_of_these, vegf_antibody" in str(raised.value)


# --- perhaps ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["?{}", "? {}", "query {}", "possible {}", "suspected {}", "{}?", "{} (?)", "r/o {}"])
@pytest.mark.parametrize("attribute", YES_NO, ids=[a.id for a in YES_NO])
def test_a_suspicion_is_never_a_yes(attribute: Attribute, form: str) -> None:
    with pytest.raises(ValueError, match="a suspicion of 'yes', which is no value"):
        hear(attribute, form.format("yes"), NOMS)


def test_a_suspicion_is_left_open_in_a_case_and_said_to_be() -> None:
    case = patient('active_infection: "?UTI"')
    assert "active_infection" not in case.patient
    (heard,) = case.heard
    assert (heard.kind, heard.readings) == (
        "left open",
        "a suspicion of 'UTI', which is no value: leave it out until it is known",
    )


def test_what_is_suspected_beside_a_value_is_kept_with_it() -> None:
    values, meaning = hear_answer(NOMS.vocabulary["primary_tumour"], "CUP ?prostate", NOMS)
    assert values == NOMS.vocabulary["primary_tumour"].read(["unknown", "prostate"])
    assert meaning.note == "which of them is not settled"
    with pytest.raises(ValueError, match="'MM' may mean"):
        hear_answer(NOMS.vocabulary["primary_tumour"], "prostate ?MM", NOMS)


# --- numbers, and what is no input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "value"), [("38.3", True), ("39", True), ("37.9", False), (">38.5", True), ("<37", False)]
)
def test_a_temperature_is_fever_from_where_the_vocabulary_says(said: str, value: bool) -> None:
    assert patient(f'temperature: "{said}"').patient["fever"] == NOMS.vocabulary["fever"].read(value)


@pytest.mark.parametrize("said", ["38.1", "38.2"])
def test_a_temperature_between_is_left_open_with_the_limits(said: str) -> None:
    case = patient(f'temperature: "{said}"')
    assert "fever" not in case.patient
    assert case.heard[0].readings == (
        "fever true, from 38.3 to 43; or fever false, from 34 to 37.9 (38.3 °C once, or 38.0 °C for an hour)"
    )


@pytest.mark.parametrize("said", [">38", "38.1 to 38.2", "102"])
def test_a_temperature_that_no_limit_decides_is_no_fever(said: str) -> None:
    with pytest.raises(ValueError, match=r"fever"):
        hear_answer(NOMS.vocabulary["fever"], said, NOMS)


def test_the_result_of_a_test_is_no_yes() -> None:
    case = patient("beta_hcg: 51000")
    assert "pregnancy" not in case.patient
    assert case.heard[0].readings.startswith("a number, which says neither yes nor no; write `pregnancy: true`")


@pytest.mark.parametrize("said", ["anaesthesia consult pending", "report awaited", "surgeon's word to follow"])
def test_what_is_awaited_is_not_known(said: str) -> None:
    assert "open_surgery" not in patient(f'open_surgery: "{said}"').patient


def test_a_list_that_is_not_understood_is_told_as_a_whole() -> None:
    with pytest.raises(Invalid, match="'no spleen or gut mets' is not a value of visceral_metastases"):
        patient("visceral_metastases: no spleen or gut mets")


@pytest.mark.parametrize("said", ["3 days", "2/5"])
def test_a_time_or_a_share_is_no_result_of_a_test(said: str) -> None:
    with pytest.raises(Invalid):
        patient(f'infection: "{said}"')


def test_weeks_of_a_pregnancy_are_heard_as_such() -> None:
    weeks = NOMS.vocabulary["gestational_week"]
    assert patient("pregnant: 22 weeks").patient["gestational_week"] == weeks.read(22)
    assert patient("pregnant: yes").patient["pregnancy"] == NOMS.vocabulary["pregnancy"].read(True)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("<50%", ["under_50"]),
        (">50%", ["over_50"]),
        ("more than 60 %", ["over_50"]),
        (">30%", ["under_50", "over_50"]),
        ("<80% collapse", ["under_50", "over_50"]),
        (">=50%", ["under_50", "over_50"]),
        ("60,5 %", ["over_50"]),
    ],
)
def test_a_sign_before_a_share_is_never_lost(said: str, left: list[str]) -> None:
    values, _ = hear_answer(NOMS.vocabulary["sins_collapse"], said, NOMS)
    assert values == NOMS.vocabulary["sins_collapse"].read(left)


def test_a_number_that_one_unit_alone_allows_is_asked_for_it() -> None:
    with pytest.raises(
        Invalid, match=r"'96' has no unit; in mg/dL it would be outside bilirubin .*, so write '96 micromol/L'"
    ):
        patient("bilirubin: 96")


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("dialysis", "creatinine_clearance or mstfi_renal_failure"),
        ("child_pugh", "bilirubin or albumin or inr"),
        ("metallic_valve", "anticoagulant or antiplatelet"),
        ("cord_signal_change", "myelopathy"),
        ("psa", ""),
    ],
)
def test_what_is_no_input_is_a_note_beside_the_nearest(key: str, nearest: str) -> None:
    case = patient(f"{key}: something")
    assert (case.heard[0].kind, case.heard[0].readings) == ("note", nearest)
    assert case.notes == f"{key}: something"


@pytest.mark.parametrize("said", ["refuses", "refused", "declined"])
def test_a_refusal_is_no_verdict_on_what_can_be_borne(said: str) -> None:
    with pytest.raises(Invalid, match="surgery_declined: open"):
        patient(f"open_surgery: {said}")


@pytest.mark.parametrize("said", ["yes", "true", "declined"])
def test_a_refusal_is_asked_of_what(said: str) -> None:
    with pytest.raises(Invalid, match=r"'\w+' may mean: open \(open surgery\); or any \(every operation"):
        patient(f"surgery_declined: {said}")


def test_a_marker_of_a_tumour_is_no_pregnancy() -> None:
    assert "pregnancy" not in patient("beta_hcg: positive").patient
    assert patient("pregnancy_test: positive").patient["pregnancy"] == NOMS.vocabulary["pregnancy"].read(True)


def test_who_declines_every_operation_is_not_heard_as_not_open() -> None:
    with pytest.raises(Invalid, match="'not open' may mean"):
        patient("surgery_declined: not open")


def test_no_refusal_is_none() -> None:
    assert patient("surgery_declined: false").patient["surgery_declined"] == NOMS.vocabulary["surgery_declined"].read(
        "none"
    )


def test_a_part_that_is_not_known_is_told_beside_the_whole() -> None:
    with pytest.raises(
        Invalid, match=r"'mechanical, purple' is not a value of sins_pain .*: 'purple' is not known for it"
    ):
        lesion('pain: "mechanical, purple"')


@pytest.mark.parametrize("said", ["semi-rigid", "Semi rigid", "semirigid"])
def test_a_word_is_known_however_it_is_parted(said: str) -> None:
    assert hear_answer(NOMS.vocabulary["sins_location"], said, NOMS)[0] == NOMS.vocabulary["sins_location"].read(
        "semirigid"
    )
