"""What else could come out, and what it would take: asked of a case as a whole, or by the name of one pathway."""

from pydantic import Field

from cases.model import no_lesion
from engine.analysis.certainty import Certainty, Possibility
from engine.analysis.contrasts import Changes
from engine.analysis.counterfactuals import LARGEST, Changing
from engine.inference.trace import Record
from engine.run import Run

DEEPEST = 6  # changes; a pathway asked for by name is looked for until some set leads there


class LesionAlternatives(Record):
    """What else could be recommended for one lesion."""

    lesion: str
    certainty: Certainty | None = Field(
        description="null when one pathway was asked for, unless what is given is contradictory"
    )
    possible: tuple[Possibility, ...] = Field(
        description="outcomes that what is not known can still lead to, as things are given; none for one pathway"
    )
    changes: Changes


class Alternatives(Record):
    """What would change the advice, lesion by lesion."""

    case: str
    pathway: str | None = Field(description="the pathway asked for by name, if any")
    lesions: tuple[LesionAlternatives, ...]


def alternatives(run: Run, pathway: str | None = None, lesion: str | None = None) -> Alternatives:
    """Return what would change the advice, or bring one pathway to be recommended; of all lesions, or of one.

    In general these are sets of at most three changes to what is given, beside what the unknown can still lead to. For a
    pathway what is not known may be told as well, each answer counting as a change, and sets of up to six are looked for
    until there are any. Raises ValueError, with the nearest name, for an unknown pathway or lesion.
    """
    ids = [found.id for found in run.case.lesions]
    pathway = None if pathway is None else run.knowledge.pathway_named(pathway)
    if lesion is not None and lesion not in ids:
        raise ValueError(no_lesion(lesion, ids))
    asked = [name for name in ids if lesion in (None, name)]
    found = _of_pathway(run, pathway, asked) if pathway else _of_case(run, asked)
    return Alternatives(case=run.case.id, pathway=pathway, lesions=tuple(found))


def _of_case(run: Run, asked: list[str]) -> list[LesionAlternatives]:
    return [
        LesionAlternatives(
            lesion=lesion.id,
            certainty=lesion.certainty,
            possible=tuple(p for p in lesion.possible if not p.is_current),
            changes=run.changing.changes(lesion.id),
        )
        for lesion in run.advised(settle=True).lesions
        if lesion.id in asked
    ]


def _of_pathway(run: Run, pathway: str, asked: list[str]) -> list[LesionAlternatives]:
    changing = Changing(run.consultation, run.reasoner, telling=True)
    certainty: Certainty | None = "contradictory" if run.trace.contradictions else None
    return [
        LesionAlternatives(lesion=x, certainty=certainty, possible=(), changes=_nearest(changing, x, pathway))
        for x in asked
    ]


def _nearest(changing: Changing, lesion: str, pathway: str) -> Changes:
    """Return the smallest sets that lead to a pathway; sets of more than three only where no smaller ones do."""
    for largest in range(LARGEST, DEEPEST + 1):
        found = changing.changes(lesion, pathway, largest)
        if found.already or found.changeable.sets or found.fixed.sets:
            break
    return found
