"""Who comes in from elsewhere: logging in, what each role may open, and 200 clients that try what they may not."""

import asyncio
import json
import logging
import threading
import time
from pathlib import Path

import httpx2
import pytest
import uvicorn
from starlette.testclient import TestClient

import knowledge_base
from metspine.journal.queries import Sought, find
from metspine.journal.rule_use import Drift
from metspine.journal.store import Journal
from metspine.serve.accounts import TRIES, TRIES_OF_ALL, WINDOW, Accounts, Tries
from metspine.serve.guard import LARGEST_BODY
from metspine.serve.server import make_app
from tests.metspine.test_serve import Page, Visitor

BASE = Path(__file__).parents[1] / "bad_knowledge" / "base"
NAME = "spine.hospital.example"
PASSWORD = "correct horse battery"
ROLES = {"ann": "clinician", "ed": "editor", "aud": "auditor"}


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    """A file of accounts, one of each role."""
    made = Accounts(tmp_path_factory.mktemp("users") / "users.json")
    for name, role in ROLES.items():
        made.put(name, role, PASSWORD)
    return made.file


@pytest.fixture
def journal(tmp_path):
    return Journal.create(tmp_path / "j.db", tmp_path / "key", "hospital.example/spine")


@pytest.fixture
def app(users, journal):
    return make_app(knowledge_base.load(BASE), (NAME,), journal, Accounts(users), secure=True)


class Person(Visitor):
    """Somebody with a browser, elsewhere."""

    def __init__(self, app, name="", password=PASSWORD):
        self.client = TestClient(app, base_url=f"https://{NAME}", follow_redirects=True)
        if name:
            self.at_first = self.client.post("/login", data={"name": name, "password": password})


def test_nobody_sees_anything_before_logging_in(app):
    person = Person(app)
    for path in ("/", "/board", "/rules", "/journal", "/runs/abc", "/case/abc"):
        assert person.client.get(path).url.path == "/login"
    assert person.client.post("/api/advise", json={"case": {}}).status_code == 401
    assert person.client.get("/", headers={"HX-Request": "true"}).headers["hx-redirect"] == "/login"
    assert "set-cookie" not in person.client.get("/login").headers


@pytest.mark.parametrize(
    ("name", "home", "barred"),
    [
        ("ann", "/", ["/journal", "/journal/1"]),
        ("ed", "/", ["/journal", "/case/abc/journal"]),
        ("aud", "/journal", ["/", "/board", "/case/abc"]),
    ],
)
def test_each_role_opens_its_own_pages(app, name, home, barred):
    person = Person(app, name)
    assert person.at_first.url.path == home
    assert person.at_first.status_code == 200
    assert person.client.get("/rules?q=a").status_code == 200
    for path in barred:
        assert person.client.get(path).status_code == 403, path


def test_a_wrong_password_and_an_unknown_name_are_told_alike(app):
    wrong, unknown = Person(app, "ann", "wrong horse battery"), Person(app, "nobody")
    assert wrong.at_first.status_code == unknown.at_first.status_code == 401
    assert wrong.at_first.text == unknown.at_first.text


def test_the_cookie_is_new_at_login_for_tls_alone_and_dead_after_logging_out(app):
    person = Person(app, "ann")
    cookie = person.at_first.history[0].headers["set-cookie"]
    assert {"Secure", "HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))
    assert "max-age" in person.at_first.headers["strict-transport-security"]
    kept = person.client.cookies["metspine"]
    token = Page(person.at_first.text).fields["token"]
    assert person.client.post("/logout", data={"token": "made up"}).status_code == 403
    assert person.client.post("/logout", data={"token": token}).url.path == "/login"
    person.client.cookies.set("metspine", kept)
    assert person.client.get("/").url.path == "/login"


def test_who_is_idle_or_was_taken_away_is_out(app, users, monkeypatch):
    from metspine.serve import store

    person = Person(app, "ed")
    assert person.client.get("/").url.path == "/"
    accounts = Accounts(users)
    accounts.remove("ed")
    assert person.client.get("/").url.path == "/login"
    accounts.put("ed", "editor", PASSWORD)
    assert person.client.get("/").url.path == "/"
    monkeypatch.setattr(store, "IDLE", -1.0)
    assert person.client.get("/").url.path == "/login"


def test_what_was_decided_names_who_did_and_an_auditor_reads_and_erases_it(app, journal, monkeypatch):
    monkeypatch.setenv("METSPINE_ON_BEHALF_OF", "somebody else")
    ann, aud = Person(app, "ann"), Person(app, "aud")
    ann.open()
    ann.send(case="case-7", l0_levels="T8", l0_grade="3")
    assert "Erase" not in ann.client.get(f"{ann.path}/journal").text
    ann.client.post(f"{ann.path}/journal", data={"token": ann.page.fields["token"], "lesion": "T8", "act": "accept"})
    refused = {"token": ann.page.fields["token"], "act": "erase", "why": "asked to be forgotten"}
    assert ann.client.post(f"{ann.path}/journal", data=refused).status_code == 400
    row = find(journal, Sought())[-1].seq
    listed = aud.client.get("/journal?case=case-7").text
    assert f'href="/journal/{row}"' in listed
    assert "0 decisions" in aud.client.get("/journal?case=another").text
    page = Page(aud.client.get(f"/journal/{row}").text)
    assert "accepted (ann)" in page.text
    assert aud.client.get("/journal/9999").status_code == 404
    token = page.fields["token"]
    assert aud.client.post(f"/journal/{row}", data={"token": token, "act": "erase"}).status_code == 400
    gone = aud.client.post(f"/journal/{row}", data={"token": token, "act": "erase", "why": "asked to be forgotten"})
    assert "record was erased" in gone.text
    with journal.engine.connect() as connection:
        envelopes = [json.loads(raw) for (raw,) in connection.exec_driver_sql("select envelope from records")]
    assert not any("on_behalf_of" in one["actor"] for one in envelopes if one["actor"]["id"])
    actors = {(one["kind"], one["actor"]["id"], one["actor"]["role"]) for one in envelopes}
    assert {("accepted", "ann", "clinician"), ("erased", "aud", "auditor")} <= actors


def test_an_auditor_sees_how_often_rules_spoke_and_recalls_one(app, journal):
    ann, aud = Person(app, "ann"), Person(app, "aud")
    ann.open()
    ann.send(l0_levels="T8", l0_grade="3")
    page = aud.client.get("/journal/rules").text
    rule = next(name for name in knowledge_base.load(BASE).rules if f"?rule={name}" in page)
    assert rule in aud.client.get("/journal/recall", params={"rule": rule}).text


def test_an_auditor_sees_which_rules_do_otherwise_since_a_day(app, journal, monkeypatch):
    from metspine.serve import audit

    ann, aud = Person(app, "ann"), Person(app, "aud")
    ann.open()
    ann.send(l0_levels="T8", l0_grade="3")
    assert "No rule does otherwise since 2026-01-01" in aud.client.get("/journal/rules?since=2026-01-01").text
    assert "No rule does" not in aud.client.get("/journal/rules?since=").text
    assert aud.client.get("/journal/rules?since=lately").status_code == 422
    one = Drift(rule="TOY-01", version="1.0.0", what="fired", before=(1, 10), now=(9, 10), low=0.1, high=0.9)
    monkeypatch.setattr(audit, "drift", lambda _, since: [one] if since == "2026-01-01" else [])
    page = aud.client.get("/journal/rules?since=2026-01-01").text
    assert "fired 1 of 10 (10.0%) -&gt; 9 of 10 (90.0%); by +10.0% to +90.0%" in page


def test_tries_are_few_for_a_name_and_an_address_and_forgotten_in_time():
    now = [0.0]
    tries = Tries(lambda: now[0])
    assert [tries.wait("a", "ann") for _ in range(TRIES)] == [0] * TRIES
    assert tries.wait("a", "ann") == round(WINDOW)
    assert tries.wait("a", "bob") == 0
    assert tries.wait("b", "ann") == 0
    assert [tries.wait("a", f"{i}") for i in range(TRIES_OF_ALL - TRIES - 1)] == [0] * (TRIES_OF_ALL - TRIES - 1)
    assert tries.wait("a", "one more") > 0
    now[0] = WINDOW + 1
    assert tries.wait("a", "ann") == 0
    tries.forgive("a", "ann")
    assert [tries.wait("a", "ann") for _ in range(TRIES)] == [0] * TRIES


def test_two_hundred_clients_with_wrong_logins_and_bodies_too_large_break_and_learn_nothing(users, caplog):
    caplog.set_level(logging.DEBUG)
    for client_side in ("httpcore2", "httpx2"):
        caplog.set_level(logging.WARNING, client_side)
    app = make_app(knowledge_base.load(BASE), accounts=Accounts(users), workers=2)
    server = uvicorn.Server(uvicorn.Config(app, port=0, access_log=False, log_level="warning", timeout_keep_alive=120))
    listening = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"

    async def client(number: int) -> list[httpx2.Response]:
        async with httpx2.AsyncClient(base_url=address, timeout=120) as one:
            wrong = await one.post("/login", data={"name": f"ann{number % 40}", "password": f"Zebrowski-{number}"})
            large = await one.post("/login", content=b"Zebrowski" * (LARGEST_BODY // 9 + 1))
            return [wrong, large, await one.get("/board"), await one.post("/api/advise", json={"case": "Zebrowski"})]

    async def all_at_once() -> list[list[httpx2.Response]]:
        return await asyncio.gather(*(client(number) for number in range(200)))

    try:
        answers = asyncio.run(all_at_once())
        assert {one[0].status_code for one in answers} == {401, 429}
        assert sum(one[0].status_code == 401 for one in answers) == TRIES_OF_ALL
        assert [{one[i].status_code for one in answers} for i in (1, 2, 3)] == [{413}, {303}, {401}]
        assert all("Zebrowski" not in reply.text for one in answers for reply in one)
        assert "Zebrowski" not in caplog.text
        with httpx2.Client(base_url=address, timeout=120, follow_redirects=True) as ed:
            assert "Too many tries" in ed.post("/login", data={"name": "ed", "password": PASSWORD}).text, (
                "it still answers"
            )
    finally:
        app.state.work.close()
        server.should_exit = True
        thread.join(timeout=20)


def test_accounts_are_kept_by_commands(tmp_path, capsys):
    from typer.testing import CliRunner

    from metspine.cli.app import app as commands

    file = tmp_path / "users.json"

    def run(*arguments, **options):
        return CliRunner().invoke(commands, ["users", *arguments, "--users", str(file)], **options)

    assert run("add", "ann", "--role", "clinician", input=f"{PASSWORD}\n").exit_code == 0
    assert run("add", "bob", "--role", "king", input=f"{PASSWORD}\n").exit_code == 2
    assert run("add", "bob", input="short\n").exit_code == 2
    assert run("list").output == "ann\tclinician\n"
    assert PASSWORD not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert Accounts(file).fits("ann", PASSWORD)
    assert run("remove", "bob").exit_code == 2
    assert run("remove", "ann").exit_code == 0
    assert not Accounts(file).fits("ann", PASSWORD)
