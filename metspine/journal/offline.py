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
from functools import lru_cache, reduce
from itertools import accumulate, repeat
from pathlib import Path
from typing import Any, NamedTuple

CLOSING = ("advised", "cohort", "failed")
Verifies = Callable[[bytes, bytes, bytes], bool]  # the public key, the message and the signature
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


class Stored(NamedTuple):
    """What a journal holds: rows, checkpoints, and the SHA-256 of knowledge and of texts by what each is called."""

    rows: list[Row]
    notes: list[str]
    knowledge: dict[str, str]
    texts: dict[str, str]


class Fault(NamedTuple):
    """What is wrong, with its name, and the row it is about (0: none of them)."""

    seq: int
    verdict: str
    words: str

    def __str__(self) -> str:
        return f"{self.verdict}: {f'row {self.seq}: ' if self.seq else ''}{self.words}"


def check(stored: Stored, key: str, verifies: Verifies | None = None) -> list[Fault]:
    """Return what is wrong with a journal by its public key; one of a kind for a row."""
    rows = sorted(stored.rows, key=lambda row: row.seq)
    roots, found = signed(stored.notes, key, verifies or ed25519)
    chain, misplaced = in_order(rows)
    last, covered = max(chain, default=0), max(roots, default=0)
    found += [*misplaced, *each_by_itself(rows), *kept_once(stored)]
    found += [Fault(seq, "unsigned", "no checkpoint covers it") for seq in chain if seq > covered]
    if covered > last:
        found.append(Fault(0, "truncated", f"a checkpoint tells of {covered} rows, there are {last}"))
    if any(len(signed_twice) > 1 for signed_twice in roots.values()):
        found.append(Fault(0, "forked", "two checkpoints sign other rows as the first"))
    peaks: Peaks = []
    for size, leaf in enumerate(chain.values() if not misplaced else (), start=1):
        grow(peaks, leaf)
        if size in roots and root_of(peaks) not in roots[size]:
            words = f"it, or one since the last checkpoint, is not what the checkpoint of {size} rows signed"
            found.append(Fault(size, "edited", words))
            break
    return sorted({finding[:2]: finding for finding in reversed(found)}.values())


def in_order(rows: list[Row]) -> tuple[dict[int, bytes], list[Fault]]:
    """Return the hashes of rows by the numbers in their envelopes, and what is not in its place there."""
    links = [(said["seq"], sha256(row.envelope), said["prev"], row.seq) for row in rows for said in [envelope_of(row)]]
    named = {prev for _, _, prev, _ in links}
    chain: dict[int, bytes] = {}
    found, last = [], 0
    for seq, taken, prev, place in sorted(links, key=lambda link: (link[0], link[1].hex() not in named)):
        if seq in chain:
            found.append(Fault(place, "inserted", f"there is another row {seq} that the chain goes on from"))
            continue
        if seq > last + 1:
            words = f"rows {last + 1} to {seq - 1} are missing, and later ones are there"
            found.append(Fault(last + 1, "deleted", words))
        if seq - 1 in chain and chain[seq - 1].hex() != prev:
            found.append(Fault(seq - 1, "edited", f"row {seq} was written after another row than this"))
        chain[seq], last = taken, seq
    if all(finding.verdict == "edited" for finding in found):
        moved = ((seq, place) for seq, _, _, place in links if seq != place)
        found += [Fault(place, "reordered", f"it was written as row {seq}") for seq, place in moved]
    return chain, found


def each_by_itself(rows: list[Row]) -> Iterator[Fault]:
    """Yield what is wrong with a row by itself, or with its payload, and what was begun and never ended."""
    erased = {row.about for row in rows if row.kind == "erased"}
    closed = {row.about for row in rows if row.kind in CLOSING}
    for row in rows:
        said = envelope_of(row)
        if sha256(row.envelope) != row.hash:
            yield Fault(row.seq, "edited", "it is not what its hash was taken of")
        if any(said.get(name) != getattr(row, name) for name in ("kind", "id", "about", "at")):
            yield Fault(row.seq, "edited", "its columns are not what its envelope says")
        if row.payload is not None and row.payload.hex() != said.get("payload"):
            yield Fault(row.seq, "payload edited", "it is not what the envelope names")
        if row.payload is None and said.get("payload") and row.id not in erased:
            yield Fault(row.seq, "payload missing", "it is not there, and nobody erased it")
        if row.kind == "opened" and row.id not in closed:
            yield Fault(row.seq, "incomplete", "it was begun and never ended: a crash, or it was stopped")


def kept_once(stored: Stored) -> Iterator[Fault]:
    """Yield knowledge, and texts that records share, that are missing or not as the chain has them; and foreign knowledge.

    A text that stands in no row is in no record, for each says what it is as a whole.
    """
    kept, named = stored.texts | stored.knowledge, {}
    for row in stored.rows:
        body = envelope_of(row)["body"]
        if row.kind == "knowledge":
            named[str(body.get("digest"))] = row.seq, str(body.get("sha256"))
        if row.kind == "advised" and isinstance(
            texts := body.get("texts"), list
        ):  # called by the first of their digits
            named |= {str(name): (row.seq, str(name)) for name in texts}
    for name, (seq, taken) in named.items():
        if not kept.get(name, "").startswith(taken):
            how, words = ("edited", "what was kept") if name in kept else ("missing", "there")
            yield Fault(seq, f"knowledge {how}", f"{name[:12]} is not {words}")
    for name in stored.knowledge.keys() - named:
        yield Fault(0, "knowledge inserted", f"{name[:12]} stands in no row")


def envelope_of(row: Row) -> dict[str, Any]:
    """Return what is in an envelope; where it was spoilt, no more than its place."""
    with suppress(ValueError, RecursionError):
        found = json.loads(row.envelope)
        if isinstance(found, dict) and [type(found.get(name)) for name in ("seq", "prev", "body")] == [int, str, dict]:
            return found
    return {"seq": row.seq, "prev": "", "body": {}}


# --- the Merkle tree of RFC 6962 -----------------------------------------------------------------------------------


def sha256(*parts: bytes) -> bytes:
    """Return the SHA-256 of parts as one."""
    return hashlib.sha256(b"".join(parts)).digest()


def grow(peaks: Peaks, leaf: bytes) -> None:
    """Add a leaf to a tree."""
    size, node = 1, sha256(b"\0", leaf)
    while peaks and peaks[-1][0] == size:
        size, node = 2 * size, sha256(b"\1", peaks.pop()[1], node)
    peaks.append((size, node))


def root_of(peaks: Peaks) -> bytes:
    """Return the root of a tree; there is at least one leaf."""
    return reduce(lambda right, left: sha256(b"\1", left, right), [node for _, node in reversed(peaks)])


def climb(node: bytes, index: int, last: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Return the roots to which a path leads from a node: of the tree up to it, and of the whole (RFC 9162, 2.1).

    The node stands at `index` of its level, whose last is at `last`. In the path come first the nodes beside its way up to
    where the way of the last one joins it, then those to the left of both. Raises ValueError for a path of another length.
    """
    inner = (index ^ last).bit_length()
    if len(path) != inner + (index >> inner).bit_count():
        raise ValueError("the path has another length")
    older = newer = node
    for i, beside in enumerate(path):
        if i >= inner or index >> i & 1:
            older, newer = sha256(b"\1", beside, older), sha256(b"\1", beside, newer)
        else:
            newer = sha256(b"\1", newer, beside)
    return older, newer


def includes(size: int, root: bytes, index: int, leaf: bytes, path: list[bytes]) -> bool:
    """Tell whether an audit path proves that a leaf is at a place of a tree; raise ValueError as `climb`."""
    return 0 <= index < size and climb(sha256(b"\0", leaf), index, size - 1, path)[1] == root


def extends(size: int, root: bytes, old: int, known: bytes, path: list[bytes]) -> bool:
    """Tell whether a path proves that a tree goes on from an older one of a known root; raise ValueError as `climb`."""
    if not 0 < old < size:
        return False
    index, last = old - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    node, *beside = path if index else [known, *path]  # one that is a whole part of the newer is not repeated
    return climb(node, index, last, beside) == (known, root)


def proven(proof: str, key: str, notes: Iterable[str]) -> str:
    """Return what a proof proves of a row, or of a checkpoint and an older one among the notes; else raise ValueError."""
    head, _, note = proof.partition("\n\n")
    told = dict(line.split(" ", 1) for line in head.split("\n") if " " in line)
    path = [base64.b64decode(line) for line in head.split("\n") if " " not in line and "@" not in line]
    [(size, [root])] = signed([note], key, ed25519)[0].items()
    if "old" in told:
        old = int(told["old"])
        if any(extends(size, root, old, known, path) for known in signed(notes, key, ed25519)[0].get(old, ())):
            return f"the first {size} rows go on from the first {old}"
    else:
        envelope, index = base64.b64decode(told["extra"]), int(told["index"])
        if includes(size, root, index, sha256(envelope), path):
            return f"row {index + 1} is one of the first {size}: {envelope.decode()}"
    raise ValueError("not proven")


# --- signed notes (C2SP) and Ed25519 (RFC 8032) --------------------------------------------------------------------


def notes_in(text: str) -> list[str]:
    """Return the notes that stand one after another in a text."""
    return [note.lstrip("\n") for note in re.findall(r"(?:.*\n)+?\n(?:\u2014 .*\n)+", text)]


def signed(notes: Iterable[str], key: str, verifies: Verifies) -> tuple[dict[int, list[bytes]], list[Fault]]:
    """Return the roots that notes sign, by how many rows they are over, and the notes that the key did not sign."""
    name, _, encoded = key.strip().split("+", 2)
    public, known = base64.b64decode(encoded)[1:], re.escape(name)
    key_id = sha256(name.encode(), b"\n\x01", public)[:4]
    form = re.compile(
        rf"({known}\n(\d+)\n([\w+/]{{43}}=)\n(?:.+\n)*)\n(?:.*\n)*?\u2014 {known} ([\w+/]{{91}}=)\n", re.ASCII
    )
    roots: dict[int, list[bytes]] = {}
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
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P  # the power is the root of -1
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
    return reduce(_plus, (double for i, double in enumerate(_doubled(point)) if scalar >> i & 1), (0, 1, 1, 0))


@lru_cache(maxsize=4)
def _doubled(point: Point) -> list[Point]:
    """Return a point, its double, its fourfold and so on; a key is asked about many checkpoints."""
    return list(accumulate(repeat(point, 253), lambda last, _: _plus(last, last)))


BASE = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


# --- reading -------------------------------------------------------------------------------------------------------


def from_sqlite(path: Path) -> Stored:
    """Return what a journal in SQLite holds."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
        stored = base.execute("SELECT seq, salt, content FROM payloads")
        kept = {seq: sha256(salt, content) for seq, salt, content in stored}
        rows = base.execute("SELECT seq, kind, id, about, at, envelope, hash FROM records")
        found = [Row._make((*row, kept.get(row[0]))) for row in rows]
        notes = [note for (note,) in base.execute("SELECT note FROM checkpoints ORDER BY size")]
        bases, texts = (base.execute(f"SELECT * FROM {name}").fetchall() for name in ("knowledge", "texts"))
    return Stored(found, notes, digests((name, opened(content)) for name, content in bases), digests(texts))


def from_export(path: Path) -> Stored:
    """Return what an exported journal holds."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if len(set(names)) < len(names):
            raise ValueError("a file is in it twice")
        rows = [_row(**json.loads(line)) for line in archive.read("records.ndjson").decode().splitlines()]
        notes = notes_in(archive.read("checkpoints.txt").decode())
        bases = [(Path(name).stem, archive.read(name)) for name in names if name.startswith("knowledge/")]
        return Stored(rows, notes, digests(bases), digests(json.loads(archive.read("texts.json")).items()))


def digests(contents: Iterable[tuple[str, bytes | str]]) -> dict[str, str]:
    """Return the SHA-256 of contents by what each is called."""
    return {name: sha256(kept.encode() if isinstance(kept, str) else kept).hex() for name, kept in contents}


def opened(content: bytes) -> bytes:
    """Return knowledge as it was before it was compressed; what was spoilt as it is."""
    with suppress(zlib.error):
        return zlib.decompress(content)
    return content


def _row(payload: list[str] | None, envelope: str, hash: str, **plain: Any) -> Row:
    taken = sha256(*map(base64.b64decode, payload)) if payload else None
    return Row(**plain, envelope=base64.b64decode(envelope), hash=base64.b64decode(hash), payload=taken)


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
    stored = from_export(path) if zipfile.is_zipfile(path) else from_sqlite(path)
    found = check(stored._replace(notes=[*stored.notes, *elsewhere]), key)
    print(*found, f"{len(stored.rows)} rows, {len(stored.notes)} checkpoints, {len(found)} findings", sep="\n")  # noqa: T201
    return int(bool(found))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(f"{__doc__}".partition("\n")[0])
    try:
        kept = [note for file in sys.argv[3:] for note in notes_in(Path(file).read_text(encoding="utf-8"))]
        sys.exit(main(Path(sys.argv[1]), sys.argv[2], kept))
    except (OSError, ValueError, KeyError, TypeError, sqlite3.Error) as problem:
        sys.exit(f"this is no journal, export or proof, or no public key as NAME+ID+BASE64: {problem}")
