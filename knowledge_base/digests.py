"""Fingerprints of what is written, the same on every machine: versions of rules, and the digest of the whole."""

import hashlib

import rfc8785
from pydantic import BaseModel


def digest(entry: BaseModel | object) -> str:
    """Return the SHA-256 of an entry's canonical JSON (RFC 8785), as 64 hexadecimal digits."""
    data = entry.model_dump(mode="json", by_alias=True) if isinstance(entry, BaseModel) else entry
    return hashlib.sha256(rfc8785.dumps(data)).hexdigest()  # type: ignore[arg-type]  # plain JSON data
