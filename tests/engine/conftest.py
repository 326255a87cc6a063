"""What the engine's tests share: the NOMS knowledge compiled once, and a builder of toy knowledge."""

import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import knowledge_base
from engine import Reasoner
from knowledge_base import KnowledgeBase

sys.path.insert(0, str(Path(__file__).parent))

FRAMEWORK = "{id: toy, title: Toy, version: 1.0.0, about: A toy., notice: It decides nothing.}\n"
SOURCES = """
- {id: book, citation: A book., read: full_text}
- {id: rumour, citation: Hearsay., read: none}
"""
PATHWAYS = """
- {id: cut, label: cutting, summary: Cut., involves: [open_surgery]}
- {id: beam, label: irradiating, summary: Irradiate.}
"""
MEASURES = "- {id: scan, label: scan, summary: Look.}\n"


@pytest.fixture(scope="session")
def noms() -> KnowledgeBase:
    return knowledge_base.load()


@pytest.fixture(scope="session")
def reasoner(noms: KnowledgeBase) -> Reasoner:
    return Reasoner(noms)


@pytest.fixture
def toy(tmp_path: Path) -> Callable[..., KnowledgeBase]:
    """Return a builder: vocabulary and rules in short YAML; what every rule must say besides is filled in."""

    def build(vocabulary: str, rules: str, scores: str = "") -> KnowledgeBase:
        (tmp_path / "vocabulary").mkdir(exist_ok=True)
        (tmp_path / "rules").mkdir(exist_ok=True)
        (tmp_path / "framework.yaml").write_text(FRAMEWORK)
        (tmp_path / "sources.yaml").write_text(SOURCES)
        (tmp_path / "pathways.yaml").write_text(PATHWAYS)
        (tmp_path / "measures.yaml").write_text(MEASURES)
        (tmp_path / "vocabulary" / "all.yaml").write_text(dedent(vocabulary))
        (tmp_path / "rules" / "all.yaml").write_text(_with_grounds(dedent(rules)))
        if scores:
            (tmp_path / "scores").mkdir(exist_ok=True)
            (tmp_path / "scores" / "all.yaml").write_text(_with_grounds(dedent(scores)))
        return knowledge_base.load(tmp_path)

    return build


def _with_grounds(entries: str) -> str:
    """Give each entry the grounds that every rule must state, unless it states its own sources."""
    texts = [f"- {text}" for text in ("\n" + entries).split("\n- ")[1:]]
    return "".join(f"{text.rstrip()}\n{_grounds('sources:' in text)}" for text in texts)


def _grounds(sourced: bool) -> str:
    sources = "" if sourced else "  sources: [{ref: book, at: p. 1, basis: primary}]\n"
    return f"  title: A rule\n  because: It is so.\n{sources}  review: {{status: draft}}\n"
