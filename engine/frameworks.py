"""One patient seen by several frameworks: where they agree with the first of them, where they part, and at which rule."""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field

from cases.model import Case
from engine.advice import Advice, KnowledgeStamp, Option, advice_on
from engine.inference.session import Reasoner
from engine.inference.trace import Record
from engine.verdicts import Status
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import FOR, Basis, Stance

Relation = Literal["itself", "agrees", "parts", "open", "silent"]


class ArguingRule(Record):
    """A rule that argued about a pathway."""

    rule: str
    stance: Stance
    because: str
    basis: Basis


class Stand(Record):
    """What one framework makes of a pathway."""

    framework: str
    status: Status
    voices: tuple[ArguingRule, ...] = Field(
        description="the rules that argued; none when nothing speaks for or against it"
    )


class Parting(Record):
    """A pathway that one framework recommends and the other does not."""

    pathway: str
    label: str
    first: Stand
    other: Stand


class View(Record):
    """What one framework says of a lesion, and how that relates to the first one."""

    framework: str
    title: str
    recommended: tuple[str, ...]
    acceptable: tuple[str, ...]
    open: tuple[str, ...]
    relation: Relation = Field(
        description="agrees: both recommend a pathway in common; parts: both recommend, nothing in common; "
        "open: one of them cannot tell yet; silent: nothing speaks for any pathway"
    )
    shared: tuple[str, ...] = Field(description="the pathways that both recommend")
    partings: tuple[Parting, ...]


class LesionViews(Record):
    id: str
    views: tuple[View, ...]


class Comparison(Record):
    """A patient in the eyes of several frameworks, the first of which is the measure of the others."""

    case: str
    title: str | None
    notice: str
    knowledge: tuple[KnowledgeStamp, ...]
    labels: dict[str, str] = Field(description="the label of every pathway")
    lesions: tuple[LesionViews, ...]


def compare(case: Case, reasoners: Sequence[Reasoner]) -> Comparison:
    """Return what frameworks make of the same facts; the first reasoner is the measure of the others.

    Disputed points of each are not asked about: nothing of them is shown.
    """
    found = [(r, advice_on(r.knowledge, case, r.consult(case), ())) for r in reasoners]
    first = found[0][1]
    options = (option for _, advice in found for lesion in advice.lesions for option in lesion.options)
    return Comparison(
        case=case.id,
        title=case.title,
        notice=first.notice,
        knowledge=tuple(advice.knowledge_base for _, advice in found),
        labels=dict(sorted({option.pathway: option.label for option in options}.items())),
        lesions=tuple(
            LesionViews(id=lesion.id, views=tuple(_view(i, first, reasoner, advice) for reasoner, advice in found))
            for i, lesion in enumerate(first.lesions)
        ),
    )


def _view(i: int, first: Advice, reasoner: Reasoner, advice: Advice) -> View:
    ours, theirs = first.lesions[i].options, advice.lesions[i].options
    here, there = _with(ours, "recommended"), _with(theirs, "recommended")
    framework = reasoner.knowledge.framework
    return View(
        framework=framework.id,
        title=framework.title,
        recommended=there,
        acceptable=_with(theirs, "acceptable"),
        open=_with(theirs, "open"),
        relation="itself" if advice is first else _relation(ours, theirs),
        shared=tuple(name for name in there if name in here),
        partings=tuple(_partings(ours, theirs, first.knowledge_base.id, reasoner.knowledge)),
    )


def _relation(ours: Sequence[Option], theirs: Sequence[Option]) -> Relation:
    here, there = _with(ours, "recommended"), _with(theirs, "recommended")
    if set(here) & set(there):
        return "agrees"
    if here and there:
        return "parts"
    if not there and not _with(theirs, "open") and not _with(theirs, "acceptable"):
        return "silent"
    return "open" if _with(ours, "open") or _with(theirs, "open") else "parts"


def _partings(ours: Sequence[Option], theirs: Sequence[Option], first: str, other: KnowledgeBase) -> Iterator[Parting]:
    """Yield the pathways that exactly one recommends, while the other has settled them otherwise.

    A pathway that nothing speaks of here, and that the other never recommends, is none that it decided about.
    """
    within = {pathway for pathway, stance in other.arguers if stance in FOR}
    there = {option.pathway: option for option in theirs if option.arguments or option.pathway in within}
    for option in ours:
        twin = there.get(option.pathway)
        if twin is None or "open" in (option.status, twin.status):
            continue
        if (option.status == "recommended") != (twin.status == "recommended"):
            sides = _stand(first, option), _stand(other.framework.id, twin)
            yield Parting(pathway=option.pathway, label=option.label, first=sides[0], other=sides[1])


def _stand(framework: str, option: Option) -> Stand:
    voices = [ArguingRule(rule=a.rule, stance=a.stance, because=a.because, basis=a.basis) for a in option.arguments]
    return Stand(framework=framework, status=option.status, voices=tuple(voices))


def _with(options: Sequence[Option], status: Status) -> tuple[str, ...]:
    return tuple(option.pathway for option in options if option.status == status)
