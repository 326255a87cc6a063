"""What to ask next: unknown inputs ranked by how much each narrows the outcomes.

For each answer to a question, the outcomes that stay possible are counted over all completions, exactly. The expected
number takes all answers as equally likely, which is ours and says nothing of patients; the worst is the answer that
narrows least.

First come the questions that narrow the outcomes of the usual patient, who has said no wish and has no exception about
him (`class` and `usual` in the vocabulary): nobody asks for a refusal before the findings. Behind them come the others. What
is usual orders the questions and does nothing else: what can still come out, and what can matter, is found without it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

from engine.inference.subjects import Fact, Subject
from engine.symbolic.circuit import Lit
from engine.symbolic.completions import Completions
from engine.symbolic.cone_of_influence import Outcomes
from engine.symbolic.solver import Model
from knowledge_base.language.domains import Choices, Member, Numbers, Subsets

# What a question costs, relative to asking the patient: ours, to put a question before an examination before a scan.
COSTS: Mapping[str, Fraction] = {
    "history": Fraction(1),
    "examination": Fraction(5, 4),
    "laboratory": Fraction(3, 2),
    "ct": Fraction(2),
    "mri": Fraction(5, 2),
    "biopsy": Fraction(4),
}


@dataclass(frozen=True)
class Question:
    """An unknown input, and what its answer would rule out: shares of the possible outcomes, from 0 to 1.

    `usually` is the same of the outcomes of the usual patient.
    """

    subject: Subject
    attribute: str
    expected: Fraction
    worst: Fraction
    usually: Fraction
    usually_worst: Fraction
    cost: str

    @property
    def rank(self) -> tuple[bool, Fraction, Fraction, str, str]:
        """Sort by the share that it rules out on average, for its cost; then by what it rules out at least."""
        expected, worst = (self.usually, self.usually_worst) if self.usually else (self.expected, self.worst)
        return (not self.usually, -expected / COSTS[self.cost], -worst, str(self.subject), self.attribute)


def ranked(
    completions: Completions, outcomes: Outcomes, matter: Mapping[Subject, set[Fact]], models: list[Model]
) -> list[Question]:
    """Return the questions that can matter, the most worthwhile first; none when every lesion is settled.

    `models` are completions found before; they save asking again.
    """
    ways = _Ways(completions, outcomes, matter, models)
    usually = _Narrowing(ways, completions.usual)  # first: what it finds, the other finds at hand
    every = _Narrowing(ways, [])
    found = (
        Question(
            *fact, *every.shares(fact), *usually.shares(fact), completions.knowledge.vocabulary[fact.attribute].effort
        )
        for fact in sorted(ways.answers)
    )
    return sorted(found, key=lambda question: question.rank)


class _Ways:
    """The answers and outcomes that can go together; every completion that is found is remembered, as far as it counts."""

    def __init__(
        self, completions: Completions, outcomes: Outcomes, matter: Mapping[Subject, set[Fact]], models: list[Model]
    ) -> None:
        self.matter = matter
        self._asker = completions.solver
        facts = sorted(set().union(*matter.values()))
        self.answers = {fact: _answers(completions, fact) for fact in facts}
        self.outcomes = {
            lesion: [completions.encoding.is_outcome(lesion, outcome) for outcome, _ in outcomes[lesion]]
            for lesion in matter
        }
        usual = (held.usual for held in completions.inputs.values())
        told = (*self.answers.values(), *self.outcomes.values())
        self._counting = {*usual, *chain.from_iterable(told)}
        self._met: list[set[Lit]] = []
        for model in models:
            self._meet(model)

    def _meet(self, model: Model) -> None:
        self._met.append(model.among(self._counting))

    def possible(self, kinds: Iterable[Collection[Lit]], *when: Lit) -> set[Lit]:
        """Return the literals of these kinds that can be true while all others are."""
        at_hand = (way for way in self._met if way.issuperset(when))
        return self._asker.possible(kinds, *when, at_hand=at_hand, met=self._meet)

    def answers_to(self, facts: Iterable[Fact]) -> list[Collection[Lit]]:
        """Return the answers to each of these questions."""
        return [self.answers[fact] for fact in sorted(facts)]


class _Narrowing:
    """Counts the outcomes that each answer leaves, of all completions or of those in which some literals are true."""

    def __init__(self, ways: _Ways, when: list[Lit]) -> None:
        self.ways = ways
        some = {lesion: ways.possible([literals], *when) for lesion, literals in ways.outcomes.items()}
        found = {x: [lit for lit in ways.outcomes[x] if lit in some[x]] for x in some if len(some[x]) > 1}
        if len(found) > 1:
            for together in zip(*found.values(), strict=False):  # completions that tell of several lesions at once
                ways.possible(ways.answers_to(ways.answers), *together, *when)
        self.left = {
            lesion: [ways.possible(ways.answers_to(ways.matter[lesion]), outcome, *when) for outcome in outcomes]
            for lesion, outcomes in found.items()
        }
        self.feasible = ways.possible(ways.answers_to(ways.answers), *when) if self.left else set()

    def shares(self, fact: Fact) -> tuple[Fraction, Fraction]:
        """Return the shares of the outcomes that an answer rules out on average, and at least."""
        some = Counter({answer: n for answer, n in self.ways.answers[fact].items() if answer in self.feasible})
        if not some:
            return Fraction(0), Fraction(0)
        shares = {answer: self._share(fact, answer) for answer in some}
        mean = sum((shares[answer] * count for answer, count in some.items()), Fraction()) / some.total()
        return 1 - mean, 1 - max(shares.values())

    def _share(self, fact: Fact, answer: Lit) -> Fraction:
        """Return the share of the outcomes that an answer leaves possible: the mean over the open lesions."""
        shares = [
            Fraction(sum(answer in left for left in each), len(each))
            if fact in self.ways.matter[lesion]
            else Fraction(1)
            for lesion, each in self.left.items()
        ]
        return sum(shares, Fraction()) / len(shares)


def _answers(completions: Completions, fact: Fact) -> Counter[Lit]:
    """Return the answers to a question that anything tells apart, each with how many there are of its kind."""
    held, alike = completions.inputs[fact], completions.encoding.cells.lines.alike[fact.attribute]
    kinds: dict[object, list[Lit]] = {}
    for value in held.answers():
        kind = value if isinstance(value, Numbers) else alike[_member(value)]
        kinds.setdefault(kind, []).append(held.says(value))
    return Counter({literals[0]: len(literals) for literals in kinds.values()})


def _member(value: Choices | Subsets) -> Member:
    (member,) = value.required if isinstance(value, Subsets) else value.members
    return member
