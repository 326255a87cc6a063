"""The papers beside the code say what is so: versions, hooks, hosted CI, the form for wrong rules, locked versions."""

import re
import tomllib
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def yaml(name):
    return YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8"))


def locked(name):
    """Return the version of each package in a lock; every one of them has the hashes of its files."""
    _, *entries = re.split(r"^(?=\w)", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert all(re.fullmatch(r"\S+==\S+( \\\n    --hash=sha256:[0-9a-f]{64})+\n", entry) for entry in entries)
    return dict(entry.split()[0].split("==") for entry in entries)


def test_the_citation_is_of_this_version():
    citation, project = yaml("CITATION.cff"), PROJECT["project"]
    assert citation["title"] == project["name"]
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in project["authors"]]


def test_hooks_run_what_the_makefile_runs_and_download_nothing():
    (repository,) = yaml(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    entries = [hook["entry"] for hook in repository["hooks"]]
    assert [entry.split()[:2] for entry in entries] == [
        [".venv/bin/ruff", "check"],
        [".venv/bin/ruff", "format"],
        ["make", "renew"],
    ]


@pytest.mark.parametrize(
    ("path", "renews"),
    [
        ("knowledge_base/noms/rules/care.yaml", True),
        ("cases/library/noms-n9.yaml", True),
        ("explain/phrases/terms.py", True),
        ("README.md", False),
        ("tests/docs/test_papers.py", False),
    ],
)
def test_pages_are_renewed_when_what_they_are_written_from_changes(path, renews):
    (repository,) = yaml(".pre-commit-config.yaml")["repos"]
    (hook,) = (hook for hook in repository["hooks"] if hook["id"] == "renew")
    assert bool(re.search(hook["files"], path)) is renews


def test_hosted_ci_runs_what_is_here_on_each_python_from_the_oldest_on():
    jobs = yaml(".github/workflows/ci.yml")["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    (oldest,) = (
        step["with"]["python-version"]
        for step in jobs["all"]["steps"]
        if step.get("uses", "").startswith("actions/setup-python")
    )
    later = jobs["later"]["strategy"]["matrix"]["python-version"]
    assert f">={oldest}" == PROJECT["project"]["requires-python"]
    assert [oldest, *later] == ["3.11", "3.12", "3.13", "3.14"]
    for command in (step["run"].split() for step in steps if "run" in step):
        assert (ROOT / command[0]).exists() or (command[0] == "make" and set(command[1:]) <= TARGETS)


def test_the_form_for_wrong_rules_asks_what_one_needs_to_mend_it():
    form = yaml(".github/ISSUE_TEMPLATE/wrong-rule.yml")
    needed = {part["id"] for part in form["body"] if part.get("validations", {}).get("required")}
    assert needed == {"rule", "kind", "should", "source", "harm"}


def test_the_site_is_built_with_the_versions_that_all_else_uses():
    everything, site = locked("requirements.lock"), locked("requirements-docs.lock")
    shared = everything.keys() & site.keys()
    assert "jinja2" in shared
    assert {name: site[name] for name in shared} == {name: everything[name] for name in shared}


def test_an_installation_does_not_wait_for_the_site():
    assert "mkdocs" not in locked("requirements.lock")
    assert "-r requirements-docs.lock" in MAKEFILE.split("installed-docs:")[1]
