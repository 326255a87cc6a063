"""Views: what to look at in the record. Each is a selection of its nodes and edges; nothing is added to it."""

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

import networkx as nx

from cases.model import no_lesion
from explain.drawing.nodes import FactNode, FiringNode, Graph, PathwayNode, node_at
from knowledge_base.language.vocabulary import LETTERS

VIEWS = ("letter", "everything")
SPOKEN = ("for", "against", "calls", "warns")


def view(graph: Graph, name: str, letter: str | None = None, lesion: str | None = None) -> Graph:
    """Return a view of a record: `everything` or `letter` (N, O, M, S, D or its name), of one lesion or all.

    Raises ValueError for a view, letter or lesion that is not there.
    """
    if name not in VIEWS:
        raise ValueError(f"{name!r} is not a view; there are {', '.join(VIEWS)}")
    if lesion is not None and lesion not in graph.graph["lesions"]:
        raise ValueError(no_lesion(lesion, graph.graph["lesions"]))
    about = about_lesion(graph, lesion) if lesion else graph
    return one_letter(about, letter or "") if name == "letter" else everything(about)


def everything(graph: Graph) -> Graph:
    """Return the whole record."""
    return _selection(graph, graph.nodes, "everything")


def one_letter(graph: Graph, letter: str) -> Graph:
    """Return all of one letter, what it reads from the others, and what reads it or is argued from it."""
    by_name = {name: key for key, name in LETTERS.items()}
    key = by_name.get(letter, letter)
    if key not in LETTERS:
        raise ValueError(f"{letter!r} is not a letter; there are {', '.join(LETTERS)}")
    inside = {node for node in graph if node_at(graph, node).letter == key and not _is_idle(graph, node)}
    beside = {
        e[:3] for e in graph.edges(keys=True, data="kind", default="") if set(e[:2]) & inside and e[3] != "awaited"
    }
    readers = {end for _, end, _ in beside if isinstance(node_at(graph, end), FiringNode)}
    said = {e[:3] for e in graph.out_edges(readers, keys=True, data="kind", default="") if e[3] in SPOKEN}
    found = _selection(graph, [*inside, *(n for e in beside | said for n in e[:2])], "letter")
    found.remove_edges_from([e for e in list(found.edges(keys=True)) if e not in beside | said])
    found.graph["letter"] = key
    return found


def about_lesion(graph: Graph, lesion: str) -> Graph:
    """Return what the record says of one lesion and of the patient."""
    about = {"patient", lesion}
    chosen = [n for n in graph if about & {s.split("/")[0] for s in node_at(graph, n).subject.split(", ")}]
    found = _selection(graph, chosen, "everything")
    found.graph["lesions"] = [lesion]
    return found


def predecessors(graph: Graph, node: str, *kinds: str) -> list[str]:
    """Return the nodes with an edge of one of these kinds to a node, in order."""
    return sorted({start for start, _, kind in graph.in_edges(node, data="kind", default="") if kind in kinds})


def origins(graph: Graph, fact: str) -> dict[str, set[str]]:
    """Return the inputs (given facts, and totals of scores) behind a fact, each with the firings on the way."""
    found: dict[str, set[str]] = {}
    if score_parts(graph, fact) is not None:
        return found
    for firing in predecessors(graph, fact, "concludes"):
        for read in predecessors(graph, firing, "premise"):
            kind = node_at(graph, read).kind
            if kind == "given" or score_parts(graph, read) is not None:
                found.setdefault(read, set()).add(firing)
            elif kind != "unknown":
                for origin, firings in origins(graph, read).items():
                    found.setdefault(origin, set()).update({firing, *firings})
    return found


def score_parts(graph: Graph, fact: str) -> list[tuple[str, str]] | None:
    """Return the parts of a total as (name, points), "?" for one not known; None when the fact is no total of parts."""
    steps = [n for n in predecessors(graph, fact, "concludes") if node_at(graph, n).kind == "step"]
    found = (node_at(graph, part) for step in steps for part in _in_order_of_the_score(graph, step))
    parts = [part for part in found if isinstance(part, FactNode)]
    if len(parts) < 2:
        return None
    labels = [part.label for part in parts]
    shared = next(i for i, words in enumerate(zip_longest(*map(str.split, labels))) if len(set(words)) > 1)
    names = [" ".join(label.split()[shared:]) for label in labels]
    return [(name, _points(part.values)) for name, part in zip(names, parts, strict=True)]


def _in_order_of_the_score(graph: Graph, step: str) -> list[str]:
    return [start for start, _, kind in graph.in_edges(step, data="kind", default="") if kind == "premise"]


def _points(values: Any) -> str:
    return "?" if values is None else str(values).replace("..", " to ")


def _is_idle(graph: Graph, node: str) -> bool:
    """Tell whether a node is bookkeeping of a pathway about which nobody argued, or is only waited for."""
    found = node_at(graph, node)
    if "/" in found.subject or isinstance(found, PathwayNode):
        pathway = found.subject if "/" in found.subject else node
        return not predecessors(graph, pathway, "for", "against")
    if isinstance(found, FactNode):
        return not any(
            kind != "awaited" for *_, kind in [*graph.in_edges(node, "kind"), *graph.out_edges(node, "kind")]
        )
    return False


def _selection(graph: Graph, nodes: Iterable[str], name: str) -> Graph:
    """Return a copy of some nodes and the edges among them, in a fixed order."""
    chosen = set(nodes)
    found: Graph = nx.MultiDiGraph(**{**graph.graph, "view": name})
    found.add_nodes_from((node, dict(graph.nodes[node])) for node in sorted(chosen))
    for start, end, key in sorted(graph.edges(keys=True)):
        if start in chosen and end in chosen:
            found.add_edge(start, end, key, **graph.edges[start, end, key])
    return found
