"""What a rule decides is what Experta finds without it; what a side of a dispute changes, what Experta finds with it;
what an answer settles, what Experta finds with each answer."""

from dataclasses import replace

import pytest
from randomcases import random_case

from engine import Reasoner
from engine.cohort import Columns
from engine.inference.subjects import Subject
from engine.influence import influence_of, settling_of
from engine.run import changed
from engine.symbolic.completions import completed
from engine.verdicts import is_stopped, verdict_of
from metspine.library import read_library


@pytest.fixture(scope="module")
def patients(noms):
    """Patients with one lesion: worked ones, for whom sides of disputes matter, and random ones."""
    worked = [case for case in read_library(noms) if case.id in ("boundary-escc-1c", "noms-n9", "noms-n2", "noms-n7")]
    cases = [*worked, *(random_case(noms, seed) for seed in (2, 4, 5, 7))]
    return [case for case in cases if len(case.lesions) == 1]


@pytest.fixture(scope="module")
def influence(noms, patients):
    return influence_of(noms, Columns.of(patients), list(noms.rules))


def recommended(reasoner, base, case):
    consultation = reasoner.consult(case, base)
    lesion = Subject(case.lesions[0].id)
    return () if is_stopped(consultation, lesion) else verdict_of(consultation).recommended(lesion)


@pytest.fixture(scope="module")
def before(noms, reasoner, patients):
    return [recommended(reasoner, noms, case) for case in patients]


def test_a_silenced_rule_changes_what_experta_changes_without_it(noms, patients, before, influence):
    silenced, _ = influence
    assert silenced.lesions == len(patients)
    for rule in sorted(silenced.changed, key=lambda name: (-silenced.changed[name], name))[:1]:
        rules, every = ({k: v for k, v in some.items() if k != rule} for some in (noms.rules, noms.every_rule))
        base = replace(noms, rules=rules, every_rule=every)
        after = [recommended(Reasoner(base), base, case) for case in patients]
        changed = [i for i, (one, two) in enumerate(zip(before, after, strict=True)) if one != two]
        assert silenced.changed[rule] == len(changed) > 0
        assert silenced.example[rule] in changed


def test_another_side_changes_what_experta_changes_on_it(noms, reasoner, patients, before, influence):
    _, turned = influence
    assert turned.changed
    for name in sorted(turned.changed)[:2]:
        dispute, _, side = name.partition("=")
        base = noms.with_side(dispute, side)
        after = [recommended(reasoner, base, case) for case in patients]
        assert turned.changed[name] == sum(one != two for one, two in zip(before, after, strict=True))


def test_what_an_answer_settles_is_what_experta_recommends_with_each(noms, reasoner, patients):
    """Of worked patients without a grade: with which grades is something recommended?"""
    name = "escc_grade"
    graded = [case for case in patients if name in case.lesions[0].given and "random" not in case.id]
    waiting = [changed(case, {Subject(case.lesions[0].id).fact(name): None}) for case in graded]
    waiting = [case for case in waiting if not recommended(reasoner, noms, case)]
    (found,) = settling_of(noms, Columns.of([*graded, *waiting]), [name]).values()
    answers = [noms.vocabulary[name].read(value) for value in noms.vocabulary[name].names]

    def settled(case):
        fact = Subject(case.lesions[0].id).fact(name)
        return [bool(recommended(reasoner, noms, completed(case, [(fact, answer)]))) for answer in answers]

    told = [settled(case) for case in waiting]
    assert (found.undecided, found.some, found.every) == (len(told), sum(map(any, told)), sum(map(all, told)))
    assert found.some > found.every
