"""The five letters as they come, entered by keyboard alone and by mouse, at a desk and on a telephone: what that takes.

Seconds are those of the machine, and those of a person by the keystroke-level model (Card, Moran and Newell 1980): 0.28 s a
key, 1.1 s to point and click, 1.35 s to think of each answer.
"""

import re
import time
from collections.abc import Iterator, Mapping
from itertools import product
from urllib.parse import quote_plus

import pytest
from _pytest.mark import ParameterSet

from tests.browser.looking import PATIENCE, READY, settled

pytestmark = pytest.mark.browser
KEY, POINT, THINK = 0.28, 1.1, 1.35
PATIENT = "p"
# What each letter says, as it would be typed: fields of the patient (p) and of each lesion (l0, l1, …), in the page's order.
LETTERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "A.B.": (
        ("p-primary_tumour", "Ca breast"), ("p-age", "61F"), ("p-ecog", "2"),
        ("l0-levels", "D8"), ("l0-escc_grade", "2"), ("l0-neurological_examination", "4/5"), ("l0-ambulation", "stick"),
        ("l0-deficit_hours", "1d"), ("l0-sins_pain", "worse standing"), ("l0-sins_total", "~10"),
    ),
    "G.H.": (
        ("p-primary_tumour", "NSCLC"), ("p-age", "55F"), ("p-ecog", "1"),
        ("l0-levels", "Th5"), ("l0-escc_grade", "1b"), ("l0-sins_total", "6"),
        ("l1-levels", "Th11"), ("l1-escc_grade", "0"), ("l1-sins_total", "4"),
        ("l2-levels", "L5/S1"), ("l2-escc_grade", "1a"), ("l2-sins_total", "9"),
    ),
    "I.J.": (
        ("p-primary_tumour", "unknown"), ("p-histology_confirmed", "no"), ("p-age", "49M"),
        ("l0-levels", "T10"), ("l0-neurological_examination", "sensory level"), ("l0-ambulation", "frame"),
        ("l0-deficit_hours", "1/52"),
    ),
    "O.P.": (
        ("p-primary_tumour", "melanoma"), ("p-age", "42F"), ("p-ecog", "KPS 50"),
        ("l0-levels", "T11"), ("l0-escc_grade", "3"), ("l0-neurological_examination", "3/5"),
        ("l0-ambulation", "non-ambulant"), ("l0-deficit_hours", "18h"), ("l0-prior_radiotherapy", "SBRT 24/1"),
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


OFTEN = (("A.B.", by_keyboard, 1440), ("A.B.", by_mouse, 390), ("O.P.", by_keyboard, 1440))


def _entered() -> Iterator[ParameterSet]:
    """Yield each letter in each way at each width; what is no more than another of them is for the long proofs."""
    for letter, way, width in product(LETTERS, (by_keyboard, by_mouse), (1440, 390)):
        is_often = (letter, way, width) in OFTEN
        name = f"{letter}-{way.__name__.removeprefix('by_')}-{width}"
        yield pytest.param(letter, way, width, id=name, marks=() if is_often else pytest.mark.slow)


@pytest.mark.parametrize(("letter", "way", "width"), list(_entered()))
def test_a_letter_is_entered_and_comes_to_something_that_a_board_can_use(come, address, letter, way, width, capsys):
    window = come(width, 900 if width > 500 else 844)
    window.locator("#p-primary_tumour").focus()
    hand = Hand(window)
    for field, text in LETTERS[letter]:
        way(hand, field, text)
    hand.press("Tab")
    window.wait_for_timeout(300)
    settled(window)
    took = time.monotonic() - hand.start
    with capsys.disabled():
        print(f"\n{letter} {way.__name__[3:]:9} {width:5}: {hand.keys:3} keys {hand.clicks:2} clicks "  # noqa: T201
              f"{hand.seconds:5.1f} s by hand, machine {took:5.1f} s", end="")  # fmt: skip
    lesions = {field.partition("-")[0] for field, _ in LETTERS[letter]} - {PATIENT}
    assert window.locator(f"{READY} .card").count() == len(lesions)
    assert window.locator("#uncounted").inner_text().strip() == ""
    assert window.locator("#todo input").count() > 0
    assert window.said == []
    if way is by_keyboard:
        assert [window.input_value(f"#{field}") for field, _ in LETTERS[letter]] == [
            text for _, text in LETTERS[letter]
        ]
    assert all(url.startswith((address, "data:")) for url in window.asked_for), "nothing leaves the machine"
    assert not any(quote_plus(text) in url for url in window.asked_for for _, text in LETTERS[letter] if len(text) > 3)
    assert re.fullmatch(rf"{address}/case/[0-9a-f]{{24}}", window.url)
    if letter == "A.B.":
        window.locator("#live", has_text="T8:").wait_for(state="attached", timeout=PATIENCE)
    if letter == "A.B.":
        assert hand.seconds <= 60
        assert way is by_mouse or hand.keys <= 60
