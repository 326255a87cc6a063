"""The vocabulary: what can be said of a patient, of a lesion, or of an option, and how it is read and written."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from knowledge_base.grouping import grouped
from knowledge_base.language.attribute_text import LETTERS, SUBJECT_KINDS, AttributeText, Letter, SubjectKind
from knowledge_base.language.domains import Choices, Member, Numbers, Subsets, Values, without
from knowledge_base.language.literals import Json, dump_span, plain_number, words_of_names, words_of_span
from knowledge_base.language.predicates import AnyOf, Known, Test, Within
from knowledge_base.text.errors import shown

__all__ = ["LETTERS", "SUBJECT_KINDS", "Attribute", "Letter", "SubjectKind", "Vocabulary"]


def _literally(text: str) -> str:
    """Return a pattern for a text as it stands, one that ECMA 262 reads with the flag `u` as Python does."""
    return re.sub(r"([\\^$.|?*+()\[\]{}/])", r"\\\1", text)


class Attribute(AttributeText):
    """One thing that can be known; `domain` is the set of all its values."""

    @cached_property
    def usual_values(self) -> Choices | Numbers | None:
        """The values that hold unless something else is said; None where nothing may be supposed."""
        return None if self.usual is None else self.accepted(self.usual)

    @cached_property
    def harmless(self) -> Choices | None:
        """The value with which nothing is wrong: `none`, or the end away from what is `worse`; None of numbers."""
        if "none" in self.names:
            return Choices(frozenset({"none"}))
        if self.worse is None or self.type == "number":
            return None
        members: list[Member] = [False, True] if self.type == "yes_no" else list(self.names)
        return Choices(frozenset({members[0 if self.worse == "up" else -1]}))

    @cached_property
    def plausible_values(self) -> Numbers | None:
        """The numbers of usual patients; None when that is not said."""
        return None if self.plausible is None else self._numbers.read(self.plausible)

    def label_of(self, member: Member) -> str:
        """Return the words for one of its values, led by its id when that is a grade that clinicians say (2, 1c)."""
        if isinstance(member, bool):
            return "yes" if member else "no"
        label = (self.values or {}).get(member) or member
        is_grade = len(member) <= 3 and not (member.isalpha() and member.islower())
        return f"{member} ({label})" if is_grade and label != member else label

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

    def _within(self, accepted: Choices | Numbers) -> Within:
        return Within(accepted, without(self.domain, accepted))

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

    def members_in_order(self, values: Values) -> list[Member]:
        """Return the members of a choice or several in the order of the vocabulary."""
        assert isinstance(values, Choices | Subsets)
        members = values.required if isinstance(values, Subsets) else values.members
        if len(members) < 2:
            return list(members)
        every = (True, False) if self.type == "yes_no" else self.names
        return [member for member in every if member in members]

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
        return (lead, *self._led.get(lead, ()))

    @cached_property
    def _led(self) -> Mapping[str, tuple[str, ...]]:
        """For each attribute that leads a question of several, the others of it."""
        return grouped((attribute.asked_with, name) for name, attribute in self.items() if attribute.asked_with)

    def given_of(self, kind: SubjectKind) -> list[Attribute]:
        """Return what a case may say of one kind of subject, in the order in which it was written down."""
        found = [a for a in self.values() if a.of == kind and a.given]
        return sorted(found, key=lambda a: a.position)
