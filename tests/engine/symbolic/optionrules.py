"""The rules that turn arguments into statuses, as NOMS has them, for toys to share."""

from copy import deepcopy
from functools import cache
from pathlib import Path

import knowledge_base

GROUNDS = ("title", "because", "review")
OPTIONS = Path(knowledge_base.__file__).parent / "noms" / "rules" / "options.yaml"


@cache
def _rules() -> list[dict]:
    from ruamel.yaml import YAML

    found = YAML(typ="safe").load(OPTIONS.read_text(encoding="utf-8"))
    return [rule | {"sources": [{"ref": "book", "at": "p. 1", "basis": "primary"}]} for rule in found]


def rules() -> list[dict]:
    """Return them as data, citing the toy's only source."""
    return deepcopy(_rules())
