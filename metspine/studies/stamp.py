"""What a page that is written from the knowledge and the library was written from: told at its end, and cheap to compare."""

from hashlib import sha256
from pathlib import Path

from knowledge_base.language.knowledge import KnowledgeBase
from metspine.library import LIBRARY

SHOWN = 12


def stamp(knowledge: KnowledgeBase, library: Path = LIBRARY) -> str:
    """Return one line that changes whenever the knowledge or a worked patient does."""
    framework = knowledge.framework
    written_from = f"knowledge base {framework.id} {framework.version}, digest {knowledge.digest[:SHOWN]}"
    return f"Written from {written_from}; worked patients, digest {_digest(library)[:SHOWN]}."


def _digest(library: Path) -> str:
    read = sha256()
    for path in sorted(library.glob("*.yaml")):
        read.update(path.name.encode())
        read.update(path.read_bytes())
    return read.hexdigest()
