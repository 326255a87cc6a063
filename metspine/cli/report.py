"""`metspine report`: the advice as a file, HTML, PDF or Markdown."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metspine.cli.journalled import journalled
from metspine.cli.options import KnowledgeFolder, fail, load_base, write

if TYPE_CHECKING:
    from metspine.api import Answer

RENDERERS: Mapping[str, Callable[["Answer", bool], str | bytes]] = {
    ".html": lambda answer, full: answer.html(),  # holds it all, folded
    ".pdf": lambda answer, full: answer.pdf(full),
    ".md": lambda answer, full: answer.markdown(full),
}
*_FIRST, _LAST = RENDERERS
ENDINGS = f"{', '.join(_FIRST)} or {_LAST}"


def report(
    case: Annotated[Path, typer.Argument(help="A case file (YAML or JSON).")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help=f"Where to write it: a {ENDINGS} file.")
    ],
    full: Annotated[
        bool, typer.Option("--full", help="Everything, as PDF the auditor's part too; HTML holds it all, folded.")
    ] = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Write the advice to read, print and file: one page for the patient, or as HTML one that unfolds everything."""
    from metspine.api import advise

    ending = output.suffix.lower()
    if ending not in RENDERERS:
        fail(f"{output}: a report is written as {ENDINGS}; give the file one of these endings")
    everything = full or ending == ".html"
    base = load_base(knowledge)
    with journalled("report", format=ending[1:], settle=everything, vary=everything) as kept:
        answer = advise(case, base, settle=everything, vary=everything)
        page = RENDERERS[ending](answer, full)
        kept.close(answer, page=page)
    write(output, page)
    raise typer.Exit(0 if answer.advice.is_complete else 1)
