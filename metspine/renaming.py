"""Renaming a rule everywhere it is named, with comments and layout kept: only the id is written anew."""

import re
from collections.abc import Iterable
from pathlib import Path

from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import RuleId
from knowledge_base.loading.cache import load_folder
from knowledge_base.text.errors import Invalid, shown, suggestion


def renamed(old: str, new: str, knowledge: KnowledgeBase, folder: Path, cases: Path) -> dict[Path, int]:
    """Rename a rule in the files of its folder and of the cases; return how often in each file.

    Raises ValueError when there is no such rule, when the new id cannot be had, or when the knowledge would not load
    any more; then nothing is changed.
    """
    from pydantic import TypeAdapter, ValidationError

    if old not in knowledge.every_rule:
        raise ValueError(f"{shown(old)} is not a known rule{suggestion(old, knowledge.every_rule)}")
    try:
        TypeAdapter(RuleId).validate_python(new)
    except ValidationError:
        raise ValueError(
            f"{shown(new)} is not an id; write capital letters, a hyphen and a number, such as NOMS-07"
        ) from None
    files = [*sorted(folder.rglob("*.yaml")), *sorted(cases.glob("*.yaml"))]
    if taken := _holding(new, files):
        raise ValueError(f"{new} stands in {taken[0].name} already; ids are for life, choose another")
    before = {path: path.read_bytes() for path in _holding(old, files)}
    counts = {}
    for path, content in before.items():
        text, counts[path] = _whole(old).subn(new, content.decode())
        path.write_bytes(text.encode())
    try:
        load_folder(folder)
    except Invalid as invalid:
        for path, content in before.items():
            path.write_bytes(content)
        raise ValueError(f"the knowledge would not load with that name: {invalid.problems[0]}") from None
    return counts


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")


def _holding(name: str, files: Iterable[Path]) -> list[Path]:
    return [path for path in files if _whole(name).search(path.read_bytes().decode(errors="replace"))]
