"""What can still matter: the unknown inputs upstream of an outcome, without those behind anything that never varies."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from engine.inference.subjects import Fact, Subject
from engine.inference.working_memory import ARGUED
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.completions import Completions, Outcome
from engine.symbolic.solver import Model
from knowledge_base.language.conditions import Quantified, attributes_read, leaves
from knowledge_base.language.knowledge import Unit
from knowledge_base.language.rules import Rule

Outcomes = Mapping[Subject, list[tuple[Outcome, Model]]]


class Varying:
    """Tells which literals have the same value in every completion."""

    def __init__(self, completions: Completions, models: Iterable[Model]) -> None:
        self.solver = completions.solver
        self._models = list(models)
        self._fixed: set[Lit] = {TRUE}
        self._varied: set[Lit] = set()

    def is_fixed(self, literal: Lit) -> bool:
        """Tell whether a literal has the same value in every completion."""
        return self.are_fixed((literal,))

    def are_fixed(self, literals: Iterable[Lit]) -> bool:
        """Tell whether each literal has the same value in every completion."""
        left = {abs(literal) for literal in literals} - self._fixed
        if not left.isdisjoint(self._varied):
            return False
        self._varied.update(literal for literal in left if self._has_varied(literal))
        return left.isdisjoint(self._varied) and self._never_vary(left)

    def _has_varied(self, literal: Lit) -> bool:
        return len({literal in model for model in self._models if literal <= model.size}) > 1

    def _never_vary(self, literals: set[Lit]) -> bool:
        """Ask, in one question, whether any of them can be other than in a completion at hand."""
        if not literals:
            return True
        if not self._models or self._models[-1].size < max(literals):  # gates were made since
            self._meet(self.solver.model())
        at_hand = self._models[-1]
        if self._meet(self.solver.one_of({-lit if lit in at_hand else lit for lit in literals})):
            return False
        self._fixed |= literals
        return True

    def _meet(self, model: Model | None) -> bool:
        if model is not None:
            self._models.append(model)
        return model is not None


class Cone:
    """Everything upstream of an attribute that can still vary."""

    def __init__(self, completions: Completions, varying: Varying) -> None:
        self.encoding = completions.encoding
        self.knowledge = completions.knowledge
        self.unknown = frozenset(completions.unknown)
        self.varying = varying
        self.seen: set[Fact] = set()

    @property
    def inputs(self) -> set[Fact]:
        """The unknown inputs that were met."""
        return self.seen & self.unknown

    def visit(self, subject: Subject, name: str, settled: bool = False) -> None:
        """Follow an attribute to whatever it still hangs on; to all that feeds it where what is `settled` counts too."""
        fact = subject.fact(name)
        if fact in self.seen or (not settled and self._is_settled(subject, name)):
            return
        self.seen.add(fact)
        for unit, about in self._speakers(subject, name):
            if settled or not self._is_decided(unit, about, name):
                for read in self._reads(unit, about):
                    self.visit(*read, settled)

    def _speakers(self, subject: Subject, name: str) -> Iterator[tuple[Unit, Subject]]:
        if name in ARGUED:
            units: Iterable[Unit] = self.knowledge.arguers.get((subject.pathway, ARGUED[name]), ())
            subject = subject.at("lesion")
        else:
            units = self.knowledge.writers[name]
        for unit in units:
            for about in self.encoding.below(unit.subject, subject):
                yield unit, about

    def _reads(self, unit: Unit, about: Subject) -> Iterator[Fact]:
        """Yield every fact that a rule or step may look at: of its own subject, and of those it asks about."""
        if not isinstance(unit, Rule):
            yield from (self.encoding.at(name, about).fact(name) for name in unit.reads)
            return
        for leaf in chain(leaves(unit.when), leaves(unit.unless)):
            asked = self.encoding.asked_of(leaf, about) if isinstance(leaf, Quantified) else (about,)
            for name in attributes_read(leaf):
                yield from (self.encoding.at(name, subject).fact(name) for subject in asked)
        for conclusion in unit.sets:
            if conclusion.reads:
                yield self.encoding.at(conclusion.reads, about).fact(conclusion.reads)

    def _is_settled(self, subject: Subject, name: str) -> bool:
        if name == "pathway":
            return True
        if (subject, name) in self.unknown and not self.knowledge.writers[name]:
            return False
        if self.knowledge.vocabulary[name].type == "several":
            required, allowed = self.encoding.members(subject, name)
            return self.varying.are_fixed((*required.values(), *allowed.values()))
        known = () if name in ARGUED else (self.encoding.known(subject, name),)
        return self.varying.are_fixed((*self.encoding.possible(subject, name), *known))

    def _is_decided(self, unit: Unit, subject: Subject, name: str) -> bool:
        if not isinstance(unit, Rule):
            return False
        fires = self.encoding.fires(unit.id, subject)
        if not self.varying.is_fixed(fires):
            return False
        if name in ARGUED:
            return self.varying.is_fixed(self.encoding.can_fire(unit, subject))
        copies = any(said.reads for said in unit.sets_of(name))
        return not copies or self._never(fires)

    def _never(self, literal: Lit) -> bool:
        return literal == FALSE or (literal != TRUE and not self.varying.solver.can_be(literal))


def needed(completions: Completions, outcomes: Outcomes, varying: Varying) -> Mapping[Subject, set[Fact]]:
    """Return, for each lesion that is not settled, the unknown inputs on which its outcome can still hang.

    It may hang on them through the rules, or through a contradiction with another input on which it does.
    """
    found: dict[Subject, set[Fact]] = {}
    groups = list(_groups(completions, varying))
    for lesion, ways in outcomes.items():
        if len(ways) > 1:
            cone = Cone(completions, varying)
            for pathway, literal in completions.encoding.recommended(lesion).items():
                if not varying.is_fixed(literal):
                    cone.visit(Subject(lesion.lesion, pathway), "status")
            found[lesion] = _with_linked(cone.inputs, groups)
    return found


def _groups(completions: Completions, varying: Varying) -> Iterator[set[Fact]]:
    """Yield sets of unknown inputs that can contradict each other, through one attribute in which they meet."""
    for subject, name in completions.clashes:
        upstream = Cone(completions, varying)
        upstream.visit(subject, name, settled=True)
        if len(group := upstream.inputs) > 1:
            yield group


def _with_linked(found: set[Fact], groups: list[set[Fact]]) -> set[Fact]:
    """Return the inputs, and those that can contradict one of them, directly or through others."""
    growing = True
    while growing:
        more = {fact for group in groups if group & found for fact in group} - found
        found = found | more
        growing = bool(more)
    return found
