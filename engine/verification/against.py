"""Whose advice changes between two knowledge bases, over every patient.

Both are read into one circuit over the same inputs, so that one question to the solver is about both. Neither has to be
coherent: a contradiction on one side would else hide a change. What a case may give has to be the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cases.model import Case
from engine.inference.session import Reasoner
from engine.inference.subjects import Subject
from engine.symbolic.circuit import Lit
from engine.verdicts import STATUSES, status_of
from engine.verification.monotonicity import Kept, has
from engine.verification.space import LESION, Space, two_spaces
from knowledge_base.language.knowledge import KnowledgeBase


@dataclass(frozen=True)
class RulesChanged:
    """What has become of rules and score steps, by id."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    @classmethod
    def between(cls, old: KnowledgeBase, new: KnowledgeBase) -> "RulesChanged":
        """Return the difference between two knowledge bases, sides that are off among them."""
        before, after = _versions(old), _versions(new)
        return cls(
            added=tuple(sorted(after.keys() - before.keys())),
            removed=tuple(sorted(before.keys() - after.keys())),
            changed=tuple(sorted(name for name in before.keys() & after.keys() if before[name] != after[name])),
        )


def _versions(knowledge: KnowledgeBase) -> dict[str, str]:
    rules = {name: rule.version for name, rule in knowledge.every_rule.items()}
    return {**rules, **{name: step.version for name, step in knowledge.every_step.items()}}


@dataclass(frozen=True)
class AdviceChanged:
    """One thing that is otherwise for some patients, and the smallest of them, run under both."""

    what: str
    before: str
    after: str
    witness: Case


def compared(old: KnowledgeBase, new: KnowledgeBase) -> Iterator[AdviceChanged]:
    """Yield each change of a status, an emergency measure or the dangers that some patient would see.

    Raises ValueError when a case may not give the same to both.
    """
    before, after = two_spaces(old, new)
    reasoners = (Reasoner(old), Reasoner(new))
    yield from _statuses(before, after, reasoners)
    yield from _measures(before, after, reasoners)


def _statuses(before: Space, after: Space, reasoners: tuple[Reasoner, Reasoner]) -> Iterator[AdviceChanged]:
    for pathway in sorted(before.knowledge.pathways.keys() & after.knowledge.pathways.keys()):
        for was in STATUSES:
            for is_now in (status for status in STATUSES if status != was):
                literals = (_is(before, pathway, was), _is(after, pathway, is_now))
                if (case := _patient(before, f"{pathway}-{was}-{is_now}", *literals)) is not None:
                    option = Subject(LESION.lesion, pathway)
                    ends = [status_of(reasoner.consult(case).state, option) for reasoner in reasoners]
                    assert ends == [was, is_now], f"the engine does not confirm {case}: {ends}"
                    yield AdviceChanged(pathway, was, is_now, case)


def _is(space: Space, pathway: str, status: str) -> Lit:
    """Return that a pathway has a status; `open` when several are possible."""
    if status != "open":
        return space.status(pathway, status)
    return space.circuit.all(-space.status(pathway, other) for other in STATUSES if other != "open")


def _measures(before: Space, after: Space, reasoners: tuple[Reasoner, Reasoner]) -> Iterator[AdviceChanged]:
    names = sorted({*before.knowledge.measures, *after.knowledge.measures})
    things = [Kept("danger"), *(Kept(name, "within_24_h") for name in names)]
    for thing in things:
        there = [space.called(*thing.in_the_end) for space in (before, after)]
        for lost in (True, False):
            literals = (there[0], -there[1]) if lost else (-there[0], there[1])
            if (case := _patient(before, f"{thing}-{'lost' if lost else 'new'}".replace(" ", "-"), *literals)) is None:
                continue
            ends = [has(reasoner.consult(case), thing) for reasoner in reasoners]
            assert ends == [lost, not lost], f"the engine does not confirm {case}: {ends}"
            words = ("called for", "not called for") if thing.urgency else ("some", "none")
            yield AdviceChanged(str(thing), *(words if lost else words[::-1]), witness=case)


def _patient(space: Space, title: str, *literals: Lit) -> Case | None:
    model = space.smallest(*literals)
    return None if model is None else space.case_of(model, title)
