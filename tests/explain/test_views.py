"""Views select from the record and add nothing to it."""

from collections.abc import Callable

import pytest

from explain.drawing.nodes import Graph
from explain.drawing.views import view

Recorded = Callable[[str], Graph]
NAMED = [("everything", None), *[("letter", letter) for letter in "NOMSD"]]


@pytest.mark.parametrize("case", ["severe", "two", "hardly"])
@pytest.mark.parametrize(("name", "letter"), NAMED)
def test_a_view_has_only_nodes_and_edges_of_the_record(
    recorded: Recorded, case: str, name: str, letter: str | None
) -> None:
    graph = recorded(case)
    shown = view(graph, name, letter)
    assert set(shown.nodes) <= set(graph.nodes)
    for start, end, key in shown.edges(keys=True):
        assert graph.has_edge(start, end, key)


def test_a_view_leaves_the_record_as_it_was(recorded: Recorded) -> None:
    graph = recorded("severe")
    before = {node: dict(data) for node, data in graph.nodes(data=True)}
    view(graph, "letter", "M")
    assert {node: dict(data) for node, data in graph.nodes(data=True)} == before


def test_everything_is_everything(recorded: Recorded) -> None:
    graph = recorded("two")
    shown = view(graph, "everything")
    assert set(shown.nodes) == set(graph.nodes)
    assert set(shown.edges(keys=True)) == set(graph.edges(keys=True))


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
        ({"name": "sumary"}, "'sumary' is not a view; there are letter, everything"),
        ({"name": "letter", "letter": "X"}, "'X' is not a letter; there are N, O, M, S, D"),
        ({"name": "letter"}, "'' is not a letter; there are N, O, M, S, D"),
        ({"name": "everything", "lesion": "T9"}, "'T9' is not a lesion of this case (L1, T8)"),
    ],
)
def test_what_is_not_there_is_refused(recorded: Recorded, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError) as refused:
        view(recorded("two"), **arguments)
    assert str(refused.value) == message
