"""The page in another language: chosen, negotiated, kept, and never half-translated without saying so."""

from pathlib import Path

import pytest
from jinja2 import Environment
from starlette.testclient import TestClient

import knowledge_base
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


@pytest.mark.parametrize("language", languages()[1:])
def test_a_translation_is_of_words_that_are_there_and_keeps_their_places(language):
    reader = Environment(extensions=["jinja2.ext.i18n"])
    asked = {
        text
        for file in TEMPLATES.glob("*.html")
        for _, _, text in reader.extract_translations(file.read_text(encoding="utf-8"))
    }
    words = words_of(language)
    assert set(words) <= asked
    for english, own in words.items():
        assert own.count("%(") == english.count("%(")
        assert all(place.partition(")")[0] in own for place in english.split("%(")[1:])
        assert own.count("<") == english.count("<")
