"""What would change the advice: the smallest sets of changes to what is given that lead to another recommendation.

A change gives an input one value that was not among those given (a set, a single other member); everything else stays as
it is, known or unknown. So these are other states of knowledge, not completions. Only plausible changes are thought of: an
exception may pass but none is made up, a wish is not put into anyone's mouth, and numbers stay within what is `plausible` of
them. Values that lead to the same are told together, and each set that is told has been looked at anew: the patient
so changed comes to what the solver said.
They are kept apart by what can change or be measured again and what cannot (`fixed` in the vocabulary). In the words of
the literature these are contrastive explanations of least cardinality (Ignatiev, Narodytska, Asher, Marques-Silva 2020).
"""

from collections.abc import Iterator
from functools import cache
from itertools import combinations, pairwise

from engine.analysis.contrasts import NOTHING, Change, Changes, ChangeSet, ChangeSets, Found, Moves, is_alone, merged
from engine.analysis.glances import Glance, glances
from engine.inference.session import Consultation, Reasoner
from engine.inference.subjects import Fact, Subject
from engine.inference.trace import Json
from engine.symbolic.circuit import FALSE, TRUE, Circuit, Lit
from engine.symbolic.completions import Outcome, completed
from engine.symbolic.encoding import Encoding
from engine.symbolic.inputs import Changeable, Input, Settled
from engine.symbolic.partition import Cells, value_in
from engine.symbolic.solver import Model, Solver
from engine.verdicts import outcome_of
from knowledge_base.language.domains import Choices, Numbers, Subsets, Values, apart, both
from knowledge_base.language.rules import Argue, Rule
from knowledge_base.language.vocabulary import Attribute

LARGEST = 3  # changes in one set
MOST = 60  # sets told of each kind; a primary tumour alone may have forty values


class Changing:
    """The states of knowledge in which some of what is given is something else, and nothing contradicts.

    Made once for a consultation, then asked of each lesion. With `telling`, what is not known may be told: a change
    from nothing to one value.
    """

    def __init__(self, here: Consultation, reasoner: Reasoner, telling: bool = False) -> None:
        self.here, self.case = here, here.state.case
        self.reasoner, self.knowledge = reasoner, reasoner.knowledge
        self.encoding = Encoding(self.knowledge, self.case, Changeable if telling else _only_given)
        self.circuit = self.encoding.circuit
        self.inputs = {f: x for f, x in self.encoding.inputs.items() if isinstance(x, Changeable)}
        for clash in self.encoding.clashes.values():
            self.circuit.require(-clash)
        for held in self.inputs.values():
            for literal in held.choices:
                if literal != FALSE and not self._is_plausible(held, literal):
                    self.circuit.require(-literal)
            if held.is_set and held.given is None and held.attribute.class_ in ("wish", "setting"):
                self.circuit.require(held.kept)
        self.fixed = [
            f for f, x in self.inputs.items() if x.given is not None and self.knowledge.vocabulary[f.attribute].fixed
        ]
        self.solver = Solver(self.circuit)
        self.changes = cache(self._changes)  # each set that is told is looked at anew: once is enough

    def _is_plausible(self, held: Changeable, literal: Lit) -> bool:
        """Tell whether one may think of a change: an exception may pass, but none is made up; nor is a wish."""
        cell = next(c for c, choice in zip(held.cells, held.choices, strict=True) if choice == literal)
        attribute = held.attribute
        if attribute.class_ == "exception":
            return attribute.usual_values is not None and not apart(cell, attribute.usual_values)
        if attribute.class_ in ("wish", "setting"):
            return held.given is not None
        return attribute.plausible_values is None or not apart(cell, attribute.plausible_values)

    def _changes(self, lesion: str, pathway: str | None = None, largest: int = LARGEST, most: int = MOST) -> Changes:
        """Return the smallest sets of changes that lead to another recommendation, or to this pathway."""
        now = outcome_of(self.here, lesion)
        already = pathway is not None and pathway in now
        search = _Search(self, Subject(lesion), now, pathway)
        free, fixed = (NOTHING, NOTHING) if already else search.both(largest, most)
        return Changes(
            lesion=lesion,
            pathway=pathway,
            recommended=tuple(sorted(now)),
            already=already,
            largest=largest,
            changeable=free,
            fixed=fixed,
        )


def _only_given(circuit: Circuit, cells: Cells, attribute: Attribute, given: Values | None) -> Input:
    return (Settled if given is None else Changeable)(circuit, cells, attribute, given)


class _Search:
    """The search of one lesion for another recommendation, or for one pathway."""

    def __init__(self, changing: Changing, lesion: Subject, now: Outcome, pathway: str | None) -> None:
        self.case, self.knowledge, self.reasoner = changing.case, changing.knowledge, changing.reasoner
        self.encoding, self.circuit, self.solver = changing.encoding, changing.circuit, changing.solver
        self.inputs, self.fixed, self.lesion = changing.inputs, changing.fixed, lesion
        wanted = self.encoding.recommended(lesion)
        self.wanted = wanted[pathway] if pathway else -self.encoding.is_outcome(lesion, now)
        self.guard = self.circuit.free()  # what this search forbids holds while it is assumed

    def both(self, largest: int, most: int) -> tuple[ChangeSets, ChangeSets]:
        """Return the smallest sets without anything fixed, and those with."""
        more_than = _counter(self.circuit, [-held.kept for held in self.inputs.values()], largest)
        still = [self.inputs[fact].kept for fact in self.fixed]
        free = self._smallest([*still], more_than, most)
        if not self.fixed:
            return self._told(free, most), NOTHING
        some_fixed = self.circuit.any(-literal for literal in still)
        fixed = self._smallest([some_fixed], more_than, most, check=True)
        return self._told(free, most), self._told(fixed, most)

    def _smallest(self, assumed: list[Lit], more_than: list[Lit], most: int, check: bool = False) -> "list[Found]":
        """Return the sets of the smallest size at which there are any, one more than `most` when there are more."""
        for limit in more_than:
            found: list[Found] = []
            while (
                len(found) <= most
                and (model := self.solver.model(self.guard, self.wanted, -limit, *assumed)) is not None
            ):
                row = self._row(model)
                part = self._sufficient_part(row) if check else None
                self._forbid(part or row)
                if part is None:
                    found.append((row, self._outcome(model)))
            if found:
                return found
        return []

    def _outcome(self, model: Model) -> Outcome:
        wanted = self.encoding.recommended(self.lesion)
        return frozenset(name for name, lit in wanted.items() if lit == TRUE or (lit != FALSE and lit in model))

    def _row(self, model: Model) -> Moves:
        found: Moves = {}
        for fact, held in self.inputs.items():
            if held.kept in model:
                continue
            if held.is_set:
                members = frozenset(m for m, literal in held.chosen.items() if literal in model)
                found[fact] = Subsets(members, members)
            else:
                cell = next(c for c, lit in zip(held.cells, held.choices, strict=True) if lit in model)
                found[fact] = _within_reason(cell, held.attribute)
        return found

    def _sufficient_part(self, row: Moves) -> Moves | None:
        """Return a part of a set that leads there without the rest, if there is one."""
        for size in range(1, len(row)):
            for facts in combinations(sorted(row), size):
                still = [held.kept for fact, held in self.inputs.items() if fact not in facts]
                said = [self.inputs[fact].says(row[fact]) for fact in facts]
                if self.solver.can_be(self.wanted, *still, *said):
                    return {fact: row[fact] for fact in facts}
        return None

    def _forbid(self, row: Moves) -> None:
        """Forbid a set, and every set that has it as a part."""
        said = [self.circuit.all((self.inputs[fact].says(cell), -self.inputs[fact].kept)) for fact, cell in row.items()]
        self.circuit.require(-self.guard, *(-literal for literal in said))

    # --- telling -----------------------------------------------------------------------------------------------

    def _told(self, rows: "list[Found]", most: int) -> ChangeSets:
        kept = rows[:most]
        told = list(merged(kept, self.encoding.cells.lines.copies))
        cases = [completed(self.case, self._values(row).items()) for row, _ in told]
        found = glances(self.reasoner, [(case, self.knowledge.sides) for case in cases])
        sets = sorted((self._set(*one, there) for one, there in zip(told, found, strict=True)), key=_order)
        size = len(rows[0][0]) if rows else None
        return ChangeSets(size=size, sets=tuple(sets), found=len(kept), is_cut=len(rows) > most)

    def _values(self, row: Moves) -> dict[Fact, Values]:
        """Return one combination of values of a set."""
        return {fact: self._representative(fact, cells) for fact, cells in row.items()}

    def _verified(self, row: Moves, outcome: Outcome, there: Glance) -> Iterator[str]:
        """See that a patient so changed comes to what the circuit said. Yield the rules that recommend."""
        if there.contradictions or frozenset(there.verdict.recommended(self.lesion)) != outcome:
            differing = self._values(row)
            raise RuntimeError(f"the symbolic reading and the engine differ on {self.case.id} with {differing}")
        wanted = {Argue(pathway=pathway, stance="recommend") for pathway in outcome}
        for name, subject in there.fired:
            unit = self.knowledge.units[name]
            if subject.lesion == self.lesion.lesion and isinstance(unit, Rule) and wanted.intersection(unit.arguments):
                yield name

    def _representative(self, fact: Fact, cells: Values) -> Values:
        if isinstance(cells, Choices):
            return Choices(frozenset({min(cells.members, key=str)}))
        value = value_in(cells, self.knowledge.vocabulary[fact.attribute].step)
        assert value is not None, "only cells with a value are chosen"
        return value

    def _set(self, row: Moves, outcome: Outcome, there: Glance) -> ChangeSet:
        rules = tuple(sorted(set(self._verified(row, outcome, there))))
        told = tuple(self._change(fact, row) for fact in sorted(row))
        return ChangeSet(changes=told, recommended=tuple(sorted(outcome)), rules=rules)

    def _change(self, fact: Fact, row: Moves) -> Change:
        attribute, given, values = self.knowledge.vocabulary[fact.attribute], self.inputs[fact].values, row[fact]
        if isinstance(values, Numbers):
            alone = is_alone(fact, row, self.encoding.cells.lines.copies)
            values = attribute.on_steps(values) if alone else self._representative(fact, values)
        return Change(
            fact=fact,
            given=attribute.dump(given),
            given_text=attribute.sentence(given),
            values=_written(attribute, values),
            text=f"{attribute.label}: any value" if values == attribute.domain else attribute.sentence(values),
        )


def _within_reason(cell: Values, attribute: Attribute) -> Values:
    """Return what is plausible, or usual of an exception, of a cell of numbers; of all else the cell itself."""
    bounds = attribute.usual_values if attribute.class_ == "exception" else attribute.plausible_values
    inside = both(cell, bounds) if isinstance(cell, Numbers) and bounds is not None else cell
    return cell if inside.is_empty else inside


def _written(attribute: Attribute, values: Values) -> Json:
    """Return values as JSON; all of them as a list or a range, for here null would say that nothing is known."""
    if values != attribute.domain:
        return attribute.dump(values)
    return attribute.range if isinstance(values, Numbers) else attribute.members_in_order(values)


def _order(found: ChangeSet) -> tuple[object, ...]:
    return (not found.recommended, found.recommended, [(str(change.fact), change.text) for change in found.changes])


def _counter(circuit: Circuit, literals: list[Lit], largest: int) -> list[Lit]:
    """Return literals that say that more than 1, 2, … `largest` of these are true: a counter, after Sinz (2005)."""
    at_least = [TRUE, *[FALSE] * (largest + 1)]
    for literal in literals:
        at_least = [
            TRUE,
            *(circuit.any((more, circuit.all((fewer, literal)))) for fewer, more in pairwise(at_least)),
        ]
    return at_least[2:]
