"""What each file of rules, or of scores, is about: the comment at its head, which the loader does not keep."""

from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path

from knowledge_base.loading.frameworks import folder_of, own_files

FOR_EDITORS = "yaml-language-server:"


def themes(which: str | Path | None = None, kind: str = "rules") -> Mapping[str, str]:
    """Return, for each file of rules (or `scores`) in a knowledge base's own folder, its first comment; "" for none."""
    return {file.place: _first_comment(file.path) for file in own_files(folder_of(which), f"{kind}/*.yaml")}


def _first_comment(path: Path) -> str:
    head = takewhile(lambda line: line.startswith("#"), path.read_text(encoding="utf-8").splitlines())
    lines = (line.lstrip("#").strip() for line in head)
    return " ".join(line for line in lines if not line.startswith(FOR_EDITORS))
