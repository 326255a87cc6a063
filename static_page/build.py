"""Builds the page without a server: the page of `metspine serve` and all that it needs, in one folder for any host.

    python -m static_page.build [FOLDER]

What is not Python alone comes from npm and as wheels for Python in browsers, of the versions and digests in the locks beside
this file, and is kept in `build/`: without a folder that is fetched, and with one the page is built of it. All else is taken
from the environment that runs this.
"""

import gzip
import json
import re
import shutil
import subprocess
import sys
import zipfile
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import distribution
from io import BytesIO
from pathlib import Path

from jinja2 import Environment

from knowledge_base import load
from knowledge_base.loading.cache import parsed
from metspine.serve.app import HTMX

HERE = Path(__file__).parent
ROOT = HERE.parent
KEPT = ROOT / "build" / "static_page"
WHEELS = KEPT / "wheels"
STATIC = ROOT / "metspine" / "serve" / "static"
REPORT = ROOT / "explain" / "render" / "html"  # whose style and script stand inside its pages
SHOWN = (*(STATIC / name for name in ("page.css", "page.js", "htmx.min.js", "htmx.LICENSE")), HERE / "shell.js")
OURS = ("knowledge_base", "cases", "engine", "explain", "metspine")
PACKAGES = (
    "annotated-doc", "annotated-types", "anyio", "experta", "fastapi", "frozendict", "graphviz", "idna", "Jinja2",
    "MarkupSafe", "metspine", "networkx", "opentelemetry-api", "pydantic", "python-multipart", "reportlab", "ruamel.yaml",
    "schema", "six", "starlette", "typing-inspection", "typing_extensions",
)  # fmt: skip
NEEDLESS = re.compile(
    r"\.\.|reportlab/(fonts|graphics|platypus)/|.*(__pycache__|/tests/|\.data/|/sboms/|\.(pyc|pyd|pth)$|-linux-gnu\.so$|/RECORD$|/direct_url)"
)
PIP = (
    sys.executable,
    "-m",
    "pip",
    "download",
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    "--require-hashes",
)
PLATFORM = ("--only-binary=:all:", "--platform", "pyemscripten_2026_0_wasm32", "--python-version", "314")
NPM = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
POLICY = (
    "default-src 'none'; script-src 'self' blob: 'wasm-unsafe-eval' 'sha256-{script}'; style-src 'self' 'sha256-{style}'; "
    "img-src 'self' data:; worker-src data:; connect-src 'none'; form-action 'none'; base-uri 'none'"
)


def main(target: Path) -> None:
    """Write the page, of what was fetched, into a folder, which is emptied first."""
    shutil.rmtree(target, ignore_errors=True)
    (target / "engine").mkdir(parents=True)
    sizes = {name: write_part(target / "engine" / f"{name}.js", name, part) for name, part in engine().items()}
    for path in SHOWN:
        shutil.copy(path, target)
    (target / "index.html").write_text(index(sizes), encoding="utf-8")
    (target / "LICENCES.txt").write_text("\n".join(licences()), encoding="utf-8")
    print(f"{target}: {sum(sizes.values()) / 1e6:.1f} MB", file=sys.stderr)  # noqa: T201


def fetch() -> None:
    """Have what comes from elsewhere: packages of npm and wheels, with the digests that the locks name."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "pack.mjs"):
        shutil.copy(HERE / name, KEPT)
    subprocess.run(NPM, cwd=KEPT, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(WHEELS, ignore_errors=True)
    subprocess.run([*PIP, *PLATFORM, "--dest", str(WHEELS), "-r", str(HERE / "requirements.lock")], check=True)


def write_part(path: Path, name: str, content: bytes) -> int:
    """Write a file of the engine as a script that hands it over, and return how long that is."""
    text = f'enginePart("{name}", "{b64encode(gzip.compress(content, mtime=0)).decode()}");\n'
    path.write_text(text, encoding="ascii")
    return len(text)


def engine() -> Mapping[str, bytes]:
    """Return the files of the engine."""
    pyodide, graphviz = KEPT / "node_modules" / "pyodide", KEPT / "node_modules" / "@hpcc-js" / "wasm-graphviz"
    names = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
    return {
        **{name: (pyodide / name).read_bytes() for name in names},
        "graphviz.mjs": (graphviz / "dist" / "index.js").read_bytes(),
        "worker.js": (HERE / "worker.js").read_bytes(),
        "knowledge.json": parsed(),
        "packages.zip": compiled(zipped({**dict(installed()), **dict(wheels()), **dict(own())})),
    }


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files in a zip, the same bytes for the same files."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name in sorted(files):
            packed.writestr(zipfile.ZipInfo(name), files[name])
    return stream.getvalue()


def compiled(packages: bytes) -> bytes:
    """Return packages compiled; those of last time where nothing in them has changed."""
    digest = sha256(packages + (HERE / "pack.mjs").read_bytes()).hexdigest()
    target = KEPT / f"packages-{digest[:12]}.zip"
    if not target.is_file():
        for old in KEPT.glob("packages-*.zip"):
            old.unlink()
        (KEPT / "sources.zip").write_bytes(packages)
        subprocess.run(["node", "pack.mjs", "sources.zip", target.name], cwd=KEPT, check=True)
    return target.read_bytes()


def installed() -> Iterator[tuple[str, bytes]]:
    """Yield the files of the packages that are the same everywhere, from this environment."""
    for package in PACKAGES:
        for file in distribution(package).files or ():
            if not NEEDLESS.match(file.as_posix()):
                yield file.as_posix(), Path(str(file.locate())).read_bytes()


def wheels() -> Iterator[tuple[str, bytes]]:
    """Yield the files of the packages that are compiled for Python in browsers."""
    for path in sorted(WHEELS.glob("*.whl")):
        with zipfile.ZipFile(path) as wheel:
            yield from ((name, wheel.read(name)) for name in wheel.namelist() if not NEEDLESS.match(name))


def own() -> Iterator[tuple[str, bytes]]:
    """Yield our own files."""
    yield "PIL/__init__.py", b"Image = None\n"  # ReportLab wants Pillow for images in PDF; here it measures text alone
    for path in (path for room in OURS for path in (ROOT / room).rglob("*")):
        if path.is_file() and not NEEDLESS.match(path.relative_to(ROOT).as_posix()):
            yield path.relative_to(ROOT).as_posix(), path.read_bytes()


def index(sizes: Mapping[str, int]) -> str:
    """Return the first page, which loads parts of such sizes."""
    settings = {**json.loads(HTMX), "selfRequestsOnly": False}  # a page from a file share has no origin to compare with
    total = sum(sizes.values())
    template = Environment(autoescape=True).from_string((HERE / "index.html").read_text(encoding="utf-8"))
    return template.render(
        policy=POLICY.format(script=hashed(report("page.js")), style=hashed(f"\n{report('page.css')}\n")),
        htmx=json.dumps(settings), parts=json.dumps(list(sizes.items())), total=total, megabytes=round(total / 1e6),
        notice=load().framework.notice, **pythons(),
    )  # fmt: skip


def pythons() -> Mapping[str, str]:
    """Return the versions of Pyodide and of the Python that it is."""
    home = KEPT / "node_modules" / "pyodide"
    about, lock = (json.loads((home / name).read_text("utf-8")) for name in ("package.json", "pyodide-lock.json"))
    return {"pyodide": about["version"], "python": lock["info"]["python"]}


def report(name: str) -> str:
    """Return a script or a style as it stands inside a report."""
    return (REPORT / name).read_text(encoding="utf-8").strip()


def hashed(text: str) -> str:
    """Return the digest by which a policy allows a script or a style."""
    return b64encode(sha256(text.encode()).digest()).decode()


def licences() -> Iterator[str]:
    """Yield a line for each package that comes along."""
    modules: Sequence[str] = ("pyodide", "@hpcc-js/wasm-graphviz")
    for about in (json.loads((KEPT / "node_modules" / name / "package.json").read_text("utf-8")) for name in modules):
        yield f"{about['name']} {about['version']}: {about['license']}"
    for meta in (distribution(name).metadata for name in (*PACKAGES, "pydantic_core", "python-sat")):
        licence = meta.get("License-Expression") or meta.get("License") or "see its page"
        yield f"{meta['Name']} {meta['Version']}: {licence.splitlines()[0]}"


if __name__ == "__main__":
    main(Path(sys.argv[1])) if len(sys.argv) > 1 else fetch()
