"""Whose advice changes between two knowledge bases, over every patient.

Both are read into one circuit over the same inputs, so that one question to the solver is about both. Neither has to be
coherent: a contradiction on one side would else hide a change. What a case may give has to be the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Literal

from cases.model import Case
from engine.inference.session import Consultation, Reasoner
from engine.inference.subjects import PATIENT, Subject
from engine.invariants import hazards_of
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.verdicts import STATUSES, has_quarrel, status_of, verdict
from engine.verification.boxes import assessments, members_of, settled, words
from engine.verification.invariants import happens
from engine.verification.parallel import each
from engine.verification.space import LESION, Everyone, Space, two_spaces
from engine.verification.witness import Disagreement
from knowledge_base.language.domains import Member
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import URGENCIES, AlertEntry, Rule

Kind = Literal["advice", "hazard", "pathway", "measure", "alert"]
NEVER_CALLED = "not called for"
NOT_THERE = "not known"


@dataclass(frozen=True)
class Aspect:
    """One thing that advice says of the first lesion, with one of several answers."""

    kind: Kind
    name: str

    @property
    def answers(self) -> tuple[str, ...]:
        """All answers that there are, in order."""
        if self.kind == "pathway":
            return (*STATUSES, NOT_THERE)
        if self.kind == "measure":
            return (*URGENCIES, NEVER_CALLED)
        return ("raised", "not raised") if self.kind == "alert" else ("stopped", "given")

    def literal(self, space: Space, answer: str) -> Lit:
        """Return that this is the answer."""
        circuit = space.circuit
        if self.kind == "pathway":
            return _status(space, self.name, answer)
        if self.kind == "measure":
            return _soonest(space, self.name, answer)
        yes = circuit.any(self._true_when(space))
        return yes if answer == self.answers[0] else -yes

    def _true_when(self, space: Space) -> Iterator[Lit]:
        if self.kind == "advice":
            clashes = space.rule_clashes.items()
            yield from (clash for (subject, _), clash in clashes if subject.lesion in ("", LESION.lesion))
        elif self.kind == "hazard" and self.name in space.knowledge.hazards:
            yield happens(space, space.knowledge.hazards[self.name])
        elif self.kind == "alert":
            yield from (space.fires(rule) for rule in space.knowledge.rules.values() if self.name in dangers_of(rule))

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
        said = [(f.rule, c) for f in about_the_first(consultation) for c in f.conclusions]
        if self.kind == "measure":
            return verdict({}, said).measures.get(self.name, NEVER_CALLED)
        raised = any(c.kind == "alert" and c.level == "danger" and c.text == self.name for _, c in said)
        return self.answers[0 if raised else 1]


def about_the_first(consultation: Consultation):  # type: ignore[no-untyped-def]
    """Return the firings for the patient, the first lesion and its options."""
    about = {str(PATIENT), str(LESION), *map(str, consultation.state.subjects_below("option", LESION))}
    return [firing for firing in consultation.firings if firing.subject in about]


def dangers_of(rule: Rule) -> tuple[str, ...]:
    """Return the texts of the danger alerts that a rule raises."""
    return tuple(c.text for c in rule.conclusions if isinstance(c, AlertEntry) and c.level == "danger")


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

    `box` holds what each assessment can be of such patients where it is known, read as the newer knowledge reads it, and
    `where` says so in words. `side` is the side of a dispute that must be on, empty for the default ones.
    """

    aspect: Aspect
    before: str
    after: str
    where: str
    witness: Case
    box: tuple[tuple[str, frozenset[Member]], ...] = field(default=(), compare=False)
    lesions: int = 1
    side: str = ""


@dataclass(frozen=True)
class Comparison:
    """Two knowledge bases, with other sides of their disputes on or not."""

    old: KnowledgeBase
    new: KnowledgeBase

    @cached_property
    def aspects(self) -> tuple[Aspect, ...]:
        """Everything that can be otherwise."""
        bases = (self.old, self.new)
        texts = {text for base in bases for rule in base.rules.values() for text in dangers_of(rule)}
        return (
            Aspect("advice", ""),
            *(Aspect("hazard", name) for name in sorted({n for base in bases for n in base.hazards})),
            *(Aspect("pathway", name) for name in sorted({n for base in bases for n in base.pathways})),
            *(Aspect("measure", name) for name in sorted({n for base in bases for n in base.measures})),
            *(Aspect("alert", text) for text in sorted(texts)),
        )

    def changes(self, lesions: int = 1, told: frozenset[tuple[Aspect, str, str]] = frozenset()) -> list[AdviceChanged]:
        """Return what some patient with so many lesions would see, without what has been told."""
        before, after = two_spaces(self.old, self.new, lesions)
        pair = _Pair(before, after, (Reasoner(self.old), Reasoner(self.new)))
        try:
            return [change for aspect in self.aspects for change in pair.changes(aspect, told)]
        finally:
            before.solver.close()

    def over_all(self) -> list[AdviceChanged]:
        """Return what patients with one lesion would see, and of two what no patient with one would see."""
        counts = max((Everyone(base).counts for base in (self.old, self.new)), key=len)
        found: list[AdviceChanged] = []
        for lesions in counts:
            found += self.changes(lesions, frozenset((c.aspect, c.before, c.after) for c in found))
        return found

    def sides(self) -> Iterator[str]:
        """Yield every other side that both have, as `dispute=side`."""
        for name, dispute in self.new.disputes.items():
            known = self.old.disputes[name].sides if name in self.old.disputes else {}
            yield from (f"{name}={side}" for side in dispute.sides if side in known and side != self.new.sides[name])

    def with_side(self, text: str) -> "Comparison":
        """Return the same two with another side of a dispute on."""
        dispute, _, side = text.partition("=")
        return replace(self, old=self.old.with_side(dispute, side), new=self.new.with_side(dispute, side))


class _Pair:
    """The same patients under two knowledge bases."""

    def __init__(self, before: Space, after: Space, reasoners: tuple[Reasoner, Reasoner]) -> None:
        self.before = before
        self.after = after
        self.reasoners = reasoners
        self.names = assessments(after.knowledge)

    def changes(self, aspect: Aspect, told: frozenset[tuple[Aspect, str, str]]) -> Iterator[AdviceChanged]:
        """Yield what becomes of one thing, without what has been told."""
        before, after = ({x: aspect.literal(space, x) for x in aspect.answers} for space in (self.before, self.after))
        if before == after:
            return  # they hang on the same gates
        ways = {
            (was, is_now): (before[was], after[is_now])
            for was, is_now in product(aspect.answers, repeat=2)
            if was != is_now and (aspect, was, is_now) not in told and before[was] != -after[is_now]
        }
        while ways and (model := self.before.solver.one_of([self.before.circuit.all(way) for way in ways.values()])):
            true = next(way for way, literals in ways.items() if all(lit in model for lit in literals))
            yield self._change(aspect, *true, ways.pop(true))

    def _change(self, aspect: Aspect, was: str, is_now: str, literals: tuple[Lit, ...]) -> AdviceChanged:
        model = self.before.smallest(*literals)
        assert model is not None, "the solver has found such a patient"
        case = self.before.case_of(model, "changed")
        ends = [aspect.answer(reasoner.consult(case)) for reasoner in self.reasoners]
        if ends != [was, is_now]:
            raise Disagreement(f"the engine does not confirm {aspect} {was} {is_now}, but {ends}: {case}")
        box = settled(self.after, self.names, literals)
        known = tuple((name, members_of(self.after, name, places)) for name, places in box.items())
        return AdviceChanged(
            aspect, was, is_now, words(self.after, box), case, known, lesions=len(self.before.case.lesions)
        )


def compared(old: KnowledgeBase, new: KnowledgeBase, jobs: int = 1) -> list[AdviceChanged]:
    """Return each change of a status, a measure, a danger alert or of whether there is advice, that some patient sees.

    With the default sides of all disputes on, then of each other side by itself what is not found so anyway. The same
    whatever the number of jobs. Raises ValueError when a case may not give the same to both.
    """
    whole = Comparison(old, new)
    texts = ["", *whole.sides()]
    found = each(_of_side, texts, whole, jobs)
    anyway = {(c.aspect, c.before, c.after) for c in found[0]}
    other = (replace(c, side=text) for text, some in zip(texts[1:], found[1:], strict=True) for c in some)
    return [*found[0], *(c for c in other if (c.aspect, c.before, c.after) not in anyway)]


def _of_side(whole: Comparison, text: str) -> list[AdviceChanged]:
    return (whole.with_side(text) if text else whole).over_all()
