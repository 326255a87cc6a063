"""The live page in a real browser: answers that never overtake each other, what opens and closes, and what is printed."""

from io import BytesIO
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from tests.browser.looking import PATIENCE, filled, settled, violations

pytestmark = pytest.mark.browser


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


def test_a_change_is_answered_though_an_older_plan_arrives_while_it_is_under_way(come):
    window = come()
    plans, changes = [], []
    window.route("**/plan*", lambda route: plans.append(route))
    window.locator("#l0-levels").fill("T8")
    window.keyboard.press("Tab")
    window.wait_for_selector("#answer .early", timeout=PATIENCE)
    window.route("**/case", lambda route: changes.append(route))
    window.locator("#p-age").fill("55")
    with window.expect_request("**/case"):
        window.keyboard.press("Tab")
    plans[0].continue_()
    window.wait_for_selector("#answer .card:not(.early)", timeout=PATIENCE)
    window.unroute("**/plan*")
    changes[0].continue_()
    window.locator(".patient", has_text="55 years").wait_for(timeout=PATIENCE)


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


def test_every_danger_is_in_sight(come):
    window = come()
    window.evaluate("document.querySelectorAll('.known details').forEach(part => { part.open = true; })")
    bleeding = {"p_anticoagulant": "warfarin", "p_inr": "3.4", "p_active_infection": "yes"}
    filled(window, l0_levels="T8", l0_escc_grade="3", l0_deficit_hours="10", l0_ambulation="plegic", **bleeding)
    assert window.locator(".strip p").count() >= 5
    assert window.evaluate("(strip => strip.scrollHeight <= strip.clientHeight)(document.querySelector('.strip'))")


def test_a_refusal_is_told_at_its_field_and_counted_nowhere(come):
    window = come(bypass_csp=True)
    filled(window, l0_levels="T8", p_age="sixtyish")
    assert "1 not understood" in window.locator("#uncounted").inner_text()
    assert "sixtyish" in window.locator("#t-p-age").inner_text()
    assert violations(window) == []


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


def test_what_is_printed_is_the_answer_and_not_its_buttons(come):
    window = come()
    filled(window, p_primary_tumour="RCC", l0_levels="T8", l0_escc_grade="3", l0_sins_total="13", l0_deficit_hours="10")
    wanted = [window.locator(f".card {part}").first.inner_text() for part in (".plan", ".about", ".noms .label")]
    wanted += [text.removeprefix("done:") for text in window.locator(".strip p").all_inner_texts()]
    wanted += window.locator("#todo .do label").all_inner_texts()
    wanted += window.locator(".card .plain, .card .result").all_inner_texts()
    wanted += window.locator(".card .provided li, .card .rest li").all_text_contents()
    assert not window.locator(".card .rest li").first.is_visible(), "folded on the screen, and printed"
    printed = PdfReader(BytesIO(window.pdf(prefer_css_page_size=True)))
    said = normalize("NFKC", " ".join(" ".join(page.extract_text() for page in printed.pages).split()))
    assert len(printed.pages) <= 3
    for text in wanted:
        assert " ".join(normalize("NFKC", text).split()) in said
    for control in (
        "New case",
        "Add to the board",
        "Copy link",
        "Paste a letter",
        "What you know",
        "to the field",
        "why not",
    ):
        assert control not in said
