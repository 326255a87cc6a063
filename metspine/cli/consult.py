"""The command that holds a consultation."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from metspine.cli.options import KnowledgeFolder, fail, load_base, write


def consult(
    case: Annotated[
        Path | None, typer.Argument(metavar="[CASE]", help="A case to go on with.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="Where to keep the case; its name, where nothing is said."),
    ] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write the advice at the end.")] = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Ask one question at a time: emergencies, then what decides; answers may come from a script."""
    from metspine.dialogue.terminal import Consult, Refused

    base = load_base(knowledge)
    try:
        held = Consult(base, case, out)
        completed = held.hold()
    except Refused as refused:
        fail(str(refused))
    advice = held.advice() if completed else None
    if held.kept:
        typer.echo(f"case: {held.kept} (`metspine consult {held.kept}` goes on with it)", err=True)
    if advice is not None and completed:
        from explain.report.blocks import text_of
        from explain.report.first_screen import first_screen

        _give(text_of(first_screen(advice, base)), report)
    sys.exit(0 if completed and advice is not None and advice.is_complete else 1)


def _give(text: str, target: Path | None) -> None:
    if target is None:
        typer.echo(f"\n{text}", nl=False)
    else:
        write(target, text, "report")
