"""Values given beside a case, such as on the command line: `patient.sbrt_profile=sc24`, `T8.sins.pain=mechanical`."""

from collections.abc import Iterable
from dataclasses import replace

from cases.hearing import Heard, attribute_called, hear, implied, spoken
from cases.model import Case, no_subject
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute, SubjectKind
from knowledge_base.text.errors import Invalid, Position, Problem, shown, suggestion
from knowledge_base.text.strict_yaml import read_text

WHERE = Position("--set")


def with_settings(case: Case, settings: Iterable[str], knowledge: KnowledgeBase, where: Position = WHERE) -> Case:
    """Return a case in which SUBJECT.ATTRIBUTE=VALUE hold, whatever it said before; an empty value is "not known".

    Raises `Invalid` with everything that is wrong in the settings, which stand at `where`.
    """
    problems: list[Problem] = []
    for setting in settings:
        try:
            case = _with_setting(case, setting, knowledge)
            case = replace(case, settings=(*case.settings, setting))
        except ValueError as error:
            problems.append(Problem(where, setting, str(error)))
        except Invalid as invalid:
            problems += [Problem(where, setting, problem.message) for problem in invalid.problems]
    if problems:
        raise Invalid(problems)
    return case


def _with_setting(case: Case, setting: str, knowledge: KnowledgeBase) -> Case:
    """Return a case in which one setting holds; raise ValueError or `Invalid`."""
    subject, name, text = _parted(case, setting)
    attribute = _attribute(name, "patient" if subject == "patient" else "lesion", knowledge)
    written = read_text(f"value: {text}", str(WHERE)).data
    raw = written.get("value") if isinstance(written, dict) and len(written) == 1 else text
    meaning = hear(attribute, raw, knowledge, name, case.date)
    read = None if meaning.data is None else attribute.read(meaning.data)
    about = "" if subject == "patient" else subject
    others = implied(meaning, case.given_of(about), knowledge)
    said = {attribute.id: None if read == attribute.domain else read, **others}
    case = case.with_given({(about, other): values for other, values in said.items()})
    if meaning.is_plain:
        return case
    place = name if subject == "patient" else f"{subject}.{name}"
    return replace(case, heard=(*case.heard, Heard(place, spoken(raw), meaning.words(attribute, knowledge))))


def _parted(case: Case, setting: str) -> tuple[str, str, str]:
    """Return the subject, the name and the value in a setting; raise ValueError when it is none."""
    target, equals, text = setting.partition("=")
    subject, dot, name = target.strip().partition(".")
    if not equals or not dot:
        raise ValueError("a setting is SUBJECT.ATTRIBUTE=VALUE, such as patient.kps=70; write it so")
    lesions = [lesion.id for lesion in case.lesions]
    if subject not in ("patient", *lesions):
        raise ValueError(no_subject(subject, lesions))
    return subject, name, text


def _attribute(name: str, kind: SubjectKind, knowledge: KnowledgeBase) -> Attribute:
    if (found := attribute_called(name, knowledge, (kind,))) is not None:
        return found
    given = {attribute.id: attribute for attribute in knowledge.vocabulary.given_of(kind)}
    name = name.replace(".", "_")
    other = knowledge.vocabulary.get(name)
    if other is None:
        raise ValueError(f"{shown(name)} is not a known attribute of the {kind}{suggestion(name, given)}")
    if not other.given:
        raise ValueError(f"{name} is worked out from the rest and cannot be given; give what it rests on")
    raise ValueError(f"{name} is of the {other.of}, not of the {kind}; name the {other.of} before the dot")
