"""No proposal turns a no into a yes, nor a word into its opposite: tried on every name that the vocabulary has."""

import re

import pytest

import knowledge_base
from knowledge_base.text.errors import nearest, suggestion
from knowledge_base.text.polarity import denies, opposed

NOMS = knowledge_base.load()
NAMES = {a.id: tuple(a.names) for a in NOMS.vocabulary.values() if a.given and a.names and a.type != "yes_no"}
KEYS = tuple(a.id for a in NOMS.vocabulary.values() if a.given)
LONG = [name for names in (*NAMES.values(), KEYS) for name in names if len(name) > 6 and not denies(name)]
NO = (
    "no {}",
    "not {}",
    "non-{}",
    "non{}",
    "without {}",
    "w/o {}",
    "never {}",
    "denies {}",
    "{}: none",
    "isn't {}",
    "keine {}",
)
DENYING = re.compile(r"(^|_)(no|non|not|none|never|without|excluded)(_|$)|(^|_)(un|in|non)")


@pytest.mark.parametrize("form", NO)
@pytest.mark.parametrize("known", [*NAMES.values(), KEYS], ids=[*NAMES, "keys"])
def test_a_denied_name_is_never_proposed_without_its_no(known: tuple[str, ...], form: str) -> None:
    for name in known:
        if not DENYING.search(name):
            assert nearest(form.format(name.replace("_", " ")), [name]) is None, (form, name)


@pytest.mark.parametrize("known", NAMES.values(), ids=NAMES)
def test_a_name_that_says_no_is_never_proposed_for_what_it_denies(known: tuple[str, ...]) -> None:
    for name in known:
        for no in ("non_", "not_", "un", "in"):
            denied = name.removeprefix(no)
            if denied not in (name, *known) and len(denied) > 3:
                assert nearest(denied, [name]) is None, (name, denied)


@pytest.mark.parametrize(
    ("said", "never"),
    [
        ("ambulant", "non_ambulatory"),
        ("nonambulant", "ambulatory"),
        ("no deformity", "deformity"),
        ("dependent", "independent"),
        ("stable", "unstable"),
        ("unremovable", "removable"),
        ("over_50", "under_50"),
        ("bilateral", "unilateral"),
        ("abnormal", "normal"),
        ("symptomatic", "asymptomatic"),
        ("hypocalcaemia", "hypercalcaemia"),
        ("extradural", "intradural"),
    ],
)
def test_opposites_are_never_proposed_for_each_other(said: str, never: str) -> None:
    assert suggestion(said, [never]) == ""
    assert suggestion(never, [said]) == ""


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("semi rigid", "semirigid"),
        ("nonambulatory", "non_ambulatory"),
        ("non ambulatery", "non_ambulatory"),
        ("unremoveable", "unremovable"),
        ("undr_50", "under_50"),
        ("bilatral", "bilateral"),
        ("indipendent", "independent"),
        ("infction", "infection"),
    ],
)
def test_a_slip_of_the_pen_is_still_mended(said: str, meant: str) -> None:
    assert nearest(said, [meant, "other"]) == meant


@pytest.mark.parametrize("name", LONG)
def test_a_letter_too_few_costs_no_name_its_proposal(name: str) -> None:
    assert nearest(name[:-2] + name[-1], [name]) == name


@pytest.mark.parametrize("text", ["no pain", "denies pain", "none yet", "non-ambulatory", "doesn't walk", "w/o aid"])
def test_a_no_is_heard_wherever_it_stands(text: str) -> None:
    assert denies(text)


@pytest.mark.parametrize("text", ["normal", "known", "note", "another", "novel", "nodule"])
def test_what_only_begins_so_is_no_denial(text: str) -> None:
    assert not denies(text)
    assert not opposed(text, text)
