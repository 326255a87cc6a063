"""The command line. Results go to stdout, progress and problems to stderr.

Exit codes: 0 done, 1 a check failed or no advice could be given, 2 wrong use. Imports are lazy: a command loads what it
needs and no more.
"""

import gc
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Literal

import typer

from metspine.cli.check import approve, check, watch
from metspine.cli.cohort import cohort
from metspine.cli.compare import agreement, compare, knowledge
from metspine.cli.consult import consult
from metspine.cli.explain import arguments, change, diff, prov, replay, sure, why, why_not
from metspine.cli.journal_events import app as journal_app  # with the commands of `cli.journal` before its own
from metspine.cli.journalled import PLACE, VARIABLE, check_amended, journalled
from metspine.cli.mutate import mutate
from metspine.cli.options import (
    DrawGraphInto,
    KnowledgeFolder,
    Settings,
    Sides,
    check_picture,
    draw,
    fail,
    load_base,
    print_differences,
    run_library,
    take_sides,
    tell_unheard,
)
from metspine.cli.overlay import overlay
from metspine.cli.rename import rename
from metspine.cli.report import report
from metspine.cli.serve import mcp, serve, users
from metspine.cli.table import table
from metspine.cli.verify import verify

app = typer.Typer(
    help="Explained decision support for metastatic spinal tumours. It advises a team; it decides nothing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    """Print which program this is, and end."""
    if asked:
        from engine.versions import engine_stamp

        stamp = engine_stamp()
        packages = ", ".join(f"{name} {version}" for name, version in stamp.packages.items())
        typer.echo(f"metspine {stamp.metspine}\nengine {stamp.digest}\nPython {stamp.python}, {packages}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which program this is, and end.")
    ] = False,
    journal: Annotated[
        str | None,
        typer.Option("--journal", envvar=VARIABLE, metavar="FILE", help="Keep every decision here before it is shown."),
    ] = None,
) -> None:
    """Explained decision support for metastatic spinal tumours. It advises a team; it decides nothing."""
    PLACE.where = journal


AdviceFormat = Literal["text", "json", "record"]
DiagramView = Literal["summary", "neurologic", "oncologic", "mechanical", "systemic", "decision", "everything"]
SchemaOf = Literal["case", "advice", "change", "sure", "replay", "record"]


@app.command()
def advise(
    case: Annotated[Path, typer.Argument(help="A case file (YAML or JSON).")],
    format: Annotated[
        AdviceFormat, typer.Option(help="How to print the advice; `record` is what an auditor keeps.")
    ] = "text",
    diagram: DrawGraphInto = None,
    view: Annotated[DiagramView, typer.Option(help="What the diagram shows.")] = "summary",
    legend: Annotated[bool, typer.Option("--legend", help="Say on the diagram how to read it.")] = False,
    settings: Settings = None,
    sides: Sides = None,
    full: Annotated[
        bool, typer.Option("--full", help="Print everything: each pathway's arguments, what is settled, all remarks.")
    ] = False,
    settle: Annotated[
        bool,
        typer.Option(
            "--settle/--no-settle", help="With --full or as JSON: what holds whatever the unknown turns out to be."
        ),
    ] = True,
    changes: Annotated[
        bool, typer.Option("--changes", help="Say also what would change it, and whether it holds one grade away.")
    ] = False,
    amends: Annotated[
        str | None, typer.Option("--amends", metavar="DECISION", help="The decision in the journal that this replaces.")
    ] = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Advise on a patient: the plan on one screen, or with --full everything behind it, with sources."""
    from metspine.api import advise as advise_on

    check_picture(diagram, has_graph=True)
    check_amended(amends)
    full = full or changes
    base = take_sides(load_base(knowledge), sides or ())
    deep = settle and (full or format != "text")
    with journalled("advise", format=format, settle=deep, vary=changes) as kept:
        answer = advise_on(case, base, settings=settings or (), settle=deep, vary=changes)
        written = {"json": answer.json, "record": answer.record}.get(format)
        shown = f"{written()}\n" if written else answer.text(full)
        if written:
            tell_unheard(answer.case)
        kept.close(answer, **{format: shown})
        kept.amend(amends)
    if diagram is not None:
        draw(answer.diagram(view, legend=legend or None), diagram)
    typer.echo(shown, nl=False)
    raise typer.Exit(0 if answer.advice.is_complete else 1)


@app.command()
def cases(
    folder: Annotated[Path | None, typer.Argument(help="Another folder than the built-in library.")] = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Run every worked patient, and print what differs from what it expects."""
    base = load_base(knowledge)
    outcomes = run_library(base, folder)
    differing = print_differences(outcomes)
    typer.echo(f"{len(outcomes)} cases, {differing} differ from what they expect")
    raise typer.Exit(1 if differing else 0)


@app.command()
def schema(of: Annotated[SchemaOf, typer.Argument(help="What it describes.")] = "case") -> None:
    """Print a JSON Schema: of a case file, or of what `advise`, `change`, `sure` or `replay` print."""
    import json

    from pydantic import BaseModel

    if of == "case":
        from cases.schema import case_schema

        found = case_schema(load_base(None))
    else:
        from engine import Advice
        from engine.alternatives import Alternatives
        from engine.analysis.sensitivity import Neighbours
        from engine.record import SCHEMA_ID, DecisionRecord
        from engine.replay import Replay
        from knowledge_base.schema import DIALECT

        printed: dict[SchemaOf, type[BaseModel]] = {
            "advice": Advice,
            "change": Alternatives,
            "sure": Neighbours,
            "replay": Replay,
            "record": DecisionRecord,
        }
        found = printed[of].model_json_schema(mode="serialization")
        found = {"$schema": DIALECT, **({"$id": SCHEMA_ID} if of == "record" else {}), **found}
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


@app.command()
def template(
    knowledge: KnowledgeFolder = None,
    everything: Annotated[bool, typer.Option("--all", help="Every question, not the first 14 alone.")] = False,
) -> None:
    """Print a case to fill in: the first questions or all, their values, and what counts."""
    from cases.template import template as filled

    typer.echo(filled(load_base(knowledge), everything), nl=False)


for command in (
    check, approve, watch, compare, agreement, knowledge, consult, why, why_not, change, sure, arguments, diff, prov, replay,
    report, verify, overlay, rename, table, mutate, serve, mcp,
):  # fmt: skip
    app.command()(command)
for name, group in {"journal": journal_app, "users": users, "cohort": cohort}.items():
    app.add_typer(group, name=name)


def main() -> None:
    """Run the command line; a user's mistake ends in a message and exit code 2, never in a traceback.

    A command makes many objects and ends: to look for unused ones among them, on the way and at the exit, costs more
    than to compute the advice.
    """
    gc.set_threshold(1_000_000)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal cannot show, or sends garbled, is a ?
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        if error.filename is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in the buffer goes nowhere
        fail(f"the output cannot be written: {error.strerror}; send it elsewhere")
    except Exception as error:
        from knowledge_base.text.errors import Invalid
        from metspine.results import Unknown

        if not isinstance(error, (Invalid, Unknown)):
            raise
        fail(str(error))
    finally:
        gc.freeze()


if __name__ == "__main__":
    main()
