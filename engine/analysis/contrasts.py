"""What is told of the changes that lead to another recommendation, and how those that lead to the same are told together."""

from collections.abc import Iterable, Mapping

from pydantic import Field

from engine.inference.subjects import Fact
from engine.inference.trace import Json, Record
from engine.symbolic.completions import Outcome
from knowledge_base.language.domains import Subsets, Values, either

Moves = dict[Fact, Values]  # the cell or set that each changed input moves to
Found = tuple[Moves, Outcome]


class Change(Record):
    """One input, as it is given and as it would have to be."""

    fact: Fact
    given: Json = Field(description="null when it is not known")
    given_text: str
    values: Json = Field(description="the values that each lead there")
    text: str


class ChangeSet(Record):
    """Changes that lead to another recommendation together, and not if one is left out."""

    changes: tuple[Change, ...]
    recommended: tuple[str, ...] = Field(description="the pathways that the engine then recommends")
    rules: tuple[str, ...] = Field(description="the rules that recommended them when the engine was run on it")


class ChangeSets(Record):
    """All smallest sets of one kind."""

    size: int | None = Field(
        description="how many inputs change in each; null when no set up to the largest size will do"
    )
    sets: tuple[ChangeSet, ...]
    found: int = Field(description="how many single combinations of values these sets stand for")
    is_cut: bool = Field(description="true when there are more than were looked for")


class Changes(Record):
    """What would change the recommendation for a lesion, or bring one pathway to be recommended."""

    lesion: str
    pathway: str | None = Field(description="the pathway asked for by name, if any")
    recommended: tuple[str, ...] = Field(description="what is recommended as things are")
    already: bool = Field(description="the pathway asked for is recommended as things are")
    largest: int = Field(description="the number of changes up to which sets were looked for")
    changeable: ChangeSets = Field(description="sets of inputs that can all change or be measured again")
    fixed: ChangeSets = Field(
        description="sets that need an input to differ that can neither change nor be measured again"
    )


NOTHING = ChangeSets(size=None, sets=(), found=0, is_cut=False)


def merged(rows: Iterable[Found], copies: Mapping[str, frozenset[str]]) -> list[Found]:
    """Return the rows with those joined that differ in the values of one input only and lead to the same.

    Inputs that copy one another (`copies`) are not joined while they change together, for only equal values may fit.
    """
    left = list(rows)
    for fact in sorted({fact for row, _ in left for fact in row}):
        joined: dict[object, Found] = {}
        for row, outcome in left:
            rest = (outcome, fact in row, frozenset((f, values) for f, values in row.items() if f != fact))
            is_apart = fact not in row or isinstance(row[fact], Subsets) or not is_alone(fact, row, copies)
            if rest not in joined or is_apart:
                joined[rest if rest not in joined else (rest, len(joined))] = (dict(row), outcome)
            else:
                mine = joined[rest][0]
                mine[fact] = either(mine[fact], row[fact])
        left = list(joined.values())
    return left


def is_alone(fact: Fact, row: Moves, copies: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether an input changes without any other that copies it or is copied by it."""
    return sum(name in copies[fact.attribute] for _, name in row) == 1
