"""What the site needs beside mkdocs: folders in the navigation, names of files, and nothing loaded from elsewhere."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

NAMED_FENCE = re.compile(r"^```(?P<kind>yaml|text) (?P<name>\S+)$", re.MULTILINE)
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data", "link": "href"}
ELSEWHERE = re.compile(r"^(?:https?:)?//")
IN_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s]+)")


def on_config(config: Any) -> Any:
    """Put the pages of a folder in the place of its name."""
    config.nav = _with_pages(config.nav, Path(config.docs_dir))
    return config


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Give a block that is a file to save its name as a title."""
    return NAMED_FENCE.sub(r'```\g<kind> title="\g<name>"', markdown)


def on_post_build(config: Any) -> None:
    """End the build when a page or a style would load something from elsewhere."""
    if found := sorted(loaded_from_elsewhere(Path(config.site_dir))):
        raise SystemExit("the site must load nothing from elsewhere:\n" + "\n".join(found))


def loaded_from_elsewhere(site: Path) -> Iterator[str]:
    """Yield what the pages and styles of a site would load from another place, each with the file that does."""
    for path in site.rglob("*.html"):
        reader = _Loads()
        reader.feed(path.read_text(encoding="utf-8"))
        yield from (f"{path.relative_to(site)}: {url}" for url in reader.found if ELSEWHERE.match(url))
    for path in (*site.rglob("*.html"), *site.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        yield from (f"{path.relative_to(site)}: {url}" for url in IN_STYLE.findall(text))


class _Loads(HTMLParser):
    """Collects what a page loads by itself; a link that a reader follows is not that."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == LOADED.get(tag) and value]


def _with_pages(nav: Any, docs: Path) -> Any:
    if isinstance(nav, list):
        return [_with_pages(item, docs) for item in nav]
    if isinstance(nav, dict):
        return {title: _with_pages(item, docs) for title, item in nav.items()}
    folder = docs / nav
    return [path.relative_to(docs).as_posix() for path in sorted(folder.glob("*.md"))] if folder.is_dir() else nav
