"""What a rule asks and what it found, in words that can be read aloud."""

from collections.abc import Iterable

from engine.inference.trace import Record
from engine.inference.working_memory import ARGUED, YES
from explain.phrases.prose import join
from explain.phrases.terms import BASIS_WORDS, STATUS_WORDS
from knowledge_base.language.domains import Choices, Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.predicates import AnyOf, Known, Test, Within
from knowledge_base.language.rules import Basis, Citation
from knowledge_base.language.vocabulary import Attribute

ARGUED_WORDS = {
    "argued_recommend": ("something recommends it", "nothing recommends it, and nothing can", "recommend it"),
    "argued_consider": (
        "something makes it worth considering",
        "nothing makes it worth considering, and nothing can",
        "make it worth considering",
    ),
    "argued_advise_against": ("something speaks against it", "nothing speaks against it, and nothing can", "oppose it"),
    "argued_exclude": ("something rules it out", "nothing rules it out, and nothing can", "rule it out"),
}


class SourceCited(Record):
    """A source, where in it, and how well that was confirmed."""

    ref: str
    short: str
    at: str
    basis: Basis
    citation: str
    link: str | None


def cited(knowledge: KnowledgeBase, citations: Iterable[Citation]) -> tuple[SourceCited, ...]:
    """Return citations together with what they cite."""
    return tuple(
        SourceCited(ref=c.ref, short=source.short, at=c.at, basis=c.basis, citation=source.citation, link=source.link)
        for c in citations
        for source in [knowledge.sources[c.ref]]
    )


def found(attribute: Attribute, values: Values) -> str:
    """Return what a fact was found to be: "ESCC grade: cord compressed", "something rules it out"."""
    if attribute.id in ARGUED:
        yes, no, verb = ARGUED_WORDS[attribute.id]
        if not values.is_single:
            return f"something may yet {verb}"
        return yes if values == YES else no
    return f"{attribute.label}: {value_words(attribute, values)}"


def value_words(attribute: Attribute, values: Values) -> str:
    """Return values in words, the status of an option as a reader says it."""
    if attribute.id == "status" and isinstance(values, Choices) and values.is_single:
        return STATUS_WORDS[str(*values.members)]
    return attribute.words(values)


def asked(attribute: Attribute, test: Test) -> str:
    """Return what a test asks for, to stand after "asked for": "13 to 18 points", "other than sensitive"."""
    if isinstance(test, Within):
        return _within(attribute, test)
    if isinstance(test, AnyOf):
        labels = join([attribute.label_of(name) for name in attribute.names if name in test.members])
        return f"none of {labels}" if test.negative else labels
    return "known" if isinstance(test, Known) else "not settled"


def _within(attribute: Attribute, test: Within) -> str:
    rejected = test.rejected
    few_left_out = isinstance(rejected, Choices) and 3 * len(rejected.members) < len(attribute.names)
    if few_left_out and attribute.id != "status":
        return f"other than {_listed(attribute, rejected)}"
    return _listed(attribute, test.accepted)


def _listed(attribute: Attribute, values: Values) -> str:
    if not isinstance(values, Choices):
        return attribute.words(values)
    return join([attribute.label_of(member) for member in attribute.members_in_order(values)])


def asked_sentence(attribute: Attribute, test: Test) -> str:
    """Return a test as a sentence of its own: "ESCC grade: bone only", "something rules it out"."""
    if attribute.id in ARGUED and isinstance(test, Within):
        yes, no, _ = ARGUED_WORDS[attribute.id]
        return yes if test.accepted == YES else no
    return f"{attribute.label}: {asked(attribute, test)}"


def must(attribute: Attribute, test: Test) -> str:
    """Return what a line asks for as a demand: "ESCC grade must be bone only", "something must rule it out"."""
    if attribute.id in ARGUED and isinstance(test, Within):
        verb = ARGUED_WORDS[attribute.id][2]
        return f"something must {verb}" if test.accepted == YES else f"nothing may {verb}"
    if isinstance(test, AnyOf):
        members = asked(attribute, AnyOf(test.members))
        return f"{attribute.label} must {'not include' if test.negative else 'include'} {members}"
    if not isinstance(test, Known | Within):
        return f"{attribute.label} must not be settled"
    return f"{attribute.label} must be {asked(attribute, test)}"


def met(attribute: Attribute, test: Test | None, values: Values) -> str:
    """Return what was found, with what was asked for where that says more: "SINS total: 16 (asked for: 13 to 18)"."""
    said = found(attribute, values)
    if test is None or attribute.id in ARGUED or isinstance(test, Known) or attribute.id == "pathway":
        return said
    words = asked(attribute, test)
    return said if words == value_words(attribute, values) else f"{said} (asked for: {words})"


def exception(attribute: Attribute, test: Test | None, values: Values) -> str:
    """Return an exception that did not hold, with what was found: "gross instability: yes (found: not known)"."""
    if test is None:
        return found(attribute, values)
    said = found(attribute, values) if attribute.id in ARGUED else value_words(attribute, values)
    return f"{asked_sentence(attribute, test)} (found: {said})"


def source_words(source: SourceCited) -> str:
    """Return a source, where in it, and its basis: "Laufer 2013, row 9 (read in a text about the source)"."""
    return f"{source.short}, {source.at} ({BASIS_WORDS[source.basis]})"
