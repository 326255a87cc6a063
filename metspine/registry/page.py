"""The page of a registry: one HTML document with its figures in it; it needs nothing from elsewhere and runs no script."""

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from engine.influence import Settling
from engine.verdicts import STATUSES
from explain.drawing.palette import INK
from explain.drawing.palette import STATUSES as COLOURS
from explain.render.html.environment import environment
from knowledge_base.language.disputes import side_of
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import URGENCIES
from metspine.intervals import wilson
from metspine.registry.opening import Finished
from metspine.registry.summary import EVERY, MOST_MISSING, Done, Summary

EXAMPLE = "an example to open"
SHOWN = 20  # rows of a table that could be endless
WORDS = {status: status.replace("_", " ") for status in STATUSES}


class Cell(NamedTuple):
    """A cell of a table: a name that is set apart, then a text; numbers stand on the right."""

    text: str = ""
    code: str = ""
    strong: str = ""
    is_number: bool = False


class CountTable(NamedTuple):
    """A table as the page shows it; where it has no rows, it says so."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


Bar = tuple[str, Sequence[tuple[str, float, float]]]  # a label, and of each status where it begins and how wide it is


class Section(NamedTuple):
    """A part of the page under its own title."""

    title: str
    tables: Sequence[CountTable]
    text: str = ""
    bars: Sequence[Bar] | None = None


def summary_page(found: Summary, run: Finished) -> str:
    """Return the page of a registry."""
    base = run.base
    sections = [
        *([_plans(found)] if found.plans else []),
        _pathways(found, base),
        _urgency(found, run),
        _by("By primary tumour", "primary tumour", found.groups, base),
        *([_by("By month", "month", found.months, base)] if found.months else []),
        *([_done(found.done, run)] if found.done is not None else []),
        _missing(found, run),
        _deciders(found, run),
        _disputes(found, run),
        _errors(found, run),
    ]
    template = environment("metspine.registry").get_template("page.html")
    return template.render(
        title=f"Registry of {found.patients:,} patients",
        lead=_lead(found, run),
        notice=base.framework.notice,
        sections=sections,
        foot=_foot(run),
        words=WORDS,
        colours=COLOURS,
        ink=INK,
    )


def _lead(found: Summary, run: Finished) -> list[str]:
    checked = run.record.recheck
    differences = checked.get("differences", [])
    number = len(differences) if isinstance(differences, list) else 0
    again = (
        f"Experta looked at {checked.get('patients', 0)} patients again, with {checked.get('rules', 0)} rules that fired: "
        + ("nothing differed." if not number else f"{number} cells differed. Do not trust these figures.")
        if checked.get("patients")
        else "Nobody was looked at a second time."
    )
    return [
        f"{found.patients:,} patients with {found.rows:,} lesions; {found.advised:,} could be read.",
        f"{found.undecided:,} have no pathway recommended: what is not known decides, or rules are silent. "
        f"{found.contradictory:,} contradict themselves; {found.stopped:,} are without advice. "
        f"{run.record.counts.get('by_experta', 0):,} rows went to Experta, as the program for many is not exact for them.",
        again,
    ]


# --- parts of the page -------------------------------------------------------------------------------------------------


def _pathways(found: Summary, base: KnowledgeBase) -> Section:
    order = sorted(found.statuses, key=lambda name: (-found.statuses[name]["recommended"], name))
    rows = [
        (
            Cell(_pathway(base, name)),
            *(_number(found.statuses[name][status]) for status in STATUSES),
            _share_cell(found.statuses[name]["recommended"], found.advised),
        )
        for name in order
    ]
    head = ("pathway", *WORDS.values(), "share recommended")
    bars = _bars((_pathway(base, name), [found.statuses[name][status] for status in STATUSES]) for name in order)
    caption = "Lesions by status of each pathway; shares in per cent with 95 % intervals"
    return Section("Pathways", [CountTable(caption, head, rows)], bars=bars)


PLANS = {
    "firm": "the same whatever turns out",
    "provided": "the same as long as named conditions hold",
    "forked": "hangs on one to three findings, each with its plan",
    "open": "hangs on more, or contradicts itself",
}


def _plans(found: Summary) -> Section:
    rows = [
        (Cell(words, strong=kind), _number(found.plans[kind]), _share_cell(found.plans[kind], found.advised))
        for kind, words in PLANS.items()
    ]
    caption = "Lesions by kind of plan; shares in per cent with 95 % intervals"
    return Section("How far the plans are decided", [CountTable(caption, ("plan", "lesions", "share"), rows)])


def _urgency(found: Summary, run: Finished) -> Section:
    base = run.base

    def soonest(name: str) -> tuple[int, int, str]:
        counts = found.measures[name]
        return min(URGENCIES.index(u) for u in counts), -sum(counts.values()), name

    rows = [
        (Cell(base.measures[name].label), *(_number(found.measures[name][urgency]) for urgency in URGENCIES))
        for name in sorted(found.measures, key=soonest)
    ]
    head = ("measure", *(urgency.replace("_", " ") for urgency in URGENCIES))
    dangers = [
        (_rule(base, name), _number(count), _open(found.examples.get(("danger", name)), run))
        for name, count in found.dangers.most_common(SHOWN)
        if name in base.rules
    ]
    tables = [
        CountTable("Lesions for which a measure is called for, by how soon", head, rows),
        CountTable("Lesions of which a rule tells a danger", ("rule", "lesions", EXAMPLE), dangers),
    ]
    return Section("Urgency", tables)


def _by(title: str, what: str, counted: Mapping[str, Counter[str]], base: KnowledgeBase) -> Section:
    total: Counter[str] = Counter()
    for counts in counted.values():
        total.update(counts)
    pathways = [name for name, _ in total.most_common() if name != EVERY][:4]
    order = sorted(counted, key=(lambda kind: kind) if what == "month" else (lambda kind: -counted[kind][EVERY]))
    rows = [
        (
            Cell(kind),
            _number(counted[kind][EVERY]),
            *(_share_cell(counted[kind][p], counted[kind][EVERY]) for p in pathways),
        )
        for kind in order[: SHOWN if what != "month" else None]
    ]
    head = (what, "lesions", *(_pathway(base, name) for name in pathways))
    return Section(title, [CountTable("How many are recommended what, with 95 % intervals", head, rows)])


def _done(done: Done, run: Finished) -> Section:
    apart = ("excluded", "not_advised")

    def example(pathway: str) -> str | None:
        return next((who for status in apart if (who := done.examples.get((pathway, status)))), None)

    rows = [
        (
            Cell(_pathway(run.base, name)),
            *(_number(counts[status]) for status in STATUSES),
            _share_cell(counts["recommended"], sum(counts.values())),
            _open(example(name), run),
        )
        for name, counts in sorted(done.statuses.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    ]
    text = (
        f"The column {done.column} says what was done. Where something is recommended too, of {done.lesions:,} lesions "
        f"{done.agreed:,} had a pathway that is recommended: {_share(done.agreed, done.lesions)}. Agreement says nothing of "
        "what was right: reasons may stand in no column."
    )
    if done.unread:
        text += f" Cells that name no pathway: {', '.join(name for name, _ in done.unread.most_common(SHOWN))}."
    head = ("what was done", *WORDS.values(), "share recommended", "an example that was advised against")
    caption = "Lesions by the status of the pathway that they had; shares in per cent with 95 % intervals"
    return Section("Beside what was done", [CountTable(caption, head, rows)], text)


def _missing(found: Summary, run: Finished) -> Section:
    base = run.base
    rows = [
        (
            Cell(base.vocabulary[name].label),
            Cell(code=name),
            _number(count),
            _share_cell(count, found.advised),
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
    table = CountTable("Lesions for which an argument about a pathway waits for it", head, rows)
    return Section("What is missing most, and what it would settle", [table], text)


def _settled(one: Settling | None) -> tuple[Cell, ...]:
    if one is None:
        return (Cell(is_number=True),) * 3
    return _number(one.undecided), _number(one.some), _number(one.every)


def _deciders(found: Summary, run: Finished) -> Section:
    rows = [
        (
            _rule(run.base, one.name),
            _number(one.lesions),
            _share_cell(one.lesions, found.sampled),
            _open(one.example, run),
        )
        for one in found.deciders[:SHOWN]
    ]
    text = (
        f"Each rule that fired was silenced in turn, for {found.sampled:,} lesions: {len(found.deciders)} rules change "
        f"what is recommended for some. {len(found.silent)} rules fired for nobody."
    )
    head = ("rule", "lesions", "share", EXAMPLE)
    table = CountTable("Lesions with another recommendation if the rule were not there", head, rows)
    return Section("Which rules decide", [table], text)


def _disputes(found: Summary, run: Finished) -> Section:
    rows = []
    for one in found.disputed[:SHOWN]:
        dispute, side = side_of(one.name)
        known = run.base.disputes[dispute]
        rows.append(
            (
                Cell(known.topic),
                Cell(known.sides[side].label),
                _number(one.lesions),
                _share_cell(one.lesions, found.sampled),
                _open(one.example, run),
            )
        )
    head = ("disputed point", "other side", "lesions", "share", EXAMPLE)
    caption = f"Lesions, of {found.sampled:,}, with another recommendation on the other side"
    return Section("Where a disputed point would change the advice", [CountTable(caption, head, rows)])


def _errors(found: Summary, run: Finished) -> Section:
    def rows(counter: Counter[str], kind: str) -> list[tuple[Cell, Cell, Cell]]:
        chosen = counter.most_common(SHOWN)
        return [(Cell(name), _number(count), _open(found.examples.get((kind, name)), run)) for name, count in chosen]

    contradicted = rows(found.contradicted, "contradiction")
    tables = [
        CountTable("Rows with an error, by where it is", ("where", "rows", EXAMPLE), rows(found.faults, "fault")),
        CountTable("Lesions of which what is given contradicts itself", ("about", "lesions", EXAMPLE), contradicted),
    ]
    return Section("What could not be read, and what contradicts itself", tables)


def _foot(run: Finished) -> str:
    knowledge = run.record.knowledge
    return (
        f"{knowledge['id']} {knowledge['version']}, knowledge {str(knowledge['digest'])[:12]}; table "
        f"{str(run.record.input['sha256'])[:12]}, output {str(run.record.output['sha256'])[:12]}."
    )


# --- pieces ------------------------------------------------------------------------------------------------------------


def _pathway(base: KnowledgeBase, name: str) -> str:
    return base.pathways[name].label if name in base.pathways else name


def _rule(base: KnowledgeBase, name: str) -> Cell:
    return Cell(base.rules[name].title, code=name)


def _open(patient: str | None, run: Finished) -> Cell:
    """Return the command that opens a patient; nothing where there is no example."""
    return Cell() if patient is None else Cell(code=shlex.join(("metspine", "cohort", "open", run.out.name, patient)))


def _number(number: int) -> Cell:
    return Cell(f"{number:,}", is_number=True)


def _share(count: int, of: int) -> str:
    low, high = wilson(count, of)
    return f"{100 * count / of:.1f} % ({100 * low:.1f} to {100 * high:.1f})" if of else "none"


def _share_cell(count: int, of: int) -> Cell:
    return Cell(_share(count, of), is_number=True)


def _bars(rows: Iterable[tuple[str, Sequence[int]]]) -> list[Bar]:
    """Return stacked bars of statuses; the table below says the same in numbers."""
    bars: list[Bar] = []
    for label, counts in rows:
        widths = [560 * count / (sum(counts) or 1) for count in counts]
        begins = accumulate(widths, initial=300.0)
        boxes = [box for box in zip(STATUSES, begins, widths, strict=False) if box[2]]
        bars.append((label if len(label) <= 40 else f"{label[:39]}…", boxes))
    return bars
