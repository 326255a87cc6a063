"""A journal with decisions of three patients, made once and copied for each test."""

import shutil

import pytest

from metspine.journal.store import Journal
from metspine.library import LIBRARY

NAMES = ("noms-n9", "two-lesions", "noms-n1")


@pytest.fixture(scope="session")
def decided(decision):
    """Decisions of three patients."""
    return [decision(LIBRARY / f"{name}.yaml") for name in NAMES]


@pytest.fixture(scope="session")
def written(tmp_path_factory, knowledge, decided):
    return kept(tmp_path_factory.mktemp("journal"), decided, knowledge)


def kept(folder, decided, knowledge):
    """Return a folder with a journal of decisions, its key and its checkpoints."""
    journal = Journal.create(folder / "j.db", folder / "key", "hospital.example/spine")
    for answer in decided:
        begun = journal.open({"command": "advise"})
        journal.close(begun, answer.recorded(), knowledge, {"text": answer.text(full=True).encode()})
    return folder


@pytest.fixture
def journal_of(tmp_path, decision, knowledge):
    """A function that makes a journal of the decisions on some cases."""

    def made(cases):
        (folder := tmp_path / "whole").mkdir()
        return kept(folder, [decision(case) for case in cases], knowledge)

    return made


@pytest.fixture
def folder(written, tmp_path):
    """A copy of the folder with a journal, its key and its checkpoints."""
    shutil.copytree(written, tmp_path / "journal")
    return tmp_path / "journal"


@pytest.fixture
def journal(folder):
    return Journal(folder / "j.db", folder / "key")
