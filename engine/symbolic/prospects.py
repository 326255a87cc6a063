"""What is settled and what is not: every way in which a patient could still turn out, asked of a SAT solver.

A completion gives every unknown input one value that the case and the vocabulary allow, without contradiction. An outcome
is the set of pathways recommended for a lesion. All questions here are about all completions, through the whole chain of
rules and scores; none is a guess one step ahead.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from cases.model import Case
from engine.subjects import Subject
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.encoding import Encoding, Input
from knowledge_base.model import KnowledgeBase
from knowledge_base.values import Numbers, Values

SOLVER = "cadical153"  # the fastest here of those that python-sat carries, by a factor of two

Outcome = frozenset[str]
Fact = tuple[Subject, str]
Answers = Mapping[Fact, Values]


class Model:
    """One completion: tells of every literal whether it is true in it."""

    def __init__(self, values: list[Lit]) -> None:
        self._values = values

    def __contains__(self, literal: Lit) -> bool:
        place = abs(literal) - 1
        return place < len(self._values) and self._values[place] == literal

    def makes(self, literals: Iterable[Lit]) -> bool:
        """Tell whether all these literals are true in it."""
        return all(literal in self for literal in literals)


class Prospects:
    """The completions of one case; made once, then asked."""

    def __init__(self, knowledge: KnowledgeBase, case: Case) -> None:
        self.knowledge = knowledge
        self.case = case
        self.encoding = Encoding(knowledge, case)
        from pysat.solvers import Solver  # only now: most commands never ask

        self._solver = Solver(name=SOLVER, bootstrap_with=self.encoding.circuit.clauses)
        self._fed = len(self.encoding.circuit.clauses)
        for subject, name in self.encoding.inputs:
            self._without_empty_cells(subject, name)
        given = self._given_values()
        self.within = [self.encoding.complete] + [
            literal for key, held in self.encoding.inputs.items() for literal in held.within(given.get(key))
        ]
        self.given = [*self.within, self.encoding.coherent]
        self.unknown = [key for key in self.encoding.inputs if key not in given or not given[key].is_single]

    def _given_values(self) -> dict[Fact, Values]:
        found: dict[Fact, Values] = {(Subject(), name): values for name, values in self.case.patient.items()}
        for lesion in self.case.lesions:
            found.update({(Subject(lesion.id), name): values for name, values in lesion.given.items()})
        return found

    def _without_empty_cells(self, subject: Subject, name: str) -> None:
        """Forbid, in completions, cells in which no value can be given (between the steps of ten of a scale)."""
        held = self.encoding.inputs[subject, name]
        for cell, literal in self._cells(held):
            if value_in(cell, held.attribute.step) is None:
                self._solver.add_clause([-self.encoding.complete, -literal])

    # --- asking ------------------------------------------------------------------------------------------------

    def can_be(self, *literals: Lit) -> bool:
        """Tell whether some completion makes all these literals true."""
        return bool(self._solver.solve(assumptions=[*self.given, *literals]))

    def core(self, *literals: Lit) -> set[Lit]:
        """Return those of the literals that suffice to leave no completion; empty when one is left."""
        return set() if self.can_be(*literals) else set(self._solver.get_core() or ())

    def can_clash(self, clash: Lit) -> bool:
        """Tell whether inputs that the case allows could contradict each other in this way."""
        return bool(self._solver.solve(assumptions=[*self.within, clash]))

    @cached_property
    def is_possible(self) -> bool:
        """Tell whether the case has any completion: whether its inputs can all be true of one patient."""
        return self.can_be()

    def model(self, *literals: Lit) -> "Model | None":
        """Return a completion that makes these literals true, or None when there is none."""
        return Model(self._solver.get_model()) if self.can_be(*literals) else None

    def recommended(self, lesion: Subject) -> Mapping[str, Lit]:
        """Return, for each pathway, the literal that says it is recommended for a lesion."""
        cells = [next(iter(cell.members)) for cell in self.encoding.cells.of("status")]  # type: ignore[union-attr]
        found = {}
        for pathway in self.knowledge.pathways:
            possible = self.encoding.possible(Subject(lesion.lesion, pathway), "status")
            others = (-p for name, p in zip(cells, possible, strict=True) if name != "recommended")
            found[pathway] = self.encoding.circuit.all(others)
        self._feed()
        return found

    def any(self, literals: Iterable[Lit]) -> Lit:
        """Return the literal that says that one of these is true."""
        gate = self.encoding.circuit.any(literals)
        self._feed()
        return gate

    def _feed(self) -> None:
        """Hand the solver the gates that were made since it was last fed."""
        for clause in self.encoding.circuit.clauses[self._fed :]:
            self._solver.add_clause(clause)
        self._fed = len(self.encoding.circuit.clauses)

    # --- outcomes ----------------------------------------------------------------------------------------------

    def outcomes(self, lesion: Subject) -> "list[tuple[Outcome, Model]]":
        """Return every possible outcome of a lesion, each with one completion."""
        wanted = self.recommended(lesion)
        literals = {name: lit for name, lit in wanted.items() if lit not in (TRUE, FALSE)}
        fixed = frozenset(name for name, lit in wanted.items() if lit == TRUE)
        guard = self.encoding.circuit.free()
        self._feed()
        found = []
        while (model := self.model(guard)) is not None:
            chosen = frozenset(name for name, lit in literals.items() if lit in model)
            found.append((fixed | chosen, model))
            self._solver.add_clause([-guard, *(-lit if name in chosen else lit for name, lit in literals.items())])
        return sorted(found, key=lambda item: (len(item[0]), sorted(item[0])))

    # --- completions as answers ----------------------------------------------------------------------------------

    def answers(self, model: "Model") -> dict[Fact, Values]:
        """Return what a completion says of every unknown input that it does not leave unsaid."""
        found = {}
        for key in self.unknown:
            held = self.encoding.inputs[key]
            if held.unsaid in model:
                continue
            if held.members:
                found[key] = held.attribute.read([m for m, literal in held.members.items() if literal in model])
                continue
            cell = next(cell for cell, literal in self._cells(held) if literal in model)
            value = value_in(cell, held.attribute.step)
            assert value is not None, "a completion never uses a cell without a value"
            found[key] = value
        return found

    def literals_of(self, answers: Answers) -> list[Lit]:
        """Return the assumptions that give these answers."""
        return [literal for key, values in answers.items() for literal in self.encoding.inputs[key].within(values)]

    @staticmethod
    def _cells(held: Input) -> Iterator[tuple[Values, Lit]]:
        if not held.members:
            yield from zip(held.cells, held.allowed, strict=True)

    def decisive(self, lesion: Subject, outcome: Outcome, model: "Model") -> dict[Fact, Values]:
        """Return a few answers of a completion that force its outcome, whatever else is known; none can be left out.

        What the completion leaves unsaid stays unsaid.
        """
        silence = [held.unsaid for held in self.encoding.inputs.values() if held.unsaid in model]
        other = [-self.is_outcome(lesion, outcome), *silence]
        answers = self.answers(model)
        core = self.core(*other, *self.literals_of(answers))
        kept = {
            key: values
            for key, values in answers.items()
            if not core.isdisjoint(self.encoding.inputs[key].within(values))
        }
        for key in sorted(kept, key=lambda key: (str(key[0]), key[1])):
            fewer = {k: v for k, v in kept.items() if k != key}
            if not self.can_be(*other, *self.literals_of(fewer)):
                kept = fewer
        return kept

    def is_outcome(self, lesion: Subject, outcome: Outcome) -> Lit:
        """Return the literal that says that this is the outcome of a lesion."""
        wanted = self.recommended(lesion)
        equal = self.encoding.circuit.all(lit if name in outcome else -lit for name, lit in wanted.items())
        self._feed()
        return equal

    def close(self) -> None:
        """Free the solver."""
        self._solver.delete()


def value_in(cell: Values, step: int | None) -> Values | None:
    """Return one value of a cell as a set of that value; None when no value of the scale lies in it."""
    if not isinstance(cell, Numbers):
        return cell
    span = cell.spans[0]
    if step:
        first = -(-span.low // step) * step
        return Numbers.between(first, first, cell.whole) if first <= span.high else None
    if not span.low_open:
        return Numbers.between(span.low, span.low, cell.whole)
    if not span.high_open:
        return Numbers.between(span.high, span.high, cell.whole)
    middle = (span.low + span.high) / 2
    return Numbers.between(middle, middle, cell.whole)


def completed(case: Case, answers: Iterable[tuple[Fact, Values]]) -> Case:
    """Return the case with answers filled in."""
    patient, lesions = dict(case.patient), {lesion.id: dict(lesion.given) for lesion in case.lesions}
    for (subject, name), values in answers:
        (lesions[subject.lesion] if subject.lesion else patient)[name] = values
    return replace(
        case,
        patient=dict(sorted(patient.items())),
        lesions=tuple(replace(lesion, given=dict(sorted(lesions[lesion.id].items()))) for lesion in case.lesions),
    )
