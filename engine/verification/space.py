"""Every patient that the vocabulary allows, with one lesion or two, in every state of knowledge that a case can give.

A complete patient is such a state too (one value of everything), so one space serves both. Patients whose own inputs
contradict each other are among them: the engine names the clash, treats the attribute as open, and advises.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from cases.model import Case, Lesion
from engine.inference.subjects import PATIENT, Fact, Subject
from engine.symbolic.circuit import FALSE, Lit
from engine.symbolic.encoding import Encoding, Ground
from engine.symbolic.ending import Ending
from engine.symbolic.fine_cells import FineCells
from engine.symbolic.inputs import Partial
from engine.symbolic.solver import Model, Solver
from knowledge_base.language.conditions import Condition, Quantified, leaves
from knowledge_base.language.domains import Numbers, Values, apart
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.outcomes import contributors, dangers
from knowledge_base.language.rules import Rule

LESION = Subject("L1")  # lesions are alike, so what holds of the first holds of each


class Space:
    """All states of knowledge of a patient with so many lesions, for one side of each dispute.

    `ground` and `solver` are those of another space when it is to share its circuit and some of its inputs.
    """

    def __init__(
        self, knowledge: KnowledgeBase, lesions: int = 1, ground: Ground | None = None, solver: Solver | None = None
    ) -> None:
        self.knowledge = knowledge
        self.case = Case("patient", {}, tuple(Lesion(f"L{i + 1}", {}) for i in range(lesions)))
        self.encoding = Encoding(knowledge, self.case, Partial, ground or Ground(FineCells(knowledge)))
        self.circuit = self.encoding.circuit
        self.inputs: dict[Fact, Partial] = {f: x for f, x in self.encoding.inputs.items() if isinstance(x, Partial)}
        self.input_clashes: dict[Fact, Lit] = {}
        self.rule_clashes: dict[Fact, Lit] = {}
        self._sort_clashes()
        self.solver = solver or Solver(self.circuit)
        self._contributors: dict[str, Mapping[str, tuple[Rule, ...]]] = {}

    def _sort_clashes(self) -> None:
        """Tell apart where inputs can contradict each other, which is theirs to mend, and where rules can."""
        for fact, clash in self.encoding.clashes.items():
            by_inputs, by_rules = self.encoding.parted(fact, clash)
            self.rule_clashes |= {fact: by_rules} if by_rules != FALSE else {}
            self.input_clashes |= {fact: by_inputs} if by_inputs != FALSE else {}

    @cached_property
    def ending(self) -> Ending:
        """How a consultation ends for the first lesion."""
        return Ending(self.encoding, LESION)

    @cached_property
    def is_sound(self) -> Lit:
        """That no inputs contradict each other."""
        return self.circuit.all(-clash for clash in self.input_clashes.values())

    def beside(self, fact: Fact) -> "Space":
        """Return a second patient in the same circuit who is like this one in every input but one."""
        shared = {other: held for other, held in self.inputs.items() if other != fact}
        ground = Ground(self.encoding.cells, self.circuit, shared)
        return Space(self.knowledge, len(self.case.lesions), ground, self.solver)

    @cached_property
    def is_coherent(self) -> Lit:
        """That no rules contradict each other: advice is given."""
        return self.circuit.all(-clash for clash in self.rule_clashes.values())

    @cached_property
    def is_advised(self) -> Lit:
        """That advice is given on the first lesion: no rules contradict each other, and no hazard happens."""
        happening = (self.ending.happens(hazard) for hazard in self.knowledge.hazards.values())
        return self.circuit.all((self.is_coherent, *(-hazard for hazard in happening)))

    @cached_property
    def has_exact_numbers(self) -> Lit:
        """That every number is given as one number, or not at all: not as a choice of several."""
        numbers = (held for held in self.inputs.values() if held.attribute.type == "number")
        return self.circuit.all(self.circuit.any((held.unsaid, held.single)) for held in numbers)

    def can(self, *literals: Lit) -> bool:
        """Tell whether there is a patient of whom all these are true."""
        return FALSE not in literals and self.solver.can_be(*literals)

    def about(self, rule: Rule) -> tuple[Subject, ...]:
        """Return the subjects for which a rule runs, of the patient and of the first lesion."""
        return self.encoding.below(rule.subject, LESION)

    def fires(self, rule: Rule) -> Lit:
        """Return that a rule fires for the patient, the first lesion, or an option of it."""
        return self.encoding.fires_about(rule, LESION)

    def can_have_status(self, pathway: str, status: str) -> Lit:
        """Return that the first lesion may have a pathway in this status, as far as is known."""
        return next(literal for is_it, literal in self._statuses(pathway, status) if is_it)

    def status(self, pathway: str, status: str) -> Lit:
        """Return that the first lesion has a pathway in just this status."""
        return self.circuit.all(literal if is_it else -literal for is_it, literal in self._statuses(pathway, status))

    def _statuses(self, pathway: str, status: str) -> Iterator[tuple[bool, Lit]]:
        """Yield of each status that a pathway of the first lesion may have whether it is this one, and that it may."""
        possible = self.encoding.possible(Subject(LESION.lesion, pathway), "status")
        for cell, literal in zip(self.encoding.cells.of("status"), possible, strict=True):
            yield getattr(cell, "members", ()) == {status}, literal

    def contributors(self, name: str) -> Mapping[str, tuple[Rule, ...]]:
        """Return the rules that put each member into an attribute of the end (see `outcomes`)."""
        if name not in self._contributors:
            self._contributors[name] = contributors(self.knowledge, name)
        return self._contributors[name]

    @cached_property
    def dangers(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules that raise each danger alert, by its text."""
        return dangers(self.knowledge)

    def called(self, name: str, member: str | None = None) -> Lit:
        """Return that a member (any, unless one is named) is in an attribute of the end."""
        rules = self.contributors(name)
        wanted = rules.values() if member is None else [rules.get(member, ())]
        return self.circuit.any(self.fires(rule) for some in wanted for rule in some)

    # --- witnesses ---------------------------------------------------------------------------------------------

    def smallest(self, *literals: Lit) -> Model | None:
        """Return a patient of whom all these are true and of whom as little is said as can be; None when none is.

        Then what is said is one value, a plausible one, and what is usual.
        """
        if not self.can(*literals):
            return None
        kept: list[Lit] = []
        for wishes in self._wishes:
            kept += self._as_many(wishes, (*literals, *kept))
        model = self.solver.model(*literals, *kept)
        assert model is not None, "the wishes that are kept can be met together"
        return model

    def together(self, demanded: Sequence[Lit], wishes: Iterable[Lit]) -> list[Lit]:
        """Return what is demanded, which can be, with each wish in order that can be met together with those before it."""
        kept = list(demanded)
        model = self.solver.model(*kept)
        for wish in wishes:
            if model is not None and wish not in model:
                other = None if wish == FALSE else self.solver.model(*kept, wish)
                if other is None:
                    continue
                model = other
            kept.append(wish)
        return kept

    @cached_property
    def _wishes(self) -> tuple[list[Lit], ...]:
        held = [self.inputs[fact] for fact in sorted(self.inputs)]
        unsaid = [x.unsaid for x in held]
        single = [self.circuit.any((x.unsaid, x.single)) for x in held if not x.is_set]
        few = [-lit for x in held for lit in x.chosen.values()]
        plausible = [self.circuit.any((x.unsaid, -lit)) for x in held for lit in _implausible(x)]
        usual = [self.circuit.any((x.unsaid, lit)) for x in held if (lit := _usual(x)) != FALSE]
        return [self.is_sound], plausible, unsaid, single, few, usual

    def _as_many(self, wishes: list[Lit], demanded: tuple[Lit, ...]) -> list[Lit]:
        """Return wishes that can be met together, to which none of the others can be added."""
        wanted, refused = list(dict.fromkeys(wishes)), []
        while core := self.solver.core(*demanded, *wanted):
            refused.append(next(literal for literal in reversed(wanted) if literal in core))
            wanted.remove(refused[-1])
        for literal in reversed(refused):
            if self.solver.can_be(*demanded, *wanted, literal):
                wanted.append(literal)
        return wanted

    def case_of(self, model: Model, title: str) -> Case:
        """Return a patient of the space as a case of this name."""
        said = {fact: value for fact, held in self.inputs.items() if (value := held.found_in(model)) is not None}

        def of(who: Subject) -> dict[str, Values]:
            return {name: value for (subject, name), value in sorted(said.items()) if subject == who}

        return Case(title, of(PATIENT), tuple(Lesion(x.id, of(Subject(x.id))) for x in self.case.lesions))


def two_spaces(old: KnowledgeBase, new: KnowledgeBase, lesions: int = 1) -> tuple[Space, Space]:
    """Return the same patients, with so many lesions, under two knowledge bases, in one circuit.

    Raises ValueError when a case may not give the same to both.
    """
    before = Space(old, lesions, Ground(FineCells(old, new)))
    cells = FineCells(new, old)
    for (_, name), held in before.inputs.items():
        ours, theirs = (base.vocabulary.get(name) for base in (old, new))
        alike = ours and theirs and theirs.given and (ours.of, ours.domain) == (theirs.of, theirs.domain)
        if not alike or (not held.is_set and before.encoding.cells.of(name) != cells.of(name)):
            raise ValueError(f"{name} may not be given alike to both; compare them with one vocabulary")
    return before, Space(new, lesions, Ground(cells, before.circuit, before.inputs), before.solver)


def _asks_of_lesions(condition: Condition) -> bool:
    return any(isinstance(leaf, Quantified) and leaf.over == "lesion" for leaf in leaves(condition))


def _implausible(held: Partial) -> Iterable[Lit]:
    plausible = held.attribute.plausible_values
    if plausible is None:
        return ()
    return [lit for cell, lit in zip(held.cells, held.held, strict=True) if not _within(cell, plausible)]


def _within(cell: object, numbers: Numbers) -> bool:
    return isinstance(cell, Numbers) and cell.without(numbers).is_empty


def _usual(held: Partial) -> Lit:
    usual = held.attribute.usual_values
    if usual is None:
        return FALSE
    unusual = [lit for cell, lit in zip(held.cells, held.held, strict=True) if apart(cell, usual)]
    return held.circuit.all(-lit for lit in unusual)


Property = Callable[[Space], Lit]


class Everyone:
    """Patients with one lesion, and with two where rules look from one lesion at others."""

    def __init__(self, knowledge: KnowledgeBase, other: KnowledgeBase | None = None) -> None:
        """`other`: knowledge whose lines cut the numbers as well."""
        self.knowledge = knowledge
        self._other = other
        self._spaces: dict[int, Space] = {}
        looks_around = any(question.over == "lesion" for question in knowledge.questions.values())
        self.counts = (1, 2) if looks_around or self.crowded else (1,)

    @cached_property
    def crowded(self) -> frozenset[str]:
        """The attributes that can be otherwise when there are more lesions: some rule looks from one at others."""
        found: set[str] = set()
        for unit in self.knowledge.units.values():
            asks = isinstance(unit, Rule) and any(_asks_of_lesions(c) for c in (unit.when, unit.unless))
            coarser = (n for n in unit.writes if self.knowledge.vocabulary[n].of == "patient" != unit.subject)
            for name in unit.writes if asks else coarser:
                found |= self.knowledge.downstream(name)
        return frozenset(found)

    def space(self, lesions: int = 1) -> Space:
        """Return the space of patients with so many lesions; made once."""
        if lesions not in self._spaces:
            ground = Ground(FineCells(self.knowledge, self._other))
            self._spaces[lesions] = Space(self.knowledge, lesions, ground)
        return self._spaces[lesions]

    def where(self, question: Property) -> Space | None:
        """Return the smallest space in which something can be, with advice; None when it cannot be at all."""
        for lesions in self.counts:
            space = self.space(lesions)
            if space.can(question(space), space.is_coherent):
                return space
        return None

    def never(self, question: Property) -> bool:
        """Tell whether something is true of no patient."""
        return self.where(question) is None

    def close(self) -> None:
        """Free the solvers."""
        for space in self._spaces.values():
            space.solver.close()
