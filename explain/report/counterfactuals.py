"""What would change the advice, in words: the sets of changes, what they lead to, and the rules that say so."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.analysis.contrasts import Change, Changes, ChangeSet, ChangeSets
from engine.inference.subjects import PATIENT, Subject
from explain.phrases.brief import short_name, values_in_brief
from explain.phrases.prose import few, join
from explain.report.blocks import Block, Bullets, Para
from knowledge_base.language.domains import Choices
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute

SHOWN = 6  # sets of one kind that are told before the rest is counted
VALUES = 4  # of one input
RULES = 4
NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
FIXED = "What cannot change, but may have been given wrongly"
CONTRADICTORY = "What is given cannot all be true of one patient; correct that first."
FREE = "What can change, or be measured again"


@dataclass(frozen=True)
class ChangeWords:
    """One set of changes: what is recommended then, what would have to be so, and the rules that then recommend it.

    `outcome` is empty where it is just the pathway that was asked for.
    """

    outcome: str
    conditions: tuple[str, ...]
    rules: tuple[str, ...]

    def __str__(self) -> str:
        rules = f" [{', '.join(self.rules)}]" if self.rules else ""
        lead = f"{self.outcome}, if " if self.outcome else ""
        return f"{lead}{join(self.conditions, 'and')}{rules}"


class ChangesWords:
    """Puts the changes of one lesion into words."""

    def __init__(self, changes: Changes, knowledge: KnowledgeBase) -> None:
        self.changes = changes
        self.knowledge = knowledge

    @property
    def kinds(self) -> tuple[tuple[str, ChangeSets], ...]:
        """What can change, then what cannot, each with its heading."""
        return ((FREE, self.changes.changeable), (FIXED, self.changes.fixed))

    def verdict(self) -> str:
        """Return in a sentence how much it would take."""
        wanted = "another recommendation"
        if self.changes.pathway is not None:
            wanted = f"a recommendation of {self.knowledge.pathways[self.changes.pathway].label}"
            if self.changes.already:
                return f"{self._label(self.changes.pathway).capitalize()} is recommended already."
            if not self.knowledge.arguers.get((self.changes.pathway, "recommend")):
                return f"No rule of this knowledge base ever recommends {self._label(self.changes.pathway)}."
        sizes = [sets.size for _, sets in self.kinds if sets.size]
        if not sizes:
            what = "given or not known" if self.changes.pathway else "given"
            return (
                f"Nothing that is {what} leads to {wanted}, not even {NUMBERS[self.changes.largest]} changes together."
            )
        least = min(sizes)
        if least == 1:
            return f"A single change leads to {wanted}."
        return f"It takes at least {NUMBERS[least]} changes together for {wanted}."

    def told(self, sets: ChangeSets) -> tuple[ChangeWords, ...]:
        """Return every set of one kind in words; those that differ in one level only are told as one."""
        alike: dict[object, list[ChangeSet]] = {}
        for found in sets.sets:
            levels = [c.fact for c in found.changes if self._is_several(c)]
            rest = tuple(c.fact if levels == [c.fact] else (c.fact, c.text) for c in found.changes)
            alike.setdefault((found.recommended, found.rules, rest), []).append(found)
        return tuple(self._set(found) for found in alike.values())

    def _is_several(self, change: Change) -> bool:
        return self.knowledge.vocabulary[change.fact.attribute].type == "several"

    def blocks(self) -> Iterator[Block]:
        """Yield the verdict, and under each kind its sets."""
        yield Para(self.verdict())
        for heading, sets in self.kinds:
            if sets.sets:
                more = self.more(sets, SHOWN)
                yield Bullets(heading, (*map(str, self.told(sets)[:SHOWN]), *([more] if more else [])))

    def more(self, sets: ChangeSets, shown: int) -> str:
        """Return how many there are beside those that are shown; nothing when that is all."""
        left = len(self.told(sets)) - shown
        if left > 0:
            return f"{left} more{', at least' if sets.is_cut else ''}"
        return "and others" if sets.is_cut else ""

    # --- one set -----------------------------------------------------------------------------------------------

    def _set(self, alike: list[ChangeSet]) -> ChangeWords:
        found = alike[0]
        labels = [self._label(name) for name in found.recommended]
        is_asked = found.recommended == (self.changes.pathway,)
        return ChangeWords(
            outcome="" if is_asked else join(labels) if labels else "no recommendation",
            conditions=tuple(self._condition(*same) for same in zip(*(one.changes for one in alike), strict=True)),
            rules=tuple(few(found.rules, RULES)),
        )

    def _label(self, pathway: str) -> str:
        return self.knowledge.pathways[pathway].label

    def _condition(self, *alike: Change) -> str:
        """Return "ESCC grade is 1c instead of 3", or "ESCC grade is found to be 1c" where it is not known.

        Several changes of one input differ in its value only.
        """
        change = alike[0]
        subject, name = change.fact
        attribute = self.knowledge.vocabulary[name]
        of = "" if subject in (PATIENT, Subject(self.changes.lesion)) else f" of {subject}"
        are = "are" if attribute.type == "several" else "is"
        if attribute.read(change.values) == attribute.domain:
            return f"{short_name(attribute)}{of} {are} known, whatever it is"
        values = cut(list(dict.fromkeys(values_in_words(attribute, one.values) for one in alike)))
        if change.given is None:
            return f"{short_name(attribute)}{of} {are} found to be {values}"
        return f"{short_name(attribute)}{of} {are} {values} instead of {values_in_words(attribute, change.given)}"


def values_in_words(attribute: Attribute, raw: object) -> str:
    """Return values as a reader says them, of a long list the first few."""
    values = attribute.read(raw)
    if not isinstance(values, Choices):
        return attribute.words(values)
    return cut([values_in_brief(attribute, Choices(frozenset({one}))) for one in attribute.members_in_order(values)])


def cut(labels: list[str]) -> str:
    """Return words joined; of many the first few, and how many others."""
    if len(labels) > VALUES:
        return join([*labels[: VALUES - 1], f"{len(labels) - VALUES + 1} others"])
    return join(labels)
