"""A recall in words: a few lines for the terminal, and a page to print and work through, the gravest first."""

from collections import Counter
from collections.abc import Iterator
from html import escape

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
STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;"
    "vertical-align:top}code{font-size:.85em}@media print{tr{break-inside:avoid}}"
)


def summary(found: Recall) -> str:
    """Return how many decisions a recall is about, by consequence, and the first of them."""
    return "\n".join(_lines(found)) + "\n"


def page(found: Recall) -> str:
    """Return the recall as one HTML document that loads nothing."""
    head = "".join(
        f"<th>{name}</th>" for name in ("Consequence", "Row, time", "Case", "Then", "Now", "Other", "Decision")
    )
    rows = "".join(_row(one) for one in found.recalled)
    title = escape(f"Recall of {found.rule}")
    counts = "".join(f"<li>{escape(line)}</li>" for line in _counts(found))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head>'
        f"<body><h1>{title}</h1><p>{escape(_about(found))}</p><ul>{counts}</ul>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></body></html>\n"
    )


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


def _row(one: Recalled) -> str:
    now = "" if one.recommended_now is None else _told(one.recommended_now)
    cells = (
        WORDS[one.consequence], f"{one.seq}, {one.at[:16]}", one.case, _told(one.recommended_then), now,
        ", ".join((*one.dangers, *one.measures)),
    )  # fmt: skip
    told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f"<tr>{told}<td><code>{one.decision[:12]}</code></td></tr>"


def _told(recommended: object) -> str:
    lesions = recommended.items() if isinstance(recommended, dict) else ()
    return "; ".join(f"{lesion}: {', '.join(names) or 'nothing'}" for lesion, names in lesions)
