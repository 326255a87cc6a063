"""The page without a server: the same app, called; a renderer that is given; knowledge taken apart beforehand."""

import asyncio
import json
import re
import sys
from pathlib import Path
from platform import python_version
from types import SimpleNamespace
from urllib.parse import urlencode

import anyio.to_thread
import pytest

from engine import versions
from explain.drawing.rendering import draw_with, render
from knowledge_base.loading.cache import load_parsed, parsed
from metspine.serve.in_browser import Answered, Door, start

ROOT = Path(__file__).parents[2]
DOT = 'digraph "a case" { a }'


def asked(door: Door, method: str, target: str, **fields: str) -> Answered:
    headers = [("content-type", "application/x-www-form-urlencoded")] if fields else []
    return asyncio.run(door.ask(method, target, headers, urlencode(fields).encode()))


def test_the_python_of_browsers_is_named_where_versions_are(monkeypatch):
    monkeypatch.setattr(versions, "system", lambda: "Emscripten")
    monkeypatch.setitem(sys.modules, "pyodide", SimpleNamespace(__version__="314.0.7"))
    assert versions.python_that_runs() == f"{python_version()} (Pyodide 314.0.7)"
    wanted = json.loads((ROOT / "static_page" / "package.json").read_text(encoding="utf-8"))["dependencies"]["pyodide"]
    assert f"[Pyodide](https://pyodide.org/) {wanted}, which is Python 3." in (
        ROOT / "docs" / "live-page.md"
    ).read_text("utf-8")


@pytest.fixture
def given_renderer():
    drawn = []
    draw_with(lambda dot: drawn.append(dot) or '<svg width="8pt" height="8pt"><title>a case</title></svg>')
    yield drawn
    draw_with(None)


def test_one_browser_is_remembered_and_a_redirection_is_followed(knowledge):
    door = Door(knowledge)
    first = asked(door, "GET", "/")
    assert first.status == 200
    token = re.search(rb'name="token" value="([^"]+)"', first.body)[1].decode()
    answer = asked(door, "POST", "/case", **{"token": token, "p.age": "61", "l0.id": "", "l0.levels": "D8"})
    assert answer.status == 200
    assert re.fullmatch(r"/case/[0-9a-f]{24}", answer.at)
    assert b'value="61"' in answer.body


def test_what_is_not_there_is_told_as_by_the_server(knowledge):
    assert asked(Door(knowledge), "GET", "/rules/NO-1").status == 404


def test_knowledge_taken_apart_is_the_same_knowledge(knowledge):
    assert load_parsed(parsed()).digest == knowledge.digest


def test_the_app_starts_from_a_file_and_does_everything_in_one_thread(tmp_path, monkeypatch, given_renderer):
    def no_thread(*_: object, **__: object) -> None:
        raise AssertionError("a browser has one thread")

    monkeypatch.setattr(anyio.to_thread, "run_sync", no_thread)
    (tmp_path / "knowledge.json").write_bytes(parsed())
    door = start(str(tmp_path / "knowledge.json"), lambda dot: "<svg></svg>")
    assert asked(door, "GET", "/rules?q=dexamethasone").status == 200


def test_a_renderer_that_is_given_draws_and_only_svg(given_renderer):
    assert b'aria-label="a case"' in render(DOT, "svg")
    assert given_renderer == [DOT]
    assert render(DOT, "dot") == DOT.encode()
    with pytest.raises(ValueError, match=r"'png' is not a format of pictures; there are svg, dot"):
        render(DOT, "png")


def test_the_locks_agree_and_carry_digests():
    def pinned(path):
        return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / path).read_text(), re.MULTILINE))

    everywhere = {name.replace("_", "-").lower(): version for name, version in pinned("requirements.lock").items()}
    in_browsers = pinned("static_page/requirements.lock")
    assert in_browsers.items() <= everywhere.items()
    lines = (ROOT / "static_page" / "requirements.lock").read_text().splitlines()[1:]
    assert all("--hash=sha256:" in line for line in lines)
    modules = json.loads((ROOT / "static_page" / "package-lock.json").read_text())["packages"]
    assert all("integrity" in module for name, module in modules.items() if name)
