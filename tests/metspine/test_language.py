"""The page in another language: chosen, negotiated, kept, and never half-translated without saying so."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment
from starlette.testclient import TestClient

import knowledge_base
from metspine.journal.store import Journal
from metspine.serve.accounts import Accounts
from metspine.serve.language import languages, preferred, words_of
from metspine.serve.server import make_app
from tests.metspine.test_serve import HOST

BASE = Path(__file__).parents[1] / "bad_knowledge" / "base"
TEMPLATES = Path(__file__).parents[2] / "metspine" / "serve" / "templates"


@pytest.fixture
def client():
    return TestClient(make_app(knowledge_base.load(BASE)), base_url=HOST)


@pytest.mark.parametrize(
    ("wish", "language"),
    [("", "en"), ("de", "de"), ("de-AT,de;q=0.9,en;q=0.5", "de"), ("en-GB,de;q=0.8", "en"), ("fr,de;q=0.4", "de"),
     ("fr", "en"), ("de;q=0", "en"), ("*,;;q=...", "en")],
)  # fmt: skip
def test_the_wish_of_the_browser_is_read(wish, language):
    assert preferred(wish) == language


def test_the_browser_or_the_address_chooses_and_the_page_says_what_stays_english(client):
    assert "What you know" in client.get("/").text
    german = client.get("/", headers={"accept-language": "de"}).text
    assert '<html lang="de">' in german
    assert "Was bekannt ist" in german
    assert "Klinische Texte sind auf Englisch" in german
    assert "Was bekannt ist" in client.get("/?lang=de").text
    assert "Neuer Fall" in client.get("/board").text, "it holds"
    assert "What you know" in client.get("/?lang=en").text
    assert "What you know" in client.get("/?lang=../../x").text


def test_what_is_clinical_is_marked_as_english(client):
    assert '<div lang="en-GB" class="row">' in client.get("/?lang=de").text
    assert '<div class="row">' in client.get("/?lang=en").text


def _asked() -> set[str]:
    """Return every text of the templates that may be said in another language."""
    reader = Environment(extensions=["jinja2.ext.i18n"])
    found = (
        text
        for file in TEMPLATES.glob("*.html")
        for _, _, text in reader.extract_translations(file.read_text(encoding="utf-8"))
    )
    return {one for text in found for one in (text if isinstance(text, tuple) else (text,)) if isinstance(one, str)}


@pytest.mark.parametrize("language", languages()[1:])
def test_a_translation_has_every_word_and_keeps_their_places(language):
    words = words_of(language)
    missing, needless = sorted(_asked() - set(words)), sorted(set(words) - _asked())
    assert missing == [], f"add to words/{language}.json"
    assert needless == [], f"take out of words/{language}.json"
    for english, own in words.items():
        assert own.count("%(") == english.count("%(")
        assert all(place.partition(")")[0] in own for place in english.split("%(")[1:])
        assert own.count("<") == english.count("<")


def test_hardly_a_word_of_a_page_stands_outside_what_is_translated():
    """A text between tags that no `_()` or `trans` holds stays English for everybody; the names of things may."""
    names = {"metspine", "case", "English", "CSV", "DANGER", "id", "title"}
    bare = re.compile(
        r"\{%-? *trans.*?endtrans *-?%\}|\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}|<svg.*?</svg>|<[^>]*>", re.DOTALL
    )
    found = {
        (file.name, word)
        for file in TEMPLATES.glob("*.html")
        for word in re.findall(r"[A-Za-z]{2,}", bare.sub(" ", file.read_text(encoding="utf-8")))
    }
    assert {(file, word) for file, word in found if word not in names} == set()


def test_the_page_of_an_auditor_speaks_german_too(tmp_path):
    accounts = Accounts(tmp_path / "users.json")
    accounts.put("aud", "auditor", "correct horse battery")
    journal = Journal.create(tmp_path / "j.db", tmp_path / "key", "hospital.example/spine")
    client = TestClient(make_app(knowledge_base.load(BASE), journal=journal, accounts=accounts), base_url=HOST)
    client.headers["accept-language"] = "de"
    client.post("/login", data={"name": "aud", "password": "correct horse battery"})
    assert "0 Entscheidungen" in client.get("/journal").text
    assert "Wem eine Regel riet" in client.get("/journal/recall").text
    assert "Nicht da" in client.get("/journal/77").text
