"""A case to fill in: every question of the vocabulary, its values, what counts and what does not."""

from collections.abc import Iterator
from textwrap import wrap

from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import LETTERS, Attribute, SubjectKind

WIDTH = 110
HEAD = """\
# A case for metspine. Write what was recorded behind its colon, and leave the rest empty: not recorded is
# never taken for "no" or "normal". Several possible values are a list: [a, b]. A range of numbers is 70..80.
case: my-case
"""


def template(knowledge: KnowledgeBase) -> str:
    """Return a YAML text that reads as a case in which nothing is known yet."""
    lines = [HEAD, "patient:", *_subject(knowledge, "patient", "  "), "lesions:"]
    lines += ["  - id: L1  # a name of your choice, such as the level", *_subject(knowledge, "lesion", "    ")]
    return "\n".join(lines)


def _subject(knowledge: KnowledgeBase, kind: SubjectKind, indent: str) -> Iterator[str]:
    given = knowledge.vocabulary.given_of(kind)
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
    yield attribute.question or attribute.label
    if attribute.values and len(attribute.names) <= 40 and any(k != v for k, v in attribute.values.items()):
        yield "; ".join(name if label == name else f"{name} = {label}" for name, label in attribute.values.items())
    else:
        yield "true or false" if attribute.type == "yes_no" else attribute.domain_text
    if attribute.also_in:
        yield f"A number alone is in {attribute.unit}; write another unit with it: {attribute.written_in}."
    scope = (("Includes", attribute.includes), ("Excludes", attribute.excludes), ("Measured by", attribute.measured_by))
    further = " ".join(f"{name}: {text}." for name, text in scope if text)
    if further:
        yield further
