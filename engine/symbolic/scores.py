"""The steps of scores as gates: points of an item, their sum, and the class of the sum."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.symbolic.circuit import FALSE, Circuit, Lit
from engine.symbolic.partition import Cells
from knowledge_base.grouping import grouped
from knowledge_base.language.domains import Numbers, Values
from knowledge_base.language.rules import Step


@dataclass(frozen=True)
class ScoreReading:
    """What is read about one subject: `possible` gives, for each cell of an attribute, that it may still be that."""

    circuit: Circuit
    cells: Cells
    possible: Callable[[str], tuple[Lit, ...]]

    def some(self, name: str, values: Values) -> Lit:
        """Return that one of the possible cells of an attribute lies in these values."""
        met = self.cells.meeting(name, values)
        return self.circuit.any(p for i, p in enumerate(self.possible(name)) if i in met)

    def scored(self, step: Step) -> list[Lit]:
        """Return the cells that a step of a score leaves of its attribute."""
        cells = self.cells.of(step.attribute)
        if step.kind == "total":
            least, most = self._sums(step)
            return between(self.circuit, least, most, cells)
        rows = [self.some(step.reads[0], row.accepted) for row in step.rows]
        silent = self.circuit.all(rows)  # every row still possible: the step says nothing
        results = [self.cells.meeting(step.attribute, row.result) for row in step.rows]
        return [
            self.circuit.any([silent, *(hit for hit, result in zip(rows, results, strict=True) if i in result)])
            for i in range(len(cells))
        ]

    def informed(self, step: Step) -> Lit:
        """Return that a step narrows something, and so fires: that its result is less than the whole range of the table."""
        circuit = self.circuit
        if step.kind == "total":
            domain = self.cells.knowledge.vocabulary[step.attribute].domain
            assert isinstance(domain, Numbers)
            least, most = self._sums(step)
            return -circuit.all((least.get(int(domain.low), FALSE), most.get(int(domain.high), FALSE)))
        hits = ((row, self.some(step.reads[0], row.accepted)) for row in step.rows)
        given = grouped((i, hit) for row, hit in hits for i in self.cells.meeting(step.attribute, row.result))
        return circuit.any(-circuit.any(ways) for ways in given.values())

    def _sums(self, step: Step) -> tuple[dict[int, Lit], dict[int, Lit]]:
        """Return the least and the greatest possible sum, one literal for each number."""
        parts = [self._extremes(name) for name in step.reads]
        least = self.circuit.one_hot_sum(least for least, _ in parts)
        return least, self.circuit.one_hot_sum(most for _, most in parts)

    def _extremes(self, name: str) -> tuple[dict[int, Lit], dict[int, Lit]]:
        """Return the least and the greatest possible points of an item."""
        possible, all_of = self.possible(name), self.circuit.all
        ends = [(int(cell.low), int(cell.high)) for cell in self.cells.of(name) if isinstance(cell, Numbers)]
        least = {low: all_of((possible[i], *(-p for p in possible[:i]))) for i, (low, _) in enumerate(ends)}
        most = {high: all_of((possible[i], *(-p for p in possible[i + 1 :]))) for i, (_, high) in enumerate(ends)}
        return least, most


def between(
    circuit: Circuit, least: Mapping[int, Lit], most: Mapping[int, Lit], cells: tuple[Values, ...]
) -> list[Lit]:
    """Return, for each cell, that it meets the range from the least to the greatest sum."""
    return [
        circuit.all(
            (
                circuit.any(literal for number, literal in least.items() if number <= cell.high),
                circuit.any(literal for number, literal in most.items() if number >= cell.low),
            )
        )
        for cell in cells
        if isinstance(cell, Numbers)
    ]
