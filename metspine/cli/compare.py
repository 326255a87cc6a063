"""Commands that set advice beside something else: what the sources of published patients did, other frameworks."""

from pathlib import Path
from typing import Annotated

import typer

from metspine.cli.explain import Printed, print_answer
from metspine.cli.options import (
    KnowledgeFolder,
    Settings,
    fail,
    load_base,
    progress,
    read_cases,
    run_library,
    tell_unheard,
    write,
)

PAGE = Path("docs") / "agreement.md"
HANDBOOK = Path("docs") / "knowledge"
SAFETY = "safety.md"  # beside the pages of the knowledge


def compare(
    case: Annotated[Path, typer.Argument(help="A case file (YAML or JSON).")],
    frameworks: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="NAME|FOLDER", help="A framework to compare with; repeatable. Default: all."),
    ] = None,
    format: Printed = "text",
    settings: Settings = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Set NOMS beside other frameworks on the same facts: where they agree, where they part, and at which rule."""
    from cases import read_case
    from cases.settings import with_settings
    from engine import Reasoner
    from engine.frameworks import compare as compared
    from explain.report.frameworks import comparison_report
    from metspine.results import Told

    first = load_base(knowledge)
    given = with_settings(read_case(case, first, expecting=False), settings or (), first)
    tell_unheard(given)
    bases = [first, *(load_base(name) for name in frameworks or others(first.framework.id))]
    comparison = compared(given, [Reasoner(base) for base in progress(bases, "reading frameworks")])
    print_answer(Told(comparison, lambda record, everything: comparison_report(record)), format)


def others(name: str) -> list[str]:
    """Return the frameworks that come with metspine, but for one."""
    from knowledge_base.loading.frameworks import frameworks

    return [framework for framework in frameworks() if framework != name]


def agreement(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Case files, or folders of them, instead of the library.")
    ] = None,
    to: Annotated[Path, typer.Option(metavar="FILE", help="Where --write puts the page.")] = PAGE,
    write_page: Annotated[bool, typer.Option("--write", help="Write the page to a file, not to the terminal.")] = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Set the advice beside what the sources of published patients did: agrees, acceptable, differs, or open and why."""
    from engine import Reasoner
    from metspine.library import LIBRARY
    from metspine.studies.agreement import agreement as compared
    from metspine.studies.agreement_page import page as written
    from metspine.studies.stamp import stamp

    base = load_base(knowledge)
    cases = [case for case in read_cases(paths or [LIBRARY], base) if case.source_decision is not None]
    if not cases:
        fail("no case says what its source did; add `source_decision` to one")
    reasoner = Reasoner(base)
    found = [compared(case, reasoner, settle=True) for case in progress(cases, "running cases")]
    page = written(found) + ("" if paths else f"\n{stamp(base)}\n")
    if write_page:
        write(to, page)
    else:
        typer.echo(page, nl=False)


def knowledge(
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Where --write puts the pages.")] = HANDBOOK,
    write_page: Annotated[bool, typer.Option("--write", help="Write the pages to files, not to the terminal.")] = False,
    export: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Write the knowledge to one .json file instead.")
    ] = None,
    which: KnowledgeFolder = None,
) -> None:
    """Print every rule in words with its sources and cases, disputed points, and what is to be signed off, on one page.

    With --write, the page of hazards is written beside it. What --export writes is read by --knowledge FILE.
    """
    if export is not None:
        from knowledge_base.loading.bundle import Bundle

        write(export, Bundle.of(load_base(which)).content())
        return
    from explain.report.handbook import one_page
    from explain.report.safety import safety_page
    from knowledge_base.loading.acceptances import read_acceptances
    from knowledge_base.loading.frameworks import folder_of
    from metspine.coverage import coverage_of, proof_of
    from metspine.studies.handbook_pages import handbook_pages
    from metspine.studies.stamp import stamp

    base = load_base(which)
    pages = handbook_pages(
        base, coverage_of(base, (proof_of(base, outcome.advice) for outcome in run_library(base))), which
    )
    if write_page:
        for place, page in pages.items():
            write(to / place, page)
        if base.hazards:
            write(to.parent / SAFETY, f"{safety_page(base, read_acceptances(folder_of(which)))}\n{stamp(base)}\n")
    else:
        typer.echo(one_page(pages), nl=False)
