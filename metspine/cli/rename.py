"""`metspine rename`: another id for a rule or an attribute, wherever it is named."""

from typing import Annotated

import typer

from metspine.cli.options import KnowledgeFolder, fail, load_base


def rename(
    old: Annotated[str, typer.Argument(help="The id of a rule or an attribute.")],
    new: Annotated[str, typer.Argument(help="Its new id; one that stands nowhere.")],
    knowledge: KnowledgeFolder = None,
) -> None:
    """Give a rule or an attribute another id, in the knowledge and in the library of cases; comments and layout stay."""
    from knowledge_base.loading.frameworks import folder_of
    from metspine.library import LIBRARY
    from metspine.renaming import renamed

    base = load_base(knowledge)
    try:
        counts = renamed(old, new, base, folder_of(knowledge), LIBRARY)
    except ValueError as error:
        fail(f"rename: {error}")
    for path, count in counts.items():
        typer.echo(f"{path}: {count}")
    kept = "nobody takes it for another rule" if old in base.every_rule else "older cases and records are still read"
    typer.echo(f"{old} is now {new}; it stands under `formerly`, so that {kept}")
