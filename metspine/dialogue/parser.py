"""What a person types, read as values: an id or a label, cut short if it is plain which, several, or a range.

Whatever is not understood here goes to the vocabulary's own reader, whose message says what would be right. Numbers are
parted otherwise than names: `/` belongs to units (g/dL), and `3,8` may be one number or two, so it is refused.
"""

import re
from collections.abc import Iterator

from knowledge_base.language.domains import Values
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.errors import listed, shown
from knowledge_base.text.strict_yaml import scalar

_BETWEEN = re.compile(r"\s*(?:,|;|/|\bor\b)\s*", re.IGNORECASE)
_RANGE = re.compile(
    r"(?P<low>[^\s.,]+(?:\.\d+)?)\s*(?:\.\.|\bto\b|\u2013|(?<=\S)-(?=\S))\s*(?P<high>[^\s.,]+(?:\.\d+)?)"
)
_BETWEEN_NUMBERS = re.compile(r"\s*;\s*|\s*,\s+|\s+or\s+", re.IGNORECASE)
_COMMA = re.compile(r"(?<=\d),(?=\d)")
_SPAN = re.compile(r"(?P<low>-?\d+(?:\.\d+)?)\s*(?:\.\.|\bto\b|[-\u2013])\s*(?P<high>-?\d+(?:\.\d+)?)", re.IGNORECASE)
_WITH_UNIT = re.compile(r"(?P<quantity>.*\d)\s*(?P<unit>[^\W\d]\D*|%)")
_SIGNED = re.compile(r"(?P<sign>>=|<=|>|<)\s*(?P<bound>\S.*)")
_YES_NO = {"y": "true", "yes": "true", "n": "false", "no": "false"}


def read_answer(attribute: Attribute, text: str) -> Values:
    """Return the values that an answer gives; raise ValueError with what is wrong and what would be right."""
    found = _numbers(attribute, text.strip()) if attribute.type == "number" else _names(attribute, text.strip())
    if not found:
        raise ValueError(f"no value is written; {attribute.label} is one of {attribute.domain_text}")
    values = attribute.read(found if len(found) > 1 or attribute.type == "several" else found[0])
    if values == attribute.domain:
        raise ValueError("that is every value it can have, so it says nothing; an empty line means not known")
    return values


def _numbers(attribute: Attribute, text: str) -> list[object]:
    """Return the parts of an answer in numbers as a case file writes them; a unit at its end is that of all parts."""
    if _COMMA.search(text):
        point, several = _COMMA.sub(".", text), _COMMA.sub(" or ", text)
        raise ValueError(f"{shown(text)} may be one number or several; write {shown(point)} or {shown(several)}")
    parts = [_parted(attribute, part) for part in _BETWEEN_NUMBERS.split(text) if part]
    last = parts[-1][1] if parts else ""
    return [_number(quantity, unit or last) for quantity, unit in parts]


def _parted(attribute: Attribute, text: str) -> tuple[str, str]:
    """Return a quantity and its unit as the vocabulary spells it: `8 Months` is in months."""
    found = _WITH_UNIT.fullmatch(text)
    if found is None:
        return text, ""
    known = {unit.lower(): unit for unit in (attribute.unit or "", *(attribute.also_in or {}))}
    return found["quantity"], known.get(found["unit"].lower(), found["unit"])


def _number(quantity: str, unit: str) -> object:
    """Return a number, a range or a comparison as a case file writes it, with its unit if it has one."""
    span = _SPAN.fullmatch(quantity)
    written = f"{span['low']}..{span['high']}" if span else quantity
    return f"{written} {unit}" if unit else scalar(written)


def _names(attribute: Attribute, text: str) -> list[object]:
    """Return the parts of an answer in names as a case file writes them."""
    parts = [text] if not _BETWEEN.search(text) or _is_one(attribute, text) else _BETWEEN.split(text)
    return [_part(attribute, part) for part in parts if part]


def _part(attribute: Attribute, text: str) -> object:
    """Return one name, a range of names or a comparison as a case file writes it."""
    if signed := _SIGNED.fullmatch(text):
        return f"{signed['sign']} {_one(attribute, signed['bound'])}"
    if (span := _RANGE.fullmatch(text)) and not _is_one(attribute, text):
        return f"{_one(attribute, span['low'])}..{_one(attribute, span['high'])}"
    return _one(attribute, text)


def _one(attribute: Attribute, text: str) -> object:
    """Return the id of a value that is named; the text itself when there is none."""
    text = text.strip()
    if attribute.type == "yes_no" and text.lower() in _YES_NO:
        return _YES_NO[text.lower()]
    named = _named(attribute, text)
    if len(named) > 1:
        raise ValueError(f"{text!r} could be {listed(named)}; write more of it")
    return named[0] if named else text


def _is_one(attribute: Attribute, text: str) -> bool:
    """Tell whether a text names a single value as it stands, commas and all."""
    return attribute.type != "yes_no" and len(_named(attribute, text)) == 1


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
