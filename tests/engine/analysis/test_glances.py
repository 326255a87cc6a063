"""A glance by the program is a glance by Experta, whatever sides are on and whatever is given; order of alerts included."""

from dataclasses import replace

import pytest
from populations import sides_of
from randomcases import random_case

from engine import Reasoner
from engine.analysis import glances as looking
from engine.analysis.glances import Glance, glances
from engine.run import Run
from metspine.library import read_library


@pytest.fixture(autouse=True)
def is_worth_it(monkeypatch):
    """Let the program be made when first it is asked for."""
    monkeypatch.setattr(looking, "WORTH_IT", 0)


def differences(reasoner, variants, monkeypatch):
    """Return the variants of which the program, never Experta, says something else than Experta."""
    expected = [Glance.of(reasoner.consult(case, turned(reasoner.knowledge, sides))) for case, sides in variants]
    with monkeypatch.context() as patch:
        patch.setattr(Reasoner, "consult", None)
        found = glances(reasoner, variants)
    pairs = zip(variants, expected, found, strict=True)
    return [(case.id, sides) for (case, sides), one, two in pairs if parts(one) != parts(two)]


def parts(glance):
    verdict = glance.verdict
    told = (list(verdict.statuses.items()), dict(verdict.measures), list(verdict.alerts.items()))
    return told, glance.fired, glance.contradictions


def elsewhere(noms, cases, step):
    others = [{**noms.sides, dispute: side} for dispute, side in sides_of(noms)]
    return [(case, sides) for i, case in enumerate(cases) for sides in [noms.sides, *others[i::step]]]


def turned(base, sides):
    for turn in sides.items():
        base = base.with_side(*turn)
    return base


def test_other_sides_of_worked_and_random_patients(noms, reasoner, monkeypatch):
    cases = [*read_library(noms)[7::150], *(random_case(noms, seed, lesions=1) for seed in (1, 2))]
    variants = elsewhere(noms, cases, step=8)
    assert len({case.id for case, _ in variants}) > 3
    assert differences(reasoner, variants, monkeypatch) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_every_other_side_of_the_library(noms, reasoner, monkeypatch, block):
    variants = elsewhere(noms, read_library(noms)[block::20], step=1)
    assert differences(reasoner, variants, monkeypatch) == []


def test_every_side_matters_to_somebody(noms, reasoner):
    """What is compared above differs: for one patient, some side gives another verdict."""
    (case,) = [case for case in read_library(noms) if case.id == "boundary-escc-1c"]
    here, *there = glances(reasoner, elsewhere(noms, [case], step=1))
    assert any(parts(one) != parts(here) for one in there)


def test_rules_that_were_changed_are_not_taken_for_those_that_are_kept(noms, monkeypatch):
    """A copy with other rules has the same digest; what is kept by it must not speak for the copy."""
    (case,) = [case for case in read_library(noms) if case.id == "noms-n9"]
    gone = next(iter(Run(case, Reasoner(noms)).advice.lesions[0].options[0].arguments)).rule
    rules, every = ({k: v for k, v in some.items() if k != gone} for some in (noms.rules, noms.every_rule))
    assert noms.is_as_read
    changed = replace(noms, rules=rules, every_rule=every)
    assert not changed.is_as_read
    assert differences(Reasoner(changed), [(case, changed.sides)], monkeypatch) == []
    half = replace(noms, rules=rules)
    monkeypatch.setattr(Reasoner, "consult", None)
    with pytest.raises(TypeError):  # Experta is asked: the rules that count are no longer those of all
        glances(Reasoner(half), [(case, half.sides)])


def test_experta_is_asked_until_the_program_pays(noms, monkeypatch):
    monkeypatch.setattr(looking, "WORTH_IT", 3)
    monkeypatch.setattr(looking, "kept_sided_program", lambda base, lesions, make: made.append(make))
    made, asked, consult = [], [], Reasoner.consult
    monkeypatch.setattr(Reasoner, "consult", lambda *of: asked.append(1) or consult(*of))
    reasoner = Reasoner(replace(noms))
    case = random_case(noms, 2)
    for _ in range(2):
        glances(reasoner, [(case, noms.sides)] * 2)
    assert (made, len(asked)) == ([False, True], 4)
