"""The trace shows what Experta matched: alter a fact that a rule bound, and its premise is the altered one."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from textcases import case

from engine import Reasoner
from engine.inference.experta_adapter import Engine
from engine.inference.production import EngineFact
from engine.inference.trace import Firing
from knowledge_base import KnowledgeBase
from knowledge_base.language.domains import Choices, Numbers

VOCABULARY = """
    - {id: grade, label: g, question: g, of: lesion, letter: N, class: finding, type: number, range: 0..9, whole: true}
    - {id: fit, label: fit, question: fit, of: patient, letter: S, class: finding, type: yes_no}
    - {id: twin, label: twin, of: lesion, letter: N, type: number, range: 0..9, whole: true, from: [rules]}
    - {id: worst, label: worst, of: patient, letter: N, type: yes_no, from: [rules]}
"""
RULES = """
    - id: TOY-01
      when: {fit: true}
      unless: {grade: 9}
      then: [{set: {twin: {same_as: grade}}}]
    - id: TOY-02
      when: {some_lesion: {grade: ">= 3"}}
      then: [{set: {worst: true}}]
"""
CASE = """
    case: one
    patient: {fit: true}
    lesions: [{id: A, grade: 4}, {id: B, grade: 1}]
"""


def firing(knowledge: KnowledgeBase, name: str) -> Firing:
    consultation = Reasoner(knowledge).consult(case(CASE, knowledge))
    return next(found for found in consultation.trace.firings if found.id == name)


def altered(monkeypatch: pytest.MonkeyPatch, kind: str, alter: Callable[[EngineFact], EngineFact]) -> None:
    """Hand every firing another fact of one kind than the one that Experta matched."""
    made = Engine._experta_fact

    def other(engine: Engine, fact: EngineFact) -> object:
        matched = made(engine, fact)
        if fact.kind == kind:
            matched.origin = alter(fact)
        return matched

    monkeypatch.setattr(Engine, "_experta_fact", other)


def seven(fact: EngineFact) -> EngineFact:
    return replace(fact, fields={**fact.fields, "values": Numbers.between(7, 7, whole=True)})


def unfit(fact: EngineFact) -> EngineFact:
    return replace(fact, fields={**fact.fields, "values": Choices(frozenset({False}))})


def seven_seen(fact: EngineFact) -> EngineFact:
    return replace(fact, found_from=tuple(tuple(map(seven, seen)) for seen in fact.found_from))


def test_a_premise_is_the_fact_that_was_bound(toy, monkeypatch):
    knowledge = toy(VOCABULARY, RULES)
    assert [premise.values for premise in firing(knowledge, "TOY-01@A").premises] == [True, 4]
    altered(monkeypatch, "fit", unfit)
    assert [premise.values for premise in firing(knowledge, "TOY-01@A").premises] == [False, 4]


def test_what_is_copied_and_what_an_exception_looked_at_are_the_facts_that_were_bound(toy, monkeypatch):
    altered(monkeypatch, "grade", seven)
    found = firing(toy(VOCABULARY, RULES), "TOY-01@A")
    assert [conclusion.values for conclusion in found.conclusions] == [7]
    assert [premise.values for premise in found.absent] == [7]


def test_a_question_over_lesions_keeps_what_its_answer_was_found_from(toy, monkeypatch):
    knowledge = toy(VOCABULARY, RULES)
    assert [(str(p.fact), p.values) for p in firing(knowledge, "TOY-02@patient").premises] == [("A.grade", 4)]

    altered(monkeypatch, "question_0", seven_seen)
    found = firing(knowledge, "TOY-02@patient")
    assert [(str(p.fact), p.values) for p in found.premises] == [("A.grade", 7), ("B.grade", 7)]
