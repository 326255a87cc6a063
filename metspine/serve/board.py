"""The board: the patients of this browser by urgency, each with its plan and one thing that is missing; lists in and out."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from types import MappingProxyType
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from cases.columns import DATE, LESION
from cases.columns import PATIENT as PATIENT_COLUMN
from cases.hearing import attributes_called
from engine.inference.subjects import PATIENT as SUBJECT
from explain.phrases.dangers import dangers as dangers_of
from explain.report.first_screen import first_screen
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import URGENCIES
from metspine.files import safe_cell
from metspine.serve.app import Site
from metspine.serve.form import PATIENT, FormState, read
from metspine.serve.pages import headline_of
from metspine.serve.store import Session, Worked

MOST_ROWS = 100
COLUMNS = (PATIENT_COLUMN, DATE, LESION)
CASE = "case"  # another name for the first of them
OURS = ("plan", "danger", "missing")  # what follows, and is not read back
CHOSEN = "column:"  # fields in which somebody says what a column is


@dataclass(frozen=True)
class BoardLine:
    """One patient of the board."""

    id: str
    case: str
    about: str
    danger: str
    lesions: tuple[tuple[str, str], ...]  # the lesion and its plan
    missing: str
    order: tuple[bool, int, bool]
    is_kept: bool  # in a journal


@dataclass(frozen=True)
class ListColumn:
    """One column of a list: a cell of it, what it is taken for (an attribute or a key; empty: it is left out), and why."""

    name: str
    example: str
    meaning: str
    note: str = ""


@dataclass(frozen=True)
class Imported:
    """A list that was read and not yet taken: its columns, the patients in it, and what was not understood, by place."""

    states: tuple[FormState, ...]
    problems: tuple[str, ...]
    columns: tuple[ListColumn, ...] = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """The columns that are left out."""
        return tuple(column.name for column in self.columns if not column.meaning)


def board_routes(site: Site) -> APIRouter:
    """Return the pages of the board."""
    routes = APIRouter(include_in_schema=False)
    knowledge, store = site.knowledge, site.store
    Asking = Annotated[Session, Depends(site.session)]  # noqa: N806  # a type

    @routes.get("/board")
    def board(session: Asking) -> Response:
        return site.page("board.html", session=session, lines=lines(session, knowledge), imported=None, pasted="")

    @routes.get("/board/agenda")
    def agenda(session: Asking) -> Response:
        page = site.page("agenda.html", session=session, lines=lines(session, knowledge))
        _noted(session, "shown", "agenda", bytes(page.body))
        return page

    @routes.get("/board.csv")
    def exported(session: Asking) -> Response:
        head = {"content-disposition": 'attachment; filename="board.csv"'}
        table = written(session, knowledge).encode()
        _noted(session, "exported", "csv", table)
        return Response(table, media_type="text/csv; charset=utf-8", headers=head)

    @routes.post("/board/add")
    async def add(request: Request, session: Asking) -> Response:
        worked = site.worked(session, dict(await site.form(request, session)).get("state", ""))
        if worked.id not in session.board:
            if len(session.board) >= MOST_ROWS:
                raise HTTPException(400, f"There is room for {MOST_ROWS} patients on the board; take one off first.")
            session.board.append(worked.id)
        return RedirectResponse("/board", 303)

    @routes.post("/board/remove")
    async def remove(request: Request, session: Asking) -> Response:
        name = dict(await site.form(request, session)).get("state", "")
        session.board[:] = [other for other in session.board if other != name]
        return RedirectResponse("/board", 303)

    @routes.post("/board/import")
    async def imported(request: Request, session: Asking) -> Response:
        values = dict(await site.form(request, session))
        text = values.get("file", "").strip() or values.get("list", "")
        chosen = {name.removeprefix(CHOSEN): to for name, to in values.items() if name.startswith(CHOSEN)}
        found = read_list(text, knowledge, chosen)
        if values.get("act") == "take" and found.states:
            for state in found.states:
                worked = store.put(session, state)
                if worked.id not in session.board and len(session.board) < MOST_ROWS:
                    session.board.append(worked.id)
            return RedirectResponse("/board", 303)
        return site.page(
            "board.html", session=session, lines=(), imported=found, pasted=text, meanings=_meanings(knowledge)
        )

    return routes


def _noted(session: Session, kind: Literal["shown", "exported"], how: str, content: bytes) -> None:
    """Write of each patient on the board that it was shown or exported."""
    for name in session.board:
        if name in session.states:
            session.states[name].advised.noted(kind, how, content)


# --- the list -------------------------------------------------------------------------------------------------------------


def lines(session: Session, knowledge: KnowledgeBase) -> tuple[BoardLine, ...]:
    """Return the patients of a board: those in danger first, then by how soon something is to be done."""
    found = [_line(session.states[name], knowledge) for name in session.board if name in session.states]
    return tuple(sorted(found, key=lambda line: (line.order, line.case, line.id)))


def _line(worked: Worked, knowledge: KnowledgeBase) -> BoardLine:
    advice = worked.advised.answer.advice
    dangers = [alert.text for alert in dangers_of(advice, knowledge)]
    clashes = [clash.text for clash in advice.contradictions]
    soonest = min((URGENCIES.index(measure.urgency) for measure in advice.measures), default=len(URGENCIES))
    parts = first_screen(advice, knowledge)
    facts = {fact.id: fact for fact in advice.facts}
    about = map(SUBJECT.fact, ("age", "sex", "primary_tumour"))
    known = [facts[fact] for fact in about if fact in facts]
    questions = [n.text for lesion in advice.lesions if lesion.plan for n in lesion.plan.next if n.kind == "finding"]
    questions += [
        f.label for lesion in advice.lesions if lesion.plan and lesion.plan.fork for f in lesion.plan.fork.findings
    ]
    is_open = any(lesion.plan is None or lesion.plan.kind in ("open", "forked") for lesion in advice.lesions)
    return BoardLine(
        id=worked.id,
        case=worked.reading.case.id,
        about=", ".join(fact.words for fact in known if fact.values is not None),
        danger=(clashes + dangers)[0] if clashes or dangers else "",
        lesions=tuple((name, headline_of(blocks).rstrip(":")) for name, blocks in parts.lesions.items()),
        missing=questions[0] if questions else "",
        order=(not (dangers or clashes), soonest, not is_open),
        is_kept=worked.is_kept,
    )


def written(session: Session, knowledge: KnowledgeBase) -> str:
    """Return the board as CSV: what was typed, a row for each lesion, and what follows; it can be read again."""
    rows = [row for line in lines(session, knowledge) for row in _rows(session.states[line.id], line)]
    names = sorted({name for row in rows for name in row} - {*COLUMNS, *OURS})
    stream = StringIO()
    writer = csv.DictWriter(stream, [*COLUMNS, *names, *OURS], restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: safe_cell(value) for name, value in row.items()} for row in rows)
    return stream.getvalue()


def _rows(worked: Worked, line: BoardLine) -> Iterator[dict[str, str]]:
    state, plans = worked.state, dict(line.lesions)
    for number, name in enumerate(worked.reading.names):
        typed = {key: text for (subject, key), text in state.typed.items() if subject in (PATIENT, str(number))}
        follows = {"plan": plans.get(name, ""), "danger": line.danger, "missing": line.missing}
        yield {PATIENT_COLUMN: line.case, DATE: state.date, LESION: name, **typed, **follows}


def read_list(text: str, knowledge: KnowledgeBase, chosen: Mapping[str, str] = MappingProxyType({})) -> Imported:
    """Return the patients of a CSV text with a head: a row for each lesion, one patient's under the same `patient`.

    Columns are named as everybody names them, or are what is `chosen` for their names; those that are not understood, and
    cells that are not, are told.
    """
    rows = list(csv.reader(StringIO(text.lstrip("\ufeff")), _dialect(text)))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        return Imported((), ("the list has no rows under its head; the first row names the columns",))
    columns = _columns(rows, knowledge, chosen)
    if len(rows) - 1 > MOST_ROWS:
        return Imported(
            (), (f"the list has {len(rows) - 1} rows, and the board room for {MOST_ROWS}; cut it",), columns
        )
    head = {i: _about(column.meaning, knowledge) for i, column in enumerate(columns) if column.meaning}
    by_case: dict[str, list[tuple[int, Mapping[int, str]]]] = {}
    place = next((i for i, column in head.items() if column == ("", PATIENT_COLUMN)), None)
    for number, row in enumerate(rows[1:], 2):
        cells = {i: cell.strip().removeprefix("'") for i, cell in enumerate(row) if i in head and cell.strip()}
        name = cells.get(place, "") if place is not None else ""
        by_case.setdefault(name or f"row-{number}", []).append((number, cells))
    states, problems = [], []
    for name, each in by_case.items():
        state, found = _state(name, each, head)
        problems += found
        states.append(state)
        reading = read(state, knowledge)
        problems += [f"{name}: {what}: {message}" for what, message in reading.problems.items()]
        problems += [
            f"{name}: {knowledge.vocabulary[key[1]].label}: {field.problem}"
            for key, field in reading.fields.items()
            if field.problem
        ]
    return Imported(tuple(states), tuple(problems), tuple(c for c in columns if c.name not in ("", *OURS)))


def _dialect(text: str) -> type[csv.Dialect] | str:
    first = text.partition("\n")[0]
    if first.count(";") > first.count(","):

        class Semicolons(csv.excel):
            delimiter = ";"

        return Semicolons
    return "excel-tab" if first.count("\t") > first.count(",") else "excel"


def _columns(rows: list[list[str]], knowledge: KnowledgeBase, chosen: Mapping[str, str]) -> tuple[ListColumn, ...]:
    """Return what each column is taken for: what was chosen, or what its name means to everybody, and no guess beyond it."""
    found: list[ListColumn] = []
    known = {name for kind in _meanings(knowledge).values() for name in kind}
    for i, name in enumerate(cell.strip() for cell in rows[0]):
        example = next((row[i].strip() for row in rows[1:] if i < len(row) and row[i].strip()), "")
        meaning, note = chosen.get(name, ""), ""
        if name not in chosen or meaning not in {*known, ""}:
            meaning, note = _meant(name, knowledge)
        first = next((other.name for other in found if meaning and other.meaning == meaning), None)
        if first is not None:
            meaning, note = "", f"the same as {first}; only that one counts"
        found.append(ListColumn(name, example, meaning, note))
    return tuple(found)


def _meant(name: str, knowledge: KnowledgeBase) -> tuple[str, str]:
    """Return what a name of a column means; nothing, and why, where it means nothing here or may mean two things."""
    bare = name.removeprefix("patient.").removeprefix("lesion.")
    if bare.lower() in (*COLUMNS, CASE):
        return bare.lower().replace(CASE, PATIENT_COLUMN), ""
    called = () if bare in OURS else attributes_called(bare, knowledge, ("patient", "lesion"))
    if len(called) > 1 and called[0].id != bare:
        return "", f"may be {' or '.join(attribute.label for attribute in called)}; choose"
    return (called[0].id, "") if called else ("", "")


def _about(meaning: str, knowledge: KnowledgeBase) -> tuple[str, str]:
    """Return whom a meaning of a column is about (nobody: a key of the row), and which attribute or key it is."""
    return ("", meaning) if meaning in COLUMNS else (knowledge.vocabulary[meaning].of, meaning)


def _meanings(knowledge: KnowledgeBase) -> dict[str, dict[str, str]]:
    """Return all that a column may be, with its label, by what it is about."""
    vocabulary = knowledge.vocabulary
    return {
        "row": {PATIENT_COLUMN: "name of the case", DATE: "date", LESION: "name of the lesion"},
        "patient": {attribute.id: attribute.label for attribute in vocabulary.given_of("patient")},
        "lesion": {attribute.id: attribute.label for attribute in vocabulary.given_of("lesion")},
    }


def _state(
    name: str, rows: list[tuple[int, Mapping[int, str]]], head: Mapping[int, tuple[str, str]]
) -> tuple[FormState, list[str]]:
    """Return the state of one patient, and what the rows of a patient say differently of the patient."""
    typed: dict[tuple[str, str], str] = {}
    problems: list[str] = []
    date, lesions = "", []
    for lesion, (number, cells) in enumerate(rows):
        own = ""
        for i, text in cells.items():
            of, attribute = head[i]
            if attribute == DATE:
                date = text
            elif attribute == LESION:
                own = text
            elif of:
                key = (PATIENT if of == "patient" else str(lesion), attribute)
                if typed.get(key, text) != text:
                    problems.append(
                        f"{name}: row {number} says {text!r} of {attribute}, and an earlier row {typed[key]!r}"
                    )
                typed[key] = text
        lesions.append(own)
    return FormState(case=name, date=date, lesions=tuple(lesions), typed=typed), problems
