"""How advice relates to what the sources of published patients did or recommended.

The correspondence between treatments and pathways is knowledge (`given_as` of pathways.yaml), so another file of such
patients needs no code. No judgement is made here of who is right.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from cases.model import Case, SourceDecision
from engine import Advice, Reasoner, advise
from engine.advice import Option
from engine.certainty import Possibility
from knowledge_base.model import KnowledgeBase

Relation = Literal["agrees", "acceptable", "differs", "open"]
RELATIONS: Mapping[Relation, str] = {
    "agrees": "a recommended pathway is what the source did or recommended",
    "acceptable": "the source's treatment is acceptable here, or what is recommended here is defensible there",
    "differs": "rules argue otherwise",
    "open": "not enough is stated to tell",
}
MISSING_SHOWN = 5


@dataclass(frozen=True)
class Agreement:
    """One published patient: what the source did, what is advised, how the two relate, and why."""

    case: Case
    relation: Relation
    done: str
    advised: tuple[str, ...]
    why: tuple[str, ...]


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

    With `settle`, every way in which the unknown may turn out is looked at where not enough is stated, to say what
    would lead to what the source did; that takes seconds.
    """
    found = _Comparison(case, advise(case, reasoner), reasoner.knowledge)
    if settle and found.relation == "open" and found.did:
        found = _Comparison(case, advise(case, reasoner, settle=True), reasoner.knowledge)
    return found.result()


class _Comparison:
    def __init__(self, case: Case, advice: Advice, knowledge: KnowledgeBase) -> None:
        assert case.source_decision is not None, "only a case with a source_decision can be compared"
        self.case, self.knowledge, self.decision = case, knowledge, case.source_decision
        self.lesions = [lesion for lesion in advice.lesions if self.decision.lesion in (None, lesion.id)]
        self.did = pathways_of(self.decision.treatments, knowledge)
        self.defensible = {name for plan in self.decision.acceptable for name in pathways_of(plan, knowledge)}
        self.recommended = {name for lesion in self.lesions for name in lesion.recommended}
        self.options = [option for lesion in self.lesions for option in lesion.options if option.pathway in self.did]

    def result(self) -> Agreement:
        relation = self.relation
        done = " + ".join(self.knowledge.treatments[name].label for name in self.decision.treatments)
        why = {"differs": self._arguments, "open": self._lacking}.get(relation, lambda: iter(()))
        labels = tuple(self.knowledge.pathways[name].label for name in sorted(self.recommended))
        return Agreement(self.case, relation, done, labels, tuple(dict.fromkeys(why())))

    @property
    def relation(self) -> Relation:
        if self.recommended & self.did:
            return "agrees"
        if self.recommended & self.defensible or any(option.status == "acceptable" for option in self.options):
            return "acceptable"
        if not self.options or any(option.status == "open" for option in self.options):
            return "open"
        return "differs"

    def _ways(self) -> list[Possibility]:
        """Return the outcomes that recommend what the source did, those that need the fewest answers first."""
        found = (outcome for lesion in self.lesions for outcome in lesion.possible)
        return sorted((way for way in found if self.did & set(way.recommended)), key=lambda way: len(way.decisive))

    def _arguments(self) -> Iterator[str]:
        """Yield what speaks against what the source did, then what speaks for what is recommended instead."""
        for option in self.options:
            against = [a for a in option.arguments if a.stance in ("advise_against", "exclude")]
            yield from (f"{a.rule} against {option.label}: {a.because}" for a in against)
            if not against:
                yield f"no rule speaks for {option.label}"
        for option in self._others():
            yield from (
                f"{a.rule} for {option.label}: {a.because}" for a in option.arguments if a.stance == "recommend"
            )

    def _labels(self, names: Iterable[str]) -> str:
        return " or ".join(self.knowledge.pathways[name].label for name in names)

    def _others(self) -> Iterator[Option]:
        found = (option for lesion in self.lesions for option in lesion.options)
        return (option for option in found if option.status == "recommended")

    def _lacking(self) -> Iterator[str]:
        if not self.did:
            yield "what the source names makes up no pathway"
        for way in self._ways()[:1]:
            answers = "; ".join(answer.text for answer in way.decisive)
            yield f"not stated; it would be {self._labels(way.recommended)} with: {answers}"
            return
        if any(lesion.possible for lesion in self.lesions):
            yield "acceptable at best, whatever turns out of what is not stated"
        waits: dict[str, int] = {}
        for option in self.options:
            for argument in option.open_arguments:
                for fact in argument.waits_for:
                    waits[fact] = waits.get(fact, 0) + 1
        ranked = sorted(waits, key=lambda fact: (-waits[fact], fact))
        labels = [self.knowledge.vocabulary[fact.rpartition(".")[2]].label for fact in ranked]
        if labels:
            more = f" and {len(labels) - MISSING_SHOWN} more" if len(labels) > MISSING_SHOWN else ""
            yield f"not stated: {', '.join(labels[:MISSING_SHOWN])}{more}"


def table(found: list[Agreement], knowledge: KnowledgeBase) -> str:
    """Return all comparisons as a page: totals, then one row for each patient, then the reasons."""
    return "\n".join(_page(found, knowledge)) + "\n"


def _page(found: list[Agreement], knowledge: KnowledgeBase) -> Iterator[str]:
    yield "# Published patients: the advice beside what the source did"
    yield ""
    yield (
        "Written by `metspine agreement --write`. No rule is tuned to a case: a difference that stands is a result. "
        "What a source leaves out stays unknown."
    )
    yield from ("", *_totals(found))
    yield from ("", "| patient | the source | advised | relation |", "|---|---|---|---|")
    yield from (_row(one) for one in found)
    yield from ("", "## Why", "")
    for one in found:
        if one.why:
            yield f"- **{one.case.id}** ({one.relation}): {'. '.join(text.rstrip('.') for text in one.why)}."
    yield from ("", f"Knowledge base {knowledge.framework.id} {knowledge.framework.version}.")


def _totals(found: list[Agreement]) -> Iterator[str]:
    groups = {
        "all": found,
        "clear": [one for one in found if _decision(one).confidence == "clear"],
        "arguable": [one for one in found if _decision(one).confidence == "arguable"],
        "guideline answers": [one for one in found if _decision(one).guideline],
    }
    yield f"| relation | meaning | {' | '.join(groups)} |"
    yield "|---|---|" + "---:|" * len(groups)
    for relation, meaning in RELATIONS.items():
        counts = (sum(one.relation == relation for one in group) for group in groups.values())
        yield f"| {relation} | {meaning} | {' | '.join(map(str, counts))} |"
    yield f"| | patients | {' | '.join(str(len(group)) for group in groups.values())} |"


def _row(one: Agreement) -> str:
    decision = _decision(one)
    marks = [mark for mark in (decision.confidence, "guideline" if decision.guideline else None) if mark]
    done = f"{one.done} ({', '.join(marks)})" if marks else one.done
    return f"| {one.case.id}: {one.case.title or ''} | {done} | {'; '.join(one.advised) or 'nothing yet'} | {one.relation} |"


def _decision(one: Agreement) -> SourceDecision:
    assert one.case.source_decision is not None
    return one.case.source_decision
