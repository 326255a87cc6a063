"""Reading a case: from a YAML or JSON file to a frozen `Case`, or to every problem in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from cases.model import ByIdentity, Case, Lesion, models
from knowledge_base.entries import problems_of
from knowledge_base.model import KnowledgeBase
from knowledge_base.problems import Invalid, Problem, suggestion
from knowledge_base.reading import Document, read_file
from knowledge_base.values import Values
from knowledge_base.vocabulary import SubjectKind


def read_case(path: Path, knowledge: KnowledgeBase, name: str | None = None) -> Case:
    """Return the case in a file; raise `Invalid` with every problem, by file and line."""
    return case_of(read_file(path, name), knowledge)


def case_of(document: Document, knowledge: KnowledgeBase) -> Case:
    """Return the case in a document; raise `Invalid` with every problem, by file and line."""
    model = models(ByIdentity(knowledge))
    if not isinstance(document.data, dict):
        raise Invalid([Problem(document.position(()), "", "is not a case; `metspine template` prints one to fill in")])
    about = str(document.data.get("case", ""))
    try:
        parsed: Any = model.model_validate(document.data)
    except ValidationError as error:
        raise Invalid(problems_of(error, document, (), about, model)) from None
    problems = [*_repeated_lesions(parsed, document, about), *_unknown_expectations(parsed, document, knowledge, about)]
    if problems:
        raise Invalid(problems)
    lesions = (Lesion(lesion.id, given(lesion, knowledge, "lesion")) for lesion in parsed.lesions)
    return Case(
        id=parsed.case,
        title=parsed.title,
        notes=parsed.notes,
        patient=given(parsed.patient, knowledge, "patient"),
        lesions=tuple(sorted(lesions, key=lambda lesion: lesion.id)),
        source=parsed.source,
        expect=parsed.expect or {},
        position=document.position(()),
    )


def given(model: BaseModel, knowledge: KnowledgeBase, kind: SubjectKind) -> dict[str, Values]:
    """Return what was given of one subject, by attribute; what is unknown is left out."""
    found: dict[str, Values] = {}
    for attribute in knowledge.vocabulary.given_of(kind):
        holder = getattr(model, attribute.group) if attribute.group else model
        values = getattr(holder, attribute.key, None)
        if values is not None and values != attribute.domain:
            found[attribute.id] = values
    return dict(sorted(found.items()))


def _repeated_lesions(parsed: Any, document: Document, about: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for i, lesion in enumerate(parsed.lesions):
        place = document.position(("lesions", i, "id"))
        if lesion.id == "patient":
            yield Problem(place, about, "'patient' is taken; name the lesion otherwise, for example by its level")
        if lesion.id in seen:
            message = f"lesion {lesion.id!r} is already described on line {seen[lesion.id]}; give each its own id"
            yield Problem(place, about, message)
        seen.setdefault(lesion.id, place.line)


def _unknown_expectations(
    parsed: Any, document: Document, knowledge: KnowledgeBase, about: str
) -> Iterator[Problem]:
    subjects = ["patient", *(lesion.id for lesion in parsed.lesions)]
    units = {unit for name in knowledge.units for unit in (name, name.split("/")[0])}
    for subject, expected in (parsed.expect or {}).items():
        base = ("expect", subject)
        if subject not in subjects:
            message = f"{subject!r} is neither `patient` nor a lesion of this case.{suggestion(subject, subjects)}"
            yield Problem(document.position(base), about, message)
        named = [
            ("recommended", name, knowledge.pathways, "pathway") for name in expected.recommended or ()
        ] + [("status", name, knowledge.pathways, "pathway") for name in expected.status]
        named += [("values", name, knowledge.vocabulary, "attribute") for name in expected.values]
        for key in ("fired", "not_fired", "alerts"):
            named += [(key, name, dict.fromkeys(units), "rule") for name in getattr(expected, key)]
        for key in ("measures", "no_measures"):
            named += [(key, name, knowledge.measures, "measure") for name in getattr(expected, key)]
        for key in ("missing", "contradictions"):
            named += [(key, name, knowledge.vocabulary, "attribute") for name in getattr(expected, key)]
        for key, name, known, what in named:
            if name not in known:
                message = f"{name!r} is not a known {what}.{suggestion(name, known)}"
                yield Problem(document.position((*base, key)), about, message)
