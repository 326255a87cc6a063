"""What to ask next: unknown inputs ranked by how much each narrows the outcomes.

For each answer to a question, the outcomes that stay possible are counted over all completions, exactly. The expected
number takes all answers as equally likely, which is ours and says nothing of patients; the worst is the answer that
narrows least.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from engine.subjects import Subject
from engine.symbolic.asking import Model
from engine.symbolic.circuit import Lit
from engine.symbolic.cone import Outcomes
from engine.symbolic.encoding import Fact
from engine.symbolic.prospects import Prospects

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
    """An unknown input, and what its answer would rule out: shares of the possible outcomes, from 0 to 1."""

    subject: Subject
    attribute: str
    expected: Fraction
    worst: Fraction
    cost: str

    @property
    def worth(self) -> Fraction:
        """The share that it rules out on average, divided by what it costs."""
        return self.expected / COSTS[self.cost]


def ranked(
    prospects: Prospects, outcomes: Outcomes, matter: Mapping[Subject, set[Fact]], models: list[Model]
) -> list[Question]:
    """Return the questions that can matter, the most worthwhile first; none when every lesion is settled.

    `models` are completions found before; they save asking again.
    """
    narrowing = _Narrowing(prospects, outcomes, matter, models)
    found = [narrowing.question(fact) for fact in sorted(set().union(*matter.values()))]
    return sorted(found, key=lambda q: (-q.worth, -q.worst, str(q.subject), q.attribute))


class _Narrowing:
    """Counts the outcomes that each answer leaves."""

    def __init__(
        self, prospects: Prospects, outcomes: Outcomes, matter: Mapping[Subject, set[Fact]], models: list[Model]
    ) -> None:
        self.matter = matter
        self.cost = {fact: prospects.knowledge.vocabulary[fact[1]].cost or "history" for fact in prospects.unknown}
        every = sorted(set().union(*matter.values()))
        self.answers = {fact: _answers(prospects, fact) for fact in every}
        self.left: dict[Subject, list[set[Lit]]] = {
            lesion: [
                self._answers_left(prospects, prospects.encoding.is_outcome(lesion, outcome), facts, models)
                for outcome, _ in outcomes[lesion]
            ]
            for lesion, facts in matter.items()
        }
        asked = [literal for literals in self.answers.values() for literal in literals]
        self.feasible = prospects.asker.possible(asked, at_hand=models)

    def _answers_left(self, prospects: Prospects, outcome: Lit, facts: set[Fact], models: list[Model]) -> set[Lit]:
        """Return the answers that an outcome is compatible with."""
        asked = [literal for fact in sorted(facts) for literal in self.answers[fact]]
        return prospects.asker.possible(asked, outcome, [model for model in models if outcome in model])

    def question(self, fact: Fact) -> Question:
        """Return what is to be gained by asking for an input."""
        shares = [self._share(fact, answer) for answer in self.answers[fact] if answer in self.feasible]
        expected = 1 - sum(shares, Fraction()) / len(shares) if shares else Fraction(0)
        worst = 1 - max(shares, default=Fraction(1))
        return Question(*fact, expected, worst, self.cost[fact])

    def _share(self, fact: Fact, answer: Lit) -> Fraction:
        """Return the share of the outcomes that an answer leaves possible: the mean over the open lesions."""
        shares = [
            Fraction(sum(answer in left for left in self.left[lesion]), len(self.left[lesion]))
            if fact in facts
            else Fraction(1)
            for lesion, facts in self.matter.items()
        ]
        return sum(shares, Fraction()) / len(shares)


def _answers(prospects: Prospects, fact: Fact) -> list[Lit]:
    held = prospects.inputs[fact]
    return [held.says(value) for value in held.answers()]
