"""Every mistake in knowledge has its exact message.

A file of tests/bad_knowledge holds one mistake. Its first line says where it belongs in a knowledge base (`# at:`); it
is laid over the sound one in `base/`, and the lines `# says:` are everything that a user is then told.
"""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import knowledge_base
from knowledge_base import Invalid
from knowledge_base.loading.frameworks import FILES

FOLDER = Path(__file__).parents[1] / "bad_knowledge"
MISTAKES = sorted(FOLDER.glob("*.yaml"))
Write = Callable[[Mapping[str, str]], Path]


def said(folder: Path) -> list[str]:
    try:
        knowledge_base.load(folder)
    except Invalid as invalid:
        return str(invalid).splitlines()
    return []


@pytest.mark.parametrize("path", MISTAKES, ids=[path.stem for path in MISTAKES])
def test_mistake_has_its_message(path: Path, write_knowledge: Write) -> None:
    text = path.read_text(encoding="utf-8")
    first, *lines = text.splitlines()
    expected = [line.removeprefix("# says: ") for line in lines if line.startswith("# says: ")]
    assert first.startswith("# at: ")
    assert expected, "a mistake has a message"
    assert said(write_knowledge({first.removeprefix("# at: "): text})) == expected


def test_base_is_sound() -> None:
    assert said(FOLDER / "base") == []


def test_there_are_many_mistakes_and_no_two_say_the_same() -> None:
    messages = [tuple(line for line in path.read_text().splitlines() if line.startswith("# says")) for path in MISTAKES]
    assert len(MISTAKES) >= 100
    twins = {path.stem for path, message in zip(MISTAKES, messages, strict=True) if messages.count(message) > 1}
    assert twins <= {"when_empty", "when_left_empty", "anchor", "alias"}


def test_folder_that_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    assert said(folder) == [
        f"{folder}: there is no such folder; a knowledge base is a folder with framework.yaml in it"
    ]


@pytest.mark.parametrize("name", [name for name in FILES if "*" not in name])
def test_file_that_is_missing(name: str, write_knowledge: Write) -> None:
    folder = write_knowledge({})
    (folder / name).unlink()
    assert said(folder) == [f"{name}: there is no such file; check the path"]


def test_vocabulary_that_is_missing(write_knowledge: Write) -> None:
    folder = write_knowledge({})
    shutil.rmtree(folder / "vocabulary")
    assert said(folder)[-1] == "vocabulary: there is no attribute in vocabulary/*.yaml; write one"


def test_file_that_is_a_folder(write_knowledge: Write) -> None:
    folder = write_knowledge({})
    (folder / "rules" / "more.yaml").mkdir()
    assert said(folder) == ["rules/more.yaml: is a folder; a YAML file is expected"]


def test_problems_of_all_files_are_told_at_once(write_knowledge: Write) -> None:
    folder = write_knowledge({"measures.yaml": "[]", "sources.yaml": "{", "rules/more.yaml": "- {id: TOY-09}"})
    assert {line.split(":")[0] for line in said(folder)} == {"measures.yaml", "sources.yaml", "rules/more.yaml"}


def test_retired_entries_may_name_what_is_gone(write_knowledge: Write) -> None:
    rule = (FOLDER / "unknown_attribute.yaml").read_text().replace("status: draft", "status: retired")
    score = (FOLDER / "score_total_unknown.yaml").read_text().replace("status: draft", "status: retired")
    knowledge = knowledge_base.load(write_knowledge({"rules/broken.yaml": rule, "scores/base.yaml": score}))
    assert "TOY-09" not in knowledge.units
    assert not knowledge.steps


@pytest.mark.parametrize("line", ["alerts_danger: TOY-03", "alerts_danger: [TOY-01, TOY-03]", "rules_fired: TOY-03"])
def test_hazard_that_names_what_is_gone_is_told_what_stands_for_it(line: str, write_knowledge: Write) -> None:
    hazard = (FOLDER / "hazard_unknown_word.yaml").read_text().replace("measures_soon: [mri]", line)
    rule = (FOLDER / "replaced_by_unknown.yaml").read_text().replace("TOY-09", "TOY-03").replace("TOY-07", "TOY-02")
    first, *_ = said(write_knowledge({"hazards.yaml": hazard, "rules/more.yaml": rule}))
    assert first == "hazards.yaml:9: HAZ-01: TOY-03 is gone; TOY-02 stands for it; name what does"
