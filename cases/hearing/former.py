"""Data that the engine wrote itself, in ids that attributes and values had then, put into those that they have now."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cases.hearing.documents import HeardDocument
from cases.hearing.meaning import Heard, spoken
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.strict_yaml import Document


def in_new_names(document: Document, knowledge: KnowledgeBase) -> HeardDocument:
    """Return a case as it reads with the ids of today, and what was called otherwise; its data must be a mapping."""
    if not any(attribute.formerly or attribute.former_values for attribute in knowledge.vocabulary.values()):
        return HeardDocument(document)
    heard: list[Heard] = []
    data = dict(document.data)
    if isinstance(data.get("patient"), dict):
        data["patient"] = _subject(data["patient"], "", knowledge, heard)
    if isinstance(data.get("lesions"), list):
        data["lesions"] = [
            _subject(raw, f"{raw.get('id')}.", knowledge, heard) if isinstance(raw, dict) else raw
            for raw in data["lesions"]
        ]
    return HeardDocument(replace(document, data=data), tuple(heard))


def _subject(raw: Mapping[str, Any], place: str, knowledge: KnowledgeBase, heard: list[Heard]) -> dict[str, Any]:
    groups = {attribute.group for attribute in knowledge.vocabulary.values()}
    said: dict[str, tuple[str, Any]] = {}
    written: dict[str, Any] = {}
    for key, value in raw.items():
        if isinstance(value, dict) and key in groups:
            written[key] = {}
            said |= {f"{key}_{part}": (f"{key}.{part}", one) for part, one in value.items()}
        else:
            said[key] = (key, value)
    for name, (key, value) in said.items():
        attribute = knowledge.vocabulary.get(knowledge.vocabulary.former.get(name, name))
        if attribute is None:
            written[key] = value
            continue
        now = _values(value, attribute)
        if name != attribute.id or now != value:
            heard += _echo(f"{place}{key}", value, now, attribute)
        holder = written.setdefault(attribute.group, {}) if attribute.group else written
        holder[attribute.key] = now
    return written


def _echo(key: str, was: Any, now: Any, attribute: Attribute) -> Iterator[Heard]:
    try:
        yield Heard(key, spoken(was), attribute.words(attribute.read(now)), attribute.id)
    except ValueError:
        return  # the reader will refuse it


def _values(raw: Any, attribute: Attribute) -> Any:
    """Return what was said of an attribute, with the values of today in place of those that it had."""
    former = attribute.former_values
    if isinstance(raw, list):
        return [now for one in raw for now in former.get(str(one), (one,))]
    if str(raw) not in former:
        return raw
    new = former[str(raw)]
    return new[0] if len(new) == 1 else list(new)
