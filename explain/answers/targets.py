"""What an explanation is asked about: a fact, a pathway (its status), or a measure, named as people name them.

`T8.escc_class`, `patient.performance`, `sbrt` and `T8/sbrt` are understood, short names such as `escc_class` where the
case has one lesion or `--lesion` picks one, and labels in place of ids.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cases.model import no_lesion, no_subject
from engine.inference.subjects import Fact, Subject
from engine.inference.working_memory import WorkingMemory
from knowledge_base.language.domains import Subsets, Values, without
from knowledge_base.language.predicates import Known, Test, Within
from knowledge_base.language.rules import gone
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.errors import shown, suggestion
from knowledge_base.text.strict_yaml import scalar

TargetKind = Literal["fact", "pathway", "measure"]


@dataclass(frozen=True)
class Target:
    """What is asked about; `attribute` is that of the fact behind it (the status of a pathway), empty for a measure."""

    kind: TargetKind
    name: str
    subject: Subject
    attribute: str = ""

    @property
    def fact(self) -> Fact:
        """The fact behind it; a measure has none."""
        return self.subject.fact(self.attribute)


def target(text: str, state: WorkingMemory, lesion: str | None = None) -> Target:
    """Return what a name means for a case; raise ValueError, with the nearest name, when it means nothing."""
    ids = [found.id for found in state.case.lesions]
    if lesion is not None and lesion not in ids:
        raise ValueError(no_lesion(lesion, ids))
    about, separator, name = ("", "", text) if _named(text, state) else _parted(text)
    if separator and about != "patient" and about not in ids:
        raise ValueError(no_subject(about, ids))
    found = _named(name, state)
    if found is None:
        hint = gone(name, state.knowledge.retired)
        hint = f"; {hint}" if hint else suggestion(name, names(state))
        raise ValueError(f"{shown(name)} is not a pathway, a measure or a fact{hint}")
    return _at(*found, state, about or lesion)


def _parted(text: str) -> tuple[str, str, str]:
    """Part a name into whom it is about and what; an option's fact keeps its pathway in the latter."""
    slash, dot = text.partition("/"), text.partition(".")
    return slash if slash[1] else dot if dot[1] else ("", "", text)


def names(state: WorkingMemory) -> Iterator[str]:
    """Yield everything that can be asked about."""
    yield from state.knowledge.pathways
    yield from state.knowledge.measures
    yield from (name for name, attribute in state.knowledge.vocabulary.items() if attribute.of != "option")


def _named(text: str, state: WorkingMemory) -> tuple[TargetKind, str] | None:
    """Return what kind of thing a text names, and its id; of a fact about an option `PATHWAY.FACT`."""
    pathway, dot, attribute = text.partition(".")
    if dot and pathway in state.knowledge.pathways and _is_of_option(attribute, state):
        return "fact", text
    meant = state.knowledge.named(text)
    if len(meant) > 1 and text not in meant:
        raise ValueError(f"{shown(text)} may be {' or '.join(meant)}; write which")
    if not meant:
        return None
    if meant[0] in state.knowledge.pathways:
        return "pathway", meant[0]
    return ("measure" if meant[0] in state.knowledge.measures else "fact"), meant[0]


def _is_of_option(name: str, state: WorkingMemory) -> bool:
    return name in state.knowledge.vocabulary and state.knowledge.vocabulary[name].of == "option"


def _at(kind: TargetKind, name: str, state: WorkingMemory, about: str | None) -> Target:
    if kind == "measure":
        return Target(kind, name, Subject(about) if about and about != "patient" else Subject())
    pathway, dot, attribute = name.partition(".")
    if pathway in state.knowledge.pathways:
        option = Subject(_lesion(name, state, about).lesion, pathway)
        return Target(kind, pathway, option, attribute if dot else "status")
    if state.knowledge.vocabulary[name].of == "patient":
        return Target(kind, name, Subject(), name)
    subject = _lesion(name, state, about)
    return Target(kind, name, subject, name)


def _lesion(name: str, state: WorkingMemory, about: str | None) -> Subject:
    ids = [lesion.id for lesion in state.case.lesions]
    if about == "patient":
        raise ValueError(f"{name} is of a lesion, not of the patient; write {ids[0]}.{name}")
    if about is None and len(ids) > 1:
        raise ValueError(f"{name} is of a lesion, and there are several; choose one with --lesion {'|'.join(ids)}")
    return Subject(about or ids[0])


# --- the value that is missed --------------------------------------------------------------------------------------


def wanted(asked_about: Target, value: str | None, state: WorkingMemory) -> Test | None:
    """Return the test that the value asked for would pass; None for a measure.

    Without a value: `recommended` for a pathway, any one value for what is not known, another value for what is.
    Raises ValueError for a value that cannot be.
    """
    if asked_about.kind == "measure":
        if value is not None:
            raise ValueError(f"{asked_about.name} is a measure, which has no value; leave out ={value}")
        return None
    attribute = state.knowledge.vocabulary[asked_about.attribute]
    if value is None and asked_about.kind == "pathway":
        value = "recommended"
    if value is None:
        return another(attribute, state.value(asked_about.subject, attribute.id))
    return attribute.test(scalar(value) if attribute.type == "number" else value)


def another(attribute: Attribute, values: Values) -> Test:
    """Return the test for a value other than these; for any one value when they say nothing."""
    if isinstance(values, Subsets) or values == attribute.domain:
        return Known()
    return Within(without(attribute.domain, values), values)
