"""Boxes of patients: what the assessments of patients can be of whom something is true, in few and clinical words.

Patients are told apart by the assessments that the four-letter summary shows; two boxes are joined wherever all but one
of these agree.
"""

from collections.abc import Iterator, Mapping

from engine.symbolic.circuit import TRUE, Lit
from engine.symbolic.solver import Model
from engine.verification.space import LESION, Space
from knowledge_base.language.domains import Choices, Member
from knowledge_base.language.knowledge import KnowledgeBase

Box = Mapping[str, frozenset[int]]  # of each assessment, the places of the cells that it can have
BoxOfValues = tuple[tuple[str, frozenset[Member]], ...]  # of each assessment, the values that it can have


def assessments(knowledge: KnowledgeBase) -> tuple[str, ...]:
    """Return the choices that the four-letter summary shows: the words in which boxes are told."""
    shown = (a for a in knowledge.vocabulary.values() if a.assessment and a.type in ("choice", "yes_no"))
    return tuple(a.id for a in shown if a.of != "option")


def combinations(space: Space, names: tuple[str, ...], demanded: tuple[Lit, ...], most: int) -> Iterator[Box]:
    """Yield what the assessments of such patients can be, each combination once, none within another; at most so many."""
    for name in names:
        _possible(space, name)  # a model tells of no gate that is made after it
    guard = space.circuit.free()
    for _ in range(most):
        model = space.solver.model(*demanded, guard)
        if model is None:
            break
        box = {name: _places(space, name, model) for name in names}
        space.circuit.require(-guard, *(-inside(space, name, places) for name, places in box.items()))
        yield box
    space.circuit.require(-guard)


def settled(space: Space, names: tuple[str, ...], demanded: tuple[Lit, ...]) -> Box:
    """Return the smallest box around such patients: of each assessment what it can be where it is known.

    Empty where it is known of no such patient.
    """
    kinds = [possibly_settled(space, name) for name in names]
    found = space.solver.possible(kinds, *demanded)
    return {
        name: frozenset(i for i, lit in enumerate(kind) if lit == TRUE or lit in found)
        for name, kind in zip(names, kinds, strict=True)
    }


def apart(space: Space, whole: Box, demanded: tuple[Lit, ...], most: int) -> list[Box] | None:
    """Return, in few boxes, just which combinations such patients have of what the smallest box around them restricts.

    Of all that is known of some when it restricts nothing. None when there are more than so many combinations.
    """
    known: list[str] = []
    restricted = [name for name, places in whole.items() if 0 < len(places) < len(_possible(space, name))]
    for name in restricted or [name for name, places in whole.items() if places]:
        settled_one = space.circuit.any(possibly_settled(space, name))
        if space.can(*demanded, settled_one):
            demanded, known = (*demanded, settled_one), [*known, name]
    found = list(combinations(space, tuple(known), demanded, most + 1))
    return merged(found) if len(found) <= most else None


def possibly_settled(space: Space, name: str) -> list[Lit]:
    """Return, for each cell of an attribute of the first lesion or the patient, that it is just that."""
    return space.encoding.alone(_possible(space, name))


def _possible(space: Space, name: str) -> tuple[Lit, ...]:
    return space.encoding.possible(space.encoding.at(name, LESION), name)


def _places(space: Space, name: str, model: Model) -> frozenset[int]:
    true = model.among(_possible(space, name))
    return frozenset(i for i, lit in enumerate(_possible(space, name)) if lit in true or lit == 1)


def inside(space: Space, name: str, places: frozenset[int]) -> Lit:
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


def is_within(space: Space, box: Box) -> tuple[Lit, ...]:
    """Return what is true of the patients in a box."""
    return tuple(inside(space, name, places) for name, places in box.items())


def words(space: Space, box: Box) -> str:
    """Return a box in the words of the vocabulary, without what may be anything in it."""
    return words_of(values_of(space, box), space.knowledge)


def values_of(space: Space, box: Box) -> BoxOfValues:
    """Return a box with values in place of cells."""
    return tuple((name, members_of(space, name, places)) for name, places in box.items())


def words_of(box: BoxOfValues, knowledge: KnowledgeBase) -> str:
    """Return a box in the words of the vocabulary, without what may be anything in it."""
    parts = []
    for name, members in box:
        attribute = knowledge.vocabulary[name]
        if Choices(members) != attribute.domain:
            parts.append(attribute.sentence(Choices(members)) if members else f"{attribute.label} not known")
    return "; ".join(parts) or "whatever the assessments"


def members_of(space: Space, name: str, places: frozenset[int]) -> frozenset[Member]:
    """Return the values that cells of an assessment hold."""
    cells = space.encoding.cells.of(name)
    return frozenset(m for i in places if isinstance(cell := cells[i], Choices) for m in cell.members)
