"""The record of a consultation: facts, firings in order, and contradictions. Written while it happens, never changed.

Ids are stable: a fact is `T8.escc_grade`, `patient.kps` or `T8/sbrt.status`; a firing is the rule and its subject,
`NOMS-07@T8` (with `#2` for the second alternative of an `any`). Values are JSON: null is unknown, a list is "one of",
`"3..8"` a range.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.inference.subjects import Fact
from knowledge_base.language.literals import Json as Json
from knowledge_base.language.rules import AlertLevel, Basis, Stance, Urgency
from knowledge_base.language.vocabulary import Letter


class Record(BaseModel):
    """A frozen part of the trace."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Premise(Record):
    """One line of a rule and the fact that met it (in `absent`: the fact that was looked at and did not)."""

    line: str = Field(description="where in the rule, such as when.escc_class")
    fact: Fact
    test: str = Field(description="the test as the rule writes it")
    values: Json = Field(description="what the fact was when the rule read it")
    text: str = Field(description="the same in words: 'ESCC grade: cord compressed'")


class SetConclusion(Record):
    kind: Literal["set"] = "set"
    fact: Fact
    values: Json
    text: str


class ArgumentConclusion(Record):
    kind: Literal["argue"] = "argue"
    lesion: str
    pathway: str
    stance: Stance


class MeasureConclusion(Record):
    kind: Literal["measure"] = "measure"
    measure: str
    urgency: Urgency


class AlertConclusion(Record):
    kind: Literal["alert"] = "alert"
    level: AlertLevel
    text: str


class AskConclusion(Record):
    kind: Literal["ask"] = "ask"
    fact: Fact


Concluded = Annotated[
    SetConclusion | ArgumentConclusion | MeasureConclusion | AlertConclusion | AskConclusion,
    Field(discriminator="kind"),
]


class Firing(Record):
    """One rule, or one step of a score, that fired for one subject."""

    sequence: int = Field(ge=1)
    id: str
    rule: str
    version: str = Field(description="first 12 hexadecimal digits of the SHA-256 of the rule's text")
    subject: str = Field(description="`patient`, a lesion id, or lesion/pathway")
    stratum: int = Field(ge=0)
    title: str
    because: str
    basis: Basis = Field(description="the weakest basis among the rule's own sources")
    chain_basis: Basis = Field(description="the weakest basis on the whole chain up to this firing")
    premises: tuple[Premise, ...]
    absent: tuple[Premise, ...]
    conclusions: tuple[Concluded, ...]


class FactRecord(Record):
    """What one attribute of one subject may be, once settled."""

    id: Fact
    subject: str
    attribute: str
    letter: Letter
    values: Json = Field(description="null for unknown")
    words: str = Field(description="the same in words: '2 (cord compressed, CSF still visible)'")
    given: Json = Field(None, description="what the case says of it, if anything")
    given_words: str | None = None
    supports: tuple[str, ...] = Field((), description="the firings that narrowed it")


class Claim(Record):
    """One voice in a contradiction: the case, or a firing."""

    by: str
    values: Json
    inputs: tuple[Fact, ...] = Field(description="the given facts that it rests on")


class Contradiction(Record):
    """Claims about one fact that leave no value in common."""

    fact: Fact
    between: Literal["inputs", "rules"]
    claims: tuple[Claim, ...]
    text: str


class Trace(Record):
    """Everything that happened, in order."""

    facts: tuple[FactRecord, ...]
    firings: tuple[Firing, ...]
    contradictions: tuple[Contradiction, ...]
