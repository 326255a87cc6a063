"""The vocabulary: what can be said of a patient, of a lesion, or of an option, and how it is read and written."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictInt, field_serializer, field_validator, model_validator

from knowledge_base.language.attribute_checks import InputClass, check
from knowledge_base.language.domains import Choices, Member, Number, Numbers, Subsets, Values, without
from knowledge_base.language.entries import Entry, Identifier, Label, ValueName, ValueNames, is_empty
from knowledge_base.language.literals import (
    RANGE,
    Json,
    NameNotation,
    NumberNotation,
    dump_span,
    is_number,
    plain_number,
    text_of,
    words_of_names,
    words_of_span,
)
from knowledge_base.language.predicates import AnyOf, Known, Test, Within
from knowledge_base.language.units import Units
from knowledge_base.text.errors import Mistake, listed, shown
from knowledge_base.text.strict_yaml import scalar

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
Cost = Literal["history", "examination", "laboratory", "ct", "mri", "biopsy"]


def _literally(text: str) -> str:
    """Return a pattern for a text as it stands, one that ECMA 262 reads with the flag `u` as Python does."""
    return re.sub(r"([\\^$.|?*+()\[\]{}/])", r"\\\1", text)


class Attribute(Entry):
    """One thing that can be known; `domain` is the set of all its values."""

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
        description="what it comes to together with other exceptions, which a reader confirms as one: no bleeding risk",
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
    def _coherent(self) -> "Attribute":
        check(self)
        return self

    def check_threshold(self, number: object) -> None:
        """Raise ValueError when a number cannot be a threshold of it: it must lie inside its range."""
        if not is_number(number) or not self.ends[0] < number < self.ends[1]:
            raise ValueError(f"{shown(number)} is not a number inside {self.range}, the range of {self.id}")

    @cached_property
    def ends(self) -> tuple[Number, Number]:
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

    @cached_property
    def usual_values(self) -> Choices | Numbers | None:
        """The values that hold unless something else is said; None where nothing may be supposed."""
        return None if self.usual is None else self.accepted(self.usual)

    @cached_property
    def harmless(self) -> Choices | None:
        """The value with which nothing is wrong, at the other end from what is `worse`; None of numbers and of the rest."""
        if self.worse is None or self.type == "number":
            return None
        members: list[Member] = [False, True] if self.type == "yes_no" else list(self.names)
        return Choices(frozenset({members[0 if self.worse == "up" else -1]}))

    @cached_property
    def plausible_values(self) -> Numbers | None:
        """The numbers of usual patients; None when that is not said."""
        return None if self.plausible is None else self._numbers.read(self.plausible)

    @property
    def may_stay_unsaid(self) -> bool:
        """Tell whether a patient may be complete without it: a judgement, a wish, or a setting left as it is."""
        return self.class_ in ("judgement", "wish") or (self.class_ == "setting" and self.usual is None)

    @property
    def is_never_supposed(self) -> bool:
        """Tell whether nothing is supposed of it where nothing is said."""
        return self.class_ in ("finding", "wish", "judgement")

    def label_of(self, member: Member) -> str:
        """Return the words for one of its values, led by its id when that is a grade that clinicians say (2, 1c)."""
        if isinstance(member, bool):
            return "yes" if member else "no"
        label = (self.values or {}).get(member) or member
        is_grade = len(member) <= 3 and not (member.isalpha() and member.islower())
        return f"{member} ({label})" if is_grade and label != member else label

    @cached_property
    def _names(self) -> NameNotation:
        return NameNotation(self.id, self.domain_text, self.names, self.ordered, self.type == "yes_no")

    @cached_property
    def _numbers(self) -> NumberNotation:
        assert isinstance(self.domain, Numbers)
        return NumberNotation(self.id, self.domain_text, self.domain, Units(self.id, self.unit, self.also_in or {}))

    # --- reading -----------------------------------------------------------------------------------------------

    def read(self, raw: object) -> Values:
        """Return the possible values that a case or a `set` gives: one, several (any of), or a range.

        Raises ValueError with what is wrong and what would be right.
        """
        if self.type == "number":
            values = self.on_steps(self._numbers.read(raw, self.step))
        elif self.type == "several":
            members = frozenset(self._names.read(raw))
            values = Subsets(members, members)
        else:
            values = self._choices(raw)
        if values.is_empty:
            raise ValueError(f"{shown(raw)} leaves no possible value of {self.id} ({self.domain_text})")
        return values

    def on_steps(self, values: Values) -> Values:
        """Return those of the values that a case can give: every span of numbers ends on a step, where it goes in steps."""
        return self._numbers.on_steps(values, self.step) if self.step and isinstance(values, Numbers) else values

    def test(self, raw: object) -> Test:
        """Return the test that a line of `when` writes; raise ValueError when it cannot be one."""
        if raw == "known":
            return Known()
        if self.type == "several":
            return AnyOf(frozenset(self._names.read(raw)))
        accepted = self.accepted(raw)
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
        accepted = self.accepted(raw)
        if accepted.is_empty or accepted == self.domain:
            given = "this list" if isinstance(raw, list) else shown(raw)
            if accepted.is_empty:
                raise ValueError(f"{given} leaves no possible value of {self.id} ({self.domain_text}); write one")
            raise ValueError(f"{given} is all of {self.id} ({self.domain_text}), so it says nothing; write less")
        return accepted

    def accepted(self, raw: object) -> Choices | Numbers:
        return self._numbers.read(raw) if self.type == "number" else self._choices(raw)

    def _within(self, accepted: Choices | Numbers) -> Within:
        return Within(accepted, without(self.domain, accepted))

    def _choices(self, raw: object) -> Choices:
        members = self._names.read(raw)
        return Choices(frozenset(name == "true" for name in members) if self.type == "yes_no" else frozenset(members))

    @cached_property
    def json_schema(self) -> dict[str, Json]:
        """The JSON Schema of one value, or one range of values, as a file writes it."""
        if self.type == "yes_no":
            return {"type": "boolean"}
        pattern = r"^\s*((>=|<=|>|<)\s*[^\s.]+(\.[^\s.]+)?|>?[^\s]+\s*\.\.\s*<?[^\s]+)\s*$"
        span = {"type": "string", "pattern": pattern, "description": "low..high, or a comparison such as '>= low'"}
        if isinstance(self.domain, Numbers):
            low, high = plain_number(self.domain.low), plain_number(self.domain.high)
            kind = "integer" if self.whole else "number"
            steps = {"multipleOf": plain_number(self.step)} if self.step else {}
            return {"anyOf": [{"type": kind, "minimum": low, "maximum": high, **steps}, span, *self._with_unit]}
        names = {
            "enum": [*self.names, *(int(name) for name in self.names if name.isdecimal() and str(int(name)) == name)]
        }
        return {"anyOf": [names, span]} if self.ordered else names

    @property
    def _with_unit(self) -> list[dict[str, Json]]:
        """The JSON Schema of a quantity with its unit, where there are several units to choose from."""
        if not self.also_in:
            return []
        units = "|".join(_literally(unit) for unit in (self.unit or "", *self.also_in))
        pattern = rf"^\s*[^A-Za-z]*\d\s*({units})\s*$"
        return [{"type": "string", "pattern": pattern, "description": f"with its unit: {self.written_in}"}]

    # --- writing -----------------------------------------------------------------------------------------------

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
            spans = [dump_span(span) for span in values.spans]
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
            assert isinstance(self.domain, Numbers)
            return " or ".join(words_of_span(span, self.domain, self.unit or "") for span in values.spans)
        members = self.members_in_order(values)
        labels = [self.label_of(member) for member in members]
        if isinstance(values, Subsets):
            return ", ".join(labels) or "none"
        if self.ordered:
            return words_of_names(labels, [self.names.index(str(member)) for member in members])
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

    @cached_property
    def former(self) -> Mapping[str, str]:
        """The ids that attributes had, each with the one that it is called now."""
        return {old: name for name, attribute in self.items() for old in attribute.formerly}

    def asked_together(self, name: str) -> tuple[str, ...]:
        """Return the attributes that are one question with this one, the one that leads it first; mostly it alone."""
        lead = self[name].asked_with or name
        return (lead, *(other for other, attribute in self.items() if attribute.asked_with == lead))

    def given_of(self, kind: SubjectKind) -> list[Attribute]:
        """Return what a case may say of one kind of subject, in the order in which it was written down."""
        found = [a for a in self.values() if a.of == kind and a.given]
        return sorted(found, key=lambda a: a.position)
