"""Words for values, statuses and sources, as they stand in a drawing."""

from collections.abc import Iterable

from engine.inference.trace import FactRecord
from explain.phrases.terms import BASIS_WORDS
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import Citation
from knowledge_base.language.vocabulary import Attribute

NOT_KNOWN = "not known"


def fact_tooltip(attribute: Attribute, fact: FactRecord) -> str:
    """Return what a fact is, who said so, and what was asked."""
    lines = [str(fact.id), f"{attribute.label}: {fact.words}"]
    if fact.given is not None:
        lines.append(f"The case says: {fact.given_words}")
    if fact.supports:
        lines.append(f"Concluded by {', '.join(fact.supports)}")
    if fact.values is None and attribute.question:
        lines.append(attribute.question)
    return "\n".join(lines)


def grounds_tooltip(knowledge: KnowledgeBase, head: str, because: str, sources: Iterable[Citation]) -> str:
    """Return a heading, the reason, and a line for each source: what it is, where in it, and how well confirmed."""
    cited = (
        f"{knowledge.sources[source.ref].citation.rstrip('.')}: {source.at} [{BASIS_WORDS[source.basis]}]"
        for source in sources
    )
    return "\n".join([head, because, *cited])
