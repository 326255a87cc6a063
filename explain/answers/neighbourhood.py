"""What stands around a rule: who sets what it reads, and who reads what it sets or argues about the same pathway."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.rules import STANCES, Rule, Stance
from knowledge_base.language.vocabulary import Attribute


@dataclass(frozen=True)
class Beside:
    """One thing that a rule reads or sets, and the other rules and score steps that set or read it, by id with a title."""

    attribute: Attribute
    units: Mapping[str, str]


@dataclass(frozen=True)
class Argued:
    """A pathway that a rule argues about, how, and the other rules that argue about it."""

    pathway: str
    label: str
    stance: Stance
    units: Mapping[str, str]


@dataclass(frozen=True)
class Neighbourhood:
    """A rule with all that it reads, sets, argues about and calls for, and the rules on the other side of each."""

    rule: str
    title: str
    reads: tuple[Beside, ...]
    sets: tuple[Beside, ...]
    argues: tuple[Argued, ...]
    measures: tuple[str, ...]
    alerts: tuple[str, ...]  # their levels


def neighbourhood(rule: Rule, knowledge: KnowledgeBase) -> Neighbourhood:
    """Return what stands around a rule; what is argued about pathways stands among `argues` alone."""
    vocabulary = knowledge.vocabulary
    reads = [vocabulary[name] for name in rule.reads if not name.startswith("argued_")]
    sets = [vocabulary[name] for name in rule.writes if not name.startswith("argued_")]
    return Neighbourhood(
        rule.id,
        rule.title,
        tuple(Beside(one, _titles(knowledge.writers[one.id], rule)) for one in reads),
        tuple(Beside(one, _titles(knowledge.readers[one.id], rule)) for one in sets),
        tuple(_argued(rule, knowledge)),
        tuple(knowledge.measures[called.measure].label for called in rule.measures),
        tuple(alert.level for alert in rule.alerts),
    )


def _argued(rule: Rule, knowledge: KnowledgeBase) -> Iterator[Argued]:
    for argument in rule.arguments:
        same = (other for stance in STANCES for other in knowledge.arguers.get((argument.pathway, stance), ()))
        label = knowledge.pathways[argument.pathway].label
        yield Argued(argument.pathway, label, argument.stance, _titles(same, rule))


def _titles(units: Iterable[Unit], rule: Rule) -> dict[str, str]:
    return {unit.id: unit.title for unit in units if unit.id != rule.id}
