"""The page without a server, from a folder that `make page` built: the same answers, and no request but for that folder.

Skipped where the folder is not built.
"""

import json

import pytest

import metspine
from cases import read_case
from cases.writing import case_data
from metspine.library import LIBRARY
from tests.browser.looking import PATIENCE, READY, filled, settled, violations

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("static")]  # one engine for all of them
SAMPLE = ("noms-n9", "contradiction-kps-ecog")
EVERY = tuple(sorted(path.stem for path in LIBRARY.glob("*.yaml")))
ADVISED = """async (given) => {
    const answer = await fetch("/api/advise", {method: "POST", headers: {"content-type": "application/json"}, body: given});
    return (await answer.json()).digest;
}"""


def test_a_letter_is_answered_kept_in_the_address_and_sent_nowhere(static_page, folder):
    filled(static_page, p_primary_tumour="RCC", l0_levels="T10", l0_escc_grade="2", l0_sins_total="11", p_ecog="1")
    assert "DANGER (T10)" in static_page.locator(".strip").inner_text()
    static_page.wait_for_selector(".card svg.diagram g.node", state="attached", timeout=PATIENCE)
    assert "p.primary_tumour=RCC" in static_page.url
    static_page.get_by_role("link", name="Board").click()
    static_page.wait_for_selector("h1:has-text('Board')")
    static_page.go_back()
    settled(static_page)
    assert static_page.input_value("#l0-sins_total") == "11"
    assert all(url.startswith((f"{folder}/", "blob:", "data:")) for url in static_page.asked_for)


def test_the_page_to_print_opens_with_its_style(static_page):
    filled(static_page, l0_levels="T10", l0_escc_grade="3")
    with static_page.expect_popup() as opened:
        static_page.get_by_role("link", name="Page to print").click()
    report = opened.value
    report.wait_for_selector("h1", timeout=PATIENCE)
    assert report.evaluate("document.styleSheets.length") == 1
    assert "T10" in report.locator("body").inner_text()
    report.close()


@pytest.mark.parametrize("names", [SAMPLE, pytest.param(EVERY, marks=pytest.mark.slow)], ids=["sample", "library"])
def test_a_case_has_the_digest_of_the_command_line(static_page, knowledge, names):
    others = []
    for name in names:
        data = case_data(read_case(LIBRARY / f"{name}.yaml", knowledge), knowledge)
        found = static_page.evaluate(ADVISED, json.dumps({"case": data}))
        if found != metspine.advise(data, knowledge, settle=False).digest:
            others.append(name)
    assert others == []


def test_a_reload_keeps_what_was_typed(static_page):
    filled(static_page, l0_levels="L2", l0_sins_total="4")
    static_page.reload()
    static_page.wait_for_selector(f"{READY} .card", timeout=PATIENCE)
    assert static_page.input_value("#l0-levels") == "L2"
    assert static_page.input_value("#l0-sins_total") == "4"


def test_axe_finds_nothing_while_the_engine_loads(browser, folder):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=True)
    window = context.new_page()
    window.goto(f"{folder}/index.html", wait_until="commit")
    window.wait_for_selector("#loading")
    assert violations(window) == []
    context.close()
