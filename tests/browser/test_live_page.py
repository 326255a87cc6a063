"""The live page in a real browser: a letter typed from the keyboard, answers that never overtake each other, axe."""

import re
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn

from metspine.serve.server import make_app
from tests.browser.test_page import OVERFLOW, SIZES, violations

pytestmark = pytest.mark.browser
READY = "body:not(:has(.htmx-request)) #answer:not([aria-busy])"
PATIENCE = 120_000  # milliseconds that a busy machine may take for a plan
# A letter of our own: "67 M with RCC. MRI: T10 Bilsky 2, SINS 11, never irradiated. Walks with a frame since 20 h. PS 1."
LETTER = (
    ("p-primary_tumour", "RCC"),
    ("p-age", "67"),
    ("p-ecog", "1"),
    ("l0-levels", "T10"),
    ("l0-escc_grade", "2"),
    ("l0-ambulation", "frame"),
    ("l0-deficit_hours", "20"),
    ("l0-prior_radiotherapy", "none"),
    ("l0-sins_total", "11"),
)


@pytest.fixture(scope="module")
def address(knowledge) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(make_app(knowledge), port=0, access_log=False, log_level="warning"))
    listening = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture
def come(browser, address) -> Iterator[Callable]:
    """Return a function that opens the live page in a fresh browser window."""
    contexts = []

    def opened(width: int = 1440, height: int = 900, path: str = "/", **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **options))
        window = contexts[-1].new_page()
        window.asked_for, window.said = [], []
        window.on("request", lambda request: window.asked_for.append(request.url))
        window.on("pageerror", lambda error: window.said.append(str(error)))
        window.goto(f"{address}{path}")
        return window

    yield opened
    for context in contexts:
        context.close()


def settled(window, selector: str = ".card"):
    window.wait_for_selector(f"{READY} {selector}", state="attached", timeout=PATIENCE)


def filled(window, **fields: str):
    for name, text in fields.items():
        window.locator(f"#{name.replace('_', '-', 1)}").fill(text)
        window.keyboard.press("Tab")
    window.wait_for_timeout(400)
    settled(window)


def test_a_letter_is_typed_from_the_keyboard_alone(come, address):
    window = come()
    window.locator("#p-primary_tumour").focus()
    strokes = 0
    for name, text in LETTER:
        while window.evaluate("document.activeElement.id") != name:
            window.keyboard.press("Tab")
            strokes += 1
        window.keyboard.type(text)
        strokes += len(text)
    window.keyboard.press("Tab")
    for last in (window.locator("#live", has_text="T10:"), window.locator("body", has_text="walks with an aid")):
        last.wait_for(state="attached", timeout=PATIENCE)
    settled(window)
    assert strokes <= 60
    said = window.locator("body").inner_text()
    assert "DANGER" in said
    assert "renal cell carcinoma" in said
    assert "walks with an aid" in said
    for name, text in LETTER:
        assert window.input_value(f"#{name}") == text
    assert window.locator("#live").text_content().startswith("T10:")
    assert re.match(rf"{address}/case/[0-9a-f]{{24}}$", window.url)
    assert all(url.startswith((address, "data:")) for url in window.asked_for)
    assert not any(text in url for url in window.asked_for for _, text in LETTER[:1])
    assert window.said == []


def test_the_newer_answer_wins_the_focus_stays_and_back_undoes(come):
    window = come()
    filled(window, l0_levels="T8", l0_escc_grade="3")
    window.locator("#c-l0-escc_grade-1").click()
    window.locator("#c-l0-escc_grade-4").click()
    window.wait_for_timeout(400)
    settled(window)
    assert window.input_value("#l0-escc_grade") == "1c"
    assert window.evaluate("document.activeElement.id") == "c-l0-escc_grade-4"
    assert "ESCC 1c" in window.locator(".card").inner_text()
    filled(window, p_age="55")
    filled(window)
    window.go_back()
    settled(window)
    assert window.input_value("#p-age") == ""
    assert window.input_value("#l0-escc_grade") == "1c"


def test_a_rule_opens_in_the_drawer_and_gives_the_focus_back(come):
    window = come(bypass_csp=True)
    filled(window, l0_levels="T8", l0_escc_grade="3", l0_deficit_hours="10")
    link = window.locator(".strip a").first
    link.focus()
    window.keyboard.press("Enter")
    window.wait_for_selector("#drawer[open] h1")
    assert "Sources" in window.locator("#drawer").inner_text()
    assert violations(window, "#drawer") == []
    window.keyboard.press("Escape")
    assert window.evaluate("document.activeElement.textContent") == link.text_content()


def test_a_refusal_is_told_at_its_field_and_counted_nowhere(come):
    window = come(bypass_csp=True)
    filled(window, l0_levels="T8", p_age="sixtyish")
    assert "1 not understood" in window.locator("#uncounted").inner_text()
    assert "sixtyish" in window.locator("#t-p-age").inner_text()
    assert violations(window) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES.values(), ids=SIZES)
def test_axe_finds_nothing_in_the_main_states_and_nothing_is_cut_off(come, width, scheme):
    window = come(width, bypass_csp=True, color_scheme=scheme)
    assert violations(window) == []
    assert window.evaluate(OVERFLOW) <= 0
    filled(window, p_primary_tumour="RCC", l0_levels="T8", l0_escc_grade="3", l0_deficit_hours="10")
    window.evaluate("document.querySelectorAll('.pathways, .twin, .spine').forEach(part => { part.open = true; })")
    assert window.evaluate(OVERFLOW) <= 0
    assert violations(window) == []
    for path in ("/board", "/rules?q=dexamethasone", "/rules/NOMS-09"):
        window.goto(window.url.partition("/case")[0] + path)
        assert window.evaluate(OVERFLOW) <= 0
        assert violations(window) == []
        window.go_back()


def test_without_scripts_a_button_is_a_whole_page(come):
    window = come(java_script_enabled=False)
    window.locator("#l0-levels").fill("T8")
    window.get_by_role("button", name="abnormal (a deficit)").first.click()
    assert window.input_value("#l0-levels") == "T8"
    assert window.input_value("#l0-neurological_examination") == "deficit"
    assert "DANGER" in window.locator(".strip").inner_text()
    assert window.locator(".card").count() == 1


def test_lesions_are_made_on_the_spine(come):
    window = come()
    window.get_by_role("button", name="T8", exact=True).click()
    window.wait_for_url("**/case/*#l0-levels")
    window.locator(".spine summary").click()
    window.get_by_role("button", name="L3", exact=True).click()
    window.wait_for_url("**/case/*#l1-levels", timeout=PATIENCE)
    settled(window)
    assert window.evaluate("document.activeElement.id") == "l1-levels"
    assert window.locator(".card").count() == 2


def test_an_answer_lights_up_the_rows_that_it_leaves_and_a_row_its_answers(come):
    window = come()
    filled(
        window, p_primary_tumour="Ca breast", p_ecog="2", l0_levels="T8", l0_escc_grade="2",
        l0_neurological_examination="4/5", l0_sins_total="~10",
    )  # fmt: skip
    answers, rows = window.locator(".decides [data-rows]"), window.locator(".card .wide tbody tr")
    wanted = [answers.nth(i).get_attribute("data-rows").split() for i in range(answers.count())]
    assert rows.count() > 1
    answers.first.hover()
    assert [i for i in range(rows.count()) if "lit" in (rows.nth(i).get_attribute("class") or "")] == list(
        map(int, wanted[0])
    )
    rows.first.hover()
    assert [i for i, row in enumerate(wanted) if "lit" in (answers.nth(i).get_attribute("class") or "")] == [
        i for i, row in enumerate(wanted) if "0" in row
    ]
