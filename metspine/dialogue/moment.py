"""What a consultation knows at one time, how things stand then, and the one question that follows from it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cases.model import Case
from engine import Advice, Reasoner, Run
from engine.analysis.conditions import Condition
from engine.analysis.plan import Next, Plan, asking
from engine.analysis.questions import emergency_questions, findings_to_get
from engine.inference.subjects import Fact, Subject
from explain.phrases.plans import shared_conditions

MOST_NOT_KNOWN = 5  # findings in a row that are not known, after which no further one is asked for


@dataclass(frozen=True)
class Moment:
    """All that a consultation knows at one time; `back` returns to an earlier one.

    `confirmed` are conditions that were put to the user, whether they hold or were left as conditions; `in_vain` counts
    the questions since the last one that was answered; `apart` are the emergencies that are asked of each lesion.
    """

    case: Case
    not_known: tuple[Fact, ...] = ()
    skipped: tuple[Fact, ...] = ()
    confirmed: tuple[Fact, ...] = ()
    apart: tuple[str, ...] = ()
    in_vain: int = 0

    @property
    def is_tired(self) -> bool:
        """Tell whether so much was asked in vain that no further finding is asked for."""
        return self.in_vain >= MOST_NOT_KNOWN


@dataclass(frozen=True)
class Prompt:
    """One question: for a finding, whether all exceptions are as usual, or whether the patient accepts the plan."""

    kind: Literal["finding", "confirm", "accept", "decline"]
    following: Next | None = None
    conditions: tuple[Condition, ...] = ()
    lesions: tuple[Subject, ...] = ()  # all that it is asked of at once, where these are several

    @property
    def fact(self) -> Fact | None:
        """The input that a finding is about."""
        return None if self.following is None else self.following.fact


@dataclass(frozen=True)
class Situation:
    """How things stand at a moment; there are no plans yet as long as an emergency is asked about."""

    advice: Advice
    plans: Mapping[str, Plan]
    question: Prompt | None
    is_possible: bool = True

    @property
    def recommends(self) -> bool:
        """Tell whether a plan, or a row of one that forks, recommends something."""
        rows = [row for one in self.plans.values() if one.fork for row in one.fork.rows]
        return any(one.recommended for one in self.plans.values()) or any(row.recommended for row in rows)


class Prospect:
    """Looks at moments; the case that was planned last is kept, since often only what is not known has grown."""

    def __init__(self, reasoner: Reasoner) -> None:
        self.reasoner = reasoner
        self._run: Run | None = None

    def view(self, moment: Moment) -> Situation:
        """Return how things stand at a moment, and what is to be asked."""
        if self._run is None or self._run.case != moment.case:
            self._run = Run(moment.case, self.reasoner)
        run, aside = self._run, {*moment.not_known, *moment.skipped}
        if urgent := emergency_questions(run.state, aside):
            return Situation(run.advice, {}, self._emergency(urgent, moment))
        plans = run.lookahead.ahead(run.stopped, aside, conditions=False)
        view = Situation(run.advice, plans, None, run.lookahead.is_possible)
        return replace(view, question=next(self._questions(moment, view, run, aside), None))

    def _emergency(self, urgent: list[Fact], moment: Moment) -> Prompt:
        """Return the first question of an emergency, of several lesions at once until one of them is concerned."""
        _, name = urgent[0]
        lesions = tuple(subject for subject, other in urgent if other == name) if name not in moment.apart else ()
        return Prompt(
            "finding",
            asking(urgent[0], self.reasoner.knowledge.vocabulary),
            lesions=lesions if len(lesions) > 1 else (),
        )

    def _questions(self, moment: Moment, view: Situation, run: Run, aside: Collection[Fact]) -> Iterator[Prompt]:
        if not view.is_possible:
            return
        knowledge = self.reasoner.knowledge
        findings = [] if moment.is_tired else findings_to_get(view.plans.values(), knowledge)
        yield from (Prompt("finding", following) for following in findings)
        if view.recommends:
            put = {*moment.confirmed, *moment.not_known}
            plans = run.lookahead.ahead(run.stopped, aside, conditions=True)
            held = [c for c in shared_conditions(plans.values(), knowledge) if c.fact not in put]
            exceptions = tuple(c for c in held if c.input_class == "exception" and c.values is not None)
            wishes = tuple(c for c in held if c.input_class == "wish")
            yield from [Prompt("confirm", None, exceptions)] if exceptions else []
            yield from [Prompt("accept", None, wishes)] if wishes else []
