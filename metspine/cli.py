"""The command line. Results go to stdout, progress and problems to stderr.

Exit codes: 0 done, 1 a check failed or no advice could be given, 2 wrong use. Imports are lazy: a command loads what it
needs and no more.
"""

import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metspine import commands_explain, commands_report, comparing, consulting
from metspine.shell import KnowledgeFolder, Settings, Sides, fail, load_base, run_library, take_sides

if TYPE_CHECKING:
    from engine import Advice
    from knowledge_base import KnowledgeBase
    from metspine.library import Outcome

app = typer.Typer(
    help="Explained decision support for metastatic spinal tumours. It advises a team; it decides nothing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(str, Enum):
    """How advice is printed."""

    text = "text"
    json = "json"


class View(str, Enum):
    """What a diagram shows."""

    summary = "summary"
    neurologic = "neurologic"
    oncologic = "oncologic"
    mechanical = "mechanical"
    systemic = "systemic"
    decision = "decision"
    everything = "everything"


class SchemaOf(str, Enum):
    """What a JSON Schema describes."""

    case = "case"
    advice = "advice"


@app.command()
def advise(
    case: Annotated[Path, typer.Argument(help="A case file (YAML or JSON).")],
    format: Annotated[Format, typer.Option(help="How to print the advice.")] = Format.text,
    diagram: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the explanation: .svg, .png, .pdf or .dot.")
    ] = None,
    view: Annotated[View, typer.Option(help="What the diagram shows.")] = View.summary,
    settings: Settings = None,
    sides: Sides = None,
    settle: Annotated[
        bool, typer.Option("--settle/--no-settle", help="Say what is settled, what is not, and what to ask next.")
    ] = True,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Advise on a patient, with reasons and sources."""
    from cases import read_case
    from cases.settings import with_settings
    from engine import Reasoner
    from engine import advise as advise_on

    if diagram is not None and diagram.suffix not in (".svg", ".png", ".pdf", ".dot"):
        fail(f"{diagram}: a diagram is drawn as .svg, .png, .pdf or .dot; give the file one of these endings")
    base = take_sides(load_base(knowledge), sides or ())
    given = with_settings(read_case(case, base), settings or (), base)
    advice = advise_on(given, Reasoner(base), settle)
    if diagram is not None:
        _draw(advice, base, diagram, view)
    if format is Format.json:
        typer.echo(advice.model_dump_json(indent=2))
    else:
        from explain.words import report

        typer.echo(report(advice, base), nl=False)
    raise typer.Exit(0 if advice.is_complete else 1)


@app.command()
def check(knowledge: KnowledgeFolder = None) -> None:
    """Check the knowledge base: every name, every source, every rule, and a library case for each."""
    from knowledge_base.checks import findings
    from metspine.coverage import coverage, rules_without_pair

    base = load_base(knowledge)
    found = findings(base)
    for finding in found:
        typer.echo(str(finding))
    outcomes = run_library(base)
    uncovered = rules_without_pair(base, coverage(base, (outcome.advice for outcome in outcomes)))
    for problem in uncovered:
        typer.echo(f"error: {problem}")
    differing = _print_differences(outcomes)
    errors = sum(finding.severity == "error" for finding in found) + len(uncovered) + differing
    typer.echo(
        f"{base.framework.id} {base.framework.version}: {len(base.rules)} rules, {len(base.steps)} score steps, "
        f"{len(base.vocabulary)} attributes, {len(base.sources)} sources, {len(outcomes)} cases; "
        f"{errors} errors, {len(found) - sum(f.severity == 'error' for f in found)} warnings"
    )
    raise typer.Exit(1 if errors else 0)


@app.command()
def cases(
    folder: Annotated[Path | None, typer.Argument(help="Another folder than the built-in library.")] = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Run every worked patient, and print what differs from what it expects."""
    base = load_base(knowledge)
    outcomes = run_library(base, folder)
    differing = _print_differences(outcomes)
    typer.echo(f"{len(outcomes)} cases, {differing} differ from what they expect")
    raise typer.Exit(1 if differing else 0)


@app.command()
def schema(of: Annotated[SchemaOf, typer.Argument(help="What it describes.")] = SchemaOf.case) -> None:
    """Print a JSON Schema: of a case file, or of `advise --format json`."""
    import json

    if of is SchemaOf.case:
        from cases.schema import case_schema

        found = case_schema(load_base(None))
    else:
        from engine import Advice

        found = Advice.model_json_schema()
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False))


@app.command()
def template(knowledge: KnowledgeFolder = None) -> None:
    """Print a case to fill in: every question, its values, and what counts."""
    from cases.template import template as filled

    typer.echo(filled(load_base(knowledge)), nl=False)


app.command()(comparing.compare)
app.command()(comparing.agreement)
app.command()(comparing.knowledge)
app.command()(consulting.consult)
commands_explain.register(app)
commands_report.register(app)


def main() -> None:
    """Run the command line; a user's mistake ends in a message and exit code 2, never in a traceback."""
    from knowledge_base.problems import Invalid

    try:
        app()
    except Invalid as invalid:
        fail(str(invalid))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _draw(advice: "Advice", base: "KnowledgeBase", target: Path, view: View) -> None:
    from explain import diagram

    letter = None if view in (View.summary, View.everything) else view.value
    try:
        target.write_bytes(diagram(advice, base, target.suffix[1:], "letter" if letter else view.value, letter))
    except OSError as error:
        fail(f"{target}: cannot be written: {error.strerror or error}")
    typer.echo(f"diagram: {target}", err=True)


def _print_differences(outcomes: "list[Outcome]") -> int:
    differing = [outcome for outcome in outcomes if outcome.differences]
    for outcome in differing:
        for difference in outcome.differences:
            typer.echo(f"{outcome.case.position.file}: {difference}")
    return len(differing)


if __name__ == "__main__":
    main()
