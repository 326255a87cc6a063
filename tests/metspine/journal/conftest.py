"""A journal with decisions of three patients, made once and copied for each test."""

import shutil

import pytest

import metspine.api
from engine.decision import Options
from metspine.journal.store import Journal
from metspine.library import LIBRARY

NAMES = ("noms-n9", "two-lesions", "noms-n1")


@pytest.fixture(scope="session")
def decided(knowledge):
    """Records of three patients, with nothing asked beside the decision, so that they are repeated quickly."""
    asked = Options(settle=False, vary=False, plan=False)
    explained = [metspine.api.explain(LIBRARY / f"{name}.yaml", knowledge) for name in NAMES]
    return [metspine.api.Answer(one.run, one.run.advised(), asked) for one in explained]


@pytest.fixture(scope="session")
def written(tmp_path_factory, knowledge, decided):
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal.create(folder / "j.db", folder / "key", "hospital.example/spine")
    for answer in decided:
        begun = journal.open({"command": "advise"})
        journal.close(begun, answer.recorded(), knowledge, {"text": answer.text(full=True).encode()})
    return folder


@pytest.fixture
def folder(written, tmp_path):
    """A copy of the folder with a journal, its key and its checkpoints."""
    shutil.copytree(written, tmp_path / "journal")
    return tmp_path / "journal"


@pytest.fixture
def journal(folder):
    return Journal(folder / "j.db", folder / "key")
