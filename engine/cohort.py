"""Advice for many patients at once: columns in, columns out, one row for each lesion.

Most patients go through the program for everyone; those of whom it cannot be exact go to Experta, one after another. Both
give the same `LesionVerdicts`, so any row can be checked by the other engine; `by_experta` says which rows were Experta's.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import accumulate, compress
from operator import itemgetter

from cases.model import Case, Lesion
from engine.advice import advice_on
from engine.inference.session import Consultation, Reasoner, reasoner_of
from engine.inference.subjects import PATIENT, Subject
from engine.symbolic.kept_programs import kept_program
from engine.symbolic.program import MOST_LESIONS, Inexact, Intake, Program, refuse_inexact, slot
from engine.verdicts import STATUSES
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import ByIdentity, KnowledgeBase
from knowledge_base.language.rules import Rule, soonest

CHUNK = 8192  # patients that go through the program together: their numbers are a kilobyte each
Provider = Callable[[int], Program]


@dataclass(frozen=True)
class LesionVerdict:
    """What is advised for one lesion: statuses by pathway, and lists in order.

    Attributes of the patient and of the lesion are named by their id, those of another lesion `T5.escc_grade`, those of a
    pathway `sbrt.status`; rules that fired for a pathway `OPT-02@sbrt`. Measures and dangers are those of the patient and of
    this lesion; `stopped` says what leaves no advice: hazards, and attributes about which rules contradict each other.
    """

    statuses: Mapping[str, str]
    recommended: tuple[str, ...]
    measures: Mapping[str, str]
    dangers: tuple[str, ...]
    missing: tuple[str, ...]
    contradictions: tuple[str, ...]
    stopped: tuple[str, ...]
    fired: tuple[str, ...]


@dataclass
class Columns:
    """What many patients give: for each attribute a code for each row, and what each code means.

    A row is a lesion; `patients` has the rows of each, in order of the lesions' ids. What is said of the patient is taken
    from the first of them. `lesions` are the ids, by row.
    """

    patients: Sequence[tuple[int, ...]]
    lesions: Sequence[str]
    codes: Mapping[str, Sequence[int]]
    meanings: Mapping[str, Sequence[Values | None]]

    @classmethod
    def of(cls, cases: Sequence[Case]) -> "Columns":
        """Return cases as columns."""
        rows = [{**case.patient, **lesion.given} for case in cases for lesion in case.lesions]
        ids = [lesion.id for case in cases for lesion in case.lesions]
        ends = accumulate(len(case.lesions) for case in cases)
        patients = [tuple(range(end - len(case.lesions), end)) for case, end in zip(cases, ends, strict=True)]
        codes, meanings = {}, {}
        for name in sorted({name for row in rows for name in row}):
            known = list(dict.fromkeys([None, *(row.get(name) for row in rows)]))
            place = {values: i for i, values in enumerate(known)}
            codes[name], meanings[name] = [place[row.get(name)] for row in rows], known
        return cls(patients, ids, codes, meanings)

    def case(self, rows: tuple[int, ...], name: str, knowledge: KnowledgeBase) -> Case:
        """Return one patient as a case of this name."""

        def given(kind: str, row: int) -> dict[str, Values]:
            own = (n for n in sorted(self.codes) if knowledge.vocabulary[n].of == kind)
            said = ((n, self.meanings[n][self.codes[n][row]]) for n in own)
            return {n: values for n, values in said if values is not None}

        lesions = tuple(Lesion(self.lesions[row], given("lesion", row)) for row in rows)
        return Case(name, given("patient", rows[0]), lesions)


@dataclass
class LesionVerdicts:
    """The findings of many rows as columns, and how often each rule fired (or step, in how many lesions)."""

    pathways: tuple[str, ...]
    size: int
    fired_wanted: bool = False
    statuses: dict[str, list[str]] = field(init=False)
    lists: dict[str, list[list[str]]] = field(init=False)
    measures: list[dict[str, str]] = field(init=False)
    counts: Counter[str] = field(default_factory=Counter)
    cover: dict[str, int] = field(default_factory=dict)  # for each rule that fired, a row in which it did
    by_experta: set[int] = field(default_factory=set)  # rows of which the program cannot be exact

    def __post_init__(self) -> None:
        self.statuses = {pathway: ["open"] * self.size for pathway in self.pathways}
        self.lists = {name: [[] for _ in range(self.size)] for name in LISTS}
        self.measures = [{} for _ in range(self.size)]

    def row(self, i: int) -> LesionVerdict:
        """Return the verdict of one row."""
        lists = {name: tuple(column[i]) for name, column in self.lists.items()}
        return LesionVerdict({p: column[i] for p, column in self.statuses.items()}, measures=self.measures[i], **lists)

    def put(self, i: int, verdict: LesionVerdict) -> None:
        """Set the verdict of one row."""
        for pathway, status in verdict.statuses.items():
            self.statuses[pathway][i] = status
        for name in LISTS:
            if name != "fired" or self.fired_wanted:
                self.lists[name][i] = list(getattr(verdict, name))
        self.measures[i] = dict(verdict.measures)
        self.counts.update(verdict.fired)
        for name in verdict.fired:
            self.cover.setdefault(name, i)


LISTS = ("recommended", "dangers", "missing", "contradictions", "stopped", "fired")


class Cohort:
    """A knowledge base that advises on many patients; `programs` gives the program for so many lesions."""

    def __init__(self, knowledge: KnowledgeBase, programs: Provider, reasoner: Callable[[], Reasoner]) -> None:
        self.knowledge = knowledge
        self.intake = Intake(knowledge)
        self._programs = programs
        self._reasoner = reasoner
        self.pathways = tuple(sorted(knowledge.pathways))
        self._forms: dict[str, Forms] = {}

    def advise(self, columns: Columns, fired: bool = False) -> LesionVerdicts:
        """Return the findings of every row of the patients; with `fired`, also the rules that fired in each.

        Rows of no patient stay as they are in new `LesionVerdicts`: open, and empty lists.
        """
        found = LesionVerdicts(self.pathways, len(columns.lesions), fired)
        forms = {name: self._forms_of(name, columns.meanings[name]) for name in columns.codes}
        batches, alone = batched(columns, forms)
        for patients in batches:
            _VerdictPass(self, self._programs(len(patients[0])), columns, forms, patients).into(found)
        for rows in alone:
            self.by_experta(columns, rows, found)
        return found

    def _forms_of(self, name: str, meanings: Sequence[Values | None]) -> "Forms":
        """Return the forms of a column; those of the last part go on to be used while it is the same list that grows."""
        if name not in self._forms or self._forms[name].meanings is not meanings:
            self._forms[name] = Forms(self.intake, name, meanings)
        return self._forms[name].grown()

    def by_experta(self, columns: Columns, rows: tuple[int, ...], found: LesionVerdicts) -> None:
        """Put in what Experta finds of one patient."""
        case = columns.case(rows, "row", self.knowledge)
        found.by_experta.update(rows)
        for row, verdict in zip(rows, self.consulted(case), strict=True):
            found.put(row, verdict)

    def consulted(self, case: Case) -> tuple[LesionVerdict, ...]:
        """Return what Experta finds of one patient, by lesion."""
        return lesion_verdicts(self._reasoner().consult(case, self.knowledge))


def cohort_of(knowledge: KnowledgeBase) -> Cohort:
    """Return a knowledge base that advises on many, with programs that are kept; raise `Inexact` where bits cannot tell."""
    refuse_inexact(knowledge)
    programs = cache(lambda lesions: kept_program(knowledge, lesions))
    return Cohort(knowledge, programs, lambda: reasoner_of(knowledge))


def lesion_verdicts_on(cases: Sequence[Case], knowledge: KnowledgeBase) -> list[tuple[LesionVerdict, ...]]:
    """Return what is found of each case, by lesion: through the program for everyone wherever it is exact."""
    try:
        cohort = cohort_once(ByIdentity(knowledge))
    except Inexact:
        return [lesion_verdicts(reasoner_of(knowledge).consult(case, knowledge)) for case in cases]
    columns = Columns.of(cases)
    found = cohort.advise(columns, fired=True)
    return [tuple(map(found.row, rows)) for rows in columns.patients]


@lru_cache(maxsize=4)
def cohort_once(knowledge: ByIdentity) -> Cohort:
    """Return a knowledge base that advises on many, made once for each."""
    return cohort_of(knowledge.base)


class Forms:
    """What the codes of one attribute are to a program: values of equal parts are of one form, unsaid is form 0."""

    def __init__(self, intake: Intake, name: str, meanings: Sequence[Values | None]) -> None:
        self.meanings = meanings
        self.parts: list[frozenset[int]] = [intake.parts(name, None)]
        self.of_code: list[int] = []
        self.inexact: set[int] = set()
        self._intake, self._name, self._places = intake, name, {self.parts[0]: 0}

    def grown(self) -> "Forms":
        """Take in the meanings that have come since."""
        for code in range(len(self.of_code), len(self.meanings)):
            values = self.meanings[code]
            parts = self._intake.parts(self._name, values)
            if parts not in self._places:
                self._places[parts] = len(self.parts)
                self.parts.append(parts)
            self.of_code.append(self._places[parts])
            if values is not None and not self._intake.is_exact(self._name, values):
                self.inexact.add(code)
        return self

    def of(self, codes: Iterable[int]) -> bytes | list[int]:
        """Return the forms of some codes."""
        if len(self.parts) > 256:
            return [self.of_code[code] for code in codes]
        if len(self.of_code) > 256:
            return bytes(map(self.of_code.__getitem__, codes))
        return bytes(codes).translate(bytes(self.of_code).ljust(256, b"\0"))

    def number(self, part: int, forms: bytes | list[int]) -> int:
        """Return the number that has a bit for each patient (the first in the highest) of whom a part is so."""
        chosen = [part in parts for parts in self.parts]
        if isinstance(forms, bytes):
            return int(forms.translate(bytes(b"01"[is_so] for is_so in chosen).ljust(256, b"0")), 2)
        return int("".join(["01"[chosen[form]] for form in forms]), 2)


Rows = tuple[int, ...]  # of the lesions of one patient


def batched(columns: Columns, forms: Mapping[str, Forms]) -> tuple[list[list[Rows]], list[Rows]]:
    """Return patients with equally many lesions, as many as go through a program together, and those who must not."""
    inexact = {name: form.inexact for name, form in forms.items() if form.inexact}
    alone: list[Rows] = []
    by_size: dict[int, list[Rows]] = {}
    for rows in columns.patients:
        sent = len(rows) > MOST_LESIONS or any(columns.codes[n][r] in bad for n, bad in inexact.items() for r in rows)
        (alone if sent else by_size.setdefault(len(rows), [])).append(rows)
    sizes = [patients for _, patients in sorted(by_size.items())]
    return [every[i : i + CHUNK] for every in sizes for i in range(0, len(every), CHUNK)], alone


def numbers_of(
    program: Program,
    columns: Columns,
    forms: Mapping[str, Forms],
    patients: Sequence[Rows],
    is_so: Callable[[str, int], bool],
) -> Iterator[int]:
    """Yield the number of each input of a program; `is_so` tells what holds of everybody where there is no column."""
    every = (1 << len(patients)) - 1
    gathered: dict[tuple[str, str], bytes | list[int]] = {}
    taken = {slot(i): _taker([rows[i] for rows in patients]) for i in range(program.lesions)}
    for lesion, name, part in program.inputs:
        if name not in forms:
            yield every if is_so(name, part) else 0
            continue
        if (lesion, name) not in gathered:
            gathered[lesion, name] = forms[name].of(taken[lesion or slot(0)](columns.codes[name]))
        yield forms[name].number(part, gathered[lesion, name])


class _VerdictPass:
    """One pass of some patients with equally many lesions through their program."""

    def __init__(
        self,
        cohort: Cohort,
        program: Program,
        columns: Columns,
        forms: Mapping[str, Forms],
        patients: Sequence[tuple[int, ...]],
    ) -> None:
        self.cohort, self.program, self.columns, self.forms, self.patients = cohort, program, columns, forms, patients
        self.size = len(patients)
        self.every = (1 << self.size) - 1
        self.rows = {slot(i): [rows[i] for rows in patients] for i in range(program.lesions)}
        self.ids = {about: [columns.lesions[row] for row in rows] for about, rows in self.rows.items()}
        inputs = numbers_of(program, columns, forms, patients, self._is_unsaid)
        self.results = program.run(list(inputs), self.every)

    def _is_unsaid(self, name: str, part: int) -> bool:
        return part in self.cohort.intake.parts(name, None)

    def into(self, found: LesionVerdicts) -> None:
        """Put in what was found."""
        stopped = dict.fromkeys(self.rows, 0)
        for i, output in self.program.of("stopped"):
            stopped[output[1]] = self.results[i]
        self._statuses(found, stopped)
        for kind in ("hazard", "rules", "inputs", "danger", "missing", "fired"):
            for i, (_, lesion, pathway, name, what) in self.program.of(kind):
                if self.results[i]:
                    self._listed(found, kind, self.results[i], (lesion, pathway, name, what))
        for i, (_, lesion, _, measure, urgency) in self.program.of("measure"):
            for row in self._where(self.results[i], self.rows[lesion]):
                found.measures[row][measure] = urgency
        self._in_order(found)

    def _statuses(self, found: LesionVerdicts, stopped: Mapping[str, int]) -> None:
        grouped: dict[tuple[str, str], dict[str, int]] = {}
        for i, (_, lesion, pathway, status, _) in self.program.of("status"):
            grouped.setdefault((lesion, pathway), {})[status] = self.results[i] & ~stopped[lesion]
        for (lesion, pathway), numbers in grouped.items():
            column = found.statuses[pathway]
            for row, code in zip(self.rows[lesion], self._codes(numbers), strict=True):
                column[row] = STATUSES[code]
            for row in self._where(numbers["recommended"], self.rows[lesion]):
                found.lists["recommended"][row].append(pathway)

    def _codes(self, numbers: Mapping[str, int]) -> bytes:
        """Return, for each patient, the place of a status among all; open where there is none."""
        total = int.from_bytes(bytes([STATUSES.index("open")]) * self.size)
        for status, number in numbers.items():
            shift = STATUSES.index(status) - STATUSES.index("open")
            total += shift * int.from_bytes(self._bits(number)) if number else 0
        return total.to_bytes(self.size)

    def _bits(self, number: int) -> bytes:
        """Return a byte of 0 or 1 for each patient."""
        return f"{number:0{self.size}b}".encode().translate(_DIGITS)

    def _where(self, number: int, rows: Sequence[int]) -> Iterable[int]:
        if number == self.every:
            return rows
        return compress(rows, self._bits(number)) if number else ()

    def _listed(self, found: LesionVerdicts, kind: str, number: int, about: tuple[str, str, str, str]) -> None:
        lesion, pathway, name, what = about
        if kind == "missing":
            self._missing(found, number, lesion, name, what)
            return
        said = f"{name}@{pathway}" if kind == "fired" and pathway else f"{pathway}.{name}" if pathway else name
        if kind == "fired":
            found.counts[said] += number.bit_count() * (1 if lesion else self.program.lesions)
            if said not in found.cover:
                first = self.size - number.bit_length()
                found.cover[said] = self.rows[lesion or slot(0)][first]
            if not found.fired_wanted:
                return
        column = found.lists[_COLUMN[kind]]
        for own in (lesion,) if lesion else self.rows:
            for row in self._where(number, self.rows[own]):
                column[row].append(said)
                if kind == "rules":
                    found.lists["contradictions"][row].append(said)

    def _missing(self, found: LesionVerdicts, number: int, lesion: str, about: str, name: str) -> None:
        column = found.lists["missing"]
        if about in ("patient", lesion):
            for row in self._where(number, self.rows[lesion]):
                column[row].append(name)
            return
        told = {other: f"{other}.{name}" for other in set(self.ids[about])}
        for row, other in compress(zip(self.rows[lesion], self.ids[about], strict=True), self._bits(number)):
            column[row].append(told[other])

    def _in_order(self, found: LesionVerdicts) -> None:
        """Put lists in the order in which `lesion_verdicts` has them; measures come in order."""
        for name in ("dangers", "missing", "contradictions", "stopped", "fired"):
            column = found.lists[name]
            for rows in self.rows.values():
                for row in rows:
                    if len(column[row]) > 1:
                        column[row].sort()


def _taker(places: Sequence[int]) -> Callable[[Sequence[int]], Sequence[int]]:
    """Return what takes the items in these places out of a sequence."""
    if len(places) == 1:
        return lambda items: (items[places[0]],)
    return itemgetter(*places)


_DIGITS = bytes.maketrans(b"01", b"\x00\x01")
_COLUMN = {"hazard": "stopped", "rules": "stopped", "inputs": "contradictions", "danger": "dangers", "fired": "fired"}


def lesion_verdicts(consultation: Consultation) -> tuple[LesionVerdict, ...]:
    """Return what a consultation by Experta finds, by lesion."""
    state = consultation.state
    advice = advice_on(state.knowledge, state.case, consultation, ())
    found = []
    for lesion in advice.lesions:
        me = Subject(lesion.id)
        fired = consultation.firings_about(me)
        rules = [rule for f in fired if isinstance(rule := state.knowledge.units[f.rule], Rule)]
        clashes = [(c.fact, c.between) for c in advice.contradictions]
        mine = [(_called(*fact), between) for fact, between in clashes if fact.subject.at("lesion") in (PATIENT, me)]
        stops = [hazard.id for hazard in lesion.hazards] + [name for name, between in mine if between == "rules"]
        verdict = LesionVerdict(
            statuses={option.pathway: option.status for option in lesion.options},
            recommended=tuple(sorted(lesion.recommended)),
            measures=dict(sorted(soonest((m.measure, m.urgency) for rule in rules for m in rule.measures).items())),
            dangers=tuple(sorted({rule.id for rule in rules if rule.tells_of_danger})),
            missing=tuple(sorted(_seen_from(me, item.fact) for item in lesion.missing)),
            contradictions=tuple(sorted(name for name, _ in mine)),
            stopped=tuple(sorted(stops)),
            fired=tuple(sorted({_fired(f.rule, Subject.of(f.subject)) for f in fired})),
        )
        found.append(verdict)
    return tuple(found)


def _fired(unit: str, subject: Subject) -> str:
    return f"{unit}@{subject.pathway}" if subject.pathway else unit


def _called(subject: Subject, name: str) -> str:
    return f"{subject.pathway}.{name}" if subject.pathway else name


def _seen_from(me: Subject, fact: tuple[Subject, str]) -> str:
    subject, name = fact
    return name if subject in (PATIENT, me) else f"{subject}.{name}"


__all__ = ["Cohort", "Columns", "LesionVerdict", "LesionVerdicts", "lesion_verdicts"]
