"""Renaming a rule or an attribute everywhere it is named, with comments and layout kept: only the id is written anew.

The id of a rule is like no other word. That of an attribute may be one, so it is written anew where it is a whole key or
value of YAML, and the words of texts stay.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from knowledge_base.language.entries import Identifier
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import RuleId, gone
from knowledge_base.loading.cache import load_folder
from knowledge_base.loading.frameworks import is_own
from knowledge_base.text.errors import Invalid, listed, shown, suggestion
from knowledge_base.text.yaml_edits import Edits, flow
from metspine.approved import ANSWERS, WITNESSES
from metspine.library import read_library


def renamed(old: str, new: str, knowledge: KnowledgeBase, folder: Path, cases: Path) -> dict[Path, int]:
    """Rename a rule or an attribute in the files of its folder and of the cases; return how often in each file.

    Raises ValueError when there is no such thing, when the new id cannot be had, or when the knowledge or the cases would
    not load any more; then nothing is changed.
    """
    from pydantic import TypeAdapter, ValidationError

    is_rule = old in knowledge.every_rule
    if not is_rule and (old not in knowledge.vocabulary or knowledge.vocabulary[old].group):
        known = (*knowledge.every_rule, *(a.id for a in knowledge.vocabulary.values() if not a.group))
        hint = gone(old, knowledge.retired) or _of_values(old, knowledge)
        hint = f"; {hint}" if hint else suggestion(old, known)
        raise ValueError(f"{shown(old)} is not a known rule, nor an attribute outside a group{hint}")
    position = (knowledge.every_rule if is_rule else knowledge.vocabulary)[old].position
    if not is_own(position):
        raise ValueError(f"{old} stands in {position.file}, not in this folder; rename it there")
    try:
        TypeAdapter(RuleId if is_rule else Identifier).validate_python(new)
    except ValidationError:
        like = (
            "capital letters, a hyphen and a number, such as NOMS-07"
            if is_rule
            else "small letters, such as escc_grade"
        )
        raise ValueError(f"{shown(new)} is not an id; write {like}") from None
    files = [*sorted(folder.rglob("*.yaml")), *sorted(cases.glob("*.yaml"))]
    files += [file for file in (cases / ANSWERS, cases / WITNESSES) if file.exists()]
    if taken := _holding(new, files):
        raise ValueError(f"{new} stands in {taken[0].name} already; ids are for life, choose another")
    before = {path: path.read_bytes() for path in _holding(old, files)}
    counts = {}
    for path, content in before.items():
        rename = _rule_in if is_rule else _attribute_in
        text, counts[path] = rename(content.decode(), old, new)
        path.write_bytes(text.encode())
    _keep_former(old, new, folder / position.file)
    try:
        changed = load_folder(folder)
        if not is_rule:
            read_library(changed, cases)
    except Invalid as invalid:
        for path, content in before.items():
            path.write_bytes(content)
        raise ValueError(f"the knowledge would not load with that name: {invalid.problems[0]}") from None
    return {path: count for path, count in counts.items() if count}


def _of_values(name: str, knowledge: KnowledgeBase) -> str:
    """Return what to do for who would rename a value, such as `1a` or `escc_grade=1a`; empty for another name."""
    about, _, value = name.rpartition("=")
    having = [a.id for a in knowledge.vocabulary.values() if value in a.names and about in ("", a.id)]
    if not about and not having:
        return ""
    of = f" of {listed(having)}" if having else ""
    return f"values{of} are not renamed here: write the new one where it stands, and the old one under `former_values`"


def _keep_former(old: str, new: str, path: Path) -> None:
    """Write the old id under `formerly` of the entry in a file that has the new one."""
    edits = Edits(path.read_bytes().decode())
    entries = edits.data(())
    (i,) = (i for i, entry in enumerate(entries) if entry["id"] == new)
    if former := entries[i].get("formerly"):
        edits.replace((i, "formerly"), flow([*former, old]))
    else:
        edits.add((i,), f"formerly: {flow([old])}")
    path.write_bytes(edits.text.encode())


def _rule_in(text: str, old: str, new: str) -> tuple[str, int]:
    return _whole(old).subn(new, text)


def _attribute_in(text: str, old: str, new: str) -> tuple[str, int]:
    """Return YAML, or lines of JSON, with a name in place of another where it is a whole scalar, and how often."""
    from ruamel.yaml import YAML
    from ruamel.yaml.tokens import ScalarToken

    parts = text.splitlines(keepends=True) if text.startswith("{") else [text]
    count = 0
    for i, part in enumerate(parts):
        found = YAML(typ="safe", pure=True).scan(part) if _whole(old).search(part) else ()
        places = [t.start_mark.index for t in found if isinstance(t, ScalarToken) and t.value == old]
        for place in reversed(places):
            start = part.index(old, place)
            parts[i] = part = part[:start] + new + part[start + len(old) :]
        count += len(places)
    return "".join(parts), count


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")


def _holding(name: str, files: Iterable[Path]) -> list[Path]:
    return [path for path in files if _whole(name).search(path.read_bytes().decode(errors="replace"))]
