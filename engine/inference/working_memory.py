"""The state of one consultation: what is given, claimed and settled, and what a condition is worth in the light of it.

Settling intersects what the case and all firings say of one attribute. When nothing is left, the claims contradict each
other and the attribute is treated as open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cases.model import Case
from engine.inference.subjects import Fact, Subject, Subjects, given_in
from knowledge_base.language.conditions import Condition, Line, Quantified, leaves
from knowledge_base.language.domains import Choices, Values, both
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.predicates import Truth
from knowledge_base.language.rules import STANCES, Rule
from knowledge_base.language.vocabulary import SubjectKind

YES, NO = Choices(frozenset({True})), Choices(frozenset({False}))
ARGUED = {f"argued_{stance}": stance for stance in STANCES}


@dataclass
class WorkingMemory:
    """Everything known so far; `values` holds settled facts only."""

    knowledge: KnowledgeBase
    case: Case
    values: dict[tuple[Subject, str], Values] = field(default_factory=dict)
    claims: dict[tuple[Subject, str], list[tuple[str, Values]]] = field(default_factory=dict)
    arguments: dict[tuple[Subject, str], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.given = given_in(self.case)
        self.everyone = Subjects.of_case(self.case, self.knowledge.pathways)
        self._truths: dict[tuple[str, Subject], tuple[Truth, Truth]] = {}
        self._open: dict[tuple[str, Subject], frozenset[Fact]] = {}

    def subjects(self, kind: SubjectKind) -> list[Subject]:
        """Return all subjects of a kind, in order."""
        return self.everyone.of(kind)

    def subjects_below(self, kind: SubjectKind, subject: Subject) -> tuple[Subject, ...]:
        """Return the subjects of a kind that belong to a subject, or the one that it belongs to."""
        return self.everyone.below(kind, subject)

    # --- settling ----------------------------------------------------------------------------------------------

    def claims_on(self, subject: Subject, attribute: str) -> list[tuple[str, Values]]:
        """Return every voice on an attribute: ("case", values) if it was given, then the firings in order."""
        given = self.given.get(subject, {}).get(attribute)
        voices = self.claims.get((subject, attribute), [])
        return [("case", given), *voices] if given is not None else voices

    def settle(self, subject: Subject, attribute: str) -> Values:
        """Return what is left of an attribute when all have spoken; empty when they contradict each other."""
        if attribute == "pathway":
            return Choices(frozenset({subject.pathway}))
        if attribute in ARGUED:
            return self._argued(subject, ARGUED[attribute])
        left = self.knowledge.vocabulary[attribute].domain
        for _, values in self.claims_on(subject, attribute):
            left = both(left, values)
        return left

    def _argued(self, option: Subject, stance: str) -> Values:
        """Tell whether it was argued, cannot be, or still may be."""
        if self.arguments.get((option, stance)):
            return YES
        can_be = any(
            self.can_fire(rule, subject)
            for rule in self.knowledge.arguers.get((option.pathway, stance), ())
            for subject in self.subjects_below(rule.subject, option.at("lesion"))
        )
        return Choices(frozenset({True, False})) if can_be else NO

    # --- the worth of conditions -------------------------------------------------------------------------------

    def value(self, subject: Subject, attribute: str) -> Values:
        """Return the settled values of an attribute of a subject, or of the coarser one that has it."""
        return self.values[subject.at(self.knowledge.vocabulary[attribute].of), attribute]

    def truth(self, condition: Condition, subject: Subject) -> Truth:
        """Return the truth of a condition about a subject."""
        return self.everyone.truth(condition, subject, self.value)

    def asked_of(self, question: Quantified, subject: Subject) -> Sequence[Subject]:
        """Return the subjects that a quantified line asks about: all lesions, or the options of one lesion."""
        return self.everyone.asked_of(question, subject)

    # What follows may be asked of a rule once everything that it reads is settled, so each answer holds for good.

    def truths(self, rule: Rule, subject: Subject) -> tuple[Truth, Truth]:
        """Return the truth of the `when` and the `unless` of a rule; the second is not weighed where the first is false."""
        key = (rule.id, subject)
        if key not in self._truths:
            when = self.truth(rule.when, subject)
            self._truths[key] = when, Truth.OPEN if when is Truth.FALSE else self.truth(rule.unless, subject)
        return self._truths[key]

    def can_fire(self, rule: Rule, subject: Subject) -> bool:
        """Tell whether a rule has fired, or may yet when more is known."""
        when, unless = self.truths(rule, subject)
        return when is not Truth.FALSE and unless is not Truth.TRUE

    def is_undecided(self, unit: Unit, subject: Subject) -> bool:
        """Tell whether more knowledge may still make a rule fire, or a step narrower."""
        if isinstance(unit, Rule):
            when, unless = self.truths(unit, subject)
            return when is Truth.OPEN and unless is not Truth.TRUE
        return any(not self.value(subject, name).is_single for name in unit.reads)

    def open_inputs(self, unit: Unit, subject: Subject) -> frozenset[Fact]:
        """Return the facts that a case could still give and on which an undecided rule or step waits."""
        key = (unit.id, subject)
        if key not in self._open:
            self._open[key] = frozenset(self._open_inputs(unit, subject))
        return self._open[key]

    def _open_inputs(self, unit: Unit, subject: Subject) -> Iterator[Fact]:
        for about, attribute in set(self._open_reads(unit, subject)):
            if self.knowledge.vocabulary[attribute].given:
                yield about.fact(attribute)
            for writer in self.knowledge.writers[attribute]:
                for other in self.subjects_below(writer.subject, about):
                    if self.is_undecided(writer, other):
                        yield from self.open_inputs(writer, other)

    def _open_reads(self, unit: Unit, subject: Subject) -> Iterator[Fact]:
        if not isinstance(unit, Rule):
            for name in unit.reads:
                if not self.value(subject, name).is_single:
                    yield subject.at(self.knowledge.vocabulary[name].of).fact(name)
            return
        yield from self._open_lines(unit.when, subject)

    def _open_lines(self, condition: Condition, subject: Subject) -> Iterator[Fact]:
        for leaf in leaves(condition):
            if self.truth(leaf, subject) is not Truth.OPEN:
                continue
            if isinstance(leaf, Line):
                yield subject.at(self.knowledge.vocabulary[leaf.attribute].of).fact(leaf.attribute)
            else:
                for other in self.asked_of(leaf, subject):
                    yield from self._open_lines(leaf.condition, other)
