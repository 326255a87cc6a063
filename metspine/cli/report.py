"""`metspine report`: the advice as a file, HTML or PDF."""

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
    full: Annotated[
        bool, typer.Option("--full", help="As PDF: everything, the auditor's part too. HTML holds it folded.")
    ] = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Write the advice to read, print and file: as PDF one page for the patient, as HTML one that unfolds everything."""
    from metspine.api import advise

    if output.suffix.lower() not in ENDINGS:
        fail(f"{output}: a report is written as .html or .pdf; give the file one of these endings")
    is_pdf = output.suffix.lower() == ".pdf"
    everything = full or not is_pdf
    base = load_base(knowledge)
    with journalled("report", format=output.suffix.lower()[1:], settle=everything, vary=everything) as kept:
        answer = advise(case, base, settle=everything, vary=everything)
        page = answer.pdf(full) if is_pdf else answer.html()
        kept.close(answer, page=page)
    write(output, page)
    raise typer.Exit(0 if answer.advice.is_complete else 1)
