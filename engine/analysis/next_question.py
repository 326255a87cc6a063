"""What can still happen, kept warm from one answer to the next, so that a conversation never waits.

The same completions as in `engine.analysis.certainty`, asked more lazily. Every completion that the solver finds is
remembered with its outcomes and with the answer it gives to each question; after the next answer those that agree
with it still stand. Of the questions only the best one is made sure of: as long as it is not known which outcomes an
answer leaves, it is credited with the most that it could rule out, and only the one in front is looked into. What is
bounded is the number of solver calls, not the time, so that the same answers always lead to the same questions.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from cases.model import Case, Lesion
from engine.analysis.candidate_question import About, Candidate, Way, order_of
from engine.inference.subjects import PATIENT, Subject
from engine.symbolic.circuit import FALSE, Lit
from engine.symbolic.completions import Completions, Outcome
from engine.symbolic.cone_of_influence import Varying, needed
from engine.symbolic.encoding import Encoding, Fact
from engine.symbolic.inputs import Turning
from engine.symbolic.solver import Model, Solver
from knowledge_base.language.domains import Subsets, Values, both
from knowledge_base.language.knowledge import KnowledgeBase

MOST_CALLS = 120  # of the solver, for one question: about a quarter of a second


Waiting = Mapping[tuple[Subject, str], Collection[Fact]]  # by lesion and pathway


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
    clash: tuple[Fact, ...] = ()  # inputs that contradict each other, where that leaves nothing possible

    @property
    def is_possible(self) -> bool:
        """Tell whether the inputs can all be true of one patient."""
        return all(self.outcomes.values())

    @property
    def is_settled(self) -> bool:
        """Tell whether every lesion can turn out in one way only."""
        return all(len(found) == 1 for found in self.outcomes.values())


class Outlook:
    """The completions of a case that grows: told of every answer, it asks the solver only what it does not know yet.

    The circuit is that of the bare case, with its lesions and the sets that are given; what else is given is assumed. Values
    that no rule tells apart are one cell there, so nothing is lost by not cutting finer for the numbers that are given.
    """

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge
        self._bare: Case | None = None

    def ahead(self, case: Case, set_aside: Collection[Fact] = (), waiting: Waiting | None = None) -> Ahead:
        """Return what can still happen; the next question is none of those given or set aside.

        `waiting` says for which inputs the undecided rules about a pathway wait: only these are looked into, as long as
        one of them can narrow anything.
        """
        if self._bare != _bare(case, self.knowledge):
            self._build(case)
        given = {PATIENT: case.patient, **{Subject(lesion.id): lesion.given for lesion in case.lesions}}
        told = {(subject, name): values for subject, held in given.items() for name, values in held.items()}
        now = Now(self, case, told)
        outcomes = {str(lesion): tuple(sorted(found, key=order_of)) for lesion, found in now.outcomes.items()}
        question = now.question({*set_aside, *told}, waiting or {}) if now.open and all(outcomes.values()) else None
        return Ahead(outcomes, question, () if all(outcomes.values()) else tuple(self._clash(told)))

    def _build(self, case: Case) -> None:
        self._bare = _bare(case, self.knowledge)
        self.lesions = [Subject(lesion.id) for lesion in case.lesions]
        self.encoding = Encoding(self.knowledge, self._bare, Turning)
        self.solver = Solver(self.encoding.circuit)
        for clash in self.encoding.clashes.values():
            self.encoding.circuit.require(-clash)
        self.inputs = {fact: held for fact, held in self.encoding.inputs.items() if isinstance(held, Turning)}
        self.answers = {fact: list(_answers(held)) for fact, held in self.inputs.items()}
        self.recommended = {lesion: self.encoding.recommended(lesion) for lesion in self.lesions}
        usual = ((fact, held.usual) for fact, held in sorted(self.inputs.items()))
        self.usual = {fact: literal for fact, literal in usual if literal != FALSE}
        self.ways: list[Way] = []

    def _clash(self, told: Mapping[Fact, Values]) -> Iterator[Fact]:
        """Yield inputs that cannot all be true of one patient, none of which can be left out."""
        given = {fact: self.encoding.circuit.all(self.allowed(fact, values)) for fact, values in told.items()}
        for fact in list(given):
            others = [literal for other, literal in given.items() if other != fact]
            if not self.solver.can_be(*dict.fromkeys(others)):
                del given[fact]
        yield from given

    def allowed(self, fact: Fact, values: Values) -> list[Lit]:
        """Return what a given value demands of a completion."""
        held = self.inputs[fact]
        if isinstance(values, Subsets):
            wanted = [lit for member, lit in held.chosen.items() if member in values.required]
            return wanted + [-lit for member, lit in held.chosen.items() if member not in values.allowed]
        met = self.encoding.cells.meeting(fact[1], values)
        return [-held.unsaid, *(-lit for i, lit in enumerate(held.choices) if i not in met)]

    def equal(self, lesion: Subject, outcome: Outcome) -> Lit:
        """Return the literal that says that this is the outcome of a lesion."""
        return self.encoding.is_outcome(lesion, outcome)

    def any_of(self, outcomes: "Collection[About]") -> Lit:
        """Return the literal that says that a lesion has one of these outcomes."""
        return self.encoding.circuit.any(self.equal(*about) for about in outcomes)

    def find(self, literals: Collection[Lit]) -> Way | None:
        """Return a completion that makes these literals true, and remember it."""
        model = self.solver.model(*dict.fromkeys(literals))
        if model is None:
            return None
        answers = {fact: _given_in(model, answers) for fact, answers in self.answers.items()}
        way = Way(
            {fact: place for fact, place in answers.items() if place is not None},
            {lesion: self._outcome(lesion, model) for lesion in self.lesions},
            frozenset(fact for fact, literal in self.usual.items() if literal in model),
        )
        self.ways.append(way)
        return way

    def _outcome(self, lesion: Subject, model: Model) -> Outcome:
        return frozenset(name for name, literal in self.recommended[lesion].items() if literal in model)


def _bare(case: Case, knowledge: KnowledgeBase) -> Case:
    """Return the case with the sets that are known of it, such as the levels of a lesion, and nothing else."""

    def sets(given: Mapping[str, Values]) -> dict[str, Values]:
        return {name: values for name, values in given.items() if knowledge.vocabulary[name].type == "several"}

    lesions = tuple(Lesion(lesion.id, sets(lesion.given)) for lesion in case.lesions)
    return Case(id="", patient=sets(case.patient), lesions=lesions)


def _answers(held: Turning) -> Iterator[tuple[Values, Lit]]:
    """Yield the answers that can be told apart (numbers: all that no rule tells apart), with what gives them."""
    if held.is_set:
        yield from ((value, held.says(value)) for value in held.answers())
        return
    for cell, literal in zip(held.cells, held.choices, strict=True):
        if literal != FALSE:
            yield cell, literal


def _given_in(model: Model, answers: list[tuple[Values, Lit]]) -> int | None:
    return next((i for i, (_, literal) in enumerate(answers) if literal in model), None)


class Now:
    """The outlook at one moment; with `usual`, as far as the patient is the usual one in these things."""

    def __init__(self, outlook: Outlook, case: Case, told: Mapping[Fact, Values], usual: Collection[Fact] = ()) -> None:
        self.case = case
        self.told = told
        self.outlook = outlook
        self.calls = 0
        self.given = [literal for fact, values in told.items() for literal in outlook.allowed(fact, values)]
        self.given += [outlook.usual[fact] for fact in usual]
        self.ways = [way for way in self._standing(told) if way.usual.issuperset(usual)]
        self.outcomes = {lesion: self._outcomes(lesion) for lesion in outlook.lesions}
        self.open = [lesion for lesion, found in self.outcomes.items() if len(found) > 1]
        self.possible = [(lesion, o) for lesion in self.open for o in sorted(self.outcomes[lesion], key=order_of)]

    def _standing(self, told: Mapping[Fact, Values]) -> Iterator[Way]:
        """Yield the remembered completions that agree with what is given."""
        allowed = {
            fact: {i for i, (answer, _) in enumerate(self.outlook.answers[fact]) if not both(answer, values).is_empty}
            for fact, values in told.items()
            if not self.outlook.inputs[fact].is_set
        }
        for way in self.outlook.ways:
            if all(way.answers.get(fact) in places for fact, places in allowed.items()):
                yield way

    def find(self, *literals: Lit) -> Way | None:
        """Return a completion that agrees with what is given and makes these literals true."""
        self.calls += 1
        way = self.outlook.find([*self.given, *literals])
        if way is not None:
            self.ways.append(way)
        return way

    def _outcomes(self, lesion: Subject) -> set[Outcome]:
        """Return every possible outcome of a lesion: those remembered, then others until there is none."""
        found = {way.outcomes[lesion] for way in self.ways}
        while (
            way := self.find(*(-self.outlook.equal(lesion, outcome) for outcome in sorted(found, key=order_of)))
        ) is not None:
            found.add(way.outcomes[lesion])
        return found

    # --- the next question -------------------------------------------------------------------------------------

    def question(self, set_aside: set[Fact], waiting: Waiting) -> NextQuestion | None:
        """Return the question most worthwhile, of those that are not set aside; None when none can matter."""
        facts = {fact for fact, answers in self.outlook.answers.items() if answers} - set_aside
        waits = Counter(fact for about in self._disputed() for fact in waiting.get(about, ()) if fact in facts)
        self.calls = 0
        return self._usually(waits) or self._best(list(waits)) or self._joint(facts, waits)

    def _usually(self, waits: Collection[Fact]) -> NextQuestion | None:
        """Return the question most worthwhile for the usual patient; None when none narrows what can become of him."""
        found = len(self.outlook.ways)
        so = self._usual()
        usual = Now(self.outlook, self.case, self.told, so)
        best = usual._best(set(waits) - set(so)) if usual.open else None
        self.ways += self.outlook.ways[found:]
        if best is None:
            return None
        candidate = Candidate(self, best.key)
        while self.calls < MOST_CALLS // 4 and candidate.look_closer():
            pass
        return NextQuestion(best.key, tuple(candidate.leaves()))

    def _usual(self) -> list[Fact]:
        """Return in what the patient can be the usual one, as `engine.analysis.value_of_information` has it."""
        usual, kept = self.outlook.usual, list(self.given)
        wanted = [fact for fact in usual if fact not in self.told]
        if self.outlook.solver.can_be(*dict.fromkeys([*kept, *(usual[fact] for fact in wanted)])):
            return wanted
        found = []
        for fact in usual:
            if self.outlook.solver.can_be(*dict.fromkeys([*kept, usual[fact]])):
                kept.append(usual[fact])
                found.append(fact)
        return found

    def _disputed(self) -> Iterator[tuple[Subject, str]]:
        """Yield the lesions and pathways that are recommended in some completions and not in others."""
        for lesion in self.open:
            every = self.outcomes[lesion]
            for pathway in frozenset().union(*every) - frozenset.intersection(*every):
                yield lesion, pathway

    def _best(self, facts: Collection[Fact]) -> NextQuestion | None:
        """Return the question that rules out most for its cost; None when none rules anything out by itself."""
        questions = [Candidate(self, fact) for fact in sorted(facts)]
        while questions:
            best = min(questions, key=Candidate.rank)
            if self.calls >= MOST_CALLS:
                best = min(questions, key=Candidate.rank_surely)
            if not best.worth:
                return None
            if self.calls >= MOST_CALLS or not best.look_closer():
                return NextQuestion(best.key, tuple(best.leaves()))
        return None

    def _joint(self, facts: set[Fact], waits: Mapping[Fact, int]) -> NextQuestion | None:
        """Return a question that can matter, if only together with another: one for which most rules wait."""
        matter = facts & _needed(self.outlook.knowledge, self.case)
        best = self._best(matter - set(waits))
        left = sorted((Candidate(self, fact) for fact in matter), key=lambda c: (-waits.get(c.key, 0) / c.cost, c.key))
        return best or next((NextQuestion(c.key, tuple(c.leaves())) for c in left), None)


def _needed(knowledge: KnowledgeBase, case: Case) -> set[Fact]:
    """Return the unknown inputs on which an outcome can still hang."""
    completions = Completions(knowledge, case)
    outcomes = {Subject(lesion.id): completions.outcomes(Subject(lesion.id)) for lesion in case.lesions}
    models = [model for found in outcomes.values() for _, model in found]
    matter = needed(completions, outcomes, Varying(completions, models))
    return {fact for facts in matter.values() for fact in facts}
