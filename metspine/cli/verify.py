"""`metspine verify`: what holds of every patient that the vocabulary allows, and a patient for each thing that does not."""

import subprocess
import tarfile
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from metspine.cli.options import CORES, Jobs, KnowledgeFolder, check_picture, draw, fail, load_base, progress, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.verification.accepted import Judged
    from engine.verification.findings import Finding
    from knowledge_base import KnowledgeBase


def verify(
    jobs: Jobs = CORES,
    write_cases: Annotated[
        Path | None, typer.Option("--write-cases", metavar="DIR", help="Write the patients that show findings here.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="The day on which acceptances must hold; today unless given."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="OLD", help="Say instead whose advice changes; OLD is a folder, a name or a git revision."
        ),
    ] = None,
    page: Annotated[
        Path | None,
        typer.Option("--page", metavar="FILE", help="With --against: write the page that a release carries."),
    ] = None,
    diagram: Annotated[
        Path | None,
        typer.Option("--diagram", metavar="FILE", help="With --against: draw what becomes of each pathway."),
    ] = None,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Prove the rules over every patient: contradictions, hazards, rules that cannot fire, pathways, thresholds."""
    from engine.verification.accepted import about_cases, judge
    from engine.verification.verify import verify as find
    from knowledge_base.loading.acceptances import read_acceptances
    from knowledge_base.loading.frameworks import folder_of

    day = _day(on)
    base = load_base(knowledge)
    if against is not None:
        raise typer.Exit(_compare(against, base, folder_of(knowledge), jobs, page, diagram))
    for option, file in (("--page", page), ("--diagram", diagram)):
        if file is not None:
            fail(f"{option}: it shows changes; name with --against what to compare with")
    judged = judge(find(base, jobs), about_cases(read_acceptances(folder_of(knowledge)), cases=False), day)
    _print(judged, base)
    if write_cases is not None:
        _write_cases(judged.open, base, write_cases)
    raise typer.Exit(0 if judged.is_clean else 1)


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        fail(f"--on: {text!r} is not a day; write YYYY-MM-DD")


def _print(judged: "Judged", base: "KnowledgeBase") -> None:
    from explain.report.verification import lines

    for line in lines(judged.open, base):
        typer.echo(line)
    for acceptance in judged.expired:
        typer.echo(f"{acceptance.position}: {acceptance.id}: expired on {acceptance.expires}; mend it or judge it anew")
    for acceptance, key in judged.idle:
        typer.echo(f"{acceptance.position}: {acceptance.id}: {key!r} is found no more; remove it")
    for finding, acceptance in judged.accepted:
        typer.echo(f"accepted until {acceptance.expires} by {acceptance.by}: {finding.key} ({acceptance.id})")
    typer.echo(
        f"{base.framework.id} {base.framework.version}: {len(base.every_rule)} rules, {len(base.hazards)} hazards, "
        f"{len(base.disputes)} disputes over every patient; {len(judged.open)} findings, {len(judged.accepted)} accepted"
    )


def _write_cases(findings: "Iterable[Finding]", base: "KnowledgeBase", folder: Path) -> None:
    from cases.writing import case_text
    from knowledge_base.language.disputes import side_of

    for finding in findings:
        if finding.witness is not None:
            name = "-".join((finding.witness.id, *(side_of(finding.side) if finding.side else ())))
            write(folder / f"{name}.yaml", case_text(finding.witness, base))


def _compare(old: str, new: "KnowledgeBase", folder: Path, jobs: int, page: Path | None, diagram: Path | None) -> int:
    """Print whose advice changes between an older knowledge base and this one; return the exit code."""
    from engine.verification.against import compared
    from engine.verification.rules_changed import RulesChanged
    from explain.report.knowledge_changes import lines, rule_lines, summary, total
    from explain.report.knowledge_changes import page as written

    check_picture(diagram)
    with _older(old, folder) as base:
        changed = RulesChanged.between(base, new)
        try:
            changes = compared(base, new, jobs, lambda items, count: progress(items, "comparing", count))
        except ValueError as error:
            fail(f"--against {old}: {error}")
        said = (total(changes, changed), *rule_lines(changed))
        for line in (*said, *summary(changes, base, new), *lines(changes, base, new)):
            typer.echo(line)
        if page is not None:
            write(page, written(changes, changed, base, new))
        if diagram is not None:
            from explain.drawing.knowledge_changes import draw_changes
            from metspine.results import Picture

            draw(Picture(draw_changes(changes, base, new).source), diagram)
    typer.echo("Asked of every patient, with each side of each dispute that both have.")
    return 0


@contextmanager
def _older(old: str, folder: Path) -> "Iterator[KnowledgeBase]":
    """Give the knowledge base of a folder, of a name, or as it stood at a git revision of the folder at hand."""
    from knowledge_base.loading.frameworks import frameworks

    if Path(old).is_dir() or old in frameworks():
        yield load_base(old)
        return
    with TemporaryDirectory() as place:
        made = subprocess.run(
            ["git", "-C", str(folder.resolve().parent), "archive", "--format=tar", old, "."],
            capture_output=True,
            check=False,
        )
        if made.returncode:
            fail(f"--against: {old!r} is neither a folder nor a git revision of {folder.resolve().parent}")
        with tarfile.open(fileobj=BytesIO(made.stdout)) as archive:
            archive.extractall(place, filter="data")
        yield _read_old(old, Path(place) / folder.resolve().name)


def _read_old(old: str, folder: Path) -> "KnowledgeBase":
    from knowledge_base.text.errors import Invalid

    try:
        return load_base(str(folder))
    except Invalid as invalid:
        first, *others = invalid.problems
        more = f" (and {len(others)} more)" if others else ""
        fail(f"--against: this version cannot read the knowledge as it stood at {old}: {first}{more}")
