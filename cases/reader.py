"""Reading a case: from a YAML or JSON file to a frozen `Case`, or to every problem in it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from cases.hearing.documents import hear_document
from cases.hearing.former import in_new_names
from cases.model import Case, Expected, Lesion, models, no_lesion, no_subject
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import ByIdentity, KnowledgeBase
from knowledge_base.language.rules import gone
from knowledge_base.language.vocabulary import Attribute, SubjectKind
from knowledge_base.loading.validation_messages import name_of, problems_of
from knowledge_base.text.errors import Invalid, Problem, shown, suggestion
from knowledge_base.text.strict_yaml import Document, KeyPath, read_file
from knowledge_base.text.typed_yaml import read_typed

EXPECTATIONS = ("expect", "expect_in")
BEYOND = "; `metspine template --all` prints every key, and what has none is written in words under `notes:`"


def read_case(path: Path, knowledge: KnowledgeBase, name: str | None = None, expecting: bool = True) -> Case:
    """Return the case in a file; raise `Invalid` with every problem, by file and line.

    With `expecting=False` (see `case_of`) a value that YAML cannot read is the text that was typed.
    """
    document = read_file(path, name) if expecting else read_typed(path, name)
    return case_of(document, knowledge, expecting=expecting)


def case_of(document: Document, knowledge: KnowledgeBase, typed: bool = True, expecting: bool = True) -> Case:
    """Return the case in a document; raise `Invalid` with every problem, by file and line.

    With `expecting=False` it is a patient's own, as somebody typed a letter: what it expects is passed over, right or
    wrong, as it is for the library and bears on no advice, and what is not understood may stay open (`hear_document`).
    What people type is heard first. With `typed=False` the data are what the engine itself wrote, in the words of the
    vocabulary and the own units of its numbers.
    """
    model, origin = models(ByIdentity(knowledge)), document
    if not isinstance(document.data, dict):
        message = f"a case is a mapping, not {shown(document.data)}; `metspine template` prints one to fill in"
        raise Invalid([Problem(document.position(()), "", message)])
    if not expecting:
        left = {key: value for key, value in document.data.items() if key not in EXPECTATIONS}
        document = replace(document, data=left)
    about = name_of(document.data, "case")
    ear = hear_document(document, knowledge, about, not expecting) if typed else in_new_names(document, knowledge)
    document = ear.document
    try:
        parsed: Any = model.model_validate(document.data)
    except ValidationError as error:
        found = problems_of(error, document, (), about, model, elsewhere(knowledge), BEYOND)
        raise Invalid([*ear.problems, *found]) from None
    expectations = _Expectations(parsed, document, knowledge, about)
    problems = [*ear.problems, *_repeated_lesions(parsed, document, about), *expectations]
    problems += [*expectations.of_source(), *expectations.of_measures()]
    if problems:
        raise Invalid(problems)
    lesions = (Lesion(lesion.id, given(lesion, knowledge, "lesion")) for lesion in parsed.lesions)
    return Case(
        id=parsed.case,
        title=parsed.title,
        notes=parsed.notes,
        patient=dict(sorted({**settings_of(knowledge), **given(parsed.patient, knowledge, "patient")}.items())),
        lesions=tuple(sorted(lesions, key=lambda lesion: lesion.id)),
        source=parsed.source,
        source_decision=parsed.source_decision,
        expect=_expected(parsed, knowledge)[1],
        date=parsed.date,
        heard=ear.heard,
        measures=dict(sorted((parsed.measures or {}).items())),
        position=document.position(()),
        file_sha256=origin.sha256,
    )


def _expected(parsed: Any, knowledge: KnowledgeBase) -> tuple[KeyPath, Mapping[str, Expected]]:
    """Return what a case expects of this knowledge base, and where that is written.

    `expect` speaks of a knowledge base that stands alone, `expect_in` of those that share its vocabulary.
    """
    if not knowledge.framework.shares:
        return ("expect",), parsed.expect or {}
    name = knowledge.framework.id
    return ("expect_in", name), (parsed.expect_in or {}).get(name, {})


def settings_of(knowledge: KnowledgeBase) -> dict[str, Values]:
    """Return what a framework says of every patient whose case does not differ."""
    return {name: knowledge.vocabulary[name].read(raw) for name, raw in knowledge.framework.settings.items()}


def given(model: BaseModel, knowledge: KnowledgeBase, kind: SubjectKind) -> dict[str, Values]:
    """Return what was given of one subject, by attribute; what is unknown is left out."""
    found: dict[str, Values] = {}
    for attribute in knowledge.vocabulary.given_of(kind):
        holder = getattr(model, attribute.group) if attribute.group else model
        values = getattr(holder, attribute.key, None)
        if values is not None and values != attribute.domain:
            found[attribute.id] = values
    return dict(sorted(found.items()))


def elsewhere(knowledge: KnowledgeBase) -> Mapping[str, str]:
    """Return, for each attribute by the name that a rule uses, what to say where a case does not know it."""
    return {attribute.id: _where(attribute) for attribute in knowledge.vocabulary.values()}


def _where(attribute: Attribute) -> str:
    if not attribute.given:
        return "is worked out from the rest and cannot be given; remove it"
    holder = "`patient`" if attribute.of == "patient" else "a lesion"
    if attribute.group:
        return f"is written `{attribute.group}: {{{attribute.key}: …}}`, in {holder}"
    return f"belongs in {holder}; move it there"


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


@dataclass(frozen=True)
class _Expectations:
    """Everything under `expect` that can never come true, because it names what does not exist."""

    parsed: Any
    document: Document
    knowledge: KnowledgeBase
    about: str

    def __iter__(self) -> Iterator[Problem]:
        lesions = [lesion.id for lesion in self.parsed.lesions]
        where, all_expected = _expected(self.parsed, self.knowledge)
        for subject, expected in all_expected.items():
            base: KeyPath = (*where, subject)
            if subject not in ("patient", *lesions):
                yield self._problem(base, no_subject(subject, lesions))
            yield from self._names(expected, base)
            yield from self._statuses(expected, base)
            yield from self._values(expected, base)

    def of_measures(self) -> Iterator[Problem]:
        """Yield every measure that is marked and that does not exist."""
        for name in self.parsed.measures or {}:
            if name not in self.knowledge.measures and not self.knowledge.framework.include:
                yield self._unknown(("measures", name), name, "measure", self.knowledge.measures)

    def of_source(self) -> Iterator[Problem]:
        """Yield everything that what the source did names and that does not exist."""
        decision, known = self.parsed.source_decision, self.knowledge.treatments
        if decision is None or (self.knowledge.framework.shares and not known):
            return
        base: KeyPath = ("source_decision",)
        for key, plans in (("treatments", (decision.treatments,)), ("acceptable", decision.acceptable)):
            for i, plan in enumerate(plans):
                for j, name in enumerate(plan):
                    path = (*base, key, j) if key == "treatments" else (*base, key, i, j)
                    if name not in known:
                        yield self._unknown(path, name, "treatment", known)
        lesions = [lesion.id for lesion in self.parsed.lesions]
        if decision.lesion is not None and decision.lesion not in lesions:
            yield self._problem((*base, "lesion"), no_lesion(decision.lesion, lesions))

    def _names(self, expected: Expected, base: KeyPath) -> Iterator[Problem]:
        units = {unit for name in self.knowledge.whole.units for unit in (name, name.split("/")[0])}
        known: dict[str, tuple[str, Collection[str]]] = {
            "recommended": ("pathway", self.knowledge.pathways),
            **dict.fromkeys(("fired", "not_fired", "alerts"), ("rule", units)),
            **dict.fromkeys(("measures", "no_measures"), ("measure", self.knowledge.measures)),
            **dict.fromkeys(("missing", "contradictions"), ("attribute", self.knowledge.vocabulary)),
        }
        for key, (what, names) in known.items():
            for i, name in enumerate(getattr(expected, key) or ()):
                if name not in names:
                    yield self._unknown((*base, key, i), name, what, names)

    def _statuses(self, expected: Expected, base: KeyPath) -> Iterator[Problem]:
        for name, status in expected.status.items():
            path = (*base, "status", name)
            if name not in self.knowledge.pathways:
                yield self._unknown(path, name, "pathway", self.knowledge.pathways)
            yield from self._readable(self.knowledge.vocabulary["status"], status, path)

    def _values(self, expected: Expected, base: KeyPath) -> Iterator[Problem]:
        for name, raw in expected.values.items():
            path = (*base, "values", name)
            attribute = self.knowledge.vocabulary.get(name)
            if attribute is None:
                yield self._unknown(path, name, "attribute", self.knowledge.vocabulary)
            elif attribute.of == "option":
                yield self._problem(path, f"{name} is of a pathway; expect its `status` instead")
            elif attribute.of == "lesion" and base[-1] == "patient":
                yield self._problem(path, f"{name} is of a lesion, not of the patient; write it under a lesion")
            elif raw is not None:
                yield from self._readable(attribute, raw, path)

    def _readable(self, attribute: Attribute, raw: object, path: KeyPath) -> Iterator[Problem]:
        try:
            attribute.read(raw)
        except ValueError as error:
            yield self._problem(path, str(error))

    def _unknown(self, path: KeyPath, name: str, what: str, known: Collection[str]) -> Problem:
        is_gone = gone(name, self.knowledge.retired) if what == "rule" else ""
        return self._problem(path, is_gone or f"{shown(name)} is not a known {what}{suggestion(name, known)}")

    def _problem(self, path: KeyPath, message: str) -> Problem:
        return Problem(self.document.position(path), self.about, message)
