"""The consultation: as a state machine, and from end to end as a script would hold it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.hearing import hear_answer
from cases.model import Case
from cases.plain import case_from
from cases.reader import case_of, read_case
from engine import Reasoner, advise
from engine.analysis.plan import asking
from engine.inference.subjects import PATIENT, Fact, Subject
from knowledge_base import load
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.strict_yaml import read_text
from metspine.dialogue.case_store import CaseStore, is_ours, not_known_in
from metspine.dialogue.machine import Dialogue
from metspine.dialogue.moment import Prompt
from metspine.dialogue.names import fact_named

TOY = Path(__file__).parent / "toy"
LIBRARY = Path(__file__).parents[2] / "cases" / "library"
COMMAND = [sys.executable, "-m", "metspine", "consult", "--knowledge", str(TOY)]


@pytest.fixture(scope="module")
def toy() -> Reasoner:
    """A small knowledge base in which what narrows what can be seen by eye."""
    return Reasoner(load(TOY))


class Kept:
    """Remembers what was to be kept."""

    def __init__(self) -> None:
        self.states: list[tuple[Case, tuple[str, ...]]] = []

    def __call__(self, case: Case, not_known: tuple[Fact, ...]) -> None:
        self.states.append((case, not_known))

    @property
    def patient(self) -> dict[str, str]:
        case, _ = self.states[-1]
        return {name: str(sorted(values.members)) for name, values in case.patient.items()}  # type: ignore[union-attr]


Held = Callable[..., tuple[Dialogue, Kept, list[str]]]


@pytest.fixture
def held(toy: Reasoner) -> Held:
    """Hold a consultation with some lines, and return what was kept and the last reply."""

    def hold(*lines: str, lingers: bool = False) -> tuple[Dialogue, Kept, list[str]]:
        kept = Kept()
        dialogue = Dialogue(toy, kept, lingers=lingers)
        reply = dialogue.open()
        for line in ("toy", "spine=?", *lines):
            reply = dialogue.step(line)
            assert all(len(said) <= 100 for said in reply)
        return dialogue, kept, reply

    return hold


def asked(lines: list[str]) -> str:
    return next((line for line in lines if line.startswith("? ")), "")


# --- the flow ---------------------------------------------------------------------------------------------------------


def test_what_decides_comes_first_in_a_boards_order(held: Held) -> None:
    assert asked(held()[2]) == "? spine: Which stage is it?  [ask]"


def test_an_answer_narrows_and_the_next_question_follows(held: Held) -> None:
    dialogue, _, reply = held("middle")
    assert "  spine: it hangs on fitness: operating; or watching." in reply
    assert asked(reply) == "? Is the patient fit?  [examine]"
    assert dialogue.stage == "asking"


def test_it_ends_when_nothing_unknown_can_change_the_advice(held: Held) -> None:
    dialogue, _, reply = held("early")
    assert dialogue.stage == "finished"
    assert "» spine: watching." in reply
    assert "  Firm: nothing that is still unknown could change this." in reply
    assert reply[-1] == "There is a plan; no finding is lacking."


def test_it_ends_when_nothing_more_is_to_be_had(held: Held) -> None:
    dialogue, kept, reply = held("?", "", "unknown")
    assert dialogue.stage == "finished"
    assert "Nothing more is to be had: what could still decide is not known." in reply
    assert set(map(str, kept.states[-1][1])) <= {"spine.stage", "patient.fit", "spine.size"}


def test_several_answers_leave_what_they_allow(held: Held) -> None:
    dialogue, _, _ = held("early, late")
    assert dialogue.now is not None
    stage = dialogue.now.case.lesions[0].given["stage"]
    assert dialogue.knowledge.vocabulary["stage"].dump(stage) == ["early", "late"]


def test_what_was_given_in_part_is_asked_once_more_where_it_decides(held: Held) -> None:
    dialogue, _, reply = held("early, late")
    assert asked(reply) == "? spine: Which stage is it?  [ask]"
    reply = dialogue.step("")
    assert "stage" not in asked(reply)
    assert dialogue.now is not None
    assert dialogue.now.case.lesions[0].given["stage"].members == {"early", "late"}  # type: ignore[union-attr]


def test_a_wrong_answer_gets_the_message_of_the_reader_and_is_asked_again(held: Held) -> None:
    _, kept, reply = held("middel")
    assert reply[0] == "! 'middel' is not a value of stage (early, middle, late). Did you mean 'middle'?"
    assert asked(reply) == "? spine: Which stage is it?  [ask]"
    assert len(kept.states) == 1


def test_back_takes_the_last_answer_away(held: Held) -> None:
    _, kept, reply = held("middle", "back")
    assert asked(reply) == "? spine: Which stage is it?  [ask]"
    assert "stage" not in kept.states[-1][0].lesions[0].given


def test_back_at_the_start_is_answered_in_words(held: Held) -> None:
    assert held("back")[2][0] == "! there is no answer to take back"


@pytest.mark.parametrize("stage", ["name", "lesions"])
def test_help_and_commands_are_no_names(toy: Reasoner, stage: str) -> None:
    dialogue = Dialogue(toy, Kept())
    dialogue.open()
    question = dialogue.step("toy")[-1] if stage == "lesions" else dialogue.open()[-1]
    assert dialogue.step("help")[-1] == question
    assert (
        dialogue.step("so far")[0] == "! `so far` can be asked once the questions begin; `help` lists what there is now"
    )
    assert dialogue.stage == stage


def test_what_if_shows_and_records_nothing(held: Held) -> None:
    _, kept, reply = held("what if early")
    assert "» spine: watching." in reply
    assert "  Nothing was recorded." in reply
    assert len(kept.states) == 1
    assert asked(reply) == "? spine: Which stage is it?  [ask]"


def test_why_names_the_rules_the_pathways_and_what_each_answer_leaves(held: Held) -> None:
    _, _, reply = held("middle", "why")
    assert "    • fitness: yes: leaves operating" in reply
    assert any("OP-01: Operate on the fit" in line for line in reply)


def test_what_would_change_tells_the_fewest_changes(held: Held) -> None:
    _, kept, reply = held("late", "what would change", lingers=True)
    assert reply[0].startswith("» spine: ")
    assert any("instead of late stage" in line for line in reply)
    assert len(kept.states) == 2


def test_a_pathway_is_asked_for_by_its_label_or_its_id(held: Held) -> None:
    for name in ("watching", "watch"):
        reply = held("middle", f"what would change {name}")[2]
        assert "    • fitness is found to be no [OP-02]" in reply


def test_a_pathway_that_there_is_not_is_answered_with_the_nearest(held: Held) -> None:
    reply = held("middle", "what would change wach")[2]
    assert "Did you mean 'watch'?" in " ".join(reply)


def test_how_sure_tells_that_no_disputed_reading_was_given(held: Held) -> None:
    reply = held("middle", "how sure")[2]
    assert "  No reading on which raters are known to disagree is given, so none was tried." in reply


def test_so_far_tells_what_was_given_and_what_is_not_known(held: Held) -> None:
    _, _, reply = held("middle", "so far")
    assert "  spine: stage: middle stage." in reply
    assert "  Patient: nothing told yet." in reply


def test_a_skipped_question_comes_again_when_there_is_no_other(held: Held) -> None:
    _, _, reply = held("skip")
    assert asked(reply) == "? spine: How large is it?  [biopsy]"
    _, kept, reply = held("skip", "?", "?")
    assert asked(reply) == "? spine: Which stage is it?  [ask]"
    assert set(map(str, kept.states[-1][1])) == {"patient.fit", "spine.size"}


def test_something_else_can_be_told_and_corrected(held: Held) -> None:
    _, kept, _ = held("fit: yes", "patient.fit = no")
    assert kept.patient == {"fit": "[False]"}


def test_a_contradiction_is_named_and_can_be_mended(held: Held) -> None:
    dialogue, _, reply = held("size: 9", "stage: early", lingers=True)
    assert dialogue.stage == "mending"
    assert "! What was told cannot all be true of one patient." in reply
    dialogue.step("back")
    assert dialogue.stage == "settled"


def test_a_settled_consultation_can_linger(held: Held) -> None:
    dialogue, _, _ = held("early", lingers=True)
    assert dialogue.stage == "settled"
    dialogue.step("back")
    assert dialogue.stage == "asking"
    dialogue.step("early")
    dialogue.step("")
    assert dialogue.stage == "finished"


@pytest.mark.parametrize(
    "line", ["help", "names", "so far", "why", "what if", "what if x", ": 3", "no such: 3", "x" * 300]
)
def test_no_line_is_wider_than_the_terminal(held: Held, line: str) -> None:
    held(line)


# --- on the whole knowledge --------------------------------------------------------------------------------------------


def talk(knowledge: KnowledgeBase, *lines: str) -> tuple[Dialogue, Kept, list[str]]:
    kept = Kept()
    dialogue, reply = Dialogue(Reasoner(knowledge), kept), []
    for line in ("one", *lines):
        reply = dialogue.step(line)
    return dialogue, kept, reply


def test_an_emergency_is_asked_about_before_all_else_and_told_the_moment_it_is_one(knowledge: KnowledgeBase) -> None:
    dialogue, _, reply = talk(knowledge, "T8")
    assert asked(reply).startswith("? T8: Is there a neurological deficit that is new")
    told = dialogue.step("yes")
    assert any(line.startswith("! Now: ") for line in told)
    assert asked(told).startswith("? T8: How does the patient walk?")
    assert not any(line.startswith("! Now: ") for line in dialogue.step("aided"))
    assert any(line.startswith("! Now: ") for line in dialogue.urgent())


def test_without_a_deficit_nobody_asks_since_when(knowledge: KnowledgeBase) -> None:
    dialogue, _, _ = talk(knowledge, "T8", "no", "independent", "no")
    assert dialogue.question is not None
    assert dialogue.question.fact is not None
    assert not knowledge.vocabulary[dialogue.question.fact[1]].emergency
    asked_before = talk(knowledge, "T8")[0]
    assert asked_before.step("neurological_examination: normal")
    assert asked_before.question is not None
    assert asked_before.question.fact != (Subject("T8"), "new_deficit")


def test_an_emergency_of_several_lesions_is_one_question_until_one_is_concerned(knowledge: KnowledgeBase) -> None:
    dialogue, kept, reply = talk(knowledge, "T8, L3")
    assert asked(reply).startswith("? L3 and T8: Is there a neurological deficit")
    dialogue.step("no")
    assert all("new_deficit" in lesion.given for lesion in kept.states[-1][0].lesions)
    dialogue, kept, _ = talk(knowledge, "T8, L3")
    assert asked(dialogue.step("yes")).startswith("? L3: Is there a neurological deficit")
    assert not any("new_deficit" in lesion.given for lesion in kept.states[-1][0].lesions)


def test_performance_is_one_question(knowledge: KnowledgeBase) -> None:
    case = case_of(read_text("case: a\nlesions: [{id: T8}]\n", "a"), knowledge)
    for line, name in (("2", "ecog"), ("70", "kps"), ("PS 2", "ecog"), ("mostly in bed", "daily_life")):
        kept = Kept()
        dialogue = Dialogue(Reasoner(knowledge), kept, case)
        dialogue.open()
        dialogue.question = Prompt("finding", asking(PATIENT.fact("kps"), knowledge.vocabulary))
        dialogue.step(line)
        assert list(kept.states[-1][0].patient) == [name]


ROW_9 = {
    "case": "row",
    "patient": {"primary_tumour": "renal_cell", "histology_confirmed": True, "kps": 70, "open_surgery": "able"},
    "lesions": [
        {
            "id": "T8",
            "levels": ["T8"],
            "escc_grade": "3",
            "neurological_examination": "normal",
            "sins_total": 14,
            "prior_radiotherapy": "none",
        }
    ],
}


def test_exceptions_are_confirmed_at_once_and_wishes_once(knowledge: KnowledgeBase) -> None:
    kept = Kept()
    dialogue = Dialogue(Reasoner(knowledge), kept, case_from(ROW_9, knowledge))
    reply = dialogue.open()
    while dialogue.question is not None and dialogue.question.kind == "finding":
        reply = dialogue.step("")
    assert asked(reply) == "? Is all of this so?"
    assert asked(dialogue.step("1"))  # the first of them is not so
    dialogue.step("back")
    reply = dialogue.step("y")
    assert asked(reply) == "? Does the patient accept this plan?"
    told = kept.states[-1][0]
    assert told.patient["coagulopathy"] == knowledge.vocabulary["coagulopathy"].read(False)
    dialogue.step("y")
    assert dialogue.stage == "finished"
    assert "radiotherapy_declined" in kept.states[-1][0].patient


def test_advice_and_consultation_ask_the_same_first(knowledge: KnowledgeBase) -> None:
    reasoner = Reasoner(knowledge)
    for name in ("pub-crior-916501", "unknown-m"):
        case = read_case(LIBRARY / f"{name}.yaml", knowledge)
        dialogue = Dialogue(reasoner, Kept(), case)
        dialogue.open()
        (lesion,) = advise(case, reasoner, plan=True).lesions
        assert dialogue.question is not None
        assert dialogue.question.following is not None
        assert lesion.plan is not None
        assert dialogue.question.following.fact == lesion.plan.next[0].fact


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "dumped"),
    [
        ("escc_grade", "2, 3", ["2", "3"]),
        ("escc_grade", "1c..3", ["1c", "2", "3"]),
        ("escc_grade", ">= 2", ["2", "3"]),
        ("primary_tumour", "RCC", "renal_cell"),
        ("sins_location", "semi", "semirigid"),
        ("escc_grade", "1", ["1a", "1b", "1c"]),
        ("primary_tumour", "renal cell carcinoma", "renal_cell"),
        ("myelopathy", "Y", True),
        ("age", "62 years", 62),
        ("age", "60 to 70", "60..70"),
        ("age", "60-70", "60..70"),
        ("levels", "T8-T10", ["T8", "T9", "T10"]),
        ("albumin", "3.8 g/dL", 38),
        ("platelets", "150 10^9/L", 150),
        ("platelets", "90 to 100", "90..100"),
        ("cord_gap_mm", "2, 5", [2, 5]),
        ("cord_gap_mm", "2 or 5 mm", [2, 5]),
        ("cord_gap_mm", "2 MM", 2),
        ("cord_gap_mm", ">= 3 mm", "3..50"),
        ("age", "60\u201370 Years", "60..70"),
        ("primary_tumour", "UNKNOWN", "unknown"),
    ],
)
def test_answers_are_read_as_people_type_them(knowledge: KnowledgeBase, name: str, text: str, dumped: object) -> None:
    attribute = knowledge.vocabulary[name]
    assert attribute.dump(hear_answer(attribute, text, knowledge)[0]) == dumped


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("daily_life", "most", "'most' could be mostly_in_bed, mostly_up; write more of it"),
        ("kps", "75", "75 is not on a step; kps goes in steps of 10 (10..100)"),
        ("ecog", "1,2", "'1,2' may be one number or several; write '1.2' or '1 or 2'"),
        ("age", "sixtyish", "'sixtyish' is not a number for age (0..120 years)"),
        (
            "myelopathy",
            "yes or no",
            "that is every value it can have, so it says nothing; an empty line means not known",
        ),
    ],
)
def test_a_wrong_answer_says_what_would_be_right(knowledge: KnowledgeBase, name: str, text: str, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        hear_answer(knowledge.vocabulary[name], text, knowledge)
    assert str(raised.value) == message


def test_a_fact_is_named_with_or_without_its_lesion(knowledge: KnowledgeBase) -> None:
    case = case_of(read_text("case: a\nlesions: [{id: T8}, {id: L3}]\n", "a"), knowledge)
    assert fact_named("kps: 80", case, knowledge, None) == ((PATIENT, "kps"), "80")
    assert fact_named("L3.escc_grade = 2", case, knowledge, None) == ((Subject("L3"), "escc_grade"), "2")
    assert fact_named("sins.pain: none", case, knowledge, Subject("T8").fact("x")) == (
        (Subject("T8"), "sins_pain"),
        "none",
    )
    assert fact_named("2, 3", case, knowledge, None) is None
    with pytest.raises(ValueError, match="of which lesion"):
        fact_named("escc_grade: 2", case, knowledge, None)
    with pytest.raises(ValueError, match=r"'T9' is neither `patient` nor a lesion of this case \(L3, T8\)"):
        fact_named("T9.escc_grade: 2", case, knowledge, None)


def test_an_answer_that_says_two_things_records_both(knowledge: KnowledgeBase) -> None:
    kept = Kept()
    dialogue = Dialogue(Reasoner(knowledge), kept)
    for line in ("one", "T6-8"):
        dialogue.step(line)
    reply = dialogue.step("dx: TNBC")
    assert "  primary tumour: breast cancer." in reply
    assert "  hormone dependence: hormone-independent." in reply
    assert set(kept.states[-1][0].patient) == {"primary_tumour", "hormone_dependence"}
    assert dialogue.step("dx: MM")[0].startswith(
        "! 'MM' may mean: multiple_myeloma (myeloma or plasmacytoma); or melanoma"
    )
    assert dialogue.step("dx: CRPC, or so")[0].startswith("! ")
    assert kept.states[-1][0].lesions[0].id == "T6-8"


# --- from end to end ----------------------------------------------------------------------------------------------------


def consult(folder: Path, lines: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], input=lines, cwd=folder, capture_output=True, text=True, timeout=60)


def test_a_script_can_hold_it_to_the_end(tmp_path: Path, toy: Reasoner) -> None:
    run = consult(tmp_path, "toy\nspine=?\nmiddle\nyes\n", "-o", "kept.yaml", "--report", "report.txt")
    assert run.returncode == 0, run.stderr
    assert "\x1b" not in run.stdout
    assert "> middle\n" in run.stdout
    case = read_case(tmp_path / "kept.yaml", toy.knowledge)
    assert toy.knowledge.vocabulary["fit"].dump(case.patient["fit"]) is True
    assert "» Operating.\n" in (tmp_path / "report.txt").read_text(encoding="utf-8")


def test_the_end_of_the_input_loses_nothing_and_it_goes_on(tmp_path: Path) -> None:
    consult(tmp_path, "toy\nspine=?\nmiddle\n")
    again = consult(tmp_path, "no\n", "toy.yaml", "--report", "report.txt")
    assert "? Is the patient fit?  [examine]" in again.stdout
    assert "» Watching.\n" in (tmp_path / "report.txt").read_text(encoding="utf-8")


def test_what_is_not_known_is_not_asked_again_after_an_interruption(tmp_path: Path) -> None:
    consult(tmp_path, "toy\nspine=?\n?\n")
    assert [str(fact) for fact in not_known_in(tmp_path / "toy.yaml")] == ["spine.stage"]
    assert "Which stage" not in consult(tmp_path, "", "toy.yaml", "--report", "report.txt").stdout


def _started(folder: Path) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    return subprocess.Popen(COMMAND, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interruption_leaves_the_whole_file(tmp_path: Path, toy: Reasoner, how: signal.Signals) -> None:
    with _started(tmp_path) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("toy\nspine=?\nmiddle\n")
        process.stdin.flush()
        while "Is the patient fit" not in process.stdout.readline():
            pass
        os.kill(process.pid, how)
        process.communicate(timeout=30)
    case = read_case(tmp_path / "toy.yaml", toy.knowledge)
    assert "stage" in case.lesions[0].given


def test_another_case_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "toy.yaml").write_text("mine", encoding="utf-8")
    run = consult(tmp_path, "toy\n")
    assert "! toy.yaml exists already: `metspine consult toy.yaml` goes on with it." in run.stdout
    assert consult(tmp_path, "", "-o", "toy.yaml").returncode == 2
    assert (tmp_path / "toy.yaml").read_text(encoding="utf-8") == "mine"


def test_a_case_of_another_hand_is_kept_beside(tmp_path: Path) -> None:
    text = "case: mine\nlesions: [{id: L}]\n"
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    consult(tmp_path, "middle\n", "mine.yaml")
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == text
    assert is_ours(tmp_path / "mine-consult.yaml")


@pytest.mark.parametrize("name", ["plain/case.yaml", f"{'x' * 300}.yaml"])
def test_a_file_that_cannot_be_written_ends_in_a_message(tmp_path: Path, name: str) -> None:
    (tmp_path / "plain").write_text("no folder", encoding="utf-8")
    run = consult(tmp_path, "toy\nspine=?\n", "-o", name)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert f"{name}: cannot be written" in run.stderr


def test_folders_that_are_missing_are_made(tmp_path: Path) -> None:
    consult(tmp_path, "toy\nspine=?\n", "-o", "new/folder/case.yaml", "--report", "other/report.txt")
    assert is_ours(tmp_path / "new" / "folder" / "case.yaml")
    assert (tmp_path / "other" / "report.txt").is_file()


def test_a_case_is_kept_beside_under_the_name_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("case: ../elsewhere\nlesions: [{id: L}]\n", encoding="utf-8")
    consult(tmp_path, "middle\n", "mine.yaml")
    assert {path.name for path in tmp_path.iterdir()} == {"mine.yaml", "mine-consult.yaml"}


@pytest.mark.parametrize(
    ("name", "lost"), [("noms-n9", "`expect`"), ("pub-tai-2010", "`expect` and `source_decision`")]
)
def test_what_would_be_lost_is_never_written_over(tmp_path: Path, name: str, lost: str) -> None:
    text = (LIBRARY / f"{name}.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    run = consult(tmp_path, "", "mine.yaml", "-o", "mine.yaml", "--knowledge", "noms")
    assert run.returncode == 2
    assert f"holds {lost}, which would be lost" in run.stderr
    assert (tmp_path / "mine.yaml").read_text(encoding="utf-8") == text


def test_writing_fails_whole_and_leaves_the_old_file(
    tmp_path: Path, toy: Reasoner, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = CaseStore(tmp_path / "a.yaml", toy.knowledge)
    case = case_of(read_text("case: a\nlesions: [{id: L}]\n", "a"), toy.knowledge)
    record.write(case, ())
    before = record.path.read_text(encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        record.write(case, (Subject("L").fact("stage"),))
    assert record.path.read_text(encoding="utf-8") == before
    assert list(tmp_path.iterdir()) == [record.path]


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
    run = subprocess.run(COMMAND, input=b"x\xff\n", cwd=tmp_path, capture_output=True, env=environment, timeout=60)
    assert b"Traceback" not in run.stderr
    assert "is not a name" in run.stdout.decode() or run.returncode == 1


# --- the day of the letter, and answers in vain -------------------------------------------------------------------------


@pytest.fixture
def noms_dialogue(noms_reasoner: Reasoner) -> Dialogue:
    dialogue = Dialogue(noms_reasoner, lambda case, not_known: None)
    for line in ("letter", "T8"):
        dialogue.step(line)
    return dialogue


@pytest.fixture(scope="module")
def noms_reasoner(knowledge: KnowledgeBase) -> Reasoner:
    return Reasoner(knowledge)


def test_the_day_of_the_letter_can_be_told(noms_dialogue: Dialogue) -> None:
    told = ("yes", "non_ambulatory", "no")
    for line in told:
        noms_dialogue.step(line)
    assert "date: YYYY-MM-DD" in " ".join(noms_dialogue.step("since yesterday"))
    assert any(line.startswith("! ") for line in noms_dialogue.step("date: tomorrow"))
    assert "  The day of the letter: 2025-05-14." in noms_dialogue.step("date: 2025-05-14")
    assert "up to 48 hours" in " ".join(noms_dialogue.step("since yesterday"))
    assert noms_dialogue.now is not None
    assert noms_dialogue.now.case.date == "2025-05-14"


def test_who_knows_nothing_is_not_asked_for_ever(noms_dialogue: Dialogue) -> None:
    reply: list[str] = []
    for _ in range(40):
        reply = noms_dialogue.step("")
        if noms_dialogue.question is None:
            break
    assert any("`go on` asks on" in line for line in reply)
    assert any(line.startswith("? ") for line in noms_dialogue.step("go on"))
