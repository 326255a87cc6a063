"""`metspine check` and `metspine watch`: what is wrong with the knowledge, the gravest and quickest to find first."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metspine.cli.options import CORES, Jobs, KnowledgeFolder, fail, load_base, progress, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from knowledge_base import KnowledgeBase
    from knowledge_base.text.errors import Position
    from metspine.checking import Checked
    from metspine.kept_results import Result


def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of the knowledge: only what is wrong in these is told.")
    ] = None,
    release: Annotated[
        bool, typer.Option("--release", help="Write down that this version is released: its rules change no more.")
    ] = False,
    jobs: Jobs = CORES,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Say also which lines of rules decide in no worked patient.")
    ] = False,
    knowledge: KnowledgeFolder = None,
) -> None:
    """Check the knowledge base: names, sources, contradictions, and the worked patients whom a change can matter to."""
    from knowledge_base.loading.frameworks import folder_of

    folder = folder_of(knowledge)
    only = _places(files or [], folder)
    errors = _check(folder, knowledge, only, jobs)
    if coverage:
        _coverage(folder, knowledge, only)
    if errors:
        raise typer.Exit(1)
    if release:
        from knowledge_base.loading.frameworks import RELEASED
        from knowledge_base.loading.releases import with_release

        write(folder / RELEASED, with_release(load_base(knowledge), folder))


def approve(knowledge: KnowledgeFolder = None) -> None:
    """Say whose advice among the worked patients changed, and write it down as agreed to."""
    from knowledge_base.loading.frameworks import folder_of
    from metspine import checking
    from metspine.approved import ANSWERS, answers_of, answers_text, change_lines

    base = load_base(knowledge)
    own = checking.own_folder(base, folder_of(knowledge))
    for line in change_lines(checking.advice_changed(base, own)):
        typer.echo(line)
    place = checking.places_of(own)[-1]
    write(place / ANSWERS, answers_text(answers_of(base, checking.everyone_in(place, base)), base, place))


def watch(jobs: Jobs = CORES, knowledge: KnowledgeFolder = None) -> None:
    """Check the knowledge base, and again each time that one of its files is saved; Ctrl-C ends it."""
    import time

    from knowledge_base import Invalid
    from knowledge_base.loading.frameworks import folder_of

    folder = folder_of(knowledge)
    seen: dict[Path, int] = {}
    try:
        while True:
            if (now := _saved(folder)) != seen:
                seen = now
                try:
                    _check(folder, knowledge, frozenset(), jobs)
                except Invalid as invalid:
                    typer.echo(str(invalid))
                typer.echo("waiting for the next save; Ctrl-C ends", err=True)
            time.sleep(0.5)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _saved(folder: Path) -> dict[Path, int]:
    """Return when each file of a folder was last written."""
    return {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*.yaml"))}


def _places(files: "Iterable[Path]", folder: Path) -> frozenset[str]:
    """Return files by their name inside the folder of knowledge."""
    found = set()
    for file in files:
        try:
            found.add(file.resolve().relative_to(folder.resolve()).as_posix())
        except ValueError:
            fail(f"{file}: is no file of the knowledge in {folder}; name its folder with --knowledge")
        if not file.exists():
            fail(f"{file}: there is no such file; check the path")
    return frozenset(found)


def _check(folder: Path, which: str | None, only: frozenset[str], jobs: int) -> int:
    """Print everything wrong, in the files named or (none named) in all; return how many errors there are."""
    from explain.report.verification import lines
    from knowledge_base.checks import findings
    from knowledge_base.loading.releases import taken_version
    from knowledge_base.schema import refresh_beside
    from metspine import checking
    from metspine.cli.overlay import upstream_lines
    from metspine.coverage import coverage_of, rules_without_pair

    def told(position: "Position") -> bool:
        return not only or position.file in only

    base = _load(which, only)
    found = [finding for finding in findings(base) if told(finding.problem.position)]
    quarrels = [finding for finding in checking.contradictions(base) if told(finding.position)]
    upstream = list(upstream_lines(base, folder))
    taken = taken_version(base, folder)
    for line in (*lines(quarrels, base), *map(str, found), *upstream, *([f"error: {taken}"] if taken else ())):
        typer.echo(line)
    refresh_beside(folder, base)
    own = checking.own_folder(base, folder)
    checked = checking.checked(base, checking.library_of(base, own), jobs, _bar)
    proofs = coverage_of(base, (result.proof for _, _, result in checked.results))
    uncovered = [problem for problem in rules_without_pair(base, proofs) if told(problem.position)]
    for problem in uncovered:
        typer.echo(f"error: {problem}")
    differing = 0 if only else _differences(checked) + _policy(base, folder, checked) + _advice_changed(base, own)
    changed = sum(line.startswith("error: ") for line in upstream)
    errors = (
        sum(f.severity == "error" for f in found)
        + len(quarrels)
        + changed
        + (taken is not None)
        + len(uncovered)
        + differing
    )
    typer.echo(
        f"{base.framework.id} {base.framework.version}: {len(base.rules)} rules, {len(base.steps)} score steps, "
        f"{len(base.vocabulary)} attributes, {len(base.sources)} sources, {len(checked.results)} cases "
        f"({checked.count_run} run, the rest as before); "
        f"{errors} errors, {len(found) - sum(f.severity == 'error' for f in found)} warnings"
    )
    return errors


def _load(which: str | None, only: frozenset[str]) -> "KnowledgeBase":
    """Return the knowledge base; of what is wrong with it, that in the files named is told first and alone."""
    from knowledge_base import Invalid

    try:
        return load_base(which)
    except Invalid as invalid:
        inside = [problem for problem in invalid.problems if problem.position.file in only]
        raise Invalid(inside or invalid.problems) from None


def _coverage(folder: Path, which: str | None, only: frozenset[str]) -> None:
    """Print each line of a rule, of the files named or (none named) of all, that decides in no worked patient."""
    from engine.verification.killing import decisive
    from metspine import checking

    base = _load(which, only)
    cases = [case for _, case in checking.library_of(base, checking.own_folder(base, folder))]
    try:
        found = decisive(base, cases, lambda items, count: progress(items, "looking at lines", count))
    except ValueError as error:
        fail(f"check: {error}")
    mine = {line: case for line, case in found.items() if not only or base.rules[line.unit].position.file in only}
    for line in (line for line, case in mine.items() if case is None):
        typer.echo(f"{base.rules[line.unit].position}: {line.unit}: {line.change}: decides in no case")
    count = sum(case is not None for case in mine.values())
    typer.echo(f"{count} of {len(mine)} lines of `when` and `unless` decide in some case")


def _bar(results: "Iterable[Result]", count: int) -> "Iterator[Result]":
    return progress(results, "running cases", count)


def _differences(checked: "Checked") -> int:
    differing = [(path, result) for path, _, result in checked.results if result.differences]
    for path, result in differing:
        for difference in result.differences:
            typer.echo(f"{path.name}: {difference}")
    return len(differing)


def _advice_changed(base: "KnowledgeBase", own: Path | None) -> int:
    """Print what changed of the approved answers; return 1 when something did."""
    from metspine import checking
    from metspine.approved import change_lines

    told = list(change_lines(checking.advice_changed(base, own)))
    for line in (*told, *(["    as you meant it? `metspine approve` agrees"] if told else ())):
        typer.echo(line)
    return bool(told)


def _policy(base: "KnowledgeBase", folder: Path, checked: "Checked") -> int:
    """Print the library cases that an overlay advises otherwise and that are not accepted; return how many."""
    if base.overlay is None:
        return 0
    from engine.verification.accepted import about_cases
    from knowledge_base.loading.acceptances import read_acceptances
    from knowledge_base.loading.overlays import extended_folder
    from metspine.library import LIBRARY
    from metspine.policies import Policy

    extended = extended_folder(folder, base.overlay.extends)
    assert extended is not None, "it was loaded"
    policy = Policy(base, load_base(str(extended)))
    shared = [path for path, _, _ in checked.results if path.parent == LIBRARY]
    found = [differs for path in progress(shared, "comparing") if (differs := policy.differs(path)) is not None]
    accepted = about_cases(read_acceptances(folder), cases=True).values()
    held = {key for acceptance in accepted if acceptance.holds_on(date.today()) for key in acceptance.findings}
    for differs in found:
        typer.echo(f"{'accepted' if differs.key in held else 'error'}: {differs}")
        if differs.key not in held:
            typer.echo(f"    to accept it: {differs.key}")
    idle = sorted(held - {differs.key for differs in found})
    for key in idle:
        typer.echo(f"error: accepted_findings.yaml: {key!r} is found no more; remove it")
    return sum(differs.key not in held for differs in found) + len(idle)
