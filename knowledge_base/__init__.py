"""What is believed, and why: the language in which it is written, the reader that checks it, and the knowledge itself."""

from pathlib import Path

from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.cache import load_folder
from knowledge_base.text.errors import Invalid, Position, Problem

__all__ = ["Invalid", "KnowledgeBase", "Position", "Problem", "load"]


def load(which: str | Path | None = None) -> KnowledgeBase:
    """Return a knowledge base by name, by folder, or by exported file (the NOMS knowledge when none is named).

    Raises `Invalid` with every problem of every file.
    """
    if which is not None and Path(which).suffix == ".json" and Path(which).is_file():
        from knowledge_base.loading.bundle import read_bundle

        return read_bundle(Path(which))
    return load_folder(which)
