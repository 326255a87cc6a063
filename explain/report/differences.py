"""Differences in words: what was given, known, fired and advised on one side only, or otherwise."""

from collections.abc import Iterable, Iterator

from explain.answers.differences import Compared, Difference, Differences
from explain.report.blocks import Block, Heading, Para, Point, part, points

SIGNS = {"added": "+", "removed": "-", "changed": "≠"}


def differences_report(found: Differences) -> Iterator[Block]:
    """Yield the differences."""
    yield Heading(f"Differences: {_name(found.first, found)} and {_name(found.second, found)}")
    for which, side in (("A", found.first), ("B", found.second)):
        yield from (Para(answer, "plan", which) for answer in side.answers)
    if found.renamed:
        yield Para(f"Lesion {found.renamed[0]} of B is compared with lesion {found.renamed[1]} of A.")
    if not found.all:
        yield Para("Nothing differs.")
        return
    yield Para("+ only in B, - only in A, ≠ not the same", "small")
    yield from _section("What is given", found.given)
    yield from _section("What the knowledge says", found.knowledge)
    yield from _section("What was concluded", found.derived)
    yield from _section("What is advised", found.advised)
    yield from _section("What fired", found.fired)


def _name(side: Compared, found: Differences) -> str:
    stamp = side.knowledge_base
    if found.first.knowledge_base == found.second.knowledge_base:
        return side.case
    return f"{side.case} under {stamp.id} {stamp.version} ({stamp.digest[:12]})"


def _section(title: str, differences: Iterable[Difference]) -> Iterator[Block]:
    return part(title, points(Point(_words(d), mark=SIGNS[d.change]) for d in differences))


def _words(difference: Difference) -> str:
    before, after = difference.before, difference.after
    if difference.kind == "firing":
        return _firing(difference)
    if difference.kind == "alert" and difference.change != "changed":
        return f"{after or before}: {difference.label}"
    if difference.kind == "contradiction":
        return after or before or ""
    if difference.kind == "rule":
        return f"{difference.id}, {difference.label}" + (": in other words" if difference.change == "changed" else "")
    if before is None or after is None:
        return f"{difference.label}: {after or before}"
    return f"{difference.label}: {before} → {after}"


def _firing(difference: Difference) -> str:
    if difference.change == "changed":
        return f"{difference.label}: in A {difference.before}; in B {difference.after}"
    return f"{difference.label}: {difference.after or difference.before}"
