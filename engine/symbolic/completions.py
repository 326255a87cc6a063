"""What is settled and what is not: every way in which a patient could still turn out, asked of a SAT solver.

A completion gives every unknown input one value that the case and the vocabulary allow, without contradiction. An outcome
is the set of pathways recommended for a lesion. All questions here are about all completions, through the whole chain of
rules and scores; none is a guess one step ahead.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

from cases.model import Case
from engine.inference.subjects import Fact, Subject
from engine.symbolic.circuit import FALSE, TRUE, Circuit, Lit
from engine.symbolic.encoding import Encoding
from engine.symbolic.inputs import Turning
from engine.symbolic.solver import Model, Solver
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase

Outcome = frozenset[str]
Answers = Mapping[Fact, Values]


class Completions:
    """The completions of one case; made once, then asked.

    Encoded as `CoherentEncoding` they are the same, in fewer gates: a solver shows other witnesses, and `clashes` are none.
    """

    def __init__(self, knowledge: KnowledgeBase, case: Case, encoded: type[Encoding] = Encoding) -> None:
        self.knowledge = knowledge
        self.case = case
        self.encoding = encoded(knowledge, case, Turning)
        self.solver = Solver(self.encoding.circuit)
        self.inputs: dict[Fact, Turning] = {f: x for f, x in self.encoding.inputs.items() if isinstance(x, Turning)}
        self.unknown = [fact for fact, held in self.inputs.items() if held.is_open]
        self._clashes = self.encoding.clashes
        self._may_clash = list(self.encoding.circuit.clauses)
        self._demand_coherence()

    def _demand_coherence(self) -> None:
        """Demand that nothing contradicts anything."""
        for clash in self._clashes.values():
            self.encoding.circuit.require(-clash)

    @cached_property
    def clashes(self) -> list[Fact]:
        """The attributes in which inputs could contradict each other, if that were not ruled out."""
        circuit = Circuit()
        circuit.clauses = self._may_clash
        solver = Solver(circuit)
        upstream_first = sorted(set(self._clashes.values()), key=abs)
        possible = {clash for clash in upstream_first if solver.can_be(clash)}
        return [fact for fact, clash in self._clashes.items() if clash in possible]

    @cached_property
    def is_possible(self) -> bool:
        """Tell whether the case has any completion: whether its inputs can all be true of one patient."""
        return self.solver.can_be()

    # --- outcomes ----------------------------------------------------------------------------------------------

    def outcomes(self, lesion: Subject, assumed: Iterable[Lit] = ()) -> "list[tuple[Outcome, Model]]":
        """Return every possible outcome of a lesion while all that is assumed is true, each with one completion."""
        supposed = list(assumed)
        wanted = self.encoding.recommended(lesion)
        literals = {name: lit for name, lit in wanted.items() if lit not in (TRUE, FALSE)}
        fixed = frozenset(name for name, lit in wanted.items() if lit == TRUE)
        guard = self.encoding.circuit.free()
        found = []
        while (model := self.solver.model(guard, *supposed)) is not None:
            chosen = frozenset(name for name, lit in literals.items() if lit in model)
            found.append((fixed | chosen, model))
            self.encoding.circuit.require(-guard, *(-lit if name in chosen else lit for name, lit in literals.items()))
        self.encoding.circuit.require(-guard)
        return sorted(found, key=lambda item: (len(item[0]), sorted(item[0])))

    @cached_property
    def usual(self) -> list[Lit]:
        """What is so of the usual patient (`class` and `usual` in the vocabulary), as far as it can be so of this one."""
        wanted = (self.inputs[fact].usual for fact in sorted(self.unknown))
        return self.solver.together([literal for literal in wanted if literal != FALSE])

    def likeliest(self, lesion: Subject, outcome: Outcome) -> tuple[Model, bool]:
        """Return a completion with an outcome that is as usual as can be, and whether all is as usual in it.

        It says as little as can be: what may stay unsaid does, and what holds several values at once has few.
        """
        same = self.encoding.is_outcome(lesion, outcome)
        unknown = [self.inputs[fact] for fact in sorted(self.unknown)]
        unsaid = [held.unsaid for held in unknown if held.unsaid != FALSE]
        members = (literal for held in unknown for literal in held.chosen.values())
        few = (-literal for literal in members if literal not in (TRUE, FALSE))
        wanted = list(dict.fromkeys((*self.usual, *unsaid, *few)))
        while core := self.solver.core(same, *wanted):
            wanted.remove(next(literal for literal in reversed(wanted) if literal in core))
        model = self.solver.model(same, *wanted)
        assert model is not None, "the outcome is possible"
        return model, wanted[: len(self.usual)] == self.usual

    # --- completions as answers ----------------------------------------------------------------------------------

    def answers(self, model: Model) -> dict[Fact, Values]:
        """Return what a completion says of every unknown input that it does not leave unsaid."""
        found = ((fact, self.inputs[fact].found_in(model)) for fact in self.unknown)
        return {fact: value for fact, value in found if value is not None}

    def says(self, answers: Answers) -> dict[Fact, Lit]:
        """Return, for each of these answers, the literal that gives it."""
        return {fact: self.inputs[fact].says(value) for fact, value in answers.items()}

    def decisive(self, lesion: Subject, outcome: Outcome, model: Model) -> dict[Fact, Values]:
        """Return a few answers of a completion that force its outcome, whatever else is known; none can be left out.

        What the completion leaves unsaid stays unsaid.
        """
        silence = [held.unsaid for held in self.inputs.values() if held.unsaid != FALSE and held.unsaid in model]
        other = [-self.encoding.is_outcome(lesion, outcome), *silence]
        answers = self.answers(model)
        said = self.says(answers)
        core = self.solver.core(*other, *said.values())
        kept = {fact: literal for fact, literal in said.items() if literal in core}
        for fact in sorted(kept):
            fewer = [literal for other_fact, literal in kept.items() if other_fact != fact]
            if not self.solver.can_be(*other, *fewer):
                del kept[fact]
        return {fact: answers[fact] for fact in kept}


def completed(case: Case, answers: Iterable[tuple[Fact, Values]]) -> Case:
    """Return the case with answers filled in."""
    return case.with_given({(subject.lesion, name): values for (subject, name), values in answers})
