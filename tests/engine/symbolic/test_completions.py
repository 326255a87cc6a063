"""Settledness, questions, decisive answers, witnesses and measures are those that all completions, counted, give."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from math import prod

import bruteforce
import pytest
import toys

from cases import case_of
from cases.model import Case
from engine import Reasoner, advise
from engine.symbolic import cone_of_influence as cone
from engine.symbolic.completions import Completions
from engine.symbolic.partition import Lines
from knowledge_base.text.strict_yaml import Document
from metspine.library import read_library

TOYS, PATIENTS, COMPLETIONS = 260, 4, 48
SMALL = 36  # completions of a NOMS patient of whom something is forgotten


def disagreements(seeds: range, patients: int, completions: int = COMPLETIONS) -> Iterator[str]:
    for seed in seeds:
        knowledge, reasoner = toys.toy(seed)
        for i in range(patients):
            case = toys.patient_of(knowledge, 1000 * seed + i, completions)
            for text in bruteforce.Comparison(knowledge, reasoner, case).differences():
                yield f"{seed} {i}: {text}"


def test_agrees_with_counting_on_some_toys():
    assert list(disagreements(range(6), 2, 16)) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_agrees_with_counting_on_many_toys(block):
    size = TOYS // 20
    assert list(disagreements(range(block * size, (block + 1) * size), PATIENTS)) == []


def test_would_notice_contradictory_completions_being_counted(monkeypatch):
    monkeypatch.setattr(Completions, "_demand_coherence", lambda self: None)
    assert any(disagreements(range(12), 2, 16))


def test_would_notice_a_question_being_forgotten(monkeypatch):
    monkeypatch.setattr(cone, "_with_linked", lambda found, groups: set(sorted(found)[1:]))
    assert any(disagreements(range(12), 2, 16))


def test_would_notice_what_is_usual_being_forgotten(monkeypatch):
    monkeypatch.setattr(Completions, "usual", [])
    assert any(disagreements(range(12), 2, 16))


def test_would_notice_answers_being_taken_for_alike(monkeypatch):
    monkeypatch.setattr(Lines, "alike", property(lambda lines: defaultdict(lambda: defaultdict(str))))
    assert any(disagreements(range(12), 2, 16))


# --- NOMS ---------------------------------------------------------------------------------------------------------


def whole(reasoner: Reasoner, case: Case, dice: random.Random) -> Case | None:
    """Return a patient as the case could turn out, with everything said; None when a few tries find none."""
    vocabulary = reasoner.knowledge.vocabulary
    ways = [p.witness for x in advise(case, reasoner, settle=True).lesions for p in x.possible]
    for _ in range(5 if ways else 0):
        found = case_of(Document("witness", dice.choice(ways), {}), reasoner.knowledge)
        unsaid = [a for a in vocabulary.given_of("patient") if a.id not in found.patient]
        patient = found.patient | {a.id: dice.choice(toys.values_of(a)) for a in unsaid}
        lesions = []
        for lesion in found.lesions:
            unsaid = [a for a in vocabulary.given_of("lesion") if a.id not in lesion.given]
            given = {**lesion.given, **{a.id: dice.choice(toys.values_of(a)) for a in unsaid}}
            lesions.append(replace(lesion, given=given))
        filled = replace(found, patient=patient, lesions=tuple(lesions))
        if bruteforce.run(reasoner, filled).is_coherent:
            return filled
    return None


def forgetful(reasoner: Reasoner, case: Case, dice: random.Random) -> Case:
    """Return the patient with two or three things forgotten that could have been few ways."""
    vocabulary = reasoner.knowledge.vocabulary
    facts = [(who, n) for who, n in bruteforce.given_of(case) if vocabulary[n].type in ("choice", "yes_no")]
    while True:
        forgotten = dice.sample(sorted(facts), dice.choice([2, 3]))
        if prod(len(vocabulary[name].names) + vocabulary[name].may_stay_unsaid for _, name in forgotten) <= SMALL:
            break
    lesions = tuple(
        replace(x, given={n: v for n, v in x.given.items() if (x.id, n) not in forgotten}) for x in case.lesions
    )
    patient = {n: v for n, v in case.patient.items() if ("patient", n) not in forgotten}
    return replace(case, patient=patient, lesions=lesions)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_agrees_with_counting_on_noms_patients_of_whom_something_is_forgotten(noms, reasoner, block):
    dice = random.Random(block)
    library = [case for case in read_library(noms) if len(case.lesions) == 1]
    tried = 0
    while tried < 4:
        filled = whole(reasoner, dice.choice(library), dice)
        if filled is not None:
            tried += 1
            case = forgetful(reasoner, filled, dice)
            assert bruteforce.Comparison(noms, reasoner, case).differences() == []
