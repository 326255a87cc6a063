"""What can still happen, kept warm from one answer to the next, so that a conversation never waits.

The same completions as in `engine.certainty`, asked more lazily. Every completion that the solver finds is remembered with
its outcomes and with the answer it gives to each question; after the next answer those that agree with it still stand. Of
the questions only the best one is made sure of: as long as it is not known which outcomes an answer leaves, it is credited
with the most that it could rule out, and only the one in front is looked into. What is bounded is the number of solver
calls, not the time, so that the same answers always lead to the same questions.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from cases.model import Case
from engine.subjects import Subject
from engine.symbolic.circuit import Lit
from engine.symbolic.prospects import Fact, Model, Outcome, Prospects
from engine.symbolic.questions import COSTS, answers_to, needed
from knowledge_base.model import KnowledgeBase
from knowledge_base.values import Numbers, Values, both

MOST_CALLS = 120  # of the solver, for one question: about a quarter of a second


About = tuple[Subject, Outcome]


@dataclass(frozen=True)
class NextQuestion:
    """An unknown input, and for each answer to it the outcomes of each unsettled lesion that it leaves possible."""

    key: Fact
    leaves: tuple[tuple[Values, Mapping[str, frozenset[Outcome]]], ...]


@dataclass(frozen=True)
class Ahead:
    """What can still happen to each lesion (nothing, when the inputs contradict each other), and what to ask next."""

    outcomes: Mapping[str, tuple[Outcome, ...]]
    question: NextQuestion | None

    @property
    def is_possible(self) -> bool:
        """Tell whether the inputs can all be true of one patient."""
        return all(self.outcomes.values())

    @property
    def is_settled(self) -> bool:
        """Tell whether every lesion can turn out in one way only."""
        return all(len(found) == 1 for found in self.outcomes.values())


@dataclass(frozen=True)
class _Way:
    """One completion: the answer that it gives to each question (its place in the list), and its outcomes."""

    answers: Mapping[Fact, int]
    outcomes: Mapping[Subject, Outcome]


class _Ongoing(Prospects):
    """Prospects of a case that is told more, or less, as a conversation goes on; its lesions stay."""

    def tell(self, case: Case) -> None:
        """Take another state of the same case. Values that no rule tells apart are one cell, so no cut is missed."""
        self.case = case
        given = self._given_values()
        self.within = [self.encoding.complete] + [
            literal for key, held in self.encoding.inputs.items() for literal in held.within(given.get(key))
        ]
        self.given = [*self.within, self.encoding.coherent]
        self.unknown = [key for key in self.encoding.inputs if key not in given or not given[key].is_single]


class Outlook:
    """The completions of a case that grows; made once for its lesions, then told of every answer."""

    def __init__(self, knowledge: KnowledgeBase, case: Case) -> None:
        self.lesions = [Subject(lesion.id) for lesion in case.lesions]
        self.prospects = _Ongoing(knowledge, case)
        self.ways: list[_Way] = []

    def ahead(self, case: Case, set_aside: Collection[Fact] = ()) -> Ahead:
        """Return what can still happen; the next question is none of those given or set aside."""
        self.prospects.tell(case)
        now = _Now(self)
        outcomes = {str(lesion): tuple(sorted(found, key=_order)) for lesion, found in now.outcomes.items()}
        possible = all(outcomes.values())
        unsettled = any(len(found) > 1 for found in outcomes.values())
        return Ahead(outcomes, now.question(set(set_aside)) if possible and unsettled else None)

    @cached_property
    def answers(self) -> Mapping[Fact, list[tuple[Values, list[Lit]]]]:
        """Each answer that can be told apart (numbers: all that no rule tells apart), with the literals that give it, by question."""
        return {
            key: [(self._cell(key, one), list(self._literals(key, one))) for one in answers_to(self.prospects, key)]
            for key in self.prospects.encoding.inputs
        }

    def _cell(self, key: Fact, answer: Values) -> Values:
        """Return all the numbers that no rule tells from one; of anything but a number, the value itself."""
        if not isinstance(answer, Numbers):
            return answer
        cells = self.prospects.encoding.inputs[key].cells
        return next(cell for cell in cells if not both(cell, answer).is_empty)

    def _literals(self, key: Fact, answer: Values) -> Iterator[Lit]:
        """Yield the assumptions that give an answer, and what they imply of its own value."""
        literals = self.prospects.literals_of({key: answer})
        yield from literals
        yield from (literal for literal in self.prospects.encoding.inputs[key].allowed if -literal not in literals)

    @cached_property
    def recommended(self) -> Mapping[Subject, Mapping[str, Lit]]:
        """For each lesion and pathway, the literal that says that it is recommended."""
        return {lesion: self.prospects.recommended(lesion) for lesion in self.lesions}

    def equal(self, lesion: Subject, outcome: Outcome) -> Lit:
        """Return the literal that says that this is the outcome of a lesion."""
        return self.prospects.is_outcome(lesion, outcome)

    def find(self, *literals: Lit) -> _Way | None:
        """Return a completion that makes these literals true, and remember it."""
        model = self.prospects.model(*literals)
        if model is None:
            return None
        way = _Way(dict(self._answers(model)), {lesion: self._outcome(lesion, model) for lesion in self.lesions})
        self.ways.append(way)
        return way

    def _answers(self, model: Model) -> Iterator[tuple[Fact, int]]:
        for key, answers in self.answers.items():
            held = self.prospects.encoding.inputs[key]
            if held.unsaid in model:
                continue
            for i, (_, literals) in enumerate(answers):
                if model.makes(literals):
                    yield key, i
                    break

    def _outcome(self, lesion: Subject, model: Model) -> Outcome:
        return frozenset(name for name, literal in self.recommended[lesion].items() if literal in model)


class _Now:
    """The outlook at one moment."""

    def __init__(self, outlook: Outlook) -> None:
        self.outlook = outlook
        self.prospects = outlook.prospects
        self.calls = 0
        self.ways = list(self._standing())
        self.outcomes = {lesion: self._outcomes(lesion) for lesion in outlook.lesions}
        self.open = [lesion for lesion, found in self.outcomes.items() if len(found) > 1]
        self.possible = [(lesion, o) for lesion in self.open for o in sorted(self.outcomes[lesion], key=_order)]

    def _standing(self) -> Iterator[_Way]:
        """Yield the remembered completions that agree with what is given."""
        given = set(self.prospects.within)
        allowed = {
            key: {i for i, (_, literals) in enumerate(answers) if not any(-literal in given for literal in literals)}
            for key, answers in self.outlook.answers.items()
            if not given.isdisjoint(self._mentioned(key))
        }
        for way in self.outlook.ways:
            if all(way.answers.get(key) in places for key, places in allowed.items()):
                yield way

    def _mentioned(self, key: Fact) -> Iterator[Lit]:
        held = self.prospects.encoding.inputs[key]
        for literal in (*held.allowed, *held.members.values(), held.unsaid):
            yield literal
            yield -literal

    def find(self, *literals: Lit) -> _Way | None:
        """Return a completion that agrees with what is given and makes these literals true."""
        self.calls += 1
        way = self.outlook.find(*literals)
        if way is not None:
            self.ways.append(way)
        return way

    def _outcomes(self, lesion: Subject) -> set[Outcome]:
        """Return every possible outcome of a lesion: those remembered, then others until there is none."""
        found = {way.outcomes[lesion] for way in self.ways}
        while (way := self.find(*(-self.outlook.equal(lesion, outcome) for outcome in found))) is not None:
            found.add(way.outcomes[lesion])
        return found

    # --- the next question -------------------------------------------------------------------------------------

    def question(self, set_aside: set[Fact]) -> NextQuestion | None:
        """Return the question most worthwhile, of those that are not set aside; None when none can matter."""
        given = self.prospects.case
        told = {(Subject(), name) for name in given.patient}
        told |= {(Subject(lesion.id), name) for lesion in given.lesions for name in lesion.given}
        keys = [key for key in self.prospects.unknown if key not in told and key not in set_aside]
        questions = [_Candidate(self, key) for key in keys]
        self.calls = 0
        while questions:
            best = min(questions, key=_Candidate.rank)
            if not best.worth:
                return self._joint(questions)
            if self.calls >= MOST_CALLS or not best.look_closer():
                return NextQuestion(best.key, tuple(best.leaves()))
        return None

    def _joint(self, questions: "list[_Candidate]") -> NextQuestion | None:
        """Return a question that rules out nothing by itself, but can together with another."""
        ways = {lesion: [(outcome, self._model(lesion, outcome)) for outcome in self.outcomes[lesion]] for lesion in self.open}
        matter = {key for keys in needed(self.prospects, ways).values() for key in keys}
        for candidate in sorted(questions, key=_Candidate.rank):
            if candidate.key in matter:
                return NextQuestion(candidate.key, tuple(candidate.leaves()))
        return None

    def _model(self, lesion: Subject, outcome: Outcome) -> Model:
        model = self.prospects.model(self.outlook.equal(lesion, outcome))
        assert model is not None, "a possible outcome has a completion"
        return model


class _Candidate:
    """One question: the most that it could rule out, as far as has been looked."""

    def __init__(self, now: _Now, key: Fact) -> None:
        self.now = now
        self.key = key
        self.answers = list(range(len(now.outlook.answers[key])))
        self.left: dict[int, set[About]] = {}
        self.gone: set[tuple[int, About]] = set()
        cost = now.prospects.knowledge.vocabulary[key[1]].cost or "history"
        self.cost = COSTS[cost]
        self._read = 0
        self._shares: tuple[Fraction, Fraction] | None = None

    @property
    def worth(self) -> Fraction:
        """The share of the outcomes that it rules out on average, at most, for its cost."""
        return self._ruled_out()[0] / self.cost

    def rank(self) -> tuple[Fraction, Fraction, str, str]:
        """Sort as `engine.symbolic.questions` does: the most worthwhile first."""
        expected, worst = self._ruled_out()
        return (-expected / self.cost, -worst, str(self.key[0]), self.key[1])

    def _ruled_out(self) -> tuple[Fraction, Fraction]:
        self._catch_up()
        if self._shares is None:
            left = [list(self._shares_left(lesion)) for lesion in self.now.open]
            means = [sum(shares, Fraction()) / len(shares) for shares in left if shares]
            expected = 1 - sum(means, Fraction()) / len(means) if means else Fraction()
            self._shares = expected, 1 - max((share for shares in left for share in shares), default=Fraction(1))
        return self._shares

    def _shares_left(self, lesion: Subject) -> Iterator[Fraction]:
        every = len(self.now.outcomes[lesion])
        for i in self.answers:
            yield Fraction(sum(about == lesion for about, _ in self.left.get(i, ())), every)

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
            for about in self.now.possible:
                if about not in self.left[i] and (i, about) not in self.gone:
                    if self._find(i, self.now.outlook.equal(*about)) is None:
                        self.gone.add((i, about))
                    return True
        return False

    def _find(self, answer: int, *literals: Lit) -> _Way | None:
        return self.now.find(*self.now.outlook.answers[self.key][answer][1], *literals)

    def leaves(self) -> Iterator[tuple[Values, Mapping[str, frozenset[Outcome]]]]:
        """Yield each possible answer with the outcomes that it leaves, as far as has been looked."""
        for i in self.answers:
            left = {
                str(lesion): frozenset(outcome for about, outcome in self.left.get(i, ()) if about == lesion)
                for lesion in self.now.open
            }
            yield self.now.outlook.answers[self.key][i][0], left


def _order(outcome: Outcome) -> tuple[int, list[str]]:
    return len(outcome), sorted(outcome)
