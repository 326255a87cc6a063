"""Knowledge that was read before: its files, taken apart already, kept beside Python's own compiled code.

Taking YAML apart takes most of the time of loading. The data that come of it are kept as JSON where Python keeps compiled
modules (`__pycache__`), and used only while every YAML file and every module of this package is, byte for byte, what it
was. They are data and no program, so reading them runs nothing; every name is resolved and the digest of the knowledge is
worked out from them each time, so what was slipped in here is another knowledge, by another digest. Files that somebody
else could have written are not used. Folders of others are always read.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pydantic

from knowledge_base.canonical_json import digest_of_files
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.frameworks import HOME, File, folder_of, frameworks
from knowledge_base.text.strict_yaml import Document, KeyPath, read_file

SHARED = 0o022  # others than the owner may write
SEAL = hashlib.sha256().digest_size


def load_folder(which: str | Path | None = None) -> KnowledgeBase:
    """Return a knowledge base by name or by folder (the NOMS knowledge when none is named).

    Raises `Invalid` with every problem of every file.
    """
    folder = folder_of(which)
    if folder.parent != HOME:
        return _read(folder)
    place, mark = _place(folder), _fingerprint(HOME)
    body = kept(place, mark)
    documents = {} if body is None else _documents(body)
    knowledge = _read(folder, documents)
    if body is None and not sys.dont_write_bytecode:
        keep(place, mark, _written(documents))
    return knowledge


def keep_all() -> None:
    """Read every built-in framework and keep it, as an installer compiles modules; raise `Invalid` as `load_folder` does."""
    mark = _fingerprint(HOME)
    for name in frameworks(HOME):
        documents: dict[str, Document] = {}
        _read(HOME / name, documents)
        keep(_place(HOME / name), mark, _written(documents))


def parsed() -> bytes:
    """Return the files of the built-in knowledge base as data, for `load_parsed`, where reading YAML would take too long."""
    documents: dict[str, Document] = {}
    _read(folder_of(None), documents)
    return _written(documents)


def load_parsed(body: bytes) -> KnowledgeBase:
    """Return the built-in knowledge base from what `parsed` gave of it."""
    return _read(folder_of(None), _documents(body))


def _read(folder: Path, documents: dict[str, Document] | None = None) -> KnowledgeBase:
    """Return the knowledge in a folder; files that are not among the documents are read, and put there."""
    from knowledge_base.loading.loader import read_knowledge

    found = {} if documents is None else documents

    def read(file: File) -> Document:
        if file.name not in found:
            found[file.name] = read_file(file.path, file.name)
        return found[file.name]

    return read_knowledge(folder, read)


def _place(folder: Path) -> Path:
    return place_beside(folder, ".knowledge")


def place_beside(name: Path, ending: str) -> Path:
    """Return where something is kept that is called so: where Python keeps what it compiles."""
    return Path(importlib.util.cache_from_source(f"{name}.py")).with_suffix(ending)


def _fingerprint(home: Path) -> bytes:
    """Return what tells apart all that loading hangs on: every file, this package, the versions of what it uses."""
    files = digest_of_files((*home.rglob("*.py"), *home.rglob("*.yaml"), *home.rglob("*.yml")), home)
    return hashlib.sha256(f"{sys.version} pydantic {pydantic.VERSION} {files}".encode()).digest()


def kept(place: Path, mark: bytes) -> bytes | None:
    """Return what was kept under a mark, if it is there, whole, and written by nobody but us or the installer.

    Knowledge is kept as data, which nothing runs; who keeps a program here trusts this folder as Python trusts its own.
    """
    try:
        if not all(_is_private(path) for path in (place.parent, place)):
            return None
        content = place.read_bytes()
    except OSError:
        return None
    seal, body = content[:SEAL], content[SEAL:]
    return body if seal == _seal(mark, body) else None


def _is_private(path: Path) -> bool:
    """Tell whether only its owner, who is this user or root, can write a file or a folder."""
    if not hasattr(os, "geteuid"):
        return True  # Windows keeps them in the user's own profile or the administrator's program files
    found = path.stat()
    return found.st_uid in (0, os.geteuid()) and not found.st_mode & SHARED


def keep(place: Path, mark: bytes, body: bytes) -> None:
    """Keep it under a mark where it can be written; where it cannot, it is made again next time."""
    beside = place.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(_seal(mark, body) + body)
            beside.chmod(0o644)
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)


def _written(documents: dict[str, Document]) -> bytes:
    """Return documents as JSON: of each, its data, and the line of every part in the order of the data."""
    found = (f"{json.dumps(name)}:[{_json(one.data)},{list(one.lines.values())}]" for name, one in documents.items())
    return f"{{{','.join(found)}}}".encode()


def _documents(body: bytes) -> dict[str, Document]:
    """Return the documents in what was kept; none when it is not what is written here."""
    try:
        written = json.loads(body, parse_float=Decimal)
        return {name: Document(name, data, dict(_lines(data, iter(lines)))) for name, (data, lines) in written.items()}
    except (ValueError, TypeError, AttributeError, StopIteration, RuntimeError):
        return {}


def _json(data: Any) -> str:
    """Return data as JSON in which a decimal is the number that it is written as, with all its digits."""
    if isinstance(data, dict):
        return f"{{{','.join(f'{json.dumps(key)}:{_json(value)}' for key, value in data.items())}}}"
    if isinstance(data, list):
        return f"[{','.join(map(_json, data))}]"
    return str(data) if isinstance(data, Decimal) else json.dumps(data)


def _lines(data: Any, lines: Iterator[int]) -> Iterator[tuple[KeyPath, int]]:
    """Yield the line of every part, in the order in which a document was read."""
    stack: list[tuple[KeyPath, Any]] = [((), data)]
    while stack:
        path, part = stack.pop()
        yield path, next(lines)
        if isinstance(part, dict):
            stack.extend(((*path, key), value) for key, value in reversed(part.items()))
        elif isinstance(part, list):
            stack.extend(((*path, i), part[i]) for i in range(len(part) - 1, -1, -1))


def _seal(mark: bytes, body: bytes) -> bytes:
    return hashlib.sha256(mark + body).digest()
