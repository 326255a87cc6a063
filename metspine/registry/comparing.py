"""Two readings of one registry: what other knowledge, or another side of a disputed point, would advise, row by row."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cases.columns import LESION, PATIENT, read_header
from knowledge_base.language.knowledge import KnowledgeBase
from metspine.registry.opening import Finished
from metspine.registry.part import ENGINE, answer_columns
from metspine.registry.tables import LISTED, SEPARATOR, cell_text

SILENT = ("missing", "fired", ENGINE, "knowledge")  # columns in which a difference is no other advice


@dataclass(frozen=True)
class RowChange:
    """One cell of advice that would be otherwise."""

    patient: str
    lesion: str
    column: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """The change in a few words: of a list, only what goes and what comes."""
        if self.column not in LISTED:
            return f"{self.before or 'nothing'}, then {self.after or 'nothing'}"
        one, two = ({part for part in text.split(SEPARATOR) if part} for text in (self.before, self.after))
        gone = [f"without {', '.join(sorted(one - two))}"] if one - two else []
        return "; ".join([*gone, f"with {', '.join(sorted(two - one))}"] if two - one else gone)


@dataclass
class RunComparison:
    """How many rows there are, how many would be advised otherwise, and in which columns."""

    rows: int = 0
    changed: int = 0
    recommended: int = 0
    columns: Counter[str] = field(default_factory=Counter)


def changes(run: Finished, base: KnowledgeBase, into: RunComparison) -> Iterator[RowChange]:
    """Yield every cell of advice that other knowledge would write otherwise, and count on the way.

    Columns are compared that both have; what is missing and which rules fired is not advice. Raises `Invalid` when the other
    knowledge cannot read the table.
    """
    read_header(run.source.names, base, str(run.record.input["file"]), run.options.carry, answer_columns(base))
    adviser = run.adviser(base)
    written = run.rows
    for part in run.parts():
        advised = adviser.advise(part).rows
        for i in range(part.size):
            before = next(written)
            into.rows += 1
            found = [
                (name, cell_text(before[name]), cell_text(column[i]))
                for name, column in advised.items()
                if name in answer_columns(base) and name in before and name not in SILENT
            ]
            parted = [(name, one, two) for name, one, two in found if one != two]
            into.changed += bool(parted)
            into.recommended += any(name == "recommended" for name, _, _ in parted)
            into.columns.update(name for name, _, _ in parted)
            who, where = cell_text(before[PATIENT]), cell_text(before[LESION])
            yield from (RowChange(who, where, name, one, two) for name, one, two in parted)
