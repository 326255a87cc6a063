"""`metspine overlay`: what a hospital's own policy makes of what it extends, and what has changed there since."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metspine.cli.options import fail, load_base, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from knowledge_base import KnowledgeBase


def overlay(
    folder: Annotated[Path, typer.Argument(help="The folder of an overlay: its framework.yaml says `extends`.")],
    accept: Annotated[
        bool, typer.Option("--accept", help="Write down how the rules stand that it replaces or leaves out.")
    ] = False,
) -> None:
    """Print what an overlay replaces, leaves out and sets, and what has changed upstream under it."""
    from knowledge_base.loading.frameworks import UPSTREAM

    base = load_base(str(folder))
    if base.overlay is None:
        fail(f"{folder}: its framework.yaml does not say `extends`, so it is laid over nothing")
    for line in _made(base):
        typer.echo(line)
    found = list(upstream_lines(base, folder))
    if accept:
        write(folder / UPSTREAM, _upstream(base))
        raise typer.Exit(0)
    for line in found:
        typer.echo(line)
    raise typer.Exit(1 if found else 0)


def _made(base: "KnowledgeBase") -> "Iterator[str]":
    assert base.overlay is not None
    yield f"{base.framework.id} {base.framework.version} extends {base.overlay.extends}"
    for name, ours in base.overlay.replaced.items():
        yield f"replaces {name} by {ours}: {base.every_rule[ours].title}"
    for name in base.overlay.left_out:
        yield f"leaves out {name}: {base.overlay.upstream[name].title}"
    for dispute, side in base.framework.sides.items():
        yield f"takes the side {side} of {dispute}: {base.disputes[dispute].sides[side].label}"
    for name, raw in base.framework.settings.items():
        attribute = base.vocabulary[name]
        yield f"sets {attribute.sentence(attribute.read(raw))}, unless a case differs"
    for name, number in base.framework.thresholds.items():
        (attribute,) = (attribute for attribute in base.vocabulary.values() if name in attribute.thresholds)
        yield f"moves {name} of {attribute.label} from {attribute.thresholds[name]} to {number}"


def upstream_lines(base: "KnowledgeBase", folder: Path) -> "Iterator[str]":
    """Yield each rule that has changed upstream since the overlay replaced it or left it out, line by line."""
    from engine.verification.rules_changed import lines_changed
    from explain.report.knowledge_changes import changed_line
    from knowledge_base.loading.overlays import changed_upstream, kept_upstream

    replaced = base.overlay.replaced if base.overlay is not None else {}
    for name, before, now in changed_upstream(base, kept_upstream(folder)):
        how = f"replaced by {replaced[name]}" if name in replaced else "left out"
        if before is None:
            yield f"error: {name} ({how}): not written down how it stands upstream; `metspine overlay {folder} --accept`"
            continue
        yield f"error: {name} ({how}) has changed upstream; judge it, then `metspine overlay {folder} --accept`"
        yield from (f"    {changed_line(name, part)}" for part in lines_changed(before.rule, now.rule))


def _upstream(base: "KnowledgeBase") -> str:
    import io

    from ruamel.yaml import YAML

    from knowledge_base.loading.overlays import as_kept

    assert base.overlay is not None
    kept = {name: as_kept(text).model_dump(mode="json") for name, text in base.overlay.upstream.items()}
    yaml = YAML()
    yaml.width = 110
    stream = io.StringIO()
    stream.write(
        "# How the rules stood upstream that are replaced or left out here; written by `metspine overlay --accept`.\n"
    )
    yaml.dump(kept, stream)
    return stream.getvalue()
