"""A program that is kept is the one that would be compiled, or it is not used."""

import sys

import pytest

import knowledge_base
from engine.symbolic import kept_programs
from engine.symbolic.program import program_of


@pytest.fixture
def tomita():
    return knowledge_base.load("tomita")


@pytest.fixture
def compiled(tmp_path, monkeypatch):
    """How often a program was compiled; what is kept lies in a folder of its own."""
    found = []
    monkeypatch.setattr(kept_programs, "HOME", tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    monkeypatch.setattr(kept_programs, "program_of", lambda *of: found.append(of[1]) or program_of(*of))
    return found


def test_what_was_compiled_once_is_not_compiled_again(tomita, compiled):
    first, second = (kept_programs.kept_program(tomita, 2) for _ in range(2))
    assert compiled == [2]
    assert first == second
    zeros = [0] * len(first.inputs)
    assert first.run(zeros, 1) == second.run(zeros, 1)


def test_other_knowledge_and_another_number_of_lesions_are_compiled(tomita, compiled):
    from dataclasses import replace

    for base, lesions in ((tomita, 1), (tomita, 2), (replace(tomita, digest="0" * 64), 1)):
        kept_programs.kept_program(base, lesions)
    assert compiled == [1, 2, 1]


def test_another_side_of_a_dispute_is_compiled(knowledge, compiled):
    dispute = next(iter(knowledge.disputes.values()))
    other = next(side for side in dispute.sides if side != knowledge.sides[dispute.id])
    kept_programs.kept_program(knowledge, 1)
    kept_programs.kept_program(knowledge.with_side(dispute.id, other), 1)
    kept_programs.kept_program(knowledge, 1)
    assert compiled == [1, 1]


def test_what_is_not_whole_is_not_used(tomita, compiled, tmp_path):
    kept_programs.kept_program(tomita, 1)
    (place,) = tmp_path.glob("__pycache__/*.program")
    place.write_bytes(place.read_bytes()[:-1])
    kept_programs.kept_program(tomita, 1)
    assert compiled == [1, 1]
