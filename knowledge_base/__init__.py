"""What is believed, and why: the language in which it is written, the reader that checks it, and the knowledge itself.

`load()` returns the NOMS knowledge base, or raises `Invalid` with every problem in it.
"""

from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.cache import load
from knowledge_base.text.errors import Invalid, Position, Problem

__all__ = ["Invalid", "KnowledgeBase", "Position", "Problem", "load"]
