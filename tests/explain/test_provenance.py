"""The trace as PROV: what stands for what, and that nothing is lost on the way through its two formats."""

import pytest
from prov.model import ProvDocument
from toycases import SEVERE
from toycases import run as finished_of

from engine import Reasoner
from engine.run import Run
from explain.answers.provenance import prov_json, prov_n, provenance
from metspine.library import read_library


@pytest.fixture
def run(toy):
    return finished_of(SEVERE, toy)


def test_it_round_trips_through_prov_json(run):
    document = provenance(run)
    assert ProvDocument.deserialize(content=prov_json(document), format="json") == document


def test_a_firing_is_an_activity_under_the_plan_of_its_rule(run):
    version = run.knowledge.rules["SEV-01"].version
    text = prov_n(provenance(run))
    assert f"wasAssociatedWith(firing:SEV-01@T8, agent:engine, rule:SEV-01@{version})" in text
    assert f"entity(rule:SEV-01@{version}, [prov:type='prov:Plan'" in text
    assert f"wasDerivedFrom(rule:SEV-01@{version}, source:book" in text
    assert f"hadMember(knowledge:toy@1.2.3, rule:SEV-01@{version})" in text


def test_premises_are_used_and_absences_are_told_apart(run):
    text = prov_n(provenance(run))
    used = [line for line in text.splitlines() if "used(firing:TOY-01@T8" in line]
    assert sum("prov:role='term:premise'" in line for line in used) == 3
    assert ["fact:T8.myelopathy" in line for line in used if "term:absent" in line] == [True]


def test_a_fact_comes_from_the_case_and_from_what_was_concluded(run):
    text = prov_n(provenance(run))
    assert "wasDerivedFrom(fact:T8.grade, given:T8.grade" in text
    assert "hadMember(case:severe, given:T8.grade)" in text
    assert "wasDerivedFrom(fact:T8.severity, conclusion:SEV-01@T8/1" in text
    assert "wasGeneratedBy(conclusion:SEV-01@T8/1, firing:SEV-01@T8" in text


def test_every_firing_and_every_fact_is_there(run):
    names = {str(record.identifier) for record in provenance(run).get_records() if record.identifier}
    assert {f"firing:{firing.id}" for firing in run.trace.firings} <= names
    assert {f"fact:{fact.id}" for fact in run.trace.facts} <= names


def test_there_are_no_times_and_no_chance(run, toy):
    again = Run(run.case, Reasoner(toy))
    assert prov_json(provenance(run)) == prov_json(provenance(again))
    assert prov_n(provenance(run)) == prov_n(provenance(again))
    assert "startTime" not in prov_json(provenance(run))


def test_names_that_prov_cannot_hold_are_escaped(toy):
    document = provenance(finished_of("{case: 'a, (b)', lesions: [{id: T8-left, grade: '3'}]}", toy))
    assert "case:a%2C%20%28b%29" in prov_n(document)
    assert ProvDocument.deserialize(content=prov_json(document), format="json") == document


@pytest.mark.slow
def test_the_whole_library_round_trips(knowledge):
    reasoner = Reasoner(knowledge)
    for case in read_library(knowledge):
        document = provenance(Run(case, reasoner))
        assert ProvDocument.deserialize(content=prov_json(document), format="json") == document, case.id
