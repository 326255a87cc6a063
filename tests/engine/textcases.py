"""How a test makes a patient of a text."""

from textwrap import dedent

from cases import Case, case_of
from knowledge_base import KnowledgeBase
from knowledge_base.text.strict_yaml import read_text


def case(text: str, knowledge: KnowledgeBase) -> Case:
    """Return the case in a YAML text."""
    return case_of(read_text(dedent(text), "case.yaml"), knowledge)
