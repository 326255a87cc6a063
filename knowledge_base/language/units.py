"""Quantities with their unit: `3.8 g/dL` for a number that is kept in g/L."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge_base.language.domains import Number
from knowledge_base.text.errors import listed, shown, suggestion

_NUMBERS = r"[<>=]*\s*[\d.<>-]*\d"
_QUANTITY = re.compile(_NUMBERS)
_WITH_UNIT = re.compile(rf"\s*(?P<quantity>{_NUMBERS})(?P<gap>\s*)(?P<unit>[^\W\d].*?|%)\s*")


@dataclass(frozen=True)
class Units:
    """The unit of a number, and the others in which it may be written, each with the factor to its own."""

    name: str = ""
    own: str | None = None
    also: Mapping[str, Number] = field(default_factory=dict)

    def split(self, text: str) -> tuple[str, Number] | None:
        """Return a quantity without its unit, and the factor to the own unit; None when no unit is written.

        Raises ValueError for a unit that is not known.
        """
        if self.own is None:
            return None
        factors: dict[str, Number] = {self.own: 1, **self.also}
        for unit in factors:  # some start with a digit: 10^9/L
            quantity = text.strip().removesuffix(unit)
            if quantity.endswith(" ") and _QUANTITY.fullmatch(quantity.strip()):
                return quantity.strip(), factors[unit]
        found = _WITH_UNIT.fullmatch(text)
        if not found:
            return None
        unit = found["unit"]
        if unit not in factors and not found["gap"]:
            return None
        if unit not in factors:
            known = listed(factors)
            raise ValueError(f"{shown(unit)} is not a unit of {self.name} ({known}){suggestion(unit, factors)}")
        return found["quantity"], factors[unit]

    def meant(self, written: tuple[Number, ...], low: Number, high: Number) -> str:
        """Return which other unit would bring numbers that are out of range into it, and how to write them."""
        text = "..".join(map(str, written))
        fitting = [unit for unit, factor in self.also.items() if all(low <= n * factor <= high for n in written)]
        return "".join(f". If it is in {unit}, write '{text} {unit}'" for unit in fitting[:1])
