"""What would change the advice, and how sure it is, in words that can be read aloud."""

from pathlib import Path

import pytest

from cases import read_case
from engine import Reasoner, advise
from engine.alternatives import alternatives
from engine.analysis.sensitivity import neighbours
from engine.run import Run
from explain.render.html import page
from explain.report.advice import report
from explain.report.alternatives import alternatives_report
from explain.report.blocks import text_of
from explain.report.sensitivity import neighbours_report
from knowledge_base import KnowledgeBase

LIBRARY = Path(__file__).parents[2] / "cases" / "library"


@pytest.fixture(scope="module")
def reasoner(knowledge: KnowledgeBase) -> Reasoner:
    return Reasoner(knowledge)


def said(text: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(text.split())


def change(reasoner: Reasoner, name: str, pathway: str | None = None) -> str:
    case = read_case(LIBRARY / f"{name}.yaml", reasoner.knowledge)
    text = text_of(alternatives_report(alternatives(Run(case, reasoner), pathway), reasoner.knowledge))
    assert max(map(len, text.splitlines())) <= 100
    return said(text)


def sure(reasoner: Reasoner, name: str) -> str:
    text = text_of(
        neighbours_report(
            neighbours(reasoner.consult(read_case(LIBRARY / f"{name}.yaml", reasoner.knowledge)), reasoner),
            reasoner.knowledge,
        )
    )
    assert max(map(len, text.splitlines())) <= 100
    return said(text)


def test_a_change_is_told_with_what_it_leads_to_and_the_rule(reasoner):
    text = change(reasoner, "noms-n9")
    assert "A single change leads to another recommendation." in text
    assert "stabilisation, then SBRT, if ESCC is 0, 1a or 1b instead of 3 [NOMS-04]" in text


def test_what_cannot_change_stands_under_a_heading_of_its_own(reasoner):
    _, _, fixed = change(reasoner, "noms-n9").partition("What cannot change, but may have been given wrongly:")
    assert "tumour is primary not found instead of renal cell carcinoma" in fixed


def test_a_contrast_tells_changes_and_answers_alike(reasoner):
    text = change(reasoner, "noms-n9", "sbrt")
    assert "It takes at least two changes together for a recommendation of stereotactic radiotherapy." in text
    assert "and surgeon's view is found to be stable [NOMS-03]" in text
    assert "`metspine why-not` with sbrt" in text


def test_a_pathway_that_is_recommended_already_is_called_so(reasoner):
    text = change(reasoner, "noms-n9", "separation_surgery_then_sbrt")
    assert "is recommended already." in text
    assert "why-not" not in text


def test_a_reading_that_flips_the_advice_is_named_with_the_agreement_of_raters(reasoner):
    text = sure(reasoner, "boundary-sins-10")
    assert "The advice changes if a single reading is a grade away: SINS bone lesion, " in text
    assert "conventional radiotherapy, if SINS bone lesion is mixed instead of lytic (κ between raters 0.24)" in text


def test_a_total_is_told_with_its_distance_from_the_next_class(reasoner):
    text = sure(reasoner, "boundary-sins-12")
    assert "The advice holds if a disputed reading is a grade away: any one of SINS bone lesion, " in text
    assert "SINS total 12: one below 13 [MEC-" in text


def test_a_number_that_stands_on_a_line_is_told_so(reasoner):
    text = sure(reasoner, "boundary-escc-1c-gap-3")
    assert "gap between tumour and cord 3 mm: exactly on a line; anything lower lies beyond it" in text
    assert "The advice changes if a single reading is a grade away: ESCC grade." in text
    assert "Not tried, as no agreement between raters is on file: " in text


def test_what_contradicts_itself_is_to_be_corrected_first(reasoner):
    words = "What is given cannot all be true of one patient; correct that first."
    for text in (change(reasoner, "contradiction-sins"), change(reasoner, "contradiction-sins", "sbrt")):
        assert words in text
        assert " instead of " not in text
    assert words in sure(reasoner, "contradiction-sins")


def test_the_report_and_the_page_have_both_when_they_were_asked_for(reasoner):
    case = read_case(LIBRARY / "boundary-sins-10.yaml", reasoner.knowledge)
    varied, plain = advise(case, reasoner, vary=True, plan=True), advise(case, reasoner, plan=True)
    for words in ("How sure is sure", "What can change, or be measured again", "κ between raters 0.24"):
        for shown in (report, page):
            assert words in said(shown(varied, reasoner.knowledge))
            assert words not in said(shown(plain, reasoner.knowledge))
