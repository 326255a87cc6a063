"""What a library of cases does not notice: for each mutant that it lets live, the smallest patient who would kill it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cases.model import Case, Expected
from engine.inference.session import Consultation, Reasoner
from engine.inference.subjects import PATIENT, Subject
from engine.invariants import hazards_of
from engine.symbolic.circuit import Lit
from engine.verdicts import STATUSES, has_quarrel, status_of
from engine.verification.boxes import possibly_settled
from engine.verification.killing import Pin, tried
from engine.verification.mutants import Mutant, beside, mutants_of, with_mutant
from engine.verification.parallel import Watch, each, unwatched
from engine.verification.space import LESION, Everyone, Space, two_spaces
from engine.verification.witness import Disagreement
from knowledge_base.language.domains import Choices
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.predicates import Truth
from knowledge_base.language.rules import Rule, Step


@dataclass(frozen=True)
class Survivor:
    """A mutant that no case kills, and a case that would; None where no patient tells it from the rule."""

    mutant: Mutant
    witness: Case | None


@dataclass(frozen=True)
class Mutation:
    """What became of the mutants.

    `killed` has the case that kills each, `pins` what a case would have to expect to kill it, `survivors` those that no
    case could kill.
    """

    killed: Mapping[Mutant, str]
    pins: Mapping[Mutant, Pin]
    survivors: tuple[Survivor, ...]

    @property
    def alive(self) -> tuple[Survivor, ...]:
        """Those that no case could kill, and some other patient would."""
        return tuple(survivor for survivor in self.survivors if survivor.witness is not None)

    @property
    def score(self) -> float:
        """The part that is killed of those that can be, from 0 to 1; 1 when there are none."""
        possible = len(self.killed) + len(self.pins) + len(self.alive)
        return len(self.killed) / possible if possible else 1.0


def mutation(
    knowledge: KnowledgeBase, units: Iterable[Unit], cases: Sequence[Case], jobs: int = 1, watch: Watch = unwatched
) -> Mutation:
    """Try the mutants of some rules and score steps on a library; the same whatever the number of jobs.

    Raises `Inexact` for rules that cannot be computed for many patients at once.
    """
    mutants = list(mutants_of(knowledge, units))
    found = tried(knowledge, mutants, cases, watch)
    left: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        if mutant not in found.killed and mutant not in found.pins:
            left.setdefault(mutant.unit, []).append(mutant)
    survivors = each(_survivors, left.values(), knowledge, jobs, watch)
    pins = {mutant: pin for mutant, pin in found.pins.items() if mutant not in found.killed}
    return Mutation(found.killed, pins, tuple(survivor for some in survivors for survivor in some))


def _survivors(knowledge: KnowledgeBase, mutants: Sequence[Mutant]) -> list[Survivor]:
    """Return the mutants of one rule or step, each with its witness."""
    everyone = Everyone(knowledge, beside(knowledge, mutants))
    reasoner = Reasoner(knowledge)
    try:
        return [Survivor(mutant, witness(everyone, reasoner, mutant)) for mutant in mutants]
    finally:
        everyone.close()


def witness(everyone: Everyone, reasoner: Reasoner, mutant: Mutant) -> Case | None:
    """Return the smallest patient who tells a mutant from what it is one of, as a case that expects what is right.

    Raises `Disagreement` when the engine does not confirm it.
    """
    unit = everyone.knowledge.units[mutant.unit]
    if isinstance(unit, Rule) and isinstance(mutant.mutated, Rule) and unit.conclusions == mutant.mutated.conclusions:
        case = _by_firing(everyone, reasoner, unit, mutant.mutated)
        if case is not None or not unit.arguments:  # what may yet be argued leaves a status open
            return case
    return _by_outcome(everyone, unit, mutant)


def _by_firing(everyone: Everyone, reasoner: Reasoner, rule: Rule, mutated: Rule) -> Case | None:
    """Return a patient for whom one of two rules fires that differ in their conditions alone."""

    def fires(space: Space, one: Rule) -> Lit:
        truths = space.encoding.truths
        ways = ((truths(one.when, s)[0], -truths(one.unless, s)[0]) for s in space.about(one))
        return space.circuit.any(map(space.circuit.all, ways))

    for yes, no in ((rule, mutated), (mutated, rule)):
        space = everyone.where(lambda space, yes=yes, no=no: space.circuit.all((fires(space, yes), -fires(space, no))))  # type: ignore[misc]
        if space is None:
            continue
        model = space.smallest(fires(space, yes), -fires(space, no), space.is_coherent)
        assert model is not None, "there is such a patient"
        case = space.case_of(model, "kills")
        consultation = reasoner.consult(case)
        if not _fires(consultation, yes) or _fires(consultation, no):
            raise Disagreement(f"the engine does not confirm that {yes.id} tells two readings apart: {case}")
        said = Expected(fired=(rule.id,)) if yes is rule else Expected(not_fired=(rule.id,))
        return replace(case, expect={"patient" if rule.subject == "patient" else LESION.lesion: said})
    return None


def _fires(consultation: Consultation, rule: Rule) -> bool:
    state = consultation.state
    about = state.subjects_below(rule.subject, PATIENT if rule.subject == "patient" else LESION)
    return any(state.truth(rule.when, s) is Truth.TRUE and state.truth(rule.unless, s) is not Truth.TRUE for s in about)


def _by_outcome(everyone: Everyone, unit: Unit, mutant: Mutant) -> Case | None:
    """Return a patient who has another status of a pathway, or another class of a score."""
    old, new = everyone.knowledge, with_mutant(everyone.knowledge, mutant)
    for lesions in everyone.counts:
        spaces = two_spaces(old, new, lesions)
        try:
            for expected, literals in _outcomes(spaces, unit):
                if (model := spaces[0].smallest(*literals)) is not None:
                    case = replace(spaces[0].case_of(model, "kills"), expect={LESION.lesion: expected})
                    _confirm(case, expected, old, new)
                    return case
        finally:
            spaces[0].solver.close()
    return None


def _outcomes(spaces: tuple[Space, Space], unit: Unit) -> Iterator[tuple[Expected, tuple[Lit, ...]]]:
    """Yield what may be expected, with what is true of a patient of whom it comes out so before and not after."""
    before, after = spaces
    if isinstance(unit, Step):
        cells = before.encoding.cells.of(unit.attribute)
        both = zip(
            cells, possibly_settled(before, unit.attribute), possibly_settled(after, unit.attribute), strict=True
        )
        for cell, was, is_now in both:
            if isinstance(cell, Choices):
                said = before.knowledge.vocabulary[unit.attribute].dump(cell)
                yield Expected(values={unit.attribute: said}), (was, -is_now, before.is_coherent)
        return
    for pathway in dict.fromkeys(argument.pathway for argument in unit.arguments):
        for status in STATUSES:
            was, is_now = (_has(space, pathway, status) for space in spaces)
            yield Expected(status={pathway: status}), (was, -is_now)


def _has(space: Space, pathway: str, status: str) -> Lit:
    """Return that a pathway is told to have a status; what gets no advice is open."""
    told: dict[str, Lit] = {
        s: space.circuit.all((space.status(pathway, s), space.is_advised)) for s in STATUSES if s != "open"
    }
    return -space.circuit.any(told.values()) if status == "open" else told[status]


def _confirm(case: Case, expected: Expected, *bases: KnowledgeBase) -> None:
    met = [_is_met(Reasoner(base).consult(case), expected) for base in bases]
    if met != [True, False]:
        raise Disagreement(f"the engine does not confirm that {expected} holds only before: {case}")


def _is_met(consultation: Consultation, expected: Expected) -> bool:
    state = consultation.state
    stopped = has_quarrel(consultation.trace, LESION) or any(hazards_of(consultation, LESION))
    told = {p: "open" if stopped else status_of(state, Subject(LESION.lesion, p)) for p in expected.status}
    kinds = state.knowledge.vocabulary
    values = {name: kinds[name].dump(state.value(LESION.at(kinds[name].of), name)) for name in expected.values}
    return told == dict(expected.status) and values == dict(expected.values)
