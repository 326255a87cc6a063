"""What a key is about: the attribute by its key, its id, its label, or another name that people have for it."""

import re
from collections.abc import Collection

from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute, SubjectKind

_SERUM = re.compile(r"(?:serum|plasma|sr\.?|s\.?)\s+", re.IGNORECASE)
_JOINT = re.compile(r"\s*(?:/|&|\band\b)\s*", re.IGNORECASE)


def attributes_called(name: str, knowledge: KnowledgeBase, kinds: Collection[SubjectKind]) -> list[Attribute]:
    """Return what a case may say of such subjects that has this name, the likeliest first.

    `sr creatinine` is creatinine, and two names of one thing joined, such as `bladder/bowels`, are a name of it.
    """
    found = [knowledge.vocabulary[each] for each in knowledge.named(name) if each in knowledge.vocabulary]
    if not found and (bare := _SERUM.sub("", name, count=1)) != name:
        return attributes_called(bare, knowledge, kinds)
    if not found and len(parts := _JOINT.split(name)) > 1:
        each = [attributes_called(part, knowledge, kinds)[:1] for part in parts]
        found = each[0] if all(one == each[0] for one in each) else []
    return [attribute for attribute in found if attribute.given and attribute.of in kinds]


def attribute_called(name: str, knowledge: KnowledgeBase, kinds: Collection[SubjectKind]) -> Attribute | None:
    """Return the one that has this name; None when there is none."""
    return next(iter(attributes_called(name, knowledge, kinds)), None)


def lesion_name(text: str) -> str:
    """Return a lesion's name as ids are written: `L5/S1` becomes `L5-S1`, `BWK 9` becomes `BWK-9`."""
    return re.sub(r"[\s/.,]+", "-", text.strip()).strip("-")
