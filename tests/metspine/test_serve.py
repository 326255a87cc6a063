"""The live page without a browser: whole pages and plain forms, what was typed and never lost, and who may ask."""

import csv
import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import metspine
from cases import read_case
from metspine.library import LIBRARY
from metspine.serve.form import FormState, read, state_of_case
from metspine.serve.guard import LARGEST_BODY, is_loopback
from metspine.serve.server import make_app
from metspine.serve.work import Work

HOST = "http://127.0.0.1:8421"


class Page(HTMLParser):
    """A page as a plain browser has it: the fields of its form with their values, its buttons, its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.attributes: dict[str, dict] = {}
        self.buttons: list[str] = []
        self.pressed: list[str] = []
        self.words: list[str] = []
        self.area = ""
        self.action: str | None = None
        self.feed(text)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        name = found.get("name")
        if tag == "form":
            self.action = found.get("action")
        if self.action == "/board/add":
            return
        if tag == "input" and name and (found.get("type") != "checkbox" or "checked" in found):
            self.fields[name] = found.get("value", "")
            self.attributes[name] = found
        if tag == "textarea":
            self.area = name
            self.fields[name] = ""
        if tag == "button" and name == "act":
            self.buttons.append(found["value"])
            if found.get("aria-pressed") == "true":
                self.pressed.append(found["value"])

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data):
        if self.area:
            self.fields[self.area] += data
        self.words.append(data)


class Visitor:
    """Somebody with a browser that runs no scripts."""

    def __init__(self, app) -> None:
        self.client = TestClient(app, base_url=HOST)

    def open(self, path: str = "/") -> Page:
        response = self.client.get(path)
        assert response.status_code == 200, Page(response.text).text
        self.page, self.path = Page(response.text), response.url.path
        return self.page

    def send(self, act: str = "", **typed: str) -> Page:
        """Type into fields (`p_age="61"`), and press a button."""
        fields = {**self.page.fields, **{name.replace("_", ".", 1): text for name, text in typed.items()}, "act": act}
        response = self.client.post("/case", data=fields)
        assert response.status_code == 200, Page(response.text).text
        self.page, self.path = Page(response.text), response.url.path
        return self.page


@pytest.fixture(scope="module")
def app(knowledge):
    """The server as it is."""
    return make_app(knowledge)


@pytest.fixture(scope="module")
def small_app():
    """A server over a small knowledge base, which answers at once: for what does not hang on what is believed."""
    import knowledge_base

    return make_app(knowledge_base.load(Path(__file__).parents[1] / "bad_knowledge" / "base"))


@pytest.fixture
def visitor(app) -> Visitor:
    return Visitor(app)


@pytest.fixture
def guest(small_app) -> Visitor:
    return Visitor(small_app)


@pytest.fixture
def client(small_app) -> TestClient:
    return TestClient(small_app, base_url=HOST)


# --- what is typed --------------------------------------------------------------------------------------------------------


def test_every_field_starts_unknown_and_nothing_is_advised(visitor):
    page = visitor.open()
    typed = {name: value for name, value in page.fields.items() if re.match(r"(p|l\d+)\.(?!id)", name)}
    assert len(typed) > 100
    assert set(typed.values()) == {""}
    pressed = [value for value in page.pressed if not value.endswith("=")]
    assert pressed == []
    assert "Fill in what you know" in page.text


def test_the_fourteen_rows_of_the_template_come_first(visitor, knowledge):
    from cases.template import FIRST

    names = [name.partition(".")[2] for name in visitor.open().fields if re.match(r"(p|l0)\.(?!id)", name)]
    own = [name for name in FIRST if knowledge.vocabulary[name].of == "patient"]
    assert names[: len(own)] == sorted(own, key=FIRST.index)
    lesion = [n.partition(".")[2] for n in visitor.page.fields if n.startswith("l0.") and n != "l0.id"]
    assert [name for name in lesion if name in FIRST] == [n for n in FIRST if knowledge.vocabulary[n].of == "lesion"]


def test_everyday_words_are_heard_repeated_and_advised_on(visitor):
    visitor.open()
    page = visitor.send(p_primary_tumour="RCC", l0_levels="D8", l0_escc_grade="Bilsky 1b")
    assert page.fields["p.primary_tumour"] == "RCC"
    assert "renal cell carcinoma" in page.text
    assert "set:l0.escc_grade=1b" in page.pressed
    assert "T8:" in page.text
    assert re.fullmatch(r"/case/[0-9a-f]{24}", visitor.path)


def test_a_refusal_stands_at_its_field_keeps_what_was_typed_and_is_not_counted(guest):
    guest.open()
    page = guest.send(p_kps="about sixty-ish", l0_levels="T8")
    assert page.fields["p.kps"] == "about sixty-ish"
    assert page.attributes["p.kps"]["aria-invalid"] == "true"
    assert "1 not understood, and not counted here" in page.text
    described = page.attributes["p.kps"]["aria-describedby"]
    assert re.search(rf'id="{described}".*?Not counted:.*?sixty-ish', guest.client.get(guest.path).text, re.DOTALL)
    assert "aria-invalid" not in page.attributes["l0.levels"]
    mended = guest.send(p_kps="60")
    assert "aria-invalid" not in mended.attributes["p.kps"]
    assert "not understood" not in mended.text


def test_words_that_speak_of_another_field_alone_are_counted_there(visitor):
    visitor.open()
    page = visitor.send(l0_levels="L5/S1", l0_sins_pain="root")
    assert "radiculopathy: root pain" in page.text
    assert "radiculopathy" in visitor.client.get(f"{visitor.path}/file").text


def test_words_that_contradict_another_field_are_refused(visitor):
    visitor.open()
    page = visitor.send(l0_neurological_examination="Power 4/5 both legs", l0_frankel="E")
    assert page.attributes["l0.neurological_examination"]["aria-invalid"] == "true"
    assert "mend one of them" in page.text


def test_a_button_answers_and_the_question_mark_takes_it_back(guest):
    guest.open()
    assert guest.send("set:l0.grade=3").fields["l0.grade"] == "3"
    assert "set:l0.grade=3" in guest.page.pressed
    assert guest.send("set:l0.grade=").fields["l0.grade"] == ""
    assert "set:l0.grade=" in guest.page.pressed


def test_back_and_reload_show_what_was_there(guest):
    guest.open()
    guest.send(p_kps="60", l0_levels="T8")
    first = guest.path
    guest.send(p_kps="70")
    assert guest.path != first
    assert guest.open(first).fields["p.kps"] == "60"
    again = guest.path
    guest.send()
    assert guest.path == again, "the same state has the same address"


def test_the_spine_makes_a_lesion_for_each_level_and_takes_a_bare_one_away(guest):
    guest.open()
    guest.send("spine:T8")
    page = guest.send("spine:T9")
    assert (page.fields["l0.levels"], page.fields["l1.levels"]) == ("T8", "T9")
    assert {"spine:T8", "spine:T9"} <= set(page.pressed)
    page = guest.send("spine:T9")
    assert "l1.levels" not in page.fields
    guest.send(l0_grade="2")
    assert guest.send("spine:T8").fields["l0.levels"] == "T8", "what is known of a lesion is not lost by a click"


def test_lesions_are_added_and_removed_with_what_is_known_of_them(guest):
    guest.open()
    guest.send("add", l0_levels="T8", l0_grade="2")
    page = guest.send(l1_levels="T9", l1_grade="0")
    assert "T8:" in page.text
    assert "T9:" in page.text
    page = guest.send("remove:0")
    assert (page.fields["l0.levels"], page.fields["l0.grade"]) == ("T9", "0")
    assert "l1.levels" not in page.fields


def test_what_was_ticked_stays_ticked(guest):
    guest.open()
    guest.send(l0_levels="T8", l0_grade="3", p_fitness="fit")
    measure = re.search(r'name="done" value="([a-z_]+)"', guest.client.get(guest.path).text).group(1)
    page = guest.send(done=measure)
    assert page.fields["done"] == measure


# --- a letter -------------------------------------------------------------------------------------------------------------

LETTER = (
    "Thank you for seeing this 58 yo man with RCC, known bone disease. MRI of the spine: T9 Bilsky 1c, SINS 8. "
    "No brain mets. ?lymphoma in his brother. PS 1, walks with a frame."
)


def test_a_letter_is_marked_and_nothing_counts_before_it_is_taken(visitor):
    visitor.open()
    page = visitor.send("find", letter=LETTER)
    assert page.fields["letter"] == LETTER
    assert page.fields["p.primary_tumour"] == ""
    assert "Fill in what you know" in page.text
    offered = [act for act in page.buttons if act.startswith("set:") and act.endswith(("=RCC", "=Bilsky 1c", "=PS 1"))]
    assert offered == ["set:p.primary_tumour=RCC", "set:l0.escc_grade=Bilsky 1c", "set:p.ecog=PS 1"]
    told = [act for act in page.buttons if act.startswith("set:p.brain_metastases=") and "mets" in act]
    assert told == ["set:p.brain_metastases=No brain mets"]
    assert not any("lymphoma" in act for act in page.buttons), "it is doubted"
    taken = visitor.send("set:p.primary_tumour=RCC")
    assert taken.fields["p.primary_tumour"] == "RCC"
    assert taken.fields["p.ecog"] == ""


def test_each_level_of_a_letter_that_names_several_makes_a_lesion_of_its_own(visitor):
    visitor.open()
    page = visitor.send("find", letter="55F NSCLC. Th5 Bilsky 1b, Th11 Bilsky 0, L5/S1 Bilsky 1a. MRI again: D5.")
    offered = [act for act in page.buttons if act.startswith("lesion:")]
    assert offered == ["lesion:Th5", "lesion:Th11", "lesion:L5/S1", "lesion:D5"]
    for act in offered:
        page = visitor.send(act)
    assert [page.fields.get(f"l{number}.levels") for number in range(4)] == ["Th5", "Th11", "L5/S1", None]
    assert {f"lesion:{text}" for text in ("Th5", "Th11", "L5/S1")} <= set(page.pressed)
    assert "set:l2.escc_grade=Bilsky 1a" in page.buttons


# --- what follows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["noms-n9", "two-lesions", "contradiction-sins"])
def test_a_case_typed_into_the_page_gives_the_digest_of_the_command_line(knowledge, name):
    case = read_case(LIBRARY / f"{name}.yaml", knowledge)
    reading = read(state_of_case(case, knowledge), knowledge)
    assert reading.refused == ()
    bare = {"title": None, "notes": None, "source": None, "source_decision": None, "expect": {}}
    from dataclasses import replace

    typed, filed = (metspine.advise(replace(c, **bare), knowledge, settle=False) for c in (reading.case, case))
    assert typed.digest == filed.digest


def test_danger_and_what_to_do_are_on_the_page_with_their_rules(visitor):
    visitor.open()
    page = visitor.send(l0_levels="T8", l0_escc_grade="3", l0_neurological_examination="deficit", l0_deficit_hours="12")
    assert "DANGER" in page.text
    assert "dexamethasone" in page.text
    text = visitor.client.get(visitor.path).text
    assert re.search(r'href="/case/[0-9a-f]{24}/rule/EMG-07"', text)


def test_rules_why_why_not_and_what_would_change_it_are_pages_and_parts_of_pages(visitor):
    visitor.open()
    visitor.send(p_primary_tumour="RCC", p_ecog="1", l0_levels="T8", l0_escc_grade="3", l0_sins_total="15",
                 l0_prior_radiotherapy="none", l0_neurological_examination="normal")  # fmt: skip
    links = set(
        re.findall(r'href="(/case/[^"#]+/(?:rule|why|why-not|change)/[^"]*)"', visitor.client.get(visitor.path).text)
    )
    kinds = {link.split("/")[3] for link in links}
    assert kinds == {"rule", "why", "why-not", "change"}
    for kind in sorted(kinds):
        link = next(link for link in sorted(links) if link.split("/")[3] == kind)
        whole = visitor.client.get(link)
        part = visitor.client.get(link, headers={"HX-Request": "true"})
        assert whole.status_code == part.status_code == 200, link
        assert whole.text.lstrip().startswith("<!DOCTYPE html>")
        assert "<html" not in part.text
        assert part.text.strip()[:200] in whole.text


def test_a_script_gets_only_what_changed_and_the_plan_in_a_second_step(small_app):
    guest = Visitor(small_app)
    guest.open()
    guest.send(l0_levels="T8", p_kps="50")
    fields = {**guest.page.fields, "p.kps": "40", "act": ""}
    part = guest.client.post("/case", data=fields, headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert 'id="t-p-kps" hx-swap-oob="true"' in part.text
    assert 'id="t-l0-levels"' not in part.text
    address = part.headers["HX-Push-Url"]
    step = re.search(r'hx-get="([^"]+)"', part.text).group(1)
    plan = guest.client.get(step.replace("&amp;", "&"))
    assert 'class="card' in plan.text
    assert guest.open(address).fields["p.kps"] == "40"
    assert 'class="card' in guest.client.get(address).text


def test_a_run_has_an_address_by_its_digest_in_every_format(guest):
    guest.open()
    guest.send(l0_levels="T8", l0_grade="0")
    run = guest.client.get(f"{guest.path}/run")
    digest = run.url.path.rpartition("/")[2]
    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert digest in run.text
    assert run.headers["content-security-policy"].startswith(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha"
    )
    advice = guest.client.get(f"/runs/{digest}.json").json()
    assert advice["case"] == "case"
    assert guest.client.get(f"/runs/{digest}.svg").content.startswith(b"<?xml")
    assert "graphml" in guest.client.get(f"/runs/{digest}.graphml").text
    assert guest.client.get(f"/runs/{digest}.gif").status_code == 404


# --- the board ------------------------------------------------------------------------------------------------------------

LIST = (
    "patient;KPS;fitness;lesion;levels;grade;colour\r\n"
    "calm;70;unfit;;T7;0;red\r\n"
    "urgent;50;fit;;T8;3;blue\r\n"
    "urgent;50;;;T9;0;\r\n"
    "odd;x;;;T7;;\r\n"
)


def test_a_list_is_read_first_told_what_is_not_understood_and_then_taken_and_exported(guest):
    from metspine.serve.board import read_list

    page = guest.open("/board")
    token = page.fields["token"]
    looked = guest.client.post("/board/import", data={"token": token, "list": LIST, "act": "look"})
    assert "3 patients" in looked.text
    assert "columns left out: colour" in looked.text
    assert "odd: KPS:" in Page(looked.text).text
    assert "No patient is on the board" in guest.open("/board").text, "nothing is taken by looking"
    guest.client.post("/board/import", data={"token": token, "list": LIST, "act": "take"})
    text = guest.open("/board").text
    assert text.index("urgent") < text.index("calm"), "the most urgent first"
    assert "3 patients" in guest.open("/board/agenda").text
    exported = guest.client.get("/board.csv").text
    rows = list(csv.DictReader(StringIO(exported)))
    assert [row["patient"] for row in rows].count("urgent") == 2
    assert {row["levels"] for row in rows if row["patient"] == "urgent"} == {"T8", "T9"}
    assert next(row for row in rows if row["patient"] == "odd")["kps"] == "x", "what was not understood is not lost"

    knowledge = guest.client.app.state.knowledge
    again, first = read_list(exported, knowledge), read_list(LIST, knowledge)
    assert again.unknown == ()
    wanted = {state.case: read(state, knowledge).case for state in first.states}
    for state in again.states:
        found = read(state, knowledge).case
        assert found.patient == wanted[state.case].patient
        assert [lesion.given for lesion in found.lesions] == [lesion.given for lesion in wanted[state.case].lesions]


def test_what_a_column_is_taken_for_is_shown_and_chosen_otherwise_before_it_is_taken(guest):
    text = "patient,Karnofsky,the wall,grade,gradus\na,50,x,3,2\n"
    data = {"token": guest.open("/board").fields["token"], "list": text, "act": "look"}
    looked = guest.client.post("/board/import", data=data).text
    taken = dict(re.findall(r'name="column:([^"]+)">.*?(?:value="(\w+)" selected|</select>)', looked, re.DOTALL))
    assert (taken["patient"], taken["grade"], taken["gradus"], taken["the wall"]) == ("patient", "grade", "", "")
    data |= {"column:gradus": "gap_mm", "column:grade": "", "column:the wall": "nonsense"}
    guest.client.post("/board/import", data={**data, "act": "take"})
    name = re.search(r'href="(/case/[0-9a-f]{24})"', guest.client.get("/board").text)[1]
    page = guest.open(name)
    assert (page.fields["l0.gap_mm"], page.fields["l0.grade"]) == ("2", "")


def test_a_column_that_may_mean_two_things_or_what_another_means_is_not_guessed(knowledge):
    from metspine.serve.board import read_list

    found = read_list("case,ECOG,performance status,age,Age (years)\na,1,2,61,62\n", knowledge)
    twice = [column for column in found.columns if column.note]
    assert [column.meaning for column in twice] == [""] * len(twice)
    assert twice
    assert all("the same as" in column.note or "may be" in column.note for column in twice)
    assert found.problems == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no rows under its head"),
        ("case,kps", "no rows under its head"),
        ("case,kps\n" + "x,50\n" * 101, "the board room for 100"),
        ("case,kps\na,50\na,60", "row 3 says '60' of kps, and an earlier row '50'"),
    ],
)
def test_a_list_that_cannot_be_taken_says_why(guest, text, told):
    from metspine.serve.board import read_list

    assert any(told in problem for problem in read_list(text, guest.client.app.state.knowledge).problems)


def test_danger_comes_before_everything_else_on_the_board(visitor):
    text = "case,levels,Bilsky,Frankel\ncalm,L2,0,E\nurgent,T8,3,C\n"
    token = visitor.open("/board").fields["token"]
    visitor.client.post("/board/import", data={"token": token, "list": text, "act": "take"})
    board = visitor.open("/board").text
    assert board.index("urgent") < board.index("DANGER") < board.index("calm")


def test_no_spreadsheet_runs_what_was_typed(guest):
    guest.open()
    guest.send(l0_levels="T8", p_kps='=HYPERLINK("http://x")')
    guest.client.post("/board/add", data={"token": guest.page.fields["token"], "state": guest.path.rpartition("/")[2]})
    rows = list(csv.DictReader(StringIO(guest.client.get("/board.csv").text)))
    assert rows[0]["kps"].startswith("'=")


def test_a_patient_of_the_board_stays_on_it_when_edited(guest):
    guest.open()
    guest.send(l0_levels="T8")
    guest.client.post("/board/add", data={"token": guest.page.fields["token"], "state": guest.path.rpartition("/")[2]})
    guest.open(guest.path)
    guest.send(p_kps="40")
    edited = guest.path.rpartition("/")[2]
    assert edited in guest.client.get("/board").text


# --- rules ----------------------------------------------------------------------------------------------------------------


def test_rules_are_found_by_words_id_and_source_and_have_a_page(visitor):
    assert "NOMS-09" in visitor.open("/rules?q=NOMS-09").text
    assert "EMG" in visitor.open("/rules?q=dexamethasone").text
    assert "0 of" in visitor.open("/rules?q=zebra+crossing").text
    page = visitor.open("/rules/NOMS-09").text
    assert "One operation frees the cord" in page
    assert "Laufer" in page
    assert visitor.client.get("/rules/NOMS-99999").status_code == 404


# --- who may ask ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8421", "127.0.0.1.evil.example", "10.0.0.5"])
def test_a_request_for_another_host_is_refused(client, host):
    assert client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8421", "localhost:1", "[::1]:8421", "localhost"])
def test_this_machine_is_answered_by_each_of_its_names(client, host):
    assert client.get("/rules", headers={"host": host}).status_code == 200


def test_a_form_from_elsewhere_or_without_the_word_of_the_page_does_nothing(guest):
    fields = {**guest.open().fields, "l0.levels": "T8"}
    for headers in (
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        assert guest.client.post("/case", data=fields, headers=headers).status_code == 403
    for token in ("", "x", "0" * 64):
        assert guest.client.post("/case", data={**fields, "token": token}).status_code == 403
    stranger = TestClient(guest.client.app, base_url=HOST)
    assert stranger.post("/case", data=fields).status_code == 403


def test_one_browser_sees_nothing_of_another(small_app):
    one, other = Visitor(small_app), Visitor(small_app)
    one.open()
    one.send(l0_levels="T8", p_kps="60")
    other.open()
    assert other.client.get(one.path).status_code == 404
    assert other.client.get(f"{one.path}/plan").status_code == 404
    run = one.client.get(f"{one.path}/run").url.path
    assert other.client.get(run).status_code == 404


def test_what_is_too_large_or_not_ours_is_refused(guest):
    fields = guest.open().fields
    assert guest.client.post("/case", data={**fields, "letter": "x" * LARGEST_BODY}).status_code == 413
    chunks = (b"x" * 1000 for _ in range(LARGEST_BODY // 1000 + 2))
    assert guest.client.post("/api/advise", content=chunks).status_code == 413
    for wrong in (
        {"p.kps": "6" * 201},
        {"p.nothing": "1"},
        {"l0.age": "1"},
        {"l7.levels": "T8"},
        {"act": "drop:table"},
    ):
        assert guest.client.post("/case", data={**fields, **wrong}).status_code == 400, wrong
    assert guest.client.get("/case/0123").status_code == 404


def test_every_answer_forbids_what_the_page_does_not_need(guest):
    guest.open()
    for path in ("/", "/rules", "/board", "/static/page.css", "/nothing", "/api/schema/case"):
        headers = guest.client.get(path).headers
        assert "'unsafe" not in headers["content-security-policy"], path
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
    cookie = guest.client.get("/").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_no_page_has_a_script_or_a_style_inside_or_asks_another_host(visitor):
    visitor.open()
    visitor.send("find", letter=LETTER, l0_levels="T8", l0_escc_grade="2", p_primary_tumour="RCC")
    for path in (visitor.path, "/board", "/rules?q=sbrt", "/rules/NOMS-09"):
        text = visitor.client.get(path).text
        assert not re.search(r"<style|<script(?! src=\"/static/)|\son[a-z]+=|\sstyle=|javascript:", text), path
        loaded = re.findall(r"(?:src|action|hx-[a-z]+)=\"(https?:[^\"]*)\"|<link[^>]*href=\"(https?:[^\"]*)\"", text)
        assert loaded == [], path


def test_nothing_that_was_typed_becomes_markup_or_part_of_an_address(guest):
    evil = '"><script>alert(1)</script>'
    guest.open()
    page = guest.send("find", letter=evil, p_kps=evil, l0_levels=evil, case="Mr_Private")
    text = guest.client.get(guest.path).text
    assert "<script>alert" not in text
    assert page.fields["p.kps"] == evil
    assert "private" not in guest.path.lower()


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("127.3.2.1", True),
        ("0.0.0.0", False),
        ("10.1.1.1", False),
    ],
)
def test_which_addresses_are_this_machine(host, own):
    assert is_loopback(host) is own


def test_another_address_is_refused_with_what_to_do(capsys):
    from metspine.cli.serve import serve

    with pytest.raises(SystemExit) as ended:
        serve(host="0.0.0.0", port=0, sides=None, knowledge=None)
    assert ended.value.code == 2
    assert "SSH tunnel" in capsys.readouterr().err


def test_the_oldest_states_are_forgotten_but_not_those_on_the_board(toy_knowledge):
    from engine import Reasoner
    from metspine.serve import store as stored

    store = stored.Store(Work(Reasoner(toy_knowledge)))
    session = store.session(None)
    first = store.put(session, FormState(case="kept"))
    session.board.append(first.id)
    second = store.put(session, FormState(case="lost"))
    for number in range(stored.MOST_STATES):
        store.put(session, FormState(case=f"case-{number}"))
    assert first.id in session.states
    assert second.id not in session.states
    assert len(session.states) <= stored.MOST_STATES + 1
    assert store.session("made up by somebody").id != "made up by somebody"


def test_a_plan_that_the_page_has_left_behind_is_not_worked_out(guest):
    guest.open()
    script = {"HX-Request": "true"}
    fields = {**guest.page.fields, "act": ""}
    first = guest.client.post("/case", data={**fields, "l0.levels": "T8"}, headers=script)
    old = first.headers["HX-Push-Url"]
    newer = {**fields, "l0.levels": "T9", "from": old.rpartition("/")[2]}
    guest.client.post("/case", data=newer, headers=script)
    assert guest.client.get(f"{old}/plan").status_code == 204
    again = guest.client.post("/case", data={**fields, "l0.levels": "T8", "from": ""}, headers=script)
    assert again.headers["HX-Push-Url"] == old
    assert "T8" in guest.client.get(f"{old}/plan").text, "who comes back to it gets it"


def test_advice_that_was_forgotten_is_worked_out_again(toy_knowledge, monkeypatch):
    from engine import Reasoner
    from metspine.serve import store as stored

    monkeypatch.setattr(stored, "MOST_ADVISED", 2)
    store = stored.Store(Work(Reasoner(toy_knowledge)))
    session = store.session(None)
    states = [store.put(session, FormState(case=f"case-{number}")) for number in range(4)]
    digests = [worked.advised.answer.digest for worked in states]
    assert len(session.advised) == 2
    assert [worked.advised.answer.digest for worked in states] == digests


def test_what_an_answer_is_said_to_bring_is_what_it_brings(knowledge):
    from engine import Reasoner
    from metspine.serve import store as stored
    from metspine.serve.form import acted
    from metspine.serve.pages import Screen

    store = stored.Store(Work(Reasoner(knowledge)))
    session = store.session(None)
    case = read_case(LIBRARY / "three-lesions.yaml", knowledge)
    worked = store.put(session, state_of_case(case, knowledge))
    tried = 0
    for card in Screen(worked, knowledge).cards:
        for asked in card.asked:
            for reply in asked.answers:
                told = re.match(r"(?!nothing|still|\d)[^;]*$", reply.means)
                if reply.act and told:
                    then = store.put(session, acted(worked.state, reply.act, knowledge))
                    assert then.reading.refused == ()
                    (after,) = (other for other in Screen(then, knowledge).cards if other.id == card.id)
                    assert after.headline.lower().rstrip(".") == reply.means.lower()
                    tried += 1
    assert tried


def test_nothing_that_was_typed_is_logged(guest, caplog):
    import logging

    caplog.set_level(logging.DEBUG)
    guest.open()
    guest.send("find", letter="Zebrowski 1953", p_kps="Zebrowski", l0_levels="T8", case="Zebrowski")
    guest.client.post("/case", data={**guest.page.fields, "p.nothing": "Zebrowski"})
    guest.client.post(
        "/api/check", json={"case": {"case": "Zebrowski", "lesions": [{"id": "T8", "grade": "Zebrowski"}]}}
    )
    assert "Zebrowski" not in caplog.text
