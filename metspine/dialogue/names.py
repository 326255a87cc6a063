"""What a line such as `T8.escc_grade: 3` is about."""

import re

from cases.hearing import attribute_called
from cases.model import Case, no_subject
from engine.inference.subjects import PATIENT, Fact, Subject
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute, SubjectKind
from knowledge_base.text.errors import listed, suggestion

KINDS: tuple[SubjectKind, ...] = ("patient", "lesion")
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
    if subject is None:
        _refuse_other_lesion(name, lesions, knowledge)
    attribute = _attribute(name[len(subject) + 1 :].strip() if subject else name, knowledge)
    if attribute.of == "patient":
        return PATIENT.fact(attribute.id), told["said"]
    if subject in lesions:
        return Subject(subject or "").fact(attribute.id), told["said"]
    if len(lesions) == 1 or (asked is not None and asked.subject != PATIENT):
        about = Subject(lesions[0]) if len(lesions) == 1 or asked is None else asked.subject
        return about.fact(attribute.id), told["said"]
    raise ValueError(f"of which lesion? Write {lesions[0]}.{attribute.id}: … ({listed(lesions)})")


def _refuse_other_lesion(name: str, lesions: list[str], knowledge: KnowledgeBase) -> None:
    """Raise ValueError for a name that is led by a lesion which the case does not have."""
    about, separator, rest = name.partition("." if "." in name else " ")
    groups = {attribute.group for attribute in knowledge.vocabulary.values() if attribute.group}
    names_a_lesion = attribute_called(rest, knowledge, KINDS) or (separator == "." and about not in groups)
    if separator and names_a_lesion and not attribute_called(name, knowledge, KINDS):
        raise ValueError(no_subject(about, lesions, *groups))


def _attribute(name: str, knowledge: KnowledgeBase) -> Attribute:
    """Return the attribute that a case may give, by any of its names, or the beginning of its id."""
    if exact := attribute_called(name, knowledge, KINDS):
        return exact
    ids = [attribute.id for kind in KINDS for attribute in knowledge.vocabulary.given_of(kind)]
    begun = [found for found in ids if found.startswith(name.lower())]
    if len(begun) == 1:
        return knowledge.vocabulary[begun[0]]
    raise ValueError(f"{name!r} is not the name of anything a case can say{suggestion(name, ids)} (`names` lists them)")
