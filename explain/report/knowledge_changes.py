"""Whose advice changes between two knowledge bases, in words: the rules line by line, then each change with its patients."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from engine.verification.against import AdviceChanged, AspectKind
from engine.verification.rules_changed import LineChanged, RulesChanged
from explain.phrases.knowledge_changes import answers, contrast, subject, what, who
from explain.report.verification import patient
from knowledge_base.language.knowledge import KnowledgeBase

GRAVEST_FIRST: Mapping[AspectKind, str] = {
    "hazard": "hazards",
    "advice": "contradictions",
    "alert": "danger alerts",
    "pathway": "pathways",
    "measure": "measures",
}
FEW = 3  # changes that need no summary


def total(changes: Sequence[AdviceChanged], changed: RulesChanged) -> str:
    """Return how much there is to read: changes of advice by kind, the gravest first, and rules."""
    counts = Counter(change.aspect.kind for change in changes)
    kinds = ", ".join(f"{counts[kind]} of {name}" for kind, name in GRAVEST_FIRST.items() if counts[kind])
    rules = ("added", changed.added), ("removed", changed.removed), ("changed", changed.changed)
    of_rules = ", ".join(f"{len(some)} {how}" for how, some in rules if some) or "none changed"
    count = f"{len(changes)} change{'' if len(changes) == 1 else 's'} of advice"
    return f"{count}{f': {kinds}' if kinds else ''}; rules: {of_rules}"


def summary(changes: Sequence[AdviceChanged], old: KnowledgeBase, new: KnowledgeBase) -> Iterator[str]:
    """Yield, where there are many changes, how many there are of each thing, the gravest kind first."""
    for kind, of_kind in GRAVEST_FIRST.items() if len(changes) > FEW else ():
        counts = Counter(subject(c.aspect, new, old) for c in changes if c.aspect.kind == kind)
        if counts:
            yield f"{counts.total()} of {of_kind}: {'; '.join(f'{name} ({n})' for name, n in counts.most_common())}"


def lines(changes: Iterable[AdviceChanged], old: KnowledgeBase, new: KnowledgeBase) -> Iterator[str]:
    """Yield each change, the gravest kind first: what, for whom in clinical words, and the smallest patient who shows it."""
    kinds = list(GRAVEST_FIRST)
    for change in sorted(changes, key=lambda change: kinds.index(change.aspect.kind)):
        side = f" (with {change.side})" if change.side else ""
        yield f"{what(change, new, old)}{side}"
        first, *others = who(change, new)
        yield f"    who: {first}"
        yield from (f"         {other}" for other in others)
        yield f"    patient: {patient(change.witness, new)}"


def rule_lines(changed: RulesChanged) -> Iterator[str]:
    """Yield what has become of rules and steps of scores, by id and by line."""
    for how, names in (("added", changed.added), ("removed", changed.removed)):
        yield f"{how}: {', '.join(names) or 'nothing'}"
    yield f"changed: {', '.join(name for name, _ in changed.changed) or 'nothing'}"
    for name, parts in changed.changed:
        for part in parts:
            yield f"    {changed_line(name, part)}"


def changed_line(name: str, part: LineChanged) -> str:
    """Return one line of an entry that is otherwise."""
    before, after = contrast(part.before, part.after)
    return f"{name}: {part.place}: {before} before, {after} now"


def page(changes: list[AdviceChanged], changed: RulesChanged, old: KnowledgeBase, new: KnowledgeBase) -> str:
    """Return the page that a release carries, in Markdown."""
    return "\n".join(_page(changes, changed, old, new)) + "\n"


def _page(changes: list[AdviceChanged], changed: RulesChanged, old: KnowledgeBase, new: KnowledgeBase) -> Iterator[str]:
    yield f"# {new.framework.title}: whose advice changes"
    yield ""
    yield (
        f"From version {old.framework.version} ({old.digest[:12]}) to {new.framework.version} ({new.digest[:12]}), over "
        "every patient that the vocabulary allows, in every state of knowledge. `metspine verify --against` found each "
        "patient below with a solver and ran them under both."
    )
    yield from ("", f"{total(changes, changed)}.", "", "## Rules", "")
    for how, names in (("Added", changed.added), ("Removed", changed.removed)):
        yield f"- {how}: {', '.join(names) or 'none'}"
    yield f"- Changed: {', '.join(name for name, _ in changed.changed) or 'none'}"
    if changed.changed:
        yield from ("", "| rule | line | before | now |", "|---|---|---|---|")
        for name, parts in changed.changed:
            for part in parts:
                yield f"| {name} | {part.place} | {' | '.join(map(_cell, contrast(part.before, part.after)))} |"
    yield from ("", "## Advice", "")
    if not changes:
        yield "Nobody's: every patient is advised as before."
    for aspect, some in groupby(changes, key=lambda change: change.aspect):
        yield from (f"### {subject(aspect, new, old)}", "", "| before | now | who | the smallest such patient |")
        yield "|---|---|---|---|"
        for change in some:
            whom = [*who(change, new), *([f"with {change.side}"] if change.side else [])]
            cells = (*answers(change), "; ".join(whom), patient(change.witness, new))
            yield f"| {' | '.join(map(_cell, cells))} |"
        yield ""
    yield from ("", "What is not listed is as it was. metspine advises a team and decides nothing.")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
