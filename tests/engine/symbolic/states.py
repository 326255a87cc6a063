"""The symbolic reading of one state of knowledge beside the engine's: fired rules, possible values, statuses."""

from collections.abc import Iterator

from pysat.solvers import Solver

from cases.model import Case
from engine import Reasoner
from engine.subjects import Subject
from engine.symbolic.encoding import Encoding
from knowledge_base import KnowledgeBase
from knowledge_base.values import Subsets, both


def disagreements(knowledge: KnowledgeBase, reasoner: Reasoner, case: Case) -> list[str]:
    """Return everything on which the two differ."""
    consultation = reasoner.consult(case)
    state, encoding = consultation.state, Encoding(knowledge, case)
    truths = _truths(encoding, state.given)
    if truths is None:
        return ["the encoding has no such state"]
    fired = {(f.rule, f.subject) for f in consultation.trace.firings if f.rule in knowledge.rules}
    found = {(rule, str(subject)) for (rule, subject), literal in encoding.firings.items() if literal in truths}
    clashes = {c.fact for c in consultation.trace.contradictions}
    clashed = {subject.fact(name) for (subject, name), literal in encoding.clashes.items() if literal in truths}
    differ = [f"fired {sorted(fired ^ found)}"] if fired != found else []
    differ += [f"contradictions {sorted(clashes ^ clashed)}"] if clashes != clashed else []
    return differ + list(_values(encoding, state.values, truths))


def _truths(encoding: Encoding, given: dict) -> set[int] | None:
    """Return the literals that are true in the state in which just this is given."""
    assumptions = [-encoding.complete]
    for (subject, name), held in encoding.inputs.items():
        assumptions += held.exactly(given.get(subject, {}).get(name))
    with Solver("cadical153", bootstrap_with=encoding.circuit.clauses) as solver:
        return set(solver.get_model()) if solver.solve(assumptions) else None


def _values(encoding: Encoding, values: dict, truths: set[int]) -> Iterator[str]:
    for (subject, name), held in values.items():
        if isinstance(held, Subsets):
            required, allowed = encoding.members(subject, name)
            found = [{m for m, lit in lits.items() if lit in truths} for lits in (required, allowed)]
            if found != [held.required, held.allowed]:
                yield f"{subject}.{name}: {held} but {found}"
            continue
        cells = zip(encoding.cells.of(name), encoding.possible(subject, name), strict=True)
        for cell, literal in cells:
            if both(cell, held) != (cell if literal in truths else cell.without(cell)):
                yield f"{subject}.{name}: {held} but {cell} is {literal in truths}"
        if (encoding.known(subject, name) in truths) != held.is_single:
            yield f"{subject}.{name}: {held} but known is {not held.is_single}"


def status(encoding: Encoding, option: Subject, truths: set[int]) -> list[bool]:
    return [literal in truths for literal in encoding.possible(option, "status")]
