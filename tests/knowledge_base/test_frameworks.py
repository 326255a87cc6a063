"""Frameworks that share files with a neighbour, and how they are named."""

from pathlib import Path

import pytest

from cases import case_of
from knowledge_base import Invalid, load
from knowledge_base.checks import findings
from knowledge_base.loading.frameworks import frameworks
from knowledge_base.text.strict_yaml import read_text

OWN = {
    "framework.yaml": """
id: other
title: Another frame
version: 1.0.0
about: The same facts, another answer.
notice: It decides nothing.
include:
  - from: knowledge
    files: [vocabulary/*.yaml, sources.yaml, pathways.yaml, measures.yaml, scores/*.yaml]
""",
    "rules/own.yaml": """
- id: OTH-01
  title: Everyone is irradiated
  when: {deficit: true}
  then:
    - argue: {pathway: radiotherapy, stance: recommend}
  because: It is our way.
  sources: [{ref: book, at: p. 9, basis: primary}]
  review: {status: draft}
""",
}


@pytest.fixture
def framework(write_knowledge):
    """A function that writes a framework beside the small base knowledge and returns its folder."""

    def write(**changes: str) -> Path:
        folder = write_knowledge({}).parent / "other"
        files = {**OWN, **{name.replace("__", "/") + ".yaml": text for name, text in changes.items()}}
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write


def said(folder: Path) -> list[str]:
    with pytest.raises(Invalid) as found:
        load(folder)
    return str(found.value).splitlines()


def test_a_framework_has_its_own_rules_on_a_shared_vocabulary(framework, toy_knowledge):
    other = load(framework())
    assert set(other.rules) == {"OTH-01"}
    assert set(other.vocabulary) == set(toy_knowledge.vocabulary)
    assert other.vocabulary["grade"].position.file == "../knowledge/vocabulary/base.yaml"
    assert other.digest != toy_knowledge.digest


def test_ids_are_unique_over_all_files(framework):
    source = '- {id: book, citation: "Another book. 2011.", read: none}'
    (message,) = said(framework(sources=source))
    assert message.startswith("sources.yaml:1: book: this source id is already used at ../knowledge/sources.yaml:1")


def test_mistakes_in_shared_files_are_told_under_their_name(framework):
    folder = framework()
    (folder.parent / "knowledge" / "measures.yaml").write_text("[]")
    assert said(folder) == ["../knowledge/measures.yaml:1: must be a list of entries; start each with `- id:`"]


def test_a_file_to_share_that_is_not_there(framework):
    text = OWN["framework.yaml"].replace("scores/*.yaml", "scroes/*.yaml")
    assert (
        "'scroes/*.yaml' names no file of knowledge that can be taken over; check the name"
        in said(framework(framework=text))[0]
    )


def test_a_case_field_of_its_own_is_refused(framework):
    field = (
        '- {id: mood, label: mood, class: finding, question: "How is the mood?", of: patient, letter: S, type: yes_no}'
    )
    message = "a case could give it to this framework alone; write it in the vocabulary that is shared"
    assert said(framework(vocabulary__own=field)) == [f"vocabulary/own.yaml:1: mood: {message}"]


def test_what_is_shared_is_checked_where_it_is_kept(framework):
    assert {finding.problem.position.file for finding in findings(load(framework()))} <= {"rules/own.yaml"}


def test_a_case_expects_of_each_framework_by_name(framework, toy_knowledge):
    text = """
case: one
lesions: [{id: T8, deficit: true}]
expect: {T8: {not_fired: [TOY-01]}}
expect_in: {other: {T8: {fired: [OTH-01]}}}
"""
    document = read_text(text, "one.yaml")
    assert case_of(document, toy_knowledge).expect["T8"].not_fired == ("TOY-01",)
    assert case_of(document, load(framework())).expect["T8"].fired == ("OTH-01",)


def test_a_knowledge_base_is_named_or_found_by_its_folder(framework):
    assert frameworks()[0] == "noms"
    assert load("tomita").framework.id == "tomita"
    assert load(str(framework())).framework.id == "other"
    with pytest.raises(Invalid) as found:
        load("tomitta")
    assert str(found.value).endswith("Did you mean 'tomita'?")


@pytest.mark.parametrize("name", frameworks())
def test_every_framework_that_comes_with_metspine_is_sound(name):
    base = load(name)
    assert base.framework.id == name
    assert [str(f) for f in findings(base) if f.severity == "error"] == []
