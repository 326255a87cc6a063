"""Findings set beside what is accepted: which still count, which are accepted until when, and which acceptances are idle."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from engine.verification.findings import Finding
from knowledge_base.language.acceptance import Acceptance


@dataclass(frozen=True)
class Judged:
    """What a verification comes to on a day; `accepted` has the reason for each finding, `idle` names found no more."""

    open: tuple[Finding, ...]
    accepted: tuple[tuple[Finding, Acceptance], ...]
    expired: tuple[Acceptance, ...]
    idle: tuple[tuple[Acceptance, str], ...]

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing is left to mend: no finding that counts, and no acceptance that is out of date."""
        return not (self.open or self.expired or self.idle)


def judge(findings: Iterable[Finding], acceptances: Mapping[str, Acceptance], day: date) -> Judged:
    """Return findings as they stand on a day; what has expired accepts nothing."""
    held = [a for a in acceptances.values() if a.holds_on(day)]
    by_key = {key: acceptance for acceptance in held for key in acceptance.findings}
    found = list(findings)
    keys = {finding.key for finding in found}
    return Judged(
        open=tuple(f for f in found if f.key not in by_key),
        accepted=tuple((f, by_key[f.key]) for f in found if f.key in by_key),
        expired=tuple(a for a in acceptances.values() if a not in held),
        idle=tuple((a, key) for a in held for key in a.findings if key not in keys),
    )
