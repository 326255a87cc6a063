"""What a key is about: the attribute by its key, its id, its label, or another name that people have for it."""

import re
from collections.abc import Collection

from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute, SubjectKind


def attributes_called(name: str, knowledge: KnowledgeBase, kinds: Collection[SubjectKind]) -> list[Attribute]:
    """Return what a case may say of such subjects that has this name, the likeliest first."""
    found = [knowledge.vocabulary[each] for each in knowledge.named(name) if each in knowledge.vocabulary]
    return [attribute for attribute in found if attribute.given and attribute.of in kinds]


def attribute_called(name: str, knowledge: KnowledgeBase, kinds: Collection[SubjectKind]) -> Attribute | None:
    """Return the one that has this name; None when there is none."""
    return next(iter(attributes_called(name, knowledge, kinds)), None)


def lesion_name(text: str) -> str:
    """Return a lesion's name as ids are written: `L5/S1` becomes `L5-S1`, `BWK 9` becomes `BWK-9`."""
    return re.sub(r"[\s/.,]+", "-", text.strip()).strip("-")
