"""What a node or an edge of the record is: a class for each kind.

The networkx graph holds them as plain attributes, which any program can read; `node_at` reads a node back as what it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import networkx as nx

from engine.inference.trace import Json
from engine.verdicts import Status
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import AlertLevel, Basis, Citation, Stance, Urgency
from knowledge_base.language.vocabulary import Letter

if TYPE_CHECKING:
    Graph = nx.MultiDiGraph[str]
else:
    Graph = nx.MultiDiGraph

FactKind = Literal["given", "derived", "score", "unknown"]
FiringKind = Literal["rule", "step"]
Prospect = Literal["could", "gone"]  # of what is not advised now: it could become recommended, or not any more
EdgeKind = Literal[
    "premise",  # fact to firing: a line of `when` that it met
    "absent",  # fact to firing: looked at for a line of `unless`, which did not hold
    "concludes",  # firing to fact
    "settles",  # status fact to pathway
    "for",  # firing to pathway, stance recommend or consider
    "against",  # firing to pathway, stance advise_against or exclude
    "calls",  # firing to measure
    "warns",  # firing to alert
    "asks",  # firing to fact
    "awaited",  # unknown fact to pathway: rules wait for it
    "decides",  # the question to ask next to a pathway, or to the unknown fact that it asks for
    "contradicts",  # fact or firing to the alert about a contradiction
]


class SourceData(TypedDict):
    """A source, where in it, and how well that was confirmed."""

    ref: str
    at: str
    basis: Basis
    citation: str
    link: str | None


class NodeSources(TypedDict):
    """Sources, and the first link among them."""

    sources: tuple[SourceData, ...]
    href: str | None


def grounds(knowledge: KnowledgeBase, citations: Iterable[Citation]) -> NodeSources:
    """Return what a node tells of its sources."""
    found = tuple(
        SourceData(ref=cited.ref, at=cited.at, basis=cited.basis, citation=source.citation, link=source.link)
        for cited in citations
        for source in [knowledge.sources[cited.ref]]
    )
    return NodeSources(sources=found, href=next((source["link"] for source in found if source["link"]), None))


@dataclass(frozen=True, kw_only=True)
class Node:
    """What every node tells; `subject` may be several, with commas between them."""

    kind: str
    letter: Letter
    subject: str
    label: str
    tooltip: str

    @property
    def attributes(self) -> dict[str, Any]:
        """What a graph holds of it."""
        return dict(vars(self))


@dataclass(frozen=True, kw_only=True)
class FactNode(Node):
    kind: FactKind
    value: str
    values: Json
    given: Json
    attribute: str
    assessment: bool


@dataclass(frozen=True, kw_only=True)
class Grounded(Node):
    """Something that sources bear out."""

    sources: tuple[SourceData, ...] = ()
    href: str | None = None
    basis: Basis | None = None


@dataclass(frozen=True, kw_only=True)
class FiringNode(Grounded):
    kind: FiringKind
    title: str
    rule: str
    version: str
    sequence: int
    because: str
    disputed: tuple[str, ...]
    chain_basis: Basis


@dataclass(frozen=True, kw_only=True)
class PathwayNode(Node):
    kind: Literal["pathway"] = "pathway"
    status: Status
    look: str
    basis: Basis | None
    involves: tuple[str, ...]
    open_rules: tuple[str, ...]
    prospect: Prospect | None = None

    @property
    def attributes(self) -> dict[str, Any]:
        """What a graph holds of it; nothing of its prospect where that is not known."""
        return {name: told for name, told in vars(self).items() if name != "prospect" or told}


@dataclass(frozen=True, kw_only=True)
class MeasureNode(Grounded):
    kind: Literal["measure"] = "measure"
    urgency: Urgency
    status: Urgency


@dataclass(frozen=True, kw_only=True)
class AlertNode(Grounded):
    """A warning of a rule; without a rule, a contradiction."""

    kind: Literal["alert"] = "alert"
    level: AlertLevel
    status: AlertLevel
    rule: str | None = None


@dataclass(frozen=True, kw_only=True)
class QuestionNode(Node):
    kind: Literal["question"] = "question"
    cost: str
    rules: tuple[str, ...]
    fact: str


@dataclass(frozen=True)
class Edge:
    kind: EdgeKind


@dataclass(frozen=True)
class Read(Edge):
    """Of `premise` and `absent`: the line of the rule, its test, and what the fact was."""

    line: str
    test: str
    values: Json


@dataclass(frozen=True)
class ConclusionEdge(Edge):
    """Of `concludes` and `contradicts`."""

    values: Json


@dataclass(frozen=True)
class ArgumentEdge(Edge):
    """Of `for` and `against`."""

    stance: Stance


@dataclass(frozen=True)
class MeasureEdge(Edge):
    urgency: Urgency


@dataclass(frozen=True)
class Warned(Edge):
    level: AlertLevel


@dataclass(frozen=True)
class Awaited(Edge):
    rules: tuple[str, ...]


KINDS: dict[str, type[Node]] = {
    **dict.fromkeys(("given", "derived", "score", "unknown"), FactNode),
    **dict.fromkeys(("rule", "step"), FiringNode),
    "pathway": PathwayNode,
    "measure": MeasureNode,
    "alert": AlertNode,
    "question": QuestionNode,
}


def node_at(graph: Graph, name: str) -> Node:
    """Return a node of a record by its id."""
    found = graph.nodes[name]
    return KINDS[found["kind"]](**found)
