"""What a recommendation rests on: minimal sufficient sets of what is supposed of a patient while nothing is said.

A finding is never supposed. Exceptions and settings are supposed to be as usual, wishes and judgements to stay unsaid. Of
these suppositions the solver keeps those that, with what is given, force a result in every completion of everything
else (an assumption core), none of which can be left out; each is then widened to all values under which that stays true.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field

from engine.inference.subjects import Fact, Subject
from engine.inference.trace import Json, Record
from engine.symbolic.circuit import FALSE, Lit
from engine.symbolic.completions import Completions
from engine.symbolic.solver import Model
from knowledge_base.language.attribute_text import InputClass
from knowledge_base.language.domains import Values, both, either
from knowledge_base.language.rules import Rule
from knowledge_base.language.vocabulary import Attribute

Danger = Literal["excludes", "advises_against", "changes"]
DANGERS: tuple[Danger, ...] = ("excludes", "advises_against", "changes")
CLASSES: tuple[InputClass, ...] = (
    "exception",
    "judgement",
    "setting",
    "wish",
)  # the order in which a reader meets them


class Condition(Record):
    """Something that was not said and on which a result rests."""

    fact: Fact
    subject: str
    attribute: str
    input_class: InputClass = Field(description="wishes are one question: does the patient accept this plan?")
    values: Json = Field(description="the values under which the result stays; null when it must stay unsaid")
    unsaid: bool = Field(description="the result also stays while nothing is said of it")
    concern: str | None = Field(description="what it comes to together with others, which a reader confirms as one")
    text: str = Field(description="the same in words")
    because: tuple[str, ...] = Field(description="the rules that make it matter, those that read it first")
    danger: Danger = Field(
        description="what can follow where it does not hold: a recommended pathway is excluded, is advised against (or a "
        "danger is told), or the result is another"
    )


@dataclass(frozen=True)
class Supposition:
    """What is supposed of one input: that it lies in some of its cells, or stays unsaid."""

    fact: Fact
    literal: Lit
    cells: frozenset[int] = frozenset()
    unsaid: bool = False


@dataclass(frozen=True)
class Goal:
    """A result to be forced: `literal`, when the literals of `when` are true; `pathways` are those it recommends."""

    literal: Lit
    when: tuple[Lit, ...] = ()
    lesion: Subject | None = None
    pathways: tuple[str, ...] = ()


class Conditions:
    """The suppositions about one case, and minimal sets of them that suffice for a result.

    Where they are not `explained`, no rule is named that makes a condition matter.
    """

    def __init__(self, completions: Completions, explained: bool = True) -> None:
        self.completions = completions
        self.explained = explained
        self.knowledge = completions.knowledge
        self.encoding = completions.encoding
        self.circuit = completions.encoding.circuit
        self.solver = completions.solver
        self.supposed = {fact: supposition for fact, supposition in self._supposed() if self._holds(supposition)}

    def _supposed(self) -> Iterator[tuple[Fact, Supposition]]:
        for fact in sorted(self.completions.unknown):
            held = self.completions.inputs[fact]
            if held.usual != FALSE:
                unsaid = held.usual == held.unsaid
                usual = held.attribute.usual_values
                cells = frozenset() if unsaid or usual is None else self.encoding.cells.meeting(fact.attribute, usual)
                offered = frozenset(i for i in cells if held.choices[i] != FALSE)
                yield fact, Supposition(fact, held.usual, offered, unsaid)

    def _holds(self, supposition: Supposition) -> bool:
        """Tell whether it can be so of this patient together with all that is supposed."""
        return supposition.literal in self.completions.usual

    @property
    def literals(self) -> list[Lit]:
        return [supposition.literal for supposition in self.supposed.values()]

    def beside(self, *when: Lit) -> list[Lit]:
        """Return as many of the suppositions as can be true together with some literals."""
        return self.solver.together(self.literals, *when)

    # --- minimal sufficient sets -------------------------------------------------------------------------------

    def sufficient(self, goal: Goal) -> tuple[Condition, ...] | None:
        """Return conditions that force a goal and none of which can be left out, or None when no suppositions do.

        Those that would be dangerous to overlook come first.
        """
        wanted = set(self.beside(*goal.when))
        usable = [s for s in self.supposed.values() if s.literal in wanted]
        if self._can_fail(goal, usable):
            return None
        fewest = min((self._minimal(goal, order) for order in self._orders(usable)), key=self._to_confirm)
        kept = self._widened(goal, sorted(fewest, key=self._board_order))
        found = [self._condition(goal, kept, i) for i in range(len(kept))]
        order = {s.fact: self._board_order(s) for s in kept}
        return tuple(sorted(found, key=lambda c: (DANGERS.index(c.danger), order[c.fact])))

    def are_needed(self, goal: Goal) -> bool:
        """Tell whether what is given does not force a goal by itself."""
        return self._can_fail(goal, ())

    def _can_fail(self, goal: Goal, kept: Sequence[Supposition]) -> bool:
        return self.solver.can_be(*goal.when, -goal.literal, *(s.literal for s in kept))

    def _orders(self, usable: list[Supposition]) -> Iterator[list[Supposition]]:
        """Yield orders in which to try to do without: each may end in another set, of which the smallest is taken."""
        ordered = sorted(usable, key=self._board_order)
        yield ordered[::-1]
        yield ordered
        yield sorted(ordered, key=lambda s: self._concern(s) is not None)

    def _to_confirm(self, kept: list[Supposition]) -> tuple[int, int]:
        """Return how many things a reader confirms, those of one concern being one, and how many conditions they are."""
        return len({self._concern(s) or s.fact for s in kept}), len(kept)

    def _concern(self, supposition: Supposition) -> str | None:
        return self.knowledge.vocabulary[supposition.fact.attribute].concern

    def _minimal(self, goal: Goal, order: list[Supposition]) -> list[Supposition]:
        """Return what is left when each is left out in turn that the others can do without.

        Whatever the solver was asked before, the same is left: what it shows to suffice only spares it the question whether
        the rest can be done without.
        """
        kept, enough = list(order), {s.literal for s in order}
        for candidate in order:
            fewer = [s for s in kept if s != candidate]
            if candidate.literal in enough:
                core = self.solver.core(*goal.when, -goal.literal, *(s.literal for s in fewer))
                if not core:
                    continue
                enough = core
            kept = fewer
        return kept

    def _widened(self, goal: Goal, kept: list[Supposition]) -> list[Supposition]:
        for i, supposition in enumerate(kept):
            others = [s for s in kept if s.fact != supposition.fact]
            kept[i] = self._widen(goal, supposition, others)
        return kept

    def _widen(self, goal: Goal, supposition: Supposition, others: list[Supposition]) -> Supposition:
        held = self.completions.inputs[supposition.fact]
        cells = set(supposition.cells)
        for i, literal in enumerate(held.choices):
            if i not in cells and literal != FALSE and not self._fails_with(goal, others, literal):
                cells.add(i)
        literal = self.circuit.any(
            [*(held.choices[i] for i in sorted(cells)), held.unsaid if supposition.unsaid else FALSE]
        )
        return replace(supposition, literal=literal, cells=frozenset(cells))

    def _fails_with(self, goal: Goal, others: list[Supposition], literal: Lit) -> bool:
        return self.solver.can_be(*goal.when, -goal.literal, *(s.literal for s in others), literal)

    def _board_order(self, supposition: Supposition) -> tuple[int, str, str]:
        subject, name = supposition.fact
        input_class = self.knowledge.vocabulary[name].class_
        assert input_class in CLASSES
        return CLASSES.index(input_class), str(subject), name

    # --- as records --------------------------------------------------------------------------------------------

    def _condition(self, goal: Goal, kept: list[Supposition], place: int) -> Condition:
        supposition = kept[place]
        others = [s.literal for i, s in enumerate(kept) if i != place]
        danger, broken = self._broken(goal, others, supposition)
        subject, name = supposition.fact
        attribute = self.knowledge.vocabulary[name]
        assert attribute.class_ is not None
        values = self._values(supposition)
        return Condition(
            fact=supposition.fact,
            subject=str(subject),
            attribute=name,
            input_class=attribute.class_,
            values=None if values is None else attribute.dump(values),
            unsaid=supposition.unsaid,
            concern=attribute.concern,
            text=_in_words(attribute, values, supposition.unsaid),
            because=tuple(self._because(goal, supposition, others, broken)) if self.explained else (),
            danger=danger,
        )

    def _values(self, supposition: Supposition) -> Values | None:
        cells = self.encoding.cells.of(supposition.fact.attribute) if supposition.cells else ()
        held = self.completions.inputs[supposition.fact]
        values: Values | None = None
        for i in sorted(supposition.cells):
            values = cells[i] if values is None else either(values, cells[i])
        return None if values is None else both(values, held.values)

    def _broken(self, goal: Goal, others: list[Lit], supposition: Supposition) -> tuple[Danger, Model]:
        """Return the gravest that can follow where a supposition does not hold, and a completion in which it does."""
        without = [*goal.when, *others, -supposition.literal]
        for danger in DANGERS[:2]:
            literal = self._against(goal, danger)
            if literal != FALSE and (model := self._usually(supposition, *without, -goal.literal, literal)) is not None:
                return danger, model
        model = self._usually(supposition, *without, -goal.literal)
        assert model is not None, "no supposition is idle"
        return "changes", model

    def _usually(self, broken: Supposition, *when: Lit) -> Model | None:
        """Return a completion in which some literals are true, and all else is as supposed if that can be."""
        other = [s.literal for s in self.supposed.values() if s.fact != broken.fact]
        return self.solver.model(*when, *other) or self.solver.model(*when)

    def _against(self, goal: Goal, danger: Danger) -> Lit:
        if goal.lesion is None:
            return FALSE
        stance = "exclude" if danger == "excludes" else "advise_against"
        return self.circuit.any(
            self.encoding.fires_about(rule, goal.lesion)
            for pathway in goal.pathways
            for rule in self.knowledge.arguers.get((pathway, stance), ())
        )

    def _because(self, goal: Goal, supposition: Supposition, others: list[Lit], broken: Model) -> list[str]:
        """Return the rules that fire otherwise when the supposition alone is made good in a completion that breaks it.

        Those that read the input and fire while it is broken, or else fire no more, or else those that argue.
        """
        mended = self._mended(goal, supposition, others, broken)
        readers = [unit for unit in self.knowledge.readers[supposition.fact.attribute] if isinstance(unit, Rule)]
        arguing = {rule.id: rule for rules in self.knowledge.arguers.values() for rule in rules}.values()
        for rules, model, other in ((readers, broken, mended), (readers, mended, broken), (arguing, broken, mended)):
            if turned := {rule.id for rule in rules if self._fires_only_in(model, other, rule, goal)}:
                return sorted(turned)
        return []

    def _mended(self, goal: Goal, supposition: Supposition, others: list[Lit], broken: Model) -> Model | None:
        every = (fact for fact in sorted(self.completions.unknown) if fact != supposition.fact)
        same = [literal for fact in every for literal in self._said(fact, broken)]
        return self.solver.model(*goal.when, *others, supposition.literal, *same)

    def _fires_only_in(self, model: Model | None, other: Model | None, rule: Rule, goal: Goal) -> bool:
        about = self.encoding.below(rule.subject, goal.lesion or Subject())
        fires = (self.encoding.fires(rule.id, subject) for subject in about)
        return model is not None and any(literal in model and not (other and literal in other) for literal in fires)

    def _said(self, fact: Fact, model: Model) -> list[Lit]:
        held = self.completions.inputs[fact]
        literals = [*held.choices, *held.chosen.values(), held.unsaid]
        return [literal if literal in model else -literal for literal in literals if abs(literal) != 1]


def _in_words(attribute: Attribute, values: Values | None, unsaid: bool) -> str:
    if not unsaid:
        assert values is not None
        return attribute.sentence(values)
    if values is None:
        return f"{attribute.label}: nothing said"
    return f"{attribute.label}: nothing said, or {attribute.words(values)}"
