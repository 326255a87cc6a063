"""The record of a consultation as a file of another program: node-link JSON, GraphML, GEXF, Cytoscape, Mermaid.

All formats are written from one flattened copy, in which every attribute is a text, a number or a truth value: these
formats know no lists and no missing values. A list becomes its items with "; " between them, what is missing an empty
text. Same record, same bytes.
"""

import json
import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, get_args

import networkx as nx

from explain.drawing.graph import node_link
from explain.drawing.labels import clean
from explain.drawing.nodes import EdgeKind, Graph

EXCHANGE = ("json", "graphml", "gexf", "cyjs", "mmd")
BETWEEN = "; "
_GEXF_DATE = re.compile(rb' lastmodifieddate="[^"]*"')
_SHAPES = {
    "rule": ("[[", "]]"),
    "step": ("[[", "]]"),
    "pathway": ("([", "])"),
    "alert": ("{{", "}}"),
    "unknown": ("(", ")"),
}
_ARROWS = {"against": "-.->", "absent": "-.->", "awaited": "-.->"}


def exchanged(graph: Graph, format: str) -> bytes:
    """Return a graph in one of the formats of `EXCHANGE`; raise ValueError for another."""
    if format not in EXCHANGE:
        raise ValueError(f"{format!r} is not a format of graphs; there are {', '.join(EXCHANGE)}")
    return _WRITERS[format](flattened(graph))


def flattened(graph: Graph) -> Graph:
    """Return a copy in a fixed order whose attributes are texts, numbers and truth values only."""
    flat: Graph = nx.MultiDiGraph(**_flat(graph.graph))
    flat.add_nodes_from((node, _flat(graph.nodes[node])) for node in sorted(graph))
    for start, end, key in sorted(graph.edges(keys=True)):
        flat.add_edge(start, end, key, **_flat(graph.edges[start, end, key]))
    return flat


def _flat(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _value(value) for key, value in sorted(attributes.items())}


def _value(value: Any) -> str | int | float | bool:
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return BETWEEN.join(str(_value(part)) for part in value)
    return "\n".join(map(clean, str(value).split("\n")))


def _json(graph: Graph) -> bytes:
    return f"{json.dumps(node_link(graph), indent=1, ensure_ascii=False)}\n".encode()


def _texts(graph: Graph, names: set[str]) -> Graph:
    """Return a graph whose attributes of these names are texts: a typed format has one type for each name."""
    for holder in (*(data for _, data in graph.nodes(data=True)), *(data for *_, data in graph.edges(data=True))):
        for name in names & set(holder):
            if not isinstance(holder[name], str):
                holder[name] = str(holder[name]).lower() if isinstance(holder[name], bool) else str(holder[name])
    return graph


def _graphml(graph: Graph) -> bytes:
    stream = BytesIO()
    nx.write_graphml(_texts(graph, {"values", "given"}), stream, named_key_ids=True)
    return stream.getvalue() + b"\n"


def _gexf(graph: Graph) -> bytes:
    """Return GEXF, without the day on which it was written; what GEXF calls otherwise itself gets another name."""
    graph = _texts(graph, {"values", "given"})
    for *_, data in graph.edges(data=True):
        data["relation"] = data.pop("kind")
    stream = BytesIO()
    nx.write_gexf(graph, stream)
    return _GEXF_DATE.sub(b"", stream.getvalue()) + b"\n"


def _cyjs(graph: Graph) -> bytes:
    return f"{json.dumps(nx.cytoscape_data(graph), indent=1, ensure_ascii=False)}\n".encode()


def _mermaid(graph: Graph) -> bytes:
    numbers = {node: f"n{i}" for i, node in enumerate(graph)}
    lines = ["flowchart LR"]
    for node, data in graph.nodes(data=True):
        left, right = _SHAPES.get(data["kind"], ("[", "]"))
        value = f": {data['value']}" if data.get("value") else ""
        lines.append(f'  {numbers[node]}{left}"{_mermaid_text(data["label"] + value)}"{right}')
    order = {kind: place for place, kind in enumerate((*get_args(EdgeKind), "leads"))}
    for start, end, data in sorted(graph.edges(data=True), key=lambda e: (e[0], e[1], order[e[2]["kind"]])):
        lines.append(f"  {numbers[start]} {_ARROWS.get(data['kind'], '-->')}|{data['kind']}| {numbers[end]}")
    return ("\n".join(lines) + "\n").encode()


def _mermaid_text(text: str) -> str:
    """Return a text as Mermaid wants it between quotation marks: what it would read otherwise is written as entities."""
    return re.sub(r'["#&<>;`\n]', lambda found: f"#{ord(found.group())};", text)


_WRITERS: Mapping[str, Callable[[Graph], bytes]] = {
    "json": _json, "graphml": _graphml, "gexf": _gexf, "cyjs": _cyjs, "mmd": _mermaid
}  # fmt: skip
