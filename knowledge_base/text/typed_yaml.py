"""A file as somebody typed it: where YAML cannot read the value on a line, it is the text that stands there.

Only such a line is taken so, and only a value that is no list or mapping. A file that YAML reads means what it says.
"""

import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from knowledge_base.text.errors import Invalid
from knowledge_base.text.strict_yaml import MAX_BYTES, Document, content_of, read_bytes

MOST_LINES = 100  # that are taken as typed; a file with more is no letter
_LINE = re.compile(r"(?P<key>\s*(?:-\s+)?[^\s:#'\"\[\]{}][^:#]*:)[ \t]+(?P<value>[^\s\[{].*?)\s*")


def read_typed(path: Path, name: str | None = None) -> Document:
    """Return the document in a file; raise `Invalid` when it cannot be read, its values taken as they are typed."""
    name = name or str(path)
    original = content = content_of(path, name, "YAML", MAX_BYTES)
    for left in reversed(range(MOST_LINES + 1)):
        try:
            return replace(read_bytes(content, name), sha256=sha256(original).hexdigest())
        except Invalid as invalid:
            mended = _in_quotes(content, invalid.problems[0].position.line)
            if mended is None or not left:
                raise
            content = mended
    raise AssertionError("the last turn returns or raises")


def _in_quotes(content: bytes, line: int) -> bytes | None:
    """Return a file with the value on a line in quotes; None where there is none, or it is in quotes."""
    lines = content.split(b"\n")
    if not 1 <= line <= len(lines):
        return None
    try:
        found = _LINE.fullmatch(lines[line - 1].decode())
    except UnicodeDecodeError:
        return None
    if found is None or re.fullmatch(r"'(?:[^']|'')*'", found["value"]):
        return None
    value = found["value"].replace("'", "''")
    lines[line - 1] = f"{found['key']} '{value}'".encode()
    return b"\n".join(lines)
