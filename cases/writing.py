"""Writing a case: from a `Case` back to the data, and the YAML text, that read as the same case."""

from typing import Any

from cases.model import Case
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import SubjectKind


def case_data(case: Case, knowledge: KnowledgeBase) -> dict[str, Any]:
    """Return a case as plain JSON data; reading it gives the same patient.

    Left out is what does not bear on advice: expectations, and what the source decided.
    """
    data: dict[str, Any] = {"case": case.id}
    if case.title:
        data["title"] = case.title
    if case.notes:
        data["notes"] = case.notes
    data["patient"] = _given(case.patient, knowledge, "patient")
    data["lesions"] = [{"id": lesion.id, **_given(lesion.given, knowledge, "lesion")} for lesion in case.lesions]
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


def _given(given: Any, knowledge: KnowledgeBase, kind: SubjectKind) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in knowledge.vocabulary.given_of(kind):
        values: Values | None = given.get(attribute.id)
        if values is None:
            continue
        holder = found.setdefault(attribute.group, {}) if attribute.group else found
        holder[attribute.key] = attribute.dump(values)
    return found


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
