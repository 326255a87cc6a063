"""`metspine mutate`: which slips in the rules no worked patient would notice, and a patient who would notice each."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metspine.cli.options import KnowledgeFolder, fail, load_base, progress, write

if TYPE_CHECKING:
    from engine.verification.mutation import Survivor
    from knowledge_base import KnowledgeBase


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(mutate)


def mutate(
    rule: Annotated[
        list[str] | None, typer.Option("--rule", metavar="ID", help="Only this rule or score; repeatable.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="On how many cores.")] = min(2, os.cpu_count() or 1),
    write_cases: Annotated[
        Path | None, typer.Option("--write-cases", metavar="DIR", help="Write the patients who would notice here.")
    ] = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Try slips in the rules (a line dropped, a threshold moved by one, a stance turned) on the worked patients."""
    from engine.verification.mutation import mutation
    from explain.report.mutation import lines, summary
    from knowledge_base.loading.frameworks import folder_of
    from metspine.checking import library_of

    base = load_base(knowledge)
    units = [unit for name, unit in base.units.items() if not rule or {name, name.split("/")[0]} & set(rule)]
    if not units:
        fail(f"--rule: no rule or score is {' or '.join(rule or ())}; `metspine knowledge` lists them")
    own = folder_of(knowledge) if base.overlay is not None else None
    cases = [case for _, case in library_of(base, own)]
    try:
        found = mutation(base, units, cases, jobs, lambda items, count: progress(items, "trying", count))
    except ValueError as error:
        fail(f"mutate: {error}")
    for line in (*lines(found, base), summary(found)):
        typer.echo(line)
    for number, survivor in enumerate(found.alive, start=1) if write_cases else ():
        assert write_cases is not None
        name = f"kills-{survivor.mutant.unit.lower().replace('/', '-')}-{number}"
        write(write_cases / f"{name}.yaml", _text(survivor, name, base))


def _text(survivor: "Survivor", name: str, base: "KnowledgeBase") -> str:
    from dataclasses import replace

    from cases.writing import case_text
    from explain.report.mutation import hope

    assert survivor.witness is not None
    case = replace(survivor.witness, id=name, title=str(survivor.mutant))
    expected = "".join(f"  {who}: {hope(said)}\n" for who, said in case.expect.items())
    return f"{case_text(case, base)}expect:\n{expected}"
