"""How values are written: one, a list, a range `7..12`, a comparison `>= 13`; of numbers, or of names in order."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil, floor
from typing import Any, TypeGuard, TypeVar

from knowledge_base.language.domains import Number, Numbers, Span
from knowledge_base.language.units import Units
from knowledge_base.text.errors import Mistake, shown, suggestion
from knowledge_base.text.strict_yaml import scalar

Json = Any
_Part = TypeVar("_Part")
_LONGEST = 100  # characters of a range or a comparison; longer text is not searched for one

# `low..high`; an end that does not belong to a range of numbers is written `>low` or `<high`.
RANGE = re.compile(
    r"\s*(?P<low_open>>?)(?P<low>[^\s.]+(\.[^\s.]+)?)\s*\.\.\s*(?P<high_open><?)(?P<high>[^\s.]+(\.[^\s.]+)?)\s*"
)
_COMPARISON = re.compile(r"\s*(?P<sign>>=|<=|>|<)\s*(?P<bound>[^\s.]+(\.[^\s.]+)?)\s*")


def text_of(raw: object) -> object:
    """Return a plain number or boolean as the text it was written as; YAML reads `2` as a number, we mean the name."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw) if isinstance(raw, int | Decimal) else raw


_CURLY = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb"))
_SIGNS = {"=>": ">=", "=<": "<=", "\u2265": ">=", "\u2264": "<="}


def meant(text: str) -> str:
    """Return what to write for a value that a word processor or a slip has changed; empty when that is not plain."""
    text = text[: _LONGEST + 1].strip()
    straight = text.translate(_CURLY).strip()
    if straight != text:
        return f'; put straight quotes around it: "{straight}"'
    for wrong, right in _SIGNS.items():
        if text.startswith(wrong):
            return f'. Did you mean "{right} {text.removeprefix(wrong).strip()}"?'
    return f"; it is text: remove the quotes and write {text}" if is_number(scalar(text)) else ""


def is_number(value: object) -> TypeGuard[Number]:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def ends(span: str) -> tuple[Number, Number] | None:
    """Return both ends of `low..high`; None when it is no range of numbers."""
    found = RANGE.fullmatch(span)
    low, high = (scalar(found["low"]), scalar(found["high"])) if found else (None, None)
    return (low, high) if is_number(low) and is_number(high) else None


def within(span: str, number: Number) -> bool:
    """Tell whether a number lies in `low..high`, ends included."""
    found = ends(span)
    return found is not None and found[0] <= number <= found[1]


@dataclass(frozen=True)
class Notation:
    """What every notation says of itself in messages: the attribute it is for, and the values this may have."""

    name: str
    domain_text: str

    def _each(self, raw: list[object], read: Callable[[object], _Part]) -> list[_Part]:
        """Return what each item of a list means; a mistake says in which item it is."""
        if not raw:
            raise ValueError(f"an empty list names no value of {self.name}; write one, or remove the line")
        parts = []
        for i, part in enumerate(raw):
            try:
                parts.append(read(part))
            except ValueError as error:
                raise Mistake(str(error), i, *getattr(error, "path", ())) from None
        return parts

    def _no_value(self, raw: object) -> ValueError:
        if raw is None:
            return ValueError(
                f"no value is written for {self.name} ({self.domain_text}); write one, or remove the line"
            )
        return ValueError(f"{shown(raw)} is not a value of {self.name} ({self.domain_text})")


@dataclass(frozen=True)
class NameNotation(Notation):
    """Names, from least to most when `ordered`."""

    names: tuple[str, ...]
    ordered: bool
    yes_no: bool

    def read(self, raw: object) -> list[str]:
        """Return the names that a name, a range, a comparison or a list of these stands for."""
        if isinstance(raw, list):
            return [name for part in self._each(raw, self.read) for name in part]
        text = text_of(raw)
        if not isinstance(text, str):
            raise self._no_value(raw)
        if text in self.names:
            return [text]
        spread = self._spread(text)
        if spread is not None:
            return spread
        hint = ("" if is_number(scalar(text)) else meant(text)) or suggestion(text, self.names)
        if self.yes_no and text.lower() in ("yes", "no", "on", "off"):
            hint = f". Did you mean {'true' if text.lower() in ('yes', 'on') else 'false'}?"
        raise ValueError(f"{shown(text)} is not a value of {self.name} ({self.domain_text}){hint}")

    def _spread(self, text: str) -> list[str] | None:
        """Return the values that a range or a comparison of ordered values names, or None when it is neither."""
        if len(text) > _LONGEST:
            return None
        span, comparison = RANGE.fullmatch(text), _COMPARISON.fullmatch(text)
        if not (span or comparison):
            return None
        if not self.ordered:
            raise ValueError(
                f"{shown(text)}: the values of {self.name} have no order ({self.domain_text}); list them instead"
            )
        if span:
            low, high = self._rank(span["low"], text), self._rank(span["high"], text)
            if low > high:
                raise ValueError(f"{shown(text)} runs backwards; {self.name} goes {self.domain_text}")
            return list(self.names[low : high + 1])
        assert comparison
        rank, sign = self._rank(comparison["bound"], text), comparison["sign"]
        cut = rank + (sign in (">", "<="))
        return list(self.names[cut:] if sign[0] == ">" else self.names[:cut])

    def _rank(self, name: str, text: str) -> int:
        """Return the place of a name in the order; a mistake repeats the text that it stands in."""
        if name not in self.names:
            hint = suggestion(name, self.names)
            raise ValueError(f"{shown(text)}: {shown(name)} is not a value of {self.name} ({self.domain_text}){hint}")
        return self.names.index(name)


@dataclass(frozen=True)
class NumberNotation(Notation):
    """Numbers in a domain, with or without their unit."""

    domain: Numbers
    units: Units = field(default_factory=Units)

    def read(self, raw: object, step: int | None = None) -> Numbers:
        """Return the numbers of the domain that a number, a range, a comparison or a list of these names.

        With `step`, every number that is written must be a multiple of it.
        """
        if isinstance(raw, list):
            parts = self._each(raw, lambda part: self.read(part, step))
            return Numbers.of((span for part in parts for span in part.spans), self.domain.whole)
        if isinstance(raw, float):
            raw = Decimal(repr(raw))
        if is_number(raw):
            return self._just(raw, step)
        if isinstance(raw, str) and len(raw) <= _LONGEST and (split := self.units.split(raw)):
            return self._in_unit(raw, *split, step)
        span = self._span(raw, step) if isinstance(raw, str) and len(raw) <= _LONGEST else None
        if span is None:
            raise self._no_value(raw) if raw is None else self._no_number(raw)
        return Numbers.of([span], self.domain.whole)

    def _just(self, number: Number, step: int | None) -> Numbers:
        self._check(step, number)
        return Numbers.of([Span(number, number)], self.domain.whole)

    def _in_unit(self, raw: str, quantity: str, factor: Number, step: int | None) -> Numbers:
        """Return the numbers that a quantity in some unit names; a mistake repeats it as it was written."""
        number = scalar(quantity)
        try:
            if is_number(number):
                return self._just(number * factor, step)
            if (span := self._span(quantity, step, factor)) is not None:
                return Numbers.of([span], self.domain.whole)
        except ValueError as error:
            raise ValueError(f"{shown(raw)}: {error}") from None
        raise self._no_number(raw)

    def _number(self, text: str) -> Number:
        number = scalar(text)
        if not is_number(number):
            raise self._no_number(text)
        return number

    def _no_number(self, raw: object) -> ValueError:
        hint = meant(raw) if isinstance(raw, str) else ""
        return ValueError(f"{shown(raw)} is not a number for {self.name} ({self.domain_text}){hint}")

    def _span(self, text: str, step: int | None, factor: Number = 1) -> Span | None:
        """Return the numbers that a range or a comparison names, or None when the text is neither."""
        domain = self.domain
        if span := RANGE.fullmatch(text):
            low, high = self._number(span["low"]) * factor, self._number(span["high"]) * factor
            if low > high:
                raise ValueError(f"{shown(text)} runs backwards; write the lower number first")
            self._check(step, low, high)
            return Span(low, high, bool(span["low_open"]), bool(span["high_open"]))
        if comparison := _COMPARISON.fullmatch(text):
            bound, sign = self._number(comparison["bound"]) * factor, comparison["sign"]
            self._check(step, bound)
            if sign[0] == ">":
                return Span(bound, domain.high, low_open=sign == ">")
            return Span(domain.low, bound, high_open=sign == "<")
        return None

    def _check(self, step: int | None, *written: Number) -> None:
        """Refuse numbers outside the range, not whole where whole numbers are asked for, or not on a step."""
        domain = self.domain
        text = "..".join(map(str, written))
        if not all(number.is_finite() for number in written if isinstance(number, Decimal)):
            raise self._no_number(written[0])
        if min(written) < domain.low or max(written) > domain.high:
            meant = self.units.meant(written, domain.low, domain.high)
            raise ValueError(f"{text} is outside {self.name} ({self.domain_text}){meant}")
        if self.domain.whole and any(number != int(number) for number in written):
            raise ValueError(f"{text} is not whole; {self.name} takes whole numbers only ({self.domain_text})")
        if step and any(number % step for number in written):
            raise ValueError(f"{text} is not on a step; {self.name} goes in steps of {step} ({self.domain_text})")

    def on_steps(self, values: Numbers, step: int) -> Numbers:
        """Return whole numbers with the ends of every span moved inwards to a step: `< 70` in steps of 10 ends at 60."""
        spans = (Span(ceil(s.low / step) * step, floor(s.high / step) * step) for s in values.spans)
        return Numbers.of(spans, self.domain.whole)


def plain_number(number: Number) -> int | float:
    """Return a number as JSON has it: whole where it is whole."""
    return int(number) if number == int(number) else float(number)


def dump_span(span: Span) -> Json:
    if span.low == span.high:
        return plain_number(span.low)
    return f"{'>' if span.low_open else ''}{digits_of(span.low)}..{'<' if span.high_open else ''}{digits_of(span.high)}"


def digits_of(number: Number) -> str:
    """Return a number as digits, never with an exponent."""
    return f"{number.normalize():f}" if isinstance(number, Decimal) else str(number)


def words_of_span(span: Span, domain: Numbers, unit: str = "") -> str:
    """Return numbers as a reader says them, with their unit; a limit of the domain goes without saying."""
    low, high = digits_of(span.low), digits_of(span.high)
    from_least = span.low == domain.low and not span.low_open
    to_most = span.high == domain.high and not span.high_open
    if span.low == span.high:
        return _measured(low, unit)
    if from_least:
        return f"{'less than' if span.high_open else 'up to'} {_measured(high, unit)}"
    if to_most:
        return f"more than {_measured(low, unit)}" if span.low_open else f"{_measured(low, unit)} or more"
    text = f"{'more than ' if span.low_open else ''}{low} to {'under ' if span.high_open else ''}{high}"
    return f"{text} {unit}".rstrip()


def _measured(number: str, unit: str) -> str:
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}".rstrip()


def words_of_names(labels: list[str], ranks: list[int]) -> str:
    """Return the labels of ordered values in words; three or more in a row by the first and the last."""
    is_run = len(ranks) > 2 and ranks[-1] - ranks[0] == len(ranks) - 1
    return f"{labels[0]} to {labels[-1]}" if is_run else " or ".join(labels)
