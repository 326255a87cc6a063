"""The page of a registry: one HTML document with its figures in it; it needs nothing from elsewhere and runs no script."""

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup, escape

from engine.influence import Settling
from engine.verdicts import STATUSES
from explain.drawing.palette import INK
from explain.drawing.palette import STATUSES as COLOURS
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import URGENCIES
from metspine.intervals import wilson
from metspine.registry.opening import Finished
from metspine.registry.summary import EVERY, MOST_MISSING, Done, Summary

EXAMPLE = "an example to open"
SHOWN = 20  # rows of a table that could be endless
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; max-width: 60rem; margin: 0 auto;
  padding: 1rem }
h1, h2 { line-height: 1.25 } h2 { margin-top: 2.5rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
caption { text-align: left; font-weight: 600; padding-bottom: .25rem }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #d9d9d4; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
svg { max-width: 100%; height: auto } code { font-size: .95em }
th[scope=row] { min-width: 15rem; font-weight: 400 }
.scroll { overflow-x: auto } .note { color: #4d4d4d }
""".strip()
WORDS = {status: status.replace("_", " ") for status in STATUSES}


def summary_page(found: Summary, run: Finished) -> str:
    """Return the page of a registry."""
    base = run.base
    parts = [
        _head(found, run),
        _plans(found) if found.plans else Markup(),
        _pathways(found, base),
        _urgency(found, run),
        _by("By primary tumour", "primary tumour", found.groups, found, base),
        _by("By month", "month", found.months, found, base) if found.months else Markup(),
        _done(found.done, run) if found.done is not None else Markup(),
        _missing(found, run),
        _deciders(found, run),
        _disputes(found, run),
        _errors(found, run),
        _foot(run),
    ]
    title = f"Registry of {found.patients:,} patients"
    return str(
        Markup(
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{}</title>\n'
            "<style>\n{}\n</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n"
        ).format(title, Markup(STYLE), Markup("").join(parts))
    )


def _head(found: Summary, run: Finished) -> Markup:
    lines = [
        f"{found.patients:,} patients with {found.rows:,} lesions; {found.advised:,} could be read.",
        f"{found.undecided:,} have no pathway recommended: what is not known decides, or rules are silent. "
        f"{found.contradictory:,} contradict themselves; {found.stopped:,} are without advice. "
        f"{run.record.counts.get('by_experta', 0):,} rows went to Experta, as the program for many is not exact for them.",
    ]
    checked = run.record.recheck
    differences = checked.get("differences", [])
    number = len(differences) if isinstance(differences, list) else 0
    again = (
        f"Experta looked at {checked.get('patients', 0)} patients again, with {checked.get('rules', 0)} rules that fired: "
        + ("nothing differed." if not number else f"{number} cells differed. Do not trust these figures.")
        if checked.get("patients")
        else "Nobody was looked at a second time."
    )
    text = Markup("").join(Markup("<p>{}</p>\n").format(line) for line in (*lines, again))
    notice = Markup(
        '<p class="note">{} What this page counts is advice of rules, not what was right or was done; shares '
        "hang on who is in the registry.</p>\n"
    ).format(run.base.framework.notice)
    return Markup("<h1>Registry of {} patients</h1>\n{}{}").format(f"{found.patients:,}", text, notice)


# --- parts of the page -------------------------------------------------------------------------------------------------


def _pathways(found: Summary, base: KnowledgeBase) -> Markup:
    order = sorted(found.statuses, key=lambda name: (-found.statuses[name]["recommended"], name))
    rows = [
        (
            _pathway(base, name),
            *(_number(found.statuses[name][status]) for status in STATUSES),
            _share(found.statuses[name]["recommended"], found.advised),
        )
        for name in order
    ]
    head = ("pathway", *WORDS.values(), "share recommended")
    figure = _bars([(_pathway(base, name), [found.statuses[name][status] for status in STATUSES]) for name in order])
    return _section(
        "Pathways",
        figure,
        _table("Lesions by status of each pathway; shares in per cent with 95 % intervals", head, rows),
    )


PLANS = {
    "firm": "the same whatever turns out",
    "provided": "the same as long as named conditions hold",
    "forked": "hangs on one to three findings, each with its plan",
    "open": "hangs on more, or contradicts itself",
}


def _plans(found: Summary) -> Markup:
    rows = [
        (
            Markup("<b>{}</b> {}").format(kind, words),
            _number(found.plans[kind]),
            _share(found.plans[kind], found.advised),
        )
        for kind, words in PLANS.items()
    ]
    return _section(
        "How far the plans are decided",
        _table("Lesions by kind of plan; shares in per cent with 95 % intervals", ("plan", "lesions", "share"), rows),
    )


def _urgency(found: Summary, run: Finished) -> Markup:
    base = run.base

    def soonest(name: str) -> tuple[int, int, str]:
        counts = found.measures[name]
        return min(URGENCIES.index(u) for u in counts), -sum(counts.values()), name

    rows = [
        (base.measures[name].label, *(_number(found.measures[name][urgency]) for urgency in URGENCIES))
        for name in sorted(found.measures, key=soonest)
    ]
    head = ("measure", *(urgency.replace("_", " ") for urgency in URGENCIES))
    dangers = [
        (
            Markup("<code>{}</code> {}").format(name, base.rules[name].title),
            _number(count),
            _open(found.examples.get(("danger", name)), run),
        )
        for name, count in found.dangers.most_common(SHOWN)
        if name in base.rules
    ]
    return _section(
        "Urgency",
        _table("Lesions for which a measure is called for, by how soon", head, rows),
        _table("Lesions of which a rule tells a danger", ("rule", "lesions", EXAMPLE), dangers),
    )


def _by(title: str, what: str, counted: Mapping[str, Counter[str]], found: Summary, base: KnowledgeBase) -> Markup:
    total: Counter[str] = Counter()
    for counts in counted.values():
        total.update(counts)
    pathways = [name for name, _ in total.most_common() if name != EVERY][:4]
    order = sorted(counted, key=(lambda kind: kind) if what == "month" else (lambda kind: -counted[kind][EVERY]))
    rows = [
        (kind, _number(counted[kind][EVERY]), *(_share(counted[kind][p], counted[kind][EVERY]) for p in pathways))
        for kind in order[: SHOWN if what != "month" else None]
    ]
    head = (what, "lesions", *(_pathway(base, name) for name in pathways))
    return _section(title, _table("How many are recommended what, with 95 % intervals", head, rows))


def _done(done: Done, run: Finished) -> Markup:
    apart = ("excluded", "not_advised")

    def example(pathway: str) -> str | None:
        return next((who for status in apart if (who := done.examples.get((pathway, status)))), None)

    rows = [
        (
            _pathway(run.base, name),
            *(_number(counts[status]) for status in STATUSES),
            _share(counts["recommended"], sum(counts.values())),
            _open(example(name), run),
        )
        for name, counts in sorted(done.statuses.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    ]
    text = (
        f"The column {done.column} says what was done. Where something is recommended too, of {done.lesions:,} lesions "
        f"{done.agreed:,} had a pathway that is recommended: {_share(done.agreed, done.lesions)}. Agreement says nothing of "
        "what was right: reasons may stand in no column."
    )
    unread = f" Cells that name no pathway: {', '.join(name for name, _ in done.unread.most_common(SHOWN))}."
    head = ("what was done", *WORDS.values(), "share recommended", "an example that was advised against")
    caption = "Lesions by the status of the pathway that they had; shares in per cent with 95 % intervals"
    return _section(
        "Beside what was done",
        Markup("<p>{}{}</p>\n").format(text, unread if done.unread else ""),
        _table(caption, head, rows),
    )


def _missing(found: Summary, run: Finished) -> Markup:
    base = run.base
    rows = [
        (
            base.vocabulary[name].label,
            Markup("<code>{}</code>").format(name),
            _number(count),
            _share(count, found.advised),
            *_settled(found.settling.get(name)),
            _open(found.examples.get(("missing", name)), run),
        )
        for name, count in found.missing.most_common(MOST_MISSING)
        if name in base.vocabulary
    ]
    text = (
        f"What it would settle was tried on {found.sampled:,} lesions: where nothing is recommended and it is not known, "
        "each of its values was put in. Knowing it is enough where every value leads to a recommendation."
    )
    head = ("datum", "column", "lesions", "share", "undecided", "some value settles", "every value settles", EXAMPLE)
    return _section(
        "What is missing most, and what it would settle",
        Markup("<p>{}</p>\n").format(text),
        _table("Lesions for which an argument about a pathway waits for it", head, rows),
    )


def _settled(one: Settling | None) -> tuple[str, str, str]:
    if one is None:
        return _Number(""), _Number(""), _Number("")
    return _number(one.undecided), _number(one.some), _number(one.every)


def _deciders(found: Summary, run: Finished) -> Markup:
    rows = [
        (
            Markup("<code>{}</code> {}").format(one.name, run.base.rules[one.name].title),
            _number(one.lesions),
            _share(one.lesions, found.sampled),
            _open(one.example, run),
        )
        for one in found.deciders[:SHOWN]
    ]
    text = (
        f"Each rule that fired was silenced in turn, for {found.sampled:,} lesions: {len(found.deciders)} rules change "
        f"what is recommended for some. {len(found.silent)} rules fired for nobody."
    )
    head = ("rule", "lesions", "share", EXAMPLE)
    return _section(
        "Which rules decide",
        Markup("<p>{}</p>\n").format(text),
        _table("Lesions with another recommendation if the rule were not there", head, rows),
    )


def _disputes(found: Summary, run: Finished) -> Markup:
    rows = []
    for one in found.disputed[:SHOWN]:
        dispute, _, side = one.name.partition("=")
        known = run.base.disputes[dispute]
        rows.append(
            (
                known.topic,
                known.sides[side].label,
                _number(one.lesions),
                _share(one.lesions, found.sampled),
                _open(one.example, run),
            )
        )
    head = ("disputed point", "other side", "lesions", "share", EXAMPLE)
    return _section(
        "Where a disputed point would change the advice",
        _table(f"Lesions, of {found.sampled:,}, with another recommendation on the other side", head, rows),
    )


def _errors(found: Summary, run: Finished) -> Markup:
    def rows(counter: Counter[str], kind: str) -> list[tuple[str, str, str]]:
        chosen = counter.most_common(SHOWN)
        return [(name, _number(count), _open(found.examples.get((kind, name)), run)) for name, count in chosen]

    return _section(
        "What could not be read, and what contradicts itself",
        _table("Rows with an error, by where it is", ("where", "rows", EXAMPLE), rows(found.faults, "fault")),
        _table(
            "Lesions of which what is given contradicts itself",
            ("about", "lesions", EXAMPLE),
            rows(found.contradicted, "contradiction"),
        ),
    )


def _foot(run: Finished) -> Markup:
    knowledge = run.record.knowledge
    text = (
        f"{knowledge['id']} {knowledge['version']}, knowledge {str(knowledge['digest'])[:12]}; table "
        f"{str(run.record.input['sha256'])[:12]}, output {str(run.record.output['sha256'])[:12]}."
    )
    return Markup('<p class="note">{}</p>\n').format(text)


# --- pieces ------------------------------------------------------------------------------------------------------------


def _pathway(base: KnowledgeBase, name: str) -> str:
    return base.pathways[name].label if name in base.pathways else name


def _open(patient: str | None, run: Finished) -> Markup:
    """Return the command that opens a patient; nothing where there is no example."""
    if patient is None:
        return Markup()
    return Markup("<code>metspine cohort open {} {}</code>").format(shlex.quote(run.out.name), shlex.quote(patient))


class _Number(str):
    """A cell that stands on the right."""

    __slots__ = ()


def _number(number: int) -> str:
    return _Number(f"{number:,}")


def _share(count: int, of: int) -> str:
    low, high = wilson(count, of)
    return _Number(f"{100 * count / of:.1f} % ({100 * low:.1f} to {100 * high:.1f})" if of else "none")


def _section(title: str, *parts: Markup) -> Markup:
    return Markup("<section>\n<h2>{}</h2>\n{}</section>\n").format(title, Markup("").join(parts))


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    listed = list(rows)
    if not listed:
        return Markup("<p>{}: none.</p>\n").format(caption)
    kinds = [isinstance(cell, _Number) for cell in listed[0]]
    names = [_cell("th scope=col", name, right) for name, right in zip(head, kinds, strict=True)]
    body = [
        Markup("<tr>{}</tr>\n").format(
            Markup("").join(_cell("td" if i else "th scope=row", cell, kinds[i]) for i, cell in enumerate(row))
        )
        for row in listed
    ]
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table>\n<caption>{}</caption>\n'
        "<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n"
    ).format(caption, caption, Markup("").join(names), Markup("").join(body))


def _cell(tag: str, cell: str, right: bool) -> Markup:
    name = tag.partition(" ")[0]
    return Markup("<{}{}>{}</{}>").format(Markup(tag), Markup(' class="n"') if right else "", cell, Markup(name))


def _bars(rows: Sequence[tuple[str, Sequence[int]]]) -> Markup:
    """Return stacked bars of statuses; the table below says the same in numbers."""
    left, width, step = 300, 560, 26
    drawn: list[Markup] = []
    for i, (label, counts) in enumerate(rows):
        y, x, total = 40 + i * step, float(left), sum(counts) or 1
        drawn.append(
            Markup('<text x="{}" y="{}" text-anchor="end">{}</text>\n').format(left - 8, y + 14, _short(label))
        )
        for status, count in zip(STATUSES, counts, strict=True):
            share = width * count / total
            if count:
                drawn.append(
                    Markup('<rect x="{}" y="{}" width="{}" height="18" fill="{}" stroke="{}"/>\n').format(
                        f"{x:.1f}", y, f"{share:.1f}", COLOURS[status].fill, COLOURS[status].line
                    )
                )
            x += share
    key, x = [], left
    for status in STATUSES:
        key.append(
            Markup(
                '<rect x="{}" y="8" width="14" height="14" fill="{}" stroke="{}"/><text x="{}" y="20">{}</text>\n'
            ).format(x, COLOURS[status].fill, COLOURS[status].line, x + 20, WORDS[status])
        )
        x += 122
    height = 52 + step * len(rows)
    return Markup(
        '<svg role="img" aria-label="Statuses of pathways as stacked bars; the table below has the numbers" '
        'viewBox="0 0 880 {}" font-size="13" fill="{}" xmlns="http://www.w3.org/2000/svg">\n{}{}</svg>\n'
    ).format(height, INK, Markup("").join(key), Markup("").join(drawn))


def _short(label: str) -> Markup:
    return escape(label if len(label) <= 40 else f"{label[:39]}…")
