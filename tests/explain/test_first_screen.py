"""The first screen is short, and hides nothing that is dangerous or that the plan rests on."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import metspine
from cases.reader import case_of, read_case
from explain.phrases.brief import short_name
from explain.phrases.dangers import dangers
from explain.phrases.lesions import by_urgency
from explain.phrases.measures import CALL, as_one_sentence, to_do
from explain.phrases.plans import ACCEPTS, fork_columns, headline, one_of
from explain.phrases.prose import paragraph
from explain.render.html.blocks import html_of
from explain.report.blocks import Folding, text_of
from explain.report.first_screen import first_screen
from explain.report.fork_table import first_finding, fork_table
from knowledge_base import KnowledgeBase
from knowledge_base.language.domains import Choices
from knowledge_base.text.strict_yaml import read_text
from metspine.library import LIBRARY

NAMES = (
    "noms-n1", "noms-n9", "unknown-everything", "two-lesions", "fitness-coagulopathy-open-surgery",
    "three-lesions",
    "compression-excluded-deficit", "cement-infection", "contradiction-sins", "pub-acr-mescc-v3", "paraplegia-painless",
)  # fmt: skip


@pytest.fixture(scope="module", params=NAMES)
def answer(request: pytest.FixtureRequest, answer_on: Callable[..., metspine.Answer]) -> metspine.Answer:
    answer: metspine.Answer = answer_on(request.param)
    return answer


def flat(text: str) -> str:
    return " ".join(text.replace("•", " ").split())


def test_it_is_one_screen(answer):
    assert is_one_screen(answer)


def is_one_screen(answer: metspine.Answer) -> bool:
    """Tell whether it has at most 30 lines for one lesion, 12 for each further; dangers of ten lines leave 25 besides."""
    lines = answer.text().splitlines()
    room = 30 + 12 * (len(answer.case.lesions) - 1)
    dangers = [alert.text for alert in answer.advice.alerts if alert.level == "danger"]
    took = sum(len(list(paragraph(f"DANGER: {text}", "", 4))) for text in dangers)
    return len(lines) <= max(room, took + 25 if took >= 10 else 0) and all(len(line) <= 100 for line in lines)


LONGEST = (
    "edge-sudden-deficit-on-warfarin", "edge-dialysis-contrast", "pub-lefresne-2013-prostate", "edge-sepsis-deficit",
    "edge-mri-barred-fever", "edge-device-mri-due", "pub-goel-d4-breast", "infection-failing-cord",
    "emergency-prior-radiotherapy-unknown", "does-not-walk-other-deficit-old",
)  # fmt: skip


def is_short(name: str, knowledge: KnowledgeBase) -> bool:
    return is_one_screen(metspine.advise(LIBRARY / f"{name}.yaml", knowledge, settle=False))


@pytest.mark.parametrize("name", LONGEST)
def test_the_longest_are_one_screen(name, knowledge):
    assert is_short(name, knowledge)


@pytest.mark.slow
def test_every_patient_of_the_library_is_one_screen(knowledge):
    names = sorted(path.stem for path in LIBRARY.glob("*.yaml"))
    assert [name for name in names if not is_short(name, knowledge)] == []


def test_findings_are_named_in_the_order_in_which_the_table_asks(answer_on, knowledge):
    """A board's order would name the earlier radiotherapy before the response that the rows ask first."""
    answer = answer_on("emergency-prior-radiotherapy-unknown")
    (lesion,) = answer.advice.lesions
    columns = [short_name(knowledge.vocabulary[fact.attribute]) for fact in fork_columns(lesion.plan.fork)]
    (told,) = (line for line in flat(answer.text()).split("»")[1:] if "It hangs on" in line)
    places = [told.index(column) for column in columns]
    assert places == sorted(places)
    assert columns != [short_name(knowledge.vocabulary[f.attribute]) for f in lesion.plan.fork.findings]


def test_every_danger_and_every_urgent_measure_is_on_it(answer, knowledge):
    text = flat(answer.text())
    for alert in answer.advice.alerts:
        assert alert.level != "danger" or flat(alert.text) in text
    for measure in answer.advice.measures:
        others = [o for o in answer.advice.measures if measure.measure in knowledge.measures[o.measure].comprises]
        labels = [knowledge.measures[one.measure].to_do.removeprefix(CALL) for one in (measure, *others)]
        assert measure.urgency not in ("immediate", "within_24_h") or any(label in text for label in labels)


def test_a_measure_gives_way_only_to_one_that_is_as_urgent_and_as_wide(knowledge):
    advice = metspine.advise(LIBRARY / "noms-n9.yaml", settle=False).advice
    call, seen = (next(m for m in advice.measures if m.measure == f"surgical_{x}") for x in ("call", "consultation"))

    def told(call, seen):
        return {m.measure for m in to_do(advice.model_copy(update={"measures": (call, seen)}), knowledge)}

    both = {"surgical_call", "surgical_consultation"}
    assert told(call, seen) == {"surgical_call"}
    assert told(call.model_copy(update={"urgency": "before_treatment"}), seen) == both
    assert told(call.model_copy(update={"subjects": ("L5",)}), seen.model_copy(update={"subjects": ("T8",)})) == both
    assert told(call.model_copy(update={"subjects": ("patient",)}), seen) == {"surgical_call"}


def test_the_tables_of_lesions_that_can_wait_give_way_when_the_screen_is_full(knowledge):
    sick = {"id": "T4", "levels": "T4", "escc_grade": 2, "neurological_examination": "deficit", "deficit_hours": 24}
    others = [{"id": name, "levels": name, "escc_grade": grade} for name, grade in (("T12", "1a"), ("L3", "1b"))]
    bleeding = {"anticoagulant": "vitamin_k_antagonist", "inr": 3.4}
    patient = {"primary_tumour": "prostate", "histology_confirmed": False, "active_infection": True, **bleeding}
    answer = metspine.advise({"case": "full", "lesions": [sick, *others], "patient": patient}, knowledge, settle=False)
    first, *rest = (lesion for lesion in by_urgency(answer.advice, knowledge) if lesion.plan.fork)
    text = flat(answer.text())
    assert (first.id, len(rest)) == ("T4", 2)
    assert 0 < text.count("the table is in `--full`") < 3
    assert text.index("L3: ") > text.index("T4: ")
    for lesion in rest:
        assert flat(text_of([fork_table(lesion.plan.fork, answer.advice, knowledge)])) in flat(answer.text(full=True))


def test_every_condition_of_the_plan_is_on_it(answer, knowledge):
    """All but what goes without saying: after a normal examination when walking was lost, where there was no RT its dose."""
    text = flat(answer.text())
    idle = {
        (lesion.id, name)
        for lesion in answer.case.lesions
        for said, value, name in (
            ("neurological_examination", "normal", "hours_since_walking_lost"),
            ("prior_radiotherapy", "none", "reirradiation_plan"),
        )
        if lesion.given.get(said) == Choices(frozenset({value}))
    }
    for lesion in answer.advice.lesions:
        rows = lesion.plan.fork.rows if lesion.plan.fork else ()
        conditions = [*lesion.plan.conditions, *(c for row in rows for c in row.conditions)]
        shown = {c.attribute for c in conditions if (lesion.id, c.attribute) not in idle}
        for condition in conditions:
            wished = condition.input_class == "wish"
            said = ACCEPTS if wished else short_name(knowledge.vocabulary[condition.attribute])
            if condition.attribute in shown:
                assert said in text or (wished and not lesion.plan.recommended)
            elif len(answer.advice.lesions) == 1:
                assert said not in text


def test_what_may_kill_if_it_is_overlooked_stands_before_what_else_is_provided(answer_on, knowledge):
    answer = answer_on("noms-n9")
    (provided,) = (b for b in first_screen(answer.advice, knowledge) if isinstance(b, Folding))
    assert [item.partition(" (")[0] for item in provided.first] == [
        "mass extradural", "no infection", "no bleeding tendency", "calcium < 14 mg/dL",
    ]  # fmt: skip
    assert any(item.startswith("SBRT possible") for item in provided.rest)
    assert html_of([provided]).count("<li>") == len(provided.first) + len(provided.rest)
    assert f"<summary>{len(provided.rest)} more</summary>" in html_of([provided])


def test_everything_recommended_in_some_row_is_on_it(answer, knowledge):
    text = flat(answer.text()).lower()
    for lesion in answer.advice.lesions:
        rows = lesion.plan.fork.rows if lesion.plan.fork else ()
        for name in {*lesion.plan.recommended, *(p for row in rows for p in row.recommended)}:
            assert knowledge.pathways[name].label.lower() in text


def test_what_is_done_is_not_called_for_again(knowledge, tmp_path):
    marks = {"dexamethasone": "done", "mri_whole_spine": "not_applicable"}
    case = replace(read_case(LIBRARY / "emergency-unknown-histology.yaml", knowledge), expect={})
    before = metspine.advise(case, knowledge, settle=False)
    assert set(marks) <= {measure.measure for measure in before.advice.measures}
    after = metspine.advise(replace(case, measures=marks), knowledge, settle=False)
    assert [m.measure for m in after.advice.measures] == [
        m.measure for m in before.advice.measures if m.measure not in marks
    ]
    assert not set(marks) & {called.name for called in after.advice.measures_planned}
    assert "Done: dexamethasone." in after.text()
    assert "Does not apply: MRI of the whole spine." in after.text()
    written = tmp_path / "advice.json"
    written.write_text(after.json(), encoding="utf-8")
    assert metspine.replay(written, knowledge).record.is_same


def test_what_is_left_open_stands_with_what_it_may_mean(knowledge):
    typed = """case: typed
patient: {hb: 104, dialysis: HD, infection: "?UTI", primary: breast ca}
lesions: [{id: T8, ambulation: off legs, sphincter_disturbance: catheterised, escc_grade: Bilsky 2}]
"""
    case = case_of(read_text(typed, "typed.yaml"), knowledge)
    text = flat(metspine.advise(case, knowledge, settle=False).text())
    urgent, *left = [one for one in case.heard if one.kind == "left open"]
    assert [one.place for one in left] == ["T8.ambulation", "T8.sphincter_disturbance"]
    for one in left:
        assert f'{one.place.removeprefix("T8.")} "{one.typed}": {one.readings.replace(", so left out", "")}' in text
    assert f'NOT READ: {urgent.place} "{urgent.typed}". Until it is read, what is usual is supposed: ' in text
    assert "Notes: hb, dialysis. All in `--full`." in text


def test_each_reason_stands_once(answer):
    text = flat(answer.text())
    for lesion in answer.advice.lesions:
        for option in lesion.options:
            for argument in option.arguments:
                assert text.count(f"[{argument.rule};") <= 1


def test_what_threatens_in_this_patient_is_on_it_whatever_its_level(answer_on):
    answer = answer_on("fitness-coagulopathy-open-surgery")
    blood = [alert for alert in answer.advice.alerts if alert.rule.startswith(("FIT-", "BLD-"))]
    assert blood
    for alert in blood:
        assert flat(alert.text) in flat(answer.text())
    quiet = [alert.rule for alert in answer.advice.alerts if alert.level == "note"]
    assert quiet
    assert not all(f"[{rule};" in answer.text() for rule in quiet)


def test_what_holds_a_recommended_pathway_back_is_on_it(answer_on):
    answer = answer_on("edge-osteoporotic-fracture")
    rules = {alert.rule for alert in answer.advice.alerts if alert.level == "caution"}
    assert "[BIO-16;" in flat(answer.text())
    assert any(f"[{rule};" not in answer.text() for rule in rules - {"BIO-16"})


def test_lesions_in_danger_come_first(answer_on):
    answer = answer_on("two-lesions")
    assert [lesion.id for lesion in answer.advice.lesions] == ["L3", "T6"]
    assert answer.text().index("\n  T6:") < answer.text().index("\n  L3:")


def test_it_reads_the_same_after_a_round_trip_through_json(answer, knowledge):
    advice = type(answer.advice).model_validate(json.loads(answer.json()))
    assert list(first_screen(advice, knowledge)) == list(first_screen(answer.advice, knowledge))


def test_rows_that_ask_for_opposite_opinions_say_that_none_is_given(answer_on):
    """Of this patient one row holds unless a surgeon says unstable, another unless stable: no opinion fits both."""
    answer = answer_on("edge-frail-in-a-brace")
    assert "surgeon's view" in flat(answer.text())


def test_an_intact_patient_is_not_planned_as_one_who_lost_walking(answer_on):
    """Hours since walking was lost may stay unsaid: to suppose them of everybody leaves nobody without a deficit."""
    answer = answer_on("painless-stable")
    (lesion,) = answer.advice.lesions
    rows = lesion.plan.fork.rows if lesion.plan.fork else ()
    assert ("observation",) in {lesion.plan.recommended, *(row.recommended for row in rows)}


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ([{"screws, then rays"}, {"screws, without rays"}], "screws, then rays or without rays"),
        ([{"screws, then rays"}, {"cement, then rays"}, set()], "cement or screws, then rays; or none"),
        (
            [{"rays"}, {"rays", "cement, then rays"}, set()],
            "rays, perhaps also cement, then rays; or none",
        ),
        ([{"screws, then rays"}, {"watching"}], "screws, then rays; or watching"),
        ([{"rays"}, {"watching"}], "rays; or watching"),
    ],
)
def test_what_alternatives_have_in_common_is_said_once(ways, words):
    assert one_of(ways) == words


def test_signs_that_nobody_could_read_are_told_like_a_danger(knowledge):
    text = "case: c\nlesions:\n  - {id: T8, walking: as a penguin does}\n  - {id: L2, power: 2/5}\n"
    answer = metspine.advise(case_of(read_text(text, "c.yaml"), knowledge, expecting=False), knowledge, settle=False)
    told = flat(answer.text())
    assert (
        'NOT READ: T8.walking "as a penguin does". Read this before anything else: if it is a new deficit, call the spine '
        "surgeon and the radiation oncologist now and get an MRI of the whole spine within 24 hours [EMG-07, IMG-02]."
    ) in told
    assert "DANGER (L2): A new or worsening deficit is an emergency" in told  # which says it of the other lesion


def typed_letter(*fields: str, lesions: int = 1) -> str:
    """Return a letter of so many lesions, each with these fields."""
    said = "\n".join(f"    {field}" for field in fields)
    each = "\n".join(f"  - id: T{number + 4}\n    levels: T{number + 4}\n{said}" for number in range(lesions))
    return f"case: letter\nlesions:\n{each}\n"


def screen_of(letter: str, knowledge: KnowledgeBase) -> metspine.Answer:
    """Return the advice on a letter."""
    return metspine.advise(
        case_of(read_text(letter, "letter.yaml"), knowledge, expecting=False), knowledge, settle=False
    )


LETTERS = (Path(__file__).parent / "letters.txt").read_text(encoding="utf-8").split("---\n")


@pytest.mark.parametrize("letter", LETTERS, ids=[letter.splitlines()[0].removeprefix("case: ") for letter in LETTERS])
def test_a_long_letter_of_which_half_is_not_read_is_one_screen_that_loses_nothing(letter, knowledge):
    answer = screen_of(letter, knowledge)
    text, full = flat(answer.text()), flat(answer.text(full=True))
    assert is_one_screen(answer)
    for alert in answer.advice.alerts:
        assert alert.level != "danger" or flat(alert.text) in text
    for heard in answer.case.heard:
        assert flat(f'{heard.place} "{heard.typed}": {heard.meaning}') in full
        assert flat(heard.readings) in full
    for lesion in answer.advice.lesions:
        assert f"{lesion.id}: " in text


def test_what_gives_way_is_counted(knowledge):
    answer = screen_of(LETTERS[0], knowledge)
    kinds = Counter(heard.kind for heard in answer.case.heard)
    (typed,) = (line for line in answer.text().splitlines() if line.startswith("  Typed: "))
    first = sum(
        f'"{heard.typed[:20]}' in flat(answer.text()) for heard in answer.case.heard if heard.kind == "left open"
    )
    assert f"{kinds['part']} read in part" in typed
    assert f"{kinds['note']} kept as notes" in typed
    assert kinds["left open"] - first <= int(typed.split()[1]) <= kinds["left open"] + kinds["said"]


def test_what_is_written_and_not_read_is_not_called_unknown(knowledge):
    answer = screen_of(typed_letter("escc_grade: whatever the man at the scanner wrote", "walking: normal"), knowledge)
    text = flat(answer.text())
    assert "not read: ESCC" in text
    assert "not known: ESCC" not in text


def test_what_stands_among_the_dangers_is_neither_asked_nor_listed_again(knowledge):
    answer = screen_of(typed_letter("ambulation: as a penguin does"), knowledge)
    text = flat(answer.text())
    assert text.count("as a penguin does") == 1
    assert "How does the patient walk?" not in text


def test_a_table_that_two_lesions_have_in_common_is_said_once(knowledge):
    patient = "patient: {primary: NSCLC, ecog: 1, histology_confirmed: yes}\n"
    letter = typed_letter("escc_grade: Bilsky 1b", "sins_total: 5", lesions=2)
    text = screen_of(f"{letter}{patient}", knowledge).text()
    assert text.count("» It hangs on") == 2
    assert flat(text).count(", as T4.") == 1


def test_what_the_patient_declines_stands_with_who_he_is(knowledge):
    letter = "case: c\npatient: {wishes: 'no operation'}\nlesions: [{id: T8, levels: T8}]\n"
    (introduction, *_) = screen_of(letter, knowledge).text().split("»")
    assert "operation declined by the patient: open surgery or every operation" in flat(introduction)


def test_a_wish_that_may_decline_an_operation_is_told_like_a_danger(knowledge):
    letter = "case: c\npatient: {wishes: would rather avoid an op}\nlesions: [{id: T8, levels: T8}]\n"
    text = flat(screen_of(letter, knowledge).text())
    assert (
        'NOT READ: wishes "would rather avoid an op". Until it is read, nobody knows what the patient agrees to.'
        in text
    )


@pytest.mark.parametrize(("level", "is_asked"), [("L2", True), ("L3", False), ("S1-S2", False), ("T12", True)])
@pytest.mark.parametrize("sign", ["escc_grade: Bilsky 1a", "new_deficit: yes"])
def test_nobody_is_asked_for_signs_of_the_cord_below_its_end(level, is_asked, sign, knowledge):
    patient = "patient: {primary: NSCLC, ecog: 1, histology_confirmed: yes}"
    letter = f"case: c\n{patient}\nlesions:\n  - id: X\n    levels: {level}\n    sins_total: 5\n    {sign}\n"
    answer = screen_of(letter, knowledge)
    assert ("myelopathy" in answer.text()) <= is_asked
    if sign.startswith("escc"):
        assert ("myelopathy" in answer.text()) == is_asked


def test_a_table_for_which_there_is_no_room_is_told_by_its_first_finding(knowledge):
    answer = screen_of(LETTERS[-1], knowledge)
    (lesion,) = answer.advice.lesions
    text = flat(answer.text())
    table = first_finding(lesion.plan.fork, knowledge)
    assert flat(text_of([table])) in text
    assert flat(text_of([fork_table(lesion.plan.fork, answer.advice, knowledge)])) in flat(answer.text(full=True))
    for name in {name for row in lesion.plan.fork.rows for name in row.recommended}:
        assert (knowledge.pathways[name].course or knowledge.pathways[name].label) in flat(text_of([table]))


def test_dangers_against_which_something_is_done_at_once_come_first(knowledge):
    bleeding = {"anticoagulant": "factor_xa_inhibitor", "platelets": 40}
    lesion = {"id": "T8", "levels": "T8", "escc_grade": "3", "new_deficit": True}
    answer = metspine.advise({"case": "c", "patient": bleeding, "lesions": [lesion]}, knowledge, settle=False)
    rules = [alert.rule for alert in dangers(answer.advice, knowledge)]
    assert rules[0] == "EMG-07"
    assert rules.index("BLD-03") < rules.index("FIT-01")
    assert sorted(rules) == [alert.rule for alert in answer.advice.alerts if alert.level == "danger"]


def test_whom_to_call_is_said_in_one_breath():
    done = ["relieve pain", "call the surgeon", "call an oncologist"]
    assert as_one_sentence(done) == "call the surgeon and an oncologist; relieve pain"
    assert as_one_sentence(done[:2]) == "call the surgeon and relieve pain"


def test_a_caution_of_what_is_done_now_stands_on_the_screen(answer_on):
    answer = answer_on("paraplegia-lymphoma-likely")
    assert "Steroid before tissue may hide a lymphoma" in flat(answer.text())


def test_a_grade_and_its_class_are_one_finding_of_a_table(knowledge):
    letter = (
        "case: c\npatient: {primary_tumour: RCC, ecog: 2}\n"
        "lesions: [{id: T10, escc_grade: 1-2, neurological_examination: ASIA D, sins_total: 9, prior_radiotherapy: none}]\n"
    )
    (lesion,) = screen_of(letter, knowledge).advice.lesions
    assert {fact.attribute for fact in fork_columns(lesion.plan.fork)} == {"escc_grade", "myelopathy"}
    assert headline(lesion.plan, knowledge) == "It hangs on myelopathy [examine] and ESCC [MRI]:"


def test_a_wish_that_is_not_read_and_an_infection_that_is_not_stand_beside_what_is_done_now(knowledge):
    typed = """case: typed
patient: {active_infection: looks rather toxic to me, goals_of_care: she is rather tired of it all}
lesions: [{id: T8, neurological_examination: deficit, new_deficit: true}]
"""

    def screen(text):
        case = case_of(read_text(text, "typed.yaml"), knowledge, expecting=False)
        return flat(metspine.advise(case, knowledge, settle=False).text())

    text = screen(typed)
    assert "! Now, if the patient wants it: " in text
    assert "give dexamethasone (first read infection)" in text
    plain = typed.replace(": looks rather toxic to me", ": false").replace(": she is rather tired of it all", ": null")
    text = screen(plain)
    assert "! Now: " in text
    assert "give dexamethasone;" in text
