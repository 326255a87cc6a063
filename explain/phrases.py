"""Words for values, statuses and sources, as they stand in a drawing."""

from collections.abc import Iterable
from typing import Any

from engine.trace import FactRecord, Json
from explain.words import BASIS_WORDS
from knowledge_base.model import KnowledgeBase
from knowledge_base.rules import Citation
from knowledge_base.vocabulary import Attribute

NOT_KNOWN = "not known"


def fact_words(attribute: Attribute, values: Json) -> str:
    """Return the values of a fact, as the trace has them, in words: "grade 3", "8 to 11 points", "not known"."""
    if values is None:
        return NOT_KNOWN
    listed = values if isinstance(values, list) else [values]
    if attribute.type == "number":
        text = " or ".join(_number_words(value) for value in listed)
        return f"{text} {attribute.unit}" if attribute.unit else text
    words = [_member_words(attribute, value) for value in listed]
    if attribute.type == "several":
        return ", ".join(words) or "none"
    return " or ".join(words)


def _member_words(attribute: Attribute, member: str | bool) -> str:
    """Return the label of a value, after its id when that is a grade a clinician knows (2, 1c, T8)."""
    label = attribute.label_of(member)
    is_grade = isinstance(member, str) and len(member) <= 3 and not (member.isalpha() and member.islower())
    return f"{member} ({label})" if is_grade and label != member else label


def _number_words(value: Json) -> str:
    if not isinstance(value, str):
        return f"{value}"
    low, _, high = value.partition("..")
    low = f"more than {low[1:]}" if low.startswith(">") else low
    high = f"less than {high[1:]}" if high.startswith("<") else high
    return f"{low} to {high}"


def plain(name: str) -> str:
    """Return an id such as `within_24_h` as words."""
    return name.replace("_", " ")


def fact_tooltip(attribute: Attribute, fact: FactRecord) -> str:
    """Return what a fact is, who said so, and what was asked."""
    lines = [fact.id, f"{attribute.label}: {fact_words(attribute, fact.values)}"]
    if fact.given is not None:
        lines.append(f"The case says: {fact_words(attribute, fact.given)}")
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


def grounds(knowledge: KnowledgeBase, sources: Iterable[Citation]) -> dict[str, Any]:
    """Return `sources` as plain data, and as `href` the first link among them."""
    found = [
        {**cited.model_dump(), "citation": source.citation, "link": source.link}
        for cited in sources
        for source in [knowledge.sources[cited.ref]]
    ]
    return {"sources": found, "href": next((source["link"] for source in found if source["link"]), None)}
