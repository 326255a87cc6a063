"""The program of a knowledge base as it was compiled last, kept beside the compiled knowledge.

What is kept is used only while knowledge, sides, version of Python and the modules that compile it are, byte for byte, what
they were. It counts on the digest of the knowledge, so it is for knowledge as `load` returns it, never for a changed copy.
"""

import hashlib
import marshal
import sys
from functools import cache
from pathlib import Path

from engine.symbolic.program import Program, program_of
from engine.symbolic.switched import sided_program
from knowledge_base.canonical_json import canonical, digest_of_files
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.cache import keep, kept, place_beside
from knowledge_base.loading.frameworks import HOME

ROOT = Path(__file__).parents[2]
SOURCES = [ROOT / room for room in ("engine/symbolic", "engine/inference", "knowledge_base/language")]


def kept_program(knowledge: KnowledgeBase, lesions: int) -> Program:
    """Return the program for so many lesions, compiled only where it is not kept; raise `Inexact` as `program_of` does."""
    sides = canonical(dict(knowledge.sides))
    found = _kept(knowledge, hashlib.sha256(sides).hexdigest()[:8], lesions, sides)
    return found or _keep(program_of(knowledge, lesions), knowledge, hashlib.sha256(sides).hexdigest()[:8], sides)


def kept_sided_program(knowledge: KnowledgeBase, lesions: int, make: bool) -> Program | None:
    """Return the program with a switch for each side; None where it is not kept, unless it is to be made."""
    found = _kept(knowledge, "sides", lesions)
    return found or (_keep(sided_program(knowledge, lesions), knowledge, "sides") if make else None)


def _kept(knowledge: KnowledgeBase, name: str, lesions: int, sides: bytes = b"") -> Program | None:
    body = kept(_place(knowledge, name, lesions), _mark(knowledge, name, lesions, sides))
    return None if body is None else Program(*marshal.loads(body))


def _keep(program: Program, knowledge: KnowledgeBase, name: str, sides: bytes = b"") -> Program:
    if not sys.dont_write_bytecode:
        body = marshal.dumps((program.lesions, program.inputs, program.outputs, program.code))
        keep(_place(knowledge, name, program.lesions), _mark(knowledge, name, program.lesions, sides), body)
    return program


def _mark(knowledge: KnowledgeBase, name: str, lesions: int, sides: bytes) -> bytes:
    told = f"{knowledge.digest} {name} {lesions} {sys.version} {compiler_digest()} "
    return hashlib.sha256(told.encode() + sides).digest()


def _place(knowledge: KnowledgeBase, name: str, lesions: int) -> Path:
    return place_beside(HOME / f"{knowledge.framework.id}-{name}-{lesions}", ".program")


@cache
def compiler_digest() -> str:
    """Return the SHA-256 of all modules that a program hangs on."""
    return digest_of_files((path for folder in SOURCES for path in folder.glob("*.py")), ROOT)
