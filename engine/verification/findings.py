"""What a verification finds: a kind, the entries it is about, where in them, and a witness where a patient shows it."""

from dataclasses import dataclass
from typing import Literal, get_args

from cases.model import Case
from knowledge_base.text.errors import NOWHERE, Position

FindingKind = Literal[
    "rules_contradict",
    "hazard_happens",
    "pathways_together",
    "nothing_offered",
    "worse_is_calmer",
    "rule_never_fires",
    "exceptions_always_apply",
    "exception_never_applies",
    "alternative_never_fires",
    "line_never_matters",
    "gap_at_threshold",
    "twin_rules",
    "rule_subsumed",
    "pathway_never_recommended",
    "pathway_never_acceptable",
]
KINDS: tuple[FindingKind, ...] = get_args(FindingKind)


@dataclass(frozen=True)
class Finding:
    """One thing that was found; `side` is the side of a dispute that must be on for it, empty for the default ones.

    `about` names rules, pathways, a hazard or attributes; `place` says where in them, in which fact or box of patients;
    `detail` says more of the witness, and is no part of the name. `witness` is a patient that shows it, confirmed by the
    engine; None where the finding is that there is none.
    """

    kind: FindingKind
    about: tuple[str, ...]
    place: str = ""
    side: str = ""
    position: Position = NOWHERE
    detail: str = ""
    witness: Case | None = None

    @property
    def key(self) -> str:
        """The name by which a finding is accepted: the same as long as the same is found."""
        parts = (self.kind, " + ".join(self.about), f"at {self.place}" if self.place else "")
        return " ".join(part for part in (*parts, f"({self.side})" if self.side else "") if part)

    @property
    def order(self) -> tuple[int, tuple[str, ...], str, str]:
        """What findings are sorted by: the gravest kind first, then what they are about."""
        return (KINDS.index(self.kind), self.about, self.place, self.side)
