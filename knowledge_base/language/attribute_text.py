"""An attribute of the vocabulary as it stands in a file: all that is said of it, held against itself."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, get_args

from pydantic import Field, StrictBool, StrictInt, field_serializer, field_validator, model_validator

from knowledge_base.language.domains import Choices, Number, Numbers, Subsets, Values
from knowledge_base.language.entries import Entry, Identifier, Label, ValueName, ValueNames, is_empty
from knowledge_base.language.literals import RANGE, NameNotation, NumberNotation, is_number, text_of
from knowledge_base.language.units import Units
from knowledge_base.text.errors import Mistake, listed, shown
from knowledge_base.text.strict_yaml import scalar

SubjectKind = Literal["patient", "lesion", "option"]
SUBJECT_KINDS: tuple[SubjectKind, ...] = get_args(SubjectKind)
Letter = Literal["N", "O", "M", "S", "D"]
LETTERS: Mapping[Letter, str] = {
    "N": "neurologic",
    "O": "oncologic",
    "M": "mechanical",
    "S": "systemic",
    "D": "decision",
}
Cost = Literal["history", "examination", "laboratory", "ct", "mri", "biopsy"]
InputClass = Literal["finding", "exception", "setting", "wish", "judgement"]
INPUT_CLASSES: tuple[InputClass, ...] = get_args(InputClass)


class AttributeText(Entry):
    """What is said of one thing that can be known."""

    id: Identifier = Field(description="its name in rules and cases, for life")
    label: Label = Field(description="a noun phrase that reads well before 'is'")
    short: Label | None = Field(
        None, exclude_if=is_empty, description="a shorter name, for the first screen and tables, such as SINS"
    )
    brief: dict[ValueName, Label] | None = Field(
        None, exclude_if=is_empty, description="shorter words for values whose labels are long"
    )
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
    also_in: dict[Label, Annotated[StrictInt | Decimal, Field(gt=0)]] | None = Field(
        None, description="other units a case may write, each with the factor to the own unit, such as {g/dL: 10}"
    )
    from_: tuple[Literal["case", "rules"], ...] = Field(
        ("case",), alias="from", min_length=1, description="who may speak of it"
    )
    group: Identifier | None = Field(None, description="the key under which a case nests it, such as sins")
    class_: InputClass | None = Field(
        None,
        alias="class",
        description="what may be supposed of it while a case says nothing; required when a case may give it",
    )
    usual: Label | None = Field(
        None,
        description="the values (one, or a range) of an exception or a setting that hold unless something else is said; "
        "a plan that rests on them names them as a condition",
    )
    concern: Label | None = Field(
        None,
        exclude_if=is_empty,
        description="what it comes to together with other exceptions, which a reader confirms as one: no bleeding tendency",
    )
    fixed: StrictBool = Field(False, description="cannot change or be measured again: age, sex, histology, the past")
    agreement: float | None = Field(
        None, gt=0, le=1, description="kappa between raters of an ordered observation; advice is tried one grade away"
    )
    reconciles: StrictBool = Field(
        False, description="several measures of one thing meet here; a clash blames the inputs"
    )
    assessment: StrictBool = Field(False, description="shown in the four-letter summary of the advice")
    headline: StrictInt | None = Field(
        None, ge=1, description="its place in the line that introduces the patient or the lesion"
    )
    emergency: StrictInt | None = Field(
        None,
        ge=1,
        exclude_if=is_empty,
        description="its place among the questions that come before all others, as long as an urgent rule waits for it",
    )
    no_emergency: Label | None = Field(
        None,
        exclude_if=is_empty,
        description="the value with which nothing is asked of emergencies of the same subject",
    )
    asked_with: Identifier | None = Field(
        None, exclude_if=is_empty, description="another measure of the same thing, with which it is one question"
    )
    asked_after: tuple[Identifier, ...] = Field(
        (),
        exclude_if=is_empty,
        description="what must be found first, one of these, before it has a meaning: since when, only of a deficit",
    )
    asked_at: dict[Identifier, Label] = Field(
        {},
        exclude_if=is_empty,
        description="where it has a meaning, as low..high: of a lesion that lies nowhere there it is not asked",
    )
    worse: Literal["up", "down"] | None = Field(
        None,
        exclude_if=is_empty,
        description="which way a finding is worse, of what has an order; a worse one hurries more",
    )
    plausible: str | None = Field(
        None,
        exclude_if=is_empty,
        description="the numbers of usual patients, as low..high; invented patients keep to them",
    )
    measured_by: Label | None = Field(None, description="who finds it out, and how")
    cost: Cost | None = Field(None, description="what it takes to find it out")
    includes: Label | None = Field(None, description="what counts")
    excludes: Label | None = Field(None, description="what is often confused with it and does not count")

    thresholds: dict[Identifier, Annotated[StrictInt | Decimal, Field()]] = Field(
        {},
        exclude=True,  # rules hold the numbers when they are read, and digests are of these
        description="numbers of it by a name that rules write as $name and that an overlay may move",
    )
    formerly: tuple[Identifier, ...] = Field(
        (), exclude_if=is_empty, description="ids that it had, by which old cases and records are read"
    )
    former_values: dict[ValueName, ValueNames] = Field(
        {}, exclude_if=is_empty, description="values that it had, each with the one that stands for it now, or several"
    )

    @field_validator("range", "plausible", mode="before")
    @classmethod
    def _range_as_text(cls, raw: object) -> object:
        return text_of(raw)

    @field_serializer("values", when_used="json")
    def _values_in_order(self, values: dict[str, str] | None) -> list[tuple[str, str]] | None:
        """Keep the order, which canonical JSON would lose: it decides what '>= 1c' means."""
        return None if values is None else list(values.items())

    @model_validator(mode="after")
    def _coherent(self) -> "AttributeText":
        _check(self)
        return self

    def check_threshold(self, number: object) -> None:
        """Raise ValueError when a number cannot be a threshold of it: it must lie inside its range."""
        if not is_number(number) or not self.ends[0] < number < self.ends[1]:
            raise ValueError(f"{shown(number)} is not a number inside {self.range}, the range of {self.id}")

    @cached_property
    def ends(self) -> tuple[Number, Number]:
        """The least and the greatest number that it may be; raises `Mistake` for a range that is none."""
        match = RANGE.fullmatch(self.range or "")
        low, high = (scalar(match["low"]), scalar(match["high"])) if match else (None, None)
        if not (match and is_number(low) and is_number(high)) or match["low_open"] or match["high_open"]:
            raise Mistake(f"the range {shown(self.range)} is not of the form low..high, such as 0..18", "range")
        return low, high

    @property
    def given(self) -> bool:
        """Tell whether a case may give it."""
        return "case" in self.from_

    @property
    def asking(self) -> str:
        """The question that asks for it; its label where it has none."""
        return self.question or self.label

    @property
    def scope(self) -> str:
        """What it includes, what it excludes, and by what it is measured, in sentences; empty where nothing is said."""
        parts = (("Includes", self.includes), ("Excludes", self.excludes), ("Measured by", self.measured_by))
        return " ".join(f"{name}: {text}." for name, text in parts if text)

    @property
    def effort(self) -> Cost:
        """What it takes to find it out; where nothing is said, the history, and an examination for what no case gives."""
        return self.cost or ("history" if self.given else "examination")

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
        return Numbers.between(*self.ends, self.whole)

    @property
    def may_stay_unsaid(self) -> bool:
        """Tell whether a patient may be complete without it: a judgement, a wish, or a setting left as it is."""
        return self.class_ in ("judgement", "wish") or (self.class_ == "setting" and self.usual is None)

    @property
    def is_never_supposed(self) -> bool:
        """Tell whether nothing is supposed of it where nothing is said."""
        return self.class_ in ("finding", "wish", "judgement")

    @cached_property
    def _names(self) -> NameNotation:
        return NameNotation(self.id, self.domain_text, self.names, self.ordered, self.type == "yes_no")

    @cached_property
    def _numbers(self) -> NumberNotation:
        assert isinstance(self.domain, Numbers)
        return NumberNotation(self.id, self.domain_text, self.domain, Units(self.id, self.unit, self.also_in or {}))

    def accepted(self, raw: object) -> Choices | Numbers:
        """Return the values that one, a list, a range or a comparison takes in; raise ValueError for what is none."""
        return self._numbers.read(raw) if self.type == "number" else self._choices(raw)

    def _choices(self, raw: object) -> Choices:
        members = self._names.read(raw)
        return Choices(frozenset(name == "true" for name in members) if self.type == "yes_no" else frozenset(members))

    @property
    def written_in(self) -> str:
        """The units in which a case may write it, in words."""
        return " or ".join((self.unit or "", *(self.also_in or {})))

    @property
    def domain_text(self) -> str:
        """The domain in a few words, for messages."""
        if self.type == "number":
            return " ".join(part for part in (self.range, self.unit) if part)
        return listed(self.names)


def _check(a: AttributeText) -> None:
    """Raise `Mistake` for the first thing that is wrong with an attribute."""
    _check_values(a)
    _check_former(a)
    _check_range(a)
    _check_thresholds(a)
    if a.group and not a.id.startswith(f"{a.group}_"):
        raise Mistake(f"its id must start with its group: {a.group}_{a.id}", "group")
    _check_brief(a)
    _check_agreement(a)
    _check_worse(a)
    _check_emergency(a)
    _check_plausible(a)
    if a.given and not a.question:
        lacks = "a `question`" if a.class_ else f"a `question` and a `class` ({listed(INPUT_CLASSES)})"
        raise Mistake(f"a case may give it, so it needs {lacks}; add what lacks, or write `from: [rules]`", "from")
    _check_class(a)


def _check_values(a: AttributeText) -> None:
    listing = a.type in ("choice", "several")
    if listing and len(a.values or {}) < 2:
        raise Mistake(f"a {a.type} needs at least two values; list them under `values`", "values")
    if a.values and not listing:
        raise Mistake(f"`values` belong to a choice or several, not to a {a.type}; remove them", "values")
    if a.ordered and not listing:
        raise Mistake(f"`ordered` belongs to a choice or several, not to a {a.type}; remove it", "ordered")


def _check_former(a: AttributeText) -> None:
    for old, new in a.former_values.items():
        if old in (a.values or {}):
            raise Mistake(f"{old!r} is a value, so it is not a former one; ids are for life", "former_values", old)
        for value in new:
            if value not in (a.values or {}):
                message = f"{value!r} is not a value ({', '.join(a.values or {})}); name what stands for {old}"
                raise Mistake(message, "former_values", old)


def _check_range(a: AttributeText) -> None:
    if a.type != "number":
        for key in ("range", "whole", "step", "unit", "also_in"):
            if getattr(a, key):
                raise Mistake(f"`{key}` belongs to a number, not to a {a.type}; remove it", key)
        return
    if a.also_in and not a.unit:
        raise Mistake("`also_in` names other units, but the own `unit` is not given; add it", "also_in")
    if a.range is None:
        raise Mistake("a number needs a range; add `range: low..high`", "range")
    low, high = a.ends
    if low > high:
        raise Mistake(f"the range {a.range} runs backwards; write the lower number first", "range")
    if low == high:
        raise Mistake(f"the range {a.range} leaves nothing to know; give low..high", "range")
    if a.step and not a.whole:
        raise Mistake("`step` needs whole numbers; add `whole: true`", "step")
    if a.whole and (low != int(low) or high != int(high)):
        raise Mistake(f"the range {a.range} of a `whole` number needs whole ends", "range")


def _check_thresholds(a: AttributeText) -> None:
    for name, number in a.thresholds.items():
        if a.type != "number":
            raise Mistake(f"`thresholds` belong to a number, not to a {a.type}; remove them", "thresholds")
        try:
            a.check_threshold(number)
        except ValueError as error:
            raise Mistake(str(error), "thresholds", name) from None


def _check_brief(a: AttributeText) -> None:
    for value in a.brief or {}:
        if value not in (a.values or {}):
            raise Mistake(f"{value!r} is not a value ({', '.join(a.values or {})}); mend it", "brief", value)


def _check_agreement(a: AttributeText) -> None:
    if a.agreement is not None and not (a.given and a.type == "choice" and a.ordered):
        message = "`agreement` is between raters of an ordered choice that a case may give; remove it, or add `ordered`"
        raise Mistake(message, "agreement")


def _check_worse(a: AttributeText) -> None:
    if a.worse and not (a.given and (a.type == "number" or a.ordered or a.type == "yes_no")):
        message = "`worse` is for what a case may give and what has an order; remove it, or add `ordered`"
        raise Mistake(message, "worse")


def _check_emergency(a: AttributeText) -> None:
    if a.no_emergency is not None and a.no_emergency not in a.names:
        raise Mistake(f"{a.no_emergency!r} is not one of its values ({listed(a.names)})", "no_emergency")


def _check_plausible(a: AttributeText) -> None:
    if a.plausible is None:
        return
    if a.type != "number" or not a.given:
        raise Mistake("`plausible` is for a number that a case may give; remove it", "plausible")
    try:
        a.accepted(a.plausible)
    except ValueError as error:
        raise Mistake(str(error), "plausible") from None


def _check_class(a: AttributeText) -> None:
    if not a.given:
        for name in (
            "class_",
            "usual",
            "concern",
            "emergency",
            "no_emergency",
            "asked_with",
            "asked_after",
            "asked_at",
        ):
            if getattr(a, name):
                key = name.rstrip("_")
                raise Mistake(f"`{key}` is of what a case may give, and only rules speak of it; remove it", key)
        return
    if a.class_ is None:
        classes = listed(INPUT_CLASSES)
        raise Mistake(f"a case may give it, so it needs a `class` ({classes}); add it: may it be supposed?", "from")
    if a.usual is not None:
        _check_usual(a)
    elif a.class_ == "exception":
        raise Mistake(
            "an exception needs what is `usual`: the values that hold unless something is said; add it", "class"
        )
    if a.concern is not None and a.class_ != "exception":
        raise Mistake(f"only exceptions are confirmed together, and this is a {a.class_}; remove it", "concern")


def _check_usual(a: AttributeText) -> None:
    if a.class_ not in ("exception", "setting"):
        raise Mistake(f"nothing is `usual` of a {a.class_}, only of an exception or a setting; remove it", "usual")
    if a.type == "several":
        raise Mistake("nothing is `usual` of what holds several values at once; remove it", "usual")
    try:
        usual = a.accepted(a.usual)
    except ValueError as error:
        raise Mistake(str(error), "usual") from None
    if usual.is_empty or usual == a.domain:
        raise Mistake(f"{shown(a.usual)} is none or all of its values; write those of the usual patient", "usual")
