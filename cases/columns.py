"""Columns of a table, heard as a case file is: each different cell of a column once, and every mistake by its row."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import isnan

from cases.hearing import attributes_called, hear
from cases.hearing.times import moment
from cases.reader import elsewhere
from knowledge_base.language.domains import Values, both
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.errors import Invalid, Position, Problem, nearest, shown
from knowledge_base.text.strict_yaml import scalar

PATIENT, LESION, DATE = "patient", "lesion", "date"  # columns that are no attributes: whose row it is, and its day
KEYS = (PATIENT, LESION, DATE)
NEAR = 0.8  # how like an attribute's a name must be to be taken for a slip of it


@dataclass(frozen=True)
class Header:
    """What the columns of a table are: attributes by the name of their column, and those that are carried through."""

    attributes: Mapping[str, Attribute]
    carried: tuple[str, ...]


def read_header(
    names: Sequence[str], knowledge: KnowledgeBase, where: str, carry: Collection[str] = (), taken: Collection[str] = ()
) -> Header:
    """Return what the columns of a table are; raise `Invalid` with every one that cannot be.

    A column that is no attribute is carried through, unless its name is nearly that of one: then it is probably meant to
    be read. `carry` names those that are carried whatever they are called; `taken` are names that the output has already.
    """
    found: dict[str, Attribute] = {}
    carried: list[str] = []
    problems: list[str] = []
    if PATIENT not in names:
        problems.append(f"there is no column `{PATIENT}`; add one that says whose row it is")
    problems += [f"two columns are called {shown(n)}; name one of them otherwise" for n in _repeated(names)]
    for name in dict.fromkeys(names):
        if name in KEYS:
            continue
        attribute, problem = (None, None) if name in carry else _attribute(name, knowledge)
        first = next((other for other, known in found.items() if known == attribute), None)
        if first is not None:
            problem = (
                f"column {shown(name)} is {attribute.id if attribute else ''} as {shown(first)} is; keep one of them"
            )
        if problem is not None:
            problems.append(problem)
        elif attribute is not None:
            found[name] = attribute
        elif name in taken:
            problems.append(f"column {shown(name)} is called as one of the answers; name it otherwise")
        else:
            carried.append(name)
    if problems:
        raise Invalid(Problem(Position(where), "", problem) for problem in problems)
    return Header(found, tuple(carried))


def _repeated(names: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]


def _attribute(name: str, knowledge: KnowledgeBase) -> tuple[Attribute | None, str | None]:
    """Return the attribute that a column names, or what is wrong with it; neither for one that is carried through."""
    exact = knowledge.vocabulary.get(name)
    if exact is not None and exact.given:
        return exact, None
    if exact is not None:
        return None, f"column {shown(name)} {elsewhere(knowledge)[name]}, or name it with --carry"
    called = attributes_called(name, knowledge, ("patient", "lesion"))
    if len(called) > 1:
        return None, f"column {shown(name)} may be {' or '.join(a.id for a in called)}; name the one that is meant"
    if called:
        return called[0], None
    known = [a.id for a in knowledge.vocabulary.values() if a.given]
    if near := nearest(name, known, NEAR):
        return None, (
            f"column {shown(name)} is not a known attribute; did you mean {near!r}? If it only stands there, "
            f"name it with --carry {name}"
        )
    return None, None


@dataclass
class ColumnEar:
    """Hears the cells of one column; what was heard once is kept. Code 0 is "nothing is said"."""

    name: str
    attribute: Attribute
    knowledge: KnowledgeBase
    is_typed: bool = True
    meanings: list[Values | None] = field(default_factory=lambda: [None])
    refused: dict[int, str] = field(default_factory=dict)
    implied: dict[int, tuple[tuple[str, Values], ...]] = field(default_factory=dict)
    _codes: dict[object, int] = field(default_factory=dict)
    _places: dict[object, int] = field(default_factory=dict)

    def code(self, raw: object, date: str | None = None) -> int:
        """Return the code of a cell, in a row of this date."""
        key = key_of(raw)
        if key not in self._codes:
            self._codes[key] = self._heard(raw, None)
        code = self._codes[key]
        if code not in self.refused or date is None:
            return code
        return self._heard(raw, date)  # what is counted from a day is refused without one

    def code_of(self, values: Values) -> int:
        """Return the code of values, which may be new."""
        return self._placed(None if values == self.attribute.domain else values, ())

    def _heard(self, raw: object, date: str | None) -> int:
        try:
            if isinstance(raw, str) and not self.is_typed:
                raw = cell_of(raw)
            meaning = hear(self.attribute, raw, self.knowledge, self.name, date)
            values = None if meaning.data is None else self.attribute.read(meaning.data)
            others = tuple((name, self.knowledge.vocabulary[name].read(said)) for name, said in meaning.others.items())
        except ValueError as error:
            self.meanings.append(None)
            self.refused[len(self.meanings) - 1] = f"{self.name}: {error}"
            return len(self.meanings) - 1
        return self._placed(None if values == self.attribute.domain else values, others)

    def _placed(self, values: Values | None, others: tuple[tuple[str, Values], ...]) -> int:
        if values is None and not others:
            return 0
        if (values, others) not in self._places:
            self._places[values, others] = len(self.meanings)
            self.meanings.append(values)
            if others:
                self.implied[len(self.meanings) - 1] = others
        return self._places[values, others]


@dataclass
class HeardTable:
    """Rows of a table as codes of attributes, and what is wrong with some of them, by row."""

    codes: dict[str, list[int]]
    errors: dict[int, list[str]]


class TableEar:
    """Hears tables with one header, part by part. In one that is not typed, texts may be numbers, as in a case file."""

    def __init__(self, header: Header, knowledge: KnowledgeBase, is_typed: bool) -> None:
        self.header = header
        self.knowledge = knowledge
        columns = header.attributes.items()
        self.ears = {attribute.id: ColumnEar(name, attribute, knowledge, is_typed) for name, attribute in columns}

    @property
    def meanings(self) -> dict[str, list[Values | None]]:
        """What the codes of each attribute mean, as far as any was heard."""
        return {name: ear.meanings for name, ear in self.ears.items()}

    def hear(self, columns: Mapping[str, tuple[Sequence[object], Sequence[int]]], size: int) -> HeardTable:
        """Return rows heard: of each column its different cells, and which of them each row has."""
        dates, errors = _dates(columns, size)
        codes: dict[str, list[int]] = {}
        for name, attribute in self.header.attributes.items():
            cells, places = columns[name]
            ear = self.ears[attribute.id]
            known = [ear.code(raw) for raw in cells]
            codes[attribute.id] = mine = list(map(known.__getitem__, places))
            if not ear.refused.keys().isdisjoint(known):
                self._refuse(ear, mine, [cells[place] for place in places], dates, errors)
        for ear in list(self.ears.values()):
            if ear.implied and not ear.implied.keys().isdisjoint(codes[ear.attribute.id]):
                self._imply(ear, codes, errors, size)
        return HeardTable(codes, errors)

    def _refuse(
        self,
        ear: ColumnEar,
        codes: list[int],
        cells: Sequence[object],
        dates: Sequence[str | None],
        errors: dict[int, list[str]],
    ) -> None:
        for row, code in enumerate(codes):
            if code in ear.refused:
                codes[row] = ear.code(cells[row], dates[row])
                if codes[row] in ear.refused:
                    errors.setdefault(row, []).append(ear.refused[codes[row]])

    def _imply(self, ear: ColumnEar, codes: dict[str, list[int]], errors: dict[int, list[str]], size: int) -> None:
        """Narrow other attributes by what words say of them, as far as that does not contradict what the row says."""
        mine = codes[ear.attribute.id]
        for row in range(size):
            for name, values in ear.implied.get(mine[row], ()):
                other = self._ear(name)
                theirs = codes.setdefault(name, [0] * size)
                before = other.meanings[theirs[row]] or other.attribute.domain
                left = both(before, values)
                if left.is_empty:
                    said = other.attribute.sentence(values)
                    words = f"{other.attribute.label}: {other.attribute.words(before)}"
                    text = f"{ear.name}: it says {said}, but the row says {words}; mend one of them"
                    errors.setdefault(row, []).append(text)
                else:
                    theirs[row] = other.code_of(left)

    def _ear(self, name: str) -> ColumnEar:
        if name not in self.ears:
            self.ears[name] = ColumnEar(name, self.knowledge.vocabulary[name], self.knowledge)
        return self.ears[name]


def _dates(
    columns: Mapping[str, tuple[Sequence[object], Sequence[int]]], size: int
) -> tuple[list[str | None], dict[int, list[str]]]:
    """Return the date of each row, and what is wrong with some."""
    errors: dict[int, list[str]] = {}
    if DATE not in columns:
        return [None] * size, errors
    cells, places = columns[DATE]
    known: list[str | None] = []
    wrong: dict[int, str] = {}
    for i, cell in enumerate(cells):
        known.append(None if cell in (None, "") else str(cell))
        try:
            moment(known[i] or "2000-01-01")
        except ValueError as error:
            known[i], wrong[i] = None, f"{DATE}: {error}"
    errors |= {row: [wrong[place]] for row, place in enumerate(places) if place in wrong}
    return [known[place] for place in places], errors


def key_of(raw: object) -> object:
    """Return what tells cells apart: 1, true and "1" are three."""
    if type(raw) is str:
        return raw
    return type(raw), str(raw) if isinstance(raw, list | dict) else raw


def cell_of(text: str) -> object:
    """Return what the text of a cell means: a number, yes or no, nothing, or the text, as in a case file."""
    return scalar(text.strip())


def number_of(number: float) -> object:
    """Return a floating-point cell as a case file has it: nothing for NaN, a whole number, or an exact decimal."""
    if isnan(number):
        return None
    return int(number) if number.is_integer() else Decimal(repr(number))


def distinct(cells: Iterable[object]) -> tuple[list[object], list[int]]:
    """Return the different cells of a column, and which of them each row has."""
    places: dict[object, int] = {}
    known: list[object] = []
    codes = []
    for raw in cells:
        key = key_of(raw)
        if key not in places:
            places[key] = len(known)
            known.append(raw)
        codes.append(places[key])
    return known, codes
