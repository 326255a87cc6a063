"""What a line such as `T8.escc_grade: 3` is about."""

import re

from cases.model import Case
from engine.subjects import PATIENT, Subject
from engine.symbolic.encoding import Fact
from knowledge_base.model import KnowledgeBase
from knowledge_base.problems import listed, suggestion
from knowledge_base.vocabulary import Attribute

_TOLD = re.compile(r"(?P<name>[^:=<>]+?)\s*(?::|=)\s*(?P<said>.*)")


def fact_named(text: str, case: Case, knowledge: KnowledgeBase, asked: Fact | None) -> tuple[Fact, str] | None:
    """Return the fact that `NAME: VALUE` is about, and the value; None when a line is not of this form.

    A lesion that is not named is the one that is asked about, or the only one. Raises ValueError for a name that is not
    known, or does not say which lesion.
    """
    told = _TOLD.fullmatch(text)
    if told is None:
        return None
    lesions = [lesion.id for lesion in case.lesions]
    name = told["name"].strip()
    subject = next((s for s in ("patient", *lesions) if name.startswith((f"{s}.", f"{s} "))), None)
    attribute = _attribute(name[len(subject) + 1 :].strip() if subject else name, knowledge)
    if attribute.of == "patient":
        return (PATIENT, attribute.id), told["said"]
    if subject in lesions:
        return (Subject(subject or ""), attribute.id), told["said"]
    if len(lesions) == 1 or (asked is not None and asked[0] != PATIENT):
        return (Subject(lesions[0]) if len(lesions) == 1 or asked is None else asked[0], attribute.id), told["said"]
    raise ValueError(f"of which lesion? Write {lesions[0]}.{attribute.id}: … ({listed(lesions)})")


def pathway_named(text: str, knowledge: KnowledgeBase) -> str:
    """Return the pathway that a text names by its id or its label; raise ValueError, with the nearest, for none."""
    names = {
        _plain(word): pathway.id for pathway in knowledge.pathways.values() for word in (pathway.label, pathway.id)
    }
    if _plain(text) in names:
        return names[_plain(text)]
    raise ValueError(f"{text!r} is not a pathway ({listed(knowledge.pathways)}){suggestion(text, knowledge.pathways)}")


def _attribute(name: str, knowledge: KnowledgeBase) -> Attribute:
    """Return the attribute that a case may give, by its id, its label, or the beginning of its id."""
    given = [*knowledge.vocabulary.given_of("patient"), *knowledge.vocabulary.given_of("lesion")]
    wanted = _plain(name)
    for attribute in given:
        if wanted in (_plain(attribute.id), _plain(attribute.label), _plain(f"{attribute.group}.{attribute.key}")):
            return attribute
    begun = [attribute for attribute in given if attribute.id.startswith(name.lower())]
    if len(begun) == 1:
        return begun[0]
    ids = [attribute.id for attribute in given]
    raise ValueError(f"{name!r} is not the name of anything a case can say{suggestion(name, ids)} (`names` lists them)")


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").replace(".", " ").split())
