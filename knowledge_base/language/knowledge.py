"""The knowledge base as a whole: everything that was loaded, checked and resolved, and never changes again."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import Field, StrictBool

from knowledge_base.grouping import grouped
from knowledge_base.language.conditions import Quantified, attributes_read, leaves
from knowledge_base.language.disputes import Dispute, is_on, side_text
from knowledge_base.language.entries import Entry, Identifier, Label, Link, Name, is_empty
from knowledge_base.language.rules import Grounds, Rule, RuleId, Step, Strict
from knowledge_base.language.synonyms import Lexicon, Synonyms
from knowledge_base.language.vocabulary import Attribute, Vocabulary
from knowledge_base.text.errors import listed, shown, suggestion

if TYPE_CHECKING:
    from knowledge_base.language.hazards import Hazard
    from knowledge_base.language.overlay import Overlay

Unit = Rule | Step
Question = tuple[str, Quantified, tuple[str, ...]]  # its text, and the attributes that it reads
SomeUnit = TypeVar("SomeUnit", Rule, Step)


class Include(Strict):
    """Files that a framework shares with a neighbour, such as its vocabulary."""

    from_: Identifier = Field(alias="from", description="the folder beside this one that holds them")
    files: tuple[Label, ...] = Field(min_length=1, description="files of it, such as vocabulary/*.yaml")


class NoInput(Strict):
    """Keys that no rule reads, and the inputs that come nearest to what they say."""

    said: tuple[Label, ...] = Field(min_length=1, description="the keys, as people write them")
    nearest: tuple[Identifier, ...] = Field(min_length=1, description="the inputs that are told beside them")


class Framework(Entry):
    """What the knowledge base is, and the sentence that every piece of advice carries."""

    id: Identifier = Field(description="its name, for life")
    title: Label = Field(description="its name for readers")
    version: Name = Field(pattern=r"^\d+\.\d+\.\d+$", description="three numbers, such as 1.0.0")
    about: Label = Field(description="what it covers, and on whose authority")
    notice: Label = Field(description="the sentence that every piece of advice carries")
    include: tuple[Include, ...] = Field((), description="files that are shared with other knowledge bases")
    extends: Label | None = Field(
        None,
        exclude_if=is_empty,
        description="the framework that this one is laid over: a name, or a folder seen from here",
    )
    without: tuple[RuleId, ...] = Field(
        (), exclude_if=is_empty, description="of what it extends: rules that do not count here"
    )
    sides: dict[Identifier, Identifier] = Field(
        {}, exclude_if=is_empty, description="of disputes: the sides that are on here, in place of the default ones"
    )
    thresholds: dict[Identifier, Any] = Field(
        {}, exclude_if=is_empty, description="of the vocabulary: named thresholds that lie elsewhere here"
    )
    settings: dict[Identifier, Any] = Field(
        {},
        exclude_if=is_empty,
        description="settings and exceptions of the patient: what holds of everybody here unless a case differs",
    )

    remarks: tuple[Label, ...] = Field(
        (),
        exclude_if=is_empty,
        description="keys that people write into a case and that no rule reads: kept as notes, and said so",
    )
    near_inputs: tuple[NoInput, ...] = Field(
        (), exclude_if=is_empty, description="such keys of which an input speaks as well, which is told beside them"
    )
    if_new_deficit: tuple[RuleId, ...] = Field(
        (),
        exclude_if=is_empty,
        description="rules that hold where a sign that was typed and not read is a new deficit: what they call for is told",
    )
    wishes_first: tuple[Identifier, ...] = Field(
        (),
        exclude_if=is_empty,
        description="wishes on which all treatment hangs, such as comfort alone: what is done now waits for them",
    )
    retired_ids: tuple[RuleId, ...] = Field(
        (), exclude_if=is_empty, description="ids of rules that are gone, which no other rule may take"
    )

    @property
    def shares(self) -> bool:
        """Whether it takes files from another framework, so that one case serves both."""
        return bool(self.include or self.extends)


WORD = re.compile(r"[\w'-]+")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")


class Source(Entry):
    """What may be cited; `seed` marks the review that the project started from."""

    id: Identifier = Field(description="the name by which rules cite it")
    label: Label | None = Field(None, description="its short name for readers, such as Laufer 2013; without it, its id")
    citation: Label = Field(description="authors, title, journal, year, pages")
    doi: Label | None = Field(None, description="its DOI, without https://doi.org/")
    url: Link | None = Field(None, description="where to open it, when it has no DOI")
    read: Literal["full_text", "abstract", "registry", "secondary", "none"] = Field(
        description="what was at hand when the knowledge was written"
    )
    seed: StrictBool = Field(False, description="the review that the project started from; cited with basis `abstract`")

    @property
    def short(self) -> str:
        """Its short name for readers."""
        return self.label or self.id

    @property
    def unfounded(self) -> tuple[str, ...]:
        """The years of its label, and the word that it begins with, as far as its citation does not hold them."""
        named = (*WORD.findall(self.label or "")[:1], *YEAR.findall(self.label or ""))
        words = {word.casefold() for word in (*WORD.findall(self.citation), *YEAR.findall(self.citation))}
        return tuple(one for one in named if one.casefold() not in words)

    @property
    def link(self) -> str | None:
        """Where to open it, if that is known."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url


class Pathway(Entry):
    """A treatment that rules argue about."""

    id: Identifier = Field(description="its name in rules and advice, for life")
    label: Label = Field(description="its name for readers")
    summary: Label = Field(description="what is done, in a sentence")
    involves: tuple[Identifier, ...] = Field((), description="what it takes, for rules that argue about {involving: …}")
    given_as: tuple[tuple[Identifier, ...], ...] = Field(
        (), description="sets of treatments of treatments.yaml; a report that names exactly one of them describes it"
    )
    course: Label | None = Field(
        None,
        exclude_if=is_empty,
        description="what it amounts to while details are open, in words that all pathways of its kind share",
    )
    excludes: tuple[Identifier, ...] = Field(
        (), exclude_if=is_empty, description="pathways that are never recommended beside it; one of a pair says so"
    )


class Treatment(Entry):
    """What a report names when it says what was done; see `Pathway.given_as`."""

    id: Identifier = Field(description="its name in cases, for life")
    label: Label = Field(description="its name for readers")
    accompanies: StrictBool = Field(False, description="it may go with any pathway without being part of it")


class Measure(Entry):
    """Something to do beside the pathway."""

    id: Identifier = Field(description="its name in rules and advice, for life")
    label: Label = Field(description="its name for readers")
    do: Label | None = Field(
        None, description="what to do, the verb first, such as call the spine surgeon; without it, its label"
    )
    summary: Label = Field(description="what is done, in a sentence")
    also: tuple[Label, ...] = Field(
        (),
        exclude_if=is_empty,
        description="keys under which people write that it is done, such as dex for dexamethasone",
    )
    finds: tuple[Identifier, ...] = Field(
        (), description="for a test: attributes that it can find to be other than recorded; a plan waits for it"
    )
    read_first: tuple[Identifier, ...] = Field(
        (),
        description="inputs that speak against it: where words were typed for one and not read, that is told beside it",
    )
    comprises: tuple[Identifier, ...] = Field(
        (),
        exclude_if=is_empty,
        description="measures of which nothing is left to say where this one is called for, as soon or sooner",
    )

    @property
    def to_do(self) -> str:
        """What to do, the verb first."""
        return self.do or self.label


@dataclass(frozen=True)
class KnowledgeBase:
    """All entries by id, in order of id; `levels` says after which stratum each attribute is settled.

    `rules` and `steps` are those that count: of every dispute, the side that is on (`sides`), and all that belong to no
    side. `every_rule` and `every_step` are those of all sides; `levels` serve them all, so that sides can be changed
    without settling anything in another order.
    """

    framework: Framework
    vocabulary: Vocabulary
    sources: Mapping[str, Source]
    pathways: Mapping[str, Pathway]
    measures: Mapping[str, Measure]
    rules: Mapping[str, Rule]
    steps: Mapping[str, Step]
    levels: Mapping[str, int]
    digest: str
    disputes: Mapping[str, Dispute] = field(default_factory=dict)
    treatments: Mapping[str, Treatment] = field(default_factory=dict)
    sides: Mapping[str, str] = field(default_factory=dict)
    every_rule: Mapping[str, Rule] = field(default_factory=dict)
    every_step: Mapping[str, Step] = field(default_factory=dict)
    synonyms: Mapping[str, Synonyms] = field(default_factory=dict)
    hazards: "Mapping[str, Hazard]" = field(default_factory=dict)
    origin: Path | None = field(default=None, compare=False)  # the folder or the file that it was read from
    overlay: "Overlay | None" = None
    retired: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # what is gone, and what stands for it
    read_as: tuple[object, ...] = field(default=(), compare=False)  # its parts when it was read, see `is_as_read`

    def __repr__(self) -> str:
        return f"<knowledge base {self.framework.id} {self.framework.version}: {len(self.rules)} rules>"

    @property
    def other_sides(self) -> list[tuple[str, str]]:
        """Return each side that is not on, after the dispute that it is of."""
        return [(d.id, side) for d in self.disputes.values() for side in d.sides if side != self.sides[d.id]]

    def with_side(self, dispute: str, side: str) -> "KnowledgeBase":
        """Return the same knowledge with another side of a dispute on; raise ValueError when there is none such."""
        if dispute not in self.disputes:
            known = listed(self.disputes) or "there is none"
            raise ValueError(f"{dispute!r} is not a known dispute ({known}){suggestion(dispute, self.disputes)}")
        known_sides = self.disputes[dispute].sides
        if side not in known_sides:
            raise ValueError(
                f"{side!r} is not a side of {dispute} ({listed(known_sides)}){suggestion(side, known_sides)}"
            )
        turned = replace(self, sides={**self.sides, dispute: side})
        return replace(turned, rules=turned._on(self.every_rule), steps=turned._on(self.every_step))

    def with_sides(self, sides: Mapping[str, str]) -> "KnowledgeBase":
        """Return the same knowledge with these sides on, itself when they are; raise ValueError as `with_side` does."""
        turned = self
        for dispute, side in sides.items():
            try:
                turned = turned if turned.sides.get(dispute) == side else turned.with_side(dispute, side)
            except ValueError as error:
                raise ValueError(f"{side_text(dispute, side) if side else dispute}: {error}") from None
        return turned

    def sides_among(self, sides: Mapping[str, str]) -> dict[str, str]:
        """Return those of some sides that it has, by dispute: another version may have others."""
        return {
            name: side for name, side in sides.items() if name in self.disputes and side in self.disputes[name].sides
        }

    def _on(self, units: Mapping[str, SomeUnit]) -> dict[str, SomeUnit]:
        return {name: unit for name, unit in units.items() if is_on(unit, self.sides)}

    @property
    def is_whole(self) -> bool:
        """Tell whether the rules that count are just those of all rules that are on; a copy may have been given others."""
        return self.rules == self._on(self.every_rule) and self.steps == self._on(self.every_step)

    @property
    def is_as_read(self) -> bool:
        """Tell whether it holds what it was read with, other sides apart, so that its digest is that of what it holds."""
        parts = zip(self.parts, self.read_as, strict=False)
        return bool(self.read_as) and all(part is read for part, read in parts) and self.is_whole

    @property
    def parts(self) -> tuple[object, ...]:
        """What all reasoning hangs on, whatever the sides."""
        return (
            self.vocabulary,
            self.pathways,
            self.every_rule,
            self.every_step,
            self.levels,
            self.hazards,
            self.disputes,
        )

    @cached_property
    def whole(self) -> "KnowledgeBase":
        """The rules of all sides at once: for looking at, not for advice."""
        return replace(self, rules=self.every_rule, steps=self.every_step)

    def named(self, text: str) -> tuple[str, ...]:
        """Return the ids of the pathways, measures and attributes that a text names as people do, the likeliest first.

        It may be the id, the `group.key` of a case file, the label, or another name of an attribute; neither case nor
        `_` counts.
        """
        return self._names.get(_plain(text), ())

    def pathway_named(self, text: str) -> str:
        """Return the id of the pathway that a text names; raise ValueError, with the nearest, for none."""
        for name in self.named(text):
            if name in self.pathways:
                return name
        near = suggestion(text, self.pathways) or f"; there are {listed(self.pathways)}"
        raise ValueError(f"{shown(text)} is not a pathway{near}")

    def lexicon(self, attribute: str) -> Lexicon:
        """Return all words of one attribute, put in order when they are first asked for."""
        if attribute not in self._lexicons:
            self._lexicons[attribute] = Lexicon(self.vocabulary[attribute], self.synonyms.get(attribute))
        return self._lexicons[attribute]

    @cached_property
    def _lexicons(self) -> dict[str, Lexicon]:
        return {}

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        attributes = [attribute for attribute in self.vocabulary.values() if attribute.of != "option"]
        entries: tuple[Pathway | Measure | Attribute, ...] = (
            *self.pathways.values(),
            *self.measures.values(),
            *attributes,
        )
        written = [(entry.id, entry.id) for entry in entries]
        written += [(f"{a.group} {a.key}", a.id) for a in attributes if a.group]
        written += [(entry.label, entry.id) for entry in entries]
        written += list(self.vocabulary.former.items())
        written += [(name, synonyms.id) for synonyms in self.synonyms.values() for name in synonyms.also]
        return grouped(dict.fromkeys((_plain(text), name) for text, name in written))

    def side_units(self, dispute: str, side: str) -> tuple[Unit, ...]:
        """Return the rules and score steps that belong to one side of a dispute."""
        return self._by_side.get((dispute, side), ())

    @cached_property
    def _by_side(self) -> Mapping[tuple[str, str], tuple[Unit, ...]]:
        units = self.whole.units.values()
        return grouped(((unit.side.dispute, unit.side.side), unit) for unit in units if unit.side)

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Everything that can fire: rules and score steps, by id."""
        return {**self.rules, **self.steps}

    @cached_property
    def writers(self) -> Mapping[str, tuple[Unit, ...]]:
        """For each attribute, the rules and score steps that speak of it."""
        return self._by_attribute(lambda unit: unit.writes)

    @cached_property
    def readers(self) -> Mapping[str, tuple[Unit, ...]]:
        """For each attribute, the rules and score steps that read it."""
        return self._by_attribute(lambda unit: unit.reads)

    def _by_attribute(self, named: Callable[[Unit], Iterable[str]]) -> Mapping[str, tuple[Unit, ...]]:
        found: dict[str, list[Unit]] = {name: [] for name in self.vocabulary}
        for unit in self.units.values():
            for name in dict.fromkeys(named(unit)):
                found[name].append(unit)
        return {name: tuple(units) for name, units in found.items()}

    def downstream(self, attribute: str) -> frozenset[str]:
        """Return the attributes that hang on one, directly or through others, itself among them."""
        found, waiting = {attribute}, [attribute]
        while waiting:
            spoken_of = {name for unit in self.readers[waiting.pop()] for name in unit.writes}
            waiting.extend(spoken_of - found)
            found |= spoken_of
        return frozenset(found)

    @cached_property
    def questions(self) -> Mapping[str, Quantified]:
        """Every question over lesions or options that a rule asks, by its key."""
        found = {
            leaf.key: leaf
            for rule in self.rules.values()
            for condition in (rule.when, rule.unless)
            for leaf in leaves(condition)
            if isinstance(leaf, Quantified)
        }
        return dict(sorted(found.items()))

    @cached_property
    def settled_at(self) -> Mapping[int, tuple[Attribute, ...]]:
        """For each stratum, the attributes that are settled after it."""
        return grouped((self.levels[name], attribute) for name, attribute in self.vocabulary.items())

    @cached_property
    def answered_at(self) -> Mapping[int, tuple[Question, ...]]:
        """For each stratum, the questions over lesions or options that can be answered after it, with what they read."""
        read = ((key, question, tuple(attributes_read(question.condition))) for key, question in self.questions.items())
        return grouped((max(self.levels[name] for name in names), (key, one, names)) for key, one, names in read)

    @cached_property
    def arguers(self) -> Mapping[tuple[str, str], tuple[Rule, ...]]:
        """For each pathway and stance, the rules that argue so."""
        return grouped(((said.pathway, said.stance), rule) for rule in self.rules.values() for said in rule.arguments)

    def stratum(self, unit: Unit) -> int:
        """Return the stratum in which a rule or step fires: after everything that it reads is settled."""
        return max((self.levels[name] + 1 for name in unit.reads), default=0)

    @property
    def last_level(self) -> int:
        return max(self.levels.values(), default=0)

    def grounds(self, unit_id: str) -> Grounds:
        """Return the entry that a firing names."""
        return self.units[unit_id]


@dataclass(frozen=True, eq=False)
class ByIdentity:
    """A knowledge base as a cache key: the same object, not an equal one."""

    base: KnowledgeBase

    def __hash__(self) -> int:
        return id(self.base)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and other.base is self.base


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").replace(".", " ").split())
