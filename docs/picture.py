"""Takes the picture of the live page that README.md begins with: `make picture`; needs an installed Chromium."""

import shutil
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

import uvicorn
from playwright.sync_api import sync_playwright

from cases import read_case
from knowledge_base import load
from metspine.library import LIBRARY
from metspine.serve.form import form_name, state_of_case
from metspine.serve.server import make_app

PICTURE = Path(__file__).parent / "page.png"
CASE = "noms-n9"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
READY = "body:not(:has(.htmx-request)) #answer:not(:has([aria-busy])) .card"


def main() -> None:
    base = load()
    state = state_of_case(read_case(LIBRARY / f"{CASE}.yaml", base), base)
    typed = {form_name(*key): text for key, text in state.typed.items()}
    fields = urlencode(
        {"case": CASE, "date": state.date, **{f"l{i}.id": name for i, name in enumerate(state.lesions)}, **typed}
    )
    server = uvicorn.Server(uvicorn.Config(make_app(base), port=0, access_log=False, log_level="warning"))
    listening = server.config.bind_socket()
    threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    program = next(filter(None, map(shutil.which, PROGRAMS)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS)
        window = browser.new_page(viewport={"width": 1440, "height": 900})
        window.goto(f"http://127.0.0.1:{listening.getsockname()[1]}/#case?{fields}")
        window.wait_for_selector(READY, timeout=120_000)
        window.evaluate("document.querySelectorAll('.known details').forEach(part => { part.open = false; })")
        window.screenshot(path=PICTURE)
        browser.close()
    server.should_exit = True


if __name__ == "__main__":
    main()
