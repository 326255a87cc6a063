"""The vocabulary: what can be said of a patient, of a lesion, or of an option, and how it is read and written."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from math import ceil, floor
from typing import Annotated, Any, Literal, TypeGuard, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    field_serializer,
    field_validator,
    model_validator,
)

from knowledge_base.problems import NOWHERE, Mistake, Position, listed, shown, suggestion
from knowledge_base.reading import scalar
from knowledge_base.truth import AnyOf, Known, Test, Within
from knowledge_base.values import Choices, Member, Number, Numbers, Span, Subsets, Values

SubjectKind = Literal["patient", "lesion", "option"]
SUBJECT_KINDS: tuple[SubjectKind, ...] = ("patient", "lesion", "option")
Letter = Literal["N", "O", "M", "S", "D"]
LETTERS: Mapping[Letter, str] = {
    "N": "neurologic",
    "O": "oncologic",
    "M": "mechanical",
    "S": "systemic",
    "D": "decision",
}
STANCES = ("recommend", "consider", "advise_against", "exclude")
Json = Any
_Part = TypeVar("_Part")
_LONGEST = 100  # characters of a range or a comparison; longer text is not searched for one

# `low..high`; an end that does not belong to a range of numbers is written `>low` or `<high`.
_RANGE = re.compile(
    r"\s*(?P<low_open>>?)(?P<low>[^\s.]+(\.[^\s.]+)?)\s*\.\.\s*(?P<high_open><?)(?P<high>[^\s.]+(\.[^\s.]+)?)\s*"
)
_COMPARISON = re.compile(r"\s*(?P<sign>>=|<=|>|<)\s*(?P<bound>[^\s.]+(\.[^\s.]+)?)\s*")


class Entry(BaseModel):
    """Anything written in the knowledge base: strict, frozen, and aware of the line it stands on."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))
    position: Annotated[Position, Field(exclude=True, repr=False)] = NOWHERE


def text_of(raw: object) -> object:
    """Return a plain number or boolean as the text it was written as; YAML reads `2` as a number, we mean the name."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw) if isinstance(raw, int | Decimal) else raw


def _value_name(raw: object) -> object:
    """Return the id of a value as text; refuse what a condition would read as something else."""
    text = text_of(raw)
    if text == "known":
        raise ValueError("'known' has a meaning of its own in conditions; name the value otherwise")
    return text


Name = Annotated[str, BeforeValidator(text_of), Field(min_length=1)]
Identifier = Annotated[str, BeforeValidator(text_of), Field(pattern=r"^[a-z][a-z0-9_]*$")]
ValueName = Annotated[str, BeforeValidator(_value_name), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+-]*$")]
Label = Annotated[str, BeforeValidator(text_of), Field(min_length=1)]


class Attribute(Entry):
    """One thing that can be known; `domain` is the set of all its values."""

    id: Identifier = Field(description="its name in rules and cases, for life")
    label: Label = Field(description="a noun phrase that reads well before 'is'")
    question: Label | None = Field(None, description="how to ask for it; required when a case may give it")
    of: SubjectKind = Field(description="whom it is about")
    letter: Letter = Field(description="the NOMS letter it belongs to; D is the decision")
    type: Literal["choice", "yes_no", "number", "several"] = Field(description="the shape of its values")
    values: dict[ValueName, Label] | None = Field(
        None, description="value id to label, from least to most when ordered"
    )
    ordered: StrictBool = Field(False, description="the values go from least to most, so that '>= 1c' means something")
    range: str | None = Field(None, description="the numbers it may take, as low..high")
    whole: StrictBool = Field(False, description="whole numbers only")
    step: StrictInt | None = Field(None, ge=1, description="a case gives multiples of this only")
    unit: Label | None = Field(None, description="the unit of the number, such as months")
    from_: tuple[Literal["case", "rules"], ...] = Field(
        ("case",), alias="from", min_length=1, description="who may speak of it"
    )
    group: Identifier | None = Field(None, description="the key under which a case nests it, such as sins")
    optional: StrictBool = Field(False, description="a judgement that may never be given; advice must do without it")
    reconciles: StrictBool = Field(
        False, description="several measures of one thing meet here; a clash blames the inputs"
    )
    assessment: StrictBool = Field(False, description="shown in the four-letter summary of the advice")
    measured_by: Label | None = Field(None, description="who finds it out, and how")
    cost: Literal["history", "examination", "laboratory", "ct", "mri", "biopsy"] | None = Field(
        None, description="what it takes to find it out"
    )
    includes: Label | None = Field(None, description="what counts")
    excludes: Label | None = Field(None, description="what is often confused with it and does not count")

    @field_validator("range", mode="before")
    @classmethod
    def _range_as_text(cls, raw: object) -> object:
        return text_of(raw)

    @field_serializer("values", when_used="json")
    def _values_in_order(self, values: dict[str, str] | None) -> list[tuple[str, str]] | None:
        """Keep the order, which canonical JSON would lose: it decides what '>= 1c' means."""
        return None if values is None else list(values.items())

    @model_validator(mode="after")
    def _coherent(self) -> "Attribute":
        self._check_values()
        self._check_range()
        if self.group and not self.id.startswith(f"{self.group}_"):
            raise Mistake(f"its id must start with its group: {self.group}_{self.id}", "group")
        if self.given and not self.question:
            raise Mistake("a case may give it, so it needs a `question`; add one, or write `from: [rules]`", "from")
        return self

    def _check_values(self) -> None:
        listing = self.type in ("choice", "several")
        if listing and len(self.values or {}) < 2:
            raise Mistake(f"a {self.type} needs at least two values; list them under `values`", "values")
        if self.values and not listing:
            raise Mistake(f"`values` belong to a choice or several, not to a {self.type}; remove them", "values")
        if self.ordered and not listing:
            raise Mistake(f"`ordered` belongs to a choice or several, not to a {self.type}; remove it", "ordered")

    def _check_range(self) -> None:
        if self.type != "number":
            for key in ("range", "whole", "step", "unit"):
                if getattr(self, key):
                    raise Mistake(f"`{key}` belongs to a number, not to a {self.type}; remove it", key)
            return
        if self.range is None:
            raise Mistake("a number needs a range; add `range: low..high`", "range")
        low, high = self._ends
        if low > high:
            raise Mistake(f"the range {self.range} runs backwards; write the lower number first", "range")
        if low == high:
            raise Mistake(f"the range {self.range} leaves nothing to know; give low..high", "range")
        if self.whole and (low != int(low) or high != int(high)):
            raise Mistake(f"the range {self.range} of a `whole` number needs whole ends", "range")

    @cached_property
    def _ends(self) -> tuple[Number, Number]:
        match = _RANGE.fullmatch(self.range or "")
        low, high = (scalar(match["low"]), scalar(match["high"])) if match else (None, None)
        if not (match and _is_number(low) and _is_number(high)) or match["low_open"] or match["high_open"]:
            raise Mistake(f"the range {shown(self.range)} is not of the form low..high, such as 0..18", "range")
        return low, high

    @property
    def given(self) -> bool:
        """Tell whether a case may give it."""
        return "case" in self.from_

    @property
    def key(self) -> str:
        """The name under which a case gives it (inside its group, if it has one)."""
        return self.id.removeprefix(f"{self.group}_") if self.group else self.id

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The ids of its values in order; empty for numbers."""
        return ("false", "true") if self.type == "yes_no" else tuple(self.values or ())

    @cached_property
    def domain(self) -> Values:
        """All the values it may have."""
        if self.type == "yes_no":
            return Choices(frozenset({True, False}))
        if self.type == "choice":
            return Choices(frozenset(self.names))
        if self.type == "several":
            return Subsets(frozenset(), frozenset(self.names))
        return Numbers.between(*self._ends, self.whole)

    def label_of(self, member: Member) -> str:
        """Return the words for one of its values."""
        if isinstance(member, bool):
            return "yes" if member else "no"
        return (self.values or {}).get(member) or member

    # --- reading -----------------------------------------------------------------------------------------------

    def read(self, raw: object) -> Values:
        """Return the possible values that a case or a `set` gives: one, several (any of), or a range.

        Raises ValueError with what is wrong and what would be right.
        """
        if self.type == "number":
            values: Values = self._stepped(self._numbers(raw, self.step))
        elif self.type == "several":
            members = frozenset(self._members(raw))
            values = Subsets(members, members)
        else:
            values = self._choices(raw)
        if values.is_empty:
            raise ValueError(f"{shown(raw)} leaves no possible value of {self.id} ({self.domain_text})")
        return values

    def test(self, raw: object) -> Test:
        """Return the test that a line of `when` writes; raise ValueError when it cannot be one."""
        if raw == "known":
            return Known()
        if self.type == "several":
            return AnyOf(frozenset(self._members(raw)))
        accepted = self._accepted(raw)
        if accepted.is_empty or accepted == self.domain:
            always = "never" if accepted.is_empty else "always"
            given = "this list" if isinstance(raw, list) else shown(raw)
            raise ValueError(f"{given} is {always} true of {self.id} ({self.domain_text}); write a test that can fail")
        return self._within(accepted)

    def narrowing(self, raw: object) -> Values:
        """Return the values that a `set` or a row of a score leaves; for a `several`, the exact set.

        Raises ValueError when they are wrong, or when they are all values and so say nothing.
        """
        if self.type == "several":
            return self.read(raw)
        accepted = self._accepted(raw)
        if accepted.is_empty or accepted == self.domain:
            given = "this list" if isinstance(raw, list) else shown(raw)
            if accepted.is_empty:
                raise ValueError(f"{given} leaves no possible value of {self.id} ({self.domain_text}); write one")
            raise ValueError(f"{given} is all of {self.id} ({self.domain_text}), so it says nothing; write less")
        return accepted

    def _accepted(self, raw: object) -> Choices | Numbers:
        return self._numbers(raw) if self.type == "number" else self._choices(raw)

    def _within(self, accepted: Choices | Numbers) -> Within:
        domain = self.domain
        if isinstance(domain, Numbers) and isinstance(accepted, Numbers):
            return Within(accepted, domain.without(accepted))
        assert isinstance(domain, Choices)
        assert isinstance(accepted, Choices)
        return Within(accepted, domain.without(accepted))

    def _choices(self, raw: object) -> Choices:
        members = self._members(raw)
        return Choices(frozenset(name == "true" for name in members) if self.type == "yes_no" else frozenset(members))

    def _members(self, raw: object) -> list[str]:
        if isinstance(raw, list):
            return [name for part in self._parts(raw, self._members) for name in part]
        text = text_of(raw)
        if not isinstance(text, str):
            raise self._no_value(raw)
        if text in self.names:
            return [text]
        spread = self._spread(text)
        if spread is not None:
            return spread
        hint = suggestion(text, self.names)
        if self.type == "yes_no" and text.lower() in ("yes", "no", "on", "off"):
            hint = f". Did you mean {'true' if text.lower() in ('yes', 'on') else 'false'}?"
        raise ValueError(f"{shown(text)} is not a value of {self.id} ({self.domain_text}){hint}")

    def _parts(self, raw: list[object], read: Callable[[object], _Part]) -> list[_Part]:
        """Return what each item of a list means; a mistake says in which item it is."""
        if not raw:
            raise ValueError(f"an empty list names no value of {self.id}; write one, or remove the line")
        parts = []
        for i, part in enumerate(raw):
            try:
                parts.append(read(part))
            except ValueError as error:
                raise Mistake(str(error), i, *getattr(error, "path", ())) from None
        return parts

    def _no_value(self, raw: object) -> ValueError:
        if raw is None:
            return ValueError(f"no value is written for {self.id} ({self.domain_text}); write one, or remove the line")
        return ValueError(f"{shown(raw)} is not a value of {self.id} ({self.domain_text})")

    def _spread(self, text: str) -> list[str] | None:
        """Return the values that a range or a comparison of ordered values names, or None when it is neither."""
        if len(text) > _LONGEST:
            return None
        span, comparison = _RANGE.fullmatch(text), _COMPARISON.fullmatch(text)
        if not (span or comparison):
            return None
        if not self.ordered:
            raise ValueError(
                f"{shown(text)}: the values of {self.id} have no order ({self.domain_text}); list them instead"
            )
        if span:
            low, high = self._rank(span["low"]), self._rank(span["high"])
            if low > high:
                raise ValueError(f"{shown(text)} runs backwards; {self.id} goes {self.domain_text}")
            return list(self.names[low : high + 1])
        assert comparison
        rank, sign = self._rank(comparison["bound"]), comparison["sign"]
        cut = rank + (sign in (">", "<="))
        return list(self.names[cut:] if sign[0] == ">" else self.names[:cut])

    def _rank(self, name: str) -> int:
        if name not in self.names:
            hint = suggestion(name, self.names)
            raise ValueError(f"{shown(name)} is not a value of {self.id} ({self.domain_text}){hint}")
        return self.names.index(name)

    def _numbers(self, raw: object, step: int | None = None) -> Numbers:
        """Return the numbers of the domain that a number, a range, a comparison or a list of these names.

        With `step`, every number that is written must be a multiple of it.
        """
        if isinstance(raw, list):
            parts = self._parts(raw, lambda part: self._numbers(part, step))
            return Numbers.of((span for part in parts for span in part.spans), self.whole)
        if isinstance(raw, float):
            raw = Decimal(repr(raw))
        if _is_number(raw):
            self._check(step, raw)
            return Numbers.of([Span(raw, raw)], self.whole)
        span = self._span(raw, step) if isinstance(raw, str) and len(raw) <= _LONGEST else None
        if span is None:
            raise self._no_value(raw) if raw is None else self._no_number(raw)
        return Numbers.of([span], self.whole)

    def _number(self, text: str) -> Number:
        number = scalar(text)
        if not _is_number(number):
            raise self._no_number(text)
        return number

    def _no_number(self, raw: object) -> ValueError:
        return ValueError(f"{shown(raw)} is not a number for {self.id} ({self.domain_text})")

    def _span(self, text: str, step: int | None) -> Span | None:
        """Return the numbers that a range or a comparison names, or None when the text is neither."""
        domain = self.domain
        assert isinstance(domain, Numbers)
        if span := _RANGE.fullmatch(text):
            low, high = self._number(span["low"]), self._number(span["high"])
            if low > high:
                raise ValueError(f"{shown(text)} runs backwards; write the lower number first")
            self._check(step, low, high)
            return Span(low, high, bool(span["low_open"]), bool(span["high_open"]))
        if comparison := _COMPARISON.fullmatch(text):
            bound, sign = self._number(comparison["bound"]), comparison["sign"]
            self._check(step, bound)
            if sign[0] == ">":
                return Span(bound, domain.high, low_open=sign == ">")
            return Span(domain.low, bound, high_open=sign == "<")
        return None

    def _check(self, step: int | None, *written: Number) -> None:
        """Refuse numbers outside the range, not whole where whole numbers are asked for, or not on a step."""
        domain = self.domain
        assert isinstance(domain, Numbers)
        text = "..".join(map(str, written))
        if not all(number.is_finite() for number in written if isinstance(number, Decimal)):
            raise self._no_number(written[0])
        if min(written) < domain.low or max(written) > domain.high:
            raise ValueError(f"{text} is outside {self.id} ({self.domain_text})")
        if self.whole and any(number != int(number) for number in written):
            raise ValueError(f"{text} is not whole; {self.id} takes whole numbers only ({self.domain_text})")
        if step and any(number % step for number in written):
            raise ValueError(f"{text} is not on a step; {self.id} goes in steps of {step} ({self.domain_text})")

    def _stepped(self, values: Numbers) -> Numbers:
        """Return values with the ends of every span moved inwards to a step: `< 70` in steps of 10 ends at 60."""
        if not (step := self.step):
            return values
        spans = (Span(ceil(s.low / step) * step, floor(s.high / step) * step) for s in values.spans)
        return Numbers.of(spans, self.whole)

    @cached_property
    def json_schema(self) -> dict[str, Json]:
        """The JSON Schema of one value, or one range of values, as a file writes it."""
        if self.type == "yes_no":
            return {"type": "boolean"}
        pattern = r"^\s*((>=|<=|>|<)\s*[^\s.]+|>?[^\s]+\s*\.\.\s*<?[^\s]+)\s*$"
        span = {"type": "string", "pattern": pattern, "description": "low..high, or a comparison such as '>= low'"}
        if isinstance(self.domain, Numbers):
            low, high = plain_number(self.domain.low), plain_number(self.domain.high)
            kind = "integer" if self.whole else "number"
            return {"anyOf": [{"type": kind, "minimum": low, "maximum": high}, span]}
        names = {
            "enum": [*self.names, *(int(name) for name in self.names if name.isdecimal() and str(int(name)) == name)]
        }
        return {"anyOf": [names, span]} if self.ordered else names

    # --- writing -----------------------------------------------------------------------------------------------

    @property
    def domain_text(self) -> str:
        """The domain in a few words, for messages."""
        if self.type == "number":
            return " ".join(part for part in (self.range, self.unit) if part)
        return listed(self.names)

    def members_in_order(self, values: Values) -> list[Member]:
        """Return the members of a choice or several in the order of the vocabulary."""
        if isinstance(values, Subsets):
            return [name for name in self.names if name in values.required]
        assert isinstance(values, Choices)
        if self.type == "yes_no":
            return [member for member in (True, False) if member in values.members]
        return [name for name in self.names if name in values.members]

    def dump(self, values: Values) -> Json:
        """Return values as JSON: null for unknown, a scalar for one, a list for several, "low..high" for a range."""
        if values == self.domain:
            return None
        if isinstance(values, Numbers):
            spans = [_dump_span(span) for span in values.spans]
            return spans[0] if len(spans) == 1 else spans
        members = self.members_in_order(values)
        if isinstance(values, Subsets):
            return members
        return members[0] if len(members) == 1 else members

    def words(self, values: Values) -> str:
        """Return values as a clinician says them: "cord compressed", "2 or 3", "7 to 9 points", "not known"."""
        if values == self.domain:
            return "not known"
        if isinstance(values, Numbers):
            text = " or ".join(_words_of_span(span) for span in values.spans)
            return f"{text} {self.unit}" if self.unit else text
        labels = [self.label_of(member) for member in self.members_in_order(values)]
        if isinstance(values, Subsets):
            return ", ".join(labels) or "none"
        return " or ".join(labels)

    def sentence(self, values: Values) -> str:
        """Return "label: values in words"."""
        return f"{self.label}: {self.words(values)}"


class Vocabulary(Mapping[str, Attribute]):
    """All attributes by id."""

    def __init__(self, attributes: Mapping[str, Attribute]) -> None:
        self._attributes = dict(sorted(attributes.items()))

    def __getitem__(self, name: str) -> Attribute:
        return self._attributes[name]

    def __iter__(self) -> Any:
        return iter(self._attributes)

    def __len__(self) -> int:
        return len(self._attributes)

    def given_of(self, kind: SubjectKind) -> list[Attribute]:
        """Return what a case may say of one kind of subject, in the order in which it was written down."""
        found = [a for a in self.values() if a.of == kind and a.given]
        return sorted(found, key=lambda a: a.position)


def _is_number(value: object) -> TypeGuard[Number]:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def plain_number(number: Number) -> int | float:
    """Return a number as JSON has it: whole where it is whole."""
    return int(number) if number == int(number) else float(number)


def _dump_span(span: Span) -> Json:
    if span.low == span.high:
        return plain_number(span.low)
    return f"{'>' if span.low_open else ''}{_written(span.low)}..{'<' if span.high_open else ''}{_written(span.high)}"


def _written(number: Number) -> str:
    """Return a number as digits, never with an exponent."""
    return f"{number.normalize():f}" if isinstance(number, Decimal) else str(number)


def _words_of_span(span: Span) -> str:
    low, high = _written(span.low), _written(span.high)
    if span.low == span.high:
        return low
    return f"{'more than ' if span.low_open else ''}{low} to {'less than ' if span.high_open else ''}{high}"
