"""The clinician's part of the PDF, in the order of the page: answer, letters, options, what is missing, what to do."""

from collections.abc import Iterable, Iterator, Sequence

from reportlab.lib.colors import HexColor
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer, Table

from explain.drawing.palette import SHADES, SOFT_INK, STATUSES, TINTS
from explain.phrases.prose import join
from explain.phrases.tooltips import NOT_KNOWN
from explain.render.html.content import Content
from explain.render.html.parts import LesionPart, Row, Said
from explain.render.html.settled import few
from explain.render.pdf.setting import (
    GREEN,
    LINE,
    RED,
    WHOLE,
    bold,
    cited_line,
    coloured,
    listed,
    plain,
    set_in,
    soft,
    source_line,
    table_style,
)
from explain.render.pdf.sheets import INNER
from explain.report.counterfactuals import Told
from explain.report.disputes import Other, Side

LABELS = 62.0
BAR = 4.0
NAMES = 150.0
LABELS_SHOWN = 4  # of what a pathway waits for
SIGNS = {"recommend": GREEN, "consider": GREEN, "advise_against": RED, "exclude": RED}


def clinician_story(content: Content) -> Iterator[Flowable]:
    """Yield everything before the drawings."""
    yield set_in("small", plain(f"Case {content.advice.case}"))
    yield set_in("title", plain(content.heading))
    yield from _contradictions(content)
    for lesion in content.lesions:
        yield _answer(lesion)
        yield Spacer(0, 6)
    yield from _first(content)
    for lesion in content.lesions:
        yield from _lesion(lesion)
    yield from _sure(content)
    if content.idle:
        yield set_in("subheading", "Not known, and it can no longer change what is recommended")
        yield set_in("small", plain("; ".join(content.idle)))
    yield from _section("subheading", "Rules also ask", map(plain, content.asked))
    yield from _beside(content)
    yield from _disputes(content)


def sources_story(content: Content) -> Iterator[Flowable]:
    """Yield the list of sources."""
    yield from _section("heading", "Sources", (source_line(name, source) for name, source in content.sources))


def _section(style: str, title: str, lines: Iterable[str]) -> Iterator[Flowable]:
    found = listed(lines)
    if found:
        yield set_in(style, plain(title))
        yield from found


# --- the first page ----------------------------------------------------------------------------------------------


def _contradictions(content: Content) -> Iterator[Flowable]:
    clashes = content.advice.contradictions
    if clashes:
        told = [set_in("body", coloured("!! Contradiction.", RED), plain(clash.text)) for clash in clashes]
        yield _box(told, RED, 1.5)
        yield Spacer(0, 6)


def _answer(lesion: LesionPart) -> Flowable:
    lines: list[Flowable] = [_badge(lesion.status, lesion.mark, lesion.status_words)]
    lines.append(set_in("answer", plain(lesion.answer)))
    if lesion.certainty:
        lines.append(set_in("strong", plain(lesion.certainty)))
        lines.append(Spacer(0, 3))
    pairs = [pair for row in lesion.advised for pair in _why(row, len(lesion.advised) > 1)]
    pairs.extend(("Disputed", plain(f"This rests on a disputed point: {words}")) for words in lesion.disputed)
    if lesion.next_question:
        count = f"{len(lesion.missing)} things are not known." if len(lesion.missing) > 1 else ""
        pairs.append(("Ask next", f"{plain(lesion.next_question)} {soft(f'{lesion.narrows} {count}')}"))
    if pairs:
        lines.append(_pairs(pairs))
    colour = STATUSES[lesion.status].line if lesion.status in STATUSES else RED
    return _box(lines, colour, BAR, left_only=True)


def _why(row: Row, is_one_of_several: bool) -> Iterator[tuple[str, str]]:
    if is_one_of_several:
        yield "Pathway", bold(row.label)
    for said in row.favour:
        yield "Why", f"{plain(said.because)} {bold(said.rule)}<br/>{soft('; '.join(said.rests_on))}"
    if not row.favour:
        yield "Why", "No rule speaks for it, and none against it."
    for said in row.against:
        yield "Against it", f"{plain(said.because)} {bold(said.rule)}<br/>{soft('; '.join(said.rests_on))}"
    if not row.against:
        yield "Against it", "No rule speaks against it."
    if row.basis_words:
        yield "Evidence", plain(f"Weakest link: {row.basis_words}.")


def _first(content: Content) -> Iterator[Flowable]:
    pairs = [
        (words, "; ".join(plain(f"{m.label} ({m.who})" if m.who else m.label) for m in measures))
        for words, measures in content.urgent
    ]
    for alert in content.warnings:
        who = f" ({alert.who})" if alert.who else ""
        pairs.append((f"{alert.mark} {alert.level.capitalize()}{who}", plain(alert.text)))
    if pairs:
        yield set_in("subheading", "Do first, and take care" if content.urgent else "Take care")
        yield _pairs([(name, text) for name, text in pairs], 95)


def _badge(status: str, mark: str, words: str) -> Flowable:
    colours = STATUSES.get(status, STATUSES["excluded"])
    return set_in(
        "body",
        f'<font backColor="{colours.fill}" color="{colours.text}"><b>&nbsp;{mark} {plain(words)}&nbsp;</b></font>',
    )


def _pairs(pairs: Iterable[tuple[str, str]], width: float = LABELS) -> Table:
    rows = [
        [set_in("body", f'<font color="{SOFT_INK}">{plain(name)}</font>'), set_in("body", text)] for name, text in pairs
    ]
    return Table(
        rows,
        [width, None],
        style=table_style(("TOPPADDING", *WHOLE, 1), ("BOTTOMPADDING", *WHOLE, 2)),
        spaceBefore=0,
        hAlign="LEFT",
    )


def _box(lines: Sequence[Flowable], colour: str, thickness: float, left_only: bool = False) -> Table:
    sides = "LINEBEFORE" if left_only else "BOX"
    look = table_style((sides, *WHOLE, thickness, HexColor(colour)), ("LEFTPADDING", *WHOLE, 9))
    return Table([[lines]], [INNER], style=look)


# --- each lesion -------------------------------------------------------------------------------------------------


def _lesion(lesion: LesionPart) -> Iterator[Flowable]:
    yield set_in("heading", plain(f"Lesion {lesion.id}"))
    if lesion.letters:
        yield _letters(lesion)
    if lesion.argued:
        yield CondPageBreak(110)
        yield set_in("table heading", "Options")
        yield _options(lesion.argued)
    silent = [f"{plain(row.label)}: {row.mark} {plain(row.status_words)} {soft(_waits(row))}" for row in lesion.silent]
    yield from _section("subheading", "Pathways about which no rule has spoken", silent)
    missing = [f"{plain(m.question)} {soft(few(m.rules))}" for m in lesion.missing]
    yield from _section("subheading", "Not known, and it would matter", missing)
    yield from _changes(lesion)


def _changes(lesion: LesionPart) -> Iterator[Flowable]:
    yield from _section("subheading", "What would change it", map(_change, lesion.changes))
    if lesion.otherwise is None:
        return
    yield set_in("subheading", "What would have to be given otherwise")
    yield set_in("body", plain(lesion.otherwise.verdict))
    for heading, sets, more in lesion.otherwise.kinds:
        lines = [_told(told) for told in sets]
        yield from _section("strong", heading, [*lines, *([soft(more)] if more else [])])


def _told(told: Told) -> str:
    condition = join(told.conditions, "and")
    return f"{bold(told.outcome)}, {plain(f'if {condition}')} {soft(few(told.rules))}"


def _sure(content: Content) -> Iterator[Flowable]:
    found = content.sure
    if found is None:
        return
    yield set_in("subheading", "How sure is sure")
    yield set_in("body", plain(found.verdict))
    yield from listed(map(plain, found.flips))
    if found.clashes:
        yield set_in("small", plain(found.clashes))
    yield from _section("small", "How far the numbers are from the nearest line", map(plain, found.distances))


def _change(change: tuple[str, tuple[str, ...], tuple[str, ...]]) -> str:
    outcome, answers, rules = change
    condition = plain(f"if {'; '.join(answers)}") if answers else ""
    return f"{bold(outcome)} {condition} {soft(few(rules))}"


def _waits(row: Row) -> str:
    labels = list(dict.fromkeys(label for waiting in row.waiting for label in waiting.labels))
    rules = list(dict.fromkeys(waiting.rule for waiting in row.waiting))
    return f"{few(rules)} may speak; not known: {few(labels, LABELS_SHOWN)}" if rules else ""


def _letters(lesion: LesionPart) -> Table:
    columns = []
    for letter in lesion.letters:
        lines: list[Flowable] = [
            set_in("body", coloured(f"{letter.key} {letter.name.capitalize()}", SHADES[letter.key]))
        ]
        for label, text in letter.found:
            value = plain(f"? {text}") if text == NOT_KNOWN else bold(text)
            lines.append(set_in("body", f"{soft(label)}<br/>{value}"))
        if letter.basis:
            lines.append(set_in("small", plain(f"weakest link: {letter.basis}")))
        columns.append(lines)
    tints = (("BACKGROUND", (i, 0), (i, 0), HexColor(TINTS[letter.key])) for i, letter in enumerate(lesion.letters))
    look = table_style(("LEFTPADDING", *WHOLE, 6), *tints)
    return Table([columns], [INNER / len(columns)] * len(columns), style=look)


def _options(rows: Iterable[Row]) -> Table:
    cells = [[[set_in("strong", plain(row.label)), _badge(row.status, row.mark, row.status_words)],
              [line for said in (*row.favour, *row.against) for line in _argument(said)]] for row in rows]  # fmt: skip
    return Table(cells, [NAMES, INNER - NAMES], style=table_style(("LINEBELOW", *WHOLE, 0.5, LINE)), splitInRow=1)


def _argument(said: Said) -> list[Flowable]:
    stance = coloured(f"{said.mark} {said.stance_words}:", SIGNS[said.stance or "consider"])
    return [
        set_in("body", stance, plain(said.because), soft("; ".join(said.rests_on))),
        set_in("small", *_grounds(said)),
        Spacer(0, 3),
    ]


def _grounds(said: Said) -> tuple[str, str]:
    return bold(said.rule), plain(f"{cited_line(said.sources)}. Weakest link: {said.basis_words}.")


# --- beside the pathway --------------------------------------------------------------------------------------------


def _beside(content: Content) -> Iterator[Flowable]:
    yield set_in("heading", "Beside the pathway")
    for measure in content.measures:
        who = f" ({measure.who})" if measure.who else ""
        when = coloured(f"{measure.urgency_words.capitalize()}:", RED if measure.is_urgent else SOFT_INK)
        lines: list[Flowable] = [set_in("body", when, bold(f"{measure.label}{who}"))]
        for said in measure.reasons:
            lines.append(set_in("body", plain(said.because), soft("; ".join(said.rests_on))))
            lines.append(set_in("small", *_grounds(said)))
        yield KeepTogether([*lines, Spacer(0, 5)])
    if content.possible_measures:
        yield set_in("body", plain(f"Could still be called for: {'; '.join(content.possible_measures)}."))
    if content.alerts:
        yield set_in("subheading", "Alerts and notes")
    for alert in content.alerts:
        who = f" ({alert.who})" if alert.who else ""
        colour = SOFT_INK if alert.level == "note" else RED
        level = coloured(f"{alert.mark} {alert.level.capitalize()}{who}:", colour)
        yield KeepTogether(
            [set_in("body", level, plain(alert.text)), set_in("small", *_grounds(alert.said)), Spacer(0, 4)]
        )


def _disputes(content: Content) -> Iterator[Flowable]:
    if not content.disputes and not content.idle_disputes:
        return
    yield set_in("heading", "Disputed points")
    for point in content.disputes:
        others = listed(_other(other) for other in point.others)
        here = f"{bold(f'Here: {point.here.label}.')} {plain(point.because)} {_refs(point.here)}"
        yield KeepTogether([set_in("subheading", plain(point.topic)), set_in("body", here), others[0]])
        yield from others[1:]
        yield Spacer(0, 4)
    if content.idle_disputes:
        words = " ".join(content.idle_disputes)
        yield set_in("small", plain(f"Disputed too, but without consequence for this patient: {words}"))


def _other(other: Other) -> str:
    return f"Other side: {bold(other.side.label)} {_refs(other.side)} It {plain(other.words)}."


def _refs(side: Side) -> str:
    return soft(f"[{', '.join(side.cited)}]")
