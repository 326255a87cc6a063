"""Patients for whom nothing is recommended, acceptable or open, and to whom no rule says what to do next.

They are told as boxes: what the assessments of such patients can be, merged wherever all but one of them agree.
"""

from collections.abc import Iterator

from engine.inference.session import Consultation
from engine.inference.subjects import Subject
from engine.symbolic.circuit import Lit
from engine.verdicts import status_of
from engine.verification.boxes import Box, assessments, combinations, is_within, merged, words
from engine.verification.findings import Finding
from engine.verification.space import LESION, Everyone, Space
from engine.verification.witness import Witnesses
from knowledge_base.language.conditions import Quantified, attributes_read, leaves
from knowledge_base.language.rules import AlertEntry, MeasureEntry, Rule

LEFT = ("recommended", "acceptable", "open")
MOST = 400  # combinations of assessments that are looked at; more than these are told as they are


def nothing_offered(everyone: Everyone, witnesses: Witnesses) -> Iterator[Finding]:
    """Yield a box for each kind of patient who is offered nothing and told nothing, with one of them."""
    space = everyone.where(left_alone)
    if space is None:
        return
    for box in boxes_left_alone(space):
        literals = (left_alone(space), space.is_coherent, *is_within(space, box))
        case = witnesses.of(space, "nothing_offered", _is_left_alone, *literals)
        yield Finding("nothing_offered", ("pathways",), words(space, box), witness=case)


def boxes_left_alone(space: Space) -> list[Box]:
    """Return what the assessments can be of those who are offered nothing and told nothing, in few boxes."""
    alone = (left_alone(space), space.is_coherent)
    return merged(list(combinations(space, assessments(space.knowledge), alone, MOST)))


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
