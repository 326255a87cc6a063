"""Loading: the same knowledge has one digest however it is laid out, and another when its meaning changes."""

import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import knowledge_base
from knowledge_base import Invalid, KnowledgeBase
from knowledge_base.language.rules import SetTo

Write = Callable[[Mapping[str, str]], Path]
BASE = Path(__file__).parents[1] / "bad_knowledge" / "base"
RULES = (BASE / "rules" / "base.yaml").read_text()
VOCABULARY = (BASE / "vocabulary" / "base.yaml").read_text()


def entries(text: str) -> list[str]:
    return [entry for entry in re.split(r"(?m)^(?=- )", text) if entry.startswith("- ")]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
def test_order_of_entries_and_files_does_not_matter(
    chance: random.Random, write_knowledge: Write, toy_knowledge: KnowledgeBase
) -> None:
    attributes = entries(VOCABULARY)
    chance.shuffle(attributes)
    cut = chance.randrange(1, len(attributes))
    rules = entries(RULES)
    chance.shuffle(rules)
    files = {
        "vocabulary/base.yaml": "".join(attributes[:cut]),
        "vocabulary/another.yaml": "".join(attributes[cut:]),
        "rules/base.yaml": rules[0],
        "rules/a_first.yaml": "\n".join(rules[1:]),
    }
    loaded = knowledge_base.load(write_knowledge(files))
    assert loaded.digest == toy_knowledge.digest
    assert list(loaded.units) == list(toy_knowledge.units)
    assert {u.id: u.version for u in loaded.units.values()} == {u.id: u.version for u in toy_knowledge.units.values()}
    assert loaded.levels == toy_knowledge.levels


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("rules/base.yaml", "High grades", "Higher grades"),
        ("rules/base.yaml", '">= 2"', '">= 1b"'),
        ("rules/base.yaml", "p. 2", "p. 3"),
        ("vocabulary/base.yaml", "1a: touched, 1b: pushed", "1b: pushed, 1a: touched"),
        ("vocabulary/base.yaml", "range: 0..50", "range: 0..60"),
        ("scores/base.yaml", "0..2, class: stable}, {is: 3..5", "0..1, class: stable}, {is: 2..5"),
        ("sources.yaml", "2010", "2011"),
        ("pathways.yaml", "Operate.", "Operate soon."),
        ("measures.yaml", "whole", "entire"),
        ("framework.yaml", "1.0.0", "1.0.1"),
    ],
)
def test_every_change_of_meaning_changes_the_digest(
    file: str, old: str, new: str, write_knowledge: Write, toy_knowledge: KnowledgeBase
) -> None:
    text = (BASE / file).read_text()
    assert old in text
    loaded = knowledge_base.load(write_knowledge({file: text.replace(old, new)}))
    assert loaded.digest != toy_knowledge.digest


def test_comments_and_layout_do_not_change_the_digest(write_knowledge: Write, toy_knowledge: KnowledgeBase) -> None:
    loaded = knowledge_base.load(
        write_knowledge({"rules/base.yaml": "# A comment.\n\n" + RULES.replace("when: {", "when:   {  ")})
    )
    assert loaded.digest == toy_knowledge.digest


def test_rules_know_their_place(toy_knowledge: KnowledgeBase) -> None:
    assert str(toy_knowledge.rules["TOY-02"].position) == "rules/base.yaml:10"
    assert str(toy_knowledge.vocabulary["grade"].position) == "vocabulary/base.yaml:3"
    assert str(toy_knowledge.grounds("SINS/pain").position) == "scores/base.yaml:1"


def rule(then: str, when: str = "always") -> str:
    return (
        f"- id: TOY-09\n  title: A rule\n  when: {when}\n  then: [{then}]\n  because: It is.\n"
        "  sources: [{ref: book, at: p. 1, basis: primary}]\n  review: {status: draft}\n"
    )


@pytest.mark.parametrize(
    ("when", "then", "subject"),
    [
        ("{kps: 70}", "{measure: {measure: mri, urgency: planned}}", "patient"),
        ("{kps: 70}", "{ask: [kps]}", "patient"),
        ("{kps: 70}", "{ask: [grade]}", "lesion"),
        ("{kps: 70}", "{argue: {pathway: surgery, stance: exclude}}", "lesion"),
        ("{kps: 70}", "{set: {response: resistant}}", "lesion"),
        ('{grade: "2"}', "{set: {fitness: fit}}", "lesion"),
        ("{some_lesion: {deficit: true}}", "{ask: [kps]}", "patient"),
        ("{every_option: {status: excluded}}", "{alert: {level: note, text: None left.}}", "lesion"),
        ("{status: excluded}", "{alert: {level: note, text: Out.}}", "option"),
        ("{pathway: surgery, fitness: unfit}", "{set: {status: excluded}}", "option"),
    ],
)
def test_a_rule_is_about_the_finest_subject_it_touches(
    when: str, then: str, subject: str, write_knowledge: Write
) -> None:
    loaded = knowledge_base.load(write_knowledge({"rules/more.yaml": rule(then, when)}))
    assert loaded.rules["TOY-09"].subject == subject


def test_pathways_by_what_they_involve(write_knowledge: Write) -> None:
    text = rule("{argue: {pathway: {involving: beam}, stance: exclude}}")
    loaded = knowledge_base.load(write_knowledge({"rules/more.yaml": text}))
    assert [argument.pathway for argument in loaded.rules["TOY-09"].arguments] == ["radiotherapy"]
    assert loaded.rules["TOY-09"].writes == ("argued_exclude",)


def test_count_reads_what_it_counts(write_knowledge: Write) -> None:
    text = rule("{set: {level_count: {count: levels}}}", "{levels: known}")
    loaded = knowledge_base.load(write_knowledge({"rules/more.yaml": text}))
    assert loaded.rules["TOY-09"].conclusions == (SetTo(attribute="level_count", count_of="levels"),)
    assert loaded.rules["TOY-09"].reads == ("levels",)


def test_conclusion_said_twice_counts_once(write_knowledge: Write) -> None:
    text = rule("{ask: [grade]}, {ask: [grade]}")
    assert len(knowledge_base.load(write_knowledge({"rules/more.yaml": text})).rules["TOY-09"].conclusions) == 1


def test_weakest_basis_of_a_rule(write_knowledge: Write) -> None:
    text = rule("{ask: [grade]}").replace(
        "basis: primary}", "basis: primary}, {ref: book, at: p. 2, basis: unconfirmed}"
    )
    assert knowledge_base.load(write_knowledge({"rules/more.yaml": text})).rules["TOY-09"].basis == "unconfirmed"


def test_all_problems_are_in_order_of_place(write_knowledge: Write) -> None:
    files = {"rules/b.yaml": "- {}\n- {}\n", "rules/a.yaml": "- {}\n", "vocabulary/z.yaml": "- {}\n"}
    with pytest.raises(Invalid) as caught:
        knowledge_base.load(write_knowledge(files))
    places = [(problem.position.file, problem.position.line) for problem in caught.value.problems]
    assert places == sorted(places)
    assert {file for file, _ in places} == {"rules/a.yaml", "rules/b.yaml", "vocabulary/z.yaml"}


def test_noms_loads_the_same_from_anywhere(
    knowledge: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert knowledge_base.load().digest == knowledge.digest
