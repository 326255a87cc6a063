"""What the tests of explanation share: a toy knowledge base that has one of everything, and cases in it."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import knowledge_base
from cases import case_of
from engine import Advice, Reasoner, advise
from explain import Graph, graph_of
from knowledge_base import KnowledgeBase
from knowledge_base.reading import read_text

TOY = Path(__file__).parent / "toy"
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


@pytest.fixture(scope="session")
def toy() -> KnowledgeBase:
    return knowledge_base.load(TOY)


@pytest.fixture(scope="session")
def advised(toy: KnowledgeBase) -> Callable[[str], Advice]:
    """Return a function from the name of a case, or its text, to the advice on it."""
    reasoner = Reasoner(toy)

    def advice_on(case: str) -> Advice:
        text = dedent(CASES.get(case, case))
        return advise(case_of(read_text(text, "case.yaml"), toy), reasoner)

    return advice_on


@pytest.fixture(scope="session")
def recorded(advised: Callable[[str], Advice], toy: KnowledgeBase) -> Callable[[str], Graph]:
    """Return a function from a case to the record of its consultation."""
    return lambda case: graph_of(advised(case), toy)
