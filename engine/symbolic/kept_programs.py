"""The program of a knowledge base as it was compiled last, kept beside the compiled knowledge.

What is kept is used only while knowledge, sides, version of Python and the modules that compile it are, byte for byte, what
they were. It counts on the digest of the knowledge, so it is for knowledge as `load` returns it, never for a changed copy.
"""

import hashlib
import importlib.util
import marshal
import sys
from functools import cache
from pathlib import Path

from engine.symbolic.program import Program, program_of
from knowledge_base.canonical_json import canonical
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.cache import keep, kept
from knowledge_base.loading.frameworks import HOME

SOURCES = (Path(__file__).parent, Path(__file__).parents[1] / "inference", HOME / "language")


def kept_program(knowledge: KnowledgeBase, lesions: int) -> Program:
    """Return the program for so many lesions, compiled only where it is not kept; raise `Inexact` as `program_of` does."""
    sides = canonical(dict(knowledge.sides))
    told = f"{knowledge.digest} {lesions} {sys.version} {compiler_digest()} "
    mark = hashlib.sha256(told.encode() + sides).digest()
    place = _place(knowledge.framework.id, hashlib.sha256(sides).hexdigest()[:8], lesions)
    body = kept(place, mark)
    if body is not None:
        return Program(*marshal.loads(body))
    program = program_of(knowledge, lesions)
    if not sys.dont_write_bytecode:
        keep(place, mark, marshal.dumps((program.lesions, program.inputs, program.outputs, program.code)))
    return program


def _place(framework: str, sides: str, lesions: int) -> Path:
    name = f"{framework}-{sides}-{lesions}.py"
    return Path(importlib.util.cache_from_source(str(HOME / name))).with_suffix(".program")


@cache
def compiler_digest() -> str:
    """Return the SHA-256 of all modules that a program hangs on."""
    mark = hashlib.sha256()
    for path in sorted(path for folder in SOURCES for path in folder.glob("*.py")):
        mark.update(hashlib.sha256(path.read_bytes()).digest())
    return mark.hexdigest()
