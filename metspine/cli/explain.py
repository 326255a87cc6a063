"""Commands that explain: why, why not, what would change it, how sure it is, the arguments, differences, PROV, replay."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from metspine.cli.journalled import journalled, named
from metspine.cli.options import DrawInto, KnowledgeFolder, check_picture, draw, fail, load_base, needing, tell_unheard

if TYPE_CHECKING:
    from pydantic import BaseModel

    from knowledge_base import KnowledgeBase
    from metspine.api import Explanation
    from metspine.results import Told

ModelT = TypeVar("ModelT", bound="BaseModel")


AnswerFormat = Literal["text", "markdown", "json"]
ProvFormat = Literal["json", "provn", "nquads"]
CaseFile = Annotated[Path, typer.Argument(metavar="CASE", help="A case file (YAML or JSON), or a record.")]
LesionId = Annotated[str | None, typer.Option("--lesion", metavar="ID", help="Which lesion, where there are several.")]
Printed = Annotated[AnswerFormat, typer.Option("--format", help="How to print it.")]
Everything = Annotated[bool, typer.Option("--all", help="Print everything, not only what comes first.")]


def why(
    case: CaseFile,
    name: Annotated[str, typer.Argument(metavar="PATHWAY|FACT", help="Such as sbrt, T8.escc_class, performance.")],
    lesion: LesionId = None,
    format: Printed = "text",
    all_proofs: Everything = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Say why something is so: the shortest proof, and what it rests on."""
    print_answer(_about(case, knowledge).why(name, lesion), format, all_proofs)


def why_not(
    case: CaseFile,
    name: Annotated[
        str, typer.Argument(metavar="PATHWAY|FACT[=VALUE]", help="Such as sbrt, sbrt=acceptable, T8.escc_class=low.")
    ],
    lesion: LesionId = None,
    format: Printed = "text",
    everything: Everything = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Say why something is not so: every rule that could give it, line by line, nearest miss first."""
    print_answer(_about(case, knowledge).why_not(name, lesion), format, everything)


def change(
    case: CaseFile,
    pathway: Annotated[
        str | None, typer.Argument(metavar="[PATHWAY]", help="What it would take for this one.", show_default=False)
    ] = None,
    lesion: LesionId = None,
    format: Printed = "text",
    knowledge: KnowledgeFolder = None,
) -> None:
    """Say what would change the advice: the fewest things that would have to be different."""
    print_answer(_about(case, knowledge).change(pathway, lesion), format)


def sure(case: CaseFile, format: Printed = "text", knowledge: KnowledgeFolder = None) -> None:
    """Say how sure the advice is: whether it holds one grade away, and how near the numbers are to a line."""
    print_answer(_about(case, knowledge).sure(), format)


def arguments(
    case: CaseFile,
    format: Printed = "text",
    diagram: DrawInto = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Print every pathway with what speaks for it, against it, or rules it out."""
    check_picture(diagram)
    table = _about(case, knowledge).arguments()
    if diagram is not None:
        draw(table.picture, diagram)
    print_answer(table, format)


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
    format: Printed = "text",
    diagram: DrawInto = None,
) -> None:
    """Print what was given, fired and advised differently for two cases, or under two knowledge bases."""
    if case_b is None and knowledge_a == knowledge_b:
        fail("there is nothing to compare; give a second case, or --knowledge-a and --knowledge-b")
    if case_b is None and case_a.exists() and not case_a.is_file():
        fail(f"{case_a}: is read twice, and can be read only once; save it to a file first")
    check_picture(diagram)
    base = load_base(knowledge_a) if knowledge_a == knowledge_b else None
    found = _about(case_a, knowledge_a, base).differences(_about(case_b or case_a, knowledge_b, base))
    if diagram is not None:
        draw(found.picture, diagram)
    print_answer(found, format)


def prov(
    case: CaseFile,
    format: Annotated[ProvFormat, typer.Option("--format", help="PROV-JSON, PROV-N, or RDF as N-Quads.")] = "json",
    knowledge: KnowledgeFolder = None,
) -> None:
    """Print the trace as W3C PROV."""
    with needing(f"--format {format} needs {{}}; install it with: pip install 'metspine[rdf]'"):
        written = _about(case, knowledge).provenance(format)
    typer.echo(written, nl=format == "json")


def replay(
    stored: Annotated[
        Path, typer.Argument(metavar="RECORD", help="What `metspine advise CASE --format record` printed.")
    ],
    format: Printed = "text",
    everything: Everything = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Repeat a stored decision from its own inputs: same, altered (and where), or under other knowledge or program."""
    from metspine.api import replay as repeated

    found = repeated(stored, _base_for(stored, knowledge))
    print_answer(found, format, everything)
    raise typer.Exit(0 if found.record.is_same else 1)


def _about(case: Path, knowledge: str | None, base: "KnowledgeBase | None" = None) -> "Explanation":
    """Return what can be asked about a case; what is explained is a decision, kept as any other unless it is recorded."""
    from engine.decision import is_record
    from metspine.api import Answer, explain

    explained = explain(case, _base_for(case, knowledge, base))
    tell_unheard(explained.run.case)
    if not is_record(case):
        with journalled("explain") as kept:
            if kept.journal is not None:
                kept.close(Answer(explained.run, explained.run.advice))
    return explained


def _base_for(case: Path, knowledge: str | None, base: "KnowledgeBase | None" = None) -> "KnowledgeBase | None":
    """Return the knowledge that is named (`base`, when it is read already); for a record without a name what is kept of it.

    That is the journal's; None stands for the built-in knowledge that the record names.
    """
    from engine.decision import is_record

    if knowledge is not None or not is_record(case):
        return base or load_base(knowledge)
    journal = named()
    if journal is None:
        return None
    from engine.record import read_record
    from metspine.journal.queries import kept_knowledge

    return kept_knowledge(journal, read_record(case).advice.knowledge_base.digest)


def print_answer(told: "Told[ModelT]", format: AnswerFormat, everything: bool = False) -> None:
    """Print an answer as JSON, or as the words that it is put into only then."""
    if format == "json":
        typer.echo(told.json())
    else:
        typer.echo(told.text(everything) if format == "text" else told.markdown(everything), nl=False)
