"""The page on agreement: totals, one row for each published patient, and the reasons."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import median_low

from explain.phrases.plans import NOTHING
from metspine.studies.agreement import OPEN, Agreement, Relation, decision_of

NOW: Mapping[Relation, str] = {
    "agrees": "what the source did is the plan, provided its conditions hold",
    "acceptable": "what the source did is acceptable here, or what is recommended here is defensible there",
    "differs": "rules argue otherwise, and what is not stated cannot change that",
    "open": "not enough is stated to tell",
}
LATER: Mapping[Relation, str] = {
    "agrees if": "it is the plan in a row of the fork, or in some plausible way in which the rest may turn out",
    "agrees only if": "the same, but only where something else is ruled out for this patient",
    "acceptable if": "it is at best acceptable in some plausible way, or a plan that is defensible there is recommended",
    "never": "whatever plausible turns out, it is neither recommended nor acceptable",
    "not expressible": "the source names no treatment that makes up a pathway",
}
ABOUT = """\
Written by `metspine agreement --write`. No rule is tuned to a case: a difference that stands is a result. What a source
leaves out stays unknown, and most sources leave out most of what the advice asks. What is compared is the plan: what it
recommends provided its conditions hold, or the rows of its fork. Where that does not tell, every plausible way in which the
rest may turn out is looked at: no exception, no judgement and no wish that the source does not tell of, and numbers within
reason. A plan that differs is looked at in the same way.

These patients measure how much published reports tell and where NOMS parts from them. They do not measure whether advice is
right: reports are chosen, many are older than stereotactic radiotherapy, and some authors would now do otherwise."""


def page(found: list[Agreement]) -> str:
    """Return all comparisons as a page in Markdown."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: list[Agreement]) -> Iterator[str]:
    yield "# Published patients: the advice beside what the source did"
    yield from ("", ABOUT, "", *_totals(found))
    yield from ("", *_decisiveness(found))
    yield from ("", "| patient | the source | plan | kind | conditions | questions | relation |")
    yield "|---|---|---|---|---:|---:|---|"
    yield from (_row(one) for one in found)
    yield from ("", "## Why", "")
    for one in found:
        if reasons := [text.rstrip(".") for text in (*one.why, one.case.notes or "") if text]:
            yield f"- **{one.case.id}** ({one.relation}): {'. '.join(reasons)}."


def _totals(found: list[Agreement]) -> Iterator[str]:
    groups = {
        "all": found,
        "clear": [one for one in found if decision_of(one).confidence == "clear"],
        "arguable": [one for one in found if decision_of(one).confidence == "arguable"],
        "guideline answers": [one for one in found if decision_of(one).guideline],
    }
    yield f"| relation | meaning | {' | '.join(groups)} |"
    yield "|---|---|" + "---:|" * len(groups)
    for relation, meaning in NOW.items():
        relations = OPEN if relation == "open" else (relation,)
        yield _total(relation, meaning, groups, relations)
    if any(one.relation in LATER for one in found):
        for relation, meaning in LATER.items():
            yield _total(f"… {relation}", meaning, groups, (relation,))
    yield f"| | patients | {' | '.join(str(len(group)) for group in groups.values())} |"


def _total(name: str, meaning: str, groups: Mapping[str, list[Agreement]], relations: tuple[Relation, ...]) -> str:
    counts = (sum(one.relation in relations for one in group) for group in groups.values())
    return f"| {name} | {meaning} | {' | '.join(map(str, counts))} |"


def _decisiveness(found: list[Agreement]) -> Iterator[str]:
    """Yield how decisive the plans are: of each kind how many lesions, and the medians of what a reader meets."""
    kinds = Counter(kind for one in found for kind in one.kinds)
    shares = ", ".join(f"{kind} {kinds[kind]}" for kind in ("firm", "provided", "forked", "open"))
    conditions = [one.conditions for one in found if one.conditions is not None]
    questions = sorted(math.inf if one.questions is None else one.questions for one in found if one.kinds)
    asked = median_low(questions) if questions else 0
    yield f"Plans of {kinds.total()} lesions: {shares}. Median conditions {median_low(conditions or [0])}, median"
    yield f"questions to the plan {'none: most are open' if asked == math.inf else asked}."


def _row(one: Agreement) -> str:
    decision = decision_of(one)
    marks = [mark for mark in (decision.confidence, "guideline" if decision.guideline else None) if mark]
    done = f"{one.done} ({', '.join(marks)})" if marks else one.done
    relation = f"open: {one.relation}" if one.relation in LATER else one.relation
    advised = "<br>".join(one.advised) or ("no plan yet" if "open" in one.kinds else NOTHING)
    counted = ("-" if number is None else str(number) for number in (one.conditions, one.questions))
    cells = (f"{one.case.id}: {one.case.title or ''}", done, advised, ", ".join(dict.fromkeys(one.kinds)), *counted)
    return f"| {' | '.join(cells)} | {relation} |"
