"""Views select from the record and add nothing to it."""

from collections.abc import Callable

import networkx as nx
import pytest

import knowledge_base
from cases import read_case
from engine import Reasoner, advise
from explain.drawing.graph import Graph, graph_of
from explain.drawing.views import view
from metspine.library import LIBRARY

Recorded = Callable[[str], Graph]
NAMED = [("summary", None), ("everything", None), *[("letter", letter) for letter in "NOMSD"]]


@pytest.mark.parametrize("case", ["severe", "two", "hardly"])
@pytest.mark.parametrize(("name", "letter"), NAMED)
def test_a_view_has_only_nodes_and_edges_of_the_record(
    recorded: Recorded, case: str, name: str, letter: str | None
) -> None:
    graph = recorded(case)
    shown = view(graph, name, letter)
    assert set(shown.nodes) <= set(graph.nodes)
    for start, end, key in shown.edges(keys=True):
        if key != "leads":
            assert graph.has_edge(start, end, key)
            continue
        via = shown.edges[start, end, key]["via"]
        assert via
        assert all(nx.has_path(graph, start, firing) and nx.has_path(graph, firing, end) for firing in via)


def test_a_view_leaves_the_record_as_it_was(recorded: Recorded) -> None:
    graph = recorded("severe")
    before = {node: dict(data) for node, data in graph.nodes(data=True)}
    view(graph, "summary")
    assert {node: dict(data) for node, data in graph.nodes(data=True)} == before


def test_everything_is_everything(recorded: Recorded) -> None:
    graph = recorded("two")
    shown = view(graph, "everything")
    assert set(shown.nodes) == set(graph.nodes)
    assert set(shown.edges(keys=True)) == set(graph.edges(keys=True))


def test_the_summary_goes_from_inputs_to_the_pathway(recorded: Recorded) -> None:
    shown = view(recorded("severe"), "summary")
    for given in ("T8.grade", "T8.wobble_total", "patient.fit"):
        assert nx.has_path(shown, given, "T8/cut")
    assert shown.nodes["T8/cut"]["status"] == "recommended"
    assert "measure:scan" in shown
    assert "alert:TOY-04" in shown


def test_the_summary_folds_the_score_and_the_bookkeeping(recorded: Recorded) -> None:
    shown = view(recorded("severe"), "summary")
    assert shown.nodes["T8.wobble_total"]["parts"] == [("pain", "3"), ("collapse", "0")]
    assert shown.nodes["T8.severity"]["by"] == ["SEV-01"]
    assert not [n for n in shown if n.startswith(("OPT-", "WOBBLE/", "T8/cut.", "T8.wobble_pain"))]


def test_a_part_of_a_score_that_is_not_known_is_a_question_mark(recorded: Recorded) -> None:
    graph = recorded(
        "{case: c, patient: {fit: true}, lesions: [{id: T8, grade: '3', wobble: {pain: true}, myelopathy: false}]}"
    )
    assert view(graph, "summary").nodes["T8.wobble_total"]["parts"] == [("pain", "3"), ("collapse", "?")]


def test_the_summary_keeps_what_was_looked_for_in_vain_by_an_advised_pathway(recorded: Recorded) -> None:
    shown = view(recorded("severe"), "summary")
    assert ("T8.myelopathy", "TOY-01@T8") in shown.edges()


def test_notes_stay_out_of_the_summary(recorded: Recorded) -> None:
    assert "alert:TOY-05" not in view(recorded("severe"), "summary")


def test_a_letter_shows_its_own_whole_chain_and_who_reads_it(recorded: Recorded) -> None:
    shown = view(recorded("severe"), "letter", "M")
    assert {"T8.wobble_pain", "WOBBLE/pain@T8", "WOBBLE/total@T8", "T8.wobble_class", "TOY-01@T8", "T8/cut"} <= set(
        shown
    )
    assert "patient.fit" not in shown
    assert set(view(recorded("severe"), "letter", "mechanical")) == set(shown)


def test_one_lesion_can_be_looked_at_alone(recorded: Recorded) -> None:
    shown = view(recorded("two"), "everything", lesion="L1")
    assert {data["subject"].split("/")[0] for _, data in shown.nodes(data=True)} <= {"patient", "L1"}
    assert shown.graph["lesions"] == ["L1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "sumary"}, "'sumary' is not a view; there are summary, letter, everything"),
        ({"name": "letter", "letter": "X"}, "'X' is not a letter; there are N, O, M, S, D"),
        ({"name": "letter"}, "'' is not a letter; there are N, O, M, S, D"),
        ({"name": "summary", "lesion": "T9"}, "'T9' is not a lesion of this case; there are L1, T8"),
    ],
)
def test_what_is_not_there_is_refused(recorded: Recorded, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError) as refused:
        view(recorded("two"), **arguments)
    assert str(refused.value) == message


@pytest.mark.slow
def test_summaries_of_the_library_stay_small() -> None:
    noms = knowledge_base.load()
    reasoner = Reasoner(noms)
    for path in sorted(LIBRARY.glob("*.yaml")):
        case = read_case(path, noms)
        record = graph_of(advise(case, reasoner), noms)
        shown = view(record, "summary")
        assert shown.number_of_nodes() <= 55 * len(case.lesions), path.name  # most where every score is known
        cautions, drawn = (
            {data["rule"] for _, data in graph.nodes(data=True) if data.get("level") == "caution"}
            for graph in (record, shown)
        )
        assert drawn | set(shown.graph["more_cautions"]) == cautions, path.name
        for node, data in shown.nodes(data=True):
            if data["kind"] == "pathway" and data["status"] == "recommended":
                assert any(nx.has_path(shown, n, node) for n, kind in shown.nodes(data="kind") if kind == "given"), path
