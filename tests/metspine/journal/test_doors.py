"""Every door that shows advice keeps it first, and what becomes of it is written from the command line and the page."""

import json
import re
import sqlite3
from hashlib import sha256
from pathlib import Path

import anyio
import mcp
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import knowledge_base
from metspine.assistant import make_server
from metspine.cli.app import app
from metspine.journal.events import REASONS
from metspine.journal.queries import Sought, events, find, stored
from metspine.journal.store import KEY, Journal, Unwritten
from metspine.journal.verification import findings
from metspine.library import LIBRARY
from metspine.serve.server import make_app

CASE = LIBRARY / "noms-n9.yaml"
TOY = Path(__file__).parents[1] / "toy"
BASE = Path(__file__).parents[2] / "bad_knowledge" / "base"
HOST = "http://127.0.0.1:8421"


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """An empty journal, and nothing beside it."""
    monkeypatch.setenv(KEY, str(tmp_path / "key"))
    return Journal.create(tmp_path / "j.db", tmp_path / "key", "hospital.example/spine")


@pytest.fixture
def run(fresh):
    def called(*arguments, **more):
        return CliRunner().invoke(app, ["--journal", fresh.where, *map(str, arguments)], **more)

    return called


def rows(journal):
    with sqlite3.connect(journal.where) as base:
        found = [json.loads(envelope) for (envelope,) in base.execute("SELECT envelope FROM records ORDER BY seq")]
    base.close()
    return found


def kinds(journal):
    return [row["kind"] for row in rows(journal) if row["kind"] != "knowledge"]


def full(journal, monkeypatch):
    """Let nothing more be written."""
    monkeypatch.setattr(Journal, "witness", property(lambda self: Path(self.where).parent))


# --- doors ---------------------------------------------------------------------------------------------------------


def test_a_consultation_is_one_decision_with_all_that_was_said(run, fresh, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    heard = run("consult", "--knowledge", TOY, "--report", "advice.txt", input="ann\nspine\n" + "?\n" * 40)
    assert kinds(fresh) == ["opened", "advised"]
    begun, *_, closed = rows(fresh)
    assert begun["body"]["command"] == "consult"
    said = heard.stdout.replace("> ?\n", "").replace("> ann\n", "").replace("> spine\n", "")
    assert closed["body"]["displayed"] == {
        "dialogue": sha256(said.encode()).hexdigest(),
        "text": sha256(Path("advice.txt").read_bytes()).hexdigest(),
    }
    assert findings(fresh) == []


def test_a_consultation_that_came_to_nothing_is_no_finding(run, fresh, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("consult", "--knowledge", TOY, input="quit\n")
    assert kinds(fresh) == ["opened", "failed"]
    assert findings(fresh) == []


def test_a_registry_is_one_record_a_run_and_names_no_patient_in_the_chain(run, fresh, tmp_path):
    (tmp_path / "in.csv").write_text("patient,lesion,levels,escc_grade\nMs Example,T8,T8,3\n", encoding="utf-8")
    made = run("cohort", tmp_path / "in.csv", "-o", tmp_path / "out.csv", "--recheck", "1")
    assert made.exit_code == 0, made.output
    assert kinds(fresh) == ["opened", "cohort"]
    closed = rows(fresh)[-1]
    assert closed["body"]["output"] == sha256((tmp_path / "out.csv").read_bytes()).hexdigest()
    assert closed["body"]["record_sha256"] == sha256((tmp_path / "out.csv.run.json").read_bytes()).hexdigest()
    assert "Example" not in json.dumps(rows(fresh))
    one = run("cohort", "open", tmp_path / "out.csv", "Ms Example")
    assert one.exit_code == 0, one.output
    assert kinds(fresh) == ["opened", "cohort", "opened", "advised"]
    assert findings(fresh) == []


def test_a_registry_that_cannot_be_kept_has_no_output(run, fresh, tmp_path, monkeypatch):
    (tmp_path / "in.csv").write_text("patient,lesion,levels,escc_grade\nA,T8,T8,3\n", encoding="utf-8")
    before = Journal.close_run
    monkeypatch.setattr(Journal, "close_run", lambda *a: full(fresh, monkeypatch) or before(*a))
    made = run("cohort", tmp_path / "in.csv", "-o", tmp_path / "out.csv", "--recheck", "0")
    assert isinstance(made.exception, Unwritten)
    assert not (tmp_path / "out.csv").exists()


@pytest.fixture
def client(fresh):
    return TestClient(make_app(knowledge_base.load(BASE), journal=fresh), base_url=HOST)


def typed(client, **values):
    """Type into the page of a new case; return the address of what follows."""
    page = client.get("/")
    token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    sent = client.post("/case", data={"token": token, "act": "", "l0.id": "", **values})
    assert sent.status_code == 200, sent.text
    return sent.url.path, token


def test_the_page_keeps_what_it_shows_and_nothing_of_an_empty_form(client, fresh):
    assert "stays in the journal" in client.get("/").text
    assert rows(fresh) == []
    path, _ = typed(client, **{"l0.levels": "T8", "l0.grade": "3"})
    assert kinds(fresh) == ["opened", "advised"] * 2  # dangers at once, then the plan
    assert [row["body"]["options"] for row in rows(fresh) if row["kind"] == "opened"] == [
        {"plan": False}, {"plan": True},
    ]  # fmt: skip
    client.get(path)
    assert len(kinds(fresh)) == 4, "the same state is the same decision"
    page = client.get(f"{path}/report").content
    (*_, last) = rows(fresh)
    assert last["kind"] == "shown"
    assert last["body"] == {"as": "html", "sha256": sha256(page).hexdigest()}
    assert last["about"] == find(fresh, Sought())[-1].id
    assert findings(fresh) == []


def test_the_page_shows_nothing_that_cannot_be_kept(client, fresh, monkeypatch):
    page = client.get("/")
    token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    full(fresh, monkeypatch)
    found = client.post("/case", data={"token": token, "act": "", "l0.id": "", "l0.levels": "T8", "l0.grade": "3"})
    assert found.status_code == 503
    assert "cannot be written" in found.text
    assert "recommended" not in found.text
    case = {"case": "a", "lesions": [{"id": "T8", "grade": "3"}]}
    refused = client.post("/api/advise", json={"case": case})
    assert refused.status_code == 503
    assert "advice" not in refused.json()


def test_programs_and_assistants_are_kept_as_well(client, fresh):
    case = {"case": "a", "lesions": [{"id": "T8", "grade": "3"}]}
    found = client.post("/api/advise", json={"case": case}).json()
    assert stored(fresh, found["digest"]).advice.case == "a"
    server = make_server(knowledge_base.load(BASE), fresh)

    async def asked():
        async with mcp.Client(server) as one:
            return await one.call_tool("advise", {"case": case | {"case": "b"}})

    told = anyio.run(asked).structured_content
    assert stored(fresh, told["digest"]).advice.case == "b"
    assert [row["body"]["command"] for row in rows(fresh) if row["kind"] == "opened"] == ["api", "mcp"]


# --- what becomes of it --------------------------------------------------------------------------------------------


def test_every_event_can_be_written_from_the_command_line(run, journal, folder, monkeypatch, tmp_path):
    monkeypatch.setenv(KEY, str(folder / "key"))
    first = find(journal, Sought(rule="NOMS-09"))[0]

    def told(*arguments):
        made = CliRunner().invoke(app, ["--journal", journal.where, *map(str, arguments)])
        assert made.exit_code == 0, made.output + str(made.exception)
        return made.stdout

    monkeypatch.setenv("METSPINE_ACTOR", "a.b.")
    monkeypatch.setenv("METSPINE_ON_BEHALF_OF", "c.d.")
    told("journal", "accept", first.seq)
    assert "  accepted by a.b., on behalf of c.d.: " in told("journal", "show", first.seq)
    monkeypatch.delenv("METSPINE_ON_BEHALF_OF")
    told("journal", "override", first.seq, "--chosen", "cebrt", "--reason", "patient-preference", "--rule", "NOMS-09")
    (tmp_path / "page.html").write_text("page", encoding="utf-8")
    told("journal", "shown", first.seq, tmp_path / "page.html")
    assert "Same" in told("journal", "replay", first.seq)
    told("journal", "show", first.seq, "--record", tmp_path / "r.json")
    told("advise", CASE, "--no-settle", "--amends", first.seq)
    second = find(journal, Sought())[-1]
    told("journal", "amend", second.seq, "--by", first.seq)
    assert "written by a.b.\n" in told("journal", "show", second.seq)
    found = events(journal, first.id)
    assert [one["actor"].get("on_behalf_of") for one in found[:2]] == ["c.d.", None]
    assert [one["kind"] for one in found] == ["accepted", "overridden", "shown", "replayed", "exported", "amended"]
    assert [one["body"] for one in found][2:] == [
        {"as": "html", "sha256": sha256(b"page").hexdigest()},
        {"verdict": "same", "decision": first.decision, "engine": stored(journal, first.id).engine.digest},
        {"as": "record", "sha256": sha256((tmp_path / "r.json").read_bytes()).hexdigest()},
        {"by": second.id},
    ]
    told("journal", "erase", first.seq, "--reason", "asked to be forgotten")
    assert events(journal, first.id)[-1]["kind"] == "erased"
    assert findings(journal) == []


def test_what_is_amended_must_be_there_before_anything_is_begun(run, fresh):
    made = run("advise", CASE, "--no-settle", "--amends", "7")
    assert "there is no such decision" in str(made.exception)
    assert rows(fresh) == []


def test_every_event_can_be_written_from_the_board(client, fresh):
    path, token = typed(client, **{"case": "ann", "p.fitness": "fit", "l0.levels": "T8", "l0.grade": "3"})
    client.post("/board/add", data={"token": token, "state": path.rpartition("/")[2]})
    first = find(fresh, Sought())[-1].id
    assert f'href="{path}/journal"' in client.get("/board").text
    table = client.get("/board.csv").content
    agenda = client.get("/board/agenda").content
    page = client.get(f"{path}/journal").text
    rule = re.search(r"<option>([A-Z0-9-]+)</option>", page)[1]
    chosen = re.search(r'name="chosen".*?<option value="([a-z_]+)"', page)[1]
    assert all(words in page for words in REASONS.values())

    def press(act, **values):
        made = client.post(f"{path}/journal", data={"token": token, "lesion": "T8", "act": act, **values})
        assert made.status_code == 200, made.text
        return made.text

    press("accept")
    assert 'name="behalf" value="C.D."' in press("who", who="A.B.", behalf="C.D.")
    assert "overridden (A.B., on behalf of C.D.): lesion T8" in press(
        "override", chosen=chosen, reason="rule-wrong", rule=rule, text="says Ms Example"
    )
    press("who", who="A.B.")
    assert "verdict same" in press("replay")
    later, _ = typed(client, **{"case": "ann", "l0.levels": "T8", "l0.grade": "2", "from": path.rpartition("/")[2]})
    assert "amended: by" in client.get(f"{path}/journal").text
    assert find(fresh, Sought())[-1].id in client.get(f"{path}/journal").text
    press("erase", why="asked to be forgotten")
    found = events(fresh, first)
    assert [one["kind"] for one in found] == [
        "exported", "shown", "accepted", "overridden", "replayed", "amended", "erased",
    ]  # fmt: skip
    assert found[0]["body"]["sha256"] == sha256(table).hexdigest()
    assert found[1]["body"]["sha256"] == sha256(agenda).hexdigest()
    assert [one["actor"]["id"] for one in found] == ["", "", "", "A.B.", "A.B.", "", "A.B."]
    assert [one["seq"] for one in found if "on_behalf_of" in one["actor"]] == [found[3]["seq"]], (
        "and it can be taken back"
    )
    assert found[3]["body"] == {"lesion": "T8", "pathway": chosen, "reason": "rule-wrong", "rules": [rule]}
    refused = client.post(
        f"{later}/journal", data={"token": token, "lesion": "T8", "act": "override", "chosen": chosen}
    )
    assert refused.status_code == 400
    assert findings(fresh) == []


def test_a_browser_sees_its_own_decisions_alone(client):
    path, _ = typed(client, **{"l0.levels": "T8", "l0.grade": "3"})
    client.cookies.clear()
    assert client.get(f"{path}/journal").status_code == 404
