"""The schemas that editors read: up to date, found from every file, and agreeing with what the loader accepts."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest

import cases
import knowledge_base
from cases.schema import FILE as CASE_FILE
from cases.schema import case_schema
from knowledge_base import KnowledgeBase
from knowledge_base.schema import FOLDER, KINDS, refresh_beside, schema_of, schema_text, write_schemas
from knowledge_base.text.strict_yaml import read_file, read_text

NOMS = Path(knowledge_base.__file__).parent / "noms"
LIBRARY = Path(cases.__file__).parent / "library"
FILES = sorted([*NOMS.rglob("*.yaml"), *LIBRARY.rglob("*.yaml")])
HEAD = "# yaml-language-server: $schema="


@pytest.mark.parametrize("kind", KINDS)
def test_schema_is_up_to_date(kind: str, knowledge: KnowledgeBase) -> None:
    written = (FOLDER / f"{kind}.json").read_text(encoding="utf-8")
    assert written == schema_text(schema_of(kind, knowledge)), "run `python -m knowledge_base.schema`"


def test_case_schema_is_up_to_date(knowledge: KnowledgeBase) -> None:
    assert CASE_FILE.read_text(encoding="utf-8") == schema_text(case_schema(knowledge)), "run `python -m cases.schema`"


def test_all_schemas_are_written(knowledge: KnowledgeBase, tmp_path: Path) -> None:
    write_schemas(tmp_path, knowledge)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in FOLDER.glob("*.json")}


@cache
def validator(path: Path) -> jsonschema.Draft202012Validator:
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_file_names_its_schema_and_agrees_with_it(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith(HEAD)
    schema = (path.parent / first.removeprefix(HEAD)).resolve()
    errors = [f"{list(e.absolute_path)}: {e.message}" for e in validator(schema).iter_errors(read_file(path).data)]
    assert errors == []


RULE = """
- id: NOMS-07
  title: A rule
  when: {escc_grade: ">= 1c", cord_gap_mm: ">= 1.5", any: [{open: [kps]}, {not: {levels: T7..T9}}],
    some_lesion: {myelopathy: true}}
  unless: always
  then:
    - set: {escc_class: [low, high]}
    - set: {level_count: {count: levels}}
    - argue: {pathway: {involving: sbrt}, stance: exclude}
    - argue: {pathway: [sbrt, cebrt], stance: consider}
    - ask: escc_grade
  because: It is so.
  sources: [{ref: metspine, at: here, basis: project}]
  review: {status: draft}
"""


def errors_of(text: str, kind: str, knowledge: KnowledgeBase) -> int:
    data: Any = read_text(text, "rule").data
    return len(list(jsonschema.Draft202012Validator(schema_of(kind, knowledge)).iter_errors(data)))


def test_rule_with_everything_agrees_with_the_schema(knowledge: KnowledgeBase) -> None:
    assert errors_of(RULE, "rules", knowledge) == 0


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('escc_grade: ">= 1c"', 'escc_grad: ">= 1c"'),
        ("myelopathy: true", "myelopathy: yes"),
        ('">= 1.5"', '">= 1.5.2"'),
        ("[low, high]", "[low, hihg]"),
        ("involving: sbrt", "involving: sbtr"),
        ("[sbrt, cebrt]", "[sbrt, cbert]"),
        ("ask: escc_grade", "ask: escc_class"),
        ("set: {level_count: {count", "set: {level_count: {coun"),
        ("ref: metspine", "ref: metspin"),
        ("basis: project", "basis: projet"),
        ("  because: It is so.\n", ""),
        ("- ask: escc_grade", "- {ask: escc_grade, set: {escc_class: low}}"),
        ("unless: always", "unless: never"),
    ],
)
def test_schema_sees_a_mistake_in_a_rule(good: str, bad: str, knowledge: KnowledgeBase) -> None:
    assert good in RULE
    assert errors_of(RULE.replace(good, bad), "rules", knowledge) > 0


CASE = """
case: c
patient: {kps: 70..80, primary_tumour: [breast, prostate]}
lesions:
  - {id: T8, levels: [T7..T9], escc_grade: [1b, 2], sins: {pain: mechanical}, myelopathy: null}
"""


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("", ""),
        ("kps:", "kp:"),
        ("70..80", "high"),
        ("1b, 2", "1b, 5"),
        ("T7..T9", "T13"),
        ("pain:", "pane:"),
        ("id: T8, ", ""),
    ],
)
def test_schema_of_a_case_sees_mistakes(good: str, bad: str, knowledge: KnowledgeBase) -> None:
    data: Any = read_text(CASE.replace(good, bad) if good else CASE, "case").data
    errors = list(jsonschema.Draft202012Validator(case_schema(knowledge)).iter_errors(data))
    assert bool(errors) == bool(good)


def patterns_in(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(patterns_in, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
    return own.union(*map(patterns_in, schema.values()))


ECMA_ESCAPES = set("\\^$.|?*+()[]{}/") | set("dDwWsSbBnrt")  # all that may follow a backslash with the flag `u`


@pytest.mark.parametrize("path", [*sorted(FOLDER.glob("*.json")), CASE_FILE], ids=lambda path: path.name)
def test_every_pattern_is_one_of_ecma_with_the_flag_u(path: Path) -> None:
    patterns = patterns_in(json.loads(path.read_text(encoding="utf-8")))
    escapes = {found[1] for pattern in patterns for found in re.finditer(r"\\(.)", pattern, re.DOTALL)}
    assert escapes <= ECMA_ESCAPES
    for pattern in patterns:
        outside = re.sub(r"\\.|\[[^\]]*\]", "", pattern)
        assert not re.search(r"\{(?!\d+(,\d*)?\})", outside), "a lone brace is an error with the flag `u`"


def test_a_unit_is_matched_as_it_stands(knowledge: KnowledgeBase) -> None:
    attribute = next(a for a in knowledge.vocabulary.values() if a.also_in and any("/" in unit for unit in a.also_in))
    unit = next(unit for unit in attribute.also_in or () if "/" in unit)
    assert jsonschema.Draft202012Validator(attribute.json_schema).is_valid(f"3 {unit}")
    assert not jsonschema.Draft202012Validator(attribute.json_schema).is_valid(f"3 {unit.replace('/', 'x')}")


def test_a_number_off_its_steps_is_seen(knowledge: KnowledgeBase) -> None:
    kps = jsonschema.Draft202012Validator(knowledge.vocabulary["kps"].json_schema)
    assert kps.is_valid(70)
    assert not kps.is_valid(75)


def test_a_misspelt_attribute_is_named(knowledge: KnowledgeBase) -> None:
    data: Any = read_text(RULE.replace('escc_grade: ">= 1c"', 'escc_grad: ">= 1c"'), "rule").data
    (error,) = jsonschema.Draft202012Validator(schema_of("rules", knowledge)).iter_errors(data)
    assert "'escc_grad' was unexpected" in error.message


def test_schemas_beside_a_copied_folder_are_refreshed(write_knowledge: Any, toy_knowledge: KnowledgeBase) -> None:
    folder = write_knowledge({})
    refresh_beside(folder, toy_knowledge)
    place = folder.parent / "schema"
    assert not place.exists()
    place.mkdir()
    (place / "rules.json").write_text("{}")
    refresh_beside(folder, toy_knowledge)
    assert (place / "rules.json").read_text() == schema_text(schema_of("rules", toy_knowledge))
    assert {path.name for path in place.iterdir()} == {path.name for path in FOLDER.glob("*.json")}
