"""Doses of radiotherapy: `20/5`, `20 Gy in 5 #`, `4 Gy x 5`, `8 Gy single` and `2000 cGy/5` in one form."""

import re
from decimal import Decimal

_OVER = re.compile(
    r"(?P<total>\d+(?:\.\d+)?)\s*(?P<unit>c?gy)?\s*(?:/|\bin\b)\s*(?P<fractions>\d+)\s*(?:#|f|fr|frs|fx|fractions?)?",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?P<each>\d+(?:\.\d+)?)\s*(?P<unit>c?gy)?\s*[x\u00d7]\s*(?P<fractions>\d+)\s*(?:#|f|fr|frs|fx|fractions?)?",
    re.IGNORECASE,
)
_FRACTIONS_FIRST = re.compile(
    r"(?P<fractions>\d+)\s*[x\u00d7]\s*(?P<each>\d+(?:\.\d+)?)\s*(?P<unit>c?gy)", re.IGNORECASE
)
_SINGLE = re.compile(
    r"(?P<total>\d+(?:\.\d+)?)\s*(?P<unit>c?gy)\s*(?:(?:in a |as a )?single(?:[\s-]+(?:fraction|dose|shot|#))?|once|stat)",
    re.IGNORECASE,
)


def dose(text: str) -> str | None:
    """Return a dose as `total/fractions` in Gy (`20/5`), or None when the text is not one."""
    text = text.strip()
    if found := _OVER.fullmatch(text):
        return _written(Decimal(found["total"]), found["fractions"], found["unit"])
    if found := _TIMES.fullmatch(text) or _FRACTIONS_FIRST.fullmatch(text):
        return _written(Decimal(found["each"]) * int(found["fractions"]), found["fractions"], found["unit"])
    if found := _SINGLE.fullmatch(text):
        return _written(Decimal(found["total"]), "1", found["unit"])
    return None


def words(written: str) -> str:
    """Return a dose as a radiotherapist says it: `20 Gy in 5`."""
    total, _, fractions = written.partition("/")
    return f"{total} Gy in {fractions}"


def _written(total: Decimal, fractions: str, unit: str | None) -> str:
    gy = total / 100 if (unit or "").lower() == "cgy" else total
    return f"{gy.normalize():f}/{int(fractions)}"
