"""`metspine report`: the clinician's page as a file, HTML or PDF."""

from pathlib import Path
from typing import Annotated

import typer

from metspine.cli.journal import journalled
from metspine.cli.options import KnowledgeFolder, fail, load_base, write

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
    from metspine.api import advise

    if output.suffix.lower() not in ENDINGS:
        fail(f"{output}: a report is written as .html or .pdf; give the file one of these endings")
    base = load_base(knowledge)
    with journalled("report", format=output.suffix.lower()[1:], settle=True, vary=True) as kept:
        answer = advise(case, base, vary=True)
        page = answer.pdf() if output.suffix.lower() == ".pdf" else answer.html()
        kept.close(answer, page=page)
    write(output, page)
    raise typer.Exit(0 if answer.advice.is_complete else 1)
