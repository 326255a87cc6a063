"""What the tests share: the NOMS knowledge, loaded once, and a builder of small knowledge bases."""

import gc
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

import knowledge_base
from knowledge_base import KnowledgeBase

# What is loaded here lives to the end: to look through it for garbage as often as usual is a quarter of the time.
gc.set_threshold(200_000, 20, 4)

# A busy machine makes a slow example, not a wrong one.
settings.register_profile("metspine", deadline=None)
settings.load_profile("metspine")

BASE = Path(__file__).parent / "bad_knowledge" / "base"


@pytest.fixture(scope="session")
def knowledge() -> KnowledgeBase:
    """The NOMS knowledge base."""
    return knowledge_base.load()


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch, knowledge: KnowledgeBase) -> None:
    """Let all commands share the built-in knowledge, which each would else read, and compile, for itself."""
    load = knowledge_base.load
    monkeypatch.setattr(knowledge_base, "load", lambda which=None: knowledge if which is None else load(which))


@pytest.fixture
def write_knowledge(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """A function that lays files (by name inside the folder) over the small base knowledge and returns the folder."""

    def write(files: Mapping[str, str]) -> Path:
        folder = tmp_path / "knowledge"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(BASE, folder)
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def toy_knowledge() -> KnowledgeBase:
    """The small base knowledge, loaded."""
    return knowledge_base.load(BASE)
