"""Whose advice changes between two knowledge bases, in words: the rules line by line, then each change with its patients."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from engine.verification.against import AdviceChanged, Aspect
from engine.verification.boxes import words_of
from engine.verification.rules_changed import LineChanged, RulesChanged
from explain.report.verification import patient
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import shown

TOLD = 3  # boxes of patients for one change
_ANSWERS: Mapping[str, str] = {
    "not_advised": "not advised",
    "stopped": "no advice",
    "given": "advice",
    "within_24_h": "within 24 hours",
    "within_1_week": "within a week",
    "before_treatment": "before treatment",
    "with_treatment": "with treatment",
    "not known": "not a pathway",
}


def subject(aspect: Aspect, *bases: KnowledgeBase) -> str:
    """Return what has changed: a pathway or measure by its label, an alert by its text."""
    if aspect.kind == "advice":
        return "Rules that contradict each other"
    if aspect.kind == "alert":
        return f"Danger alert: {aspect.name}"
    for base in bases:
        if aspect.kind == "hazard" and aspect.name in base.hazards:
            return f"Hazard {aspect.name}: {base.hazards[aspect.name].hazard}"
        entry = base.pathways.get(aspect.name) or base.measures.get(aspect.name)
        if entry is not None:
            return f"{entry.label[0].upper()}{entry.label[1:]} ({aspect.name})"
    return aspect.name


def answer(text: str) -> str:
    """Return an answer in words."""
    return _ANSWERS.get(text, text)


def who(change: AdviceChanged, new: KnowledgeBase) -> Iterator[str]:
    """Yield for whom something is otherwise: a few boxes and how many more, or bounds where boxes are too many."""
    first, *others = (change.box,) if change.parts is None else change.parts[:TOLD]
    yield words_of(first, new)
    yield from (f"or {words_of(box, new)}" for box in others)
    if change.parts is None:
        yield "though perhaps not in every combination: there are too many to tell apart"
    elif len(change.parts) > TOLD:
        yield f"and {len(change.parts) - TOLD} more kinds"
    if change.lesions > 1:
        yield "beside another lesion"


def lines(changes: Iterable[AdviceChanged], old: KnowledgeBase, new: KnowledgeBase) -> Iterator[str]:
    """Yield each change: what, for whom in clinical words, and the smallest patient who shows it."""
    for change in changes:
        side = f" (with {change.side})" if change.side else ""
        yield f"{subject(change.aspect, new, old)}: {answer(change.before)} before, {answer(change.after)} now{side}"
        first, *others = who(change, new)
        yield f"    who: {first}"
        yield from (f"         {other}" for other in others)
        yield f"    patient: {patient(change.witness, new)}"


def rule_lines(changed: RulesChanged) -> Iterator[str]:
    """Yield what has become of rules and steps of scores, by id and by line."""
    for what, names in (("added", changed.added), ("removed", changed.removed)):
        yield f"{what}: {', '.join(names) or 'nothing'}"
    yield f"changed: {', '.join(name for name, _ in changed.changed) or 'nothing'}"
    for name, parts in changed.changed:
        for part in parts:
            yield f"    {changed_line(name, part)}"


def changed_line(name: str, part: LineChanged) -> str:
    """Return one line of an entry that is otherwise."""
    return f"{name}: {part.place}: {_said(part.before)} before, {_said(part.after)} now"


def _said(value: Any) -> str:
    return "nothing" if value is None else shown(value)


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
    yield from ("", "## Rules", "")
    for what, names in (("Added", changed.added), ("Removed", changed.removed)):
        yield f"- {what}: {', '.join(names) or 'none'}"
    yield f"- Changed: {', '.join(name for name, _ in changed.changed) or 'none'}"
    if changed.changed:
        yield from ("", "| rule | line | before | now |", "|---|---|---|---|")
        for name, parts in changed.changed:
            for part in parts:
                yield f"| {name} | {part.place} | {_cell(_said(part.before))} | {_cell(_said(part.after))} |"
    yield from ("", "## Advice", "")
    if not changes:
        yield "Nobody's: every patient is advised as before."
    for aspect, some in groupby(changes, key=lambda change: change.aspect):
        yield from (f"### {subject(aspect, new, old)}", "", "| before | now | who | the smallest such patient |")
        yield "|---|---|---|---|"
        for change in some:
            whom = [*who(change, new), *([f"with {change.side}"] if change.side else [])]
            cells = (answer(change.before), answer(change.after), "; ".join(whom), patient(change.witness, new))
            yield f"| {' | '.join(map(_cell, cells))} |"
        yield ""
    yield from ("", "What is not listed is as it was. metspine advises a team and decides nothing.")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
