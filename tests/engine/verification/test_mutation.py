"""What kills a mutant is what Experta finds under it: random knowledge, each mutant compiled and each case run by itself."""

import random
from dataclasses import replace

import pytest
import toys
from everypatient import every_case
from test_against import lesions_of
from test_oracle import small

from engine import Reasoner, advise
from engine.cohort import lesion_verdicts
from engine.symbolic.program import Inexact
from engine.verification.killing import cover, decisive, kills, tried
from engine.verification.mutants import mutants_of, with_mutant
from engine.verification.mutation import mutation
from knowledge_base.language.predicates import Truth


def trial(seed):
    """Return a toy, its mutants (some of them) and cases."""
    knowledge, _ = toys.toy(seed)
    dice = random.Random(seed)
    mutants = list(mutants_of(knowledge, knowledge.units.values()))
    mutants = dice.sample(mutants, k=min(8, len(mutants)))
    return knowledge, mutants, [replace(toys.patient_of(knowledge, seed * 100 + i), id=f"case-{i}") for i in range(5)]


def found_of(case, reasoner):
    """Return what Experta finds of a case, but for what is missing."""
    return [replace(finding, missing=()) for finding in lesion_verdicts(reasoner.consult(case))]


def compare(seed):
    """Compare what is killed with Experta; return how many are killed and how many live."""
    knowledge, mutants, cases = trial(seed)
    found = tried(knowledge, mutants, cases)
    usual = {case.id: found_of(case, Reasoner(knowledge)) for case in cases}
    for mutant in mutants:
        reasoner = Reasoner(with_mutant(knowledge, mutant))
        killing = [case.id for case in cases if found_of(case, reasoner) != usual[case.id]]
        assert found.get(mutant) in (killing[:1] or [None]), (seed, str(mutant))
    few = list(cover(kills(knowledge, mutants, cases)))
    assert tried(knowledge, mutants, few).keys() == found.keys()
    return len(found), len(mutants) - len(found)


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
        found = mutation(knowledge, knowledge.rules.values(), [])
        assert not found.killed
        assert tried(knowledge, [s.mutant for s in found.alive], found.witnesses).keys() == {
            s.mutant for s in found.alive
        }
        assert len(found.witnesses) < len(found.alive)
        for survivor in found.survivors[::5]:
            mutant, case = survivor.mutant, survivor.witness
            if case is not None:
                reasoners = Reasoner(knowledge), Reasoner(with_mutant(knowledge, mutant))
                assert found_of(case, reasoners[0]) != found_of(case, reasoners[1])
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
    before = mutation(knowledge, knowledge.rules.values(), [])
    assert before.score == pytest.approx(0.0)
    after = mutation(knowledge, knowledge.rules.values(), before.witnesses)
    assert after.score == pytest.approx(1.0)
    assert not after.alive
