"""`metspine cohort`: advice on a whole registry, and what can be asked of it afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from metspine.cli.journalled import journalled
from metspine.cli.options import (
    DrawInto,
    KnowledgeFolder,
    Sides,
    check_picture,
    draw,
    fail,
    load_base,
    take_sides,
    write,
)

if TYPE_CHECKING:
    from metspine.registry.run import OnProgress


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
SHOWN = 20  # changes that are printed
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
    plan: Annotated[
        bool, typer.Option("--plan", help="Write also the conditional plan; up to a second for each patient.")
    ] = False,
    recheck: Annotated[int, typer.Option(min=0, help="Patients drawn for a second look by Experta; 0: none.")] = 300,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that work at the same time.")] = 1,
) -> None:
    """Advise on every row of a table. The table has a row for each lesion, its columns are named as attributes are.

    Exit code 1: some rows could not be read, and say why; 3: the second look found a difference, do not trust the output.
    """
    from knowledge_base.language.disputes import side_of
    from metspine.registry.run import RegistryRun, RunOptions

    take_sides(load_base(knowledge), sides or ())
    chosen = tuple(sorted(map(side_of, sides or ())))
    options = RunOptions(knowledge, chosen, tuple(carry or ()), fired, recheck, planned=plan)
    if out.resolve() == table.resolve():
        fail(f"{out}: that is the table itself; name another file with -o")
    try:
        with journalled("cohort", fired=fired, plan=plan, recheck=recheck) as kept:
            with _bar("advising") as done:
                work = RegistryRun(table, out, options, done)
                if work.header.carried:
                    typer.echo(f"carried through, not read: {', '.join(work.header.carried)}", err=True)
                record = work.whole(jobs)
            with _bar("looking again") as done:
                found = work.recheck(record, done)
            kept.close_run(work, record)
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
        f"patients: {counts.get('patients', 0)}, lesions: {counts.get('rows', 0)}; rows with errors: "
        f"{counts.get('errors', 0)}, without advice: {counts.get('stopped', 0)}, contradictory: "
        f"{counts.get('contradictory', 0)}\nlooked at again: patients: {len(found.patients)}, rules: {len(found.fired)}; "
        f"differences: {len(found.differences)}"
    )
    for difference in found.differences:
        typer.echo(str(difference))
    raise typer.Exit(DIFFERS if found.differences else 1 if counts.get("errors") else 0)


TableNow = Annotated[
    Path | None, typer.Option("--table", metavar="IN", help="Where the table is now, when it is not where it was.")
]
RunOut = Annotated[Path, typer.Argument(metavar="OUT", help="What `metspine cohort IN -o OUT` wrote.")]


@cohort.command("open")
def open_(
    out: RunOut,
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="A patient, as the table names them.")],
    full: Annotated[bool, typer.Option("--full", help="Print everything: see `metspine advise`.")] = False,
    diagram: DrawInto = None,
    table: TableNow = None,
) -> None:
    """Open one patient of a run: the full advice by Experta, beside what was written; exit code 1 when they differ."""
    from metspine.api import advise
    from metspine.registry.opening import finished, opened

    check_picture(diagram)
    run = finished(out, table)
    found = opened(run, patient)
    if found.case is None:
        for row in found.written:
            typer.echo(f"patient {patient}, lesion {row.get('lesion')}: {row.get('error')}")
        raise typer.Exit(1)
    with journalled("cohort open", settle=full) as kept:
        answer = advise(found.case, run.base, settle=full)
        shown = answer.text(full)
        kept.close(answer, text=shown)
    if diagram is not None:
        draw(answer.diagram(), diagram)
    typer.echo(shown, nl=False)
    typer.echo("\nThe output beside this advice:")
    for difference in found.differences:
        typer.echo(f"  {difference}")
    if not found.differences:
        typer.echo("  every column says the same.")
    raise typer.Exit(1 if found.differences else 0)


@cohort.command()
def compare(
    out: RunOut,
    knowledge: KnowledgeFolder = None,
    sides: Sides = None,
    to: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where every change goes: .csv, .ndjson or .parquet."),
    ] = None,
    table: TableNow = None,
) -> None:
    """Tell what other knowledge, or another side of a disputed point, would have advised, row by row."""
    from dataclasses import asdict

    from metspine.registry.comparing import RunComparison, changes
    from metspine.registry.opening import finished
    from metspine.registry.tables import writer

    run = finished(out, table)
    base = take_sides(load_base(knowledge or run.options.knowledge), sides or ())
    written = writer(to) if to is not None else None
    if not sides and knowledge is None:
        fail("nothing to compare with; name other knowledge with --knowledge, or a side with --side")
    counts = RunComparison()
    found = list(changes(run, base, counts))
    typer.echo(
        f"lesions: {counts.rows}; advised otherwise: {counts.changed}, with other pathways recommended: {counts.recommended}"
    )
    if to is not None and written is not None:
        names = ("patient", "lesion", "column", "before", "after")
        written(to, {name: [asdict(one)[name] for one in found] for name in names})
        typer.echo(f"written: {to}", err=True)
    else:
        for one in found[:SHOWN]:
            typer.echo(f"patient {one.patient}, lesion {one.lesion}, {one.column}: {one.words}")
        if len(found) > SHOWN:
            typer.echo(f"and {len(found) - SHOWN} more; -o FILE writes all of them")


@cohort.command()
def summary(
    out: RunOut,
    to: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where the page goes, as .html.")],
    table: TableNow = None,
    sample: Annotated[int, typer.Option(min=1, help="Patients on whom it is tried which rules decide.")] = 10_000,
    done: Annotated[
        str | None, typer.Option("--done", metavar="COLUMN", help="A column of the table that says what was done.")
    ] = None,
) -> None:
    """Write one page about a whole run: pathways, urgency, what is missing, which rules and disputed points decide."""
    from metspine.registry.opening import finished
    from metspine.registry.page import summary_page
    from metspine.registry.summary import summary_of

    if to.suffix.lower() != ".html":
        fail(f"{to}: the page is written as .html; give the file this ending")
    run = finished(out, table)
    with _bar("silencing rules") as progress:
        found = summary_of(run, progress, sample, done)
    write(to, summary_page(found, run))


@cohort.command()
def redcap(
    to: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where the data dictionary goes, as .csv.")],
    knowledge: KnowledgeFolder = None,
) -> None:
    """Write a REDCap data dictionary from the vocabulary; `metspine cohort` reads the export of such a project."""
    from metspine.registry.redcap import data_dictionary

    write(to, data_dictionary(load_base(knowledge)))


@contextmanager
def _bar(what: str) -> Iterator["OnProgress"]:
    """Hand out what tells of progress: a bar on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
