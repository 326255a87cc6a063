"""The five letters as they come, entered by keyboard alone and by mouse, at a desk and on a telephone: what that takes.

Each on the live page and on the page without a server. Keys are counted from the page as it opens. Seconds are those of the
machine, and those of a person by the keystroke-level model (Card, Moran and Newell 1980): 0.28 s a key, 1.1 s to point and
click, 1.35 s to think of each answer.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from urllib.parse import quote_plus

import pytest
from _pytest.mark import ParameterSet

import metspine
from cases import case_of
from engine.decision import decision_in_short
from knowledge_base.text.strict_yaml import read_text
from tests.browser.looking import PATIENCE, READY, settled

pytestmark = pytest.mark.browser
KEY, POINT, THINK = 0.28, 1.1, 1.35
PATIENT = "p"
# What each letter says, as it would be typed: fields of the patient (p) and of each lesion (l0, l1, …), in the page's order.
LETTERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "A.B.": (
        ("p-primary_tumour", "Ca breast"), ("p-age", "61F"), ("p-ecog", "2"),
        ("l0-levels", "D8"), ("l0-ambulation", "stick"), ("l0-neurological_examination", "4/5"),
        ("l0-deficit_hours", "1d"), ("l0-escc_grade", "2"), ("l0-sins_pain", "worse standing"), ("l0-sins_total", "~10"),
    ),
    "G.H.": (
        ("p-primary_tumour", "NSCLC"), ("p-age", "55F"), ("p-ecog", "1"),
        ("l0-levels", "Th5"), ("l0-escc_grade", "1b"), ("l0-sins_total", "6"),
        ("l1-levels", "Th11"), ("l1-escc_grade", "0"), ("l1-sins_total", "4"),
        ("l2-levels", "L5/S1"), ("l2-escc_grade", "1a"), ("l2-sins_total", "9"),
    ),
    "I.J.": (
        ("p-primary_tumour", "unknown"), ("p-histology_confirmed", "no"), ("p-age", "49M"),
        ("l0-levels", "T10"), ("l0-ambulation", "frame"), ("l0-neurological_examination", "sensory level"),
        ("l0-deficit_hours", "1/52"), ("l0-escc_grade", "cord compression"),
    ),
    "O.P.": (
        ("p-primary_tumour", "melanoma"), ("p-age", "42F"), ("p-ecog", "KPS 50"),
        ("l0-levels", "T11"), ("l0-ambulation", "non-ambulant"), ("l0-neurological_examination", "3/5"),
        ("l0-deficit_hours", "18h"), ("l0-escc_grade", "3"), ("l0-prior_radiotherapy", "SBRT 24/1"),
    ),
    "S.T.": (("p-age", "70"), ("l0-sins_pain", "back pain")),
}  # fmt: skip
# The buttons that say the same as what was typed, by the field; other fields are clicked into and typed.
BUTTONS = {
    ("l0-ambulation", "stick"): "aided", ("l0-ambulation", "frame"): "aided",
    ("l0-ambulation", "non-ambulant"): "non_ambulatory",
    ("l0-neurological_examination", "4/5"): "deficit", ("l0-neurological_examination", "3/5"): "deficit",
    ("l0-neurological_examination", "sensory level"): "deficit", ("l0-sins_pain", "worse standing"): "mechanical",
    ("l0-prior_radiotherapy", "SBRT 24/1"): "sbrt", ("p-histology_confirmed", "no"): "no",
    **{(f"l{i}-escc_grade", grade): grade for i in range(3) for grade in ("0", "1a", "1b", "1c", "2", "3")},
}  # fmt: skip


class Hand:
    """Enters what a letter says, and counts what that takes."""

    def __init__(self, window) -> None:
        self.window = window
        self.keys = self.clicks = self.answers = 0
        self.start = time.monotonic()

    def press(self, key: str) -> None:
        self.window.keyboard.press(key)
        self.keys += 1

    def write(self, text: str) -> None:
        self.window.keyboard.type(text)
        self.keys += len(text)
        self.answers += 1

    def click(self, selector: str) -> None:
        self.window.locator(selector).first.click()
        self.clicks += 1

    def tab_to(self, test: str) -> None:
        """Press Tab until the element that has the focus passes a test in JavaScript."""
        for _ in range(150):
            if self.window.evaluate(f"(e => {test})(document.activeElement)"):
                return
            self.press("Tab")
        raise AssertionError(f"no Tab leads to {test}")

    @property
    def seconds(self) -> float:
        """The seconds that a person takes."""
        return KEY * self.keys + POINT * self.clicks + THINK * self.answers


def has_lesion(window, field: str) -> bool:
    return field.startswith(PATIENT) or window.locator(f"#{field}").count() > 0


def by_keyboard(hand: Hand, field: str, text: str) -> None:
    if not has_lesion(hand.window, field):
        hand.tab_to("e.value === 'add'")
        hand.press("Enter")
        hand.window.wait_for_selector(f"#{field}:focus", timeout=PATIENCE)
    hand.tab_to(f"e.id === '{field}'")
    hand.write(text)


def by_mouse(hand: Hand, field: str, text: str) -> None:
    if not has_lesion(hand.window, field):
        hand.click("button[value=add]")
        hand.window.wait_for_selector(f"#{field}", timeout=PATIENCE)
    if (field, text) in BUTTONS:
        hand.click(f"button[value='set:{field.replace('-', '.', 1)}={BUTTONS[field, text]}']")
        hand.answers += 1
    else:
        hand.click(f"#{field}")
        hand.write(text)


DOORS = ("live", "static")
OFTEN = (
    ("A.B.", by_keyboard, 1440, "live"), ("A.B.", by_keyboard, 1440, "static"), ("A.B.", by_mouse, 390, "live"),
    ("O.P.", by_keyboard, 1440, "live"),
)  # fmt: skip
# The letters as they stand, and some of the words that are taken of each.
PASTED = {
    "A.B.": (
        "Dear on-call spinal, thanks for seeing this 61 y lady, Dx Ca breast 2019 (ER+/HER2-), on letrozole + "
        "palbociclib. Bony mets known. Back pain 6/52, worse standing, better lying. MRI WS: D8 met w/ ESCC 2, 40% "
        "collapse, no listhesis. SINS about 10. Power 4/5 both legs since yesterday, walking w/ stick. PS 2. Hb 98. "
        "Dex 16 started. Keen for anything.",
        {"p-age": "61", "p-ecog": "PS 2", "l0-levels": "D8", "l0-escc_grade": "ESCC 2", "l0-sins_pain": "better lying"},
    ),
    "G.H.": (
        "55F NSCLC adeno, EGFR ex19 del, not yet started osimertinib. 3 lesions: Th5 Bilsky 1b, Th11 Bilsky 0, L5/S1 Bilsky "
        "1a with root pain S1 left. SINS 6 / 4 / 9. Brain mets x2 asymptomatic. PS 1.",
        {"p-age": "55", "p-ecog": "PS 1", "l0-levels": "Th5", "l1-levels": "Th11", "l2-levels": "L5/S1"},
    ),
    "I.J.": (
        "Unknown primary, 49M, presented to A&E w/ 1/52 progressive leg weakness, now needs frame; sensory level umbilicus; "
        "urinary hesitancy. MRI: T10 epidural mass w/ cord compression, vertebral body and left paraspinal 5cm. No Ca "
        "history. CT CAP awaited. Calcium 2.9. ?lymphoma ?myeloma",
        {
            "p-primary_tumour": "Unknown primary",
            "p-age": "49",
            "p-calcium": "Calcium 2.9",
            "l0-levels": "T10",
            "l0-ambulation": "now needs frame",
            "l0-sphincter_disturbance": "",
        },
    ),
    "O.P.": (
        "42F melanoma BRAF V600E, pembro progressed. T11 met had SBRT 24 Gy/1 14/12 ago, now recurrent. Bilsky 3. "
        "Paraparesis 3/5, non-ambulant since 18 h. Liver mets. LDH 800. KPS 50 (was 80 last week). INR 1.1.",
        {
            "p-primary_tumour": "melanoma",
            "p-age": "42",
            "p-kps": "KPS 50",
            "l0-levels": "T11",
            "l0-escc_grade": "Bilsky 3",
            "l0-prior_radiotherapy": "SBRT",
            "l0-neurological_examination": "Paraparesis 3/5",
        },
    ),
    "S.T.": (
        "Please discuss. 70 yo. mets spine. Back pain. MRI to follow. Thanks",
        {"p-age": "70", "p-primary_tumour": "", "l0-levels": "", "l0-sins_pain": "Back pain"},
    ),
}


def _entered() -> Iterator[ParameterSet]:
    """Yield each letter in each way at each width; what is no more than another of them is for the long proofs."""
    for letter, way, width, door in product(LETTERS, (by_keyboard, by_mouse), (1440, 390), DOORS):
        is_often = (letter, way, width, door) in OFTEN
        name = f"{letter}-{way.__name__.removeprefix('by_')}-{width}-{door}"
        yield pytest.param(
            letter, way, width, door, id=name, marks=[*_of(door), *([] if is_often else [pytest.mark.slow])]
        )


def _of(door: str) -> list:
    """Return the marks of a door: one engine for all tests of the page without a server."""
    return [pytest.mark.xdist_group("static")] if door == "static" else []


@pytest.fixture
def empty(request) -> Callable:
    """Return a function that opens the empty page by a door, and gives its window and its address."""

    def opened(door: str, width: int):
        height = 900 if width > 500 else 844
        if door == "live":
            return request.getfixturevalue("come")(width, height), request.getfixturevalue("address")
        window = request.getfixturevalue("static_page")
        window.set_viewport_size({"width": width, "height": height})
        window.get_by_role("link", name="metspine", exact=True).click()
        window.wait_for_selector("#letter > summary:focus", timeout=PATIENCE)
        return window, request.getfixturevalue("folder")

    return opened


def shows_the_decision_of_the_command_line(window, knowledge) -> bool:
    """Tell whether the decision that the page shows is the one that its case file gives."""
    file = window.evaluate("fetch(`/case/${document.getElementById('from').value}/file`).then(answer => answer.text())")
    decision = decision_in_short(metspine.advise(case_of(read_text(file, "case.yaml"), knowledge), knowledge).advice)
    return decision in window.locator("#answer > .notice").inner_text()


def finished(hand: Hand, name: str, capsys) -> None:
    """Wait for the plan, and tell what it took."""
    hand.window.wait_for_timeout(300)
    settled(hand.window)
    took = time.monotonic() - hand.start
    with capsys.disabled():
        print(f"\n{name:26}: {hand.keys:3} keys {hand.clicks:2} clicks "  # noqa: T201
              f"{hand.seconds:5.1f} s by hand, machine {took:5.1f} s", end="")  # fmt: skip


@pytest.mark.parametrize(("letter", "way", "width", "door"), list(_entered()))
def test_a_letter_is_entered_and_comes_to_something_that_a_board_can_use(
    empty, letter, way, width, door, capsys, knowledge
):
    window, address = empty(door, width)
    hand = Hand(window)
    for field, text in LETTERS[letter]:
        way(hand, field, text)
    hand.press("Tab")
    finished(hand, f"{letter} {way.__name__[3:]} {width} {door}", capsys)
    lesions = {field.partition("-")[0] for field, _ in LETTERS[letter]} - {PATIENT}
    assert window.locator(f"{READY} .card").count() == len(lesions)
    assert window.locator("#uncounted").inner_text().strip() == ""
    assert window.locator("#todo input").count() > 0
    assert window.said == []
    assert shows_the_decision_of_the_command_line(window, knowledge)
    if way is by_keyboard:
        assert [window.input_value(f"#{field}") for field, _ in LETTERS[letter]] == [
            text for _, text in LETTERS[letter]
        ]
    assert all(url.startswith((address, "blob:", "data:")) for url in window.asked_for), "nothing leaves the machine"
    assert not any(quote_plus(text) in url for url in window.asked_for for _, text in LETTERS[letter] if len(text) > 3)
    assert re.fullmatch(rf"{address}/(case/[0-9a-f]{{24}}|index.html#case\?.*)", window.url)
    if letter == "A.B.":
        window.locator("#live", has_text="T8:").wait_for(state="attached", timeout=PATIENCE)
    if letter == "A.B.":
        assert hand.seconds <= 60
        assert way is by_mouse or hand.keys <= 60


def _pasted() -> Iterator[ParameterSet]:
    """Yield each letter that is pasted, by each door; what is no more than another of them is for the long proofs."""
    for letter, door in product(PASTED, DOORS):
        is_often = door == "live" and letter in ("A.B.", "G.H.")
        marks = [*_of(door), *([] if is_often else [pytest.mark.slow])]
        yield pytest.param(letter, door, id=f"{letter}-{door}", marks=marks)


@pytest.mark.parametrize(("letter", "door"), list(_pasted()))
def test_a_letter_is_pasted_and_its_words_are_taken_one_by_one_from_the_keyboard(empty, letter, door, capsys):
    window, _ = empty(door, 1440)
    text, taken = PASTED[letter]
    hand = Hand(window)
    hand.press("Enter")
    hand.press("Tab")
    window.keyboard.insert_text(text)
    hand.keys += 2  # Ctrl and V
    hand.press("Tab")
    hand.press("Enter")
    window.wait_for_selector(".scripted #found:focus", timeout=PATIENCE)
    for act in window.locator(".takes button[value^='lesion:']").evaluate_all("every => every.map(e => e.value)"):
        hand.tab_to(f"e.value === '{act}'")
        hand.press("Enter")
        window.wait_for_selector(f"button[value='{act}'][aria-pressed=true]", timeout=PATIENCE)
        window.wait_for_selector(".scripted #found:focus", timeout=PATIENCE)
        hand.answers += 1
    for act in window.locator(".takes button:first-child[value^='set:']").evaluate_all(
        "every => every.map(e => e.value)"
    ):
        hand.tab_to(f"e.value === '{act}'")
        hand.press("Enter")
        hand.answers += 1
    finished(hand, f"{letter} pasted {door}", capsys)
    assert {field: window.input_value(f"#{field}") for field in taken} == taken
    assert window.locator("#uncounted").inner_text().strip() == ""
    assert hand.seconds <= 60
    assert window.said == []
