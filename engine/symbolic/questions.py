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
from engine.symbolic.prospects import Fact, Outcome, Prospects, value_in
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


def ranked(prospects: Prospects, outcomes: Mapping[Subject, list[tuple[Outcome, set[Lit]]]]) -> list[Question]:
    """Return the questions that can matter, the most worthwhile first; none when every lesion is settled."""
    matter = needed(prospects, outcomes)
    found = [_question(prospects, outcomes, key) for key in sorted(matter, key=lambda k: (str(k[0]), k[1]))]
    return sorted(found, key=lambda q: (-q.worth, -q.worst, str(q.subject), q.attribute))


def _question(
    prospects: Prospects, outcomes: Mapping[Subject, list[tuple[Outcome, set[Lit]]]], key: Fact
) -> Question:
    attribute = prospects.knowledge.vocabulary[key[1]]
    shares = [share for lesion, found in outcomes.items() for share in _left(prospects, lesion, found, key)]
    lesions = len(outcomes)
    means = [sum(s, Fraction()) / len(s) for s in shares_by(shares, lesions)] if shares else [Fraction(1)]
    expected = 1 - sum(means, Fraction()) / len(means)
    worst = 1 - max(shares, default=Fraction(1))
    return Question(key[0], key[1], expected, worst, attribute.cost or "history")


def shares_by(shares: list[Fraction], lesions: int) -> list[list[Fraction]]:
    """Return the shares of each lesion; every lesion has as many answers as the others."""
    size = len(shares) // lesions
    return [shares[i : i + size] for i in range(0, len(shares), size)]


def _left(
    prospects: Prospects, lesion: Subject, outcomes: list[tuple[Outcome, set[Lit]]], key: Fact
) -> Iterator[Fraction]:
    """Yield, for each answer that can be given, the share of a lesion's outcomes that stay possible."""
    equal = {outcome: prospects.is_outcome(lesion, outcome) for outcome, _ in outcomes}
    for answer in answers_to(prospects, key):
        literals = prospects.literals_of({key: answer})
        if not prospects.can_be(*literals):
            continue
        seen = {o for o, model in outcomes if all(lit in model for lit in literals)}
        left = sum(o in seen or prospects.can_be(equal[o], *literals) for o, _ in outcomes)
        yield Fraction(left, len(outcomes))


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


def needed(prospects: Prospects, outcomes: Mapping[Subject, list[tuple[Outcome, set[Lit]]]]) -> set[Fact]:
    """Return the unknown inputs on which an outcome can still hang, directly or through a contradiction with another."""
    open_lesions = [lesion for lesion, found in outcomes.items() if len(found) > 1]
    if not open_lesions:
        return set()
    cone = _Cone(prospects)
    for lesion in open_lesions:
        for pathway, literal in prospects.recommended(lesion).items():
            if not cone.is_fixed(literal):
                cone.visit(Subject(lesion.lesion, pathway), "status")
    return cone.with_linked()


class _Cone:
    """Everything upstream of an outcome that is not yet fixed by what is given."""

    def __init__(self, prospects: Prospects) -> None:
        self.prospects = prospects
        self.encoding = prospects.encoding
        self.unknown = set(prospects.unknown)
        self.seen: set[Fact] = set()
        self._fixed: dict[Lit, bool] = {TRUE: True, FALSE: True}
        self._models: list[set[Lit]] = []

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

    def with_linked(self) -> set[Fact]:
        """Return the unknown inputs seen, and those that can contradict one of them."""
        found = self.seen & self.unknown
        groups = [group for group in self._groups() if len(group) > 1]
        growing = True
        while growing:
            more = {key for group in groups if group & found for key in group} - found
            found |= more
            growing = bool(more)
        return found

    def _groups(self) -> Iterator[set[Fact]]:
        """Yield sets of unknown inputs that can contradict each other, through one attribute in which they meet."""
        for (subject, name), clash in self.encoding.clashes.items():
            if not self.prospects.can_clash(clash):
                continue
            upstream = _Cone(self.prospects)
            upstream._fixed, upstream._models = self._fixed, self._models
            upstream.visit_all(subject, name)
            yield upstream.seen & self.unknown

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
