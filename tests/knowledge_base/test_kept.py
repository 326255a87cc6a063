"""Knowledge that is kept ready is the knowledge in the files, or it is not used."""

import os
import pickle
import shutil
import sys
from pathlib import Path

import pytest

from cases import read_case
from engine import Reasoner, advise
from engine.replay import replay
from knowledge_base import Invalid
from knowledge_base.loading import cache as kept
from knowledge_base.text.strict_yaml import read_file

LIBRARY = Path(__file__).parents[2] / "cases" / "library"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A copy of what comes with metspine, small enough to be read often: one framework and its neighbour."""
    for name in ("noms", "tomita"):
        shutil.copytree(kept.HOME / name, tmp_path / name)
    monkeypatch.setattr(kept, "HOME", tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    return tmp_path


@pytest.fixture
def reads(monkeypatch):
    """The folders of which a file was read as YAML, each once for every time in a row."""
    found = []

    def read(path, name):
        if name == "framework.yaml":
            found.append(path.parent.name)
        return read_file(path, name)

    monkeypatch.setattr(kept, "read_file", read)
    return found


def test_what_was_read_once_is_not_read_again(home, reads):
    first, second = kept.load_folder(home / "tomita"), kept.load_folder(home / "tomita")
    assert reads == ["tomita"]
    assert second.digest == first.digest
    assert second.rules == first.rules
    assert second.levels == first.levels


def test_kept_knowledge_advises_with_the_same_bytes(home):
    read = kept.load_folder(home / "noms")
    again = kept.load_folder(home / "noms")
    assert again is not read
    case = read_case(LIBRARY / "noms-n9.yaml", read)
    told = [advise(case, Reasoner(base), settle=True).model_dump_json() for base in (read, again)]
    assert told[0] == told[1]


@pytest.mark.parametrize("changed", ["tomita/framework.yaml", "noms/sources.yaml"])
def test_a_changed_file_is_read_its_neighbours_too(home, reads, changed):
    kept.load_folder(home / "tomita")
    file = home / changed
    file.write_text(file.read_text(encoding="utf-8") + "# a word more\n", encoding="utf-8")
    kept.load_folder(home / "tomita")
    assert reads == ["tomita", "tomita"]


def test_a_changed_module_is_noticed_in_whatever_package_it_lies(home, reads):
    module = home / "language" / "rules.py"
    module.parent.mkdir()
    for text in ("A = 1\n", "A = 2\n"):
        module.write_text(text, encoding="utf-8")
        kept.load_folder(home / "tomita")
    assert reads == ["tomita", "tomita"]


def test_a_mistake_in_a_file_is_told_although_older_knowledge_is_kept(home):
    kept.load_folder(home / "tomita")
    (home / "tomita" / "stray.yaml").write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(Invalid, match=r"stray\.yaml"):
        kept.load_folder(home / "tomita")


@pytest.mark.parametrize("spoilt", [lambda content: content[:-1], lambda content: b"", lambda content: content[::-1]])
def test_what_is_not_whole_is_not_used(home, reads, spoilt):
    kept.load_folder(home / "tomita")
    (file,) = home.rglob("*.knowledge")
    file.write_bytes(spoilt(file.read_bytes()))
    kept.load_folder(home / "tomita")
    assert reads == ["tomita", "tomita"]


def poisoned(file, old, new):
    """Put other words into a kept file and seal it again, as somebody would who knows how it is written."""
    mark, body = kept._fingerprint(kept.HOME), file.read_bytes()[kept.SEAL :]
    assert old in body
    body = body.replace(old, new)
    file.write_bytes(kept._seal(mark, body) + body)


def test_what_was_slipped_in_is_another_knowledge_by_its_digest(home):
    read = kept.load_folder(home / "noms")
    (file,) = home.rglob("noms*.knowledge")
    poisoned(file, b"metspine advises a multidisciplinary team", b"metspine commands a multidisciplinary team")
    other = kept.load_folder(home / "noms")
    assert other.framework.notice != read.framework.notice
    assert other.digest != read.digest


def test_a_rule_that_was_slipped_in_is_found_by_a_replay(home, tmp_path):
    """The honest knowledge says of advice from a poisoned one that it was given under other knowledge."""
    honest = kept.load_folder(home / "noms")
    (file,) = home.rglob("noms*.knowledge")
    body = file.read_bytes()
    at = body.index(b'"id":"NOMS-09"')
    end = body.index(b'"pathway":"separation_surgery_then_sbrt"', at)
    turned = body[:end] + body[end:].replace(b'"pathway":"separation_surgery_then_sbrt"', b'"pathway":"sbrt"', 1)
    file.write_bytes(kept._seal(kept._fingerprint(kept.HOME), turned[kept.SEAL :]) + turned[kept.SEAL :])
    wrong = kept.load_folder(home / "noms")
    case = read_case(LIBRARY / "noms-n9.yaml", wrong)
    advice = advise(case, Reasoner(wrong))
    assert advice.lesions[0].recommended != advise(case, Reasoner(honest)).lesions[0].recommended
    assert advice.knowledge_base.digest != honest.digest
    assert replay(advice, Reasoner(honest)).verdict == "other_knowledge"


def test_a_kept_program_is_not_run(home, reads, tmp_path):
    kept.load_folder(home / "tomita")
    (file,) = home.rglob("*.knowledge")

    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    body = pickle.dumps(Trap())
    file.write_bytes(kept._seal(kept._fingerprint(kept.HOME), body) + body)
    kept.load_folder(home / "tomita")
    assert not (tmp_path / "sprung").exists()
    assert reads == ["tomita", "tomita"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows keeps files in the profile of their owner")
@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_others_could_have_written_is_not_used(home, reads, which):
    kept.load_folder(home / "tomita")
    (file,) = home.rglob("*.knowledge")
    (file if which == "file" else file.parent).chmod(0o777)
    kept.load_folder(home / "tomita")
    assert reads == ["tomita", "tomita"]


def test_decimals_and_lines_are_kept_as_they_are_written(home):
    documents = {}
    kept._read(home / "noms", documents)
    kept.keep(place := home / "kept" / "noms.knowledge", b"mark", kept._written(documents))
    again = kept._documents(kept.kept(place, b"mark"))
    assert {name: (d.data, d.lines) for name, d in again.items()} == {
        name: (d.data, d.lines) for name, d in documents.items()
    }


def test_nothing_is_kept_when_python_is_told_to_keep_nothing(home, reads, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    kept.load_folder(home / "tomita")
    kept.load_folder(home / "tomita")
    assert reads == ["tomita", "tomita"]
    assert not list(home.rglob("*.knowledge"))


def test_where_nothing_can_be_written_it_is_read_again(home, reads):
    (home / "__pycache__").write_text("in the way", encoding="utf-8")
    kept.load_folder(home / "tomita")
    kept.load_folder(home / "tomita")
    assert reads == ["tomita", "tomita"]


def test_a_folder_of_ones_own_is_always_read(home, tmp_path_factory, reads):
    own = tmp_path_factory.mktemp("own")
    shutil.copytree(home / "noms", own / "noms")
    kept.load_folder(own / "noms")
    kept.load_folder(own / "noms")
    assert reads == ["noms", "noms"]
    assert not list(own.rglob("*.knowledge"))


def test_an_installer_keeps_every_framework(home, reads):
    kept.keep_all()
    kept.load_folder(home / "tomita")
    kept.load_folder(home / "noms")
    assert sorted(reads) == ["noms", "tomita"]
