"""`metspine report`: the advice as a file, HTML, PDF or Markdown."""

from pathlib import Path
from typing import Annotated

import typer

from metspine.cli.journalled import journalled
from metspine.cli.options import KnowledgeFolder, fail, load_base, write

ENDINGS = (".html", ".pdf", ".md")


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(report)


def report(
    case: Annotated[Path, typer.Argument(help="A case file (YAML or JSON).")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it: a .html, .pdf or .md file.")
    ],
    full: Annotated[
        bool, typer.Option("--full", help="Everything, as PDF the auditor's part too; HTML holds it all, folded.")
    ] = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Write the advice to read, print and file: one page for the patient, or as HTML one that unfolds everything."""
    from metspine.api import advise

    ending = output.suffix.lower()
    if ending not in ENDINGS:
        fail(f"{output}: a report is written as .html, .pdf or .md; give the file one of these endings")
    everything = full or ending == ".html"
    base = load_base(knowledge)
    with journalled("report", format=ending[1:], settle=everything, vary=everything) as kept:
        answer = advise(case, base, settle=everything, vary=everything)
        page = answer.html() if ending == ".html" else answer.pdf(full) if ending == ".pdf" else answer.markdown(full)
        kept.close(answer, page=page)
    write(output, page)
    raise typer.Exit(0 if answer.advice.is_complete else 1)
