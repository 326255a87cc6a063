"""The trace as PROV: what stands for what, and that nothing is lost on the way through its two formats."""

import pytest
import rdflib
from prov.model import ProvDocument
from toycases import SEVERE
from toycases import run as finished_of

from engine import Reasoner
from engine.decision import decision_digest
from engine.run import Run
from engine.versions import engine_stamp
from explain.answers.provenance import prov_json, prov_n, prov_nquads, provenance
from metspine.library import read_library


@pytest.fixture
def run(toy):
    return finished_of(SEVERE, toy)


def mark(run):
    """What the names of one decision begin with."""
    return decision_digest(run.advice)[:16]


def bundle_of(run):
    (bundle,) = provenance(run).bundles
    return bundle


def test_two_patients_share_knowledge_and_nothing_else(run, toy):
    """Their documents can be put together without a fact of one becoming a fact of the other."""
    other = finished_of(SEVERE.replace("severe", "other", 1), toy)
    names = [{str(r.identifier) for r in bundle_of(one).get_records() if r.identifier} for one in (run, other)]
    assert bundle_of(run).identifier != bundle_of(other).identifier
    shared = {name.partition(":")[0] for name in names[0] & names[1]}
    assert shared == {"agent", "knowledge", "rule", "source"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib warns of itself
def test_as_rdf_the_plain_relations_stand_beside_the_qualified_ones(run):
    data = rdflib.Dataset()
    data.parse(data=prov_nquads(run), format="nquads")
    asked = """
        PREFIX prov: <http://www.w3.org/ns/prov#>
        SELECT (COUNT(DISTINCT ?fact) AS ?facts) WHERE { GRAPH ?decision { ?firing PATH ?fact } }"""
    (plain,), (qualified,) = (
        data.query(asked.replace("PATH", path)) for path in ("prov:used", "prov:qualifiedUsage/prov:entity")
    )
    read = {str(premise.fact) for firing in run.trace.firings for premise in (*firing.premises, *firing.absent)}
    assert int(plain.facts) == int(qualified.facts) == len(read)


def test_it_round_trips_through_prov_json(run):
    document = provenance(run)
    assert ProvDocument.deserialize(content=prov_json(document), format="json") == document


def test_a_firing_is_an_activity_under_the_plan_of_its_rule(run):
    version = run.knowledge.rules["SEV-01"].version
    text = prov_n(provenance(run))
    program = f"agent:metspine@{engine_stamp().metspine}-{engine_stamp().digest[:16]}"
    assert f"agent({program}, [prov:type='prov:SoftwareAgent'" in text
    assert f"wasAssociatedWith(firing:{mark(run)}/SEV-01@T8, {program}, rule:SEV-01@{version})" in text
    assert f"entity(rule:SEV-01@{version}, [prov:type='prov:Plan'" in text
    assert f"wasDerivedFrom(rule:SEV-01@{version}, source:book" in text
    assert f"hadMember(knowledge:toy@1.2.3-{run.knowledge.digest[:16]}, rule:SEV-01@{version})" in text


def test_premises_are_used_and_absences_are_told_apart(run):
    text = prov_n(provenance(run))
    used = [line for line in text.splitlines() if f"used(firing:{mark(run)}/TOY-01@T8" in line]
    assert sum("prov:role='term:premise'" in line for line in used) == 3
    assert [f"fact:{mark(run)}/T8.myelopathy" in line for line in used if "term:absent" in line] == [True]


def test_a_fact_comes_from_the_case_and_from_what_was_concluded(run):
    text, own = prov_n(provenance(run)), mark(run)
    assert f"wasDerivedFrom(fact:{own}/T8.grade, given:{own}/T8.grade" in text
    assert f"hadMember(case:{own}/severe, given:{own}/T8.grade)" in text
    assert f"wasDerivedFrom(fact:{own}/T8.severity, conclusion:{own}/SEV-01@T8/1" in text
    assert f"wasGeneratedBy(conclusion:{own}/SEV-01@T8/1, firing:{own}/SEV-01@T8" in text


def test_every_firing_and_every_fact_is_there(run):
    names = {str(record.identifier) for record in bundle_of(run).get_records() if record.identifier}
    assert {f"firing:{mark(run)}/{firing.id}" for firing in run.trace.firings} <= names
    assert {f"fact:{mark(run)}/{fact.id}" for fact in run.trace.facts} <= names


def test_there_are_no_times_and_no_chance(run, toy):
    again = Run(run.case, Reasoner(toy))
    assert prov_json(provenance(run)) == prov_json(provenance(again))
    assert prov_n(provenance(run)) == prov_n(provenance(again))
    assert prov_nquads(run) == prov_nquads(again)
    assert "startTime" not in prov_json(provenance(run))


def test_names_that_prov_cannot_hold_are_escaped(toy):
    document = provenance(finished_of("{case: 'a, (b)', lesions: [{id: T8-left, grade: '3'}]}", toy))
    assert "/a%2C%20%28b%29, [prov:label" in prov_n(document)
    assert ProvDocument.deserialize(content=prov_json(document), format="json") == document


@pytest.mark.slow
def test_the_whole_library_round_trips(knowledge):
    reasoner = Reasoner(knowledge)
    for case in read_library(knowledge):
        document = provenance(Run(case, reasoner))
        assert ProvDocument.deserialize(content=prov_json(document), format="json") == document, case.id
