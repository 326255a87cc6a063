"""The handbook of a knowledge base with what only its files and its worked patients can tell."""

from collections.abc import Mapping
from pathlib import Path

from explain.report.handbook import INDEX, handbook
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.themes import themes
from metspine.coverage import Coverage
from metspine.studies.stamp import stamp


def handbook_pages(knowledge: KnowledgeBase, seen: Coverage, which: str | Path | None = None) -> Mapping[str, str]:
    """Return the pages of the knowledge base that `which` names; the index says at its end what they were written from."""
    pages = handbook(knowledge, seen.fires, themes(which))
    return {**pages, INDEX: f"{pages[INDEX]}\n{stamp(knowledge)}\n"}
