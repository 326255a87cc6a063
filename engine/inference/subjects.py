"""Who a fact is about: the patient, one lesion, or one option (a pathway for a lesion)."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from cases.model import Case
from knowledge_base.language.vocabulary import SUBJECT_KINDS, SubjectKind


class Subject(NamedTuple):
    """The patient (no lesion, no pathway), a lesion, or an option; the empty string stands for none."""

    lesion: str = ""
    pathway: str = ""

    def __str__(self) -> str:
        if not self.lesion:
            return "patient"
        return f"{self.lesion}/{self.pathway}" if self.pathway else self.lesion

    @property
    def kind(self) -> SubjectKind:
        """Which kind of subject this is."""
        if not self.lesion:
            return "patient"
        return "option" if self.pathway else "lesion"

    def at(self, kind: SubjectKind) -> "Subject":
        """Return the coarser subject that this one belongs to: an option's lesion, a lesion's patient."""
        if kind == "patient":
            return PATIENT
        return Subject(self.lesion) if kind == "lesion" else self

    @classmethod
    def of(cls, text: str) -> "Subject":
        """Return the subject that an id such as `patient`, `T8` or `T8/sbrt` names."""
        lesion, _, pathway = text.partition("/")
        return PATIENT if text == "patient" else cls(lesion, pathway)

    def fact(self, attribute: str) -> "Fact":
        """Return the fact about one of its attributes."""
        return Fact(self, attribute)


PATIENT = Subject()


class Fact(NamedTuple):
    """One attribute of one subject; as text, and in every record, its id, such as `T8.escc_grade`."""

    subject: Subject
    attribute: str

    def __str__(self) -> str:
        return f"{self.subject}.{self.attribute}"

    @classmethod
    def of(cls, text: str) -> "Fact":
        """Return the fact that an id names; raise ValueError when it is none."""
        subject, _, attribute = text.rpartition(".")
        found = cls(Subject.of(subject), attribute)
        if str(found) != text:
            raise ValueError(f"{text!r} is not the id of a fact, such as T8.escc_grade")
        return found

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from_text = core_schema.no_info_after_validator_function(cls.of, core_schema.str_schema())
        return core_schema.json_or_python_schema(
            json_schema=from_text,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), from_text]),
            serialization=core_schema.to_string_ser_schema(when_used="always"),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string"}


def subjects_of(kind: SubjectKind, case: Case, pathways: Iterable[str]) -> list[Subject]:
    """Return all subjects of a kind in a case, in order."""
    if kind == "patient":
        return [PATIENT]
    lesions = [Subject(lesion.id) for lesion in case.lesions]
    if kind == "lesion":
        return lesions
    return [Subject(lesion.lesion, pathway) for lesion in lesions for pathway in sorted(pathways)]


def subjects_below(kind: SubjectKind, subject: Subject, every: Iterable[Subject]) -> tuple[Subject, ...]:
    """Return those of a kind (`every` one of it) that belong to a subject, or the one that it belongs to."""
    if SUBJECT_KINDS.index(kind) <= SUBJECT_KINDS.index(subject.kind):
        return (subject.at(kind),)
    return tuple(s for s in every if subject == PATIENT or s.at("lesion") == subject.at("lesion"))
