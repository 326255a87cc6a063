"""`metspine replay`: stored advice is repeated from its own record, and any change to it is told, with its place."""

import copy
import json
import random
import shutil

import pytest

import metspine
from engine.replay import inputs_of
from knowledge_base import Invalid, load
from knowledge_base.loading.frameworks import DEFAULT
from metspine.library import LIBRARY

EVERY = sorted(LIBRARY.glob("*.yaml"))
SAMPLE = EVERY[::40]
CASE = LIBRARY / "two-lesions.yaml"


@pytest.fixture(scope="module")
def stored(decision):
    return decision(CASE).json()


@pytest.mark.parametrize("file", SAMPLE, ids=lambda file: file.stem)
def test_advice_holds_its_inputs_and_comes_out_again(file, knowledge, replay):
    answer = metspine.advise(file, knowledge, settle=False)
    case = inputs_of(answer.advice, knowledge)
    assert (case.patient, case.lesions) == (answer.case.patient, answer.case.lesions)
    found = replay(answer.json()).record
    assert found.is_same
    assert found.departures == ()
    assert found.decision == answer.digest


def test_what_it_was_asked_for_is_asked_again(knowledge, replay):
    answer = metspine.advise(LIBRARY / "noms-n9.yaml", knowledge, vary=True)
    assert replay(answer.json()).record.is_same


def test_the_sides_that_were_on_are_taken_again(replay):
    other = load().with_side("grade_1c", "high")
    answer = metspine.advise(LIBRARY / "boundary-escc-1c-gap-2.yaml", other, settle=False)
    assert answer.advice.knowledge_base.sides["grade_1c"] == "high"
    assert replay(answer.json()).record.is_same


SPEAKING = [file for file in EVERY if "\nnotes:" in (text := file.read_text()) or "\nsource:" in text]


def test_what_a_case_says_of_itself_alters_nothing(knowledge, replay):
    """Notes and sources are not in advice, so a settled case that has them must come out again without them."""
    assert len(SPEAKING) > 40
    answer = metspine.advise(SPEAKING[-1], knowledge)
    assert answer.case.notes or answer.case.source
    assert any(lesion.possible for lesion in answer.advice.lesions)
    assert replay(answer.json()).record.is_same
    assert replay(answer.record()).record.is_same


def test_what_was_given_in_another_unit_or_spelling_is_told_in_the_same_digits(knowledge, replay):
    """A value is kept as it is in the vocabulary's unit, whatever zeros its conversion left behind it."""
    answer = metspine.advise(LIBRARY / "score-other-units.yaml", knowledge, settle=False, vary=True)
    assert "platelets 250 10^9/L: 150 10^9/L above 100 10^9/L" in {d.text for d in answer.advice.neighbours.distances}
    assert replay(answer.record()).record.is_same


@pytest.mark.slow
@pytest.mark.parametrize("file", EVERY, ids=lambda file: file.stem)
def test_advice_without_its_record_comes_out_again(file, knowledge, replay):
    """What was asked is seen in it; `journal/test_no_false_alarm` does the same with records, under every option."""
    for vary in (False, True):
        found = replay(metspine.advise(file, knowledge, vary=vary).json()).record
        assert found.verdict == "same", [departure.place for departure in found.departures][:3]


def leaves(data, place=()):
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*place, key))
    else:
        yield place


# A case may be called anything, and its lesions too: these names are inputs, and come out again as they are stored.
NAMES = {("case",), ("title",)}


@pytest.mark.parametrize("seed", range(2))
def test_any_changed_value_is_told_with_its_place(seed, knowledge, replay):
    data = json.loads(metspine.advise(LIBRARY / "noms-n9.yaml", knowledge, settle=False).json())
    for place in random.Random(seed).sample([place for place in leaves(data) if place not in NAMES], 6):
        altered = copy.deepcopy(data)
        holder = altered
        for step in place[:-1]:
            holder = holder[step]
        held = holder[place[-1]]
        holder[place[-1]] = (not held) if isinstance(held, bool) else held + 1 if isinstance(held, int) else f"{held}x"
        try:
            found = replay(altered).record
        except Invalid:
            continue  # it is no advice any more, and says so
        assert not found.is_same, place
        assert found.departures, place


def test_a_changed_recommendation_is_told_in_words(stored, replay):
    data = json.loads(stored)
    data["lesions"][1]["recommended"] = ["sbrt"]
    found = replay(data)
    assert [departure.place for departure in found.record.departures] == ["lesions[1].recommended[0]"]
    assert found.record.verdict == "altered"
    assert "! Altered: knowledge and inputs give another advice" in found.text()
    assert "      stored    sbrt\n      repeated  separation_surgery_then_sbrt\n" in found.text()


def test_a_firing_that_was_taken_out_is_missed(stored, replay):
    data = json.loads(stored)
    del data["firings"][3]
    assert not replay(data).record.is_same


def test_other_knowledge_is_named_first(stored, tmp_path):
    folder = tmp_path / "changed"
    shutil.copytree(DEFAULT, folder)
    pathways = folder / "pathways.yaml"
    text = pathways.read_text(encoding="utf-8")
    pathways.write_text(text.replace("label: ", "label: so-called ", 1), encoding="utf-8")
    (file := tmp_path / "stored.json").write_text(stored, encoding="utf-8")
    found = metspine.replay(file, load(folder))
    assert found.record.verdict == "other_knowledge"
    assert found.text().splitlines()[2].startswith("! Other knowledge: it is not what it was then")
    assert found.record.stored_knowledge.digest != found.record.knowledge.digest


def test_knowledge_in_which_an_attribute_was_renamed_is_other_knowledge(write_knowledge, tmp_path):
    """It cannot read the inputs any more; that is no tampering, and no mistake of whoever asks."""
    folder = write_knowledge({})
    case = {"case": "a", "patient": {"fitness": "fit"}, "lesions": [{"id": "T8", "grade": "3"}]}
    (file := tmp_path / "record.json").write_text(metspine.advise(case, load(folder)).record(), encoding="utf-8")
    for path in folder.rglob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("fitness", "vigour"), encoding="utf-8")
    found = metspine.replay(file, load(folder)).record
    assert found.verdict == "other_knowledge"
    assert [(one.place, "is not a known" in str(one.again)) for one in found.departures] == [("patient.fitness", True)]
    assert found.stored_knowledge.digest != found.knowledge.digest


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is not JSON (line 1"),
        ("[]", "the whole: input should be an object"),
        ('{"case": 1}', "case: input should be a valid string"),
    ],
)
def test_what_is_no_advice_is_refused(text, what, replay):
    with pytest.raises(Invalid) as refused:
        replay(text)
    assert what in str(refused.value)
    assert text == "" or "is not stored advice" in str(refused.value)
    assert text == "" or "metspine advise CASE --format record" in str(refused.value)
