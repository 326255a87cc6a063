"""Patients for the toy knowledge, and how a test makes one of a text."""

from textwrap import dedent

from cases import Case, case_of
from engine import Advice, Reasoner
from engine.run import Run
from explain.drawing.chart import draw_plan
from explain.drawing.dot import draw
from explain.drawing.graph import graph_of
from explain.drawing.views import view
from explain.report.blocks import text_of
from explain.report.first_screen import first_screen
from knowledge_base import KnowledgeBase
from knowledge_base.text.strict_yaml import read_text

SEVERE = """
    case: severe
    title: Everything is known
    patient: {tumour: hard, fit: true}
    lesions: [{id: T8, grade: "2", wobble: {pain: true, collapse: false}}]
"""
TWO = """
    case: two
    patient: {tumour: soft, fit: true}
    lesions:
      - {id: L1, grade: "1"}
      - {id: T8, grade: ["2", "3"], wobble: {pain: true}, myelopathy: false}
"""
HARDLY = """
    case: hardly
    patient: {}
    lesions: [{id: T8}]
"""
CASES = {"severe": SEVERE, "two": TWO, "hardly": HARDLY}


def case_in(text: str, knowledge: KnowledgeBase) -> Case:
    """Return the case in a text."""
    return case_of(read_text(dedent(text), "case.yaml"), knowledge)


def run(text: str, knowledge: KnowledgeBase) -> Run:
    """Return the finished consultation of the case in a text."""
    return Run(case_in(text, knowledge), Reasoner(knowledge))


def shown(advice: Advice, knowledge: KnowledgeBase) -> str:
    """Return what is drawn of advice, and its first screen."""
    everything, plan = draw(view(graph_of(advice, knowledge), "everything"), advice), draw_plan(advice, knowledge)
    return everything.source + plan.source + text_of(first_screen(advice, knowledge))
