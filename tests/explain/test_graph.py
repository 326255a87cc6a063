"""The record holds everything that happened, under stable ids."""

import json
from collections.abc import Callable
from typing import get_args

import networkx as nx
import pytest

from cases import read_case
from engine import Advice, Reasoner, advise
from explain.drawing.chain_words import sentences
from explain.drawing.chart import chains_of, draw_plan
from explain.drawing.graph import graph_of, node_link
from explain.drawing.nodes import KINDS, EdgeKind, Graph
from explain.drawing.views import view
from metspine.library import LIBRARY

Recorded = Callable[[str], Graph]


def edges(graph: Graph, kind: str) -> set[tuple[str, str]]:
    return {(start, end) for start, end, data in graph.edges(data=True) if data["kind"] == kind}


def test_every_firing_and_every_premise_is_recorded(advised: Callable[[str], Advice], recorded: Recorded) -> None:
    advice, graph = advised("severe"), recorded("severe")
    for firing in advice.firings:
        assert graph.nodes[firing.id]["sequence"] == firing.sequence
        assert {(str(p.fact), firing.id) for p in firing.premises} <= edges(graph, "premise")
        assert {(str(p.fact), firing.id) for p in firing.absent} <= edges(graph, "absent")


def test_arguments_point_at_pathways_with_their_stance(recorded: Recorded) -> None:
    graph = recorded("severe")
    assert edges(graph, "for") == {("TOY-01@T8", "T8/cut")}
    assert edges(graph, "against") == {("TOY-02@T8", "T8/beam")}
    assert graph.edges["TOY-02@T8", "T8/beam", "against exclude"]["stance"] == "exclude"


def test_bookkeeping_of_options_is_recorded(recorded: Recorded) -> None:
    graph = recorded("severe")
    assert ("TOY-01@T8", "T8/cut.argued_recommend") in edges(graph, "concludes")
    assert ("T8/cut.argued_recommend", "OPT-02@T8/cut") in edges(graph, "premise")
    assert ("OPT-02@T8/cut", "T8/cut.status") in edges(graph, "concludes")
    assert edges(graph, "settles") == {("T8/cut.status", "T8/cut"), ("T8/beam.status", "T8/beam")}


def test_measures_alerts_and_questions_are_recorded(recorded: Recorded) -> None:
    graph = recorded("severe")
    assert edges(graph, "calls") == {("TOY-04@T8", "measure:scan")}
    assert edges(graph, "warns") == {("TOY-04@T8", "alert:TOY-04"), ("TOY-05@T8", "alert:TOY-05")}
    assert edges(graph, "asks") == {("TOY-05@T8", "T8.myelopathy")}


def test_a_fact_nobody_read_and_nobody_knows_is_left_out(recorded: Recorded) -> None:
    graph = recorded("two")
    assert "L1.myelopathy" not in graph
    assert graph.nodes["T8.myelopathy"]["kind"] == "given"


def test_an_unknown_fact_that_was_looked_for_is_there(recorded: Recorded) -> None:
    graph = recorded("severe")
    assert graph.nodes["T8.myelopathy"]["kind"] == "unknown"
    assert ("T8.myelopathy", "TOY-01@T8") in edges(graph, "absent")


def test_an_unknown_input_points_at_the_pathways_that_wait_for_it(recorded: Recorded) -> None:
    assert ("T8.grade", "T8/cut") in edges(recorded("hardly"), "awaited")


def test_kinds_tell_given_from_derived_and_scores(recorded: Recorded) -> None:
    nodes = recorded("severe").nodes
    assert nodes["T8.grade"]["kind"] == "given"
    assert nodes["T8.severity"]["kind"] == "derived"
    assert nodes["T8.wobble_total"]["kind"] == nodes["T8.wobble_pain_points"]["kind"] == "score"
    assert nodes["WOBBLE/total@T8"]["kind"] == "step"
    assert nodes["T8.wobble_class"]["kind"] == "derived"


def test_the_letter_of_a_firing_is_that_of_what_it_sets(recorded: Recorded) -> None:
    letters = dict(recorded("severe").nodes(data="letter"))
    assert letters["SEV-01@T8"] == "N"
    assert letters["WOBBLE/pain@T8"] == "M"
    assert letters["TOY-01@T8"] == letters["TOY-04@T8"] == "D"
    assert letters["TOY-05@T8"] == "O"  # it only warns: the letter of what it read


def test_a_rule_carries_its_sources_and_the_first_link(recorded: Recorded) -> None:
    node = recorded("severe").nodes["TOY-01@T8"]
    assert [source["ref"] for source in node["sources"]] == ["rumour", "book"]
    assert node["href"] == "https://doi.org/10.1000/a-b"
    assert node["chain_basis"] == "unconfirmed"
    assert "Room must be made." in node["tooltip"]


@pytest.mark.parametrize("case", ["severe", "two", "hardly"])
def test_only_known_kinds_occur(recorded: Recorded, case: str) -> None:
    graph = recorded(case)
    assert {kind for _, kind in graph.nodes(data="kind")} <= set(KINDS)
    assert {data["kind"] for *_, data in graph.edges(data=True)} <= set(get_args(EdgeKind))


def test_without_what_is_waited_for_the_record_has_no_rings(recorded: Recorded) -> None:
    graph = recorded("two")
    graph.remove_edges_from(
        [(*e[:3],) for e in graph.edges(keys=True) if graph.edges[e]["kind"] in ("awaited", "asks")]
    )
    assert nx.is_directed_acyclic_graph(graph)


def test_node_link_is_plain_json_in_order(recorded: Recorded) -> None:
    data = json.loads(json.dumps(node_link(recorded("two"))))
    ids = [node["id"] for node in data["nodes"]]
    assert ids == sorted(ids)
    assert data["graph"]["case"] == "two"
    again = nx.node_link_graph(data, edges="edges")
    assert set(again.edges(keys=True)) == set(recorded("two").edges(keys=True))


def test_a_contradiction_is_an_alert_tied_to_who_made_it(recorded: Recorded) -> None:
    graph = recorded("{case: c, patient: {}, lesions: [{id: T8, grade: '3', severity: low}]}")
    alert = "contradiction:T8.severity"
    assert edges(graph, "contradicts") == {("T8.severity", alert), ("SEV-01@T8", alert)}
    assert graph.nodes[alert]["level"] == "danger"
    assert alert in view(graph, "everything")


def test_what_stands_on_one_side_of_a_dispute_says_so_in_the_drawing_and_in_words(knowledge):
    case = read_case(LIBRARY / "boundary-sins-7.yaml", knowledge)
    advice = advise(case, Reasoner(knowledge), plan=True)
    graph = graph_of(advice, knowledge)
    (dispute,) = (dispute for dispute in advice.disputes if dispute.dispute == "sins_middle_band")
    (firing,) = dispute.rests_on
    assert graph.nodes[firing]["disputed"] == (f"{dispute.topic} Here: {dispute.label}.",)
    assert dispute.topic in graph.nodes[firing]["tooltip"]
    assert "by MEC-14 (disputed)" in draw_plan(advice, knowledge).source
    (found,) = chains_of(advice, knowledge)
    assert any("by MEC-14 (disputed)" in line for line in sentences(found))
