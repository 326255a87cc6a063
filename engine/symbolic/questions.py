"""What to ask next: unknown inputs ranked by how much each narrows the outcomes, and those that cannot matter any more.

For each answer to a question, the outcomes that stay possible are counted over all completions, exactly. The expected
number takes all answers as equally likely, which is ours and says nothing of patients; the worst is the answer that
narrows least.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from engine.subjects import Subject
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.prospects import Fact, Model, Outcome, Prospects, value_in
from knowledge_base.rules import Rule
from knowledge_base.values import Values

# What a question costs, relative to asking the patient: ours, to put a question before an examination before a scan.
COSTS: Mapping[str, Fraction] = {
    "history": Fraction(1),
    "examination": Fraction(5, 4),
    "laboratory": Fraction(3, 2),
    "ct": Fraction(2),
    "mri": Fraction(5, 2),
    "biopsy": Fraction(4),
}

Outcomes = Mapping[Subject, list[tuple[Outcome, Model]]]


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


def ranked(prospects: Prospects, outcomes: Outcomes) -> list[Question]:
    """Return the questions that can matter, the most worthwhile first; none when every lesion is settled."""
    matter = needed(prospects, outcomes)
    narrowing = _Narrowing(prospects, outcomes, matter)
    every = sorted({key for keys in matter.values() for key in keys}, key=lambda key: (str(key[0]), key[1]))
    found = [narrowing.question(key) for key in every]
    return sorted(found, key=lambda q: (-q.worth, -q.worst, str(q.subject), q.attribute))


class _Narrowing:
    """Counts the outcomes that each answer leaves; remembers completions, as most of them answer many questions."""

    def __init__(self, prospects: Prospects, outcomes: Outcomes, matter: Mapping[Subject, set[Fact]]) -> None:
        self.prospects = prospects
        self.matter = matter
        self.equal = {
            lesion: [prospects.is_outcome(lesion, outcome) for outcome, _ in found]
            for lesion, found in outcomes.items()
            if len(found) > 1
        }
        self.models = [model for lits in self.equal.values() for lit in lits if (model := prospects.model(lit))]

    def question(self, key: Fact) -> Question:
        """Return what is to be gained by asking for an input."""
        shares = [self._left(key, answer) for answer in self._feasible(key)]
        left = [[lesions[lesion] for lesions in shares] for lesion in self.equal]
        means = [sum(lesion, Fraction()) / len(lesion) for lesion in left if lesion]
        expected = 1 - sum(means, Fraction()) / len(means) if means else Fraction(0)
        worst = 1 - max((share for lesion in left for share in lesion), default=Fraction(1))
        cost = self.prospects.knowledge.vocabulary[key[1]].cost or "history"
        return Question(key[0], key[1], expected, worst, cost)

    def _feasible(self, key: Fact) -> Iterator[list[Lit]]:
        for answer in answers_to(self.prospects, key):
            literals = self.prospects.literals_of({key: answer})
            if self.prospects.can_be(*literals):
                yield literals

    def _left(self, key: Fact, answer: list[Lit]) -> dict[Subject, Fraction]:
        """Return, for each open lesion, the share of its outcomes that an answer leaves possible."""
        at_hand = [model for model in self.models if model.makes(answer)]
        return {
            lesion: Fraction(sum(self._is_possible(outcome, answer, at_hand) for outcome in outcomes), len(outcomes))
            if key in self.matter[lesion]
            else Fraction(1)
            for lesion, outcomes in self.equal.items()
        }

    def _is_possible(self, outcome: Lit, answer: list[Lit], at_hand: list[Model]) -> bool:
        if any(outcome in model for model in at_hand):
            return True
        model = self.prospects.model(outcome, *answer)
        if model is not None:
            self.models.append(model)
            at_hand.append(model)
        return model is not None


def answers_to(prospects: Prospects, key: Fact) -> Iterator[Values]:
    """Yield the answers to a question that can be told apart: one value of each cell, or each single member of a set."""
    held = prospects.encoding.inputs[key]
    if held.members:
        for member in held.members:
            yield held.attribute.read([member])
        return
    for cell in held.cells:
        if (value := value_in(cell, held.attribute.step)) is not None:
            yield value


# --- what can still matter ----------------------------------------------------------------------------------------


def needed(prospects: Prospects, outcomes: Outcomes) -> Mapping[Subject, set[Fact]]:
    """Return, for each lesion that is not settled, the unknown inputs on which its outcome can still hang.

    It may hang on them through the rules, or through a contradiction with another input on which it does.
    """
    found: dict[Subject, set[Fact]] = {}
    shared = Cone(prospects)
    groups = list(shared.groups())
    for lesion, ways in outcomes.items():
        if len(ways) > 1:
            cone = shared.fresh()
            for pathway, literal in prospects.recommended(lesion).items():
                if not cone.is_fixed(literal):
                    cone.visit(Subject(lesion.lesion, pathway), "status")
            found[lesion] = with_linked(cone.seen & cone.unknown, groups)
    return found


def with_linked(found: set[Fact], groups: list[set[Fact]]) -> set[Fact]:
    """Return the inputs, and those that can contradict one of them, directly or through others."""
    growing = True
    while growing:
        more = {key for group in groups if group & found for key in group} - found
        found = found | more
        growing = bool(more)
    return found


class Cone:
    """Everything upstream of an outcome that is not yet fixed by what is given."""

    def __init__(self, prospects: Prospects) -> None:
        self.prospects = prospects
        self.encoding = prospects.encoding
        self.unknown = set(prospects.unknown)
        self.seen: set[Fact] = set()
        self._fixed: dict[Lit, bool] = {TRUE: True, FALSE: True}
        self._models: list[Model] = []

    def is_fixed(self, literal: Lit) -> bool:
        """Tell whether a literal has the same value in every completion."""
        literal = abs(literal)
        if literal not in self._fixed:
            self._fixed[literal] = self._decide(literal)
        return self._fixed[literal]

    def _decide(self, literal: Lit) -> bool:
        signs = {literal in model for model in self._models}
        for sign in (True, False):
            if sign not in signs:
                model = self.prospects.model(literal if sign else -literal)
                if model is None:
                    return True
                self._models.append(model)
        return False

    def visit(self, subject: Subject, name: str) -> None:
        """Follow an attribute to whatever it still hangs on."""
        key = (subject, name)
        if key in self.seen or self._is_settled(subject, name):
            return
        self.seen.add(key)
        for unit in self.prospects.knowledge.writers[name]:
            for about in self.encoding.below(unit.subject, subject):
                if isinstance(unit, Rule) and self._is_decided(unit, about, name):
                    continue
                for read in unit.reads:
                    self._visit_read(read, about)

    def _visit_read(self, name: str, about: Subject) -> None:
        kind = self.prospects.knowledge.vocabulary[name].of
        for subject in self.encoding.below(kind, about if kind != "option" or about.pathway else about.at("lesion")):
            self.visit(subject, name)
        if kind == "lesion" and about.kind == "patient":
            for subject in self.encoding.subjects("lesion"):
                self.visit(subject, name)

    def _is_settled(self, subject: Subject, name: str) -> bool:
        if name == "pathway":
            return True
        held = self.encoding.inputs.get((subject, name))
        if held and held.members:
            return (subject, name) not in self.unknown
        return all(self.is_fixed(literal) for literal in self.encoding.possible(subject, name)) and (
            held is None or (subject, name) not in self.unknown or self.is_fixed(held.single)
        )

    def _is_decided(self, rule: Rule, subject: Subject, name: str) -> bool:
        fixed = self.is_fixed(self.encoding.fires(rule.id, subject))
        if name.startswith("argued_"):
            return fixed and self.is_fixed(self.encoding.can_fire(rule, subject))
        return fixed

    def fresh(self) -> "Cone":
        """Return an empty cone that shares what is already known to be fixed."""
        cone = Cone(self.prospects)
        cone._fixed, cone._models = self._fixed, self._models
        return cone

    def groups(self) -> Iterator[set[Fact]]:
        """Yield sets of unknown inputs that can contradict each other, through one attribute in which they meet."""
        for (subject, name), clash in self.encoding.clashes.items():
            if self.prospects.can_clash(clash):
                upstream = self.fresh()
                upstream.visit_all(subject, name)
                if len(group := upstream.seen & self.unknown) > 1:
                    yield group

    def visit_all(self, subject: Subject, name: str) -> None:
        """Follow an attribute to every unknown input that feeds it, settled or not."""
        key = (subject, name)
        if key in self.seen:
            return
        self.seen.add(key)
        for unit in self.prospects.knowledge.writers[name]:
            for about in self.encoding.below(unit.subject, subject):
                for read in unit.reads:
                    kind = self.prospects.knowledge.vocabulary[read].of
                    for other in self.encoding.below(kind, about):
                        self.visit_all(other, read)
