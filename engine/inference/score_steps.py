"""What a step of a score makes of possible values: every row that can still apply has its say."""

from collections.abc import Sequence
from functools import lru_cache, reduce

from knowledge_base.language.domains import Numbers, Values, apart, either
from knowledge_base.language.rules import Step


def result(step: Step, inputs: Sequence[Values]) -> Values:
    """Return the possible results of a step for the possible values of what it reads, in the order of `step.reads`.

    A sum is the range from the least to the greatest total; a table gives every result it can still give.
    """
    if step.kind == "total":
        parts = [part for part in inputs if isinstance(part, Numbers)]
        return Numbers.between(sum(part.low for part in parts), sum(part.high for part in parts), whole=True)
    return _joined(tuple(row.result for row in step.rows if not apart(row.accepted, inputs[0])))


def uninformed(step: Step) -> Values | None:
    """Return what a table gives when nothing is known; None for a sum, whose whole range is its domain."""
    return None if step.kind == "total" else _joined(tuple(row.result for row in step.rows))


@lru_cache(maxsize=4096)
def _joined(results: tuple[Values, ...]) -> Values:
    return reduce(either, results)
