"""Two consultations side by side: what was given, fired and advised differently.

Either two cases under one knowledge base, or one case under two. Where each case has one lesion, the two are compared
with each other whatever they are called.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from pydantic import Field

from cases.model import Case
from engine.advice import Advice, KnowledgeStamp
from engine.inference.subjects import PATIENT, Fact
from engine.inference.trace import Firing, Record
from engine.run import Run
from explain.phrases.arguments import read_by
from explain.phrases.conclusions import conclusion_words
from explain.phrases.conditions import value_words
from explain.phrases.lesions import sentence
from explain.phrases.terms import STATUS_WORDS, URGENCY_WORDS

ChangeKind = Literal["added", "removed", "changed"]
DifferenceKind = Literal["given", "derived", "rule", "firing", "pathway", "measure", "alert", "contradiction"]
Labelled = dict[str, tuple[str, str]]  # by id: a label, and what is compared


class Difference(Record):
    """One thing that is only on one side, or not the same on both."""

    kind: DifferenceKind
    change: ChangeKind = Field(description="added: only in the second; removed: only in the first")
    id: str
    label: str
    before: str | None = None
    after: str | None = None


class Compared(Record):
    """One of the two sides."""

    case: str
    title: str | None
    knowledge_base: KnowledgeStamp
    answers: tuple[str, ...]


class Differences(Record):
    """Everything that differs between two consultations, in the order in which a reader asks."""

    first: Compared
    second: Compared
    renamed: tuple[str, str] | None = Field(description="the lesion of the second case, and as which it is compared")
    given: tuple[Difference, ...]
    knowledge: tuple[Difference, ...] = Field(description="rules that one knowledge base alone has, or in other words")
    derived: tuple[Difference, ...]
    fired: tuple[Difference, ...]
    advised: tuple[Difference, ...]

    @property
    def all(self) -> tuple[Difference, ...]:
        return (*self.given, *self.knowledge, *self.derived, *self.fired, *self.advised)


def aligned(first: Case, second: Case) -> tuple[Case, tuple[str, str] | None]:
    """Return the second case with its only lesion named as the first's only one, and what was renamed."""
    if len(first.lesions) != 1 or len(second.lesions) != 1 or first.lesions[0].id == second.lesions[0].id:
        return second, None
    before, after = second.lesions[0].id, first.lesions[0].id
    return replace(second, lesions=(replace(second.lesions[0], id=after),)), (before, after)


def compare(one: Run, two: Run) -> tuple[Differences, Run, Run]:
    """Return what differs between two runs, and the two as they are compared: an only lesion has the first's name."""
    case, renamed = aligned(one.case, two.case)
    two = two if renamed is None else Run(case, two.reasoner)
    return differences(one, two, renamed), one, two


def differences(one: Run, two: Run, renamed: tuple[str, str] | None = None) -> Differences:
    """Return what differs between two finished consultations."""
    return Differences(
        first=_compared(one),
        second=_compared(two, renamed),
        renamed=renamed,
        given=tuple(_between("given", _given(one), _given(two))),
        knowledge=tuple(_between("rule", _rules(one), _rules(two))),
        derived=tuple(_between("derived", _derived(one), _derived(two))),
        fired=tuple(_between("firing", _fired(one), _fired(two))),
        advised=(
            *_between("pathway", _statuses(one.advice), _statuses(two.advice)),
            *_between("measure", _measures(one.advice), _measures(two.advice)),
            *_between("alert", _alerts(one.advice), _alerts(two.advice)),
            *_between("contradiction", _clashes(one.advice), _clashes(two.advice)),
        ),
    )


def _compared(run: Run, renamed: tuple[str, str] | None = None) -> Compared:
    """Return one side; its only lesion is called by both names where it was renamed."""
    advice = run.advice
    called = {"id": f"{renamed[0]} (compared with {renamed[1]})"} if renamed else {}
    answers = tuple(sentence(lesion.model_copy(update=called)) for lesion in advice.lesions)
    return Compared(case=advice.case, title=advice.title, knowledge_base=advice.knowledge_base, answers=answers)


def _between(kind: DifferenceKind, first: Labelled, second: Labelled) -> Iterator[Difference]:
    """Yield what is on one side only, or says something else on the other, in order of id."""
    for name in sorted({*first, *second}):
        before, after = first.get(name), second.get(name)
        if before == after:
            continue
        label = (after or before or ("", ""))[0]
        change: ChangeKind = "added" if before is None else "removed" if after is None else "changed"
        yield Difference(
            kind=kind,
            change=change,
            id=name,
            label=label,
            before=before[1] if before else None,
            after=after[1] if after else None,
        )


# --- the sides -----------------------------------------------------------------------------------------------------


def _given(run: Run) -> Labelled:
    return {
        str(subject.fact(name)): (_label(subject.fact(name), run), run.knowledge.vocabulary[name].words(values))
        for subject, given in run.state.given.items()
        for name, values in given.items()
    }


def _derived(run: Run) -> Labelled:
    """Return what was found of the patient and the lesions beyond what was given."""
    return {
        str(fact.id): (_label(fact.id, run), value_words(run.attribute(fact.id), run.values(fact.id)))
        for fact in run.trace.facts
        if fact.given is None and fact.values is not None and fact.id.subject.kind != "option"
    }


def _rules(run: Run) -> Labelled:
    units = run.knowledge.units.items()
    return {name: (unit.title, f"version {unit.version}") for name, unit in units}


def _fired(run: Run) -> Labelled:
    """Return the firings about the patient and the lesions: what each read and concluded."""
    return {
        firing.id: (f"{firing.rule}, {firing.title}", _account(firing, run))
        for firing in run.trace.firings
        if "/" not in firing.subject
    }


def _account(firing: Firing, run: Run) -> str:
    read = "; ".join(read_by(firing, run))
    said = "; ".join(conclusion_words(conclusion, run).rstrip(".") for conclusion in firing.conclusions)
    return f"{said}, because {read or 'it holds for everyone'}"


def _label(fact: Fact, run: Run) -> str:
    label = run.attribute(fact).label
    return label if fact.subject == PATIENT or len(run.case.lesions) == 1 else f"{fact.subject}, {label}"


def _statuses(advice: Advice) -> Labelled:
    several = len(advice.lesions) > 1
    return {
        f"{lesion.id}/{option.pathway}": (
            f"{lesion.id}, {option.label}" if several else option.label,
            STATUS_WORDS[option.status],
        )
        for lesion in advice.lesions
        for option in lesion.options
    }


def _measures(advice: Advice) -> Labelled:
    return {m.measure: (m.label, f"{URGENCY_WORDS[m.urgency]} ({', '.join(m.subjects)})") for m in advice.measures}


def _alerts(advice: Advice) -> Labelled:
    found: dict[str, tuple[str, str]] = {}
    for alert in advice.alerts:
        found[f"{alert.rule}: {alert.text}"] = (alert.text, f"{alert.level} ({', '.join(alert.subjects)})")
    return found


def _clashes(advice: Advice) -> Labelled:
    return {str(clash.fact): (str(clash.fact), clash.text) for clash in advice.contradictions}


def changes_by_id(found: Differences) -> Mapping[str, Difference]:
    """Return the differences that a drawing can show, by the id of their node."""
    prefix = {"measure": "measure:"}
    shown: dict[str, Difference] = {}
    for d in found.all:
        if d.kind in ("given", "derived", "firing", "pathway", "measure"):
            node = f"{prefix.get(d.kind, '')}{d.id}"
            shown[node] = _one(shown[node], d) if node in shown else d
    return shown


def _one(given: Difference, derived: Difference) -> Difference:
    """Return as one what is given on the one side and concluded on the other."""
    said = {"before": given.before or derived.before, "after": given.after or derived.after}
    return given.model_copy(update={"change": "changed", **said})
