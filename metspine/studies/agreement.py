"""How advice relates to what the sources of published patients did or recommended.

Published patients leave most of what the advice asks unsaid. So the plan is compared first: what it recommends provided its
conditions hold, or the row of its fork in which what the source did is recommended. Where that does not tell, every
plausible way in which the rest may turn out is looked at: whether any leads to what the source did, by which answers, and
where none does, at which rule the two part. The correspondence between treatments and pathways is knowledge (`given_as` of
pathways.yaml), so another file of such patients needs no code. No judgement is made here of who is right.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from cases.model import Case, SourceDecision
from engine import Reasoner, Run
from engine.advice import Option
from engine.analysis.plan import ForkRow, Plan, PlanKind
from engine.analysis.reachability import Hindrance, Reaching, Route
from engine.inference.subjects import Subject
from explain.phrases.plans import conditions_met, row_result, row_words
from explain.phrases.prose import cut_short
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import AGAINST

Relation = Literal[
    "agrees",
    "acceptable",
    "differs",
    "open",
    "agrees if",
    "agrees only if",
    "acceptable if",
    "never",
    "not expressible",
]
OPEN: tuple[Relation, ...] = ("open", "agrees if", "agrees only if", "acceptable if", "never", "not expressible")
CONTRADICTORY = "what is given cannot all be true of one patient, so nothing can be said of what may still come"
MISSING_SHOWN = 5
WORTH_TELLING = 2  # answers fewer, from which on it is told that less makes a plan at least acceptable
RECOMMENDED, TOLERATED = ("recommended",), ("recommended", "acceptable")


@dataclass(frozen=True)
class Agreement:
    """One published patient: what the source did, what is advised, how the two relate, and why."""

    case: Case
    relation: Relation
    done: str
    advised: tuple[str, ...]
    why: tuple[str, ...]
    plans: tuple[Plan, ...] = ()

    @property
    def kinds(self) -> tuple[PlanKind, ...]:
        """How decisive the plan of each lesion is."""
        return tuple(one.kind for one in self.plans)

    @property
    def conditions(self) -> int | None:
        """The most conditions that a reader of one of the plans meets, of a fork in one row; None where all are open."""
        held = [one.conditions for one in self.plans if one.kind in ("firm", "provided")]
        held += [row.conditions for one in self.plans if one.fork for row in one.fork.rows if row.decided]
        return max(map(conditions_met, held), default=None)

    @property
    def questions(self) -> int | None:
        """The findings to ask until every lesion has a plan; None where one is open."""
        if "open" in self.kinds:
            return None
        return sum(one.fork.questions for one in self.plans if one.fork)


def pathways_of(plan: Iterable[str], knowledge: KnowledgeBase) -> frozenset[str]:
    """Return the pathways that a plan describes: those given as exactly its treatments, what may accompany left out."""
    named = frozenset(plan)
    beside = {name for name in named if knowledge.treatments[name].accompanies}
    return frozenset(
        pathway.id
        for pathway in knowledge.pathways.values()
        for given in map(frozenset, pathway.given_as)
        if given <= named and named - given <= beside
    )


def agreement(case: Case, reasoner: Reasoner, settle: bool = False) -> Agreement:
    """Return how the advice on a case relates to its `source_decision`.

    With `settle` every plausible way in which the rest may turn out is looked at (about a second for a case): where not
    enough is stated to tell, `open` becomes one of the finer relations, and so does `differs` where something plausible
    still leads to what the source did; where the two agree it is told whether that can change.
    """
    found = _SourceComparison(Run(case, reasoner))
    return _Prospect(found).result() if settle and found.relation != "acceptable" else found.result()


class _SourceComparison:
    """The advice as it stands beside what the source did."""

    def __init__(self, run: Run) -> None:
        assert run.case.source_decision is not None, "only a case with a source_decision can be compared"
        self.run, self.case, self.knowledge, self.decision = run, run.case, run.knowledge, run.case.source_decision
        self.lesions = [lesion for lesion in run.advice.lesions if self.decision.lesion in (None, lesion.id)]
        self.did = pathways_of(self.decision.treatments, self.knowledge)
        self.defensible = {name for plan in self.decision.acceptable for name in pathways_of(plan, self.knowledge)}
        self.plans = {lesion.id: run.plans.lesions[lesion.id] for lesion in self.lesions}
        self.recommended = {name for one in self.plans.values() for name in one.recommended}
        self.options = [option for lesion in self.lesions for option in lesion.options if option.pathway in self.did]

    def result(self) -> Agreement:
        relation = self.relation
        why = {"differs": self.arguments, "open": self._lacking}.get(relation, lambda: iter(()))
        return self.told(relation, why())

    def told(self, relation: Relation, why: Iterable[str]) -> Agreement:
        done = " + ".join(self.knowledge.treatments[name].label for name in self.decision.treatments)
        advised = tuple(dict.fromkeys(text for one in self.plans.values() for text in self._planned(one)))
        return Agreement(self.case, relation, done, advised, tuple(dict.fromkeys(why)), tuple(self.plans.values()))

    def _planned(self, one: Plan) -> Iterator[str]:
        """Yield what a plan recommends, and of a fork what each row does."""
        if one.fork is None:
            yield from (self.knowledge.pathways[name].label for name in one.recommended)
            return
        for row in one.fork.rows:
            yield f"{self.found_in(row)} → {row_result(row, self.knowledge)}"

    def found_in(self, row: ForkRow) -> str:
        """Return what is found in a row of a fork, in words."""
        return ", ".join(row_words(when, self.knowledge) for when in row.when)

    def rows(self, lesion: str) -> list[ForkRow]:
        """Return the rows of the fork of a lesion in which what the source did is recommended."""
        fork = self.plans[lesion].fork
        return [row for row in fork.rows if row.decided and self.did & set(row.recommended)] if fork else []

    @property
    def relation(self) -> Relation:
        if self.recommended & self.did:
            return "agrees"
        if self.recommended & self.defensible or any(option.status == "acceptable" for option in self.options):
            return "acceptable"
        undecided = any(one.kind in ("forked", "open") for one in self.plans.values())
        if not self.options or undecided or any(option.status == "open" for option in self.options):
            return "open"
        return "differs"

    def arguments(self) -> Iterator[str]:
        """Yield what speaks against what the source did, then what speaks for what is recommended instead."""
        for option in self.options:
            against = [a for a in option.arguments if a.stance in AGAINST]
            yield from (f"{a.rule} against {option.label}: {a.because}" for a in against)
            if not against:
                yield f"no rule speaks for {option.label}"
        for option in self._others():
            yield from (
                f"{a.rule} for {option.label}: {a.because}" for a in option.arguments if a.stance == "recommend"
            )

    def _others(self) -> Iterator[Option]:
        found = (option for lesion in self.lesions for option in lesion.options)
        return (option for option in found if option.status == "recommended")

    def _lacking(self) -> Iterator[str]:
        if not self.did:
            yield "what the source names makes up no pathway"
        arguments = (argument for option in self.options for argument in option.open_arguments)
        waits = Counter(fact for argument in arguments for fact in argument.waits_for)
        ranked = sorted(waits, key=lambda fact: (-waits[fact], str(fact)))
        labels = [self.knowledge.vocabulary[fact.attribute].label for fact in ranked]
        if labels:
            yield f"not stated: {cut_short(labels, MISSING_SHOWN)}"


class _Prospect:
    """What could still come of the advice on a case that is open, beside what the source did."""

    def __init__(self, now: _SourceComparison) -> None:
        self.now = now
        self.knowledge = now.knowledge
        self.lesions = [Subject(lesion.id) for lesion in now.lesions]

    def result(self) -> Agreement:
        if not self.now.did:
            return self.now.told("not expressible", ["what the source names makes up no pathway"])
        if not self.now.run.completions.is_possible:
            return self.now.told(self.now.relation, [CONTRADICTORY])
        if self.now.relation == "agrees":
            return self.now.told("agrees", [self._certainty(Reaching(self.now.run.completions))])
        if all(self.now.rows(str(lesion)) for lesion in self.lesions):
            return self.now.told("agrees if", self._in_rows())
        relation, why = self._relation(Reaching(self.now.run.completions, plausible=True))
        if relation == "never" and self.now.relation == "differs":
            return self.now.told("differs", [*self.now.arguments(), *why])
        return self.now.told(relation, why)

    def _in_rows(self) -> Iterator[str]:
        labels = " or ".join(self.knowledge.pathways[name].label for name in sorted(self.now.did))
        for lesion in self.lesions:
            found = " or ".join(self.now.found_in(row) for row in self.now.rows(str(lesion)))
            yield f"{self._of(lesion)}{labels} is the plan with {found}"

    def _relation(self, reaching: Reaching) -> tuple[Relation, list[str]]:
        likely = self._ways(reaching, self.now.did, RECOMMENDED)
        tolerated = self._ways(reaching, self.now.did, TOLERATED)
        also = list(self._told(tolerated, self.now.did, "at least acceptable"))
        if likely:
            ruling_out = any(way.ruling_out for way in likely.values())
            sooner = _length(tolerated) <= _length(likely) - (1 if ruling_out else WORTH_TELLING)
            told = [*self._instead(), *self._told(likely, self.now.did, "recommended"), *(also if sooner else [])]
            return "agrees only if" if ruling_out else "agrees if", told
        parting = list(self._parting(reaching))
        if tolerated:
            return "acceptable if", [*self._instead(), *also, *parting]
        if defensible := self._ways(reaching, self.now.defensible, RECOMMENDED):
            ways = self._told(defensible, self.now.defensible, "recommended, which is defensible there,")
            return "acceptable if", [*self._instead(), *ways, *parting]
        return "never", [*self._instead(), *parting]

    def _certainty(self, reaching: Reaching) -> str:
        certain = any(reaching.is_certain(lesion, self.now.did) for lesion in self.lesions)
        if certain:
            return "firm: whatever turns out"
        plans = [one for one in self.now.plans.values() if self.now.did & set(one.recommended)]
        return f"provided {max(conditions_met(one.conditions) for one in plans)} conditions hold"

    def _ways(self, reaching: Reaching, pathways: Iterable[str], statuses: Collection[str]) -> dict[Subject, Route]:
        """Return, for each lesion, a way to one of these statuses of a pathway; nothing when some lesion has none."""
        wanted = frozenset(pathways)
        found = {lesion: reaching.way_to(lesion, wanted, statuses) for lesion in self.lesions} if wanted else {}
        ways = {lesion: way for lesion, way in found.items() if way is not None}
        return ways if len(ways) == len(self.lesions) else {}

    def _told(self, ways: dict[Subject, Route], pathways: Iterable[str], status: str) -> Iterator[str]:
        labels = " or ".join(self.knowledge.pathways[name].label for name in sorted(pathways))
        for lesion, way in ways.items():
            text = f"{self._of(lesion)}{labels} {status} with {'; '.join(way.answers)}"
            yield (
                f"{text} (only where {', '.join(way.ruling_out)} rules something else out)" if way.ruling_out else text
            )

    def _of(self, lesion: Subject) -> str:
        return f"{lesion}: " if len(self.lesions) > 1 else ""

    def _instead(self) -> Iterator[str]:
        if advised := sorted(self.now.recommended):
            yield f"the plan: {'; '.join(self.knowledge.pathways[name].label for name in advised)}"

    def _parting(self, reaching: Reaching) -> Iterator[str]:
        """Yield why what the source did is never recommended."""
        for lesion in self.lesions:
            for pathway in sorted(self.now.did):
                why = _never(list(reaching.hindrances(lesion, pathway)), reaching.considering(lesion, pathway))
                yield f"{self.knowledge.pathways[pathway].label} is never recommended: {why}"


def _never(hindrances: list[Hindrance], considering: tuple[str, ...]) -> str:
    if against := sorted({rule.id for hindrance in hindrances for rule in hindrance.by}):
        return f"{', '.join(against)} always against it"
    rules = ", ".join(sorted(hindrance.rule.id for hindrance in hindrances))
    why = f"no rule for it can fire ({rules})" if rules else "no rule does"
    return f"{why}, but it may be worth considering ({', '.join(considering)})" if considering else why


def decision_of(one: Agreement) -> SourceDecision:
    """Return what the source of a compared case did."""
    assert one.case.source_decision is not None
    return one.case.source_decision


def _length(ways: dict[Subject, Route]) -> int:
    return sum(len(way.answers) for way in ways.values())
