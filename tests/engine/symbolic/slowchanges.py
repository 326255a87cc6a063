"""The smallest sets of changes, found the slow way: every combination of changed values is run through the engine.

Where a pathway is asked for, what is not known may be told too.
"""

from collections.abc import Iterable
from itertools import combinations, product

from bruteforce import Fact, Told, changed, facts_of, given_of, run
from toys import values_in_cells, values_of

from cases.model import Case
from engine import Reasoner
from engine.analysis.contrasts import Changes, ChangeSets
from engine.analysis.counterfactuals import LARGEST, MOST, Changing
from engine.symbolic.partition import Cells
from knowledge_base import KnowledgeBase
from knowledge_base.language.domains import Subsets, Values

Move = frozenset[tuple[Fact, object]]  # each changed input, and the cell (or set) that it moves to


def changes(
    case: Case, reasoner: Reasoner, lesion: str, pathway: str | None = None, largest: int = LARGEST, most: int = MOST
) -> Changes:
    """Return the changes that the engine finds; with a pathway also by telling what is not known."""
    changing = Changing(reasoner.consult(case), reasoner, telling=pathway is not None)
    return changing.changes(lesion, pathway, largest, most)


class SlowChanges:
    def __init__(
        self, knowledge: KnowledgeBase, reasoner: Reasoner, case: Case, lesion: str, pathway: str | None
    ) -> None:
        self.knowledge, self.reasoner, self.case = knowledge, reasoner, case
        self.lesion, self.pathway = lesion, pathway
        self.cells = Cells(knowledge, case)
        self.given = given_of(case)
        self.facts = sorted(set(self.given) | (set(facts_of(knowledge, case)) if pathway else set()))
        self.now = run(reasoner, case).outcomes[lesion]
        self.runs: dict[tuple[int, bool], set[Move]] = {}

    def leading(self, size: int, fixed: bool) -> set[Move]:
        """Return every set of changes of a size that leads there, of those without (or with) what cannot change."""
        if (size, fixed) not in self.runs:
            self.runs[size, fixed] = {
                frozenset((fact, self.place(fact, value)) for fact, value in move.items())
                for facts in combinations(self.facts, size)
                if self.is_fixed(facts) == fixed
                for values in product(*(self.others(fact) for fact in facts))
                for move in [dict(zip(facts, values, strict=True))]
                if self.leads_there(move)
            }
        return self.runs[size, fixed]

    def leads_there(self, move: dict[Fact, Values]) -> bool:
        result = run(self.reasoner, changed(self.case, move))
        outcome = result.outcomes[self.lesion]
        return result.is_coherent and (self.pathway in outcome if self.pathway else outcome != self.now)

    def others(self, fact: Fact) -> list[Values]:
        """Return what an input can change to; what is not known, to any value when that may be told."""
        given, every = self.given.get(fact), values_in_cells(self.knowledge.vocabulary[fact[1]], self.cells)
        attribute = self.knowledge.vocabulary[fact[1]]
        if given is None and attribute.class_ in ("wish", "setting"):  # nobody is told what to wish
            return []
        if isinstance(every[0], Subsets):
            return [v for v in every if len(v.required) == 1 and v != given]
        if attribute.class_ == "exception":  # none is made up
            assert attribute.usual_values is not None
            every = [v for v in every if not (v & attribute.usual_values).is_empty]  # type: ignore[operator]
        return every if given is None else [v for v in every if (v & given).is_empty]  # type: ignore[operator]

    def place(self, fact: Fact, value: Values) -> object:
        return value if isinstance(value, Subsets) else self.cells.meeting(fact[1], value)

    def is_fixed(self, facts: Iterable[Fact]) -> bool:
        return any(fact in self.given and self.knowledge.vocabulary[fact[1]].fixed for fact in facts)

    def smallest(self, largest: int, fixed: bool) -> set[Move]:
        """Return the smallest sets without (or with) inputs that cannot change, of which no part would do."""
        for size in range(1, largest + 1):
            found = {move for move in self.leading(size, fixed) if not self.part_does(move)}
            if found:
                return found
        return set()

    def part_does(self, move: Move) -> bool:
        parts = (frozenset(part) for n in range(1, len(move)) for part in combinations(move, n))
        return any(part in self.leading(len(part), self.is_fixed(fact for fact, _ in part)) for part in parts)

    # --- what the symbolic reading says ------------------------------------------------------------------------

    def disagreements(self, largest: int) -> list[str]:
        found = changes(self.case, self.reasoner, self.lesion, self.pathway, largest, most=10_000)
        if found.already != (self.pathway is not None and self.pathway in self.now):
            return [f"already is {found.already}"]
        if found.already:
            return []
        differ = []
        for fixed, sets in ((False, found.changeable), (True, found.fixed)):
            expected, told = self.smallest(largest, fixed), self.told(sets)
            if told != expected or sets.found != len(expected):
                differ.append(f"fixed={fixed}: {told - expected} too many, {expected - told} missing")
            differ += [
                f"{change_set} runs to something else" for change_set in sets.sets if not self.runs_there(change_set)
            ]
        return differ

    def told(self, sets: ChangeSets) -> set[Move]:
        return {
            frozenset(move)
            for change_set in sets.sets
            for move in product(*(self.places(c.fact, c.values) for c in change_set.changes))
        }

    def places(self, told: Told, raw: object) -> list[tuple[Fact, object]]:
        fact = (str(told.subject), told.attribute)
        values = self.knowledge.vocabulary[fact[1]].read(raw)
        if isinstance(values, Subsets):
            return [(fact, values)]
        return [(fact, frozenset({place})) for place in sorted(self.cells.meeting(fact[1], values))]

    def runs_there(self, change_set) -> bool:
        """Tell whether every combination of the values that are told leads to what is told."""
        facts = [(str(change.fact.subject), change.fact.attribute) for change in change_set.changes]
        every = [
            [
                v
                for v in values_of(self.knowledge.vocabulary[fact[1]])
                if _among(v, self.knowledge.vocabulary[fact[1]].read(c.values))
            ]
            for fact, c in zip(facts, change_set.changes, strict=True)
        ]
        results = (run(self.reasoner, changed(self.case, dict(zip(facts, v, strict=True)))) for v in product(*every))
        return all(r.is_coherent and r.outcomes[self.lesion] == frozenset(change_set.recommended) for r in results)


def _among(value: Values, values: Values) -> bool:
    return value == values if isinstance(value, Subsets) else not (value & values).is_empty  # type: ignore[operator]
