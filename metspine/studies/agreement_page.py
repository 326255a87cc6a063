"""The page on agreement: totals, one row for each published patient, and the reasons."""

from collections.abc import Iterator, Mapping

from metspine.studies.agreement import OPEN, Agreement, Relation, decision_of

NOW: Mapping[Relation, str] = {
    "agrees": "what the source did is recommended",
    "acceptable": "what the source did is acceptable here, or what is recommended here is defensible there",
    "differs": "rules argue otherwise, and what is not stated cannot change that",
    "open": "not enough is stated to tell",
}
LATER: Mapping[Relation, str] = {
    "agrees if": "it is recommended in some way in which the rest may turn out",
    "agrees only if": "the same, but only where something else is ruled out for this patient",
    "acceptable if": "it is at best acceptable in some way, or a plan that is defensible there is recommended",
    "never": "whatever turns out, it is neither recommended nor acceptable",
    "not expressible": "the source names no treatment that makes up a pathway",
}
ABOUT = """\
Written by `metspine agreement --write`. No rule is tuned to a case: a difference that stands is a result. What a source
leaves out stays unknown, and most sources leave out most of what the advice asks; a case that is open as it stands is
therefore looked at in every way in which the rest may turn out.

These patients measure how much published reports tell and where NOMS parts from them. They do not measure whether advice is
right: reports are chosen, many are older than stereotactic radiotherapy, and some authors would now do otherwise."""


def page(found: list[Agreement]) -> str:
    """Return all comparisons as a page in Markdown."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: list[Agreement]) -> Iterator[str]:
    yield "# Published patients: the advice beside what the source did"
    yield from ("", ABOUT, "", *_totals(found))
    yield from ("", "| patient | the source | advised | relation |", "|---|---|---|---|")
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


def _row(one: Agreement) -> str:
    decision = decision_of(one)
    marks = [mark for mark in (decision.confidence, "guideline" if decision.guideline else None) if mark]
    done = f"{one.done} ({', '.join(marks)})" if marks else one.done
    relation = f"open: {one.relation}" if one.relation in LATER else one.relation
    return (
        f"| {one.case.id}: {one.case.title or ''} | {done} | {'; '.join(one.advised) or 'nothing yet'} | {relation} |"
    )
