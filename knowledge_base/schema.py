"""JSON Schemas of the knowledge files, for editors: made from the models, and from the names that may be used.

An editor that reads the first line of a file (`# yaml-language-server: $schema=…`) completes and checks it by the
files in `schema/`. `python -m knowledge_base.schema` writes them anew; a test says when that is due.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from knowledge_base.language.acceptance import Acceptance
from knowledge_base.language.conditions import WORDS
from knowledge_base.language.disputes import Dispute
from knowledge_base.language.hazards import HazardText
from knowledge_base.language.knowledge import Framework, KnowledgeBase, Measure, Pathway, Source, Treatment
from knowledge_base.language.outcomes import with_outcomes
from knowledge_base.language.rules import RuleText, ScoreText
from knowledge_base.language.synonyms import Synonyms
from knowledge_base.language.vocabulary import Attribute, Vocabulary
from knowledge_base.loading.cache import load_folder
from knowledge_base.loading.resolver import ARGUED

FOLDER = Path(__file__).parent / "schema"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_MODELS: Mapping[str, Any] = {
    "attributes": list[Attribute],
    "synonyms": list[Synonyms],
    "sources": list[Source],
    "scores": list[ScoreText],
    "rules": list[RuleText],
    "pathways": list[Pathway],
    "measures": list[Measure],
    "disputes": list[Dispute],
    "treatments": list[Treatment],
    "hazards": list[HazardText],
    "accepted_findings": list[Acceptance],
    "framework": Framework,
}
KINDS = tuple(_MODELS)
_MEANING = {
    "any": "one of the conditions is surely true",
    "all": "each of the conditions is surely true",
    "not": "the condition is surely false: known and different",
    "open": "more than one value is left for each of these",
    "some_lesion": "the condition is surely true of one lesion of the patient",
    "every_lesion": "the condition is surely true of every lesion of the patient",
    "some_option": "the condition is surely true of one pathway for the lesion",
    "every_option": "the condition is surely true of every pathway for the lesion",
}


def schema_of(kind: str, knowledge: KnowledgeBase) -> Schema:
    """Return the JSON Schema of one kind of knowledge file, with the names of a knowledge base filled in."""
    schema = TypeAdapter(_MODELS[kind]).json_schema()
    definitions = schema.setdefault("$defs", {})
    definitions.pop("Position", None)
    for model in (schema, *definitions.values()):
        model.get("properties", {}).pop("position", None)
    if kind != "framework":
        schema["minItems"] = 1
    if fill := _NAMES.get(kind):
        fill(definitions, knowledge)
    return {"$schema": DIALECT, **as_written(schema), "title": kind}


def as_written(schema: Any) -> Any:
    """Return a schema in which text may also be written as a number or true: the loader takes `2` for the text "2"."""
    if isinstance(schema, list):
        return [as_written(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: as_written(part) for key, part in schema.items()}
    if parts.get("type") == "string" and re.match(parts.get("pattern", ""), "0"):
        parts["type"] = ["string", "number", "boolean"]
    return parts


def write_schemas(folder: Path, knowledge: KnowledgeBase) -> None:
    """Write the schemas of all kinds of knowledge file into a folder."""
    for kind in KINDS:
        (folder / f"{kind}.json").write_text(schema_text(schema_of(kind, knowledge)), encoding="utf-8")


def schema_text(schema: Schema) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


# --- names ---------------------------------------------------------------------------------------------------------


def _in_disputes(definitions: Schema, knowledge: KnowledgeBase) -> None:
    _put(definitions["Citation"], "ref", _one_of(knowledge.sources))


def _in_grounds(definitions: Schema, knowledge: KnowledgeBase) -> None:
    """Name the sources, and the disputes with their sides, that a rule or score may speak of."""
    _put(definitions["Citation"], "ref", _one_of(knowledge.sources))
    if knowledge.disputes:
        _put(definitions["OnSide"], "dispute", _one_of(knowledge.disputes))
        sides = _one_of({side for dispute in knowledge.disputes.values() for side in dispute.sides})
        _put(definitions["OnSide"], "side", sides)


def _in_scores(definitions: Schema, knowledge: KnowledgeBase) -> None:
    _in_grounds(definitions, knowledge)
    _put(definitions["Item"], "attribute", _one_of(knowledge.vocabulary))
    _put(definitions["ScoreText"], "total", _one_of(a.id for a in knowledge.vocabulary.values() if a.type == "number"))
    choices = _one_of(a.id for a in knowledge.vocabulary.values() if a.type == "choice")
    _put(definitions["ScoreText"], "class", choices)


def _in_hazards(definitions: Schema, knowledge: KnowledgeBase) -> None:
    """Name what a hazard may speak of: what rules may, and what there is at the end of a consultation."""
    words = with_outcomes(knowledge.vocabulary, knowledge.pathways, knowledge.measures, knowledge.every_rule)
    definitions |= _conditions(words)
    for key in ("when", "never", "always"):
        _put(definitions["HazardText"], key, _WHEN)
    _put(definitions["HazardText"], "control", {"type": "array", "items": _one_of(knowledge.every_rule), "minItems": 1})
    _put(definitions["Citation"], "ref", _one_of(knowledge.sources))


def _conditions(vocabulary: Vocabulary) -> Schema:
    """Return the definitions that conditions over a vocabulary need."""
    return {
        "AttributeId": _one_of(vocabulary),
        "Condition": _condition(vocabulary),
        **{f"values of {a.id}": a.json_schema for a in vocabulary.values()},
    }


def _in_rules(definitions: Schema, knowledge: KnowledgeBase) -> None:
    taken = _mapping({"count": _ref("AttributeId"), "same_as": _ref("AttributeId")}) | {"maxProperties": 1}
    definitions |= {"Taken": taken, **_conditions(knowledge.vocabulary)}
    _put(definitions["RuleText"], "when", _WHEN)
    _put(definitions["RuleText"], "unless", _WHEN)
    _in_grounds(definitions, knowledge)
    definitions["ThenEntry"] |= {"minProperties": 1, "maxProperties": 1}
    _put(definitions["ThenEntry"], "set", _settable(knowledge.vocabulary))
    _put(definitions["ThenEntry"], "ask", _list_of(_one_of(a.id for a in knowledge.vocabulary.values() if a.given)))
    _put(definitions["MeasureEntry"], "measure", _one_of(knowledge.measures))
    definitions.pop("Pathways")
    _put(definitions["ArgueEntry"], "pathway", _argued_about(knowledge))


_NAMES: Mapping[str, Callable[[Schema, KnowledgeBase], None]] = {
    "scores": _in_scores,
    "rules": _in_rules,
    "disputes": _in_disputes,
    "hazards": _in_hazards,
}


def _put(model: Schema, key: str, schema: Schema) -> None:
    """Replace what a model says of a key, but not its description."""
    description = model["properties"][key].get("description")
    model["properties"][key] = {**({"description": description} if description else {}), **schema}


def _one_of(names: Iterable[str]) -> Schema:
    return {"enum": sorted(names)}


def _list_of(schema: Schema) -> Schema:
    """Return the schema of one thing, or a list of such things."""
    return {"anyOf": [schema, {"type": "array", "items": schema, "minItems": 1}]}


def _argued_about(knowledge: KnowledgeBase) -> Schema:
    tags = {tag for pathway in knowledge.pathways.values() for tag in pathway.involves}
    involving = _mapping({"involving": _one_of(tags)})
    return {"anyOf": [*_list_of(_one_of(knowledge.pathways))["anyOf"], involving]}


def _mapping(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name.replace(' ', '%20')}"}


def _values(attribute: Attribute, *more: Schema) -> Schema:
    """Return the schema of one value of an attribute, a list of them, or something more."""
    return {
        "title": attribute.label,
        "description": attribute.asking,
        "anyOf": [*_list_of(_ref(f"values of {attribute.id}"))["anyOf"], *more],
    }


def _settable(vocabulary: Vocabulary) -> Schema:
    free = [a for a in vocabulary.values() if "rules" in a.from_ and a.id not in ("pathway", *ARGUED)]
    return _mapping({a.id: _values(a, _ref("Taken")) for a in free})


def _condition(vocabulary: Vocabulary) -> Schema:
    this = _ref("Condition")
    several = {"type": "array", "items": this, "minItems": 1}
    shapes = {"any": several, "all": several, "open": _list_of(_ref("AttributeId"))}
    words = {word: {"description": _MEANING[word], **shapes.get(word, this)} for word in WORDS}
    return _mapping({**{a.id: _values(a, {"const": "known"}) for a in vocabulary.values()}, **words})


# Told apart by their type, so that an editor says what is wrong in a condition, not that it is not `always`.
_WHEN: Schema = {"if": {"type": "string"}, "then": {"const": "always"}, "else": _ref("Condition")}


def refresh_beside(folder: Path, knowledge: KnowledgeBase) -> None:
    """Write the schemas beside a folder of knowledge anew, where there are some and they are not those of metspine."""
    place = folder.resolve().parent / FOLDER.name
    if place != FOLDER and (place / "rules.json").is_file():
        write_schemas(place, knowledge)


if __name__ == "__main__":
    write_schemas(FOLDER, load_folder())
