"""A case to fill in: every question of the vocabulary, its values, what counts and what does not."""

from collections.abc import Iterator
from textwrap import wrap

from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import LETTERS, Attribute, SubjectKind

WIDTH = 110
HEAD = """\
# A case for metspine. Write what was recorded behind its colon, in your own words, and leave the rest empty: not
# recorded is never taken for "no" or "normal". Several possible values are a list: [a, b]. A range is 70..80.
case: my-case
"""
DATE = "date:  # the day of the letter, YYYY-MM-DD, from which `yesterday` is counted\n"
MORE = "# `metspine template --all` asks for everything that a case may give.\n"
# What a letter to a tumour board nearly always holds, what may be an emergency first: where, how the patient moves and
# since when, how far the tumour comes, how the spine bears, what it has had, what it is, what the patient can bear.
FIRST = (
    "levels",
    "ambulation",
    "sphincter_disturbance",
    "neurological_examination",
    "deficit_hours",
    "escc_grade",
    "sins_pain",
    "sins_total",
    "prior_radiotherapy",
    "primary_tumour",
    "histology_confirmed",
    "age",
    "ecog",
    "open_surgery",
)


def template(knowledge: KnowledgeBase, everything: bool = False) -> str:
    """Return a YAML text that reads as a case in which nothing is known yet: the first 14 questions, or all.

    A knowledge base that has none of the 14 is asked about in full.
    """
    everything = everything or not any(name in knowledge.vocabulary for name in FIRST)
    lesions = ["lesions:", "  - id: L1  # a name of your choice, such as the level"]
    lesions += _subject(knowledge, "lesion", "    ", everything)
    patient = ["patient:", *_subject(knowledge, "patient", "  ", everything)]
    parts = [*patient, *lesions] if everything else [*lesions, *patient, MORE]
    return "\n".join([HEAD + DATE, *parts])


def _subject(knowledge: KnowledgeBase, kind: SubjectKind, indent: str, everything: bool) -> Iterator[str]:
    given = [a for a in knowledge.vocabulary.given_of(kind) if everything or a.id in FIRST]
    for letter, name in LETTERS.items():
        found = [attribute for attribute in given if attribute.letter == letter]
        if found:
            yield f"\n{indent}# ---- {name} " + "-" * (WIDTH - len(indent) - len(name) - 8)
        yield from (line for attribute in found if not attribute.group for line in _attribute(attribute, indent))
        for group in dict.fromkeys(attribute.group for attribute in found if attribute.group):
            yield f"\n{indent}{group}:"
            parts = (attribute for attribute in found if attribute.group == group)
            yield from (line for attribute in parts for line in _attribute(attribute, indent + "  "))
    yield ""


def _attribute(attribute: Attribute, indent: str) -> Iterator[str]:
    yield ""
    for text in _words(attribute):
        yield from (f"{indent}# {line}" for line in wrap(text, WIDTH - len(indent) - 2))
    yield f"{indent}{attribute.key}:"


def _words(attribute: Attribute) -> Iterator[str]:
    yield attribute.asking
    if attribute.values and len(attribute.names) <= 40 and any(k != v for k, v in attribute.values.items()):
        yield "; ".join(name if label == name else f"{name} = {label}" for name, label in attribute.values.items())
    else:
        yield "true or false" if attribute.type == "yes_no" else attribute.domain_text
    if attribute.also_in:
        yield f"A number alone is in {attribute.unit}; write another unit with it: {attribute.written_in}."
    if attribute.scope:
        yield attribute.scope
