"""Hazards, proved not to happen to any patient, or shown to happen to one."""

from collections.abc import Iterator
from functools import partial

from engine.inference.session import Consultation
from engine.invariants import hazards_of
from engine.symbolic.circuit import Lit
from engine.verification.findings import Finding
from engine.verification.space import LESION, Everyone, Space
from engine.verification.witness import Confirms, Witnesses
from knowledge_base.language.hazards import Hazard


def hazards(everyone: Everyone, witnesses: Witnesses) -> Iterator[Finding]:
    """Yield the hazards that can happen, each with the smallest patient to whom it does."""
    for name, hazard in everyone.knowledge.hazards.items():
        if (space := everyone.where(partial(happens, hazard=hazard))) is not None:
            literal = happens(space, hazard)
            case = witnesses.of(space, f"hazard_happens-{name}", _happened(name), literal, space.is_coherent)
            yield Finding("hazard_happens", (name,), position=hazard.position, witness=case)


def _happened(name: str) -> Confirms:
    def confirms(consultation: Consultation) -> bool:
        return any(hazard.id == name for hazard in hazards_of(consultation, LESION))

    return confirms


def happens(space: Space, hazard: Hazard) -> Lit:
    """Return the literal that a hazard happens to the first lesion."""
    return space.ending.happens(hazard)
