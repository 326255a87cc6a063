"""Pathways: those that no patient is ever offered, and those that are offered together although they exclude each other."""

from collections.abc import Iterator
from functools import partial

from engine.inference.session import Consultation
from engine.inference.subjects import Subject
from engine.symbolic.circuit import Lit
from engine.verdicts import status_of
from engine.verification.findings import Finding
from engine.verification.space import LESION, Everyone, Space
from engine.verification.witness import Confirms, Witnesses
from knowledge_base.language.knowledge import Pathway


def pathways(everyone: Everyone, witnesses: Witnesses) -> Iterator[Finding]:
    """Yield what is wrong with the pathways of a knowledge base."""
    known = everyone.knowledge.pathways
    for name, pathway in known.items():
        if everyone.never(partial(Space.status, pathway=name, status="recommended")):
            yield Finding("pathway_never_recommended", (name,), position=pathway.position)
        if everyone.never(partial(Space.status, pathway=name, status="acceptable")):
            yield Finding("pathway_never_acceptable", (name,), position=pathway.position)
        for other in pathway.excludes:
            yield from _together(everyone, witnesses, pathway, other)


def _together(everyone: Everyone, witnesses: Witnesses, pathway: Pathway, other: str) -> Iterator[Finding]:
    def both(space: Space) -> Lit:
        return space.circuit.all(space.status(name, "recommended") for name in (pathway.id, other))

    if (space := everyone.where(both)) is not None:
        about = tuple(sorted((pathway.id, other)))
        confirms = _recommended(*about)
        case = witnesses.of(space, f"pathways_together-{'-'.join(about)}", confirms, both(space), space.is_coherent)
        yield Finding("pathways_together", about, position=pathway.position, witness=case)


def _recommended(*names: str) -> Confirms:
    def confirms(consultation: Consultation) -> bool:
        options = (Subject(LESION.lesion, name) for name in names)
        return all(status_of(consultation.state, option) == "recommended" for option in options)

    return confirms
