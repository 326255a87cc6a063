"""What a journal is for: to keep before anything is shown, to find, explain, recall, override and erase."""

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from random import Random

import pytest
from typer.testing import CliRunner

import metspine
from knowledge_base import Invalid, load
from knowledge_base.loading.bundle import Bundle, read_bundle
from knowledge_base.loading.frameworks import DEFAULT
from metspine.cli.app import app
from metspine.intervals import newcombe, wilson
from metspine.journal.keys import read_key
from metspine.journal.queries import Sought, events, find, knowledge_by_digest, record_of_row, stored
from metspine.journal.recall import as_csv, recall
from metspine.journal.recall_page import page, summary
from metspine.journal.retention import expired
from metspine.journal.rule_use import RuleUse, drifted, rules
from metspine.journal.store import KEY, Journal, Unwritten
from metspine.journal.verification import findings, size_of
from metspine.library import LIBRARY

NAMES = ("noms-n9", "two-lesions", "noms-n1")
CASE = LIBRARY / "noms-n9.yaml"


@pytest.fixture
def run(monkeypatch, folder):
    """A function that runs a command line with the journal in the folder."""
    monkeypatch.setenv(KEY, str(folder / "key"))

    def called(*arguments, journal=folder / "j.db"):
        return CliRunner().invoke(app, ["--journal", str(journal), *map(str, arguments)])

    return called


@pytest.fixture(scope="module")
def corrected(tmp_path_factory):
    """The knowledge in which NOMS-09 recommends something else."""
    home = tmp_path_factory.mktemp("corrected") / "noms"
    shutil.copytree(DEFAULT, home)
    file = home / "rules" / "noms_table.yaml"
    text = file.read_text(encoding="utf-8")
    head, mark, rest = text.partition("- id: NOMS-09\n")
    rest = rest.replace("pathway: separation_surgery_then_sbrt", "pathway: cebrt", 1)
    file.write_text(head + mark + rest, encoding="utf-8")
    return load(home)


# --- keeping -------------------------------------------------------------------------------------------------------


def test_what_is_shown_is_kept_first_to_the_byte(run, journal):
    shown = run("advise", CASE, "--no-settle", "--format", "json")
    assert shown.exit_code == 0
    *_, last = find(journal, Sought())
    seq, row_id, content = record_of_row(journal, last.id)
    assert json.loads(content)["advice"] == json.loads(shown.stdout)
    (begun,) = [row for row in events_of(journal) if row["id"] == about(journal, row_id)]
    assert (begun["kind"], begun["body"]["command"]) == ("opened", "advise")
    from hashlib import sha256

    (kept,) = [row for row in events_of(journal) if row["seq"] == seq]
    assert kept["body"]["displayed"] == {"json": sha256(shown.stdout.encode()).hexdigest()}
    assert findings(journal) == []


def events_of(journal):
    with sqlite3.connect(journal.where) as base:
        found = [json.loads(envelope) for (envelope,) in base.execute("SELECT envelope FROM records ORDER BY seq")]
    base.close()
    return found


def about(journal, row_id):
    return next(row["about"] for row in events_of(journal) if row["id"] == row_id)


def test_nothing_in_the_chain_names_the_patient(journal):
    text = json.dumps(events_of(journal))
    assert "noms-n9" not in text
    assert "renal" not in text


def test_a_journal_is_verified_by_the_key_that_was_noted(run, journal):
    assert run("journal", "verify", "--key", journal.verifier).stdout == "7 rows, 0 findings\n"
    assert "is no public key, which is NAME+ID+BASE64" in str(run("journal", "verify", "--key", "a+b").exception)


def test_a_mistake_of_the_user_is_a_failed_attempt_and_no_finding(run, journal, tmp_path):
    (bad := tmp_path / "bad.yaml").write_text("case: x\nlesions: [{id: T8, escc_grad: 3}]\n", encoding="utf-8")
    assert run("advise", bad).exit_code != 0
    assert events_of(journal)[-1]["kind"] == "failed"
    assert findings(journal) == []


@pytest.mark.parametrize("how", ["no journal", "no key", "another key", "a disk that is full"])
def test_what_cannot_be_kept_is_not_shown(how, run, journal, folder, monkeypatch, decided, knowledge):
    if how == "no journal":
        result = run("advise", CASE, "--no-settle", journal=folder / "none.db")
        assert "there is no journal; make one with `metspine journal init FILE`" in str(result.exception)
    elif how == "a disk that is full":
        begun = journal.open({})
        monkeypatch.setattr(Journal, "witness", folder)  # a folder cannot be written as a file
        with pytest.raises(Unwritten, match="so nothing is shown"):
            journal.close(begun, decided[0].recorded(), knowledge, {})
        return
    else:
        if how == "no key":
            (folder / "key").unlink()
        else:
            Journal.create(folder / "other.db", folder / "other.key")
            monkeypatch.setenv(KEY, str(folder / "other.key"))
        result = run("advise", CASE, "--no-settle")
    assert result.exit_code != 0
    assert isinstance(result.exception, Invalid)
    assert "separation" not in result.stdout


def test_a_full_disk_stops_the_advice(folder, decided, knowledge):
    """SQLite itself is told that the disk ends here."""
    journal = Journal(folder / "j.db", folder / "key")
    begun = journal.open({})
    from sqlalchemy import event

    @event.listens_for(journal.engine, "connect")
    def full(connection, _):
        connection.execute("PRAGMA max_page_count = 1")

    with pytest.raises(Unwritten, match="full"):
        journal.close(begun, decided[0].recorded(), knowledge, {})
    again = Journal(folder / "j.db", folder / "key")
    assert [finding.verdict for finding in findings(again)] == ["incomplete"]


def test_two_writers_that_first_use_a_knowledge_at_once_both_write(tmp_path, decided, knowledge):
    """The second finds it kept while it was about to keep it itself."""
    first, second = Journal.create(tmp_path / "j.db", tmp_path / "key"), Journal(tmp_path / "j.db", tmp_path / "key")

    class Slow(Bundle):
        def content(self):
            second.keep(knowledge.digest, knowledge)
            return super().content()

    bundle = Slow(*vars(Bundle.of(knowledge)).values())
    first.close(first.open({}), decided[0].recorded(), knowledge, {}, bundle)
    assert findings(first) == []
    assert [row["kind"] for row in events_of(first)] == ["opened", "knowledge", "advised"]


def test_the_key_is_for_its_owner_alone(folder):
    assert (folder / "key").stat().st_mode & 0o077 == 0
    assert (folder / "j.db").stat().st_mode & 0o077 == 0
    (folder / "key").chmod(0o644)
    with pytest.raises(Invalid, match="can be read by others"):
        read_key(folder / "key", "x")


KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from sqlalchemy import event
from engine.record import read_record
from knowledge_base import load
from metspine.journal.store import Journal, Unwritten
where, record, key = map(Path, sys.argv[1:4])
writers, times, is_full = map(int, sys.argv[4:])
journal, knowledge, held = Journal(where, key), load(), read_record(record)
assert journal.key

def fill(connection, _):
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + random.randrange(60)}")

def write(out):
    if is_full:
        event.listen(journal.engine, "connect", fill)
    try:
        while True:
            entry = journal.close(journal.open({"command": "advise"}), held, knowledge, {})
            os.write(out, f"{entry.id}\\n".encode())
    except Unwritten:
        os._exit(7)

for number in range(times):
    reading, writing = os.pipe()
    children = []
    for _ in range(writers):
        child = os.fork()
        if child == 0:
            write(writing)
        children.append(child)
    os.close(writing)
    told = b""
    while told.count(b"\\n") < number % 12 and (more := os.read(reading, 4096)):
        told += more
    time.sleep(0.37 * number % 0.05)  # at whatever point of the next
    for child in children:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        print("full" * os.WIFEXITED(status))
    with os.fdopen(reading, "rb") as stream:
        told += stream.read()
    print(told.decode())
"""


def killed(folder, decided, writers, times, tmp_path, is_full=False):
    """Kill writers again and again; return the ids of what they had shown, and how often one gave up on a full disk."""
    (record := tmp_path / "record.json").write_text(decided[0].record(), encoding="utf-8")
    command = [sys.executable, "-c", KILLED, str(folder / "j.db"), str(record), str(folder / "key")]
    made = subprocess.run(
        [*command, str(writers), str(times), str(int(is_full))], capture_output=True, text=True, check=True
    )
    words = made.stdout.split()
    return {word for word in words if len(word) == 36}, words.count("full")


def checked_after_kills(journal, shown):
    ids = {one.id for one in find(journal, Sought())}
    assert shown <= ids
    assert {finding.verdict for finding in findings(journal, index=False)} <= {"incomplete"}
    journal.fail(journal.open({}), "another writer goes on")
    assert {finding.verdict for finding in findings(journal, index=False)} <= {"incomplete"}


def test_writers_that_are_killed_lose_nothing_that_was_shown(journal, folder, decided, tmp_path):
    shown, _ = killed(folder, decided, writers=2, times=3, tmp_path=tmp_path)
    checked_after_kills(journal, shown)


@pytest.mark.slow
def test_eight_writers_killed_a_thousand_times_lose_nothing(journal, folder, decided, tmp_path):
    shown, _ = killed(folder, decided, writers=8, times=125, tmp_path=tmp_path)
    assert len(shown) > 500
    checked_after_kills(journal, shown)


@pytest.mark.slow
def test_eight_writers_on_a_disk_that_fills_lose_nothing(journal, folder, decided, tmp_path):
    shown, gave_up = killed(folder, decided, writers=8, times=125, tmp_path=tmp_path, is_full=True)
    assert gave_up
    assert shown
    checked_after_kills(journal, shown)


# --- finding and explaining ----------------------------------------------------------------------------------------


def test_decisions_are_found_by_what_they_came_from(journal, decided):
    fired = [{firing.rule for firing in answer.advice.firings} for answer in decided]
    for rule in ("NOMS-09", "NOMS-01", "OPT-01"):
        assert len(find(journal, Sought(rule=rule))) == sum(rule in names for names in fired)
    told = [{name for names in answer.recommended.values() for name in names} for answer in decided]
    for pathway in ("separation_surgery_then_sbrt", "cebrt", "sbrt"):
        assert len(find(journal, Sought(advised=pathway))) == sum(pathway in names for names in told)
    version = next(f.version for f in decided[0].advice.firings if f.rule == "NOMS-09")
    assert len(find(journal, Sought(rule="NOMS-09", version=version[:6]))) == len(find(journal, Sought(rule="NOMS-09")))
    assert find(journal, Sought(rule="NOMS-09", version="0" * 12)) == []
    dangers = [any(alert.level == "danger" for alert in answer.advice.alerts) for answer in decided]
    assert len(find(journal, Sought(alert="danger"))) == sum(dangers)
    assert len(find(journal, Sought(fact="L1.escc_grade=3"))) == sum(
        any(str(fact.id) == "L1.escc_grade" and fact.given == "3" for fact in answer.advice.facts) for answer in decided
    )
    assert len(find(journal, Sought(since="2020-01-01", until="2099-12-31"))) == 3
    assert find(journal, Sought(until="2020-01-01")) == []


def test_a_rule_that_fired_nowhere_is_told_with_the_nearest(run):
    for asked in (("find", "--rule", "NOMS-9"), ("recall", "NOMS-9")):
        assert "NOMS-9 fired in no decision here. Did you mean 'NOMS-09'?" in run("journal", *asked).stderr


def test_what_is_found_and_how_rules_fared_are_pages_that_load_nothing(run, journal, decided, tmp_path):
    (one,) = find(journal, Sought(case="noms-n9"))
    assert find(journal, Sought(case="nobody")) == []
    assert run("journal", "find", "--case", "noms-n9", "-o", tmp_path / "f.html").exit_code == 0
    assert run("journal", "rules", "--from", "2020-01-01", "-o", tmp_path / "r.html").exit_code == 0
    found, fared = ((tmp_path / name).read_text(encoding="utf-8") for name in ("f.html", "r.html"))
    assert f"<td>{one.seq}</td>" in found
    assert f"<td>{decided[0].digest}</td>" in found
    assert "1 decision in hospital.example/spine" in found
    assert f"<td>NOMS-09</td><td>{next(use.version for use in rules(journal) if use.rule == 'NOMS-09')}</td>" in fared
    assert "from: 2020-01-01" in fared
    assert not any(mark in page for page in (found, fared) for mark in ("src=", "href=", "url(", "<script"))


def test_a_printed_digest_leads_to_the_decision(journal, decided):
    assert stored(journal, decided[1].digest[:12]).advice == decided[1].advice
    with pytest.raises(Invalid, match="there is no such decision"):
        stored(journal, "ffffffffffff")


def test_last_years_decision_is_explained_with_last_years_knowledge(run, journal, tmp_path, decided):
    seq = find(journal, Sought(rule="NOMS-09"))[0].seq
    result = run("journal", "show", seq, "--record", tmp_path / "r.json", "--knowledge-to", tmp_path / "k.json")
    assert result.exit_code == 0, result.output
    then = load(tmp_path / "k.json")
    assert then.digest == decided[0].knowledge.digest
    assert metspine.replay(tmp_path / "r.json", then).record.verdict == "same"
    why = metspine.explain(tmp_path / "r.json", then).why("separation_surgery_then_sbrt")
    assert "NOMS-09" in why.text()


def test_knowledge_is_exported_and_read_back(tmp_path, knowledge):
    (file := tmp_path / "noms.json").write_bytes(Bundle.of(knowledge).content())
    assert read_bundle(file).digest == knowledge.digest
    assert Bundle.of(read_bundle(file)).content() == file.read_bytes()
    data = json.loads(file.read_text(encoding="utf-8"))
    place = "noms/pathways.yaml"
    data["files"][place] = data["files"][place].replace("label: ", "label: so-called ", 1)
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(Invalid, match="it was altered"):
        read_bundle(file)
    data["files"]["../../x.yaml"] = "a: 1"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(Invalid, match="is no file of knowledge"):
        read_bundle(file)


def test_the_share_of_a_rule_has_the_interval_of_wilson(journal):
    used = {one.rule: one for one in rules(journal)}
    assert used["NOMS-09"].decisions == 3
    assert used["NOMS-09"].decisive == used["NOMS-09"].fired
    # Newcombe 1998, Statistics in Medicine 17:857, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    assert rounded(wilson(81, 263)) == (0.2553, 0.3662)
    assert rounded(wilson(15, 148)) == (0.0624, 0.1605)
    assert rounded(wilson(0, 20)) == (0.0, 0.1611)
    assert wilson(0, 0) == (0.0, 1.0)
    assert rounded(wilson(1, 29)) == (0.0061, 0.1718)


def rounded(interval):
    return tuple(round(end, 4) for end in interval)


def test_rules_that_never_fired_are_those_of_the_knowledge_that_no_decision_names(run, journal, decided):
    fired = {firing.rule for answer in decided for firing in answer.advice.firings}
    units = decided[0].knowledge.units
    assert {one.rule for one in rules(journal) if one.fired} == fired
    assert {one.rule for one in rules(journal) if not one.fired} == units.keys() - fired
    told = json.loads(run("journal", "rules", "--never", "--format", "json").stdout)
    assert {one["rule"] for one in told} == units.keys() - fired
    assert {(one["decisions"], one["high"]) for one in told} == {(3, round(wilson(0, 3)[1], 4))}
    assert rules(journal, until="2020-01-01") == []


def test_a_rule_is_counted_under_the_knowledge_that_has_it_in_that_version(journal, decided, corrected):
    answer = metspine.advise(CASE, corrected, settle=False)
    journal.close(journal.open({"command": "advise"}), answer.recorded(), corrected, {})
    held = {(one.version, one.decisions) for one in rules(journal) if one.rule == "NOMS-09"}
    assert held == {(decided[0].knowledge.rules["NOMS-09"].version, 3), (corrected.rules["NOMS-09"].version, 1)}
    assert {one.decisions for one in rules(journal) if one.rule == "NOMS-01"} == {4}


def test_the_difference_of_two_shares_has_the_interval_of_newcombe():
    # Newcombe 1998, Statistics in Medicine 17:873, table II, method 10
    z = 1.959964
    assert rounded(newcombe((56, 70), (48, 80), z)) == (0.0524, 0.3339)
    assert rounded(newcombe((9, 10), (3, 10), z)) == (0.1705, 0.8090)
    assert rounded(newcombe((5, 56), (0, 29), z)) == (-0.0381, 0.1926)


def use(rule, fired, decisions, overridden=0):
    return RuleUse(rule=rule, version="1", fired=fired, decisions=decisions, share=0, low=0, high=0, decisive=0,
                   overridden=overridden, reasons={})  # fmt: skip


def test_what_has_changed_is_told_and_what_chance_explains_is_not():
    same = [use(f"SAME-{i}", 100 + i % 7, 1000) for i in range(600)]
    was = [*same, use("OFTEN", 100, 1000), use("CROSS", 500, 1000, 10), use("GONE", 0, 0), use("LITTLE", 100, 1000)]
    now = [*same, use("OFTEN", 170, 1000), use("CROSS", 500, 1000, 60), use("NEW", 9, 9), use("LITTLE", 120, 1000)]
    found = drifted(was, now)
    assert [(one.rule, one.what) for one in found] == [("CROSS", "overridden"), ("OFTEN", "fired")]
    assert all(0 < one.low < one.now[0] / one.now[1] - one.before[0] / one.before[1] < one.high for one in found)
    assert [(one.rule, one.high < 0) for one in drifted(now, was)] == [("CROSS", True), ("OFTEN", True)]


def test_in_journals_in_which_nothing_changed_hardly_one_is_told_otherwise():
    chance, shares = Random(15), [i / 400 for i in range(1, 200)]
    drawn = [
        [use(str(share), sum(chance.random() < share for _ in range(500)), 500) for share in shares] for _ in range(20)
    ]
    told = [bool(drifted(was, now)) for was, now in zip(drawn[::2], drawn[1::2], strict=True)]
    assert sum(told) <= 1


def test_since_when_a_rule_does_otherwise_is_asked_with_a_day(run):
    assert "--from" in run("journal", "rules", "--drift").stderr
    assert "0 rules do otherwise since 2026-01-01" in run("journal", "rules", "--drift", "--from", "2026-01-01").stdout


# --- overriding, recalling, erasing --------------------------------------------------------------------------------


def test_an_override_is_bound_to_the_decision_and_its_rules(run, journal, decided):
    seq = find(journal, Sought(rule="NOMS-09"))[0].seq
    asked = ("journal", "override", seq, "--chosen", "cebrt", "--reason", "patient-preference")
    assert "did not fire" in str(run(*asked, "--rule", "NOMS-01").exception)
    assert "is not a reason" in str(run(*asked[:-1], "whim").exception)
    assert run(*asked, "--rule", "NOMS-09", "--text", "no operation, says Ms Example").exit_code == 0
    (one,) = find(journal, Sought(overridden=True))
    assert one.seq == seq
    (event,) = events(journal, one.id)
    assert event["body"] == {
        "lesion": "L1", "pathway": "cebrt", "reason": "patient-preference", "rules": ["NOMS-09"],
    }  # fmt: skip
    (used,) = [use for use in rules(journal) if use.rule == "NOMS-09"]
    assert used.reasons == {"patient-preference": 1}
    assert findings(journal) == []
    assert "Ms Example" not in json.dumps(events_of(journal))


def test_a_recall_finds_who_was_advised_and_who_would_be_otherwise(journal, decided, corrected):
    wrong = decided[0].knowledge.digest
    plain = recall(journal, "NOMS-09", wrong[:12])
    assert [one.case for one in plain.recalled] == [
        answer.case.id for answer in decided if any(f.rule == "NOMS-09" for f in answer.advice.firings)
    ]
    found = recall(journal, "NOMS-09", wrong, corrected)
    assert recall(journal, "NOMS-09", wrong, corrected, jobs=2) == found
    assert found.looked_at == 3
    by_case = {one.case: one for one in found.recalled}
    for answer in decided:  # beside the engine itself, asked one by one
        now = metspine.explain(LIBRARY / f"{answer.case.id}.yaml", corrected).run.advised()
        is_other = {lesion.id: lesion.recommended for lesion in now.lesions} != answer.recommended
        one = by_case.get(answer.case.id)
        assert is_other == (one is not None and one.consequence in ("danger", "recommendation"))
    assert by_case["noms-n9"].recommended_then != by_case["noms-n9"].recommended_now
    lines = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert [line["case"] for line in lines] == [one.case for one in found.recalled]
    assert "noms-n9" in page(found)
    assert summary(found).startswith("Recall of NOMS-09: 3 decisions under knowledge")


def test_a_recall_is_what_the_engine_says_of_each(journal_of, knowledge, corrected, tmp_path):
    """The program for everyone beside the engine: several lesions, dangers, measures that a case marks."""
    cases = [LIBRARY / f"{name}.yaml" for name in NAMES] + sorted(LIBRARY.glob("*.yaml"))[5::90]
    text = CASE.read_text(encoding="utf-8").replace("case: noms-n9", "case: marked")
    (marked := tmp_path / "marked.yaml").write_text(f"{text}measures: {{embolisation: done}}\n", encoding="utf-8")
    folder = journal_of(cases := [*cases, marked])
    found = {one.case: one for one in recall(Journal(folder / "j.db"), "NOMS-09", "", corrected).recalled}
    for case in cases:
        then, now = (metspine.explain(case, base).run.advised() for base in (knowledge, corrected))
        told = [{x.id: sorted(x.recommended) for x in advice.lesions} for advice in (then, now)]
        measures = [{f"{m.measure} {m.urgency}" for m in advice.measures} for advice in (then, now)]
        fires = [any(firing.rule == "NOMS-09" for firing in advice.firings) for advice in (then, now)]
        one = found.pop(then.case, None)
        assert (one is not None) == (any(fires) or told[0] != told[1] or measures[0] != measures[1]), case
        if one is not None:
            assert (one.recommended_then, one.recommended_now) == tuple(told)
            assert (one.fired, one.fires) == tuple(fires)
            assert {name[1:] for name in one.measures} == measures[0] ^ measures[1]
    assert found == {}


def test_a_formula_in_a_case_is_no_formula_in_a_table(journal, decided):
    found = recall(journal, "NOMS-09", decided[0].knowledge.digest)
    (one, *_) = found.recalled
    evil = found.model_copy(update={"recalled": (one.model_copy(update={"case": "=HYPERLINK(1)<b>"}),)})
    assert "'=HYPERLINK" in as_csv(evil)
    for control in "\t\r":  # a spreadsheet passes over it, and runs what follows
        hidden = found.model_copy(update={"recalled": (one.model_copy(update={"case": f"{control}=HYPERLINK(1)"}),)})
        assert f"'{control}=HYPERLINK" in as_csv(hidden)
    assert "<b>" not in page(evil)


def test_an_erased_decision_is_gone_and_the_chain_is_whole(run, journal, folder, decided):
    seq, row_id, _ = record_of_row(journal, decided[0].digest)
    with sqlite3.connect(folder / "j.db") as base:
        (kept,) = base.execute("SELECT content FROM payloads WHERE seq = ?", (seq,)).fetchone()
    base.close()
    kept = kept[-200:]
    assert kept in b"".join(path.read_bytes() for path in folder.glob("j.db*"))
    run("journal", "override", seq, "--chosen", "cebrt", "--reason", "other", "--text", "of Ms Example")
    assert run("journal", "erase", seq, "--reason", "asked to be forgotten").exit_code == 0
    assert findings(journal) == []
    with pytest.raises(Invalid, match="was erased"):
        record_of_row(journal, row_id)
    told = run("journal", "show", seq).stdout.splitlines()
    assert [line.split("  ")[-1].partition(":")[0] for line in told] == [told[0], "overridden", "erased"]
    assert seq not in {one.seq for one in find(journal, Sought())}
    assert kept not in b"".join(path.read_bytes() for path in folder.glob("j.db*"))


def test_what_is_past_its_time_is_erased_by_class_and_what_is_held_is_not(
    run, journal, decided, knowledge, monkeypatch
):
    first, second, third = (one.id for one in find(journal, Sought()))
    monkeypatch.setenv("METSPINE_RETENTION", "trial")
    kept = journal.close(journal.open({"command": "advise"}), decided[0].recorded(), knowledge, {})
    asked = ("journal", "expire", "--reason", "ten years")
    assert expired(journal, "2020-01-01") == []
    assert expired(journal, "2999-01-01", "trial") == [kept.id]
    run("journal", "hold", second, "--reason", "a court asks")
    run("journal", "hold", third, "--reason", "a court asks")
    run("journal", "release", third, "--reason", "it has decided")
    assert "is held" in str(run("journal", "erase", second, "--reason", "asked").exception)
    assert run(*asked, "--before", "2999-01-01", "--dry-run").stdout == "2 decisions would be erased\n"
    assert expired(journal, "2999-01-01") == [first, third]
    assert run(*asked, "--before", "2999-01-01").stdout == "2 decisions erased\n"
    assert [one.id for one in find(journal, Sought())] == [second, kept.id]
    assert run(*asked, "--before", "2999-01-01").stdout == "0 decisions erased\n"
    assert "holds nothing to erase" in str(run("journal", "erase", first, "--reason", "asked").exception)
    assert findings(journal) == []


@pytest.mark.parametrize("text", ["9", "2026-1-1", "yesterday", "2026-02-30"])
def test_what_is_no_day_erases_nothing(text, run, journal):
    told = run("journal", "expire", "--before", text, "--reason", "ten years")
    assert told.exit_code == 2
    assert "is not a day; write YYYY-MM-DD" in " ".join(told.stderr.replace("│", " ").split())
    assert len(find(journal, Sought())) == 3


def test_an_export_is_a_journal_again_that_is_read_and_not_written(run, journal, decided, corrected, tmp_path):
    seq = find(journal, Sought(rule="NOMS-09"))[0].seq
    run("journal", "override", seq, "--chosen", "cebrt", "--reason", "other", "--rule", "NOMS-09", "--text", "words")
    run("journal", "erase", find(journal, Sought())[-1].seq, "--reason", "asked")
    run("journal", "export", "-o", tmp_path / "j.zip")
    made = run("journal", "import", tmp_path / "j.zip", journal.verifier, tmp_path / "copy.db")
    assert made.exit_code == 0, made.exception
    copy = Journal(tmp_path / "copy.db")
    assert findings(copy, replay=True) == []
    assert find(copy, Sought()) == find(journal, Sought())
    assert rules(copy) == rules(journal)
    assert recall(copy, "NOMS-09", "", corrected) == recall(journal, "NOMS-09", "", corrected)
    there = {"journal": tmp_path / "copy.db"}
    assert "Same" in run("journal", "replay", seq, **there).stdout
    assert run("journal", "show", seq, "--record", tmp_path / "r.json", **there).exit_code == 0
    for asked in (("accept", seq), ("erase", seq, "--reason", "asked"), ("export", "-o", tmp_path / "again.zip")):
        assert "is a copy, to be read" in str(run("journal", *asked, **there).exception)
    assert "does not know cases by their names" in str(run("journal", "find", "--case", "noms-n9", **there).exception)
    assert size_of(copy) == size_of(journal)
    again = run("journal", "import", tmp_path / "j.zip", journal.verifier, tmp_path / "copy.db")
    assert "is there already" in str(again.exception)


def test_an_export_that_was_altered_is_not_imported(run, journal, tmp_path):
    run("journal", "export", "-o", tmp_path / "j.zip")
    with zipfile.ZipFile(tmp_path / "j.zip") as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    lines = parts["records.ndjson"].splitlines(keepends=True)
    (knowledge,) = (name for name in parts if name.startswith("knowledge/"))
    altered = {
        "deleted": {"records.ndjson": b"".join(lines[:2] + lines[3:])},
        "truncated": {"records.ndjson": b"".join(lines[:-2])},
        "edited": {
            "records.ndjson": b"".join(lines).replace(b'"shown"', b'"advised"').replace(b'"opened"', b'"shown"')
        },
        "knowledge edited": {knowledge: b"{}"},
        "knowledge missing": {"texts.json": b"{}"},
        "is no exported journal": {"records.ndjson": b"{}"},
    }
    for verdict, change in altered.items():
        with zipfile.ZipFile(tmp_path / "altered.zip", "w") as archive:
            for name, content in (parts | change).items():
                archive.writestr(name, content)
        made = run("journal", "import", tmp_path / "altered.zip", journal.verifier, tmp_path / "copy.db")
        assert verdict in str(made.exception)
        assert sorted(path.name for path in tmp_path.glob("*cop*")) == []
    made = run("journal", "import", tmp_path / "j.zip", "no key", tmp_path / "copy.db")
    assert "the key is none" in str(made.exception)


def test_a_journal_is_made_once(folder):
    with pytest.raises(Invalid, match="is there already"):
        Journal.create(folder / "j.db", folder / "key")
    (folder / "text").write_text("no journal", encoding="utf-8")
    with pytest.raises(Invalid, match="is not a journal"):
        Journal(folder / "text")


def test_knowledge_of_a_digest_is_read_from_the_journal(journal, knowledge):
    assert knowledge_by_digest(journal, knowledge.digest[:12]).rules == knowledge.rules


def test_without_a_journal_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["advise", str(CASE), "--no-settle"], env={"METSPINE_JOURNAL": ""})
    assert result.exit_code == 0
    assert os.listdir(tmp_path) == []
