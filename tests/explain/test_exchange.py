"""The record goes to other programs and comes back with the same nodes, edges and words."""

import json
import re

import networkx as nx
import pytest

from explain.drawing.exchange import EXCHANGE, exchanged, flattened


@pytest.fixture(scope="module")
def record(answer_on):
    return answer_on("two-lesions").graph


def edges(graph, kind="kind"):
    return sorted((start, end, data[kind]) for start, end, data in graph.edges(data=True))


def labels(graph):
    return {node: data["label"] for node, data in graph.nodes(data=True)}


@pytest.mark.parametrize("format", EXCHANGE)
def test_it_comes_out_the_same_every_time(record, format):
    assert exchanged(record, format) == exchanged(record.copy(), format)


def test_networkx_reads_each_format_back(record, tmp_path):
    wanted, labelled = edges(record), labels(flattened(record))
    as_json = nx.node_link_graph(json.loads(exchanged(record, "json")), edges="edges")
    (tmp_path / "x.graphml").write_bytes(exchanged(record, "graphml"))
    as_graphml = nx.read_graphml(tmp_path / "x.graphml", force_multigraph=True)
    (tmp_path / "x.gexf").write_bytes(exchanged(record, "gexf"))
    as_gexf = nx.read_gexf(tmp_path / "x.gexf")
    as_cyjs = nx.cytoscape_graph(json.loads(exchanged(record, "cyjs")))
    for graph in (as_json, as_graphml, as_cyjs):
        assert edges(graph) == wanted
        assert labels(graph) == labelled
    assert edges(as_gexf, "relation") == wanted
    assert labels(as_gexf) == labelled


def test_every_attribute_comes_back_as_one_plain_value(record):
    flat = flattened(record)
    for _, data in flat.nodes(data=True):
        assert all(isinstance(value, str | int | float | bool) for value in data.values())
    listed = next(n for n, data in record.nodes(data=True) if data["kind"] == "pathway" and len(data["involves"]) > 1)
    assert flat.nodes[listed]["involves"].split("; ") == list(record.nodes[listed]["involves"])
    unknown = next(n for n, data in record.nodes(data=True) if data["kind"] == "unknown")
    assert flat.nodes[unknown]["values"] == ""


def test_mermaid_has_every_node_and_every_edge_and_no_loose_quotation_mark(record):
    lines = exchanged(record, "mmd").decode().splitlines()
    assert lines[0] == "flowchart LR"
    arrows = [line for line in lines if re.search(r"-->\|| -\.->\|", line)]
    assert len(arrows) == record.number_of_edges()
    assert len(lines) == 1 + record.number_of_nodes() + record.number_of_edges()
    assert all(line.count('"') == 2 for line in lines[1:] if line not in arrows)


def test_another_format_is_refused_with_those_that_there_are(record):
    with pytest.raises(ValueError, match="graphml"):
        exchanged(record, "xlsx")


@pytest.mark.parametrize("ending", EXCHANGE)
def test_the_answer_saves_its_graph_by_the_ending_of_the_file(answer_on, tmp_path, ending):
    answer = answer_on("noms-n1")
    target = answer.diagram("everything").save(tmp_path / f"x.{ending}")
    assert target.read_bytes() == exchanged(answer.diagram("everything").graph, ending)
