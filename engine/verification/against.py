"""Whose advice changes between two knowledge bases, over every patient.

Both are read into one circuit over the same inputs, so that one question to the solver is about both. Neither has to be
coherent: a contradiction on one side would else hide a change. What a case may give has to be the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations
from typing import Literal

from cases.model import Case
from engine.inference.session import Consultation, Reasoner
from engine.inference.subjects import Subject
from engine.invariants import hazards_of
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.verdicts import STATUSES, has_quarrel, status_of, verdict
from engine.verification.boxes import BoxOfValues, apart, assessments, settled, values_of
from engine.verification.invariants import happens
from engine.verification.parallel import Watch, each, unwatched
from engine.verification.space import LESION, Everyone, Space, two_spaces
from engine.verification.witness import Disagreement
from knowledge_base.language.disputes import side_of, side_text
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.outcomes import dangers
from knowledge_base.language.rules import URGENCIES

AspectKind = Literal["advice", "hazard", "pathway", "measure", "alert"]
NEVER_CALLED = "not called for"
REWORDED = "raised in other words"
NOT_THERE = "not known"
MOST = 40  # combinations of assessments that are told apart for one change

Passage = tuple["Aspect", str, str]


@dataclass(frozen=True)
class Aspect:
    """One thing that advice says of the first lesion, with one of several answers.

    `now` is what the alert of that name says in the newer knowledge, where the same rules raise it in other words.
    """

    kind: AspectKind
    name: str
    now: str = ""

    @property
    def answers(self) -> tuple[str, ...]:
        """All answers that there are, in order."""
        if self.kind == "pathway":
            return (*STATUSES, NOT_THERE)
        if self.kind == "measure":
            return (*URGENCIES, NEVER_CALLED)
        if self.kind == "alert":
            return ("raised", *([REWORDED] if self.now else []), "not raised")
        return "stopped", "given"

    def literal(self, space: Space, answer: str) -> Lit:
        """Return that this is the answer."""
        circuit = space.circuit
        if self.kind == "pathway":
            return _status(space, self.name, answer)
        if self.kind == "measure":
            return _soonest(space, self.name, answer)
        if self.kind == "alert":
            raised, again = (_raised(space, text) for text in (self.name, self.now))
            return {"raised": raised, REWORDED: circuit.all((again, -raised))}.get(
                answer, -circuit.any((raised, again))
            )
        yes = circuit.any(self._true_when(space))
        return yes if answer == self.answers[0] else -yes

    def _true_when(self, space: Space) -> Iterator[Lit]:
        if self.kind == "advice":
            clashes = space.rule_clashes.items()
            yield from (clash for (subject, _), clash in clashes if subject.lesion in ("", LESION.lesion))
        elif self.kind == "hazard" and self.name in space.knowledge.hazards:
            yield happens(space, space.knowledge.hazards[self.name])

    def answer(self, consultation: Consultation) -> str:
        """Return what the engine answers."""
        if self.kind == "advice":
            return self.answers[0 if has_quarrel(consultation.trace, LESION) else 1]
        if self.kind == "hazard":
            happened = any(hazard.id == self.name for hazard in hazards_of(consultation, LESION))
            return self.answers[0 if happened else 1]
        if self.kind == "pathway":
            known = self.name in consultation.state.knowledge.pathways
            return status_of(consultation.state, Subject(LESION.lesion, self.name)) if known else NOT_THERE
        said = [(f.rule, c) for f in consultation.firings_about(LESION) for c in f.conclusions]
        if self.kind == "measure":
            return verdict({}, said).measures.get(self.name, NEVER_CALLED)
        raised = {c.text for _, c in said if c.kind == "alert" and c.level == "danger"}
        return "raised" if self.name in raised else REWORDED if self.now in raised else "not raised"


def _raised(space: Space, text: str) -> Lit:
    """Return that a danger alert of this text is raised; never, when there is none."""
    return space.circuit.any(space.fires(rule) for rule in space.dangers.get(text, ()))


def _alerts(old: KnowledgeBase, new: KnowledgeBase) -> Iterator[Aspect]:
    """Yield the danger alerts of both, once each where only the words are other ones.

    That is so where one text is gone, one is new, and each is raised by just those rules that raised the other.
    """
    before, after = (dangers(base) for base in (old, new))
    gone, come = (
        {text: {rule.id for rule in some[text]} for text in sorted(some.keys() - others)}
        for some, others in ((before, after), (after, before))
    )
    again: dict[str, str] = {}
    for text, rules in gone.items():
        found = [other for other, its in come.items() if its == rules]
        if len(found) == 1 and list(gone.values()).count(rules) == 1:
            again[text] = found[0]
    for text in sorted((before.keys() | after) - set(again.values())):
        yield Aspect("alert", text, again.get(text, ""))


def _status(space: Space, pathway: str, answer: str) -> Lit:
    """Return that a pathway has a status; `open` when several are possible."""
    known = pathway in space.knowledge.pathways
    if not known or answer == NOT_THERE:
        return TRUE if known == (answer != NOT_THERE) else FALSE
    if answer != "open":
        return space.status(pathway, answer)
    return space.circuit.all(-space.status(pathway, other) for other in STATUSES if other != "open")


def _soonest(space: Space, measure: str, answer: str) -> Lit:
    """Return that a measure is called for with this urgency at the soonest, or not at all."""
    names = [f"measures_{urgency}" for urgency in URGENCIES[:-1]] + ["measures"]
    so_soon = [space.called(name, measure) for name in names]
    if answer == NEVER_CALLED:
        return -so_soon[-1]
    place = URGENCIES.index(answer)
    return space.circuit.all((so_soon[place], *(-earlier for earlier in so_soon[:place][-1:])))


@dataclass(frozen=True)
class AdviceChanged:
    """One thing that is otherwise for the patients in a box, and the smallest of them, run under both.

    `box` holds what each assessment can be of such patients where it is known, read as the newer knowledge reads it.
    `parts` are the boxes in it that hold just what the assessments are together; None when that takes too many. `side` is
    the side of a dispute that must be on, empty for the default ones.
    """

    aspect: Aspect
    before: str
    after: str
    witness: Case
    box: BoxOfValues = field(default=(), compare=False)
    lesions: int = 1
    side: str = ""
    parts: tuple[BoxOfValues, ...] | None = field(default=None, compare=False)

    @property
    def way(self) -> Passage:
        """What becomes of what."""
        return self.aspect, self.before, self.after


@dataclass(frozen=True)
class Versions:
    """Two knowledge bases, with other sides of their disputes on or not."""

    old: KnowledgeBase
    new: KnowledgeBase

    @cached_property
    def aspects(self) -> tuple[Aspect, ...]:
        """Everything that can be otherwise."""
        bases = (self.old, self.new)
        return (
            Aspect("advice", ""),
            *(Aspect("hazard", name) for name in sorted({n for base in bases for n in base.hazards})),
            *(Aspect("pathway", name) for name in sorted({n for base in bases for n in base.pathways})),
            *(Aspect("measure", name) for name in sorted({n for base in bases for n in base.measures})),
            *_alerts(self.old, self.new),
        )

    @cached_property
    def reasoners(self) -> tuple[Reasoner, Reasoner]:
        """The engine with each of them."""
        return Reasoner(self.old), Reasoner(self.new)

    def changes(
        self, lesions: int = 1, told: frozenset[Passage] = frozenset(), watch: Watch = unwatched
    ) -> list[AdviceChanged]:
        """Return what some patient with so many lesions would see, without what has been told."""
        before, after = two_spaces(self.old, self.new, lesions)
        pair = _Pair(self, before, after)
        try:
            ways = pair.ways(told)
            return [pair.change(*way) for way in watch(ways, len(ways))]
        finally:
            before.solver.close()

    def over_all(self, told: frozenset[Passage] = frozenset(), watch: Watch = unwatched) -> list[AdviceChanged]:
        """Return what patients with one lesion would see, and of two what no patient with one would see."""
        counts = max((Everyone(base).counts for base in (self.old, self.new)), key=len)
        found: list[AdviceChanged] = []
        for lesions in counts:
            found += self.changes(lesions, told | {change.way for change in found}, watch)
        return found

    def sides(self) -> Iterator[str]:
        """Yield every other side that both have, as `dispute=side`."""
        known = {(name, side) for name, dispute in self.old.disputes.items() for side in dispute.sides}
        yield from (side_text(*other) for other in self.new.other_sides if other in known)

    def with_side(self, text: str) -> "Versions":
        """Return the same two with another side of a dispute on."""
        dispute, side = side_of(text)
        return replace(self, old=self.old.with_side(dispute, side), new=self.new.with_side(dispute, side))


class _Pair:
    """The same patients under two knowledge bases."""

    def __init__(self, comparison: Versions, before: Space, after: Space) -> None:
        self.comparison = comparison
        self.before = before
        self.after = after
        self.names = assessments(after.knowledge)

    def ways(self, told: frozenset[Passage]) -> list[Passage]:
        """Return what becomes of what for some patient, without what has been told.

        What no changed rule reaches hangs on the same gates under both, and is never asked for. Of all the rest together
        it is asked first whether anything differs at all.
        """
        gates = {way: gate for way, gate in self._gates() if way not in told}
        if not self.before.can(self.before.circuit.any(gates.values())):
            return []
        found = self.before.solver.possible([[gate] for gate in gates.values()])
        return [way for way, gate in gates.items() if gate == TRUE or gate in found]

    def _gates(self) -> Iterator[tuple[Passage, Lit]]:
        for aspect in self.comparison.aspects:
            before, after = (
                {x: aspect.literal(space, x) for x in aspect.answers} for space in (self.before, self.after)
            )
            if before != after:
                for was, is_now in permutations(aspect.answers, 2):
                    gate = self.before.circuit.all((before[was], after[is_now]))
                    yield from [((aspect, was, is_now), gate)] if gate != FALSE else []

    def change(self, aspect: Aspect, was: str, is_now: str) -> AdviceChanged:
        """Return for whom one thing becomes another, with the smallest patient, run under both.

        Raises `Disagreement` when the engine does not confirm it.
        """
        literals = (aspect.literal(self.before, was), aspect.literal(self.after, is_now))
        model = self.before.smallest(*literals)
        assert model is not None, "the solver has found such a patient"
        case = self.before.case_of(model, "changed")
        ends = [aspect.answer(reasoner.consult(case)) for reasoner in self.comparison.reasoners]
        if ends != [was, is_now]:
            raise Disagreement(f"the engine does not confirm {aspect} {was} {is_now}, but {ends}: {case}")
        box = settled(self.after, self.names, literals)
        parts = apart(self.after, box, literals, MOST)
        return AdviceChanged(
            aspect,
            was,
            is_now,
            case,
            values_of(self.after, box),
            len(self.before.case.lesions),
            parts=None if parts is None else tuple(values_of(self.after, part) for part in parts),
        )


def compared(old: KnowledgeBase, new: KnowledgeBase, jobs: int = 1, watch: Watch = unwatched) -> list[AdviceChanged]:
    """Return each change of a status, a measure, a danger alert or of whether there is advice, that some patient sees.

    With the default sides of all disputes on, then of each other side by itself what is not found so anyway. The same
    whatever the number of jobs. Raises ValueError when a case may not give the same to both.
    """
    whole = Versions(old, new)
    found = whole.over_all(watch=watch)
    anyway = frozenset(change.way for change in found)
    others = each(_of_side, whole.sides(), (whole, anyway), jobs, watch)
    return [*found, *(change for some in others for change in some)]


def _of_side(held: tuple[Versions, frozenset[Passage]], text: str) -> list[AdviceChanged]:
    whole, anyway = held
    return [replace(change, side=text) for change in whole.with_side(text).over_all(anyway)]
