"""What has become of the rules between two knowledge bases, by id and by the lines they are written in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import Rule, Step


@dataclass(frozen=True)
class LineChanged:
    """One line of an entry that is otherwise: where it stands, such as `when.escc_grade`; None where there is none."""

    place: str
    before: Any
    after: Any


@dataclass(frozen=True)
class RulesChanged:
    """What has become of rules and score steps, by id, those of sides that are off among them."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[tuple[str, tuple[LineChanged, ...]], ...]

    @classmethod
    def between(cls, old: KnowledgeBase, new: KnowledgeBase) -> "RulesChanged":
        """Return the difference between two knowledge bases."""
        before, after = _written(old), _written(new)
        changed = {name: tuple(lines_changed(before[name], after[name])) for name in sorted(before.keys() & after)}
        return cls(
            added=tuple(sorted(after.keys() - before.keys())),
            removed=tuple(sorted(before.keys() - after.keys())),
            changed=tuple((name, lines) for name, lines in changed.items() if lines),
        )


def _written(knowledge: KnowledgeBase) -> dict[str, Mapping[str, Any]]:
    """Return each rule as it is written, and each step of a score as its table."""
    rules = {name: _data(rule) for name, rule in knowledge.every_rule.items()}
    return {**rules, **{name: _table(step, knowledge) for name, step in knowledge.every_step.items()}}


def _table(step: Step, knowledge: KnowledgeBase) -> Mapping[str, Any]:
    read, spoken_of = (knowledge.vocabulary[name] for name in (step.reads[0], step.attribute))
    rows = {str(read.dump(row.accepted)): str(spoken_of.dump(row.result)) for row in step.rows}
    return {"reads": list(step.reads), "rows": rows, "because": step.because}


def _data(rule: Rule) -> Mapping[str, Any]:
    return rule.text.model_dump(mode="json", exclude_unset=True, exclude={"position"}, by_alias=True)


def lines_changed(before: Any, after: Any, place: str = "") -> Iterator[LineChanged]:
    """Yield where two pieces of YAML differ, as far down as both have the same shape."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from lines_changed(before.get(key), after.get(key), f"{place}.{key}" if place else str(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, (one, other) in enumerate(zip(before, after, strict=True), start=1):
            yield from lines_changed(one, other, f"{place}.{i}")
    else:
        yield LineChanged(place, before, after)
