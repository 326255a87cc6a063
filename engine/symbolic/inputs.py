"""What is free in the circuit: the inputs of a case, and in which ways they may vary.

- `Settled`: just what is given (or unknown, when nothing is); all of it constant.
- `Turning`: a completion: one of the values that the case allows, or, where the vocabulary says so and nothing is given,
  still unsaid.
- `Changeable`: what is given (or unknown, when nothing is), or else one value (of a set, one member) that is not.
- `Partial`: every state of knowledge that a case can give: nothing, one value, or any of several.
"""

import operator
from collections.abc import Container, Iterable, Iterator
from functools import reduce
from typing import Protocol

from engine.symbolic.circuit import FALSE, TRUE, Circuit, Lit
from engine.symbolic.partition import Cells, in_common, value_in
from knowledge_base.language.domains import Numbers, Subsets, Values, apart
from knowledge_base.language.vocabulary import Attribute


class Input:
    """The literals of one input.

    `allowed` says of each cell that it may still be that, `single` that one value is left, `unsaid` that nothing was
    found out. A set has, instead of cells, members that it may hold (`allowed_members`) and those that it must.
    """

    def __init__(self, circuit: Circuit, cells: Cells, attribute: Attribute, given: Values | None) -> None:
        self.circuit = circuit
        self.attribute = attribute
        self.given = given
        self.values = attribute.domain if given is None else given
        self.unsaid: Lit = FALSE
        self.single: Lit = TRUE if self.values.is_single else FALSE
        self.cells: tuple[Values, ...] = ()
        self.allowed: tuple[Lit, ...] = ()
        self.allowed_members: dict[str, Lit] = {}
        self.required: dict[str, Lit] = {}
        if isinstance(self.values, Subsets):
            self._make_set(self.values)
        else:
            self.cells = cells.of(attribute.id)
            self._make_cells(in_common(self.cells, self.values))

    def _make_set(self, values: Subsets) -> None:
        self.allowed_members = {m: TRUE if m in values.allowed else FALSE for m in self.attribute.names}
        self.required = {m: TRUE if m in values.required else FALSE for m in self.attribute.names}

    def _make_cells(self, met: frozenset[int]) -> None:
        self.allowed = tuple(TRUE if i in met else FALSE for i in range(len(self.cells)))

    @property
    def is_set(self) -> bool:
        """Tell whether it holds several values at once."""
        return self.attribute.type == "several"


class Maker(Protocol):
    """Makes the input of one kind of question; the classes here are such makers."""

    def __call__(self, circuit: Circuit, cells: Cells, attribute: Attribute, given: Values | None) -> Input: ...


class Settled(Input):
    """Just what is given."""


class Turning(Input):
    """One value for a completion; each cell and each member has a `choice`."""

    def __init__(self, circuit: Circuit, cells: Cells, attribute: Attribute, given: Values | None) -> None:
        self.choices: tuple[Lit, ...] = ()
        self.chosen: dict[str, Lit] = {}
        super().__init__(circuit, cells, attribute, given)

    def _make_set(self, values: Subsets) -> None:
        if values.is_single:
            super()._make_set(values)
            self.chosen = self.required
            return
        self._may_stay_unsaid()
        self.chosen = {m: self._member(m, values) for m in self.attribute.names}
        self.circuit.require(self.unsaid, *self.chosen.values())
        self.allowed_members = {m: self.circuit.any((lit, self.unsaid)) for m, lit in self.chosen.items()}
        self.required = {m: self.circuit.all((lit, -self.unsaid)) for m, lit in self.chosen.items()}

    def _member(self, member: str, values: Subsets) -> Lit:
        if member in values.required:
            return TRUE
        return self.circuit.free() if member in values.allowed else FALSE

    def _make_cells(self, met: frozenset[int]) -> None:
        step = self.attribute.step
        usable = [i for i in sorted(met) if value_in(self.cells[i], step) is not None]
        self._may_stay_unsaid()
        alone = len(usable) == 1 and self.unsaid == FALSE
        self.choices = tuple(
            (TRUE if alone else self.circuit.free()) if i in usable else FALSE for i in range(len(self.cells))
        )
        if not alone:
            self.circuit.exactly_one((self.choices[i] for i in usable), unless=self.unsaid)
        self._is_silent_when_unsaid(usable)
        self.allowed = tuple(
            self.circuit.any((lit, self.unsaid)) if i in met else FALSE for i, lit in enumerate(self.choices)
        )

    def _may_stay_unsaid(self) -> None:
        self.unsaid = self.circuit.free() if self.attribute.may_stay_unsaid and self.given is None else FALSE
        self.single = -self.unsaid

    def _is_silent_when_unsaid(self, usable: list[int]) -> None:
        if self.unsaid != FALSE:
            for i in usable:
                self.circuit.require(-self.unsaid, -self.choices[i])

    @property
    def is_open(self) -> bool:
        """Tell whether there is something to find out."""
        return self.given is None or not self.given.is_single

    @property
    def usual(self) -> Lit:
        """That it is as in the usual patient: unsaid, or no exception; FALSE where nothing is usual of it."""
        if self.attribute.may_stay_unsaid:
            return self.unsaid
        usual = self.attribute.usual_values
        if usual is None:
            return FALSE
        return self.circuit.any(
            lit for cell, lit in zip(self.cells, self.choices, strict=True) if not apart(cell, usual)
        )

    def says(self, value: Values) -> Lit:
        """Return that it has been found to be this value, one of its answers."""
        if isinstance(value, Subsets):
            held = [lit if m in value.required else -lit for m, lit in self.chosen.items()]
            return self.circuit.all((*held, -self.unsaid))
        return next(lit for cell, lit in zip(self.cells, self.choices, strict=True) if not apart(cell, value))

    def as_good_as(self, value: Values) -> Values:
        """Return all the values that no rule, score or given range tells apart from one of the answers."""
        return value if isinstance(value, Subsets) else next(cell for cell in self.cells if not apart(cell, value))

    def answers(self) -> Iterator[Values]:
        """Yield the answers that can be told apart: one value of each possible cell, or each set of a single member."""
        if self.is_set:
            yield from (self.attribute.read([member]) for member, lit in self.chosen.items() if lit != FALSE)
        for cell, literal in zip(self.cells, self.choices, strict=True):
            value = value_in(cell, self.attribute.step)
            if literal != FALSE and value is not None:
                yield value

    def found_in(self, model: Container[Lit]) -> Values | None:
        """Return the value that a completion gives it; None when it stays unsaid."""
        if self.unsaid in model:
            return None
        if self.is_set:
            return self.attribute.read([m for m, literal in self.chosen.items() if literal in model])
        cell = next(cell for cell, literal in zip(self.cells, self.choices, strict=True) if literal in model)
        return value_in(cell, self.attribute.step)


class Changeable(Turning):
    """What is given, or not known, while `kept` is true; else one value that was not among those given."""

    def __init__(self, circuit: Circuit, cells: Cells, attribute: Attribute, given: Values | None) -> None:
        self.kept = circuit.free()
        super().__init__(circuit, cells, attribute, given)
        self.single = circuit.any((-self.kept, self.single if self.values.is_single else FALSE))

    def _make_set(self, values: Subsets) -> None:
        self.single = TRUE if values.is_single else FALSE
        self.chosen = {m: self.circuit.free() for m in self.attribute.names}
        self.circuit.exactly_one(self.chosen.values(), unless=self.kept)
        for literal in self.chosen.values():
            self.circuit.require(-self.kept, -literal)
        if len(values.allowed) == 1:
            self.circuit.require(*(-self.chosen[m] for m in values.required))
        self.allowed_members = {m: self._either(m in values.allowed, lit) for m, lit in self.chosen.items()}
        self.required = {m: self._either(m in values.required, lit) for m, lit in self.chosen.items()}

    def _make_cells(self, met: frozenset[int]) -> None:
        self.single = TRUE if self.values.is_single else FALSE
        step = self.attribute.step
        untold = range(len(self.cells)) if self.given is None else set(range(len(self.cells))) - met
        others = [i for i in untold if value_in(self.cells[i], step) is not None]
        self.choices = tuple(self.circuit.free() if i in others else FALSE for i in range(len(self.cells)))
        self.circuit.exactly_one((self.choices[i] for i in others), unless=self.kept)
        for i in others:
            self.circuit.require(-self.kept, -self.choices[i])
        self.allowed = tuple(self._either(i in met, lit) for i, lit in enumerate(self.choices))

    def _either(self, as_given: bool, changed: Lit) -> Lit:
        """Return the literal of the given while it is kept, and of the change when it is not."""
        return self.circuit.any(
            (self.circuit.all((self.kept, TRUE if as_given else FALSE)), self.circuit.all((-self.kept, changed)))
        )


class Partial(Input):
    """Anything that a case may give: nothing (`unsaid`), one value (`single`), any of several; a set only as a whole."""

    def __init__(self, circuit: Circuit, cells: Cells, attribute: Attribute, given: Values | None) -> None:
        self.held: tuple[Lit, ...] = ()
        self.chosen: dict[str, Lit] = {}
        super().__init__(circuit, cells, attribute, given)

    def _make_set(self, values: Subsets) -> None:
        self.unsaid = self.circuit.free()
        self.single = -self.unsaid
        self.chosen = {m: self.circuit.free() for m in self.attribute.names}
        self._says_something_or_nothing(self.chosen.values())
        self.allowed_members = {m: self.circuit.any((lit, self.unsaid)) for m, lit in self.chosen.items()}
        self.required = dict(self.chosen)

    def _make_cells(self, met: frozenset[int]) -> None:
        self.unsaid, self.single = self.circuit.free(), self.circuit.free()
        self.held = tuple(self.circuit.free() for _ in self.cells)
        self._says_something_or_nothing(self.held)
        self.circuit.require(self.single, *(-lit for lit in self.held))  # all of it says nothing
        self.circuit.require(-self.single, -self.unsaid)
        for i, literal in enumerate(self.held):
            for other in self.held[:i]:
                self.circuit.require(-self.single, -literal, -other)
            self._ends_on_values(i)
        self.allowed = tuple(self.circuit.any((lit, self.unsaid)) for lit in self.held)

    def _says_something_or_nothing(self, said: Iterable[Lit]) -> None:
        literals = list(said)
        self.circuit.require(self.unsaid, *literals)
        for literal in literals:
            self.circuit.require(-self.unsaid, -literal)

    def _ends_on_values(self, i: int) -> None:
        """Demand that a cell without a value that can be given is spanned, and that one with a single one pins it."""
        others = (*self.held[:i], *self.held[i + 1 :])
        count = values_within(self.cells[i], self.attribute.step)
        if count == 0:
            self.circuit.require(-self.held[i], -self.single)
            for beside in (i - 1, i + 1):
                self.circuit.require(-self.held[i], self.held[beside] if 0 <= beside < len(self.held) else FALSE)
        elif count == 1:
            self.circuit.require(-self.held[i], self.single, *others)

    def found_in(self, model: Container[Lit]) -> Values | None:
        """Return what a state of knowledge says of it; None when it says nothing."""
        if self.unsaid in model:
            return None
        if self.is_set:
            return self.attribute.read([m for m, literal in self.chosen.items() if literal in model])
        cells = [cell for cell, literal in zip(self.cells, self.held, strict=True) if literal in model]
        value = value_in(cells[0], self.attribute.step) if self.single in model else None
        if value is not None:
            return value
        return self.attribute.on_steps(reduce(operator.or_, cells))


def values_within(cell: Values, step: int | None) -> int:
    """Return how many values of a cell a case can give, as 0, 1 or 2 for any more."""
    first = value_in(cell, step)
    if first is None or not isinstance(cell, Numbers) or not isinstance(first, Numbers):
        return int(first is not None)
    rest = cell.without(first)
    return 1 if rest.is_empty or all(value_in(Numbers((span,), cell.whole), step) is None for span in rest.spans) else 2
