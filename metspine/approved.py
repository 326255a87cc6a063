"""Approved answers: what was found of every worked patient when somebody last read it and agreed (approval testing).

What a case expects is written by hand and names what the case is there for; the rest of its advice changes unseen. So all of
it is kept beside the cases in one generated file, which `metspine approve` writes and `metspine check` compares.
Witnesses lie beside them too: patients found by the solver because some slip in a rule shows in them alone. They expect
nothing by hand, and go through the program for many, not through Experta one by one.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cases import Case, case_from
from cases.writing import case_data
from engine.cohort import Columns, LesionVerdict, cohort_of
from engine.verdicts import STATUSES
from explain.phrases.prose import cut_short
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import Invalid, Position, Problem, gathered

ANSWERS, WITNESSES = "approved.json", "witnesses.ndjson"
Answer = Mapping[str, Any]  # by aspect (see `_answer`), what is not empty
Answers = Mapping[str, Answer]  # by case and lesion, `noms-n9 L1`
NAMED = 4  # patients that are named beside a change


def answers_of(knowledge: KnowledgeBase, cases: Sequence[Case]) -> Answers:
    """Return what is found of each lesion of some cases; raise `Inexact` for rules that no program can compute."""
    names = [f"{case.id} {lesion.id}" for case in cases for lesion in case.lesions]
    found = cohort_of(knowledge).advise(Columns.of(cases), fired=True)
    return {name: _answer(found.row(i)) for i, name in enumerate(names)}


def _answer(verdict: LesionVerdict) -> Answer:
    found: dict[str, Any] = {}
    for pathway, status in sorted(verdict.statuses.items()):
        if status != "open":
            found.setdefault(status, []).append(pathway)
    found |= {name: list(getattr(verdict, name)) for name in ("stopped", "dangers", "contradictions", "fired")}
    found["measures"] = dict(verdict.measures)
    return {aspect: what for aspect, what in found.items() if what}


NEW = "has no approved answer"


def changes(before: Answers, after: Answers) -> dict[str, list[str]]:
    """Return each change in words, the gravest first, with the patients (by case and lesion) whose it is."""
    told: dict[tuple[int, str], list[str]] = {}
    for who in sorted({*before, *after}):
        if who not in before or who not in after:
            text = NEW if who not in before else "has an approved answer and is no patient any more"
            told.setdefault((0, text), []).append(who)
            continue
        for change in _changes(before[who], after[who]):
            told.setdefault(change, []).append(who)
    return {text: who for (_, text), who in sorted(told.items())}


def _changes(before: Answer, after: Answer) -> Iterator[tuple[int, str]]:
    """Yield how grave a change is, from 1, and the change."""
    said = (
        ("stopped", "advice stopped by {}", "advice no longer stopped by {}"),
        ("dangers", "danger alert {} new", "danger alert {} lost"),
        ("contradictions", "contradiction about {} new", "contradiction about {} gone"),
        ("fired", "{} fires", "{} fires no more"),
    )
    for grave, (aspect, new, lost) in zip((1, 2, 5, 6), said, strict=True):
        was, is_now = (set(answer.get(aspect, ())) for answer in (before, after))
        yield from ((grave, new.format(name)) for name in is_now - was)
        yield from ((grave, lost.format(name)) for name in was - is_now)
    for grave, of, nothing in ((3, _statuses, "open"), (4, _measures, "not called for")):
        for name in sorted({*of(before), *of(after)}):
            old, now = (of(answer).get(name, nothing) for answer in (before, after))
            if old != now:
                yield grave, f"{name} {old} before, {now} now"


def _statuses(answer: Answer) -> Mapping[str, str]:
    return {pathway: status for status in STATUSES for pathway in answer.get(status, ())}


def _measures(answer: Answer) -> Mapping[str, str]:
    called: Mapping[str, str] = answer.get("measures", {})
    return called


def change_lines(found: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield how many patients' advice changed, and each change with some of its patients; nothing when none has."""
    if not found:
        return
    patients = {who.partition(" ")[0] for names in found.values() for who in names}
    count = "one patient" if len(patients) == 1 else f"{len(patients)} patients"
    if set(found) == {NEW}:
        yield f"{count} {'is' if len(patients) == 1 else 'are'} new:"
    else:
        yield f"the advice of {count} changed:"
    for text, names in found.items():
        yield f"    {text}: {cut_short(names, NAMED)}"


# --- files -------------------------------------------------------------------------------------------------------------


def read_answers(folder: Path, knowledge: KnowledgeBase) -> Answers | None:
    """Return the approved answers of the cases of a folder; None when there are none of this framework."""
    data = _read(folder)
    if data["framework"] != knowledge.framework.id:
        return None
    rules: list[str] = data["rules"]

    def fired(answer: Answer) -> list[str]:
        bits = int.from_bytes(bytes.fromhex(answer["fired"]), "little")
        return [name for i, name in enumerate(rules) if bits >> i & 1]

    return {who: {**answer, "fired": fired(answer)} for who, answer in data["answers"].items()}


def _read(folder: Path) -> Any:
    try:
        return json.loads((folder / ANSWERS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"framework": None, "rules": [], "answers": {}}


def answers_text(found: Answers, knowledge: KnowledgeBase, folder: Path) -> str:
    """Return approved answers as their file in a folder has them: a line for each lesion.

    Which rules fired is a bit for each, in the order of `rules`, the first in the lowest; a new rule comes last, so that the
    lines of those for whom it does not fire stay as they are.
    """
    fired = {name for answer in found.values() for name in answer.get("fired", ())}
    rules = [name for name in _read(folder)["rules"] if name in fired]
    rules += sorted(fired.difference(rules))
    place = {name: i for i, name in enumerate(rules)}

    def packed(answer: Answer) -> str:
        bits = sum(1 << place[name] for name in answer.get("fired", ()))
        return bits.to_bytes(len(rules) // 8 + 1, "little").rstrip(b"\0").hex()

    lines = (
        f"{json.dumps(who)}: {_json({**answer, 'fired': packed(answer)})}" for who, answer in sorted(found.items())
    )
    head = f'{{"framework": {json.dumps(knowledge.framework.id)},\n"rules": {_json(rules)},\n"answers": {{\n'
    return head + ",\n".join(lines) + "\n}}\n"


def _json(data: object) -> str:
    return json.dumps(data, separators=(",", ":"))


def read_witnesses(folder: Path, knowledge: KnowledgeBase) -> list[Case]:
    """Return the witnesses beside the cases of a folder; raise `Invalid` with the problems of all, by line."""
    file = folder / WITNESSES
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def read(numbered: tuple[int, str]) -> Case:
        number, line = numbered
        try:
            return case_from(json.loads(line), knowledge, typed=False)
        except Invalid as invalid:
            place = Position(WITNESSES, number)
            raise Invalid(
                Problem(place, p.about, f"{p.position.file}: {p.message}") for p in invalid.problems
            ) from None

    return gathered(read, enumerate(lines, start=1))


def witness_lines(cases: Iterable[Case], taken: Iterable[Case], knowledge: KnowledgeBase) -> Iterator[str]:
    """Yield new witnesses as lines of their file, each numbered within its theme after those that are taken."""
    names = {case.id for case in taken}
    for case in cases:
        theme = case.id.partition("-")[0]
        number = next(n for n in range(1, len(names) + 2) if f"{theme}-{n}" not in names)
        names.add(name := f"{theme}-{number}")
        yield json.dumps({**case_data(case, knowledge, typed=False), "case": name}, default=float, ensure_ascii=False)
