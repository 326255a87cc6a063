"""`metspine cohort`: advice on a whole registry, and what can be asked of it afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from metspine.cli.options import KnowledgeFolder, Sides, fail, load_base, take_sides


class _RunUnlessNamed(TyperGroup):
    """A group in which what is no command is a table to advise on: `metspine cohort IN -o OUT`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named or not args else ["run", *args])


cohort = typer.Typer(
    cls=_RunUnlessNamed,
    help="Advise on a whole registry, each lesion of each patient of a table: metspine cohort IN -o OUT",
    no_args_is_help=True,
)
Told = Callable[[int, int], None]
DIFFERS = 3  # the exit code of a run whose second look found a difference


@cohort.command()
def run(
    table: Annotated[
        Path, typer.Argument(metavar="IN", help="A table: .csv, .ndjson or .parquet, a row for a lesion.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="OUT", help="Where the advice goes, by its ending.")],
    sides: Sides = None,
    knowledge: KnowledgeFolder = None,
    carry: Annotated[
        list[str] | None, typer.Option("--carry", metavar="COLUMN", help="A column not to be read; repeatable.")
    ] = None,
    fired: Annotated[bool, typer.Option("--fired", help="Write also the rules that fired, in each row.")] = False,
    recheck: Annotated[int, typer.Option(min=0, help="Patients drawn for a second look by Experta; 0: none.")] = 300,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that work at the same time.")] = 1,
) -> None:
    """Advise on every row of a table. The table has a row for each lesion, its columns are named as attributes are.

    Exit code 1: some rows could not be read, and say why; 3: the second look found a difference, do not trust the output.
    """
    from metspine.registry.run import Options, Run

    take_sides(load_base(knowledge), sides or ())
    chosen = tuple(sorted((d, s) for d, _, s in (text.partition("=") for text in sides or ())))
    options = Options(knowledge, chosen, tuple(carry or ()), fired, recheck)
    if out.resolve() == table.resolve():
        fail(f"{out}: that is the table itself; name another file with -o")
    try:
        with _bar("advising") as done:
            work = Run(table, out, options, done)
            if work.header.carried:
                typer.echo(f"carried through, not read: {', '.join(work.header.carried)}", err=True)
            record = work.whole(jobs)
        with _bar("looking again") as done:
            found = work.recheck(record, done)
        work.finished(record)
    except OSError as error:
        fail(f"{error.filename or out}: {error.strerror}; name another file")
    except ValueError as error:
        if type(error).__name__ != "Inexact":
            raise
        fail(str(error))
    counts = record.counts
    typer.echo(f"written: {out}", err=True)
    typer.echo(
        f"{counts.get('patients', 0)} patients, {counts.get('rows', 0)} lesions; {counts.get('errors', 0)} rows with "
        f"errors, {counts.get('stopped', 0)} without advice, {counts.get('contradictory', 0)} that contradict themselves; "
        f"looked at again: {len(found.patients)} patients, {len(found.fired)} rules, {len(found.differences)} differences"
    )
    for difference in found.differences:
        typer.echo(str(difference))
    raise typer.Exit(DIFFERS if found.differences else 1 if counts.get("errors") else 0)


@contextmanager
def _bar(what: str) -> Iterator[Told]:
    """Hand out what tells of progress: a bar on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(cohort, name="cohort")
