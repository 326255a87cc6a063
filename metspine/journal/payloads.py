"""A record as a journal stores it: what it shares with others once, by its digest, and the rest compressed.

The text of a rule, a source or a label comes from the knowledge and is the same in many records; case and advice are
the patient's. Put together again, a record is what was written to the byte.
"""

import json
import lzma
import re
from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Any

MARK = "\x1e"  # no JSON holds it
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 2, "dict_size": 1 << 19}]  # advice is seldom longer
_PARTS = ("advice", "rules", "digests")  # where a record is cut, in this order
_PIECE = re.compile(r'^(?=    ")', re.MULTILINE)


def packed(record: str) -> tuple[bytes, dict[str, str]]:
    """Return the text of a record without its shared pieces, compressed, and these by id."""
    case, advice, shared, end = _cut(record)
    pieces = [(text_id(piece), piece) for piece in _PIECE.split(shared)]
    ids = " ".join(name for name, _ in pieces)
    return compressed(case.encode()) + compressed(f"{advice}{MARK}{ids}{MARK}{end}".encode()), dict(pieces)


def decided_in(record: str) -> tuple[dict[str, Any], str]:
    """Return the advice in the text of a record and the digest of its decision, without reading the rest."""
    _, advice, _, end = _cut(record)
    return _only("advice", advice), json.loads(f"{{{end}")["digests"]["decision"]


def _cut(record: str) -> list[str]:
    """Return a record up to its advice, the advice, what is shared, and the rest; a top key has two blanks before it."""
    places = [0, *(record.index(f'\n  "{name}": {{') + 1 for name in _PARTS), len(record)]
    return [record[start:end] for start, end in pairwise(places)]


def _only(name: str, text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(f"{{{text.rstrip().rstrip(',').removeprefix('{')}}}")[name]
    return found


def text_id(piece: str) -> str:
    """Return the id of a shared piece: the first 16 hexadecimal digits of its SHA-256."""
    return sha256(piece.encode()).hexdigest()[:16]


def unpacked(content: bytes, texts: Mapping[str, str]) -> bytes:
    """Return what was stored to the byte; raise KeyError for a missing piece, `lzma.LZMAError` for what was spoilt."""
    own, *rest = lzma.decompress(content).decode().split(MARK)
    if not rest:
        return own.encode()
    ids, end = rest
    return "".join([own, *map(texts.__getitem__, ids.split(" ")), end]).encode()


def case_in(content: bytes) -> dict[str, Any]:
    """Return the case in a stored record, without reading the rest."""
    return _only("case", lzma.LZMADecompressor().decompress(content).decode())


def compressed(content: bytes) -> bytes:
    """Return a payload as it is stored."""
    return lzma.compress(content, filters=FILTERS)
