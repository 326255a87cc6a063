"""The steps of scores as gates: points of an item, their sum, and the class of the sum."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.inference.subjects import Subject
from engine.symbolic.circuit import FALSE, Circuit, Lit
from knowledge_base.language.domains import Numbers, Values
from knowledge_base.language.rules import Step

if TYPE_CHECKING:
    from engine.symbolic.encoding import Encoding


def scored(encoding: "Encoding", step: Step, subject: Subject) -> list[Lit]:
    """Return the cells that a step of a score leaves of its attribute."""
    cells = encoding.cells.of(step.attribute)
    if step.kind == "total":
        parts = [_extremes(encoding, encoding.at(name, subject), name) for name in step.reads]
        least = encoding.circuit.one_hot_sum(least for least, _ in parts)
        most = encoding.circuit.one_hot_sum(most for _, most in parts)
        return between(encoding.circuit, least, most, cells)
    read = step.reads[0]
    possible = encoding.possible(encoding.at(read, subject), read)
    rows = [encoding.some(row.accepted, read, possible) for row in step.rows]
    silent = encoding.circuit.all(rows)  # every row still possible: the step says nothing
    results = [encoding.cells.meeting(step.attribute, row.result) for row in step.rows]
    return [
        encoding.circuit.any([silent, *(hit for hit, result in zip(rows, results, strict=True) if i in result)])
        for i in range(len(cells))
    ]


def informed(encoding: "Encoding", step: Step, subject: Subject) -> Lit:
    """Return that a step narrows something, and so fires: that its result is less than the whole range of the table."""
    circuit = encoding.circuit
    if step.kind == "total":
        domain = encoding.knowledge.vocabulary[step.attribute].domain
        assert isinstance(domain, Numbers)
        parts = [_extremes(encoding, encoding.at(name, subject), name) for name in step.reads]
        least = circuit.one_hot_sum(least for least, _ in parts)
        most = circuit.one_hot_sum(most for _, most in parts)
        return -circuit.all((least.get(int(domain.low), FALSE), most.get(int(domain.high), FALSE)))
    read = step.reads[0]
    possible = encoding.possible(encoding.at(read, subject), read)
    given: dict[int, list[Lit]] = {}
    for row in step.rows:
        hit = encoding.some(row.accepted, read, possible)
        for i in encoding.cells.meeting(step.attribute, row.result):
            given.setdefault(i, []).append(hit)
    return circuit.any(-circuit.any(hits) for hits in given.values())


def _extremes(encoding: "Encoding", subject: Subject, name: str) -> tuple[dict[int, Lit], dict[int, Lit]]:
    """Return the least and the greatest possible points of an item, one literal for each number."""
    cells, possible = encoding.cells.of(name), encoding.possible(subject, name)
    ends = [(int(cell.low), int(cell.high)) for cell in cells if isinstance(cell, Numbers)]
    least = {low: encoding.circuit.all((possible[i], *(-p for p in possible[:i]))) for i, (low, _) in enumerate(ends)}
    most = {
        high: encoding.circuit.all((possible[i], *(-p for p in possible[i + 1 :]))) for i, (_, high) in enumerate(ends)
    }
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
