"""Every kind of tampering with a journal is found and rightly named: by metspine, and by the verifier that needs nothing."""

import base64
import doctest
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.canonical_json import canonical
from knowledge_base.text.errors import Invalid
from metspine.journal import offline
from metspine.journal.database import FORMAT
from metspine.journal.export import export
from metspine.journal.keys import Key, checkpoint, is_signed
from metspine.journal.offline import Stored, check, ed25519, extends, grow, includes, notes_in, proven, root_of
from metspine.journal.proofs import consistency, extension, inclusion, path
from metspine.journal.store import Journal, Unwritten
from metspine.journal.verification import findings
from metspine.library import LIBRARY

PAGE = Path(__file__).parents[3] / "docs" / "journal.md"
TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"


def tamper(folder, *statements):
    """Change a journal as somebody would who has its file: without its triggers, which are put back."""
    with sqlite3.connect(folder / "j.db") as base:
        triggers = base.execute(TRIGGERS).fetchall()
        for name, _ in triggers:
            base.execute(f"DROP TRIGGER {name}")
        for statement, *values in statements:
            base.execute(statement, values)
        for _, made in triggers:
            base.execute(made)
    base.close()


def envelope_of(folder, seq):
    with sqlite3.connect(folder / "j.db") as base:
        (found,) = base.execute("SELECT envelope FROM records WHERE seq = ?", (seq,)).fetchone()
    base.close()
    return json.loads(found)


def rewritten(folder, seq, change):
    """Return statements that change an envelope and write its hash anew."""
    envelope = envelope_of(folder, seq)
    change(envelope)
    content = canonical(envelope)
    taken = hashlib.sha256(content).digest()
    return ("UPDATE records SET envelope = ?, hash = ? WHERE seq = ?", content, taken, seq)


def chain_rewritten(folder, first, change):
    """Return statements that change a row and write every hash after it anew, as a forger does without the key."""
    statements, before = [], None
    for seq in range(first, 8):
        envelope = envelope_of(folder, seq)
        if before is None:
            change(envelope)
        else:
            envelope["prev"] = before
        content = canonical(envelope)
        before = hashlib.sha256(content).hexdigest()
        statements.append(
            ("UPDATE records SET envelope = ?, hash = ? WHERE seq = ?", content, bytes.fromhex(before), seq)
        )
    return statements


def set_body(name, value):
    return lambda envelope: envelope["body"].update({name: value})


NEW = "INSERT INTO records SELECT {seq}, kind, 'x' || id, about, at, {envelope}, hash FROM records WHERE seq = 3"
TAMPERED = {  # how, and the names of what is found
    "a byte of an envelope": (
        lambda f: [
            ("UPDATE records SET envelope = CAST(replace(envelope, 'advise', 'report') AS BLOB) WHERE seq = 1",)
        ],
        {"edited"},
    ),
    "an envelope and its hash": (lambda f: [rewritten(f, 3, set_body("decision", "0" * 64))], {"edited"}),
    "the last envelope and its hash": (lambda f: [rewritten(f, 7, set_body("decision", "0" * 64))], {"edited"}),
    "an envelope and the chain after it": (
        lambda f: chain_rewritten(f, 3, set_body("decision", "0" * 64)),
        {"edited"},
    ),
    "a key twice in an envelope": (
        lambda f: [
            (
                "UPDATE records SET envelope = CAST('{\"seq\":9,' || substr(CAST(envelope AS TEXT), 2) AS BLOB) "
                "WHERE seq = 2",
            ),
        ],
        {"edited"},
    ),
    "a hash": (lambda f: [("UPDATE records SET hash = zeroblob(32) WHERE seq = 4",)], {"edited"}),
    "the kind in its column": (lambda f: [("UPDATE records SET kind = 'shown' WHERE seq = 1",)], {"edited"}),
    "the time in its column": (lambda f: [("UPDATE records SET at = '2020-01-01' WHERE seq = 3",)], {"edited"}),
    "the id in its column": (lambda f: [("UPDATE records SET id = 'x' WHERE seq = 3",)], {"edited"}),
    "what it is about, in its column": (
        lambda f: [("UPDATE records SET about = 'x' WHERE seq = 5",)],
        {"edited", "incomplete"},
    ),
    "the time": (lambda f: [rewritten(f, 5, lambda e: e.update(at="2020-01-01"))], {"edited"}),
    "who": (lambda f: [rewritten(f, 5, lambda e: e["actor"].update(id="x"))], {"edited"}),
    "a row in the middle": (
        lambda f: [("DELETE FROM records WHERE seq = 4",), ("DELETE FROM payloads WHERE seq = 4",)],
        {"deleted"},
    ),
    "two rows, numbered anew": (
        lambda f: [
            ("DELETE FROM payloads WHERE seq = 5",),
            ("DELETE FROM records WHERE seq IN (4, 5)",),
            ("UPDATE records SET seq = seq - 2 WHERE seq > 5",),
            ("UPDATE payloads SET seq = seq - 2 WHERE seq > 5",),
        ],
        {"deleted", "index edited"},
    ),
    "the first row": (lambda f: [("DELETE FROM records WHERE seq = 1",)], {"deleted"}),
    "the last row": (
        lambda f: [("DELETE FROM payloads WHERE seq = 7",), ("DELETE FROM records WHERE seq = 7",)],
        {"truncated", "incomplete", "index edited"},
    ),
    "the last row and its checkpoint": (
        lambda f: [
            ("DELETE FROM payloads WHERE seq = 7",),
            ("DELETE FROM records WHERE seq = 7",),
            ("DELETE FROM checkpoints WHERE size = 7",),
        ],
        {"truncated", "incomplete", "index edited"},
    ),
    "all rows": (
        lambda f: [("DELETE FROM payloads",), ("DELETE FROM records",)],
        {"truncated", "knowledge inserted", "index edited"},
    ),
    "two rows change places": (
        lambda f: [
            ("UPDATE records SET seq = 99 WHERE seq = 4",),
            ("UPDATE records SET seq = 4 WHERE seq = 6",),
            ("UPDATE records SET seq = 6 WHERE seq = 99",),
        ],
        {"reordered"},
    ),
    "a row below the first": (lambda f: [("UPDATE records SET seq = -1 WHERE seq = 4",)], {"reordered"}),
    "a row far beyond the last": (lambda f: [("UPDATE records SET seq = 1 << 40 WHERE seq = 4",)], {"reordered"}),
    "a row a second time": (
        lambda f: [(NEW.format(seq=8, envelope="envelope"),)],
        {"edited", "inserted", "payload missing"},
    ),
    "a row of another hand at the end": (lambda f: [appended(f)], {"unsigned"}),
    "a payload": (
        lambda f: [("UPDATE payloads SET content = ? WHERE seq = 3", zlib.compress(b"{}"))],
        {"payload edited"},
    ),
    "a salt": (lambda f: [("UPDATE payloads SET salt = zeroblob(32) WHERE seq = 3",)], {"payload edited"}),
    "payloads change places": (
        lambda f: [
            ("UPDATE payloads SET seq = 99 WHERE seq = 3",),
            ("UPDATE payloads SET seq = 3 WHERE seq = 5",),
            ("UPDATE payloads SET seq = 5 WHERE seq = 99",),
        ],
        {"payload edited"},
    ),
    "a payload is gone": (lambda f: [("DELETE FROM payloads WHERE seq = 5",)], {"payload missing", "index edited"}),
    "the root in a checkpoint": (
        lambda f: [
            ("UPDATE checkpoints SET note = ? WHERE size = 7", note_with(f, 2, base64.b64encode(b"0" * 32).decode()))
        ],
        {"forged checkpoint", "tree edited"},
    ),
    "the size in a checkpoint": (
        lambda f: [("UPDATE checkpoints SET note = ? WHERE size = 7", note_with(f, 1, "3"))],
        {"forged checkpoint", "tree edited"},
    ),
    "the time in a checkpoint": (
        lambda f: [("UPDATE checkpoints SET note = ? WHERE size = 7", note_with(f, 3, "time 2020"))],
        {"forged checkpoint", "tree edited"},
    ),
    "a checkpoint of another key": (
        lambda f: [("UPDATE checkpoints SET note = ? WHERE size = 7", foreign_note(f))],
        {"forged checkpoint", "tree edited"},
    ),
    "a checkpoint that is no note": (
        lambda f: [("UPDATE checkpoints SET note = 'yes' WHERE size = 7",)],
        {"forged checkpoint", "tree edited"},
    ),
    "knowledge": (
        lambda f: [("UPDATE knowledge SET content = ?", zlib.compress(b"{}"))],
        {"knowledge edited"},
    ),
    "knowledge is gone": (lambda f: [("DELETE FROM knowledge",)], {"knowledge missing"}),
    "knowledge of nobody": (
        lambda f: [("INSERT INTO knowledge VALUES ('ab', ?)", zlib.compress(b"{}"))],
        {"knowledge inserted"},
    ),
    "the text of a rule": (
        lambda f: [("UPDATE texts SET content = replace(content, 'recommend', 'exclude')",)],
        {"knowledge edited"},
    ),
    "the text of a rule is gone": (
        lambda f: [("DELETE FROM texts WHERE id = (SELECT min(id) FROM texts)",)],
        {"knowledge missing"},
    ),
    "a firing in the index": (
        lambda f: [("DELETE FROM firings WHERE seq = 3 AND rule = (SELECT min(rule) FROM firings WHERE seq = 3)",)],
        {"index edited"},
    ),
    "an outcome in the index": (
        lambda f: [("UPDATE outcomes SET status = 'recommended' WHERE seq = 3",)],
        {"index edited"},
    ),
    "a decision in the index that is none": (
        lambda f: [("INSERT INTO decisions SELECT 1, knowledge, decision, pseudonym FROM decisions WHERE seq = 3",)],
        {"index edited"},
    ),
    "a firing in the index of no row": (
        lambda f: [("INSERT INTO firings VALUES (99, 'NOMS-09', '0', 1)",)],
        {"index edited"},
    ),
    "an override in the index": (
        lambda f: [
            ("INSERT INTO overrides SELECT 1, 'NOMS-09', id, 'L1', 'cebrt', 'other' FROM records WHERE seq = 3",)
        ],
        {"index edited"},
    ),
    "the tree that the next checkpoint grows from": (
        lambda f: [("UPDATE checkpoints SET peaks = ? WHERE size = 7", PEAKS)],
        {"tree edited"},
    ),
    "a checkpoint of later rows": (
        lambda f: [("INSERT INTO checkpoints SELECT 99, peaks, note FROM checkpoints WHERE size = 7",)],
        {"tree edited"},
    ),
    "a table of another hand": (lambda f: [("CREATE TABLE x AS SELECT * FROM meta",)], {"schema edited"}),
    "an envelope that is no object": (
        lambda f: [spoilt(3, b"[3]")],
        {"edited", "payload edited"},
    ),
    "an envelope without end": (
        lambda f: [spoilt(5, b"[" * 10**6)],
        {"edited", "payload edited"},
    ),
    "an envelope with a list for a hash": (
        lambda f: [rewritten(f, 5, lambda e: e.update(prev=["x"]))],
        {"edited", "payload edited"},
    ),
    "an envelope with no record": (
        lambda f: [rewritten(f, 5, lambda e: e["body"].pop("record_sha256"))],
        {"edited"},
    ),
}


PEAKS = canonical([[size, "00" * 32] for size in (4, 2, 1)])


def spoilt(seq, envelope):
    """Return a statement that puts anything in the place of an envelope, with its hash."""
    return ("UPDATE records SET envelope = ?, hash = ? WHERE seq = ?", envelope, hashlib.sha256(envelope).digest(), seq)


def appended(folder):
    """Return a row after the last one that is right in everything, but that no checkpoint signs."""
    with sqlite3.connect(folder / "j.db") as base:
        (last,) = base.execute("SELECT hash FROM records WHERE seq = 7").fetchone()
    base.close()
    at, row_id = "2026-01-01", "0" * 8
    envelope = {
        "schema": FORMAT, "seq": 8, "prev": last.hex(), "kind": "shown", "id": row_id, "about": None,
        "at": at, "actor": {}, "body": {}, "payload": None,
    }  # fmt: skip
    content = canonical(envelope)
    values = (8, "shown", row_id, None, at, content, hashlib.sha256(content).digest())
    return ("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", *values)


def note_with(folder, line, text):
    lines = notes_in((folder / "j.db.checkpoints").read_text(encoding="utf-8"))[-1].split("\n")
    lines[line] = text
    return "\n".join(lines)


def foreign_note(folder):
    name = "hospital.example/spine"
    return checkpoint(Key(name, Ed25519PrivateKey.generate()), 7, b"0" * 32, "2026")


OURS = ("index", "tree", "schema")  # what is of use to metspine alone, and in no export


def names(found):
    return {finding.verdict for finding in found}


def test_what_was_not_touched_is_whole(journal, folder):
    assert findings(journal, replay=True, jobs=2) == []
    told = "7 rows, 7 checkpoints, 0 findings\n"
    assert run_alone(folder / "j.db", journal.verifier, folder / "j.db.checkpoints") == (0, told, "")


def run_alone(*arguments):
    """Run the shipped verifier as an auditor runs it, with Python alone; return its exit code and what it printed."""
    command = [sys.executable, "-I", "-S", offline.__file__, *map(str, arguments)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    return made.returncode, made.stdout, made.stderr


def offline_names(folder, journal, capsys):
    """Return the names of what the shipped verifier prints."""
    code = offline.main(folder / "j.db", journal.verifier, notes_in((folder / "j.db.checkpoints").read_text("utf-8")))
    lines = capsys.readouterr().out.splitlines()
    assert code == (1 if len(lines) > 1 else 0)
    return {line.partition(":")[0] for line in lines[:-1]}


@pytest.mark.parametrize("kind", TAMPERED)
def test_tampering_is_found_and_named(kind, journal, folder, capsys):
    statements, expected = TAMPERED[kind]
    tamper(folder, *statements(folder))
    found = names(findings(journal))
    assert found == expected
    assert offline_names(folder, journal, capsys) == {name for name in expected if not name.startswith(OURS)}


@pytest.mark.slow
@pytest.mark.parametrize("start", range(7))
def test_tampering_is_found_in_the_decisions_of_twenty_patients(start, journal_of, tmp_path):
    """Seven journals of three patients each; every kind of tampering in each, and nothing else is found."""
    cases = sorted(LIBRARY.glob("*.yaml"))[start::7][::25][:3]
    whole = journal_of(cases)
    assert findings(Journal(whole / "j.db", whole / "key"), replay=True) == []
    for kind, (statements, expected) in TAMPERED.items():
        shutil.copytree(whole, folder := tmp_path / "tampered")
        tamper(folder, *statements(folder))
        assert names(findings(Journal(folder / "j.db", folder / "key"))) == expected, (kind, cases)
        shutil.rmtree(folder)


def test_a_journal_begun_anew_is_a_fork(journal, folder, decided, knowledge):
    """Whoever has the key can write another past; a checkpoint that was kept elsewhere tells of the first."""
    kept = (folder / "j.db.checkpoints").read_text(encoding="utf-8")
    for file in folder.glob("j.db*"):
        file.unlink()
    again = Journal.create(folder / "j.db", folder / "key", "hospital.example/spine")
    for answer in reversed(decided):
        again.close(again.open({"command": "advise"}), answer.recorded(), knowledge, {})
    assert findings(again) == []
    (folder / "elsewhere").write_text(kept, encoding="utf-8")
    assert names(findings(again, witness=folder / "elsewhere")) == {"forked"}


def test_a_begun_decision_that_never_ended_is_told(journal):
    journal.open({"command": "advise"})
    assert names(findings(journal)) == {"incomplete"}


def test_a_failed_one_is_complete(journal):
    journal.fail(journal.open({"command": "advise"}), "Invalid")
    assert findings(journal) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET kind = 'shown' WHERE seq = 1",
        "DELETE FROM records WHERE seq = 7",
        "UPDATE payloads SET content = x'00' WHERE seq = 3",
        "DELETE FROM payloads WHERE seq = 3",
        "DELETE FROM knowledge",
        "UPDATE checkpoints SET note = ''",
        "DELETE FROM meta",
        "INSERT INTO records (seq, kind) VALUES ('eight', 'shown')",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_written(statement, folder):
    with sqlite3.connect(folder / "j.db") as base, pytest.raises(sqlite3.IntegrityError):
        base.execute(statement)
    base.close()


def test_another_past_is_not_signed_by_the_next_row(journal, folder):
    """Whoever has the file writes all anew, and waits for the holder of the key to sign: the next writer stops."""
    statements = chain_rewritten(folder, 3, set_body("decision", "0" * 64))
    hashes = [hashlib.sha256(content).digest() for _, content, _, _ in statements]
    leaves = [hashlib.sha256(canonical(envelope_of(folder, seq))).digest() for seq in (1, 2)] + hashes
    peaks = []
    for leaf in leaves:
        grow(peaks, leaf)
    told = canonical([[size, peak.hex()] for size, peak in peaks])
    tamper(folder, *statements, ("UPDATE checkpoints SET peaks = ? WHERE size = 7", told))
    with pytest.raises(Unwritten, match="row 7 is not one that was written here"):
        journal.open({"command": "advise"})
    assert names(findings(journal, index=False)) == {"edited", "tree edited"}


def test_a_journal_with_another_key_is_told_by_who_noted_the_first(journal, folder):
    """A forger signs all anew with a key of his own, and names it in the file."""
    noted, other = journal.verifier, Key("hospital.example/spine", Ed25519PrivateKey.generate())
    notes, peaks = [], []
    for seq in range(1, 8):
        grow(peaks, hashlib.sha256(canonical(envelope_of(folder, seq))).digest())
        notes.append((seq, checkpoint(other, seq, root_of(peaks), "2026")))
    signed_anew = [("UPDATE checkpoints SET note = ? WHERE size = ?", note, seq) for seq, note in notes]
    tamper(folder, *signed_anew, ("UPDATE meta SET value = ? WHERE name = 'key'", other.verifier))
    (folder / "j.db.checkpoints").unlink()
    forged = Journal(folder / "j.db", folder / "key")
    assert findings(forged) == []
    assert names(findings(forged, key=noted)) == {"forged checkpoint", "unsigned"}


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM meta WHERE name = 'witness'", "in the table meta there is no witness"),
        ("UPDATE meta SET value = 'x' WHERE name = 'pseudonyms'", "pseudonyms is no secret any more"),
        ("UPDATE meta SET value = 'x' WHERE name = 'key'", "is no public key"),
    ],
)
def test_what_a_journal_says_of_itself_is_missed(statement, told, folder):
    tamper(folder, (statement,))
    with pytest.raises(Invalid, match=told):
        findings(Journal(folder / "j.db", folder / "key"))


def test_a_row_of_another_hand_is_not_signed_over(journal, folder):
    """A writer that finds a row it did not write stops; else its next checkpoint would vouch for it."""
    tamper(folder, appended(folder))
    with pytest.raises(Unwritten, match="row 8 is not one that was written here"):
        journal.open({"command": "advise"})


def test_an_export_is_verified_with_python_alone(journal, folder):
    export(journal, folder / "j.zip")
    assert run_alone(folder / "j.zip", journal.verifier) == (0, "8 rows, 8 checkpoints, 0 findings\n", "")


def test_a_record_is_whole_again_as_the_page_of_the_journal_says(journal, folder, monkeypatch):
    export(journal, folder / "journal.zip")
    monkeypatch.chdir(folder)
    (shown,) = re.findall(r"```pycon\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    told = doctest.DocTestParser().get_doctest(shown, {}, "journal.md", None, None)
    assert doctest.DocTestRunner(verbose=False).run(told) == (0, 8)


# --- the parts, beside other programs ------------------------------------------------------------------------------


@pytest.mark.parametrize("verifies", [ed25519, is_signed])
@given(message=st.binary(max_size=200))
def test_signatures_are_those_of_another_program(verifies, message):
    private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(message).digest())
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert verifies(public, message, signature)
    assert not verifies(public, message + b"x", signature)
    assert not verifies(public, message, signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not verifies(hashlib.sha256(public).digest(), message, signature)


def merkle(leaves):
    """Return the root as RFC 6962 (2.1) defines it, by its own words."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + merkle(leaves[:k]) + merkle(leaves[k:])).digest()


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 31, 100])
def test_the_tree_is_that_of_rfc_6962(size):
    leaves = [hashlib.sha256(bytes([i])).digest() for i in range(size)]
    peaks = []
    for leaf in leaves:
        grow(peaks, leaf)
    assert root_of(peaks) == merkle(leaves)
    assert sum(part for part, _ in peaks) == size


def proves(told, *asked):
    """Tell whether a path proves something, where it has the length to."""
    with suppress(ValueError):
        return told(*asked)
    return False


LEAVES = [hashlib.sha256(bytes([i])).digest() for i in range(33)]
ROOTS = [merkle(LEAVES[:size]) for size in range(34)]


@pytest.mark.parametrize("size", range(1, 34))
def test_a_row_is_proven_at_its_place_alone(size):
    for index, leaf in enumerate(LEAVES[:size]):
        found = path(index, LEAVES[:size])
        assert [other for other in range(size) if proves(includes, size, ROOTS[size], other, leaf, found)] == [index]
        assert not proves(includes, size, ROOTS[size], index, leaf, [*found, leaf])
        assert not proves(includes, size, ROOTS[size], index, leaf, found[:-1]) or not found
        assert not proves(includes, size, ROOTS[size - 1], index, leaf, found)
        assert not proves(includes, size, ROOTS[size], index, b"", found)


@pytest.mark.parametrize("size", range(2, 34))
def test_a_tree_goes_on_from_every_older_one_and_from_no_other(size):
    for old in range(1, size):
        found = extension(old, LEAVES[:size])
        assert [n for n in range(1, 34) if proves(extends, size, ROOTS[size], n, ROOTS[n], found)] == [old]
        assert not proves(extends, size, ROOTS[size], old, ROOTS[old], found[:-1])
        assert not proves(extends, size, ROOTS[size], old, ROOTS[old], [*found, found[0]])
        assert not proves(extends, size, ROOTS[size - 1], old, ROOTS[old], found)


def offline_proof(folder, journal, proof):
    (folder / "proof").write_text(proof, encoding="utf-8")
    code, told, problem = run_alone(folder / "proof", journal.verifier, folder / "j.db.checkpoints")
    assert problem == ""
    return code, told


@pytest.mark.parametrize(("file", "key"), [("none", None), ("key", None), ("j.db", "a key"), ("j.db", "a+b+c")])
def test_what_is_no_journal_or_no_key_is_told_in_a_line(file, key, journal, folder):
    code, told, problem = run_alone(folder / file, key or journal.verifier)
    assert (code, told) == (1, "")
    assert problem.startswith("this is no journal, export or proof, or no public key")
    assert problem.count("\n") == 1


def test_proofs_are_verified_with_python_alone(journal, folder):
    code, told = offline_proof(folder, journal, inclusion(journal, 3))
    assert (code, told.partition(":")[0]) == (0, "row 3 is one of the first 7")
    assert json.loads(told.partition(": ")[2]) == envelope_of(folder, 3)
    assert offline_proof(folder, journal, consistency(journal, 5)) == (0, "the first 7 rows go on from the first 5\n")


@pytest.mark.parametrize("line", range(9))
def test_an_altered_proof_proves_nothing(line, journal):
    notes = notes_in(journal.witness.read_text(encoding="utf-8"))
    for proof in (inclusion(journal, 3), consistency(journal, 5)):
        lines = proof.split("\n")
        if line < len(lines) and lines[line] and "@" not in lines[line]:
            lines[line] = lines[line][:-1] + ("A" if lines[line][-1] != "A" else "B")
            try:
                raise AssertionError(proven("\n".join(lines), journal.verifier, notes))
            except (ValueError, KeyError):
                continue  # `main` tells it as not proven


def test_a_proof_of_another_key_proves_nothing(journal):
    other = Key("hospital.example/spine", Ed25519PrivateKey.generate())
    with pytest.raises(ValueError, match="not enough"):
        proven(inclusion(journal, 3), other.verifier, [])


def test_without_rows_nothing_is_wrong():
    assert check(Stored([], [], {}, {}), Key("a", Ed25519PrivateKey.generate()).verifier) == []
