"""Views: what to look at in the record. Each is a selection of its nodes and edges.

The summary also folds: steps between an input and a finding that an argument reads become one edge of kind `leads`,
which names the firings it stands for. Nothing is added that the record does not hold.
"""

from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any

import networkx as nx

from explain.drawing.graph import FACT_KINDS, FIRING_KINDS, Graph
from explain.drawing.labels import rule_name
from knowledge_base.language.vocabulary import LETTERS

VIEWS = ("summary", "letter", "everything")
ADVISED = ("recommended", "acceptable")
MOST_OPPOSED = 3
MOST_PROSPECTS = 4
MOST_CAUTIONS = 5  # beside every danger; the drawing names the rules of the others
SPOKEN = ("for", "against", "calls", "warns")
BESIDE_THE_PATHWAY = ("danger", "caution")


def view(graph: Graph, name: str, letter: str | None = None, lesion: str | None = None) -> Graph:
    """Return a view of a record: `summary`, `everything` or `letter` (N, O, M, S, D or its name), of one lesion or all.

    Raises ValueError for a view, letter or lesion that is not there.
    """
    if name not in VIEWS:
        raise ValueError(f"{name!r} is not a view; there are {', '.join(VIEWS)}")
    if lesion is not None and lesion not in graph.graph["lesions"]:
        raise ValueError(f"{lesion!r} is not a lesion of this case; there are {', '.join(graph.graph['lesions'])}")
    about = about_lesion(graph, lesion) if lesion else graph
    if name == "letter":
        return one_letter(about, letter or "")
    return summary(about) if name == "summary" else everything(about)


def everything(graph: Graph) -> Graph:
    """Return the whole record."""
    return _selection(graph, graph.nodes, "everything")


def one_letter(graph: Graph, letter: str) -> Graph:
    """Return all of one letter, what it reads from the others, and what reads it or is argued from it."""
    by_name = {name: key for key, name in LETTERS.items()}
    key = by_name.get(letter, letter)
    if key not in LETTERS:
        raise ValueError(f"{letter!r} is not a letter; there are {', '.join(LETTERS)}")
    inside = {node for node, data in graph.nodes(data=True) if data["letter"] == key and not _is_idle(graph, node)}
    beside = {e for e in graph.edges(keys=True) if set(e[:2]) & inside and graph.edges[e]["kind"] != "awaited"}
    readers = {end for _, end, _ in beside if graph.nodes[end]["kind"] in FIRING_KINDS}
    said = {e for e in graph.out_edges(readers, keys=True) if graph.edges[e]["kind"] in SPOKEN}
    found = _selection(graph, [*inside, *(n for e in beside | said for n in e[:2])], "letter")
    found.remove_edges_from([e for e in list(found.edges(keys=True)) if e not in beside | said])
    found.graph["letter"] = key
    return found


def about_lesion(graph: Graph, lesion: str) -> Graph:
    """Return what the record says of one lesion and of the patient."""
    about = {"patient", lesion}
    chosen = [n for n, data in graph.nodes(data=True) if about & {s.split("/")[0] for s in data["subject"].split(", ")}]
    found = _selection(graph, chosen, "everything")
    found.graph["lesions"] = [lesion]
    return found


def summary(graph: Graph) -> Graph:
    """Return what fits one page: pathways that matter, their arguments, what these read and the inputs behind it."""
    return _Summary(graph).view


class _Summary:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        pathways = [n for lesion in graph.graph["lesions"] for n in pathways_that_matter(graph, lesion)]
        firings = self._one_for_each_rule({f for n in pathways for f in predecessors(graph, n, "for", "against")})
        beside = [n for n, data in graph.nodes(data=True) if _stands_beside(data)]
        more = [n for n in beside if graph.nodes[n].get("level") == "caution"][MOST_CAUTIONS:]
        beside = [n for n in beside if n not in more]
        asked = [n for n, data in graph.nodes(data=True) if data["kind"] == "question"]
        read = {fact for firing in firings for fact in self._read(firing)}
        headlines = [n for n, data in graph.nodes(data=True) if data.get("assessment") and data["kind"] != "unknown"]
        self.view = _selection(graph, [*pathways, *firings, *beside, *asked, *read, *headlines], "summary", _is_direct)
        for node in beside:
            self._explain(node)
        for fact in sorted(self.view.nodes):
            if self.view.nodes[fact]["kind"] in FACT_KINDS:
                self._trace_back(fact)
        self.view = _selection(graph, self.view.nodes, "summary", base=self.view)
        self.view.graph["more_cautions"] = sorted({graph.nodes[n]["rule"] for n in more})

    def _one_for_each_rule(self, firings: set[str]) -> list[str]:
        """Return the first firing of each rule for each subject; the others say the same in another way."""
        found: dict[tuple[str, str], str] = {}
        for firing in sorted(firings, key=lambda f: int(self.graph.nodes[f]["sequence"])):
            data = self.graph.nodes[firing]
            found.setdefault((data["rule"], data["subject"]), firing)
        return list(found.values())

    def _read(self, firing: str) -> list[str]:
        """Return the facts that a firing read; those it looked for in vain only when it speaks for something."""
        speaks_for = any(edge["kind"] == "for" for *_, edge in self.graph.out_edges(firing, data=True))
        return predecessors(self.graph, firing, "premise", *(["absent"] if speaks_for else []))

    def _explain(self, node: str) -> None:
        """Say beside a measure or an alert which rules called for it and on what facts."""
        callers = predecessors(self.graph, node, "calls", "warns")
        facts = {fact for caller in callers for fact in predecessors(self.graph, caller, "premise")}
        about = [data for data in map(self.graph.nodes.__getitem__, sorted(facts)) if "/" not in data["subject"]]
        self.view.nodes[node]["by"] = sorted({rule_name(self.graph.nodes[caller]) for caller in callers})
        self.view.nodes[node]["why"] = [
            f"{fact['label']}: {fact['value']}" for fact in about if "/" not in fact["subject"]
        ]

    def _trace_back(self, fact: str) -> None:
        """Tie a fact to the inputs behind it, and say in a word how it came about."""
        data = self.view.nodes[fact]
        if data["kind"] == "given":
            return
        if (parts := score_parts(self.graph, fact)) is not None:
            data["parts"] = parts
        data["by"] = sorted({rule_name(self.graph.nodes[n]) for n in predecessors(self.graph, fact, "concludes")})
        for origin, firings in sorted(origins(self.graph, fact).items()):
            self._lead(origin, fact, firings)
            if self.graph.nodes[origin]["kind"] == "score" and (parts := score_parts(self.graph, origin)) is not None:
                self.view.nodes[origin]["parts"] = parts

    def _lead(self, start: str, end: str, firings: Iterable[str]) -> None:
        if start not in self.view:
            self.view.add_node(start, **self.graph.nodes[start])
        self.view.add_edge(start, end, "leads", kind="leads", via=sorted(firings))


def pathways_that_matter(graph: Graph, lesion: str) -> list[str]:
    """Return the pathways of a lesion that its summary shows.

    These are all that are advised or have something that speaks for them, and of those that only have something against
    them the simplest few: why a lesser treatment will not do is what a reader asks first.
    """
    found = [n for n, data in graph.nodes(data=True) if data["kind"] == "pathway" and data["subject"] == lesion]
    advised = [n for n in found if graph.nodes[n]["status"] in ADVISED or predecessors(graph, n, "for")]
    could = [n for n in found if n not in advised and graph.nodes[n].get("prospect") == "could"]
    advised += could[:MOST_PROSPECTS]
    opposed = [n for n in found if n not in advised and predecessors(graph, n, "against")]
    opposed.sort(key=lambda n: (len(graph.nodes[n]["involves"]), n))
    return [*advised, *opposed[: max(MOST_OPPOSED - len(advised), 1)]]


def predecessors(graph: Graph, node: str, *kinds: str) -> list[str]:
    """Return the nodes with an edge of one of these kinds to a node, in order."""
    return sorted({start for start, _, edge in graph.in_edges(node, data=True) if edge["kind"] in kinds})


def origins(graph: Graph, fact: str) -> dict[str, set[str]]:
    """Return the inputs (given facts, and totals of scores) behind a fact, each with the firings on the way."""
    found: dict[str, set[str]] = {}
    if score_parts(graph, fact) is not None:
        return found
    for firing in predecessors(graph, fact, "concludes"):
        for read in predecessors(graph, firing, "premise"):
            kind = graph.nodes[read]["kind"]
            if kind == "given" or score_parts(graph, read) is not None:
                found.setdefault(read, set()).add(firing)
            elif kind != "unknown":
                for origin, firings in origins(graph, read).items():
                    found.setdefault(origin, set()).update({firing, *firings})
    return found


def score_parts(graph: Graph, fact: str) -> list[tuple[str, str]] | None:
    """Return the parts of a total as (name, points), "?" for one not known; None when the fact is no total of parts."""
    steps = [n for n in predecessors(graph, fact, "concludes") if graph.nodes[n]["kind"] == "step"]
    parts = [p for step in steps for p in _in_order_of_the_score(graph, step)]
    if len(parts) < 2:
        return None
    labels = [graph.nodes[p]["label"] for p in parts]
    shared = next(i for i, words in enumerate(zip_longest(*map(str.split, labels))) if len(set(words)) > 1)
    names = [" ".join(label.split()[shared:]) for label in labels]
    return [(name, _points(graph.nodes[p]["values"])) for name, p in zip(names, parts, strict=True)]


def _in_order_of_the_score(graph: Graph, step: str) -> list[str]:
    return [start for start, _, data in graph.in_edges(step, data=True) if data["kind"] == "premise"]


def _points(values: Any) -> str:
    return "?" if values is None else str(values).replace("..", " to ")


def _stands_beside(data: dict[str, Any]) -> bool:
    return data["kind"] == "measure" or (data["kind"] == "alert" and data["level"] in BESIDE_THE_PATHWAY)


def _is_direct(edge: dict[str, Any]) -> bool:
    return edge["kind"] in ("premise", "absent", "for", "against", "decides")


def _is_idle(graph: Graph, node: str) -> bool:
    """Tell whether a node is bookkeeping of a pathway about which nobody argued, or is only waited for."""
    data = graph.nodes[node]
    if "/" in data["subject"] or data["kind"] == "pathway":
        pathway = data["subject"] if "/" in data["subject"] else node
        return not predecessors(graph, pathway, "for", "against")
    if data["kind"] in FACT_KINDS:
        return not any(
            kind != "awaited" for *_, kind in [*graph.in_edges(node, "kind"), *graph.out_edges(node, "kind")]
        )
    return False


def _selection(
    graph: Graph,
    nodes: Iterable[str],
    name: str,
    keep: Callable[[dict[str, Any]], bool] = lambda edge: True,
    base: Graph | None = None,
) -> Graph:
    """Return a copy of some nodes and the edges among them, in a fixed order."""
    source = base if base is not None else graph
    chosen = set(nodes)
    found: Graph = nx.MultiDiGraph(**{**graph.graph, "view": name})
    found.add_nodes_from((node, dict(source.nodes[node])) for node in sorted(chosen))
    for start, end, key in sorted(source.edges(keys=True)):
        edge = source.edges[start, end, key]
        if start in chosen and end in chosen and keep(edge):
            found.add_edge(start, end, key, **edge)
    return found
