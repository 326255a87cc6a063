"""How sure the advice is, in the report and in the picture."""

from pathlib import Path

import pytest

from cases.reader import case_of
from engine import Advice, Reasoner, advise
from explain.drawing.dot import draw
from explain.drawing.graph import graph_of
from explain.drawing.views import view
from explain.report.advice import report
from knowledge_base import KnowledgeBase, load
from knowledge_base.text.strict_yaml import read_text

TOY = Path(__file__).parents[1] / "metspine" / "toy"


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    """The small knowledge base of the consultation tests."""
    return load(TOY)


def advised(base: KnowledgeBase, lesion: str, patient: str = "{}", settle: bool = True) -> Advice:
    text = f"case: a\npatient: {patient}\nlesions: [{{id: L{lesion}}}]\n"
    return advise(case_of(read_text(text, "a"), base), Reasoner(base), settle)


def test_a_firm_answer_says_so(base: KnowledgeBase) -> None:
    text = report(advised(base, ", stage: early"), base)
    assert "» L: watching.\n  Nothing that is still unknown could change this.\n" in text
    assert "Ask next" not in text


def test_an_open_answer_says_what_it_could_become_and_what_to_ask(base: KnowledgeBase) -> None:
    text = report(advised(base, ", stage: middle"), base)
    assert "Not settled. Could become operating, if fitness; watching, if no fitness." in text
    assert "  ? Is the patient fit? [examine]\n      decides between operating and watching [OP-01, OP-02]\n" in text
    assert "Can no longer change what is recommended: size." in text


def test_a_measure_that_nothing_can_change_is_marked(base: KnowledgeBase) -> None:
    assert "scan (L): to plan, whatever the rest shows" in report(advised(base, ", stage: late"), base)


def test_inputs_that_cannot_all_be_true_are_called_so_and_hold_nothing_up(base: KnowledgeBase) -> None:
    text = report(advised(base, ", stage: early, size: 9"), base)
    assert "What is given cannot all be true of one patient; settle that beside the steps below." in text


def test_without_settledness_the_report_lists_what_is_missing(base: KnowledgeBase) -> None:
    text = report(advised(base, ", stage: middle", settle=False), base)
    assert "Not known, and it would matter" in text
    assert "Not settled" not in text


def test_the_picture_shows_the_question_and_what_can_still_become(base: KnowledgeBase) -> None:
    advice = advised(base, ", stage: middle")
    record = graph_of(advice, base)
    assert record.nodes["L/operate"]["prospect"] == "could"
    assert record.nodes["L/radiate"]["prospect"] == "gone"
    assert record.has_edge("question:patient.fit", "L/watch", "decides")
    drawn = draw(view(record, "everything"), advice).source
    assert "ASK NEXT (examine)" in drawn
    assert "could become recommended" in drawn


def test_the_picture_of_unsettled_advice_shows_neither(base: KnowledgeBase) -> None:
    advice = advised(base, ", stage: middle", settle=False)
    drawn = draw(view(graph_of(advice, base), "everything"), advice).source
    assert "ASK NEXT" not in drawn
    assert "could become" not in drawn
