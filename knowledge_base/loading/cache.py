"""Knowledge that was loaded before, kept ready beside Python's own compiled code.

Reading and resolving the built-in knowledge takes most of the time of a short command. What came of it is kept where
Python keeps compiled modules (`__pycache__`), under its rules and with its trust: written only where Python would write,
and used only while every YAML file and every module of this package is, byte for byte, what it was. Folders of others
are always read.
"""

import contextlib
import hashlib
import importlib.util
import os
import pickle
import sys
from pathlib import Path

import pydantic

from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.frameworks import HOME, folder_of, frameworks


def load(which: str | Path | None = None) -> KnowledgeBase:
    """Return a knowledge base by name or by folder (the NOMS knowledge when none is named).

    Raises `Invalid` with every problem of every file.
    """
    folder = folder_of(which)
    if folder.parent != HOME:
        return _read(folder)
    place, mark = _place(folder), _fingerprint(HOME)
    body = kept(place, mark)
    if body is not None:
        return pickle.loads(body)  # type: ignore[no-any-return]
    knowledge = _read(folder)
    if not sys.dont_write_bytecode:
        keep(place, mark, pickle.dumps(knowledge, pickle.HIGHEST_PROTOCOL))
    return knowledge


def keep_all() -> None:
    """Read every built-in framework and keep it, as an installer compiles modules; raise `Invalid` as `load` does."""
    mark = _fingerprint(HOME)
    for name in frameworks(HOME):
        keep(_place(HOME / name), mark, pickle.dumps(_read(HOME / name), pickle.HIGHEST_PROTOCOL))


def _read(folder: Path) -> KnowledgeBase:
    from knowledge_base.loading.loader import read_knowledge

    return read_knowledge(folder)


def _place(folder: Path) -> Path:
    return Path(importlib.util.cache_from_source(f"{folder}.py")).with_suffix(".knowledge")


def _fingerprint(home: Path) -> bytes:
    """Return what tells apart all that loading hangs on: every file, this package, the versions of what it uses."""
    mark = hashlib.sha256(f"{sys.version} {pydantic.VERSION}".encode())
    for path in sorted([*home.rglob("*.py"), *home.rglob("*.yaml"), *home.rglob("*.yml")]):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        mark.update(f"{path.relative_to(home).as_posix()} {content}\n".encode())
    return mark.digest()


def kept(place: Path, mark: bytes) -> bytes | None:
    """Return what was kept under a mark, if it is there and whole."""
    try:
        content = place.read_bytes()
    except OSError:
        return None
    seal, body = content[:SEAL], content[SEAL:]
    return body if seal == _seal(mark, body) else None


def keep(place: Path, mark: bytes, body: bytes) -> None:
    """Keep it under a mark where it can be written; where it cannot, it is made again next time."""
    beside = place.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(_seal(mark, body) + body)
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)


def _seal(mark: bytes, body: bytes) -> bytes:
    return hashlib.sha256(mark + body).digest()


SEAL = hashlib.sha256().digest_size
