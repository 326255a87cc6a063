"""README.md shows what the program does now; `make readme` renews it."""

import importlib.util
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def refresh():
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def demo(refresh):
    return refresh.demo()


def test_the_output_shown_is_the_output(refresh, demo):
    assert refresh.block(*demo) in refresh.README.read_text()


def test_the_picture_shown_is_the_picture(refresh, demo):
    assert refresh.dot(*demo) == refresh.DOT.read_text()


def test_the_rule_shown_is_the_rule(demo):
    shown = re.search(r"```yaml\n(- id: NOMS-09.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown
    (rule,) = YAML(typ="safe", pure=True).load(shown[1])
    written = demo[1].rules["NOMS-09"].text
    assert (rule["when"], rule["unless"], rule["because"]) == (written.when, written.unless, written.because)


def test_every_link_leads_somewhere():
    for page in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "docs" / "api.md",
        *(ROOT / "docs").glob("*/*.md"),
    ):
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
