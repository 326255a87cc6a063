"""Findings set beside what is accepted: which still count, which are accepted until when, and which acceptances are idle."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from engine.verification.findings import Finding
from knowledge_base.language.acceptance import Acceptance

CASE_DIFFERS = "case_differs "  # before the name of a library case


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


def about_cases(acceptances: Mapping[str, Acceptance], cases: bool) -> Mapping[str, Acceptance]:
    """Return the acceptances of library cases that an overlay advises otherwise, or (`cases` false) of all else."""
    found = {}
    for name, acceptance in acceptances.items():
        if keys := tuple(key for key in acceptance.findings if key.startswith(CASE_DIFFERS) == cases):
            found[name] = acceptance.model_copy(update={"findings": keys})
    return found


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
