"""What kills a mutant is what Experta finds under it: random knowledge, each mutant compiled and each case run by itself."""

import random
from dataclasses import replace

import pytest
import toys
from everypatient import every_case
from test_against import lesions_of
from test_oracle import small

from cases.model import Expected
from engine import Reasoner, advise
from engine.symbolic.program import Inexact
from engine.verification.killing import decisive, tried
from engine.verification.mutants import beside, mutants_of, with_mutant
from engine.verification.mutation import mutation, witness
from engine.verification.space import Everyone
from knowledge_base.language.predicates import Truth
from metspine.library import differences


def expecting(case, knowledge, reasoner, dice):
    """Return a case that expects some of what comes out of it, the more the luckier."""
    advice = advise(case, reasoner)
    fired = {firing.rule for firing in advice.firings}
    rules = dice.sample(sorted(knowledge.rules), k=min(2, len(knowledge.rules)))
    lesion = advice.lesions[0]
    mine = {f.rule for f in advice.firings if f.subject == lesion.id or f.subject.startswith(f"{lesion.id}/")}
    said = {
        lesion.id: Expected(
            recommended=tuple(lesion.recommended) if dice.random() < 0.5 else None,
            status={o.pathway: o.status for o in lesion.options if dice.random() < 0.3},
            fired=tuple(rule for rule in rules if rule in mine),
            not_fired=tuple(rule for rule in rules if rule not in fired),
        )
    }
    return replace(case, expect=said)


def trial(seed):
    """Return a toy, its mutants (some of them) and cases that expect what is so."""
    knowledge, reasoner = toys.toy(seed)
    dice = random.Random(seed)
    mutants = list(mutants_of(knowledge, knowledge.units.values()))
    mutants = dice.sample(mutants, k=min(8, len(mutants)))
    cases = [replace(toys.patient_of(knowledge, seed * 100 + i), id=f"case-{i}") for i in range(5)]
    return knowledge, mutants, [expecting(case, knowledge, reasoner, dice) for case in cases]


def compare(seed):
    """Compare what is killed, and what could be, with Experta; return how many are killed and how many live."""
    knowledge, mutants, cases = trial(seed)
    found = tried(knowledge, mutants, cases)
    by_id = {case.id: case for case in cases}
    for mutant in mutants:
        reasoner = Reasoner(with_mutant(knowledge, mutant))

        def differs(case, reasoner=reasoner):
            return any(differences(case, advise(case, reasoner), reasoner.knowledge))

        killing = [case.id for case in cases if differs(case)]
        assert found.killed.get(mutant) in (killing or [None]), (seed, str(mutant))
        if mutant in found.pins:
            pin = found.pins[mutant]
            pinned = replace(by_id[pin.case], expect={pin.who: pin.expected})
            assert not any(differences(pinned, advise(pinned, toys.toy(seed)[1]), knowledge)), (seed, str(mutant), pin)
            assert differs(pinned), (seed, str(mutant), pin)
    return len(found.killed), len(mutants) - len(found.killed)


def test_mutants_are_killed_as_experta_finds():
    killed = lived = 0
    for seed in range(1, 6):
        try:
            dead, alive = compare(seed)
        except Inexact:
            continue
        killed, lived = killed + dead, lived + alive
    assert killed > 2
    assert lived > 5


def fires(rule, state, subject):
    return state.truth(rule.when, subject) is Truth.TRUE and state.truth(rule.unless, subject) is not Truth.TRUE


def decides(mutant, consultation):
    state = consultation.state
    rule = state.knowledge.rules[mutant.unit]
    return any(fires(rule, state, s) != fires(mutant.mutated, state, s) for s in state.subjects(rule.subject))


def test_a_line_decides_where_the_rule_fires_otherwise_without_it():
    seen = set()
    for seed in (1, 2, 3):
        knowledge, _, cases = trial(seed)
        consultations = [toys.toy(seed)[1].consult(case) for case in cases]
        for mutant, case in decisive(knowledge, cases).items():
            assert (case is not None) == any(decides(mutant, c) for c in consultations), (seed, str(mutant))
            seen.add(case is None)
    assert seen == {True, False}


def test_a_witness_is_found_just_where_enumeration_finds_a_patient():
    seen = set()
    for knowledge in small(most=80, count=1).values():
        for mutant in list(mutants_of(knowledge, knowledge.units.values()))[::5]:
            everyone = Everyone(knowledge, beside(knowledge, [mutant]))
            case = witness(everyone, Reasoner(knowledge), mutant)
            everyone.close()
            if case is not None:
                changed = Reasoner(with_mutant(knowledge, mutant))
                assert any(differences(case, advise(case, changed), knowledge))
                assert not any(differences(case, advise(case, Reasoner(knowledge)), knowledge))
            else:
                assert not told_apart(knowledge, mutant), str(mutant)
            seen.add(case is None)
    assert seen == {True, False}


def told_apart(knowledge, mutant):
    """Tell whether some patient has another status, class or firing of what is mutated, with coherent rules."""
    reasoners = Reasoner(knowledge), Reasoner(with_mutant(knowledge, mutant))
    for case in every_case(knowledge, lesions_of(knowledge)):
        one, other = (advise(case, reasoner) for reasoner in reasoners)
        if any(clash.between == "rules" for advice in (one, other) for clash in advice.contradictions):
            continue
        fired = [{f.subject for f in a.firings if f.rule == mutant.unit} for a in (one, other)]
        statuses = [{o.pathway: o.status for o in a.lesions[0].options} for a in (one, other)]
        if bool(fired[0]) != bool(fired[1]) or statuses[0] != statuses[1]:
            return True
    return False


def test_the_score_counts_what_can_be_killed():
    knowledge = next(iter(small(most=80, count=1).values()))
    found = mutation(knowledge, knowledge.rules.values(), [])
    assert not found.killed
    assert found.score == pytest.approx(0.0)
    assert len(found.survivors) == len(list(mutants_of(knowledge, knowledge.rules.values())))
