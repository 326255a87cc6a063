"""`metspine journal`, where it writes: what becomes of a decision, proofs, copies, and what is erased in its time."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metspine.cli.explain import Everything, LesionId, print_answer
from metspine.cli.explain import Printed as PrintedAnswer
from metspine.cli.journal import Named, day
from metspine.cli.journal import app as app
from metspine.cli.journalled import NEEDED, opened
from metspine.cli.options import fail, needing

if TYPE_CHECKING:
    from metspine.journal.store import WrittenRow

Reason = Annotated[str, typer.Option(help="Why, without naming the patient; it stays in the chain.")]


@app.command()
def override(
    decision: Named,
    chosen: Annotated[str, typer.Option("--chosen", metavar="PATHWAY", help="What is done instead.")],
    reason: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            help="Why: patient-preference, already-done, not-available, contraindicated, input-wrong, "
            "rule-wrong, goals-of-care or other.",
        ),
    ],
    lesion: LesionId = None,
    rule: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A rule that is disagreed with; repeatable.")
    ] = None,
    text: Annotated[str, typer.Option(help="In words; it can be erased.")] = "",
) -> None:
    """Write that the team decided otherwise, with the reason and the rules it disagrees with."""
    from metspine.journal import events

    _written(events.override(opened(), decision, chosen, reason, lesion, rule or (), text))


@app.command()
def accept(decision: Named, lesion: LesionId = None) -> None:
    """Write that the team does what was advised."""
    from metspine.journal import events

    _written(events.accept(opened(), decision, lesion))


@app.command()
def shown(
    decision: Named,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What was shown; its SHA-256 is written, and not its name.")
    ],
) -> None:
    """Write that a page of a decision was shown or handed over later."""
    from metspine.journal import events

    how = file.suffix.lower().removeprefix(".") or "file"
    _written(events.note(opened(), "shown", decision, how, _content(file)))


@app.command()
def amend(
    decision: Named,
    by: Annotated[
        str, typer.Option("--by", metavar="DECISION", help="The decision on the new facts, in this journal.")
    ],
) -> None:
    """Write that facts were corrected or have changed, and which decision stands in the place of this one."""
    from metspine.journal import events
    from metspine.journal.queries import record_of_row

    journal = opened()
    _written(events.amend(journal, decision, record_of_row(journal, by)[1]))


@app.command()
def replay(decision: Named, format: PrintedAnswer = "text", everything: Everything = False) -> None:
    """Repeat a decision under the knowledge that gave it; what became of it is written too. Exit code 1: not the same."""
    from explain.report.replay import replay_report
    from metspine.journal import events
    from metspine.results import Told

    found = events.repeat(opened(), decision)
    print_answer(Told(found, replay_report), format, everything)
    raise typer.Exit(0 if found.is_same else 1)


@app.command()
def prove(
    decision: Annotated[str | None, typer.Argument(metavar="[DECISION]", help="That it is in the journal.")] = None,
    since: Annotated[
        int | None, typer.Option("--since", metavar="SIZE", help="That the journal goes on from its first SIZE rows.")
    ] = None,
) -> None:
    """Print a proof for who has a checkpoint and not the journal; the offline verifier verifies it."""
    from metspine.journal.proofs import consistency, inclusion
    from metspine.journal.queries import record_of_row

    journal = opened()
    if (decision is None) == (since is None):
        fail("prove: name a decision, or an older size with --since")
    row = record_of_row(journal, decision)[0] if decision is not None else 0
    typer.echo(consistency(journal, since) if since is not None else inclusion(journal, row), nl=False)


@app.command()
def export(output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A .zip file.")]) -> None:
    """Write everything to one file, with the verifier that needs Python alone."""
    from metspine.journal.export import export as exported

    if output.exists():
        fail(f"{output}: is there already; name another file")
    rows = exported(opened(), output)
    typer.echo(f"{rows} rows: {output}", err=True)


@app.command("import")
def import_(
    export: Annotated[Path, typer.Argument(metavar="EXPORT", help="The .zip file that `journal export` wrote.")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="The public key, from who keeps the journal.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the copy will be.")],
    witness: Annotated[Path | None, typer.Option(metavar="FILE", help="Checkpoints that were kept elsewhere.")] = None,
) -> None:
    """Make a copy of an exported journal, to be searched and recalled elsewhere; only when all of it verifies."""
    with needing(NEEDED):
        from metspine.journal.importing import import_export
        from metspine.journal.verification import size_of
    from metspine.journal.offline import notes_in

    kept = notes_in(_content(witness).decode(errors="replace")) if witness else []
    typer.echo(f"{size_of(import_export(export, key, file, kept))} rows: {file}", err=True)


@app.command()
def erase(decision: Named, reason: Reason) -> None:
    """Take what names the patient out of a decision; the chain stays whole and says that it was done."""
    from metspine.journal.queries import KEPT, row_of

    journal = opened()
    seq, row_id = row_of(journal, decision, KEPT)
    journal.erase(row_id, reason)
    typer.echo(f"row {seq} was erased")


@app.command()
def hold(decision: Named, reason: Reason) -> None:
    """Write that a decision must be kept, whatever its age: it is not erased until it is released."""
    from metspine.journal import retention

    _written(retention.hold(opened(), decision, reason))


@app.command()
def release(decision: Named, reason: Reason) -> None:
    """Write that a decision that was held may be erased again."""
    from metspine.journal import retention

    _written(retention.release(opened(), decision, reason))


@app.command()
def expire(
    before: Annotated[
        str,
        typer.Option("--before", metavar="DAY", callback=day, help="The first day that is kept, YYYY-MM-DD (UTC)."),
    ],
    reason: Reason,
    retention: Annotated[
        str,
        typer.Option(
            "--class", metavar="NAME", help="Only those written with METSPINE_RETENTION=NAME; else those without."
        ),
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many, and erase none.")] = False,
) -> None:
    """Erase what is past its time, class by class; what is held stays."""
    from metspine.journal.pages import decided
    from metspine.journal.retention import expire as erased
    from metspine.journal.retention import expired

    journal = opened()
    if dry_run:
        typer.echo(f"{decided(len(expired(journal, before, retention)))} would be erased")
        return
    typer.echo(f"{decided(erased(journal, before, reason, retention))} erased")


def _written(entry: "WrittenRow") -> None:
    typer.echo(f"row {entry.seq}, {entry.id}")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"{file}: cannot be read: {error.strerror or error}; check the path")
