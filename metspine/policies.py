"""What an overlay does to the library cases of the knowledge that it extends: whose advice its policy changes, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cases
from engine import Reasoner
from engine.inference.session import Consultation
from engine.verdicts import Verdict, verdict_of
from engine.verification.accepted import CASE_DIFFERS
from knowledge_base.language.disputes import side_text
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.frameworks import is_own


@dataclass(frozen=True)
class Differs:
    """A library case that is advised otherwise; `by` names what of the policy bears on it."""

    case: str
    by: tuple[str, ...]
    what: tuple[str, ...]

    @property
    def key(self) -> str:
        """The name by which it is accepted."""
        return f"{CASE_DIFFERS}{self.case}"

    def __str__(self) -> str:
        return f"{self.case}: differs by policy ({', '.join(self.by) or 'rules of both'}): {'; '.join(self.what)}"


class Policy:
    """An overlay beside what it extends."""

    def __init__(self, overlay: KnowledgeBase, extended: KnowledgeBase) -> None:
        self.overlay = overlay
        self.bases = (extended, overlay)
        self.reasoners = (Reasoner(extended), Reasoner(overlay))

    def differs(self, path: Path) -> Differs | None:
        """Return how a case is advised otherwise; None when it is not."""
        read = [cases.read_case(path, base, path.name, expecting=False) for base in self.bases]
        consultations = [reasoner.consult(case) for reasoner, case in zip(self.reasoners, read, strict=True)]
        what = tuple(_differences(*map(verdict_of, consultations)))
        settings = tuple(
            f"{name}: {self.overlay.vocabulary[name].words(values)}"
            for name, values in read[1].patient.items()
            if read[0].patient.get(name) != values
        )
        by = (*self._rules(consultations), *settings, *self._thresholds(consultations[1]))
        return Differs(read[1].id, by, what) if what else None

    def _thresholds(self, consultation: Consultation) -> Iterator[str]:
        """Yield the thresholds moved by the policy of what is known of a patient."""
        known = {name for given in consultation.state.given.values() for name in given}
        for attribute in self.overlay.vocabulary.values():
            moved = self.overlay.framework.thresholds
            if attribute.id in known:
                yield from (f"{name}={moved[name]}" for name in attribute.thresholds if name in moved)

    def _rules(self, consultations: list[Consultation]) -> Iterator[str]:
        """Yield the rules of the policy that fired, and those it took away that would have."""
        before, after = (dict.fromkeys(f.rule for f in consultation.firings) for consultation in consultations)
        every = self.overlay.rules
        yield from (name for name in after if name in every and is_own(every[name].position))
        assert self.overlay.overlay is not None
        yield from (f"without {name}" for name in self.overlay.overlay.left_out if name in before)
        for dispute, side in self.overlay.framework.sides.items():
            units = {unit.id for unit in self.overlay.side_units(dispute, side)}
            if units & after.keys() or not units:
                yield side_text(dispute, side)


def _differences(before: Verdict, after: Verdict) -> Iterator[str]:
    for option, status in after.statuses.items():
        if (was := before.statuses.get(option, "not known")) != status:
            yield f"{option.lesion} {option.pathway} {was} before, {status} here"
    for name in sorted({*before.measures, *after.measures}):
        was, now = (verdict.measures.get(name, "not called for") for verdict in (before, after))
        if was != now:
            yield f"{name} {was} before, {now} here"
    yield from (f"told before, not here: {text}" for text in before.alerts if text not in after.alerts)
    yield from (f"told here, not before: {text}" for text in after.alerts if text not in before.alerts)
