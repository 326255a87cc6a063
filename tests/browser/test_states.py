"""Every state of the page, looked at in every way: axe finds nothing, and nothing is cut off.

Each state is looked at in one way, by turns, and in every way in the long proofs.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

import pytest
from _pytest.mark import ParameterSet

import knowledge_base
from cases import case_from
from engine import Reasoner, Run
from metspine.api import Answer
from metspine.journal.keeping import keeping
from metspine.journal.store import Journal
from metspine.serve.accounts import Accounts
from metspine.serve.server import make_app
from tests.browser.conftest import listening
from tests.browser.looking import MODES, OVERFLOW, PATIENCE, settled, violations

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
DISPUTE = "sins_middle_band"
SMALL = Path(__file__).parents[1] / "bad_knowledge" / "base"
LIST = "patient,age,primary,Bilsky,level,shoe size\r\na-1,61,Ca breast,2,T8,40\r\na-2,sixtyish,prostate,0,L3,42\r\n"
UNFOLD = "document.querySelectorAll('details:not(.more)').forEach(part => { part.open = true; })"
DANGER = {"p.primary_tumour": "RCC", "l0.levels": "T8", "l0.escc_grade": "3", "l0.deficit_hours": "10"}
ONE = {
    "p.primary_tumour": "RCC", "p.age": "60", "p.ecog": "1", "l0.levels": "L1", "l0.escc_grade": "3", "l0.sins_total": "16",
    "l0.neurological_examination": "normal", "l0.prior_radiotherapy": "none",
}  # fmt: skip
FORK = {
    "p.primary_tumour": "Ca breast", "p.ecog": "2", "l0.levels": "T8", "l0.escc_grade": "2", "l0.sins_total": "~10",
    "l0.neurological_examination": "4/5",
}  # fmt: skip
THREE = {
    "p.primary_tumour": "NSCLC", "l0.levels": "T5", "l0.escc_grade": "1b", "l1.levels": "T11", "l1.escc_grade": "0",
    "l2.levels": "L5", "l2.escc_grade": "1a",
}  # fmt: skip


def told(fields: Mapping[str, str], selector: str = ".card") -> Callable:
    """Return what opens the page of a case by a link that holds it."""

    def opened(window, at: str) -> None:
        lesions = {"l0.id": "", **{f"{name[:2]}.id": "" for name in fields if re.match(r"l\d", name)}}
        window.goto(f"{at}/#case?{urlencode({**lesions, **fields})}")
        window.wait_for_url("**/case/*", timeout=PATIENCE)
        settled(window, selector)
        window.evaluate(UNFOLD)

    return opened


def at_path(path: str) -> Callable:
    return lambda window, at: window.goto(f"{at}{path}")


def drawer(window, at: str) -> None:
    told(DANGER)(window, at)
    window.locator(".strip a").first.click()
    window.wait_for_selector("#drawer[open] h1")


def by_link(fields: Mapping[str, str], selector: str) -> Callable:
    """Return what opens the first page of a case that a link leads to."""

    def opened(window, at: str) -> None:
        told(fields)(window, at)
        window.goto(window.locator(selector).first.evaluate("link => link.href"))
        window.evaluate(UNFOLD)

    return opened


def changed(window, at: str) -> None:
    """Change a case, so that what is new and what was otherwise is marked."""
    told(ONE)(window, at)
    window.locator("#l0-escc_grade").fill("0")
    window.keyboard.press("Tab")
    window.wait_for_selector(".card.changed", timeout=PATIENCE)


def looked(window, at: str) -> None:
    """Read a list and do not take it yet."""
    window.goto(f"{at}/board")
    window.locator("#list").fill(LIST)
    window.get_by_role("button", name="Read it").click()
    window.wait_for_selector("h2:has-text('Read, and not yet taken')")


def board(window, at: str) -> None:
    looked(window, at)
    window.get_by_role("button", name="Put 2 patients").click()
    window.wait_for_selector("table.board", timeout=PATIENCE)


def agenda(window, at: str) -> None:
    board(window, at)
    window.get_by_role("link", name="Agenda").click()
    window.wait_for_selector("ol.agenda")


STATES: dict[str, Callable] = {
    "empty": at_path("/"),
    "danger": told(DANGER),
    "one lesion": told(ONE),
    "fork": told(FORK),
    "changed": changed,
    "three lesions": told(THREE),
    "contradiction": told({"p.kps": "90", "p.ecog": "4", "l0.levels": "T8"}),
    "refused": told({"p.age": "sixtyish", "l0.levels": "T8"}),
    "letter": told({"letter": "58 yo man with RCC. MRI: T9 Bilsky 1c, SINS 8. PS 1."}, ".empty"),
    "drawer": drawer,
    "why": by_link(ONE, ".pathways a:text-is('why')"),
    "why not": by_link(DANGER, ".pathways a:has-text('why not')"),
    "what would bring it": by_link(DANGER, ".pathways a:has-text('what would bring it')"),
    "what would change it": by_link(ONE, ".links a:has-text('What would change')"),
    "why a measure": by_link(DANGER, "#todo .do a"),
    "rule of a case": by_link(DANGER, ".strip a"),
    "run": by_link(ONE, ".tools a[href$='/run']"),
    "list": looked,
    "board": board,
    "agenda": agenda,
    "rules": at_path("/rules?q=dexamethasone"),
    "rule": at_path("/rules/NOMS-09"),
    "no such page": at_path("/rules/NOMS-999"),
}


def log_in(window, name: str, password: str = PASSWORD) -> None:
    window.locator("#name").fill(name)
    window.locator("#password").fill(password)
    window.get_by_role("button", name="Log in").click()


def refused_login(window, at: str) -> None:
    log_in(window, "nobody", "wrong")  # not a name of another state: after five failures it would have to wait
    window.wait_for_selector("[role=alert]")


def audited(path: str) -> Callable:
    """Return what opens a page as an auditor."""

    def opened(window, at: str) -> None:
        log_in(window, "aud")
        window.wait_for_url("**/journal")
        window.goto(f"{at}{path}")

    return opened


def decided(window, at: str) -> None:
    """Open, as a clinician, what became of a case."""
    log_in(window, "cli")
    window.wait_for_selector("#form")
    told({"l0.levels": "T8", "l0.grade": "3"})(window, at)
    window.get_by_role("link", name="Journal").click()
    window.wait_for_selector("h2:has-text('What became of it')")


GUARDED: dict[str, Callable] = {
    "login": lambda window, at: None,
    "refused login": refused_login,
    "journal": audited("/journal"),
    "decision": audited("/journal/1"),
    "rules of the journal": audited("/journal/rules"),
    "recall": audited("/journal/recall?rule=TOY-01"),
    "journal of a case": decided,
}


def _in_turn(states: Mapping[str, Callable]) -> Iterator[ParameterSet]:
    for (number, state), (place, mode) in product(enumerate(states), enumerate(MODES)):
        marks = () if number % len(MODES) == place else pytest.mark.slow
        yield pytest.param(states[state], MODES[mode], id=f"{state}-{mode}", marks=marks)


def _fine(come, at: str, state: Callable, mode: Mapping) -> None:
    """Open a state in one way of looking, and let axe look at it."""
    window = come(**{name: value for name, value in mode.items() if name != "media"}, at=at, bypass_csp=True)
    state(window, at)
    window.wait_for_load_state()
    window.emulate_media(media=mode.get("media", "screen"))
    assert window.evaluate(OVERFLOW) <= 0
    assert violations(window) == []
    assert window.said == []


@pytest.mark.parametrize(("state", "mode"), list(_in_turn(STATES)))
def test_axe_finds_nothing_and_nothing_is_cut_off(come, address, state, mode):
    _fine(come, address, state, mode)


@pytest.fixture(scope="module")
def sided(knowledge) -> Iterator[str]:
    """Serve the page over knowledge in which another side of a disputed point is chosen."""
    dispute = knowledge.disputes[DISPUTE]
    other = next(side for side in dispute.sides if side != knowledge.sides[DISPUTE])
    with listening(make_app(knowledge.with_sides({DISPUTE: other}))) as where:
        yield where


@pytest.mark.parametrize(("state", "mode"), list(_in_turn({"fork of another side": told(FORK)})))
def test_axe_finds_nothing_where_another_side_is_chosen(come, sided, state, mode):
    _fine(come, sided, state, mode)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory) -> Iterator[str]:
    """Serve a page with a login and a journal in which one decision stands."""
    folder = tmp_path_factory.mktemp("guarded")
    accounts = Accounts(folder / "users.json")
    accounts.put("aud", "auditor", PASSWORD)
    accounts.put("cli", "clinician", PASSWORD)
    base = knowledge_base.load(SMALL)
    journal = Journal.create(folder / "j.db", folder / "key", "hospital.example/spine")
    case = case_from({"case": "case-1", "patient": {}, "lesions": [{"id": "T8", "levels": ["T8"], "grade": "3"}]}, base)
    with keeping(journal, "serve") as kept:
        run = Run(case, Reasoner(base))
        kept.close(Answer(run, run.advised(plan=True)))
    with listening(make_app(base, journal=journal, accounts=accounts)) as where:
        yield where


@pytest.mark.parametrize(("state", "mode"), list(_in_turn(GUARDED)))
def test_axe_finds_nothing_on_the_pages_behind_a_login(come, guarded, state, mode):
    _fine(come, guarded, state, mode)
