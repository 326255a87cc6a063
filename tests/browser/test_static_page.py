"""The page without a server, from a folder that `make page` built: the same answers, and no request but for that folder.

Skipped where the folder is not built.
"""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import metspine
from cases import read_case
from cases.writing import case_data
from metspine.library import LIBRARY
from tests.browser.looking import PATIENCE, READY, filled, settled

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("static")]  # one engine for all of them
BUILT = Path(__file__).parents[2] / "build" / "site" / "page"
SAMPLE = ("noms-n9", "contradiction-kps-ecog")
EVERY = tuple(sorted(path.stem for path in LIBRARY.glob("*.yaml")))
ADVISED = """async (given) => {
    const answer = await fetch("/api/advise", {method: "POST", headers: {"content-type": "application/json"}, body: given});
    return (await answer.json()).digest;
}"""


@pytest.fixture(scope="module")
def folder() -> Iterator[str]:
    """Serve the folder as any static host would, and return its address."""
    if not (BUILT / "index.html").is_file():
        pytest.skip("the page without a server is not built (make page)")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=BUILT)
    handler.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def window(browser, folder) -> Iterator:
    """Open the page once, since its engine takes seconds to start."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.asked_for = []
    page.on("request", lambda request: page.asked_for.append(request.url))
    page.goto(f"{folder}/index.html")
    page.wait_for_selector("#form", timeout=PATIENCE)
    yield page
    context.close()


def test_a_letter_is_answered_kept_in_the_address_and_sent_nowhere(window, folder):
    filled(window, p_primary_tumour="RCC", l0_levels="T10", l0_escc_grade="2", l0_sins_total="11", p_ecog="1")
    assert "DANGER (T10)" in window.locator(".strip").inner_text()
    window.wait_for_selector(".card svg.diagram g.node", state="attached", timeout=PATIENCE)
    assert "p.primary_tumour=RCC" in window.url
    window.get_by_role("link", name="Board").click()
    window.wait_for_selector("h1:has-text('Board')")
    window.go_back()
    settled(window)
    assert window.input_value("#l0-sins_total") == "11"
    assert all(url.startswith((f"{folder}/", "blob:", "data:")) for url in window.asked_for)


def test_the_page_to_print_opens_with_its_style(window):
    filled(window, l0_levels="T10", l0_escc_grade="3")
    with window.expect_popup() as opened:
        window.get_by_role("link", name="Page to print").click()
    report = opened.value
    report.wait_for_selector("h1", timeout=PATIENCE)
    assert report.evaluate("document.styleSheets.length") == 1
    assert "T10" in report.locator("body").inner_text()
    report.close()


@pytest.mark.parametrize("names", [SAMPLE, pytest.param(EVERY, marks=pytest.mark.slow)], ids=["sample", "library"])
def test_a_case_has_the_digest_of_the_command_line(window, knowledge, names):
    others = []
    for name in names:
        data = case_data(read_case(LIBRARY / f"{name}.yaml", knowledge), knowledge)
        found = window.evaluate(ADVISED, json.dumps({"case": data}))
        if found != metspine.advise(data, knowledge, settle=False).digest:
            others.append(name)
    assert others == []


def test_a_reload_keeps_what_was_typed(window):
    filled(window, l0_levels="L2", l0_sins_total="4")
    window.reload()
    window.wait_for_selector(f"{READY} .card", timeout=PATIENCE)
    assert window.input_value("#l0-levels") == "L2"
    assert window.input_value("#l0-sins_total") == "4"
