"""`metspine rename`: a rule or an attribute has another id wherever it is named, and nothing else is changed."""

from pathlib import Path

import pytest

import knowledge_base
import metspine.library
import metspine.renaming
from knowledge_base import Invalid, Position, Problem
from metspine.approved import ANSWERS

CASE = "case: one # TOY-02, not TOY-021\nlesions:\n    - {id: T8}   # kept\nexpect: {T8: {not_fired: [TOY-02,   TOY-01]}}\n"


@pytest.fixture
def library(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "one.yaml").write_text(CASE, encoding="utf-8")
    monkeypatch.setattr(metspine.library, "LIBRARY", folder)
    return folder


@pytest.fixture
def run(run, library):
    def call(*arguments: object) -> tuple[int, str]:
        code, out, err = run("rename", *arguments)
        return code, out or err

    return call


def test_a_rule_is_renamed_with_its_layout_kept(run, write_knowledge, library):
    folder = write_knowledge({})
    rules = folder / "rules" / "base.yaml"
    before = rules.read_text(encoding="utf-8")
    code, out = run("TOY-02", "CUT-10", "--knowledge", folder)
    assert code == 0
    assert f"{rules}: 1\n" in out
    assert rules.read_text(encoding="utf-8") == f"{before.replace('TOY-02', 'CUT-10')}  formerly: [TOY-02]\n"
    assert (library / "one.yaml").read_text(encoding="utf-8") == (
        "case: one # CUT-10, not TOY-021\nlesions:\n    - {id: T8}   # kept\nexpect: {T8: {not_fired: [CUT-10,   TOY-01]}}\n"
    )
    assert "CUT-10" in knowledge_base.load(folder).rules


def test_approved_answers_stay_approved(run, write_knowledge, library):
    folder = write_knowledge({})
    answers = '{"framework": "toy",\n"rules": ["TOY-01","TOY-02@sbrt","TOY-021"],\n"answers": {}}\n'
    (library / ANSWERS).write_text(answers, encoding="utf-8")
    run("TOY-02", "CUT-10", "--knowledge", folder)
    assert (library / ANSWERS).read_text(encoding="utf-8") == answers.replace("TOY-02@", "CUT-10@")


def test_an_attribute_is_renamed_where_it_is_a_key_or_a_value_and_not_in_words(run, write_knowledge, library):
    folder = write_knowledge({})
    case = "case: one\ntitle: The grade of it\nlesions:\n  - {id: T8, grade: 1b}   # grade\nexpect: {T8: {}}\n"
    (library / "one.yaml").write_text(case, encoding="utf-8")
    code, out = run("grade", "cord_grade", "--knowledge", folder)
    assert code == 0, out
    assert out.endswith(
        "grade is now cord_grade; it stands under `formerly`, so that older cases and records are still read\n"
    )
    assert (library / "one.yaml").read_text(encoding="utf-8") == case.replace("T8, grade", "T8, cord_grade")
    base = knowledge_base.load(folder)
    assert "cord_grade" in base.vocabulary
    assert "grade" not in base.vocabulary
    assert "cord_grade" in base.rules["TOY-01"].reads
    run("cord_grade", "bilsky", "--knowledge", folder)
    assert knowledge_base.load(folder).vocabulary["bilsky"].formerly == ("grade", "cord_grade")


def test_what_was_renamed_is_told_by_its_new_name(run, write_knowledge, library):
    folder = write_knowledge({})
    run("TOY-02", "CUT-10", "--knowledge", folder)
    assert knowledge_base.load(folder).retired == {"TOY-02": ("CUT-10",)}
    _, out = run("TOY-02", "CUT-11", "--knowledge", folder)
    assert out.endswith(
        "'TOY-02' is not a known rule, nor an attribute outside a group; TOY-02 is gone; CUT-10 stands for it\n"
    )


NO_RULE = "rename: 'grade=1b' is not a known rule, nor an attribute outside a group"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("TOY-03", "CUT-10", "rename: 'TOY-03' is not a known rule, nor an attribute outside a group. Did you mean"),
        ("grade=1b", "1c", f"{NO_RULE}; values of grade are not renamed here: write the new one where it stands"),
        ("1b", "1c", f"{NO_RULE}; values of grade are not renamed here: ".replace("grade=1b", "1b")),
        ("colour=1b", "1c", f"{NO_RULE}; values are not renamed here: ".replace("grade", "colour")),
        ("TOY-02", "TOY-01", "rename: TOY-01 stands in base.yaml already; ids are for life, choose another"),
        ("TOY-02", "cut", "rename: 'cut' is not an id; write capital letters"),
    ],
)
def test_what_cannot_be_changes_nothing(run, write_knowledge, library, old, new, message):
    folder = write_knowledge({})
    before = (folder / "rules" / "base.yaml").read_bytes(), (library / "one.yaml").read_bytes()
    code, out = run(old, new, "--knowledge", folder)
    assert code == 2
    assert out.startswith(message)
    assert ((folder / "rules" / "base.yaml").read_bytes(), (library / "one.yaml").read_bytes()) == before


def test_what_would_not_load_is_put_back(run, write_knowledge, library, monkeypatch):
    def refuse(folder):
        raise Invalid([Problem(Position("rules/base.yaml", 1), "CUT-10", "no")])

    folder = write_knowledge({})
    before = (folder / "rules" / "base.yaml").read_bytes(), (library / "one.yaml").read_bytes()
    monkeypatch.setattr(metspine.renaming, "load_folder", refuse)
    code, out = run("TOY-02", "CUT-10", "--knowledge", folder)
    assert (code, out) == (2, "rename: the knowledge would not load with that name: rules/base.yaml:1: CUT-10: no\n")
    assert ((folder / "rules" / "base.yaml").read_bytes(), (library / "one.yaml").read_bytes()) == before
