"""Who a fact is about: the patient, one lesion, or one option (a pathway for a lesion)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from cases.model import Case
from knowledge_base.language.conditions import Condition, Leaf, Line, Quantified, truth
from knowledge_base.language.domains import Values
from knowledge_base.language.predicates import Truth
from knowledge_base.language.rules import Rule
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
        return Subject(self.lesion) if kind == "lesion" and self.pathway else self

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
            python_schema=core_schema.union_schema(
                [core_schema.is_instance_schema(cls), from_text], mode="left_to_right"
            ),
            serialization=core_schema.to_string_ser_schema(when_used="always"),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string"}


def given_in(case: Case) -> Mapping[Subject, Mapping[str, Values]]:
    """Return what a case gives of the patient and of each lesion."""
    return {PATIENT: case.patient, **{Subject(lesion.id): lesion.given for lesion in case.lesions}}


class Subjects:
    """All subjects of a case in order: who belongs to whom, and of whom a condition asks."""

    def __init__(self, every: Iterable[Subject]) -> None:
        found = tuple(every)
        self._of = {kind: [subject for subject in found if subject.kind == kind] for kind in SUBJECT_KINDS}
        self._below: dict[tuple[SubjectKind, Subject], tuple[Subject, ...]] = {}

    @classmethod
    def of_case(cls, case: Case, pathways: Iterable[str]) -> "Subjects":
        """Return the patient, the lesions, and an option for each lesion and pathway."""
        lesions, names = [Subject(lesion.id) for lesion in case.lesions], sorted(pathways)
        return cls((PATIENT, *lesions, *(Subject(lesion.lesion, name) for lesion in lesions for name in names)))

    def of(self, kind: SubjectKind) -> list[Subject]:
        """Return all subjects of a kind."""
        return self._of[kind]

    def below(self, kind: SubjectKind, subject: Subject) -> tuple[Subject, ...]:
        """Return those of a kind that belong to a subject, or the one that it belongs to."""
        key = (kind, subject)
        if key not in self._below:
            self._below[key] = tuple(self._those_below(kind, subject))
        return self._below[key]

    def _those_below(self, kind: SubjectKind, subject: Subject) -> Iterable[Subject]:
        if SUBJECT_KINDS.index(kind) <= SUBJECT_KINDS.index(subject.kind):
            return (subject.at(kind),)
        return (other for other in self.of(kind) if subject == PATIENT or other.at("lesion") == subject.at("lesion"))

    def asked_of(self, question: Quantified, subject: Subject) -> Sequence[Subject]:
        """Return whom a quantified line of a rule about a subject asks about: all lesions, or the options of one."""
        return self.of("lesion") if question.over == "lesion" else self.below("option", subject.at("lesion"))

    def truth(self, condition: Condition, subject: Subject, value: Callable[[Subject, str], Values]) -> Truth:
        """Return the truth of a condition about a subject, given the values of an attribute of each subject."""
        return truth(condition, lambda leaf: self._truth_of_leaf(leaf, subject, value))

    def fires(self, rule: Rule, subject: Subject, value: Callable[[Subject, str], Values]) -> bool:
        """Tell whether a rule fires for a subject, given such values."""
        when, unless = (self.truth(condition, subject, value) for condition in (rule.when, rule.unless))
        return when is Truth.TRUE and unless is not Truth.TRUE

    def _truth_of_leaf(self, leaf: Leaf, subject: Subject, value: Callable[[Subject, str], Values]) -> Truth:
        if isinstance(leaf, Line):
            return leaf.test.truth(value(subject, leaf.attribute))
        truths = [self.truth(leaf.condition, other, value) for other in self.asked_of(leaf, subject)]
        return Truth.all(truths) if leaf.every else Truth.any(truths)
