"""The digest of a decision: of all that the rules concluded and why, whatever else was asked about it.

What is settled, the plan, what would change it and the questions are answers to more questions about one decision; asking
them does not make it another. So one decision has one digest, on the screen, on paper, in pictures and in records.
"""

import re
from pathlib import Path
from typing import Any

from pydantic import Field

from engine.advice import Advice
from engine.inference.trace import Record
from knowledge_base.canonical_json import digest, numbers

OF_LESIONS: dict[str, frozenset[str]] = {
    "settle": frozenset({"certainty", "possible"}),
    "plan": frozenset({"plan"}),
    "vary": frozenset({"changes"}),
}
OF_ADVICE: dict[str, frozenset[str]] = {
    "settle": frozenset({"questions", "not_needed", "measures_settled"}),
    "plan": frozenset({"measures_planned", "dangers_planned"}),
    "vary": frozenset({"neighbours"}),
}
_ADDED: Any = {
    **{name: True for names in OF_ADVICE.values() for name in names},
    "lesions": {"__all__": {name for names in OF_LESIONS.values() for name in names}},
}
_RECORD = re.compile(rb'\s*\{\s*"schema"\s*:\s*"metspine\.record/')


def decision_digest(advice: Advice) -> str:
    """Return the SHA-256 of the canonical JSON (RFC 8785) of advice without what options add to it."""
    return digest(numbers(advice.model_dump(mode="json", exclude=_ADDED)))


def decision_in_short(advice: Advice) -> str:
    """Return the decision as small print names it: the word, and the first twelve digits, which `journal show` takes."""
    return f"decision {decision_digest(advice)[:12]}"


def advice_digest(advice: Advice) -> str:
    """Return the SHA-256 of the canonical JSON (RFC 8785) of everything in advice."""
    return digest(numbers(advice.model_dump(mode="json")))


class Options(Record):
    """What was asked beside the decision itself."""

    settle: bool = Field(description="what is settled whatever turns out, and what to ask next")
    vary: bool = Field(description="what would change it, and whether it holds a grade away")
    plan: bool = Field(description="the conditional plan of each lesion")

    @classmethod
    def seen_in(cls, advice: Advice) -> "Options":
        """Return the options of which advice holds at least a part."""
        return cls(**{name: _has(advice, name) for name in cls.model_fields})


def _has(advice: Advice, option: str) -> bool:
    of_advice = any(getattr(advice, name) not in (None, ()) for name in OF_ADVICE[option])
    of_lesions = any(
        getattr(lesion, name) not in (None, ()) for lesion in advice.lesions for name in OF_LESIONS[option]
    )
    return of_advice or of_lesions


def is_record(path: Path) -> bool:
    """Tell whether a file holds a record, of whatever format number; a file that cannot be read holds none."""
    try:
        with path.open("rb") as stream:
            return path.is_file() and _RECORD.match(stream.read(200)) is not None
    except (OSError, ValueError):
        return False
