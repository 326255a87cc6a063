"""On which findings a recommendation hangs: a small decision table, one to three of them on the way to each row.

The table is the rule base evaluated in part for one patient. Its columns are findings, or assessments that rules make of
them (stable or not, fit for an operation or not). Its rows part all that these can still be, and each is settled by the
solver: what is recommended in every completion that the suppositions allow, or which outcomes are still left. The
table is grown as a tree: what leaves fewest outcomes is asked first, and each branch asks further by itself. Then a
finding stands in place of each assessment that hangs on it alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from itertools import chain
from operator import or_

from engine.analysis.asking import Given, Rank, board_order, cost_of, is_due
from engine.analysis.conditions import Conditions
from engine.inference.subjects import PATIENT, Fact, Subject
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.completions import Outcome
from engine.symbolic.inputs import Turning
from engine.symbolic.solver import Model, Solver
from knowledge_base.language.domains import Values, both
from knowledge_base.language.vocabulary import Attribute

MOST_COLUMNS = 3  # findings on the way to a row; another row may ask others
MOST_ROWS = 6
MOST_READINGS = 20  # what can be found in more ways is no column for a table on one screen
MOST_TOLD = 2  # outcomes that a row may leave and still be worth telling: this one or that
MOST_USEFUL = 10  # columns of which tables are made
TRIED = (0, 1, 2, 4)  # of them, how many are tried where no, one, two or three may still be asked
MOST_ASKED = 800  # questions to the solver after which no further columns are looked at
MOST_OUTCOMES = 16  # among which three findings can decide; with more, a plan is open
NOTHING = Fraction(1, 2)  # what an outcome tells that recommends nothing, beside one that recommends something
COURSE = Fraction(1, 2)  # what is told by a course of treatment, beside an outcome
LITTLE = Fraction(1, 18)  # what a split must tell to be worth its rows
ENOUGH = Fraction(1, 4)  # of what a table could tell, each reading counting alike; one that tells less is not shown


@dataclass(frozen=True)
class Reading:
    """What a column may be found to be: one of these values, or (`settled` false) not settled among them."""

    literal: Lit
    values: Values
    settled: bool = True


@dataclass(frozen=True, eq=False)
class Column:
    """A finding, or an assessment of findings, and its possible readings in order."""

    fact: Fact
    attribute: Attribute
    readings: tuple[Reading, ...]

    @property
    def fits_a_table(self) -> bool:
        """Tell whether it holds one value, out of few enough."""
        return self.attribute.type != "several" and len(self.readings) <= MOST_READINGS

    @property
    def cost(self) -> Fraction:
        """What it takes to find it out."""
        return cost_of(self.attribute)

    @property
    def rank(self) -> Rank:
        return board_order(self.fact, self.attribute)


def is_told(outcomes: Collection[Collection[str]]) -> bool:
    """Tell whether outcomes (or courses) are few enough to be worth telling; that there may be none does not count."""
    return sum(map(bool, outcomes)) <= MOST_TOLD


@dataclass(frozen=True)
class Leaf:
    """The end of a branch: the outcomes that may still follow, by their places; decided when there is one.

    `courses` are what these amount to (`course` of pathways.yaml), alike ones as one.
    """

    outcomes: tuple[Outcome, ...]
    left: frozenset[int]
    courses: frozenset[Outcome]

    @property
    def outcome(self) -> Outcome | None:
        """The one that follows, or None when several still may."""
        return self.outcomes[0] if len(self.outcomes) == 1 else None

    @property
    def told(self) -> frozenset[Outcome]:
        """What it tells: one outcome or course, or one of two, or else that nothing is recommended; empty: nothing."""
        return next((told for told in (frozenset(self.outcomes), self.courses) if is_told(told)), frozenset())

    @property
    def tells(self) -> bool:
        return bool(self.told)

    @property
    def gain(self) -> Fraction:
        """How much it tells: this or that is half as much as one alone, and a course half as much as an outcome."""
        if not (told := self.told):
            return Fraction(0)
        worth = sum((Fraction(1) if outcome else NOTHING for outcome in told), Fraction()) / len(told) ** 2
        return worth if is_told(self.outcomes) else worth * COURSE

    @property
    def count(self) -> int:
        return 1


@dataclass(frozen=True)
class Branch:
    """What a column is found to be, what share of its readings that is, and what follows."""

    reading: Reading
    share: Fraction
    tree: "Leaf | Split"


@dataclass(frozen=True)
class Split:
    """A branching by one column."""

    column: Column
    branches: tuple[Branch, ...]

    @property
    def gain(self) -> Fraction:
        return sum((branch.share * branch.tree.gain for branch in self.branches), Fraction())

    @property
    def count(self) -> int:
        """How many rows it takes."""
        return sum(branch.tree.count for branch in self.branches)


Tree = Leaf | Split


@dataclass(frozen=True)
class DecisionRow:
    """A row of the table: what is found in some columns, and what follows."""

    cells: tuple[tuple[Column, Reading], ...]
    leaf: Leaf

    @property
    def literals(self) -> tuple[Lit, ...]:
        return tuple(reading.literal for _, reading in self.cells)


@dataclass(frozen=True)
class DecisionTable:
    """A decision table; its rows exclude each other and leave nothing out."""

    columns: tuple[Column, ...]
    rows: tuple[DecisionRow, ...]
    gain: Fraction


class Forking:
    """Looks for the table of one lesion, among the outcomes that the suppositions about the patient leave."""

    def __init__(
        self, conditions: Conditions, lesion: Subject, outcomes: Sequence[tuple[Outcome, Model]], given: Given
    ) -> None:
        self.conditions = conditions
        self.given = given
        self.completions = conditions.completions
        self.encoding = conditions.encoding
        self.circuit = conditions.circuit
        self.solver = Solver(self.circuit, conditions.literals)
        self.lesion = lesion
        self.outcomes = [outcome for outcome, _ in outcomes]
        self.literals = [self.encoding.is_outcome(lesion, outcome) for outcome in self.outcomes]
        self._tracked = {*self.literals, *(reading.literal for column in self.columns for reading in column.readings)}
        self._parts: dict[Lit, tuple[Lit, ...]] = {}  # of a gate that says that one of several things was found
        self._met: list[set[Lit]] = []  # completions, as far as they tell of readings and outcomes
        self._where: dict[Lit, int] = {}  # in which of them something is so, as bits
        self._never: list[tuple[frozenset[Lit], frozenset[int]]] = []  # outcomes that some findings rule out
        self._left: dict[frozenset[Lit], frozenset[int]] = {}
        self._asked = 0
        for _, model in outcomes:
            self._meet(model)

    # --- columns -----------------------------------------------------------------------------------------------

    @cached_property
    def columns(self) -> list[Column]:
        """Every finding and assessment of findings, in a board's order."""
        found = [*self._findings(), *self._assessments()]
        return sorted((column for column in found if len(column.readings) > 1), key=_rank)

    def _findings(self) -> Iterator[Column]:
        for fact in self.completions.unknown:
            held = self.completions.inputs[fact]
            if fact.subject in (PATIENT, self.lesion) and held.attribute.class_ == "finding":
                yield Column(fact, held.attribute, tuple(_readings(held)))

    def _assessments(self) -> Iterator[Column]:
        for name, attribute in self.completions.knowledge.vocabulary.items():
            if attribute.assessment and not attribute.given and attribute.type != "several":
                subject = PATIENT if attribute.of == "patient" else self.lesion
                yield Column(subject.fact(name), attribute, tuple(self._readings(subject, name)))

    def _readings(self, subject: Subject, name: str) -> Iterator[Reading]:
        """Yield each single cell to which an assessment may come, and that it comes to none."""
        alone = self.encoding.alone(self.encoding.possible(subject, name))
        for cell, literal in zip(self.encoding.cells.of(name), alone, strict=True):
            if self._is_possible(literal):
                yield Reading(literal, cell)
        if self._is_possible(unsettled := self.circuit.all(-literal for literal in alone)):
            yield Reading(unsettled, self.completions.knowledge.vocabulary[name].domain, settled=False)

    def _is_possible(self, literal: Lit) -> bool:
        return literal == TRUE or (literal != FALSE and self.solver.can_be(literal))

    # --- what is left ------------------------------------------------------------------------------------------

    def left(self, *found: Lit) -> frozenset[int]:
        """Return the places of the outcomes that are still possible when these things are found."""
        key = frozenset(found)
        if key not in self._left:
            self._left[key] = self._ask(key)
        return self._left[key]

    def _ask(self, found: frozenset[Lit]) -> frozenset[int]:
        """Ask for each outcome that is neither met under these findings nor known to be ruled out by some of them."""
        at_hand = -1
        for literal in found:
            at_hand &= self._bits(literal)
        left = {i for i, literal in enumerate(self.literals) if at_hand & self._bits(literal)}
        possible = frozenset(range(len(self.literals))).difference(*self._ruled_out(found))
        while rest := possible - left:
            self._asked += 1
            model = self.solver.model(self.circuit.any(self.literals[i] for i in sorted(rest)), *sorted(found))
            if model is None:
                self._never.append((frozenset(self.solver.last_core()) & found, rest))
                break
            self._meet(model)
            left |= {i for i, literal in enumerate(self.literals) if literal in model}
        return frozenset(left)

    def _ruled_out(self, found: frozenset[Lit]) -> Iterator[frozenset[int]]:
        yield from (outcomes for some, outcomes in self._never if some <= found)
        every = frozenset(range(len(self.literals)))
        fewer = (found - {literal} for literal in found)
        yield from (every - self._left[some] for some in fewer if some in self._left)

    def _meet(self, model: Model) -> None:
        """Remember a completion."""
        met = model.among(self._tracked)
        bit = 1 << len(self._met)
        self._met.append(met)
        for literal in met:
            self._where[literal] = self._where.get(literal, 0) | bit

    def _bits(self, literal: Lit) -> int:
        """Return in which of the completions that were met a literal is true, as far as they tell."""
        if literal == TRUE:
            return -1
        return reduce(or_, (self._where.get(part, 0) for part in self._parts.get(literal, (literal,))), 0)

    def narrowing(self, columns: Iterable[Column], *found: Lit) -> Iterator[Column]:
        """Yield those of some columns of which a possible reading rules an outcome out, one after the other."""
        every = self.left(*found)
        for column in columns:
            if any(frozenset() < self.left(*found, r.literal) < every for r in column.readings):
                yield column

    def _look_at_each(self, columns: Iterable[Column]) -> None:
        """Find out what each single reading of some columns leaves, all readings of an outcome in few questions."""
        kinds = [[reading.literal for reading in column.readings] for column in columns]
        possible = {}
        for i, literal in enumerate(self.literals):
            at_hand = (met for met in self._met if literal in met)
            possible[i] = self.solver.possible(kinds, literal, at_hand=at_hand, met=self._meet)
        for literal in chain.from_iterable(kinds):
            self._left[frozenset([literal])] = frozenset(i for i, found in possible.items() if literal in found)

    def answers(self, column: Column, found: tuple[Lit, ...] = ()) -> Iterator[tuple[Reading, frozenset[int]]]:
        """Yield the readings of a column, those that leave the same outcomes as one, with the places of what they leave."""
        for reading, _ in self._groups(column, found):
            yield reading, self.left(*found, reading.literal)

    # --- tables ------------------------------------------------------------------------------------------------

    def table(self) -> DecisionTable | None:
        """Return the table that tells most in few rows, the cheaper of equal ones; None when none recommends anything."""
        if len(self.outcomes) > MOST_OUTCOMES:
            return None
        fitting = [column for column in self.columns if column.fits_a_table]
        self._look_at_each(fitting)
        useful = sorted(self.narrowing(fitting), key=lambda column: self._promise((), column))[:MOST_USEFUL]
        tables = []
        for column in [column for column in useful if self._is_due(column)][: TRIED[MOST_COLUMNS]]:
            tree = self.pruned(self._split((), column, useful, MOST_COLUMNS, ()))
            if _is_worth_reading(tree):
                tables.append(_table(tree))
        best = min(tables, key=lambda t: (-t.gain, _cost(t.columns), len(t.rows), _ranks(t.columns)), default=None)
        return best and self._in_findings(best)

    def _is_due(self, column: Column, told: Collection[Fact] = ()) -> bool:
        return is_due(column.fact, self.given, self.completions.knowledge.vocabulary, told)

    def _best(self, found: tuple[Lit, ...], columns: Iterable[Column], depth: int) -> list[Column]:
        """Return the columns that promise most after what was found, as many as are tried where so many may follow."""
        useful = list(self.narrowing(columns, *found))
        return sorted(useful, key=lambda column: self._promise(found, column))[: TRIED[depth]]

    def _promise(self, found: tuple[Lit, ...], column: Column) -> tuple[Fraction, Fraction, Rank]:
        """Return how many outcomes a column leaves, less what it tells, each reading counting alike, and what it takes."""
        groups = self._groups(column, found)
        leaves = [(share, self._leaf(self.left(*found, reading.literal))) for reading, share in groups]
        undecided = sum((share * (len(leaf.left) - leaf.gain) for share, leaf in leaves), Fraction())
        return undecided, column.cost, column.rank

    def _leaf(self, left: frozenset[int]) -> Leaf:
        outcomes = tuple(self.outcomes[i] for i in sorted(left))
        return Leaf(outcomes, left, frozenset(map(self._course, outcomes)))

    def _course(self, outcome: Outcome) -> Outcome:
        pathways = (self.completions.knowledge.pathways[name] for name in outcome)
        return frozenset(pathway.course or pathway.label for pathway in pathways)

    def _grown(
        self, found: tuple[Lit, ...], columns: Sequence[Column], depth: int, told: tuple[Fact, ...] = ()
    ) -> Tree:
        """Return the tree that tells most in fewest rows, each branch with columns of its own, no deeper than `depth`."""
        left = self.left(*found)
        if len(left) == 1 or not depth or self._asked > MOST_ASKED:
            return self._leaf(left)
        due = [column for column in columns if self._is_due(column, told)]
        splits = (self._split(found, column, columns, depth, told) for column in self._best(found, due, depth))
        return min(splits, key=lambda tree: (-tree.gain, tree.count), default=self._leaf(left))

    def _split(
        self, found: tuple[Lit, ...], column: Column, columns: Sequence[Column], depth: int, told: tuple[Fact, ...]
    ) -> Tree:
        """Return a branching by one column; what this is to be asked after is asked no more below."""
        before = column.attribute.asked_after
        others = [other for other in columns if other is not column and other.attribute.id not in before]
        branches = (
            Branch(r, share, self._grown((*found, r.literal), others, depth - 1, (*told, column.fact)))
            for r, share in self._groups(column, found)
        )
        return self._merged(Split(column, tuple(branches)))

    def _groups(self, column: Column, found: tuple[Lit, ...]) -> list[tuple[Reading, Fraction]]:
        """Return the readings of a column, those that leave the same outcomes as one, each with its share of them."""
        groups: dict[tuple[bool, frozenset[int]], list[Reading]] = {}
        for reading in column.readings:
            if left := self.left(*found, reading.literal):
                groups.setdefault((reading.settled, left), []).append(reading)
        count = sum(map(len, groups.values()))
        return [self._group(readings, left, found, count) for (_, left), readings in groups.items()]

    def _group(
        self, readings: list[Reading], left: frozenset[int], found: tuple[Lit, ...], count: int
    ) -> tuple[Reading, Fraction]:
        reading = self._one_of(readings)
        self._left[frozenset((*found, reading.literal))] = left  # what each of them leaves, one of them leaves
        return reading, Fraction(len(readings), count)

    def _merged(self, split: Split) -> Tree:
        """Return a split in which branches that end alike are one; that end, when all of them do."""
        alike: dict[object, list[Branch]] = {}
        for branch in split.branches:
            alike.setdefault((branch.reading.settled, _shape(branch.tree)), []).append(branch)
        joined = tuple(self._joined(branches) for branches in alike.values())
        leaves = [branch.tree for branch in joined if isinstance(branch.tree, Leaf)]
        if len(leaves) == len(joined) and len({_shape(leaf) for leaf in leaves}) == 1:
            return _ended(leaves)
        return joined[0].tree if len(joined) == 1 else Split(split.column, joined)

    def _joined(self, branches: list[Branch]) -> Branch:
        leaves = [branch.tree for branch in branches if isinstance(branch.tree, Leaf)]
        tree = _ended(leaves) if leaves else branches[0].tree
        share = sum((branch.share for branch in branches), Fraction())
        return Branch(self._one_of([branch.reading for branch in branches]), share, tree)

    def _one_of(self, readings: Sequence[Reading]) -> Reading:
        if len(readings) == 1:
            return readings[0]
        values: Values = reduce(or_, (reading.values for reading in readings))
        one_of = self.circuit.any(reading.literal for reading in readings)
        parts = chain.from_iterable(self._parts.get(r.literal, (r.literal,)) for r in readings)
        self._parts[one_of] = tuple(dict.fromkeys(parts))
        return Reading(one_of, values, readings[0].settled)

    # --- findings in place of assessments ----------------------------------------------------------------------

    def _in_findings(self, table: DecisionTable) -> DecisionTable:
        """Return a table in which a finding stands in place of an assessment that hangs on nothing else."""
        findings = [c for c in self.columns if c.attribute.given and len(c.readings) <= MOST_ROWS and self._is_due(c)]
        asked = {}
        for column in table.columns:
            if not column.attribute.given:
                asked[column] = next((finding for finding in findings if self._settles(finding, column)), column)
        return _table_of((self._asking(row, asked) for row in table.rows), table.gain)

    def _settles(self, finding: Column, assessment: Column) -> bool:
        """Tell whether each reading of a finding leaves one reading of an assessment."""
        for found in finding.readings:
            at_hand = self._bits(found.literal)
            seen = [reading for reading in assessment.readings if at_hand & self._bits(reading.literal)]
            if len(seen) != 1 or self.solver.can_be(found.literal, -seen[0].literal):
                return False
        return True

    def _asking(self, row: DecisionRow, asked: Mapping[Column, Column]) -> DecisionRow:
        """Return a row that tells what is found in place of what is assessed; what two cells say of a finding is one."""
        literals: dict[Column, list[Lit]] = {}
        for column, reading in row.cells:
            literals.setdefault(asked.get(column, column), []).append(reading.literal)
        before = dict(row.cells)
        return DecisionRow(
            tuple(
                (column, before[column] if column in before and len(told) == 1 else self._found(column, told))
                for column, told in literals.items()
            ),
            row.leaf,
        )

    def _found(self, finding: Column, told: Iterable[Lit]) -> Reading:
        """Return all of a finding with which some things are so that it settles."""
        so = [reading for reading in finding.readings if self.solver.can_be(reading.literal, *told)]
        return self._one_of(so)

    # --- few rows ----------------------------------------------------------------------------------------------

    def pruned(self, tree: Tree) -> Tree:
        """Return a tree in few enough rows: branches that tell little end early, undecided."""
        while ends := list(_ends(tree, Fraction(1), ())):
            lost, _, path = min(ends)
            if tree.count <= MOST_ROWS and (lost >= LITTLE or not path):
                break
            tree = self._cut(tree, path)
        return tree

    def _cut(self, tree: Tree, path: tuple[int, ...]) -> Tree:
        assert isinstance(tree, Split)
        if not path:
            return _ended([branch.tree for branch in tree.branches if isinstance(branch.tree, Leaf)])
        branches = list(tree.branches)
        branch = branches[path[0]]
        branches[path[0]] = Branch(branch.reading, branch.share, self._cut(branch.tree, path[1:]))
        return self._merged(Split(tree.column, tuple(branches)))


def _readings(held: Turning) -> Iterator[Reading]:
    """Yield each value that an input may have; of what holds several at once, each set of one."""
    if held.is_set:
        yield from (Reading(held.says(value), value) for value in held.answers())
        return
    for cell, literal in zip(held.cells, held.choices, strict=True):
        if literal != FALSE:
            yield Reading(literal, both(cell, held.values))


def _ends(tree: Tree, weight: Fraction, path: tuple[int, ...]) -> Iterator[tuple[Fraction, int, tuple[int, ...]]]:
    """Yield where a tree could end a split earlier: what would be lost, how many rows stay, and the way there."""
    if not isinstance(tree, Split):
        return
    leaves = [branch.tree for branch in tree.branches if isinstance(branch.tree, Leaf)]
    if len(leaves) == len(tree.branches):
        yield weight * (tree.gain - _ended(leaves).gain), -tree.count, path
    for i, branch in enumerate(tree.branches):
        yield from _ends(branch.tree, weight * branch.share, (*path, i))


def _shape(tree: Tree) -> object:
    """Return what makes two trees alike: the same ends under the same readings."""
    if isinstance(tree, Leaf):
        return tree.told
    return tree.column.fact, tuple((branch.reading.literal, _shape(branch.tree)) for branch in tree.branches)


def _ended(leaves: Sequence[Leaf]) -> Leaf:
    """Return the leaf in which some leaves end: decided alike, or undecided."""
    every = {i: outcome for leaf in leaves for i, outcome in zip(sorted(leaf.left), leaf.outcomes, strict=True)}
    courses = frozenset[Outcome]().union(*(leaf.courses for leaf in leaves))
    return Leaf(tuple(every[i] for i in sorted(every)), frozenset(every), courses)


def _is_worth_reading(tree: Tree) -> bool:
    """Tell whether a tree tells enough, or something in each row; in two rows or more, one of which may recommend."""
    rows = [row.leaf for row in _rows(tree, ())]
    told = [leaf for leaf in rows if leaf.tells]
    tells = tree.gain >= ENOUGH or told == rows
    return tells and len(told) > 1 and any(any(leaf.outcomes) for leaf in told)


def _table(tree: Tree) -> DecisionTable:
    return _table_of(_rows(tree, ()), tree.gain)


def _table_of(some: Iterable[DecisionRow], gain: Fraction) -> DecisionTable:
    rows = tuple(some)
    columns = sorted({column for row in rows for column, _ in row.cells}, key=_rank)
    return DecisionTable(tuple(columns), rows, gain)


def _rows(tree: Tree, cells: tuple[tuple[Column, Reading], ...]) -> Iterator[DecisionRow]:
    if isinstance(tree, Leaf):
        yield DecisionRow(cells, tree)
        return
    for branch in tree.branches:
        yield from _rows(branch.tree, (*cells, (tree.column, branch.reading)))


def _rank(column: Column) -> Rank:
    return column.rank


def _ranks(columns: Iterable[Column]) -> list[Rank]:
    return [column.rank for column in columns]


def _cost(columns: Iterable[Column]) -> Fraction:
    return sum((column.cost for column in columns), Fraction())
