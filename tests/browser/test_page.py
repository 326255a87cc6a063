"""The clinician's page in a real browser: accessible, usable from the keyboard and on a telephone, printable."""

import re
from io import BytesIO
from unicodedata import normalize

import pytest
from pypdf import PdfReader

pytestmark = pytest.mark.browser
CASES = ("noms-n9", "two-lesions", "template", "contradiction-sins", "boundary-sins-7")
SIZES = {"desk": 1280, "phone": 390}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# All that is folded, and of the firings, which are all made alike, the first few: axe takes a minute for a hundred.
UNFOLD = """document.querySelectorAll('details:not(.card), .card:nth-child(-n+5)').forEach(part => { part.open = true; });
document.querySelectorAll('.card:nth-child(n+6)').forEach(part => part.remove());"""
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def violations(window, within: str = "html") -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")
    window.evaluate(axe.AXE_SCRIPT)
    found = window.evaluate("([within, tags]) => axe.run(within, {runOnly: tags})", [within, STANDARDS])
    assert len(found["passes"]) > 10 or within != "html", "axe looked at something"
    return [f"{v['id']}: {v['help']}: {[n['html'] for n in v['nodes']][:3]}" for v in found["violations"]]


@pytest.mark.parametrize("width", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("case", CASES)
def test_axe_finds_nothing_and_nothing_is_fetched_or_cut_off(visit, case, width):
    window = visit(case, width, bypass_csp=True)
    window.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert window.evaluate(OVERFLOW) <= 0
    assert len(window.asked_for) == 1
    window.evaluate(UNFOLD)
    assert violations(window) == []


def test_at_night_it_is_dark_and_can_be_read(visit):
    window = visit("two-lesions", bypass_csp=True, color_scheme="dark")
    red, green, blue = map(
        int, re.findall(r"\d+", window.evaluate("getComputedStyle(document.documentElement).backgroundColor"))[:3]
    )
    assert max(red, green, blue) < 64
    window.evaluate(UNFOLD)
    assert violations(window) == []


def test_on_a_phone_dangers_come_first_and_a_fork_is_read_row_by_row(visit):
    window = visit("two-lesions", SIZES["phone"])
    top = {place: window.locator(place).first.bounding_box()["y"] for place in (".danger", "h1", ".do", ".answer")}
    assert list(top) == sorted(top, key=lambda place: top[place])
    cells = window.locator(".answer tbody tr").first.locator("td:visible")
    boxes = [cells.nth(i).bounding_box() for i in range(cells.count())]
    assert [box["x"] for box in boxes] == [boxes[0]["x"]] * len(boxes)
    assert not window.locator(".canvas").first.is_visible()
    assert window.locator(".twin li").first.is_visible()


def test_its_script_runs_under_its_own_policy_without_complaint(visit):
    window = visit("noms-n9")
    said: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    window.on("pageerror", lambda error: said.append(str(error)))
    window.reload()
    assert window.locator(".zoom").is_visible()
    assert said == []


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_rule_in_the_drawing_opens_from_the_keyboard_and_gives_the_focus_back(visit, key):
    window = visit("noms-n9", bypass_csp=True)
    window.locator(".canvas").focus()
    window.keyboard.press("Tab")
    link = window.evaluate("document.activeElement.getAttribute('href')")
    assert link.startswith("#firing-")
    window.keyboard.press(key)
    dialog = window.locator("#rule")
    assert dialog.is_visible()
    assert window.locator("#rule-title").inner_text() == window.locator(link).get_attribute("data-title")
    assert "Sources" in dialog.inner_text()
    assert "when:" in dialog.inner_text()
    assert violations(window, "#rule") == []
    window.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert window.evaluate("document.activeElement.getAttribute('href')") == link


def test_a_click_on_a_rule_opens_it_and_the_button_closes_it(visit):
    window = visit("noms-n9")
    window.locator(".answer a.rule").first.click()
    assert "NOMS-09" in window.locator("#rule-title").inner_text()
    window.get_by_role("button", name="Close").click()
    assert not window.locator("#rule").is_visible()


def test_buttons_make_the_drawing_larger_smaller_and_fit(visit):
    window = visit("noms-n9")

    def size() -> float:
        return float(window.evaluate("document.querySelector('.diagram').getBoundingClientRect().width"))

    fitted = size()
    window.get_by_role("button", name="Larger").click()
    assert size() == pytest.approx(fitted * 1.25, rel=0.02)
    window.get_by_role("button", name="Smaller").click()
    window.get_by_role("button", name="Smaller").click()
    assert size() < fitted
    window.get_by_role("button", name="Fit the width").click()
    assert size() == pytest.approx(fitted, rel=0.02)


def test_the_answer_and_what_to_do_first_stand_on_the_first_screen(visit):
    window = visit("noms-n9")
    for place in (".do", ".answer .plan", ".answer .why"):
        box = window.locator(place).first.bounding_box()
        assert box["y"] + box["height"] < 900


def test_without_script_a_link_still_leads_to_the_rule(visit):
    window = visit("noms-n9", java_script_enabled=False)
    link = window.locator(".answer a.rule").first
    card = window.locator(link.get_attribute("href"))
    assert not card.is_visible()
    link.click()
    assert card.is_visible()
    assert not window.locator(".zoom").is_visible()


@pytest.mark.parametrize(("case", "most"), [("noms-n9", 1), ("two-lesions", 2)])
def test_it_prints_what_is_not_folded_on_a_page_or_two(visit, case, most):
    pages = PdfReader(BytesIO(visit(case).pdf(prefer_css_page_size=True))).pages
    assert len(pages) <= most
    assert not any("rule version" in page.extract_text() for page in pages)


@pytest.mark.parametrize("case", ["noms-n9", "two-lesions"])
def test_unfolded_it_prints_on_a4_with_every_firing_and_can_be_searched(visit, case):
    window = visit(case)
    for summary in window.locator(".folded > summary").all():
        summary.click()
    firings = window.locator(".card").count()
    reader = PdfReader(BytesIO(window.pdf(prefer_css_page_size=True)))
    assert {(round(p.mediabox.width), round(p.mediabox.height)) for p in reader.pages} == {(595, 842)}
    text = normalize("NFKC", " ".join(" ".join(page.extract_text().split()) for page in reader.pages))
    assert window.locator(".answer .plan").first.inner_text() in text
    assert text.count("rule version") == firings
    assert "Larger" not in text
