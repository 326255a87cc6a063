"""What a person types, read as values: an id or a label, cut short if it is plain which, several, or a range.

Whatever is not understood here goes to the vocabulary's own reader, whose message says what would be right.
"""

import re
from collections.abc import Iterator

from knowledge_base.problems import listed
from knowledge_base.reading import scalar
from knowledge_base.values import Values
from knowledge_base.vocabulary import Attribute

_BETWEEN = re.compile(r"\s*(?:,|;|/|\bor\b)\s*", re.IGNORECASE)
_RANGE = re.compile(
    r"(?P<low>[^\s.,]+(?:\.\d+)?)\s*(?:\.\.|\bto\b|\u2013|(?<=\S)-(?=\S))\s*(?P<high>[^\s.,]+(?:\.\d+)?)"
)
_SIGNED = re.compile(r"(?P<sign>>=|<=|>|<)\s*(?P<bound>\S.*)")
_YES_NO = {"y": "true", "yes": "true", "n": "false", "no": "false"}


def read_answer(attribute: Attribute, text: str) -> Values:
    """Return the values that an answer gives; raise ValueError with what is wrong and what would be right."""
    text = _without_unit(attribute, text.strip())
    parts = [text] if not _BETWEEN.search(text) or _is_one(attribute, text) else _BETWEEN.split(text)
    found = [_part(attribute, part) for part in parts if part]
    if not found:
        raise ValueError(f"no value is written; {attribute.label} is one of {attribute.domain_text}")
    values = attribute.read(found if len(found) > 1 or attribute.type == "several" else found[0])
    if values == attribute.domain:
        raise ValueError("that is every value it can have, so it says nothing; an empty line means not known")
    return values


def _part(attribute: Attribute, text: str) -> object:
    """Return one part of an answer as a case file writes it."""
    if signed := _SIGNED.fullmatch(text):
        return f"{signed['sign']} {_one(attribute, signed['bound'])}"
    if (span := _RANGE.fullmatch(text)) and not _is_one(attribute, text):
        return f"{_one(attribute, span['low'])}..{_one(attribute, span['high'])}"
    return _one(attribute, text)


def _one(attribute: Attribute, text: str) -> object:
    """Return the id of a value that is named, or the number; the text itself when it is neither."""
    text = text.strip()
    if attribute.type == "number":
        return scalar(text)
    if attribute.type == "yes_no" and text.lower() in _YES_NO:
        return _YES_NO[text.lower()]
    named = _named(attribute, text)
    if len(named) > 1:
        raise ValueError(f"{text!r} could be {listed(named)}; write more of it")
    return named[0] if named else text


def _is_one(attribute: Attribute, text: str) -> bool:
    """Tell whether a text names a single value as it stands, commas and all."""
    return attribute.type not in ("number", "yes_no") and len(_named(attribute, text)) == 1


def _named(attribute: Attribute, text: str) -> list[str]:
    """Return the values that a text can mean: the one it spells out, else all that begin with it."""
    wanted = _plain(text)
    names = {name: [_plain(word) for word in _words_for(attribute, name)] for name in attribute.names}
    spelt = [name for name, words in names.items() if wanted in words]
    return spelt[:1] or [name for name, words in names.items() if any(word.startswith(wanted) for word in words)]


def _words_for(attribute: Attribute, name: str) -> Iterator[str]:
    yield name
    if attribute.values:
        yield attribute.values[name]
        yield attribute.label_of(name)


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").split())


def _without_unit(attribute: Attribute, text: str) -> str:
    """Return an answer without the unit that it repeats: `8 months` is 8."""
    unit = attribute.unit
    return text[: -len(unit)].strip() if unit and text.lower().endswith(f" {unit.lower()}") else text
