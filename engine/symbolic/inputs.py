"""What is free in the circuit: the inputs of a case, in each of the ways in which one can look at them.

- `Free`: any state of knowledge whatever, known, partly known or unknown;
- `Settled`: just what is given, all of it constant;
- `Turning`: a completion, in which it has one of the values that the case allows, or (where the vocabulary says so, and
  nothing is given) stays unsaid.
"""

from collections.abc import Iterable, Iterator

from engine.symbolic.cells import Cells, value_in
from engine.symbolic.circuit import FALSE, TRUE, Circuit, Lit
from knowledge_base.values import Subsets, Values
from knowledge_base.vocabulary import Attribute


class Input:
    """The literals of one input.

    `allowed` says of each cell that it may still be that; `single`, that one value is left; `unsaid`, that nothing is
    given. A set has `members` that it may hold and `required` ones instead of cells.
    """

    single: Lit = FALSE
    unsaid: Lit = FALSE

    def __init__(self, circuit: Circuit, cells: Cells, attribute: Attribute, given: Values | None) -> None:
        self.circuit = circuit
        self.attribute = attribute
        self.given = given
        self.values = attribute.domain if given is None else given
        self.cells: tuple[Values, ...] = () if self.is_set else cells.of(attribute.id)
        self.met = frozenset[int]() if self.is_set else cells.meeting(attribute.id, self.values)
        self.allowed: tuple[Lit, ...] = ()
        self.members: dict[str, Lit] = {}
        self.required: dict[str, Lit] = {}
        if self.is_set:
            self._make_set()
        else:
            self._make_cells()

    def _make_set(self) -> None:
        raise NotImplementedError

    def _make_cells(self) -> None:
        raise NotImplementedError

    @property
    def is_set(self) -> bool:
        return self.attribute.type == "several"

    def says(self, values: Values) -> Lit:
        """Return that it has been found to be this one value."""
        if isinstance(values, Subsets):
            held = (lit if m in values.required else -lit for m, lit in self.members.items())
            return self.circuit.all((*held, -self.unsaid))
        ways = (lit for cell, lit in zip(self.cells, self.allowed, strict=True) if not (cell & values).is_empty)  # type: ignore[operator]
        return self.circuit.all((self.circuit.any(ways), -self.unsaid))

    def answers(self) -> Iterator[Values]:
        """Yield the answers that can be told apart: one value of each possible cell, or each set of a single member."""
        if self.is_set:
            yield from (self.attribute.read([member]) for member, lit in self.members.items() if lit != FALSE)
            return
        for cell, literal in zip(self.cells, self.allowed, strict=True):
            if literal != FALSE and (value := value_in(cell & self.values, self.attribute.step)) is not None:  # type: ignore[operator]
                yield value

    def found_in(self, model: "Iterable[Lit]") -> Values | None:
        """Return the value that a completion gives it; None when it leaves it unsaid."""
        held = model if isinstance(model, Container) else set(model)
        raise NotImplementedError
