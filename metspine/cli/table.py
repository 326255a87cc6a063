"""`metspine table`: rules and scores as tables for reviewers and spreadsheets, and what was changed there read back."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from metspine.cli.options import KnowledgeFolder, fail, load_base

TableFormat = Literal["csv", "markdown"]


def table(
    name: Annotated[
        str | None, typer.Argument(help="A score (`sins`) or a table of rules (`noms_table`); none: all on one page.")
    ] = None,
    format: Annotated[TableFormat, typer.Option(help="How to print one table.")] = "csv",
    read: Annotated[
        Path | None,
        typer.Option("--read", metavar="FILE", help="Write the cells changed in this .csv or .md into the knowledge."),
    ] = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Print a table of rules or a score for a spreadsheet, or all tables for reviewers; read a changed one back.

    In the knowledge only the values of changed cells are written anew; its comments, order and layout stay.
    """
    from knowledge_base.loading.frameworks import folder_of
    from metspine.decision_tables import page, read_back, table_named

    base, folder = load_base(knowledge), folder_of(knowledge)
    if name is None:
        if read is not None:
            fail("--read: name the table that the file is read into, such as noms_table")
        typer.echo(page(base, folder), nl=False)
        return
    try:
        found = table_named(name, folder)
    except ValueError as error:
        fail(f"table: {error}")
    if read is None:
        typer.echo(found.csv() if format == "csv" else found.markdown(), nl=False)
        return
    changes = read_back(found, read, folder)
    for change in changes:
        row = " ".join(change.row.cells[key] for key in found.keys)
        before = change.row.cells.get(change.column) or "nothing"
        typer.echo(f"{row}, {change.column}: {before} -> {change.text or 'nothing'}")
    then = "; `metspine check` says whose advice changes" if changes else ""
    typer.echo(f"{found.path}: {len(changes)} cells changed{then}")
