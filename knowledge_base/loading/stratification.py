"""What reads what, and in which order everything can be settled before it is read.

The nodes are attributes; an edge says that a rule or a score step reads the one to speak of the other. The layers of
that graph are the strata. A ring of rules has no such order, and is refused with the ring.
"""

from collections.abc import Iterable, Mapping

import networkx as nx

from knowledge_base.language.knowledge import Unit


class Ring(Exception):  # noqa: N818  # what was found, told to the user by the loader
    """Rules that read, through one another, what they speak of; `steps` are (attribute read, unit, attribute set)."""

    def __init__(self, steps: list[tuple[str, Unit, str]]) -> None:
        self.steps = steps
        first = steps[0][0]
        super().__init__(f"{first} " + " ".join(f"→ {unit.id} → {written}" for _, unit, written in steps))


def dependency_graph(units: Iterable[Unit]) -> "nx.DiGraph[str]":
    """Return the graph of attributes; each edge carries, as `units`, the rules and steps that make it."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for unit in sorted(units, key=lambda unit: unit.id):
        graph.add_nodes_from((*unit.reads, *unit.writes))
        for read in unit.reads:
            for written in unit.writes:
                if graph.has_edge(read, written):
                    graph.edges[read, written]["units"].append(unit)
                else:
                    graph.add_edge(read, written, units=[unit])
    return graph


def levels(attributes: Iterable[str], units: Iterable[Unit]) -> Mapping[str, int]:
    """Return, for each attribute, the stratum after which it is settled; raise `Ring` when there is none."""
    graph = dependency_graph(units)
    graph.add_nodes_from(attributes)
    try:
        generations = list(nx.topological_generations(graph))
    except nx.NetworkXUnfeasible:
        raise Ring(_ring(graph)) from None
    return {name: level for level, names in enumerate(generations) for name in sorted(names)}


def _ring(graph: "nx.DiGraph[str]") -> list[tuple[str, Unit, str]]:
    """Return a shortest ring, the same one every time."""
    cycle = min(_turned(ring) for ring in _shortest_rings(graph))
    return [
        (read, graph.edges[read, written]["units"][0], written)
        for read, written in zip(cycle, (*cycle[1:], cycle[0]), strict=True)
    ]


def _shortest_rings(graph: "nx.DiGraph[str]") -> list[list[str]]:
    for length in range(1, len(graph) + 1):
        if rings := list(nx.simple_cycles(graph, length_bound=length)):
            return rings
    raise ValueError("the graph has no ring")


def _turned(ring: list[str]) -> list[str]:
    """Return a ring turned so that its least name comes first."""
    start = ring.index(min(ring))
    return ring[start:] + ring[:start]
