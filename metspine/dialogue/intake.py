"""The first two answers of a consultation without a case: what it is called, and which lesions there are."""

import re

from cases.hearing import hear_answer
from cases.hearing.keys import lesion_name
from cases.model import LESION_ID, Case, Lesion
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase

CASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
NAME_QUESTION = [
    "? What shall the case be called? Letters, digits, - and _; not the patient's own name.",
]
INTAKE_HELP = [
    "  First the case is called something and its lesions are named; then the questions begin.",
    "  back             (at the lesions) call the case something else",
    "  quit             stop here; nothing is kept yet",
]
LESIONS_QUESTION = [
    "? Which lesions are there? Their levels: `T8`, or `T8-T9` for one over several; `T8, L3` for two.",
    "    A lesion with a name of its own: `sacrum=S1-S3`. Where the level is not known: `spine=?`.",
]


def read_name(text: str) -> str:
    """Return the name of a case; raise ValueError when it cannot be one."""
    if not CASE_ID.fullmatch(text):
        raise ValueError(f"{text!r} cannot name a case: a letter or digit first, then letters, digits, - and _")
    return text


def read_lesions(text: str, knowledge: KnowledgeBase) -> tuple[Lesion, ...]:
    """Return the lesions that a line names, in order of their ids; raise ValueError with what is wrong."""
    found = [_lesion(part, knowledge) for part in re.split(r"\s*[,;]\s*|\s+(?!=)(?<!=)", text.strip()) if part]
    ids = [lesion.id for lesion in found]
    if not found:
        raise ValueError("at least one lesion is needed; write its level, such as T8")
    if twice := [name for name in dict.fromkeys(ids) if ids.count(name) > 1]:
        raise ValueError(f"{twice[0]} is named twice; give each lesion its own name, such as upper=T8, lower=T8")
    return tuple(sorted(found, key=lambda lesion: lesion.id))


def _lesion(text: str, knowledge: KnowledgeBase) -> Lesion:
    name, given, levels = (part.strip() for part in text.partition("="))
    values = None if levels == "?" else _levels(levels if given else name, knowledge)
    if not given:
        name = lesion_name(name.upper())
    if not re.fullmatch(LESION_ID, name) or name == "patient":
        raise ValueError(f"{name!r} cannot name a lesion: letters, digits, - and _, and not `patient`")
    return Lesion(name, {} if values is None else {"levels": values})


def _levels(text: str, knowledge: KnowledgeBase) -> Values | None:
    if "levels" not in knowledge.vocabulary:
        return None
    try:
        return hear_answer(knowledge.vocabulary["levels"], text, knowledge)[0]
    except ValueError as error:
        raise ValueError(f"{error} (a lesion with a name of its own is written NAME=LEVELS)") from None


def new_case(name: str, lesions: tuple[Lesion, ...]) -> Case:
    """Return a case of which nothing is known but its lesions."""
    return Case(id=name, patient={}, lesions=lesions)
