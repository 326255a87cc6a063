"""One question that could be asked, and the most that it could rule out, as far as has been looked."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from engine.analysis.value_of_information import COSTS
from engine.inference.subjects import Subject
from engine.symbolic.circuit import Lit
from engine.symbolic.completions import Outcome
from engine.symbolic.encoding import Fact
from knowledge_base.language.domains import Values

if TYPE_CHECKING:
    from engine.analysis.next_question import Now

About = tuple[Subject, Outcome]


@dataclass(frozen=True)
class Way:
    """One completion: the answer that it gives to each question (its place in the list), its outcomes, what is usual."""

    answers: Mapping[Fact, int]
    outcomes: Mapping[Subject, Outcome]
    usual: frozenset[Fact]


class Candidate:
    """One question: the most that it could rule out, as far as has been looked."""

    def __init__(self, now: "Now", key: Fact) -> None:
        self.now = now
        self.key = key
        self.answers = list(range(len(now.outlook.answers[key])))
        self.left: dict[int, set[About]] = {}
        self.certain: set[int] = set()  # answers of which it is known that they leave no more
        cost = now.outlook.knowledge.vocabulary[key[1]].cost or "history"
        self.cost = COSTS[cost]
        self._read = 0
        self._shares: tuple[Fraction, Fraction] | None = None

    @property
    def worth(self) -> Fraction:
        """The share of the outcomes that it rules out on average, at most, for its cost."""
        return self._ruled_out()[0] / self.cost

    def rank(self) -> tuple[Fraction, Fraction, str, str]:
        """Sort as `engine.analysis.value_of_information` does: the most worthwhile first."""
        expected, worst = self._ruled_out()
        return (-expected / self.cost, -worst, str(self.key[0]), self.key[1])

    def rank_surely(self) -> tuple[Fraction, Fraction, Fraction, str, str]:
        """Sort by what it is sure to rule out, whatever has not been looked at."""
        self._catch_up()
        shares = [
            Fraction(sum(about == lesion for about, _ in self.left[i]), len(self.now.outcomes[lesion]))
            if i in self.certain
            else Fraction(1)
            for lesion in self.now.open
            for i in self.answers
        ]
        surely = 1 - sum(shares, Fraction()) / len(shares) if shares else Fraction()
        return (-surely / self.cost, *self.rank())

    def _ruled_out(self) -> tuple[Fraction, Fraction]:
        self._catch_up()
        if self._shares is None:
            left = [self._share_left(i) for i in self.answers]
            expected = 1 - sum(left, Fraction()) / len(left) if left else Fraction()
            self._shares = expected, 1 - max(left, default=Fraction(1))
        return self._shares

    def _share_left(self, answer: int) -> Fraction:
        """Return the share of the outcomes that an answer is known to leave: the mean over the open lesions."""
        left = Counter(lesion for lesion, _ in self.left.get(answer, ()))
        shares = [Fraction(left[lesion], len(self.now.outcomes[lesion])) for lesion in self.now.open]
        return sum(shares, Fraction()) / len(shares)

    def _catch_up(self) -> None:
        """Read the completions that were found since it last looked."""
        for way in self.now.ways[self._read :]:
            i = way.answers.get(self.key)
            if i is not None and not way.outcomes.items() <= self.left.setdefault(i, set()):
                self.left[i].update(way.outcomes.items())
                self._shares = None
        self._read = len(self.now.ways)

    def look_closer(self) -> bool:
        """Ask the solver one thing more about it; return False when all about it is known."""
        self._catch_up()
        for i in self.answers:
            if i not in self.left:
                if self._find(i) is None:
                    self.answers.remove(i)
                    self._shares = None
                return True
            unseen = [about for about in self.now.possible if about not in self.left[i]]
            if unseen and i not in self.certain:
                if self._find(i, self.now.outlook.any_of(unseen)) is None:
                    self.certain.add(i)
                return True
        return False

    def _find(self, answer: int, *literals: Lit) -> Way | None:
        return self.now.find(self.now.outlook.answers[self.key][answer][1], *literals)

    def leaves(self) -> Iterator[tuple[Values, Mapping[str, frozenset[Outcome]]]]:
        """Yield each possible answer with the outcomes that it leaves; what has not been looked into may be left."""
        self._catch_up()
        for i in self.answers:
            left = self.left.get(i, set()) if i in self.certain else self.now.possible
            outcomes = {str(about): frozenset(o for lesion, o in left if lesion == about) for about in self.now.open}
            yield self.now.outlook.answers[self.key][i][0], outcomes


def order_of(outcome: Outcome) -> tuple[int, list[str]]:
    return len(outcome), sorted(outcome)
