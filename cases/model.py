"""What a case is: pydantic models built from the vocabulary, and the frozen record that the engine reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, PlainValidator, WithJsonSchema, create_model

from cases.hearing.meaning import Heard
from cases.hearing.times import moment
from knowledge_base.language.domains import Values
from knowledge_base.language.entries import Label, Link, Name
from knowledge_base.language.knowledge import ByIdentity
from knowledge_base.language.literals import text_of
from knowledge_base.language.rules import Strict, as_list
from knowledge_base.language.vocabulary import Attribute, SubjectKind
from knowledge_base.text.errors import NOWHERE, Position, listed, shown, suggestion

Mark = Literal["done", "not_applicable"]
LESION_ID = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$"


class CaseSource(Strict):
    """Where a case comes from."""

    ref: Label = Field(description="citation or name of the source")
    url: Link | None = Field(None, description="where to open it")
    note: Label | None = Field(None, description="what the source leaves open")


class SourceDecision(Strict):
    """What the source of a case did or recommended, to be compared with the advice; it is never an input."""

    treatments: tuple[Name, ...] = Field(min_length=1, description="what was done, as ids of treatments.yaml")
    acceptable: tuple[Annotated[tuple[Name, ...], BeforeValidator(as_list)], ...] = Field(
        (), description="other defensible plans; each a treatment or a list of them"
    )
    detail: Label | None = Field(None, description="what was done, in a few words")
    confidence: Literal["clear", "arguable"] | None = Field(
        None, description="clear: most specialists would do the same; arguable: some would not"
    )
    guideline: bool = Field(False, description="a framework or a panel gives it as the answer")
    lesion: Name | None = Field(None, description="the lesion that was treated; all of them unless named")


class Expected(Strict):
    """What a library case expects of one lesion, or of the patient."""

    recommended: tuple[Name, ...] | None = Field(None, description="exactly these pathways are recommended")
    status: dict[str, Name] = Field(default_factory=dict, description="the status of these pathways")
    values: dict[str, Any] = Field(default_factory=dict, description="what these attributes are found to be")
    fired: tuple[Name, ...] = Field((), description="rules that fire")
    not_fired: tuple[Name, ...] = Field((), description="rules that do not fire")
    measures: tuple[Name, ...] = Field((), description="measures that are called for")
    no_measures: tuple[Name, ...] = Field((), description="measures that are not called for")
    alerts: tuple[Name, ...] = Field((), description="rules whose alert is shown")
    missing: tuple[Name, ...] = Field((), description="attributes that are named as missing")
    contradictions: tuple[Name, ...] = Field((), description="attributes about which the case contradicts itself")


@dataclass(frozen=True)
class Lesion:
    """One lesion: its id and the possible values that were given, by attribute."""

    id: str
    given: Mapping[str, Values]


@dataclass(frozen=True)
class Case:
    """One patient: what was given of them and of each lesion, in order of lesion id.

    `heard` repeats what was typed in other words than the vocabulary's; nothing in the advice hangs on it.
    """

    id: str
    patient: Mapping[str, Values]
    lesions: tuple[Lesion, ...]
    title: str | None = None
    notes: str | None = None
    source: CaseSource | None = None
    source_decision: SourceDecision | None = None
    expect: Mapping[str, Expected] = field(default_factory=dict)
    position: Position = NOWHERE
    date: str | None = None
    heard: tuple[Heard, ...] = ()
    measures: Mapping[str, Mark] = field(default_factory=dict)
    file_sha256: str | None = field(default=None, compare=False)
    settings: tuple[str, ...] = field(default=(), compare=False)  # values given beside the file, as typed

    @property
    def says_anything(self) -> bool:
        """Tell whether anything at all was given."""
        return bool(self.patient) or any(lesion.given for lesion in self.lesions)

    def given_of(self, lesion: str) -> Mapping[str, Values]:
        """Return what is given of a lesion; of the patient where it is the empty string."""
        return next(one.given for one in self.lesions if one.id == lesion) if lesion else self.patient

    def with_given(self, changes: Mapping[tuple[str, str], Values | None]) -> "Case":
        """Return the case with other values, by lesion (empty: the patient) and attribute; None takes one away."""

        def given(about: str, before: Mapping[str, Values]) -> dict[str, Values]:
            mine = {name: values for (lesion, name), values in changes.items() if lesion == about}
            return {name: values for name, values in sorted({**before, **mine}.items()) if values is not None}

        lesions = tuple(replace(lesion, given=given(lesion.id, lesion.given)) for lesion in self.lesions)
        return replace(self, patient=given("", self.patient), lesions=lesions)

    @property
    def patient_alone(self) -> "Case":
        """The patient without what the case says of itself: a completion of it is a patient, not a paper."""
        return replace(self, notes=None, source=None, source_decision=None, expect={}, date=None, heard=())


@lru_cache(maxsize=4)
def models(knowledge: "ByIdentity") -> type[BaseModel]:
    """Return the pydantic model of a case file for one vocabulary."""
    vocabulary = knowledge.base.vocabulary
    lesion_id = Annotated[str, BeforeValidator(text_of), Field(pattern=LESION_ID)]
    lesion = create_model(
        "LesionInput",
        __base__=Strict,
        id=(lesion_id, Field(description="a name for the lesion, such as T8")),
        **_fields(vocabulary.given_of("lesion"), "lesion"),
    )
    patient = create_model("PatientInput", __base__=Strict, **_fields(vocabulary.given_of("patient"), "patient"))
    given: Any = Annotated[patient, BeforeValidator(_or_empty)]
    return create_model(
        "CaseFile",
        __base__=Strict,
        case=(Name, Field(description="a name for the case")),
        title=(Label | None, Field(None, description="the case in a few words")),
        date=(
            Annotated[str, BeforeValidator(_date)] | None,
            Field(None, description="the day of the letter, YYYY-MM-DD, from which `yesterday` is counted"),
        ),
        notes=(Label | None, Field(None, description="what a reader should know about the case")),
        patient=(given, Field(default_factory=patient, description="what is known of the patient")),
        lesions=(list[lesion], Field(min_length=1, description="one entry for each lesion; at least one")),
        measures=(
            dict[str, Mark] | None,
            Field(None, description="measures that are done or do not apply, and so are not called for again"),
        ),
        source=(CaseSource | None, Field(None, description="where the case comes from")),
        source_decision=(SourceDecision | None, Field(None, description="what the source did or recommended")),
        expect=(dict[str, Expected] | None, Field(None, description="what a library case is expected to give")),
        expect_in=(
            dict[str, dict[str, Expected]] | None,
            Field(None, description="the same for other frameworks, by their id; `expect` speaks of NOMS alone"),
        ),
    )


def _date(raw: object) -> object:
    """Return the date of a case; refuse what is none."""
    if isinstance(raw, str):
        moment(raw)
    return raw


def _or_empty(raw: object) -> object:
    """Return an empty mapping for a `patient:` with nothing under it."""
    return {} if raw is None else raw


def no_subject(name: str, lesions: Sequence[str], *others: str) -> str:
    """Return that a name is none that a case can speak of, with the nearest one; `others` are understood as well."""
    nearest = suggestion(name, ["patient", *lesions, *others])
    return f"{shown(name)} is neither `patient` nor a lesion of this case ({listed(lesions)}){nearest}"


def no_lesion(name: str, lesions: Sequence[str]) -> str:
    """Return that a name is none of a case's lesions, with the nearest one."""
    return f"{shown(name)} is not a lesion of this case ({listed(lesions)}){suggestion(name, lesions)}"


def _fields(attributes: list[Attribute], kind: SubjectKind) -> dict[str, Any]:
    fields: dict[str, Any] = {a.id: _field(a) for a in attributes if not a.group}
    for group in dict.fromkeys(a.group for a in attributes if a.group):
        parts = {a.key: _field(a) for a in attributes if a.group == group}
        model = create_model(f"{kind.title()}{group.title()}", __base__=Strict, **parts)
        fields[group] = (model | None, None)
    return fields


def _field(attribute: Attribute) -> Any:
    def read(raw: object) -> Values | None:
        return None if raw is None else attribute.read(raw)

    annotation = Annotated[Any, PlainValidator(read), WithJsonSchema(json_schema(attribute))]
    description = " ".join(part for part in (attribute.question, attribute.scope) if part)
    return (annotation, Field(None, title=attribute.label, description=description))


def json_schema(attribute: Attribute) -> dict[str, Any]:
    """Return the JSON Schema of what a case may give for an attribute: a value, several, a range, or null."""
    one = attribute.json_schema
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}, {"type": "null"}]}
