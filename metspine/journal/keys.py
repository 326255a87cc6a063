"""The key of a journal (Ed25519), and the notes that it signs in the form of C2SP."""

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from knowledge_base.text.errors import Invalid

ED25519 = b"\x01"  # how C2SP marks the algorithm
VERIFIER = re.compile(r"[^+\s]+\+[0-9a-f]{8}\+[\w+/]{44}", re.ASCII)


@dataclass(frozen=True)
class Key:
    """A key with a name, as C2SP has them."""

    name: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    @property
    def verifier(self) -> str:
        """The public key as text: NAME+ID+BASE64."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)

    def note(self, body: str) -> str:
        """Return a signed note; the body ends in a newline."""
        signature = base64.b64encode(self.id + self.sign(body.encode())).decode()
        return f"{body}\n\u2014 {self.name} {signature}\n"


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature is that of a message: as `offline` does, a hundred times as fast."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def checkpoint(key: Key, size: int, root: bytes, at: str) -> str:
    """Return a signed checkpoint: the name of the journal, how many rows, their root, and when (as claimed)."""
    return key.note(f"{key.name}\n{size}\n{base64.b64encode(root).decode()}\ntime {at}\n")


def read_verifier(text: str) -> str:
    """Return a public key as it was noted; raise `Invalid` for what is none."""
    if VERIFIER.fullmatch(text.strip()) is None:
        raise Invalid.at(text.strip(), "is no public key, which is NAME+ID+BASE64 as `metspine journal init` prints it")
    return text.strip()


def new_key(path: Path, name: str) -> Key:
    """Write a new key that only its owner can read, and return it; an existing one is taken."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()) + b"\n"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(seed)
            stream.flush()
            os.fsync(stream.fileno())
    return read_key(path, name)


def read_key(path: Path, name: str) -> Key:
    """Return the key in a file; raise `Invalid` when there is none, or others can read it."""
    try:
        mode = path.stat().st_mode
        seed = base64.b64decode(path.read_bytes().strip(), validate=True)
        if hasattr(os, "geteuid") and mode & 0o077:
            raise Invalid.at(path, "can be read by others than its owner; `chmod 600` it, or make a new journal")
        return Key(name, Ed25519PrivateKey.from_private_bytes(seed))
    except OSError as error:
        raise Invalid.at(path, f"cannot be read ({error.strerror}); METSPINE_JOURNAL_KEY names the key") from None
    except ValueError:
        raise Invalid.at(path, "is not the key of a journal; METSPINE_JOURNAL_KEY names it") from None
