"""What a library of patients does not notice: for the mutants that it lets live, few new patients who would kill them.

Whether a slip in the conditions of a rule shows hangs on what the rule reads, which is the same with the slip as without:
both are asked of one circuit, and as many slips of one patient as can show at once. What argues or scores otherwise is
asked of two.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cases.model import Case
from engine.inference.session import Consultation, Reasoner
from engine.symbolic.circuit import Lit
from engine.verdicts import STATUSES, verdict_of
from engine.verification.killing import cover, kills, tried
from engine.verification.mutants import Mutant, beside, mutants_of, with_mutant
from engine.verification.parallel import Watch, each, unwatched
from engine.verification.space import LESION, Everyone, Space, two_spaces
from engine.verification.witness import Disagreement
from knowledge_base.grouping import grouped
from knowledge_base.language.knowledge import KnowledgeBase, Unit
from knowledge_base.language.rules import Rule, Step


@dataclass(frozen=True)
class Survivor:
    """A mutant that no patient of the library kills, and one who would; None where it changes nothing for anybody."""

    mutant: Mutant
    witness: Case | None


@dataclass(frozen=True)
class Mutation:
    """What became of the mutants: `killed` has the patient who kills each."""

    killed: Mapping[Mutant, str]
    survivors: tuple[Survivor, ...]

    @property
    def alive(self) -> tuple[Survivor, ...]:
        """Those whom some patient would kill, and none of the library does."""
        return tuple(survivor for survivor in self.survivors if survivor.witness is not None)

    @property
    def witnesses(self) -> tuple[Case, ...]:
        """The patients who would kill those that live, each once."""
        return tuple({s.witness.id: s.witness for s in self.survivors if s.witness is not None}.values())

    @property
    def score(self) -> float:
        """The part that is killed of those that can be, from 0 to 1; 1 when there are none."""
        possible = len(self.killed) + len(self.alive)
        return len(self.killed) / possible if possible else 1.0


def mutation(
    knowledge: KnowledgeBase, units: Iterable[Unit], cases: Sequence[Case], jobs: int = 1, watch: Watch = unwatched
) -> Mutation:
    """Try the mutants of some rules and score steps on a library; the same whatever the number of jobs.

    Raises `Inexact` for rules that cannot be computed for many patients at once.
    """
    mutants = list(mutants_of(knowledge, units))
    killed = tried(knowledge, mutants, cases, watch)
    themes = grouped((theme_of(knowledge, mutant), mutant) for mutant in mutants if mutant not in killed)
    survivors = [s for some in each(_survivors, themes.values(), knowledge, jobs, watch) for s in some]
    return Mutation(killed, tuple(_by_few(knowledge, survivors)))


def _by_few(knowledge: KnowledgeBase, survivors: Sequence[Survivor]) -> Iterator[Survivor]:
    """Yield the survivors with fewer witnesses: many kill mutants of other themes as well."""
    alive = [survivor.mutant for survivor in survivors if survivor.witness is not None]
    witnesses = {s.witness.id: s.witness for s in survivors if s.witness is not None}
    few = {case.id: case for case in cover(kills(knowledge, alive, witnesses.values()))}
    killers = tried(knowledge, alive, few.values())
    yield from (Survivor(s.mutant, few.get(killers.get(s.mutant, ""), s.witness)) for s in survivors)


def theme_of(knowledge: KnowledgeBase, mutant: Mutant) -> str:
    """Return the name of the file that holds what a mutant is one of, without its ending."""
    return knowledge.units[mutant.unit].position.file.rpartition("/")[2].partition(".")[0]


def _survivors(knowledge: KnowledgeBase, mutants: Sequence[Mutant]) -> list[Survivor]:
    """Return the mutants of one theme, each with its witness: first those that fire otherwise, many to a patient."""
    everyone = Everyone(knowledge, beside(knowledge, mutants))
    name, reasoner = theme_of(knowledge, mutants[0]), Reasoner(knowledge)
    try:
        found: dict[Mutant, Case] = {}
        for case, killed in _by_firing(everyone, [m for m in mutants if _is_condition(knowledge, m)], name):
            _confirm_firing(reasoner, case, killed)
            found |= dict.fromkeys(killed, case)
        silent = [m for m in mutants if _argues(knowledge, m) or not _is_condition(knowledge, m)]
        for number, mutant in enumerate((m for m in silent if m not in found), start=1):
            if (other := _by_outcome(everyone, mutant, f"{name}-silent-{number}")) is not None:
                found[mutant] = other
        return [Survivor(mutant, found.get(mutant)) for mutant in mutants]
    finally:
        everyone.close()


def _is_condition(knowledge: KnowledgeBase, mutant: Mutant) -> bool:
    """Tell whether a mutant differs in its conditions alone."""
    unit = knowledge.units[mutant.unit]
    return isinstance(unit, Rule) and isinstance(mutant.mutated, Rule) and mutant.kind != "turned"


def _argues(knowledge: KnowledgeBase, mutant: Mutant) -> bool:
    """Tell whether a mutant can show without firing otherwise: what may yet be argued leaves a status open."""
    unit = knowledge.units[mutant.unit]
    return isinstance(unit, Rule) and bool(unit.arguments)


def _by_firing(everyone: Everyone, mutants: Sequence[Mutant], name: str) -> Iterator[tuple[Case, list[Mutant]]]:
    """Yield patients, each with the mutants that fire for them where the rule does not, or the other way round."""
    left, count = dict.fromkeys(mutants), 0
    for lesions in everyone.counts:
        space = everyone.space(lesions)
        kills = {mutant: _fires_otherwise(space, mutant) for mutant in left}
        for mutant in mutants:
            if mutant not in left or not space.can(kills[mutant], space.is_coherent):
                continue
            wishes = (space.is_sound, space.has_exact_numbers, *(kills[other] for other in left))
            demanded = space.together((kills[mutant], space.is_coherent), wishes)
            model = space.smallest(*demanded)
            assert model is not None, "they are together of one patient"
            killed = [other for other in left if kills[other] in model]
            count += 1
            yield space.case_of(model, f"{name}-{count}"), killed
            for other in killed:
                del left[other]


def _fires_otherwise(space: Space, mutant: Mutant) -> Lit:
    """Return that a mutant or its rule fires for somebody, and not both."""
    either = space.circuit.any

    def fires(one: Unit) -> Lit:
        assert isinstance(one, Rule)
        truths = space.encoding.truths
        ways = ((truths(one.when, s)[0], -truths(one.unless, s)[0]) for s in space.about(one))
        return either(map(space.circuit.all, ways))

    rule, mutated = fires(space.knowledge.units[mutant.unit]), fires(mutant.mutated)
    return either((space.circuit.all((rule, -mutated)), space.circuit.all((mutated, -rule))))


def _confirm_firing(reasoner: Reasoner, case: Case, mutants: Iterable[Mutant]) -> None:
    """Raise `Disagreement` when the engine does not find that each mutant fires otherwise."""
    consultation = reasoner.consult(case)
    for mutant in mutants:
        rule = reasoner.knowledge.rules[mutant.unit]
        assert isinstance(mutant.mutated, Rule)
        if _fires(consultation, rule) == _fires(consultation, mutant.mutated):
            raise Disagreement(f"the engine does not confirm that {case} kills {mutant}")


def _fires(consultation: Consultation, rule: Rule) -> bool:
    state = consultation.state
    about = state.subjects_below(rule.subject, LESION)
    return any(state.everyone.fires(rule, subject, state.value) for subject in about)


def _by_outcome(everyone: Everyone, mutant: Mutant, name: str) -> Case | None:
    """Return a patient who has another status of a pathway, or for whom a rule that reads a score fires otherwise."""
    old, new = everyone.knowledge, with_mutant(everyone.knowledge, mutant)
    for lesions in everyone.counts:
        spaces = two_spaces(old, new, lesions)
        try:
            for literals in _outcomes(*spaces, old.units[mutant.unit]):
                if (model := spaces[0].smallest(*literals)) is not None:
                    case = spaces[0].case_of(model, name)
                    _confirm(case, mutant, old, new)
                    return case
        finally:
            spaces[0].solver.close()
    return None


def _outcomes(before: Space, after: Space, unit: Unit) -> Iterator[tuple[Lit, ...]]:
    """Yield what is true of patients to whom something happens before, and not after."""
    if isinstance(unit, Step):
        for rule in before.knowledge.rules.values():
            if unit.attribute in rule.reads:
                was, is_now = before.fires(rule), after.fires(rule)
                yield from ((was, -is_now, before.is_coherent), (-was, is_now, before.is_coherent))
        return
    for pathway in dict.fromkeys(argument.pathway for argument in unit.arguments):
        for status in STATUSES:
            was, is_now = _has(before, pathway, status), _has(after, pathway, status)
            yield was, -is_now


def _has(space: Space, pathway: str, status: str) -> Lit:
    """Return that a pathway is told to have a status; what gets no advice is open."""
    told: dict[str, Lit] = {
        s: space.circuit.all((space.status(pathway, s), space.is_advised)) for s in STATUSES if s != "open"
    }
    return -space.circuit.any(told.values()) if status == "open" else told[status]


def _confirm(case: Case, mutant: Mutant, *bases: KnowledgeBase) -> None:
    """Raise `Disagreement` when the engine finds the same with a mutant as without."""
    consultations = [Reasoner(base).consult(case) for base in bases]
    was, is_now = ((verdict_of(c).statuses, {(f.rule, f.subject) for f in c.firings}) for c in consultations)
    if was == is_now:
        raise Disagreement(f"the engine does not confirm that {case} kills {mutant}")
