"""`metspine report`: the clinician's page as a file, HTML or PDF."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metspine.shell import KnowledgeFolder, fail, load_base

if TYPE_CHECKING:
    from engine import Advice
    from knowledge_base import KnowledgeBase

ENDINGS = (".html", ".pdf")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(report)


def report(
    case: Annotated[Path, typer.Argument(help="A case file (YAML or JSON).")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it: a .html or .pdf file.")
    ],
    knowledge: KnowledgeFolder = None,
) -> None:
    """Write the advice as one page to read, print and file: HTML or PDF, with everything an auditor needs."""
    from cases import read_case
    from engine import Reasoner, advise

    if output.suffix.lower() not in ENDINGS:
        fail(f"{output}: a report is written as .html or .pdf; give the file one of these endings")
    base = load_base(knowledge)
    advice = advise(read_case(case, base), Reasoner(base), settle=True)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(_written(advice, base, output.suffix.lower()))
    except OSError as error:
        fail(f"{output}: cannot be written: {error.strerror or error}; name another file")
    typer.echo(f"written: {output}", err=True)
    raise typer.Exit(0 if advice.is_complete else 1)


def _written(advice: "Advice", base: "KnowledgeBase", ending: str) -> bytes:
    if ending == ".pdf":
        from explain.pdf import pdf

        return pdf(advice, base)
    from explain.page import page

    return page(advice, base).encode()
