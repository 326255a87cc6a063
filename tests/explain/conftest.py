"""What the tests of explanation share: a toy knowledge base that has one of everything, and cases in it."""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import knowledge_base
import metspine
from engine import Advice, Reasoner, advise
from explain.drawing.graph import graph_of
from explain.drawing.nodes import Graph
from knowledge_base import KnowledgeBase
from metspine.library import LIBRARY

sys.path.insert(0, str(Path(__file__).parent))
from toycases import CASES, case_in

TOY = Path(__file__).parent / "toy"


@pytest.fixture(scope="session")
def answer_on(knowledge: KnowledgeBase) -> Callable[..., metspine.Answer]:
    """Return a function from a worked patient (and `settle`) to the answer, worked out once for all tests."""
    return cache(lambda name, settle=False: metspine.advise(LIBRARY / f"{name}.yaml", knowledge, settle=settle))


@pytest.fixture(scope="session")
def advised_on(answer_on: Callable[..., metspine.Answer]) -> Callable[[str], Advice]:
    """Return a function from a worked patient to the advice, with its plan and what is settled."""
    return lambda name: answer_on(name, settle=True).advice


@pytest.fixture(scope="session")
def toy() -> KnowledgeBase:
    return knowledge_base.load(TOY)


@pytest.fixture(scope="session")
def advised(toy: KnowledgeBase) -> Callable[[str], Advice]:
    """Return a function from the name of a case, or its text, to the advice on it."""
    reasoner = Reasoner(toy)

    def advice_on(case: str) -> Advice:
        return advise(case_in(CASES.get(case, case), toy), reasoner, plan=True)

    return advice_on


@pytest.fixture(scope="session")
def recorded(advised: Callable[[str], Advice], toy: KnowledgeBase) -> Callable[[str], Graph]:
    """Return a function from a case to the record of its consultation."""
    return lambda case: graph_of(advised(case), toy)
