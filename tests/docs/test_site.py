"""The site loads nothing from elsewhere, has every page in its navigation, and no link in a paper leads nowhere."""

import importlib.util
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAPERS = (*ROOT.glob("*.md"), ROOT / "knowledge_base" / "CHANGELOG.md", *DOCS.rglob("*.md"))
LINK = re.compile(r"(?<!`)\[[^]\n]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def website():
    spec = importlib.util.spec_from_file_location("website", DOCS / "website.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def anchors(text):
    """Return the anchors of a page, as GitHub and the site both make them from plain headings."""
    headings = HEADING.findall(FENCED.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def dead_links(paper):
    text = FENCED.sub("", paper.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        place = (paper.parent / target) if target else paper
        if not place.exists() or (anchor and anchor not in anchors(place.read_text(encoding="utf-8"))):
            yield link


def test_no_link_leads_nowhere():
    assert {str(paper): dead for paper in PAPERS if (dead := list(dead_links(paper)))} == {}


def test_a_dead_link_and_a_dead_anchor_are_noticed(tmp_path):
    (tmp_path / "a.md").write_text(
        "# One\n\n[a](b.md) [b](b.md#two-words) [c](c.md) [d](b.md#three) [e](#one) [f](https://x.y)\n"
    )
    (tmp_path / "b.md").write_text("# B\n\n## Two words\n\n```\n# three\n```\n")
    assert list(dead_links(tmp_path / "a.md")) == ["c.md", "b.md#three"]


def test_what_a_page_or_a_style_loads_from_elsewhere_is_found(website, tmp_path):
    (tmp_path / "good.html").write_text('<a href="https://x.y">x</a><img src="a.svg"><script src="a.js"></script>')
    assert list(website.loaded_from_elsewhere(tmp_path)) == []
    (tmp_path / "bad.html").write_text('<link rel="stylesheet" href="//f.y/a.css"><img src="http://x.y/a.png">')
    (tmp_path / "bad.css").write_text("@import 'https://f.y/b.css'; a { background: url(https://x.y/b.png) }")
    assert sorted(website.loaded_from_elsewhere(tmp_path)) == [
        "bad.css: https://f.y/b.css",
        "bad.css: https://x.y/b.png",
        "bad.html: //f.y/a.css",
        "bad.html: http://x.y/a.png",
    ]
    with pytest.raises(SystemExit, match=r"nothing from elsewhere:\nbad\.css"):
        website.on_post_build(SimpleNamespace(site_dir=tmp_path))


def test_a_folder_in_the_navigation_stands_for_its_pages(website, tmp_path):
    (tmp_path / "more").mkdir()
    for name in ("index.md", "more/b.md", "more/a.md"):
        (tmp_path / name).write_text("# x\n")
    config = SimpleNamespace(nav=["index.md", {"More": ["index.md", {"All": "more"}]}], docs_dir=tmp_path)
    assert website.on_config(config).nav == ["index.md", {"More": ["index.md", {"All": ["more/a.md", "more/b.md"]}]}]


def test_a_block_that_is_a_file_has_its_name_as_title(website):
    assert website.on_page_markdown("```yaml a/b.yaml\nx: 1\n```\n") == '```yaml title="a/b.yaml"\nx: 1\n```\n'
    assert website.on_page_markdown("```yaml\nx: 1\n```\n") == "```yaml\nx: 1\n```\n"
