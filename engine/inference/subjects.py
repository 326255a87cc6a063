"""Who a fact is about: the patient, one lesion, or one option (a pathway for a lesion)."""

from collections.abc import Iterable
from dataclasses import dataclass

from cases.model import Case
from knowledge_base.language.vocabulary import SUBJECT_KINDS, SubjectKind


@dataclass(frozen=True, order=True)
class Subject:
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

    def fact(self, attribute: str) -> str:
        """Return the id of the fact about one of its attributes."""
        return f"{self}.{attribute}"


PATIENT = Subject()
Fact = tuple[Subject, str]


def fact_of(text: str) -> Fact:
    """Return the subject and the attribute of the fact that an id such as `T8.escc_grade` names."""
    subject, _, attribute = text.rpartition(".")
    return Subject.of(subject), attribute


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
