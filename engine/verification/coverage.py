"""Patients for whom nothing is recommended, acceptable or open, and to whom no rule says what to do next.

They are told as boxes: what the assessments of such patients can be, merged wherever all but one of them agree.
"""

from collections.abc import Iterator, Mapping

from engine.inference.session import Consultation
from engine.inference.subjects import Subject
from engine.symbolic.circuit import Lit
from engine.symbolic.solver import Model
from engine.verdicts import status_of
from engine.verification.findings import Finding
from engine.verification.space import LESION, Everyone, Space
from engine.verification.witness import Witnesses
from knowledge_base.language.conditions import Quantified, attributes_read, leaves
from knowledge_base.language.domains import Choices
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import AlertEntry, MeasureEntry, Rule

LEFT = ("recommended", "acceptable", "open")
MOST = 400  # combinations of assessments that are looked at; more than these are told as they are
Box = Mapping[str, frozenset[int]]  # of each assessment, the places of the cells that it can have


def nothing_offered(everyone: Everyone, witnesses: Witnesses) -> Iterator[Finding]:
    """Yield a box for each kind of patient who is offered nothing and told nothing, with one of them."""
    space = everyone.where(left_alone)
    if space is None:
        return
    names = assessments(everyone.knowledge)
    for box in merged(list(combinations(space, names))):
        inside = (_inside(space, name, places) for name, places in box.items())
        literals = (left_alone(space), space.is_coherent, *inside)
        case = witnesses.of(space, "nothing_offered", _is_left_alone, *literals)
        yield Finding("nothing_offered", ("pathways",), words(space, box), witness=case)


def assessments(knowledge: KnowledgeBase) -> tuple[str, ...]:
    """Return the choices that the four-letter summary shows: the words in which boxes are told."""
    shown = (a for a in knowledge.vocabulary.values() if a.assessment and a.type in ("choice", "yes_no"))
    return tuple(a.id for a in shown if a.of != "option")


def left_alone(space: Space) -> Lit:
    """Return that the first lesion is offered nothing, and that no rule that looks at the options says what to do."""
    nothing = (-space.can_have_status(pathway, status) for pathway in space.knowledge.pathways for status in LEFT)
    silent = (-space.fires(rule) for rule in space.knowledge.rules.values() if guides(rule))
    return space.circuit.all((*nothing, *silent))


def guides(rule: Rule) -> bool:
    """Tell whether a rule looks at what has become of the options and says what to do then."""
    looks = any(
        isinstance(leaf, Quantified) and leaf.over == "option" and "status" in attributes_read(leaf.condition)
        for leaf in leaves(rule.when)
    )
    return looks and any(isinstance(c, MeasureEntry | AlertEntry) for c in rule.conclusions)


def _is_left_alone(consultation: Consultation) -> bool:
    state = consultation.state
    statuses = {status_of(state, Subject(LESION.lesion, name)) for name in state.knowledge.pathways}
    fired = {firing.rule for firing in consultation.firings}
    guided = any(guides(rule) for name, rule in state.knowledge.rules.items() if name in fired)
    return not guided and statuses.isdisjoint(LEFT)


def combinations(space: Space, names: tuple[str, ...]) -> Iterator[Box]:
    """Yield what the assessments of such patients can be, each combination once."""
    alone, guard = left_alone(space), space.circuit.free()
    for _ in range(MOST):
        model = space.solver.model(alone, space.is_coherent, guard)
        if model is None:
            break
        box = {name: _places(space, name, model) for name in names}
        space.circuit.require(-guard, *(-_inside(space, name, places) for name, places in box.items()))
        yield box
    space.circuit.require(-guard)


def _possible(space: Space, name: str) -> tuple[Lit, ...]:
    return space.encoding.possible(space.encoding.at(name, LESION), name)


def _places(space: Space, name: str, model: Model) -> frozenset[int]:
    true = model.among(_possible(space, name))
    return frozenset(i for i, lit in enumerate(_possible(space, name)) if lit in true or lit == 1)


def _inside(space: Space, name: str, places: frozenset[int]) -> Lit:
    """Return that an assessment can be nothing outside these cells."""
    return space.circuit.all(-lit for i, lit in enumerate(_possible(space, name)) if i not in places)


def merged(boxes: list[Box]) -> list[Box]:
    """Return as few boxes as can be had by joining two that differ in one assessment, or of which one holds the other."""
    found = list(boxes)
    i = 0
    while i < len(found):
        partner = next((j for j in range(i + 1, len(found)) if _one_apart(found[i], found[j])), None)
        if partner is None:
            i += 1
            continue
        other = found.pop(partner)
        found[i] = {name: places | other[name] for name, places in found[i].items()}
        i = 0
    return sorted(found, key=lambda box: sorted((name, sorted(places)) for name, places in box.items()))


def _one_apart(box: Box, other: Box) -> bool:
    apart = sum(places != other[name] for name, places in box.items())
    return apart < 2 or all(places >= other[name] for name, places in box.items())


def words(space: Space, box: Box) -> str:
    """Return a box in the words of the vocabulary, without what may be anything in it."""
    parts = []
    for name, places in box.items():
        cells = space.encoding.cells.of(name)
        if len(places) < len(cells):
            members = frozenset(m for i in places if isinstance(cell := cells[i], Choices) for m in cell.members)
            parts.append(space.knowledge.vocabulary[name].sentence(Choices(members)))
    return "; ".join(parts) or "whatever the assessments"
