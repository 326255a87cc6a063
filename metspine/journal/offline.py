"""Verify a journal of metspine with the standard library alone: `python verify.py JOURNAL|EXPORT|PROOF VKEY [NOTES]`.

Each row has an envelope in canonical JSON (RFC 8785) that names the row before it by its SHA-256, so rows are a chain. After
each, a checkpoint signs (Ed25519, as a C2SP note) how many rows there are and the root of the Merkle tree (RFC 6962) over
them; NOTES are checkpoints kept elsewhere. What a patient can be known by is in payloads, which an envelope names by a
salted SHA-256, so that they can be erased. Knowledge, and texts that records share, stand in the chain by their SHA-256. A
finding has one of fourteen names: edited, inserted, deleted, reordered, truncated, forked, unsigned, forged checkpoint,
payload edited, payload missing, incomplete, knowledge edited, knowledge missing, knowledge inserted. A proof is of one row,
or of two checkpoints.
"""

import base64
import hashlib
import json
import re
import sqlite3
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

EMPTY = "0" * 64
CLOSING = ("advised", "cohort", "failed")
Verifies = Callable[[bytes, bytes, bytes], bool]  # the public key, the message and the signature
Roots = dict[int, list[bytes]]  # of the tree over so many rows, as checkpoints have it
Peaks = list[tuple[int, bytes]]  # the roots of the whole parts of a tree with their sizes, largest first


class Row(NamedTuple):
    """A row as it is stored; `payload` is the SHA-256 of its salt and content, None without one."""

    seq: int
    kind: str
    id: str
    about: str | None
    at: str
    envelope: bytes
    hash: bytes
    payload: bytes | None = None


class Shared(NamedTuple):
    """What is kept once for many records: the SHA-256 of knowledge by its digest, and of texts by their ids."""

    knowledge: dict[str, str]
    texts: dict[str, str]


class Fault(NamedTuple):
    """What is wrong, with its name, and the row it is about (0: none of them)."""

    seq: int
    verdict: str
    words: str

    def __str__(self) -> str:
        return f"{self.verdict}: {f'row {self.seq}: ' if self.seq else ''}{self.words}"


def check(
    rows: Iterable[Row], notes: Iterable[str], shared: Shared, key: str, verifies: Verifies | None = None
) -> list[Fault]:
    """Return what is wrong with the rows of a journal, given its checkpoints, what is kept once for all its records, and its
    public key; one of a kind for a row.
    """
    held = sorted(rows, key=lambda row: row.seq)
    roots, found = signed(notes, key, verifies or ed25519)
    chain, misplaced = in_order(held)
    last, covered = max(chain, default=0), max(roots, default=0)
    found += [*misplaced, *each_by_itself(held), *kept_once(held, shared)]
    found += [Fault(seq, "unsigned", "no checkpoint covers it") for seq in chain if seq > covered]
    if covered > last:
        found.append(Fault(0, "truncated", f"a checkpoint tells of {covered} rows, there are {last}"))
    if any(len(signed_twice) > 1 for signed_twice in roots.values()):
        found.append(Fault(0, "forked", "two checkpoints sign other rows as the first"))
    peaks: Peaks = []
    for size, leaf in enumerate(chain.values() if not misplaced else (), start=1):
        grow(peaks, bytes.fromhex(leaf))
        if size in roots and root_of(peaks) not in roots[size]:
            words = f"it, or one since the last checkpoint, is not what the checkpoint of {size} rows signed"
            found.append(Fault(size, "edited", words))
            break
    return sorted({finding[:2]: finding for finding in reversed(found)}.values())


def in_order(rows: list[Row]) -> tuple[dict[int, str], list[Fault]]:
    """Return the hashes of rows by the numbers in their envelopes, and what is not in its place there."""
    links = []  # the number in the envelope, the hash, the hash of the row before, and where the row is stored
    for row in rows:
        said = envelope_of(row)
        links.append((said["seq"], hashlib.sha256(row.envelope).hexdigest(), said["prev"], row.seq))
    named = {prev for _, _, prev, _ in links}
    chain: dict[int, str] = {}
    found, last = [], 0
    for seq, taken, prev, place in sorted(links, key=lambda link: (link[0], link[1] not in named)):
        if seq in chain:
            found.append(Fault(place, "inserted", f"there is another row {seq} that the chain goes on from"))
            continue
        if seq > last + 1:
            found.append(
                Fault(last + 1, "deleted", f"rows {last + 1} to {seq - 1} are missing, and later ones are there")
            )
        if chain.get(seq - 1, prev) != prev:
            found.append(Fault(seq - 1, "edited", f"row {seq} was written after another row than this"))
        chain[seq], last = taken, seq
    if all(finding.verdict == "edited" for finding in found):
        found += [
            Fault(place, "reordered", f"it was written as row {seq}") for seq, _, _, place in links if seq != place
        ]
    return chain, found


def each_by_itself(rows: list[Row]) -> Iterator[Fault]:
    """Yield what is wrong with a row by itself, or with its payload, and what was begun and never ended."""
    erased = {row.about for row in rows if row.kind == "erased"}
    closed = {row.about for row in rows if row.kind in CLOSING}
    for row in rows:
        said = envelope_of(row)
        if hashlib.sha256(row.envelope).digest() != row.hash:
            yield Fault(row.seq, "edited", "it is not what its hash was taken of")
        if any(said.get(name) != getattr(row, name) for name in ("kind", "id", "about", "at")):
            yield Fault(row.seq, "edited", "its columns are not what its envelope says")
        if row.payload is not None and row.payload.hex() != said.get("payload"):
            yield Fault(row.seq, "payload edited", "it is not what the envelope names")
        if row.payload is None and said.get("payload") and row.id not in erased:
            yield Fault(row.seq, "payload missing", "it is not there, and nobody erased it")
        if row.kind == "opened" and row.id not in closed:
            yield Fault(row.seq, "incomplete", "it was begun and never ended: a crash, or it was stopped")


def kept_once(rows: list[Row], shared: Shared) -> Iterator[Fault]:
    """Yield knowledge, and texts that records share, that are missing or not as the chain has them; and foreign knowledge.

    A text that stands in no row is in no record, for each says what it is as a whole.
    """
    kept = shared.texts | shared.knowledge
    named = {name: (row.seq, taken) for row in rows for name, taken in named_in(row)}
    for name, (seq, taken) in named.items():
        if not kept.get(name, "").startswith(taken):
            how, words = ("edited", "what was kept") if name in kept else ("missing", "there")
            yield Fault(seq, f"knowledge {how}", f"{name[:12]} is not {words}")
    foreign = shared.knowledge.keys() - named
    yield from (Fault(0, "knowledge inserted", f"{name[:12]} stands in no row") for name in foreign)


def named_in(row: Row) -> Iterator[tuple[str, str]]:
    """Yield what a row keeps, by name, with the SHA-256 that it has, or the first digits of it."""
    body = envelope_of(row)["body"]
    if row.kind == "knowledge":
        yield str(body.get("digest")), str(body.get("sha256"))
    if row.kind == "advised" and isinstance(body.get("texts", []), list):
        yield from ((str(name), str(name)) for name in body.get("texts", []))


def envelope_of(row: Row) -> dict[str, Any]:
    """Return what is in an envelope; where it was spoilt, no more than its place."""
    with suppress(ValueError, RecursionError):
        found = json.loads(row.envelope)
        form = {"seq": int, "prev": str, "body": dict}
        if isinstance(found, dict) and all(type(found.get(name)) is kind for name, kind in form.items()):
            return found
    return {"seq": row.seq, "prev": "", "body": {}}


# --- the Merkle tree of RFC 6962 -----------------------------------------------------------------------------------


def grow(peaks: Peaks, leaf: bytes) -> None:
    """Add a leaf to a tree."""
    size, node = 1, hashlib.sha256(b"\0" + leaf).digest()
    while peaks and peaks[-1][0] == size:
        node = above(peaks.pop()[1], node)
        size *= 2
    peaks.append((size, node))


def whole_parts(size: int) -> list[int]:
    """Return the sizes of the whole parts of a tree, largest first."""
    return [1 << bit for bit in reversed(range(size.bit_length())) if size >> bit & 1]


def root_of(peaks: Peaks) -> bytes:
    """Return the root of a tree; there is at least one leaf."""
    *rest, (_, found) = peaks
    for _, left in reversed(rest):
        found = above(left, found)
    return found


def above(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over two others."""
    return hashlib.sha256(b"\1" + left + right).digest()


def split(size: int) -> int:
    """Return how many leaves are in the left part of a tree: the largest power of two below its size."""
    return 1 << (size - 1).bit_length() - 1


def root_over(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root to which the audit path of a leaf leads (2.1.1); raise ValueError for a path of another length."""
    if size == 1 and not path:
        return hashlib.sha256(b"\0" + leaf).digest()
    *below, beside = path
    k = split(size)
    if index < k:
        return above(root_over(leaf, index, k, below), beside)
    return above(beside, root_over(leaf, index - k, size - k, below))


def roots_over(known: list[bytes], old: int, size: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Return the older and the newer root to which a consistency path leads (2.1.2); raise ValueError as `root_over`.

    `known` is the older root as long as the older tree may be a whole part of the newer: the path does not repeat it then.
    """
    if old == size:
        (node,) = (*known, *path)
        return node, node
    *below, beside = path
    k = split(size)
    if old <= k:
        first, then = roots_over(known, old, k, below)
        return first, above(then, beside)
    first, then = roots_over([], old - k, size - k, below)
    return above(beside, first), above(beside, then)


def proven(proof: str, key: str, notes: Iterable[str]) -> str:
    """Return what a proof proves of a row, or of a checkpoint and an older one among the notes; else raise ValueError."""
    head, _, note = proof.partition("\n\n")
    told = dict(line.split(" ", 1) for line in head.split("\n") if " " in line)
    path = [base64.b64decode(line) for line in head.split("\n") if " " not in line and "@" not in line]
    [(size, [root])] = signed([note], key, ed25519)[0].items()
    if "old" in told:
        old = int(told["old"])
        if any(
            roots_over([one], old, size, path) == (one, root) for one in signed(notes, key, ed25519)[0].get(old, ())
        ):
            return f"the first {size} rows go on from the first {old}"
    else:
        envelope, index = base64.b64decode(told["extra"]), int(told["index"])
        if 0 <= index < size and root_over(hashlib.sha256(envelope).digest(), index, size, path) == root:
            return f"row {index + 1} is one of the first {size}: {envelope.decode()}"
    raise ValueError("not proven")


# --- signed notes (C2SP) and Ed25519 (RFC 8032) --------------------------------------------------------------------


def notes_in(text: str) -> list[str]:
    """Return the notes that stand one after another in a text."""
    return [note.lstrip("\n") for note in re.findall(r"(?:.*\n)+?\n(?:\u2014 .*\n)+", text)]


def signed(notes: Iterable[str], key: str, verifies: Verifies) -> tuple[Roots, list[Fault]]:
    """Return the roots that notes sign, by how many rows they are over, and the notes that the key did not sign."""
    name, _, encoded = key.strip().split("+", 2)
    public = base64.b64decode(encoded)[1:]
    key_id, known = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4], re.escape(name)
    form = re.compile(
        rf"({known}\n(\d+)\n([\w+/]{{43}}=)\n(?:.+\n)*)\n(?:.*\n)*?\u2014 {known} ([\w+/]{{91}}=)\n", re.ASCII
    )
    roots: Roots = {}
    forged = []
    for note in dict.fromkeys(notes):
        text, size, root, signature = found.groups() if (found := form.match(note)) else ("", "0", "", "")
        raw = base64.b64decode(signature)
        if raw[:4] == key_id and verifies(public, text.encode(), raw[4:]):
            roots.setdefault(int(size), []).append(base64.b64decode(root))
        else:
            said = ascii(" ".join(note.split("\n")[:2])[:60])
            forged.append(Fault(0, "forged checkpoint", f"{said} is not signed with the key {name}"))
    return roots, forged


P = 2**255 - 19  # the field of the curve
Q = 2**252 + 27742317777372353535851937790883648493  # the order of its base point
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1
Point = tuple[int, int, int, int]  # x/z, y/z, z, xy/z


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature is that of a message."""
    point, r, s = _point(public), signature[:32], int.from_bytes(signature[32:], "little")
    if point is None or len(public) != 32 or len(signature) != 64 or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % Q
    x, y, z, _ = _plus(_times(s, BASE), _times(Q - h, point))
    x, y = x * pow(z, -1, P) % P, y * pow(z, -1, P) % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == r


def _point(encoded: bytes) -> Point | None:
    sign, y = divmod(int.from_bytes(encoded, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    if y >= P or x * x % P != square:
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
    for i, power in enumerate(_doubled(point)):
        found = _plus(found, power) if scalar >> i & 1 else found
    return found


@lru_cache(maxsize=4)
def _doubled(point: Point) -> list[Point]:
    """Return a point, its double, its fourfold and so on; a key is asked about many checkpoints."""
    found = [point]
    for _ in range(252):
        found.append(_plus(found[-1], found[-1]))
    return found


BASE = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


# --- reading -------------------------------------------------------------------------------------------------------


def from_sqlite(path: Path) -> tuple[list[Row], list[str], Shared]:
    """Return the rows, the checkpoints and what is kept once of a journal in SQLite."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
        stored = base.execute("SELECT seq, salt, content FROM payloads")
        kept = {seq: taken_of(salt, content) for seq, salt, content in stored}
        rows = base.execute("SELECT seq, kind, id, about, at, envelope, hash FROM records ORDER BY seq")
        notes = base.execute("SELECT note FROM checkpoints ORDER BY size")
        found = [Row._make((*row, kept.get(row[0]))) for row in rows], [note for (note,) in notes]
        bases, texts = (base.execute(f"SELECT * FROM {name}").fetchall() for name in ("knowledge", "texts"))
        return *found, shared_of({digest: opened(content) for digest, content in bases}, dict(texts))


def from_export(path: Path) -> tuple[list[Row], list[str], Shared]:
    """Return the rows, the checkpoints and what is kept once of an exported journal."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if len(set(names)) < len(names):
            raise ValueError("a file is in it twice")
        lines = archive.read("records.ndjson").decode().splitlines()
        notes = notes_in(archive.read("checkpoints.txt").decode())
        bases = {Path(name).stem: archive.read(name) for name in names if name.startswith("knowledge/")}
        shared = shared_of(bases, json.loads(archive.read("texts.json")))
    return [_row(**json.loads(line)) for line in lines], notes, shared


def shared_of(bases: dict[str, bytes], texts: dict[str, str]) -> Shared:
    """Return the SHA-256 of what is kept once for many records."""
    contents = {name: text.encode() for name, text in texts.items()}
    taken = [{name: hashlib.sha256(kept[name]).hexdigest() for name in kept} for kept in (bases, contents)]
    return Shared(*taken)


def opened(content: bytes) -> bytes:
    """Return knowledge as it was before it was compressed; what was spoilt as it is."""
    with suppress(zlib.error):
        return zlib.decompress(content)
    return content


def _row(envelope: str, hash: str, payload: list[str] | None, **plain: Any) -> Row:
    taken = taken_of(*map(base64.b64decode, payload)) if payload else None
    return Row(**plain, envelope=base64.b64decode(envelope), hash=base64.b64decode(hash), payload=taken)


def taken_of(salt: bytes, content: bytes) -> bytes:
    """Return the SHA-256 of a payload as it is stored."""
    return hashlib.sha256(salt + content).digest()


def main(path: Path, key: str, elsewhere: list[str]) -> int:
    """Print what is wrong with a journal, or what a proof proves; return 1 when something is, or it proves nothing."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start in (b"c2sp", b"old "):
        told = "not proven"
        with suppress(ValueError, KeyError):  # what has not the form of a proof proves nothing
            told = proven(path.read_text(encoding="utf-8"), key, elsewhere)
        print(told)  # noqa: T201  # a program of its own
        return int(told == "not proven")
    rows, notes, shared = from_export(path) if zipfile.is_zipfile(path) else from_sqlite(path)
    found = check(rows, [*notes, *elsewhere], shared, key)
    print(*found, f"{len(rows)} rows, {len(notes)} checkpoints, {len(found)} findings", sep="\n")  # noqa: T201
    return int(bool(found))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(f"{__doc__}".partition("\n")[0])
    try:
        kept = [note for file in sys.argv[3:] for note in notes_in(Path(file).read_text(encoding="utf-8"))]
        sys.exit(main(Path(sys.argv[1]), sys.argv[2], kept))
    except (OSError, ValueError, KeyError, TypeError, sqlite3.Error) as problem:
        sys.exit(f"this is no journal, export or proof, or no public key as NAME+ID+BASE64: {problem}")
