"""Conditions: what `when` and `unless` mean.

A condition is a tree of `Line`s (one attribute, one test) and `Quantified` lines (over lesions or options), joined by
`All` and `Any`. Negation never stays in the tree: it is pushed down to the tests when the condition is read, so `truth`
needs no case for it and every condition has a disjunctive normal form of positive lines, its `alternatives`.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Literal

from knowledge_base.language.domains import Values
from knowledge_base.language.literals import text_of
from knowledge_base.language.predicates import Test, Truth, Unsettled
from knowledge_base.language.vocabulary import Attribute, Vocabulary
from knowledge_base.text.errors import LONGEST, Mistake, shown, suggestion

Over = Literal["lesion", "option"]
MAX_ALTERNATIVES = 64

_QUANTIFIERS: dict[str, tuple[Over, bool]] = {
    "some_lesion": ("lesion", False),
    "every_lesion": ("lesion", True),
    "some_option": ("option", False),
    "every_option": ("option", True),
}
WORDS = ("any", "all", "not", "open", *_QUANTIFIERS)


@dataclass(frozen=True)
class Line:
    """One attribute and one test on it; `text` is the test as it was written, `path` where in the rule."""

    attribute: str
    test: Test
    text: str
    path: str

    def negated(self) -> "Line":
        if isinstance(self.test, Unsettled):
            return Line(self.attribute, self.test.negated(), "known", self.path)
        text = self.text.removeprefix("not ") if self.text.startswith("not ") else f"not {self.text}"
        return Line(self.attribute, self.test.negated(), text, self.path)


@dataclass(frozen=True)
class Quantified:
    """A condition that holds of some, or of every, lesion of the patient or option of the lesion."""

    over: Over
    every: bool
    condition: "Condition"
    path: str

    def negated(self) -> "Quantified":
        return Quantified(self.over, not self.every, self.condition.negated(), self.path)

    @property
    def key(self) -> str:
        """A name that says what is asked; equal questions have equal names."""
        return f"{'every' if self.every else 'some'} {self.over}: {describe(self.condition)}"


@dataclass(frozen=True)
class All:
    """Each part holds; with no parts, always true."""

    parts: tuple["Condition", ...]

    def negated(self) -> "Any":
        return Any(tuple(part.negated() for part in self.parts))


@dataclass(frozen=True)
class Any:
    """One of the parts holds; with no parts, never true."""

    parts: tuple["Condition", ...]

    def negated(self) -> All:
        return All(tuple(part.negated() for part in self.parts))


Leaf = Line | Quantified
Condition = Line | Quantified | All | Any
ALWAYS = All(())
NEVER = Any(())


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield the lines of a condition in the order they are written, without looking inside quantified ones."""
    if isinstance(condition, Line | Quantified):
        yield condition
    else:
        for part in condition.parts:
            yield from leaves(part)


def lines_in(condition: Condition) -> Iterator[Line]:
    """Yield every line of a condition, those of its questions about lesions or options among them."""
    for leaf in leaves(condition):
        if isinstance(leaf, Line):
            yield leaf
        else:
            yield from lines_in(leaf.condition)


def attributes_read(condition: Condition) -> Iterator[str]:
    """Yield the id of every attribute that the truth of a condition depends on."""
    return (line.attribute for line in lines_in(condition))


def alternatives(condition: Condition) -> list[tuple[Leaf, ...]]:
    """Return the disjunctive normal form: one tuple of lines for each way in which the condition can hold."""
    if isinstance(condition, Line | Quantified):
        return [(condition,)]
    if isinstance(condition, Any):
        return [found for part in condition.parts for found in alternatives(part)]
    choices: list[list[tuple[Leaf, ...]]] = [alternatives(part) for part in condition.parts]
    return [tuple(dict.fromkeys(leaf for part in combination for leaf in part)) for combination in product(*choices)]


def count_of_alternatives(condition: Condition) -> int:
    """Return how many alternatives a condition has, without writing them out: there may be millions."""
    if isinstance(condition, Line | Quantified):
        return 1
    counts = [count_of_alternatives(part) for part in condition.parts]
    return sum(counts) if isinstance(condition, Any) else prod(counts)


def truth(condition: Condition, of_leaf: Callable[[Leaf], Truth]) -> Truth:
    """Return the truth of a condition, given the truth of each of its lines; lines that no longer matter are not asked."""
    if isinstance(condition, Line | Quantified):
        return of_leaf(condition)
    decided, found = (Truth.FALSE, Truth.TRUE) if isinstance(condition, All) else (Truth.TRUE, Truth.FALSE)
    for part in condition.parts:
        one = truth(part, of_leaf)
        if one is decided:
            return decided
        if one is Truth.OPEN:
            found = Truth.OPEN
    return found


def truth_of_line(line: Line, value_of: Callable[[str], Values]) -> Truth:
    """Return the truth of one line, given the possible values of its attribute."""
    return line.test.truth(value_of(line.attribute))


def describe(condition: Condition) -> str:
    """Return a condition on one line, as it was written."""
    if isinstance(condition, Line):
        unsettled = isinstance(condition.test, Unsettled)
        return f"open: [{condition.attribute}]" if unsettled else f"{condition.attribute}: {condition.text}"
    if isinstance(condition, Quantified):
        return condition.key
    joint = ", " if isinstance(condition, All) else " or "
    return "{" + joint.join(describe(part) for part in condition.parts) + "}"


def parse(
    raw: object, vocabulary: Vocabulary, path: tuple[str | int, ...], excused: Container[str] = ()
) -> tuple[Condition, list[Mistake]]:
    """Return the condition that `when` or `unless` writes, with everything that is wrong in it.

    Nothing is said of `excused` names: they are written in the vocabulary, and what is wrong with them is told there.
    """
    reader = _ConditionReader(vocabulary, excused)
    condition = reader.condition(raw, path)
    if not reader.errors and (count := count_of_alternatives(condition)) > MAX_ALTERNATIVES:
        message = (
            f"`any` multiplies into {count:,} alternatives, and at most {MAX_ALTERNATIVES} are allowed; split the rule"
        )
        reader.errors.append(Mistake(message, *path))
    return condition, reader.errors


class _ConditionReader:
    def __init__(self, vocabulary: Vocabulary, excused: Container[str]) -> None:
        self.vocabulary = vocabulary
        self.excused = excused
        self.errors: list[Mistake] = []

    def condition(self, raw: object, path: tuple[str | int, ...]) -> Condition:
        if raw == "always":
            return ALWAYS
        if not isinstance(raw, dict) or not raw:
            what = f"{shown(raw)} is not a condition" if raw else "no condition is written here"
            return self._fail(path, f"{what}; write lines of `attribute: test`, or the word `always`")
        parts = [part for key, value in raw.items() for part in self._entry(key, value, (*path, key))]
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _entry(self, key: str, raw: object, path: tuple[str | int, ...]) -> Sequence[Condition]:
        if key in self.vocabulary:
            return [self._line(self.vocabulary[key], raw, path)]
        if key in ("any", "all"):
            if not isinstance(raw, list) or not raw:
                return [
                    self._fail(
                        path, f"`{key}` takes a list of conditions, such as [{{a: 1}}, {{b: 2}}], not {shown(raw)}"
                    )
                ]
            parts = tuple(self.condition(part, (*path, i)) for i, part in enumerate(raw))
            return [Any(parts) if key == "any" else All(parts)]
        if key == "not":
            return [self.condition(raw, path).negated()]
        if key == "open":
            names = raw if isinstance(raw, list) and raw else [raw]
            return [self._open(name, (*path, i)) for i, name in enumerate(names)]
        if key in _QUANTIFIERS:
            return [self._quantified(key, raw, path)]
        return [self._unknown(key, (*self.vocabulary, *WORDS), path)]

    def _quantified(self, key: str, raw: object, path: tuple[str | int, ...]) -> Condition:
        over, every = _QUANTIFIERS[key]
        inner = self.condition(raw, path)
        if any(isinstance(leaf, Quantified) for leaf in leaves(inner)):
            message = f"`{key}` cannot hold another some_… or every_…; work the inner one out in a rule of its own"
            return self._fail(path, message)
        finer = [name for name in attributes_read(inner) if over == "lesion" and self.vocabulary[name].of == "option"]
        if finer:
            return self._fail(
                path, f"`{key}` looks at lesions, but {finer[0]} is of an option; use some_option or every_option"
            )
        return Quantified(over, every, inner, ".".join(map(str, path)))

    def _line(self, attribute: Attribute, raw: object, path: tuple[str | int, ...]) -> Condition:
        try:
            return Line(attribute.id, attribute.test(raw), _text(raw), ".".join(map(str, path)))
        except ValueError as error:
            return self._fail((*path, *getattr(error, "path", ())), str(error))

    def _open(self, name: object, path: tuple[str | int, ...]) -> Condition:
        if not isinstance(name, str):
            return self._fail(path, f"`open` takes attributes, such as [escc_grade], not {shown(name)}")
        if name not in self.vocabulary:
            return self._unknown(name, self.vocabulary, path)
        return Line(name, Unsettled(), "open", ".".join(map(str, path)))

    def _unknown(self, name: str, known: Iterable[str], path: tuple[str | int, ...]) -> Condition:
        if name in self.excused:
            return NEVER
        if name in self.vocabulary.former:
            return self._fail(path, f"{shown(name)} is called {self.vocabulary.former[name]} now; write that")
        return self._fail(path, f"{shown(name)} is not a known attribute{suggestion(name[:LONGEST], known)}")

    def _fail(self, path: tuple[str | int, ...], message: str) -> Condition:
        self.errors.append(Mistake(message, *path))
        return NEVER


def _text(raw: object) -> str:
    return " or ".join(_text(part) for part in raw) if isinstance(raw, list) else str(text_of(raw))
