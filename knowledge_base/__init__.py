"""What is believed, and why: the language in which it is written, the reader that checks it, and the knowledge itself.

`load()` returns the NOMS knowledge base, or raises `Invalid` with every problem in it.
"""

from knowledge_base.kept import load
from knowledge_base.model import KnowledgeBase
from knowledge_base.problems import Invalid, Position, Problem

__all__ = ["Invalid", "KnowledgeBase", "Position", "Problem", "load"]
