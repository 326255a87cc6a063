"""The engine and the reference evaluator agree: same facts, same firings, same options, on random patients."""

import pytest
from randomcases import random_case
from reference import Reference, Written

from engine import Reasoner, advise
from engine.inference.subjects import Subject
from knowledge_base import KnowledgeBase
from knowledge_base.language.domains import Subsets

FEW, MANY = 25, 5_000


@pytest.fixture(scope="module")
def written(noms: KnowledgeBase) -> Written:
    return Written(noms)


def disagreements(written: Written, reasoner: Reasoner, seed: int) -> list[str]:
    case = random_case(written.knowledge, seed)
    consultation, reference = reasoner.consult(case), Reference(written, case)
    found = []
    fired = {(f.rule, subject_of(f.subject)) for f in consultation.trace.firings if f.rule in written.knowledge.rules}
    if fired != reference.firings():
        found.append(f"firings {sorted(fired ^ reference.firings())}")
    for (subject, name), values in consultation.state.values.items():
        if isinstance(values, Subsets):
            continue
        if reference.concrete(name, values) != reference.value(tuple_of(subject), name):
            found.append(f"{subject}.{name}: {values} but {sorted(map(str, reference.value(tuple_of(subject), name)))}")
    return found


def subject_of(text: str) -> tuple[str, ...]:
    return () if text == "patient" else tuple(text.split("/"))


def tuple_of(subject: Subject) -> tuple[str, ...]:
    return tuple(part for part in (subject.lesion, subject.pathway) if part)


def test_agrees_on_some_random_patients(written, reasoner):
    assert [found for seed in range(FEW) for found in disagreements(written, reasoner, seed)] == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_agrees_on_many_random_patients(written, reasoner, block):
    size = MANY // 10
    seeds = range(FEW + block * size, FEW + (block + 1) * size)
    assert [found for seed in seeds for found in disagreements(written, reasoner, seed)] == []


def test_agrees_on_the_options_table(written, reasoner):
    for seed in range(FEW):
        case = random_case(written.knowledge, seed)
        reference = Reference(written, case)
        for lesion in advise(case, reasoner).lesions:
            expected = {option.pathway: reference.status(lesion.id, option.pathway) for option in lesion.options}
            assert {option.pathway: option.status for option in lesion.options} == expected, (seed, lesion.id)


def test_would_notice_a_rule_that_is_read_wrongly(noms, written):
    """Turn one test round in the engine's reading, and the two part."""
    from dataclasses import replace

    rule = next(r for r in noms.rules.values() if r.id == "NOMS-01")
    broken = rule.model_copy(update={"when": rule.when.negated()})
    of_all_sides = {**noms.every_rule, rule.id: broken}
    reasoner = Reasoner(replace(noms, rules={**noms.rules, rule.id: broken}, every_rule=of_all_sides))
    assert any(disagreements(written, reasoner, seed) for seed in range(FEW))
