"""Patients for the toy knowledge, and how a test makes one of a text."""

from textwrap import dedent

from cases import Case, case_of
from engine import Reasoner
from engine.run import Run
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
