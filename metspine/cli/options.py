"""What all commands share: the knowledge they work with, the cases they are given, progress, and how they fail."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from cases import Case
    from knowledge_base import KnowledgeBase
    from metspine.library import LibraryRun
    from metspine.results import Picture

T = TypeVar("T")
KnowledgeFolder = Annotated[
    str | None,
    typer.Option("--knowledge", metavar="NAME|FOLDER", help="Another knowledge base than the built-in NOMS one."),
]

Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SUBJECT.ATTRIBUTE=VALUE", help="Give a value beside the case; repeatable."),
]
Sides = Annotated[
    list[str] | None,
    typer.Option("--side", metavar="DISPUTE=SIDE", help="Take another side of a disputed point; repeatable."),
]
DrawInto = Annotated[Path | None, typer.Option("--diagram", metavar="FILE", help="Draw it: .svg, .png, .pdf or .dot.")]
DrawGraphInto = Annotated[
    Path | None,
    typer.Option(
        "--diagram",
        metavar="FILE",
        help="Draw it (.svg, .png, .pdf, .dot), or write its graph (.json, .graphml, .gexf, .cyjs, .mmd).",
    ),
]
Jobs = Annotated[int, typer.Option(min=1, help="On how many cores.")]
CORES = min(2, os.cpu_count() or 1)


Format = Literal["text", "json"]


def load_base(which: str | None) -> "KnowledgeBase":
    """Return a knowledge base by name or folder, the NOMS one when none is named."""
    from knowledge_base import load

    return load(which)


def take_sides(base: "KnowledgeBase", sides: Iterable[str]) -> "KnowledgeBase":
    """Return the same knowledge with other sides of its disputes on."""
    from knowledge_base.language.disputes import side_of

    try:
        return base.with_sides(dict(map(side_of, sides)))
    except ValueError as error:
        fail(f"--side: {error}")


def run_library(base: "KnowledgeBase", folder: Path | None = None) -> "list[LibraryRun]":
    """Return what became of every worked patient of a folder, or of the library."""
    from engine import Reasoner
    from metspine.library import LIBRARY, read_library, run

    if folder is not None and not folder.is_dir():
        is_file = folder.exists()
        wrong = "is a file; name the folder it is in" if is_file else "there is no such folder of cases; check the path"
        fail(f"{folder}: {wrong}")
    reasoner: Reasoner = Reasoner(base)
    return [run(case, reasoner) for case in progress(read_library(base, folder or LIBRARY), "running cases")]


def print_differences(outcomes: "list[LibraryRun]") -> int:
    """Print where advice is not what cases expect; return how many cases differ."""
    differing = [outcome for outcome in outcomes if outcome.differences]
    for outcome in differing:
        for difference in outcome.differences:
            typer.echo(f"{outcome.case.position.file}: {difference}")
    return len(differing)


def read_cases(paths: Iterable[Path], base: "KnowledgeBase") -> "list[Case]":
    """Return the cases of files and of folders of files; raise `Invalid` with the problems of all of them."""
    from cases import read_case
    from knowledge_base.text.errors import gathered

    files = (file for path in paths for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path]))
    return gathered(lambda file: read_case(file, base, expecting=False), files)


def tell_unheard(case: "Case") -> None:
    """Say on stderr what of a case no rule reads, where what is printed does not say so."""
    for heard in case.heard:
        if heard.kind in ("left open", "note"):
            typer.echo(f"{case.id}: not used: {heard.place} {heard.typed}: {heard.readings or heard.meaning}", err=True)


def progress(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """Yield items behind a progress bar on stderr (none when stderr is not a terminal)."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    disable = not console.is_terminal
    shown = items if total is not None else list(items)
    yield from track(shown, description=what, total=total, console=console, transient=True, disable=disable)


def write(target: Path, content: str | bytes, what: str = "written") -> None:
    """Write a file, with the folders that it needs; say where."""
    from metspine.files import put

    _saved(target, lambda: put(target, content), what)


def check_picture(target: Path | None, has_graph: bool = False) -> None:
    """End with a message when a file to draw into, if one is named, has the ending of no picture (or graph)."""
    from metspine.results import check_picture

    if target is not None:
        check_picture(target, has_graph)


def draw(picture: "Picture", target: Path) -> None:
    """Write a picture; say where."""
    _saved(target, lambda: picture.save(target), "diagram")


def _saved(target: Path, save: Callable[[], object], what: str) -> None:
    try:
        save()
    except OSError as error:
        fail(f"{target}: cannot be written: {error.strerror or error}; name another file")
    typer.echo(f"{what}: {target}", err=True)


@contextmanager
def needing(message: str) -> Iterator[None]:
    """Import what not every installation has; end with a message, in which {} is what is missing, where it is not there."""
    try:
        yield
    except ImportError as error:
        fail(message.format(error.name))


def fail(message: str) -> NoReturn:
    """End with a message and exit code 2."""
    typer.echo(message, err=True)
    sys.exit(2)
