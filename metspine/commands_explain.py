"""Commands that explain: why, why not, the arguments, what differs, and the provenance."""

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from metspine.shell import KnowledgeFolder, fail, load_base

if TYPE_CHECKING:
    from graphviz import Digraph  # type: ignore[import-untyped]
    from pydantic import BaseModel

    from cases import Case
    from engine import Reasoner
    from explain.finished import Finished

Answer = TypeVar("Answer", bound="BaseModel")

PICTURES = (".svg", ".png", ".pdf", ".dot")


class Format(str, Enum):
    """How an explanation is printed."""

    text = "text"
    json = "json"


class ProvFormat(str, Enum):
    """How a PROV document is printed."""

    json = "json"
    provn = "provn"


CaseFile = Annotated[Path, typer.Argument(metavar="CASE", help="A case file (YAML or JSON).")]
LesionId = Annotated[str | None, typer.Option("--lesion", metavar="ID", help="Which lesion, where there are several.")]
Printed = Annotated[Format, typer.Option("--format", help="How to print it.")]
Everything = Annotated[bool, typer.Option("--all", help="Print everything, not only what comes first.")]
Picture = Annotated[Path | None, typer.Option("--diagram", metavar="FILE", help="Draw it: .svg, .png, .pdf or .dot.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(why)
    app.command("why-not")(why_not)
    app.command()(arguments)
    app.command()(diff)
    app.command()(prov)


def why(
    case: CaseFile,
    name: Annotated[str, typer.Argument(metavar="PATHWAY|FACT", help="Such as sbrt, T8.escc_class, performance.")],
    lesion: LesionId = None,
    format: Printed = Format.text,
    all_proofs: Everything = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Say why something is so: the shortest proof, and what it rests on."""
    from explain.why import why as explained
    from explain.why_words import why_text

    answer = _answered(explained, name, case, knowledge, lesion)
    _print(answer, format, lambda: why_text(answer, all_proofs))


def why_not(
    case: CaseFile,
    name: Annotated[
        str, typer.Argument(metavar="PATHWAY|FACT[=VALUE]", help="Such as sbrt, sbrt=acceptable, T8.escc_class=low.")
    ],
    lesion: LesionId = None,
    format: Printed = Format.text,
    everything: Everything = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Say why something is not so: every rule that could give it, line by line, nearest miss first."""
    from explain.whynot import why_not as explained
    from explain.whynot_words import why_not_text

    answer = _answered(explained, name, case, knowledge, lesion)
    _print(answer, format, lambda: why_not_text(answer, everything))


def arguments(
    case: CaseFile,
    format: Printed = Format.text,
    diagram: Picture = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Print every pathway with what speaks for it, against it, or rules it out."""
    from explain.arguments import argument_table, argument_text
    from explain.arguments_drawing import draw_arguments

    _check_picture(diagram)
    table = argument_table(_finished(case, knowledge))
    if diagram is not None:
        _draw(draw_arguments(table), diagram)
    _print(table, format, lambda: argument_text(table))


def diff(
    case_a: Annotated[Path, typer.Argument(metavar="CASE_A", help="A case file.")],
    case_b: Annotated[
        Path | None, typer.Argument(metavar="[CASE_B]", help="Another; the same when left out.", show_default=False)
    ] = None,
    knowledge_a: Annotated[
        str | None, typer.Option("--knowledge-a", metavar="NAME|FOLDER", help="The knowledge base for the first.")
    ] = None,
    knowledge_b: Annotated[
        str | None, typer.Option("--knowledge-b", metavar="NAME|FOLDER", help="The knowledge base for the second.")
    ] = None,
    format: Printed = Format.text,
    diagram: Picture = None,
) -> None:
    """Print what was given, fired and advised differently for two cases, or under two knowledge bases."""
    from explain.differences import compare
    from explain.differences_drawing import draw_differences
    from explain.differences_words import differences_text

    if case_b is None and knowledge_a == knowledge_b:
        fail("there is nothing to compare; give a second case, or --knowledge-a and --knowledge-b")
    _check_picture(diagram)
    first = _read(case_a, knowledge_a)
    reasoner = first[1] if knowledge_a == knowledge_b else None
    found, one, two = compare(first, _read(case_b or case_a, knowledge_b, reasoner))
    if diagram is not None:
        _draw(draw_differences(found, one, two), diagram)
    if format is Format.json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        typer.echo(differences_text(found), nl=False)


def prov(
    case: CaseFile,
    format: Annotated[ProvFormat, typer.Option("--format", help="PROV-JSON or PROV-N.")] = ProvFormat.json,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Print the trace as W3C PROV."""
    from explain.provenance import prov_json, prov_n, provenance

    document = provenance(_finished(case, knowledge))
    typer.echo(prov_json(document) if format is ProvFormat.json else prov_n(document), nl=format is ProvFormat.json)


def _answered(
    explained: "Callable[[str, Case, Reasoner, str | None], Answer]",
    name: str,
    case: Path,
    knowledge: str | None,
    lesion: str | None,
) -> "Answer":
    """Return the answer to a question about a case; a name that means nothing ends in a message."""
    patient, reasoner = _read(case, knowledge)
    try:
        return explained(name, patient, reasoner, lesion)
    except ValueError as error:
        fail(str(error))


def _print(answer: "BaseModel", format: Format, text: Callable[[], str]) -> None:
    """Print an answer as JSON, or as the text that it is put into only then."""
    if format is Format.json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        typer.echo(text(), nl=False)


def _read(case: Path, knowledge: str | None, reasoner: "Reasoner | None" = None) -> "tuple[Case, Reasoner]":
    from cases import read_case
    from engine import Reasoner

    reasoner = reasoner or Reasoner(load_base(knowledge))
    return read_case(case, reasoner.knowledge), reasoner


def _finished(case: Path, knowledge: str | None) -> "Finished":
    from explain.finished import Finished

    return Finished.of(*_read(case, knowledge))


def _check_picture(target: Path | None) -> None:
    if target is not None and target.suffix not in PICTURES:
        fail(f"{target}: a diagram is drawn as .svg, .png, .pdf or .dot; give the file one of these endings")


def _draw(dot: "Digraph", target: Path) -> None:
    from explain.rendering import render

    try:
        target.write_bytes(render(dot.source, target.suffix[1:]))
    except OSError as error:
        fail(f"{target}: cannot be written: {error.strerror or error}; name another file")
    typer.echo(f"diagram: {target}", err=True)
