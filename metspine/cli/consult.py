"""The command that holds a consultation."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from metspine.cli.journalled import journalled
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
    from metspine.dialogue.terminal import CannotConsult, Consult

    base = load_base(knowledge)
    with journalled("consult") as kept:
        try:
            held = Consult(base, case, out)
            completed = held.hold()
        except CannotConsult as refused:
            fail(str(refused))
        answer = held.answer() if completed or kept.journal is not None else None
        if answer is not None:
            kept.close(answer, text=answer.text(), dialogue=held.said)
    if held.kept:
        typer.echo(f"case: {held.kept} (`metspine consult {held.kept}` goes on with it)", err=True)
    if answer is not None and completed:
        _give(answer.text(), report)
    sys.exit(0 if completed and answer is not None and answer.advice.is_complete else 1)


def _give(text: str, target: Path | None) -> None:
    if target is None:
        typer.echo(f"\n{text}", nl=False)
    else:
        write(target, text, "report")
