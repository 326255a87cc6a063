"""Verify a journal of metspine with the standard library alone: `python verify.py JOURNAL|EXPORT|PROOF VKEY [NOTES]`.

Each row has an envelope in canonical JSON (RFC 8785) that names the row before it by its SHA-256, so rows are a chain. A
checkpoint signs (Ed25519, as a C2SP note) how many rows there are and the root of the Merkle tree (RFC 6962) over them;
NOTES are checkpoints kept elsewhere. What a patient can be known by is in payloads, which an envelope names by a salted
SHA-256, so that they can be erased. Every finding has one name: edited, inserted, deleted, reordered, truncated, forked,
unsigned, forged checkpoint, payload edited, payload missing, incomplete. A proof is of one row, or of two checkpoints.
"""

import base64
import hashlib
import json
import re
import sqlite3
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

EMPTY = "0" * 64
CLOSING = ("advised", "cohort", "failed")
# Ed25519 (RFC 8032): the field, the curve and its base point.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
Verifies = Callable[[bytes, bytes, bytes], bool]  # the public key, the message and the signature


class Row(NamedTuple):
    """A row as it is stored; `payload` is the SHA-256 of its salt and content, None without one."""

    seq: int
    kind: str
    id: str
    about: str | None
    at: str
    envelope: bytes
    hash: bytes
    signature: bytes
    payload: bytes | None


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong, with its name, and the row it is about (0: none of them)."""

    seq: int
    verdict: str
    words: str

    def __str__(self) -> str:
        return f"{self.verdict}: {f'row {self.seq}: ' if self.seq else ''}{self.words}"


def check(rows: Iterable[Row], notes: Iterable[str], key: str, verifies: Verifies | None = None) -> Iterator[Finding]:
    """Yield what is wrong with the rows of a journal, given its checkpoints and its public key."""
    verifies = verifies or ed25519
    held = sorted(rows, key=lambda row: row.seq)
    _, public = _key(key)
    roots: dict[int, bytes] = {}
    for size, root, words in _signed(notes, key, verifies):
        if words:
            yield Finding(0, "forged checkpoint", words)
        else:
            roots[size] = root
    covered = max(roots, default=0)
    envelopes = [envelope_of(row) for row in held]
    hashes = [hashlib.sha256(row.envelope).digest() for row in held]
    spoilt = {i for i, row in enumerate(held) if hashes[i] != row.hash or not _agrees(row, envelopes[i])}
    yield from (Finding(held[i].seq, "edited", "it is not what its hash was taken of") for i in spoilt)
    seqs = [int(envelope.get("seq") or 0) for envelope in envelopes]
    last = max(seqs, default=0)
    missing = sorted({*range(1, last + 1)} - {*seqs})
    named = {envelope.get("prev") for envelope in envelopes}
    place: dict[int, int] = {}
    for i, seq in enumerate(seqs):
        extra = i if seq in place and hashes[place[seq]].hex() in named else place.get(seq)
        if extra is not None:
            yield Finding(held[extra].seq, "inserted", f"there is another row {seq} that the chain goes on from")
        if extra != i:
            place[seq] = i
    yield from (Finding(seq, "deleted", "it is missing, and rows after it are there") for seq in missing)
    is_dense = not missing and len(place) == len(held)
    for row, seq in zip(held, seqs, strict=True):
        if is_dense and row.seq != seq:
            yield Finding(row.seq, "reordered", f"it was written as row {seq}")
    in_order = [place[seq] for seq in sorted(place)]
    for i in in_order:
        before = place.get(seqs[i] - 1)
        prev = EMPTY if seqs[i] == 1 else None if before is None else hashes[before].hex()
        if prev and envelopes[i].get("prev") != prev and before not in spoilt:
            yield Finding(seqs[i] - 1, "edited", f"row {seqs[i]} was written after another row than this")
    if covered > last:
        yield Finding(0, "truncated", f"a checkpoint tells of {covered} rows, there are {len(held)}")
    tree = Tree()
    for i in in_order if is_dense and not spoilt else ():
        tree.add(hashes[i])
        if tree.size in roots and roots[tree.size] != tree.root():
            foreign = [j for j in in_order if not verifies(public, held[j].hash, held[j].signature)]
            yield from (Finding(seqs[j], "edited", "it is not signed with the key of the journal") for j in foreign)
            if not foreign:
                yield Finding(0, "forked", f"the first {tree.size} rows are not those that a checkpoint signed")
            break
    for i in in_order:
        if seqs[i] > covered and not verifies(public, held[i].hash, held[i].signature):
            yield Finding(held[i].seq, "unsigned", "no checkpoint covers it, and it was not signed with the key")
    yield from _left_out(held, envelopes)


def _left_out(rows: list[Row], envelopes: list[dict[str, Any]]) -> Iterator[Finding]:
    """Yield payloads that are not those of their rows, and what was begun and never ended."""
    erased = {row.about for row in rows if row.kind == "erased"}
    closed = {row.about for row in rows if row.kind in CLOSING}
    for row, envelope in zip(rows, envelopes, strict=True):
        if row.payload is not None and row.payload.hex() != envelope.get("payload"):
            yield Finding(row.seq, "payload edited", "it is not what the envelope names")
        if row.payload is None and envelope.get("payload") and row.id not in erased:
            yield Finding(row.seq, "payload missing", "it is not there, and nobody erased it")
        if row.kind == "opened" and row.id not in closed:
            yield Finding(row.seq, "incomplete", "it was begun and never ended: a crash, or it was stopped")


def _agrees(row: Row, envelope: dict[str, Any]) -> bool:
    return all(envelope.get(name) == getattr(row, name) for name in ("kind", "id", "about", "at"))


def envelope_of(row: Row) -> dict[str, Any]:
    """Return what is in an envelope; nothing where it was spoilt."""
    try:
        found = json.loads(row.envelope)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


# --- the Merkle tree of RFC 6962, kept as the roots of its whole parts ---------------------------------------------


class Tree:
    """A tree to which leaves are added; `peaks` are the roots of its whole parts with their sizes, largest first."""

    def __init__(self, peaks: Iterable[tuple[int, bytes]] = ()) -> None:
        self.peaks = list(peaks)

    @property
    def size(self) -> int:
        return sum(size for size, _ in self.peaks)

    def add(self, leaf: bytes) -> None:
        self.peaks.append((1, hashlib.sha256(b"\0" + leaf).digest()))
        while len(self.peaks) > 1 and self.peaks[-1][0] == self.peaks[-2][0]:
            (size, left), (_, right) = self.peaks[-2:]
            self.peaks[-2:] = [(2 * size, above(left, right))]

    def root(self) -> bytes:
        if not self.peaks:
            return hashlib.sha256().digest()
        found = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            found = above(left, found)
        return found


def above(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over two others."""
    return hashlib.sha256(b"\1" + left + right).digest()


def includes(root: bytes, size: int, path: list[bytes], index: int, leaf: bytes) -> bool:
    """Tell whether a path proves that a leaf is at a place of a tree (RFC 9162, 2.1.3.2)."""
    node = hashlib.sha256(b"\0" + leaf).digest()
    return 0 <= index < size and _climbed(index, size - 1, path, node, node)[1:] == (root,)


def extends(root: bytes, size: int, path: list[bytes], before: bytes, old: int) -> bool:
    """Tell whether a path proves that a tree goes on from an older one (RFC 9162, 2.1.4.2)."""
    if not 0 < old < size or not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first, *rest = path if old & (old - 1) else [before, *path]
    return _climbed(at, last, rest, first, first) == (before, root)


def _climbed(at: int, last: int, path: list[bytes], old: bytes, new: bytes) -> tuple[bytes, ...]:
    """Return the roots of the older and the newer tree to which a path leads from a node; none for a wrong length."""
    for node in path:
        if last == 0:
            return ()
        if at & 1 or at == last:
            old, new = above(node, old), above(node, new)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new = above(new, node)
        at, last = at >> 1, last >> 1
    return () if last else (old, new)


def proven(proof: str, key: str, notes: Iterable[str]) -> str:
    """Return what a proof proves of a row, or of a checkpoint and an older one among the notes; else nothing."""
    head, _, note = proof.partition("\n\n")
    told = dict(line.split(" ", 1) for line in head.split("\n") if " " in line)
    path = [base64.b64decode(line) for line in head.split("\n") if " " not in line and "@" not in line]
    ((size, root, _),) = _signed([note], key, ed25519)
    if "index" in told:
        envelope, index = base64.b64decode(told["extra"]), int(told["index"])
        holds = includes(root, size, path, index, hashlib.sha256(envelope).digest())
        return f"row {index + 1} is one of the first {size}: {envelope.decode()}" if holds else ""
    older = (before for old, before, _ in _signed(notes, key, ed25519) if old == int(told["old"]))
    holds = any(extends(root, size, path, before, int(told["old"])) for before in older)
    return f"the first {size} rows go on from the first {told['old']}" if holds else ""


# --- signed notes (C2SP) and Ed25519 (RFC 8032) --------------------------------------------------------------------


def notes_in(text: str) -> list[str]:
    """Return the notes that stand one after another in a text."""
    return [note.lstrip("\n") for note in re.findall(r"(?:.*\n)+?\n(?:\u2014 .*\n)+", text)]


def _signed(notes: Iterable[str], key: str, verifies: Verifies) -> Iterator[tuple[int, bytes, str]]:
    """Yield how many rows each note signs, and their root; -1 and a reason for a note that the key did not sign."""
    name, public = _key(key)
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    for note in dict.fromkeys(notes):
        body, _, signatures = note.rpartition("\n\n")
        line = re.search(rf"^\u2014 {re.escape(name)} (\S+)$", signatures, re.MULTILINE)
        lines = body.split("\n")
        try:
            raw = base64.b64decode(line.group(1), validate=True) if line else b""
            size, root = int(lines[1]), base64.b64decode(lines[2], validate=True)
        except (ValueError, IndexError):
            raw, size, root = b"", 0, b""
        is_ours = raw[:4] == key_id and lines[0] == name and verifies(public, f"{body}\n".encode(), raw[4:])
        said = ascii(" ".join(lines[:2])[:60])
        yield (size, root, "") if is_ours else (-1, b"", f"{said} is not signed with the key {name}")


def _key(key: str) -> tuple[str, bytes]:
    """Return the name and the public key in a verifier key of C2SP: NAME+ID+BASE64."""
    name, _, encoded = key.strip().split("+", 2)
    return name, base64.b64decode(encoded)[1:]


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature is that of a message."""
    if len(signature) != 64 or len(public) != 32:
        return False
    a, r, s = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    left, right = _times(s, BASE), _plus(r, _times(h, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def _point(encoded: bytes) -> Point | None:
    sign, y = divmod(int.from_bytes(encoded, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def _plus(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while scalar:
        found = _plus(found, point) if scalar & 1 else found
        point, scalar = _plus(point, point), scalar >> 1
    return found


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


# --- reading -------------------------------------------------------------------------------------------------------


def from_sqlite(path: Path) -> tuple[list[Row], list[str]]:
    """Return the rows and the checkpoints of a journal in SQLite."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
        stored = base.execute("SELECT seq, salt, content FROM payloads")
        kept = {seq: taken_of(salt, content) for seq, salt, content in stored}
        columns = "seq, kind, id, about, at, envelope, hash, signature"
        rows = [
            Row._make((*row, kept.get(row[0]))) for row in base.execute(f"SELECT {columns} FROM records ORDER BY seq")
        ]
        return rows, [note for (note,) in base.execute("SELECT note FROM checkpoints ORDER BY size")]


def taken_of(salt: bytes, content: bytes) -> bytes:
    """Return the SHA-256 of a payload as it is stored."""
    return hashlib.sha256(salt + content).digest()


def from_export(path: Path) -> tuple[list[Row], list[str]]:
    """Return the rows and the checkpoints of an exported journal."""
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("records.ndjson").decode().splitlines()
        notes = notes_in(archive.read("checkpoints.txt").decode())
    return [_row(json.loads(line)) for line in lines], notes


def _row(data: dict[str, Any]) -> Row:
    binary = {name: base64.b64decode(data[name]) for name in ("envelope", "hash", "signature")}
    plain: dict[str, Any] = {name: data[name] for name in ("seq", "kind", "id", "about", "at")}
    payload = taken_of(*map(base64.b64decode, data["payload"])) if data["payload"] else None
    return Row(**{**plain, **binary, "payload": payload})


def main(arguments: list[str]) -> int:
    """Print what is wrong with a journal; return 1 when something is."""
    if len(arguments) not in (2, 3):
        print((__doc__ or "").partition("\n")[0], file=sys.stderr)  # noqa: T201  # a program of its own
        return 2
    path = Path(arguments[0])
    elsewhere = notes_in(Path(arguments[2]).read_text(encoding="utf-8")) if len(arguments) == 3 else []
    if path.read_bytes()[:4] in (b"c2sp", b"old "):
        told = ""
        with suppress(ValueError, KeyError):  # what has not the form of a proof proves nothing
            told = proven(path.read_text(encoding="utf-8"), arguments[1], elsewhere)
        print(told or "not proven")  # noqa: T201
        return 0 if told else 1
    rows, notes = from_export(path) if zipfile.is_zipfile(path) else from_sqlite(path)
    found = sorted(check(rows, [*notes, *elsewhere], arguments[1]))
    for finding in found:
        print(finding)  # noqa: T201
    print(f"{len(rows)} rows, {len(notes)} checkpoints, {len(found)} findings")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, ValueError, KeyError, sqlite3.Error) as problem:
        sys.exit(f"this is no journal, export or proof, or no public key as NAME+ID+BASE64: {problem}")
