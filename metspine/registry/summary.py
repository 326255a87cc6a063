"""What a whole registry looks like in the light of the knowledge: counts, and which rules and disputed points decide."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from math import sqrt

from cases.columns import DATE
from engine.cohort import Columns
from engine.influence import influence_of
from knowledge_base.language.domains import Values
from metspine.registry.opening import Finished
from metspine.registry.run import OnProgress

SAMPLE = 10_000  # patients on whom it is tried what a rule decides


@dataclass(frozen=True)
class Decider:
    """A rule, or a side of a dispute, that changes what is recommended for some lesions; `example` is a patient."""

    name: str
    lesions: int
    example: str


@dataclass
class Summary:
    """The counts that the page of a registry shows; `groups` are of the primary tumour, `months` of the date."""

    rows: int = 0
    patients: int = 0
    errors: int = 0
    stopped: int = 0
    contradictory: int = 0
    undecided: int = 0
    statuses: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    groups: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    months: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    measures: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    dangers: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    contradicted: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    sampled: int = 0
    deciders: list[Decider] = field(default_factory=list)
    disputed: list[Decider] = field(default_factory=list)

    @property
    def advised(self) -> int:
        """The rows that could be read."""
        return self.rows - self.errors


GROUP = "primary_tumour"
EVERY = ""  # in `groups` and `months`: how many lesions there are, whatever is recommended


def summary_of(run: Finished, done: OnProgress = lambda done, of: None, sample: int = SAMPLE) -> Summary:
    """Return the summary of a run. Deciders are sought among the first patients, as many as `sample` says."""
    found = Summary(patients=run.record.counts.get("patients", 0))
    groups = _groups(run)
    for row, group in zip(run.rows, groups, strict=True):
        _count(found, row, group)
    found.silent = [name for name in run.base.rules if not _has_fired(name, run)]
    found.sampled, found.deciders, found.disputed = _deciders(run, done, sample)
    return found


def _groups(run: Finished) -> Iterator[str]:
    """Yield the primary tumour of each row, in words."""
    attribute = run.base.vocabulary.get(GROUP)
    adviser = run.adviser(run.base)
    for part in run.parts():
        heard, _ = adviser.heard(part)
        if attribute is None or GROUP not in heard.codes:
            yield from ["not known"] * part.size
            continue
        meanings: list[Values | None] = list(heard.meanings[GROUP])
        words = ["not known" if values is None else attribute.words(values) for values in meanings]
        yield from (words[code] for code in heard.codes[GROUP])


def _count(found: Summary, row: dict[str, object], group: str) -> None:
    found.rows += 1
    if row["error"]:
        found.errors += 1
        found.faults[str(row["error"]).partition(":")[0]] += 1
        return
    recommended = _list(row["recommended"])
    found.stopped += bool(row["stopped"])
    found.contradictory += bool(row["contradictions"])
    found.undecided += not recommended
    for name in row:
        if name.startswith("status_"):
            found.statuses[name.removeprefix("status_")][str(row[name])] += 1
    kinds = [(found.groups, group)]
    if DATE in row:
        kinds.append((found.months, str(row[DATE] or "")[:7] or "not known"))
    for counted, kind in kinds:
        counted[kind].update([EVERY, *recommended])
    for call in _list(row["measures"]):
        measure, _, urgency = call.partition("=")
        found.measures[measure][urgency] += 1
    found.dangers.update(_list(row["dangers"]))
    found.missing.update(name.rpartition(".")[2] for name in set(_list(row["missing"])))
    found.contradicted.update(_list(row["contradictions"]))


def _list(cell: object) -> list[str]:
    return cell if isinstance(cell, list) else []


def _has_fired(rule: str, run: Finished) -> bool:
    return any(name.partition("@")[0] == rule for name in run.record.fired)


def _deciders(run: Finished, done: OnProgress, sample: int) -> tuple[int, list[Decider], list[Decider]]:
    adviser = run.adviser(run.base)
    part = next(run.parts(), None)
    if part is None:
        return 0, [], []
    columns, _ = adviser.heard(part)
    chosen = list(islice(columns.patients, sample))
    fewer = Columns(chosen, columns.lesions, columns.codes, columns.meanings)
    fired = {name.partition("@")[0] for name in run.record.fired}
    rules = [name for name in run.base.rules if name in fired]
    silenced, turned = influence_of(run.base, fewer, rules, done)

    def listed(changed: dict[str, int], example: dict[str, int]) -> list[Decider]:
        found = [Decider(name, number, str(part.patients[example[name]])) for name, number in changed.items()]
        return sorted(found, key=lambda one: (-one.lesions, one.name))

    return silenced.lesions, listed(silenced.changed, silenced.example), listed(turned.changed, turned.example)


def interval(count: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, after Wilson (1927)."""
    if not of:
        return 0.0, 1.0
    z, share = 1.959964, count / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)
