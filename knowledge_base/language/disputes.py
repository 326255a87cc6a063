"""Points on which sources differ, as data: the sides, which of them is on, and why.

A rule or a score that belongs to one side says so (`side: {dispute: …, side: …}`). The knowledge base that is loaded has
the rules of the default sides and all that belong to none; `KnowledgeBase.with_side` gives the others.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from pydantic import Field, model_validator

from knowledge_base.language.entries import Entry, Identifier, Label
from knowledge_base.language.rules import Citation, Grounds, OnSide, Strict
from knowledge_base.text.errors import Mistake, listed, suggestion


class Side(Strict):
    """One answer to a disputed question, and who gives it."""

    label: Label = Field(description="the answer in a few words")
    sources: tuple[Citation, ...] = Field(min_length=1, description="who says so; `{ref, at, basis}` each")
    rules: Literal["none"] | None = Field(
        None, description="`none` when the side means to do without: no rule belongs to it"
    )


class Dispute(Entry):
    """A question on which sources differ."""

    id: Identifier = Field(description="its name in rules and advice, for life")
    topic: Label = Field(max_length=110, description="the question, on one line")
    sides: dict[Identifier, Side] = Field(description="the answers, two or more")
    default: Identifier = Field(description="the side that is on unless another is chosen")
    because: Label = Field(description="why it is the default")

    @model_validator(mode="after")
    def _has_sides(self) -> "Dispute":
        if len(self.sides) < 2:
            raise Mistake("a dispute has two sides or more; write another", "sides")
        if self.default not in self.sides:
            message = f"{self.default!r} is not a side of this dispute ({listed(self.sides)})"
            raise Mistake(message + suggestion(self.default, self.sides), "default")
        return self


def side_text(dispute: str, side: str) -> str:
    """Return a side as it is written, `dispute=side`."""
    return f"{dispute}={side}"


def side_of(text: str) -> tuple[str, str]:
    """Return the dispute and the side that `dispute=side` names; the side is empty where a text names none."""
    dispute, _, side = text.partition("=")
    return dispute, side


def default_sides(disputes: Mapping[str, Dispute]) -> dict[str, str]:
    """Return the side that is on by default, for each dispute."""
    return {name: dispute.default for name, dispute in disputes.items()}


def is_on(entry: Grounds, sides: Mapping[str, str]) -> bool:
    """Tell whether a rule or a score counts when these sides are on; one that belongs to no side always does."""
    return entry.side is None or sides.get(entry.side.dispute) == entry.side.side


def sides_with_rules(entries: Iterable[Grounds]) -> frozenset[OnSide]:
    """Return the sides to which at least one rule or score belongs."""
    return frozenset(entry.side for entry in entries if entry.side is not None)


def faults(dispute: Dispute, taken: frozenset[OnSide]) -> Iterator[tuple[str, str]]:
    """Yield (side, message) for each side of a dispute that has rules or none when it should not."""
    for name, side in dispute.sides.items():
        has_rules = OnSide(dispute=dispute.id, side=name) in taken
        if not has_rules and side.rules is None:
            yield name, "no rule or score belongs to this side; write one, or `rules: none` if it means to do without"
        if has_rules and side.rules == "none":
            yield name, "`rules: none` is said of this side, but rules belong to it; remove the line, or the rules"
