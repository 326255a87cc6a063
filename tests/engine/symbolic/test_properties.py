"""What must hold of any patient, on the NOMS knowledge: witnesses run, telling more settles, forgetting is counted right."""

import random

import bruteforce
import pytest
from slowchanges import changes

from cases import case_of
from cases.model import Case
from engine import Reasoner, advise
from engine.analysis.sensitivity import neighbours
from engine.inference.subjects import Subject
from engine.symbolic.completions import completed
from knowledge_base import KnowledgeBase
from knowledge_base.text.strict_yaml import Document
from metspine.library import read_library

HANDFUL = ("noms-n1", "unknown-m")


@pytest.fixture(scope="session")
def library(noms: KnowledgeBase) -> dict[str, Case]:
    return {case.id: case for case in read_library(noms)}


def astray(reasoner: Reasoner, case: Case) -> list[str]:
    """Return the ways in which a patient could still turn out that do not run to what they claim."""
    found = []
    for lesion in advise(case, reasoner, settle=True).lesions:
        for possibility in lesion.possible:
            witness = case_of(Document("witness", possibility.witness, {}), reasoner.knowledge)
            result = bruteforce.run(reasoner, witness)
            if result.outcomes[lesion.id] != frozenset(possibility.recommended) or not result.is_coherent:
                found.append(f"{case.id} {lesion.id} {possibility.recommended}: {result.outcomes[lesion.id]}")
    return found


def unsettled(reasoner: Reasoner, case: Case, dice: random.Random) -> list[str]:
    """Tell a patient's answers one after another; return every firm outcome that did not stay as it was."""
    found: list[str] = []
    advice = advise(case, reasoner, settle=True)
    firm = {x.id: x.recommended for x in advice.lesions if x.certainty == "firm"}
    witness = dice.choice([p.witness for x in advice.lesions for p in x.possible] or [None])
    if witness is None:
        return found
    whole = bruteforce.given_of(case_of(Document("witness", witness, {}), reasoner.knowledge))
    told = dict(bruteforce.given_of(case))
    for fact in dice.sample(sorted(set(whole) - set(told)), min(3, len(set(whole) - set(told)))):
        told[fact] = whole[fact]
        subject, name = fact
        case = completed(case, [((Subject("" if subject == "patient" else subject), name), whole[fact])])
        for lesion in advise(case, reasoner, settle=True).lesions:
            if lesion.id in firm and (lesion.certainty != "firm" or lesion.possible[0].recommended != firm[lesion.id]):
                found.append(f"{case.id}: {lesion.id} was firm before {subject}.{name}")
            if lesion.certainty == "firm":
                firm[lesion.id] = lesion.possible[0].recommended
    return found


@pytest.mark.parametrize("name", HANDFUL)
def test_every_way_it_could_turn_out_runs_there(reasoner, library, name):
    assert astray(reasoner, library[name]) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(16))
def test_every_way_that_a_library_case_could_turn_out_runs_there(reasoner, library, block):
    cases = list(library.values())[block::16]
    assert [text for case in cases for text in astray(reasoner, case)] == []


@pytest.mark.parametrize("name", HANDFUL)
def test_telling_more_keeps_what_is_firm(reasoner, library, name):
    assert unsettled(reasoner, library[name], random.Random(name)) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(16))
def test_telling_more_keeps_what_is_firm_in_library_cases(reasoner, library, block):
    cases = list(library.values())[block::16]
    assert [text for case in cases for text in unsettled(reasoner, case, random.Random(case.id))] == []


def test_a_reading_one_grade_away_is_tried_for_every_disputed_observation(reasoner, library):
    found = neighbours(reasoner.consult(library["boundary-sins-12"]), reasoner)
    assert [n.agreement for n in found.neighbours] == sorted(n.agreement for n in found.neighbours)
    assert {n.fact.attribute for n in found.neighbours} >= {"sins_bone_lesion", "sins_pain", "sins_collapse"}
    assert found.holds == (not found.flips)


def test_a_total_is_told_with_its_distance_to_the_next_class(reasoner, library):
    texts = [d.text for d in neighbours(reasoner.consult(library["boundary-sins-12"]), reasoner).distances]
    assert "SINS total 12: one below 13" in texts


def test_what_is_asked_for_by_name_is_already_so_or_needs_changes(reasoner, library):
    case = library["noms-n9"]
    (now,) = changes(case, reasoner, case.lesions[0].id).recommended
    assert changes(case, reasoner, case.lesions[0].id, now).already


def test_of_a_case_that_contradicts_itself_nothing_is_said_to_hold(reasoner, library):
    found = neighbours(reasoner.consult(library["contradiction-kps-ecog"]), reasoner)
    assert found.is_contradictory
    assert found.holds is None
