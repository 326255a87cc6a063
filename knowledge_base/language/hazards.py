"""Hazards: what must never, or must always, be so at the end of a consultation, and what harm it keeps away.

A hazard log in the manner of ISO 14971: each entry names its cause, its harm and the rules that control it, and states an
invariant in the language of rules. `engine.verification` proves or refutes it over every patient; `engine.invariants`
checks it again on each consultation.
"""

from typing import Any

from pydantic import ConfigDict, Field, StrictInt, model_validator

from knowledge_base.language.conditions import ALWAYS, Condition
from knowledge_base.language.entries import Entry, Label
from knowledge_base.language.rules import Citation, Review, RuleId
from knowledge_base.text.errors import Mistake


class HazardGrounds(Entry):
    """What a hazard says in words, and on whose authority."""

    id: RuleId = Field(description="LETTERS-NUMBER, for life")
    hazard: Label = Field(max_length=140, description="what could go wrong, on one line")
    cause: Label = Field(description="how advice could come to do it")
    harm: Label = Field(description="what the patient would suffer")
    severity: StrictInt = Field(
        ge=1, le=5, description="1 nuisance, 2 short, 3 lasting, 4 death or permanent, 5 of several"
    )
    control: tuple[RuleId, ...] = Field(min_length=1, description="the rules that keep it from happening")
    sources: tuple[Citation, ...] = Field(min_length=1, description="who says so; `{ref, at, basis}` each")
    review: Review = Field(description="how far a clinician has looked at it, such as {status: draft}")


class HazardText(HazardGrounds):
    """A hazard as it stands in a file."""

    when: Any = Field(None, description="of whom it speaks: what must surely be true; of everybody unless written")
    never: Any = Field(None, description="what must not surely be true of a lesion at the end")
    always: Any = Field(None, description="what must surely be true of a lesion at the end")

    @model_validator(mode="after")
    def _one_invariant(self) -> "HazardText":
        said = self.model_fields_set & {"never", "always"}
        if len(said) != 1:
            how = (
                "both `never` and `always`; give each an entry of its own"
                if said
                else "no invariant; add `never` or `always`"
            )
            raise Mistake(f"it has {how}", *(("never",) if said else ()))
        return self


class Hazard(HazardGrounds):
    """A hazard as it is meant. It has happened when `when` and `never` are surely true, or `always` is not."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    when: Condition = ALWAYS
    never: Condition | None = None
    always: Condition | None = None
    text: HazardText = Field(repr=False)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Its conditions, those of whom it speaks first."""
        return (self.when, *(c for c in (self.never, self.always) if c is not None))
