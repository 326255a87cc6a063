"""Strict JSON: what a program of ours wrote, or the place of the first thing that none would have written.

Python's own reader lets the last of two equal keys win and takes `NaN`; a forged record could say one thing to it and
another to the next reader. Here every text has one meaning: no repeated key, no number in another spelling, no control or
bidirectional character, bounded depth.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from knowledge_base.text.errors import Invalid
from knowledge_base.text.strict_yaml import CONTROL, MAX_DEPTH, KeyPath, place_of


class _Pairs(list[tuple[str, Any]]):
    """The keys and values of an object, in order, repeated ones too."""


@dataclass(frozen=True)
class _Strange:
    """A number that is none, or is spelt otherwise than a program writes it."""

    text: str


def read_json(content: bytes, name: str) -> Any:
    """Return the data in UTF-8 JSON; raise `Invalid` that names the place of what is wrong."""
    try:
        raw = json.loads(
            content.decode(),
            object_pairs_hook=_Pairs,
            parse_constant=_Strange,
            parse_float=_decimal,
            parse_int=_whole,
        )
    except UnicodeDecodeError:
        raise Invalid.at(name, "is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise Invalid.at(name, f"is not JSON (line {error.lineno}: {error.msg[:1].lower()}{error.msg[1:]})") from None
    except RecursionError:
        raise Invalid.at(name, f"is nested more than {MAX_DEPTH} deep") from None
    return _plain(raw, (), name)


def _decimal(text: str) -> "float | _Strange":
    value = float(text)
    return (
        value if repr(value) == text or ("e" in text and value not in (float("inf"), -float("inf"))) else _Strange(text)
    )


def _whole(text: str) -> "int | _Strange":
    return int(text) if len(text) <= 19 and str(int(text)) == text else _Strange(text)


def _plain(raw: Any, path: KeyPath, name: str) -> Any:
    if len(path) > MAX_DEPTH:
        raise Invalid.at(name, f"is nested more than {MAX_DEPTH} deep", about=place_of(path[:3]))
    if isinstance(raw, _Pairs):
        found: dict[str, Any] = {}
        for key, value in raw:
            if key in found:
                raise Invalid.at(name, "is given twice; a record gives everything once", about=place_of((*path, key)))
            found[_text(key, path, name)] = _plain(value, (*path, key), name)
        return found
    if isinstance(raw, list):
        return [_plain(value, (*path, i), name) for i, value in enumerate(raw)]
    if isinstance(raw, _Strange):
        raise Invalid.at(name, f"{raw.text[:30]} is no number as a program of ours writes it", about=place_of(path))
    return _text(raw, path, name) if isinstance(raw, str) else raw


def _text(text: str, path: KeyPath, name: str) -> str:
    if control := CONTROL.search(text):
        raise Invalid.at(name, f"holds a control character (U+{ord(control.group()):04X})", about=place_of(path))
    return text


def differences(a: Any, b: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any, Any]]:
    """Yield the places at which two pieces of JSON data differ, as deep as they can be told; null is what is not there.

    The type of a number counts: 80 and 80.0 are two spellings, and a record has one.
    """
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys((*a, *b)):
            yield from differences(a.get(key), b.get(key), (*path, key))
    elif isinstance(a, list) and isinstance(b, list):
        for i in range(max(len(a), len(b))):
            yield from differences(a[i] if i < len(a) else None, b[i] if i < len(b) else None, (*path, i))
    elif a != b or type(a) is not type(b):
        yield path, a, b
