"""Attributes that hold several values at once, as gates: of each member, that it must be there, and that it may."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.inference.subjects import Subject
from engine.symbolic.circuit import FALSE, TRUE, Lit
from knowledge_base.language.domains import Subsets
from knowledge_base.language.rules import Rule, SetTo

if TYPE_CHECKING:
    from engine.symbolic.encoding import Encoding

Members = tuple[dict[str, Lit], dict[str, Lit]]  # those it must hold, those it may


def members(encoding: "Encoding", subject: Subject, name: str) -> Members:
    """Return the literals of the members that a set must hold, and of those that it may."""
    voices = list(_voices(encoding, subject, name))
    names = encoding.knowledge.vocabulary[name].names
    required = {m: encoding.circuit.any(needs[m] for needs, _ in voices) for m in names}
    allowed = {m: encoding.circuit.all(may[m] for _, may in voices) for m in names}
    empty = encoding.circuit.any(encoding.circuit.all((required[m], -allowed[m])) for m in names)
    encoding.emptied[subject, name] = empty
    return (
        {m: encoding.circuit.all((lit, -empty)) for m, lit in required.items()},
        {m: encoding.circuit.any((lit, empty)) for m, lit in allowed.items()},
    )


def _voices(encoding: "Encoding", subject: Subject, name: str) -> Iterator[Members]:
    if held := encoding.inputs.get((subject, name)):
        yield held.required, held.allowed_members
    for unit, about in encoding.speakers(subject, name):
        for conclusion in unit.conclusions if isinstance(unit, Rule) else ():
            if isinstance(conclusion, SetTo) and conclusion.attribute == name:
                fires = encoding.fires(unit.id, about)
                required, allowed = _said(encoding, conclusion, about)
                yield (
                    {m: encoding.circuit.all((fires, lit)) for m, lit in required.items()},
                    {m: encoding.circuit.any((-fires, lit)) for m, lit in allowed.items()},
                )


def _said(encoding: "Encoding", conclusion: SetTo, subject: Subject) -> Members:
    if conclusion.same_as is not None:
        return encoding.members(encoding.at(conclusion.same_as, subject), conclusion.same_as)
    values, names = conclusion.values, encoding.knowledge.vocabulary[conclusion.attribute].names
    assert isinstance(values, Subsets)
    return (
        {m: TRUE if m in values.required else FALSE for m in names},
        {m: TRUE if m in values.allowed else FALSE for m in names},
    )
