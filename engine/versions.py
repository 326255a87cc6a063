"""Which program gave advice: the version of metspine, a digest of its code, and the packages that decide with it."""

from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from platform import python_version, system

from pydantic import Field

from engine.inference.trace import Record
from knowledge_base.canonical_json import digest_of_files

HOME = Path(__file__).parents[1]
ROOMS = ("cases", "engine", "knowledge_base")
PACKAGES = ("experta", "networkx", "pydantic", "python-sat")


class EngineStamp(Record):
    """The program that gave advice."""

    metspine: str
    digest: str = Field(description="SHA-256 over every module that reads knowledge and cases, or infers")
    python: str
    packages: dict[str, str] = Field(description="the packages that decide with it, and their versions")

    def is_like(self, other: "EngineStamp") -> bool:
        """Tell whether another stamp is of the same code and packages; the version of Python must not matter."""
        return (self.digest, self.packages) == (other.digest, other.packages)


def python_that_runs() -> str:
    """Return the version of Python, and in a browser that of Pyodide: "3.14.2 (Pyodide 314.0.7)"."""
    if system() != "Emscripten":
        return python_version()
    return f"{python_version()} (Pyodide {import_module('pyodide').__version__})"


@lru_cache(maxsize=1)
def engine_stamp() -> EngineStamp:
    """Return the stamp of the program that runs."""
    return EngineStamp(
        metspine=version("metspine"),
        digest=_digest(HOME),
        python=python_version(),
        packages={name: version(name) for name in PACKAGES},
    )


def _digest(home: Path) -> str:
    """Return the SHA-256 over the names and contents of all modules of the rooms that decide; line ends do not count."""
    modules = (path for room in ROOMS for path in (home / room).rglob("*.py"))
    return digest_of_files(modules, home, lambda module: module.read_bytes().replace(b"\r\n", b"\n"))
