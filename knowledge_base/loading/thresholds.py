"""Numbers that have a name: said once at an attribute, written `$name` in rules, and moved by an overlay.

A name is replaced by its number before a rule is read, in tests and in words alike: what is printed is what is tested.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from knowledge_base.language.literals import is_number, plain_number
from knowledge_base.text.errors import Problem, listed, shown, suggestion
from knowledge_base.text.strict_yaml import Document, KeyPath

_NAMED = re.compile(r"\$([a-z][a-z0-9_]*)")
KEY = "thresholds"


def thresholds_in(documents: Iterable[Document], moved: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers by name, some moved by a framework, as far as they are sound; what is wrong is told elsewhere."""
    entries = (entry for document in documents if isinstance(document.data, list) for entry in document.data)
    said = (entry[KEY] for entry in entries if isinstance(entry, dict) and isinstance(entry.get(KEY), dict))
    return {name: number for one in (*said, moved) for name, number in one.items() if is_number(number)}


def with_numbers(document: Document, thresholds: Mapping[str, Any], problems: list[Problem]) -> Document:
    """Return a document in which each `$name` is its number; report names that nothing has."""

    def put(raw: Any, path: KeyPath) -> Any:
        if isinstance(raw, dict):
            return {key: put(value, (*path, key)) for key, value in raw.items()}
        if isinstance(raw, list):
            return [put(value, (*path, i)) for i, value in enumerate(raw)]
        if not isinstance(raw, str) or "$" not in raw:
            return raw
        if (whole := _NAMED.fullmatch(raw)) and whole[1] in thresholds:
            return thresholds[whole[1]]
        return _NAMED.sub(lambda found: number_of(found, path), raw)

    def number_of(found: re.Match[str], path: KeyPath) -> str:
        if found[1] in thresholds:
            return str(plain_number(thresholds[found[1]]))
        known = listed(sorted(thresholds)) or "none is named"
        message = f"{shown(found[0])} is no threshold of the vocabulary ({known}){suggestion(found[1], thresholds)}"
        about = str(document.data[path[0]].get("id", "")) if isinstance(document.data[path[0]], dict) else ""
        problems.append(Problem(document.position(path), about, message))
        return found[0]

    return replace(document, data=put(document.data, ())) if isinstance(document.data, list) else document
