"""Writing a case: from a `Case` back to the data, and the YAML text, that read as the same case."""

from typing import Any

from cases.hearing import hear
from cases.model import Case
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute, SubjectKind


def case_data(case: Case, knowledge: KnowledgeBase, typed: bool = True) -> dict[str, Any]:
    """Return a case as plain JSON data; reading it (with the same `typed`) gives the same patient.

    Left out is what does not bear on advice: expectations, and what the source decided.
    """
    data: dict[str, Any] = {"case": case.id}
    if case.title:
        data["title"] = case.title
    if case.date:
        data["date"] = case.date
    if case.notes:
        data["notes"] = case.notes
    data["patient"] = _given(case.patient, knowledge, "patient", typed)
    data["lesions"] = [{"id": lesion.id, **_given(lesion.given, knowledge, "lesion", typed)} for lesion in case.lesions]
    if case.measures:
        data["measures"] = dict(case.measures)
    if case.source:
        data["source"] = case.source.model_dump(exclude_none=True)
    return data


def case_text(case: Case, knowledge: KnowledgeBase) -> str:
    """Return a case as YAML text."""
    import io

    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(_quoted(case_data(case, knowledge)), stream)
    return stream.getvalue()


def _given(given: Any, knowledge: KnowledgeBase, kind: SubjectKind, typed: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in knowledge.vocabulary.given_of(kind):
        values: Values | None = given.get(attribute.id)
        if values is None:
            continue
        holder = found.setdefault(attribute.group, {}) if attribute.group else found
        holder[attribute.key] = _written(attribute, values, knowledge) if typed else attribute.dump(values)
    return found


def _written(attribute: Attribute, values: Values, knowledge: KnowledgeBase) -> Any:
    """Return values as they are heard again: numbers with their unit where their size does not tell it."""
    data = attribute.dump(values)
    if attribute.type != "number":
        return data
    parts = data if isinstance(data, list) else [data]
    written = [part if is_heard(attribute, part, knowledge) else f"{part} {_unit(attribute)}" for part in parts]
    return written if isinstance(data, list) else written[0]


def is_heard(attribute: Attribute, part: object, knowledge: KnowledgeBase) -> bool:
    """Tell whether a value is heard as what it is read as: of a number, without its unit."""
    try:
        return attribute.read(hear(attribute, part, knowledge).data) == attribute.read(part)
    except ValueError:
        return False


def _unit(attribute: Attribute) -> str:
    """Return the unit that a number is written with; a number without one is followed by its own name."""
    return attribute.unit or attribute.label


def _quoted(data: Any) -> Any:
    """Quote text that would read as a number or a boolean."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    from knowledge_base.text.strict_yaml import scalar

    if isinstance(data, dict):
        return {key: _quoted(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_quoted(value) for value in data]
    if isinstance(data, str) and not isinstance(scalar(data), str):
        return DoubleQuotedScalarString(data)
    return data
