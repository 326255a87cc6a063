"""A headless Chromium that is installed already; without one, or without Playwright, these tests are skipped."""

import functools
import http.server
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
import uvicorn

from cases import case_of, read_case
from cases.template import template
from engine import Reasoner, advise
from explain.render.html import page as page_of
from knowledge_base.text.strict_yaml import read_text
from metspine.serve.server import make_app
from tests.browser.looking import PATIENCE

BUILT = Path(__file__).parents[2] / "build" / "site" / "page"
LIBRARY = Path(__file__).parents[2] / "cases" / "library"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator:
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (pip --group browser)")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no Chromium on the PATH ({', '.join(NAMES)})")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def html_file(knowledge, tmp_path_factory) -> Callable[[str], Path]:
    """Return a function from the name of a library case (or `template`) to its page as a file."""
    folder = tmp_path_factory.mktemp("pages")
    reasoner = Reasoner(knowledge)

    @cache
    def written(name: str) -> Path:
        if name == "template":
            case = case_of(read_text(template(knowledge), "template.yaml"), knowledge)
        else:
            case = read_case(LIBRARY / f"{name}.yaml", knowledge)
        target = folder / f"{name}.html"
        target.write_text(page_of(advise(case, reasoner, settle=True, plan=True), knowledge), encoding="utf-8")
        return target

    return written


@contextmanager
def listening(app) -> Iterator[str]:
    """Serve an app on this machine, and give its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, access_log=False, log_level="warning"))
    socket = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture(scope="session")
def address(knowledge) -> Iterator[str]:
    with listening(make_app(knowledge)) as where:
        yield where


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def folder() -> Iterator[str]:
    """Serve the page without a server from its folder, as any static host would, and return its address."""
    if not (BUILT / "index.html").is_file():
        pytest.skip("the page without a server is not built (make page)")
    handler = functools.partial(_Quiet, directory=BUILT)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def static_page(browser, folder) -> Iterator:
    """Open the page without a server once, since its engine takes seconds to start."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.asked_for, page.said = [], []
    page.on("request", lambda request: page.asked_for.append(request.url))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(f"{folder}/index.html")
    page.wait_for_selector("#form", timeout=PATIENCE)
    yield page
    context.close()


@pytest.fixture
def come(browser, address) -> Iterator[Callable]:
    """Return a function that opens the live page in a fresh browser window."""
    contexts = []

    def opened(width: int = 1440, height: int = 900, path: str = "/", at: str = address, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **options))
        window = contexts[-1].new_page()
        window.asked_for, window.said = [], []
        window.on("request", lambda request: window.asked_for.append(request.url))
        window.on("pageerror", lambda error: window.said.append(str(error)))
        window.goto(f"{at}{path}")
        return window

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def visit(browser, html_file) -> Iterator[Callable]:
    """Return a function that opens a page in a fresh window of a given size."""
    contexts = []

    def opened(name: str, width: int = 1280, height: int = 900, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **options))
        window = contexts[-1].new_page()
        window.asked_for = []
        window.on("request", lambda request: window.asked_for.append(request.url))
        window.goto(html_file(name).as_uri())
        return window

    yield opened
    for context in contexts:
        context.close()
