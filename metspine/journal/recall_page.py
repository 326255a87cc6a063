"""A recall in words: a few lines for the terminal, and a page to print and work through, the gravest first."""

from collections import Counter
from collections.abc import Iterator

from metspine.journal.pages import document
from metspine.journal.recall import CONSEQUENCES, Consequence, Recall, Recalled

WORDS: dict[Consequence, str] = {
    "danger": "another alert of danger",
    "recommendation": "another recommendation",
    "measure": "another measure",
    "firing": "the rule fires otherwise, the advice stands",
    "none": "the rule fired, nothing is otherwise",
    "unreadable": "the corrected knowledge cannot read the case",
}
SHOWN = 20


def summary(found: Recall) -> str:
    """Return how many decisions a recall is about, by consequence, and the first of them."""
    return "\n".join(_lines(found)) + "\n"


def page(found: Recall) -> str:
    """Return the recall as one HTML document that loads nothing."""
    heads = ("Consequence", "Row, time", "Case", "Then", "Now", "Other", "Decision")
    return document(f"Recall of {found.rule}", [_about(found), *_counts(found)], heads, map(_row, found.recalled))


def _lines(found: Recall) -> Iterator[str]:
    yield f"Recall of {found.rule}: {_about(found)}"
    yield from (f"  {line}" for line in _counts(found))
    for one in found.recalled[:SHOWN]:
        now = "" if one.recommended_now is None else f" -> {_told(one.recommended_now)}"
        more = " ".join((*one.dangers, *one.measures))
        yield f"{one.seq:>6}  {one.at[:10]}  {one.case}: {_told(one.recommended_then)}{now}{f'  [{more}]' if more else ''}"
    if len(found.recalled) > SHOWN:
        yield f"  {len(found.recalled) - SHOWN} more; --output writes them all"


def _about(found: Recall) -> str:
    which = f"knowledge {found.knowledge[:12]}" if found.knowledge else "any knowledge"
    knowledge = f"{found.looked_at} {'decision' if found.looked_at == 1 else 'decisions'} under {which}"
    return (
        f"{knowledge}, repeated under {found.corrected[:12]}."
        if found.corrected
        else f"{knowledge}; in these it fired."
    )


def _counts(found: Recall) -> Iterator[str]:
    counts = Counter(one.consequence for one in found.recalled)
    fired = sum(one.fired for one in found.recalled)
    yield f"{fired} in which it fired"
    for consequence in CONSEQUENCES if found.corrected else ():
        if counts[consequence]:
            yield f"{counts[consequence]}: {WORDS[consequence]}"


def _row(one: Recalled) -> tuple[str, ...]:
    now = "" if one.recommended_now is None else _told(one.recommended_now)
    other = ", ".join((*one.dangers, *one.measures))
    return (WORDS[one.consequence], f"{one.seq}, {one.at[:16]}", one.case, _told(one.recommended_then), now, other,
            one.decision[:12])  # fmt: skip


def _told(recommended: object) -> str:
    lesions = recommended.items() if isinstance(recommended, dict) else ()
    return "; ".join(f"{lesion}: {', '.join(names) or 'nothing'}" for lesion, names in lesions)
