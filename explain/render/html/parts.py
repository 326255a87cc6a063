"""The parts of a clinician's page: plain records in words, the same for HTML and PDF."""

from dataclasses import dataclass
from typing import NamedTuple

from engine.advice import Missing
from explain.report.counterfactuals import Told
from knowledge_base.language.knowledge import Source
from knowledge_base.language.rules import Basis, Stance, Urgency


@dataclass(frozen=True)
class Cited:
    """A source, where in it, and how well it was confirmed."""

    source: Source
    at: str
    basis: str


@dataclass(frozen=True)
class Said:
    """What one firing says: for or against a pathway, or why a measure or an alert."""

    rule: str
    number: int
    title: str
    because: str
    rests_on: tuple[str, ...]
    sources: tuple[Cited, ...]
    basis: Basis
    basis_words: str
    stance: Stance | None = None
    mark: str = ""
    stance_words: str = ""


@dataclass(frozen=True)
class Waiting:
    """A rule that might still speak about a pathway, and the names of the inputs that it waits for."""

    rule: str
    title: str
    words: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A pathway in the options table."""

    pathway: str
    label: str
    summary: str
    status: str
    status_words: str
    mark: str
    basis_words: str
    favour: tuple[Said, ...]
    against: tuple[Said, ...]
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True)
class Do:
    """A measure: what, for whom, how soon, why."""

    label: str
    who: str
    urgency: Urgency
    urgency_words: str
    is_urgent: bool
    reasons: tuple[Said, ...]


@dataclass(frozen=True)
class Warned:
    """An alert, and the rule that raised it."""

    level: str
    mark: str
    text: str
    who: str
    said: Said


class Change(NamedTuple):
    """An outcome that is possible, the answers that would force it, and the rules that would recommend it."""

    outcome: str
    answers: tuple[str, ...]
    rules: tuple[str, ...]


class Otherwise(NamedTuple):
    """What would have to be given otherwise: how much it takes, and the sets of changes under their headings."""

    verdict: str
    kinds: tuple[tuple[str, tuple[Told, ...], str], ...]  # heading, sets, how many more there are


class Sure(NamedTuple):
    """How sure is sure: whether it holds one grade away, which reading flips it, how near the numbers are to a line."""

    verdict: str
    flips: tuple[str, ...]
    clashes: str
    distances: tuple[str, ...]


class Letter(NamedTuple):
    """The headline findings of a letter of NOMS, as (label, words), and the weakest basis among them."""

    key: str
    name: str
    found: tuple[tuple[str, str], ...]
    basis: str


@dataclass(frozen=True)
class LesionPart:
    """Everything that the page says of one lesion; `number` counts from 1."""

    number: int
    id: str
    answer: str
    status: str
    status_words: str
    mark: str
    certainty: str | None
    disputed: tuple[str, ...]
    advised: tuple[Row, ...]
    argued: tuple[Row, ...]
    silent: tuple[Row, ...]
    letters: tuple[Letter, ...]
    missing: tuple[Missing, ...]
    next_question: str | None
    narrows: str
    changes: tuple[Change, ...]
    otherwise: Otherwise | None
