"""docs/architecture.md names what is there: every path, every name in a module, and every package has its line."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = DOCS / "architecture.md"
PAPERS = (PAGE, *sorted((DOCS / "decisions").glob("*.md")), ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md")
LAYERS = ("knowledge_base", "cases", "engine", "explain", "metspine")
PATH = re.compile(r"`((?:knowledge_base|cases|engine|explain|metspine|tests|docs)/[\w./-]*)`")
NAME_IN = re.compile(r"`(\w+)`(?: and `(\w+)`)? in `([\w/]+\.py)`")


def text_of(paper):
    return re.sub(r"^```.*?^```$", "", paper.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def missing(text):
    return [path for path in PATH.findall(text) if not (ROOT / path).exists()]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.stem)
def test_every_path_in_a_paper_is_there(paper):
    assert missing(text_of(paper)) == []


def test_a_path_that_is_not_there_is_noticed():
    assert missing("`engine/run.py` and `engine/ran.py`") == ["engine/ran.py"]


def test_every_name_said_to_be_in_a_module_is_defined_there():
    named = NAME_IN.findall(text_of(PAGE))
    assert len(named) > 15
    for *names, module in named:
        source = (ROOT / module).read_text(encoding="utf-8")
        for name in filter(None, names):
            assert re.search(rf"^(?:class |def )?{name}\b", source, re.MULTILINE), f"{name} is not in {module}"


def test_every_package_is_named():
    text = text_of(PAGE)
    packages = [
        path.parent.relative_to(ROOT).as_posix() for top in LAYERS for path in (ROOT / top).rglob("__init__.py")
    ]
    assert [package for package in packages if package not in text] == []


def test_every_decision_can_be_found_from_the_first():
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    titles = [path.read_text(encoding="utf-8").splitlines()[0] for path in decisions]
    assert [title.split(".")[0] for title in titles] == [f"# {number}" for number in range(1, len(decisions) + 1)]
