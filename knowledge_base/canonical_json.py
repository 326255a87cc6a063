"""Fingerprints of what is written, the same on every machine: versions of rules, and the digest of the whole."""

import hashlib
import json

from pydantic import BaseModel


def digest(entry: BaseModel | object) -> str:
    """Return the SHA-256 of an entry's canonical JSON (RFC 8785), as 64 hexadecimal digits."""
    data = entry.model_dump(mode="json", by_alias=True) if isinstance(entry, BaseModel) else entry
    return hashlib.sha256(canonical(data)).hexdigest()


def canonical(data: object) -> bytes:
    """Return the canonical JSON (RFC 8785) of data without floats, as all knowledge is.

    For such data the standard library writes the same bytes as the rfc8785 package, twenty times as fast; a test
    holds the two side by side.
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()
