"""The auditor's part: what was given, every firing in order with the rule as written, and what made the advice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from io import StringIO
from typing import Any

from engine.advice import Advice
from engine.decision import decision_digest
from engine.inference.trace import (
    AlertConclusion,
    ArgumentConclusion,
    AskConclusion,
    Concluded,
    FactRecord,
    Firing,
    MeasureConclusion,
    Premise,
)
from engine.versions import python_that_runs
from explain.phrases.terms import BASIS_WORDS, STANCE_WORDS, URGENCY_WORDS
from knowledge_base.language.knowledge import KnowledgeBase, Source
from knowledge_base.language.rules import Citation, Rule, Step

ENGINES = ("metspine", "experta", "networkx", "graphviz", "pygraphviz")


@dataclass(frozen=True)
class Cited:
    """A source, where in it, and how well that was confirmed."""

    source: Source
    at: str
    basis: str


@dataclass(frozen=True)
class RuleLine:
    """One line of a rule as it was met, or looked for in vain."""

    line: str
    fact: str
    test: str
    text: str


@dataclass(frozen=True)
class FiringCard:
    """One firing: what it read, what it said, on whose authority, and the rule as written."""

    number: int
    firing: Firing
    premises: tuple[RuleLine, ...]
    absent: tuple[RuleLine, ...]
    concluded: tuple[str, ...]
    sources: tuple[Cited, ...]
    basis: str
    chain_basis: str
    written: str


@dataclass(frozen=True)
class FactLine:
    """What the case says of a fact, what it was settled to be, and which firings narrowed it."""

    id: str
    label: str
    given: str
    value: str
    supports: str


class Audit:
    """The parts of the auditor's part."""

    def __init__(self, advice: Advice, knowledge: KnowledgeBase) -> None:
        self.advice = advice
        self.knowledge = knowledge
        self.cards = tuple(self._card(firing) for firing in self.advice.firings)
        self.facts = tuple(self._fact(fact) for fact in self.advice.facts if _says_something(fact))
        self.inputs = tuple(fact for fact in self.facts if fact.given)
        self.unknown = sum(fact.values is None for fact in self.advice.facts)
        self.digest = decision_digest(self.advice)

    @property
    def engines(self) -> Mapping[str, str]:
        """Return the versions of everything that made the advice."""
        return {**{name: _version(name) for name in ENGINES}, "Python": python_that_runs()}

    def _card(self, firing: Firing) -> FiringCard:
        unit = self.knowledge.units[firing.rule]
        return FiringCard(
            number=firing.sequence,
            firing=firing,
            premises=tuple(map(_line, firing.premises)),
            absent=tuple(map(_line, firing.absent)),
            concluded=tuple(self._conclusion(conclusion) for conclusion in firing.conclusions),
            sources=self._cited(unit.sources),
            basis=BASIS_WORDS[firing.basis],
            chain_basis=BASIS_WORDS[firing.chain_basis],
            written=written(unit, self.knowledge),
        )

    def _cited(self, citations: Iterable[Citation]) -> tuple[Cited, ...]:
        return tuple(Cited(self.knowledge.sources[c.ref], c.at, BASIS_WORDS[c.basis]) for c in citations)

    def _conclusion(self, concluded: Concluded) -> str:
        """Return what a firing concluded, in words."""
        if isinstance(concluded, ArgumentConclusion):
            label = self.knowledge.pathways[concluded.pathway].label
            return f"{STANCE_WORDS[concluded.stance]}: {label} ({concluded.lesion})"
        if isinstance(concluded, MeasureConclusion):
            return f"do: {self.knowledge.measures[concluded.measure].label}, {URGENCY_WORDS[concluded.urgency]}"
        if isinstance(concluded, AlertConclusion):
            return f"{concluded.level}: {concluded.text}"
        if isinstance(concluded, AskConclusion):
            attribute = self.knowledge.vocabulary[concluded.fact.attribute]
            return f"ask: {attribute.asking}"
        return f"{concluded.text} ({concluded.fact})"

    def _fact(self, fact: FactRecord) -> FactLine:
        attribute = self.knowledge.vocabulary[fact.attribute]
        return FactLine(
            id=str(fact.id),
            label=attribute.label,
            given=fact.given_words or "",
            value=fact.words,
            supports=", ".join(fact.supports),
        )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _line(premise: Premise) -> RuleLine:
    return RuleLine(premise.line, str(premise.fact), premise.test, premise.text)


def _says_something(fact: FactRecord) -> bool:
    return fact.given is not None or fact.values is not None or bool(fact.supports)


def written(unit: Rule | Step, knowledge: KnowledgeBase) -> str:
    """Return a rule as its file writes it (without sources, which stand apart), or a score step as a table."""
    if isinstance(unit, Rule):
        text = unit.text.as_written
        for entry in text["then"]:
            if "argue" in entry:
                entry["argue"]["pathway"] = _pathway_as_written(entry["argue"]["pathway"])
        return _yaml(text)
    if not unit.rows:
        return f"{unit.attribute} = {' + '.join(unit.reads)}"
    read, result = (knowledge.vocabulary[name] for name in (unit.reads[0], unit.attribute))
    rows = (f"  {read.words(row.accepted)}: {result.words(row.result)}" for row in unit.rows)
    return "\n".join([f"{read.id} → {result.id}", *rows])


def _pathway_as_written(pathway: dict[str, Any]) -> Any:
    """Return pathways as a file names them: one, a list, or {involving: …}."""
    if "involving" in pathway:
        return {"involving": pathway["involving"]}
    ids = pathway["ids"]
    return ids[0] if len(ids) == 1 else ids


def _yaml(data: Any) -> str:
    from ruamel.yaml import YAML

    stream = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # its own annotation says None
    yaml.width = 88
    yaml.allow_unicode = True
    yaml.dump(data, stream)
    return stream.getvalue().rstrip()


__all__ = ["Audit", "Cited", "FactLine", "FiringCard", "RuleLine", "written"]
