"""The text twin of a diagram: what its boxes and arrows say, as lists, for those who do not see it."""

from collections.abc import Iterator
from dataclasses import dataclass

from explain.drawing.graph import FACT_KINDS, Graph
from explain.drawing.labels import rule_name
from explain.drawing.views import predecessors
from explain.phrases.terms import STATUS_WORDS, URGENCY_WORDS
from explain.report.advice import join


@dataclass(frozen=True)
class Told:
    """A box of the diagram in a sentence, and the sentences that stand under it."""

    text: str
    under: tuple[str, ...]


def told(view: Graph) -> tuple[tuple[str, tuple[Told, ...]], ...]:
    """Return a summary view in words: pathways with their rules, findings with what led to them, what is beside."""
    parts = (
        ("Pathways, and the rules that speak of them", tuple(_pathways(view))),
        ("Findings, and what led to them", tuple(_findings(view))),
        ("Beside the pathway", tuple(_beside(view))),
    )
    return tuple(part for part in parts if part[1])


def in_words(view: Graph) -> str:
    """Return the same as one text."""
    parts = ((title, [part for line in lines for part in (line.text, *line.under)]) for title, lines in told(view))
    return " ".join(f"{title}: {' '.join(lines)}" for title, lines in parts)


def _of(view: Graph, *kinds: str) -> list[str]:
    return sorted(node for node, data in view.nodes(data=True) if data["kind"] in kinds)


def _pathways(view: Graph) -> Iterator[Told]:
    order = list(STATUS_WORDS)
    for node in sorted(_of(view, "pathway"), key=lambda n: (order.index(view.nodes[n]["status"]), n)):
        data = view.nodes[node]
        favour = (_rule(view, firing, "For") for firing in predecessors(view, node, "for"))
        against = (_rule(view, firing, "Against") for firing in predecessors(view, node, "against"))
        yield Told(f"{data['label']}: {STATUS_WORDS[data['look']]}.", (*favour, *against))


def _rule(view: Graph, firing: str, side: str) -> str:
    data = view.nodes[firing]
    read = [_fact(view, fact) for fact in predecessors(view, firing, "premise")]
    vain = [_fact(view, fact) for fact in predecessors(view, firing, "absent")]
    reads = f" It reads {join(read, 'and')}." if read else ""
    exceptions = f" Its exceptions did not hold: {join(vain, 'and')}." if vain else ""
    disputed = "".join(f" On one side of a dispute: {words}" for words in data["disputed"])
    return f"{side}: {rule_name(data)}, {data['title']}.{reads}{exceptions}{disputed}"


def _findings(view: Graph) -> Iterator[Told]:
    for node in _of(view, *FACT_KINDS):
        behind = [_fact(view, fact) for fact in predecessors(view, node, "leads")]
        if behind:
            by = f", by {join(view.nodes[node]['by'], 'and')}" if view.nodes[node].get("by") else ""
            yield Told(f"{_fact(view, node)}: from {join(behind, 'and')}{by}.", ())


def _beside(view: Graph) -> Iterator[Told]:
    for node in _of(view, "measure", "alert"):
        data = view.nodes[node]
        how = URGENCY_WORDS[data["urgency"]] if data["kind"] == "measure" else data["level"]
        by = f", by {join(data['by'], 'and')}" if data.get("by") else ""
        yield Told(f"{data['label'].rstrip('.')}: {how}{by}.", ())


def _fact(view: Graph, node: str) -> str:
    data = view.nodes[node]
    return f"{data['label']}: {data['value']}"
