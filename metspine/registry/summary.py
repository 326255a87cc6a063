"""What a whole registry looks like in the light of the knowledge: counts, and which rules and disputed points decide."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from cases.columns import DATE, PATIENT
from engine.cohort import Columns
from engine.influence import Settling, influence_of, settling_of
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import listed
from metspine.registry.opening import Finished
from metspine.registry.part import status_column
from metspine.registry.plans import PLAN
from metspine.registry.run import OnProgress
from metspine.registry.tables import SEPARATOR
from metspine.results import Unknown

SAMPLE = 10_000  # patients on whom it is tried what a rule decides
MOST_MISSING = 20  # data that are missing most, of which it is tried what they would settle


@dataclass(frozen=True)
class Decider:
    """A rule, or a side of a dispute, that changes what is recommended for some lesions; `example` is a patient."""

    name: str
    lesions: int
    example: str


@dataclass
class Done:
    """What was done beside what was advised: by pathway, how many lesions have which status; and an example of each."""

    column: str
    statuses: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    unread: Counter[str] = field(default_factory=Counter)  # cells that name no pathway
    lesions: int = 0  # for which it says what was done, and something is recommended
    agreed: int = 0  # of these: something that was done is recommended
    examples: dict[tuple[str, str], str] = field(default_factory=dict)  # of a pathway and a status, a patient


@dataclass
class Summary:
    """The counts that the page of a registry shows; `groups` are of the primary tumour, `months` of the date.

    `examples` has a patient for each datum that is missing (`missing`), rule that tells a danger, and so on, by that name.
    """

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
    plans: Counter[str] = field(default_factory=Counter)  # of each kind, where the run has written plans
    dangers: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    contradicted: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    sampled: int = 0
    deciders: list[Decider] = field(default_factory=list)
    disputed: list[Decider] = field(default_factory=list)
    settling: dict[str, Settling] = field(default_factory=dict)
    examples: dict[tuple[str, str], str] = field(default_factory=dict)
    done: Done | None = None

    @property
    def advised(self) -> int:
        """The rows that could be read."""
        return self.rows - self.errors


GROUP = "primary_tumour"
EVERY = ""  # in `groups` and `months`: how many lesions there are, whatever is recommended


def summary_of(
    run: Finished, progress: OnProgress = lambda done, of: None, sample: int = SAMPLE, done: str | None = None
) -> Summary:
    """Return the summary of a run. Deciders are sought among the first patients, as many as `sample` says.

    `done` is a column that was carried through and names the pathway that a lesion had; raises `Unknown` when there is none.
    """
    if done is not None and done not in run.record.carried:
        raise Unknown(f"{done!r} is no column that was carried through ({listed(run.record.carried) or 'none was'})")
    found = Summary(patients=run.record.counts.get("patients", 0), done=None if done is None else Done(done))
    groups = _groups(run)
    for row, group in zip(run.rows, groups, strict=True):
        _count(found, row, group)
        if found.done is not None and not row["error"]:
            _beside(found.done, row, run.base)
    found.silent = [name for name in run.base.rules if not _has_fired(name, run)]
    _tried(found, run, progress, sample)
    return found


def _beside(done: Done, row: dict[str, object], base: KnowledgeBase) -> None:
    """Count a row in which it says what was done."""
    cell = row[done.column]
    texts = [
        str(part).strip() for part in (cell if isinstance(cell, list) else str(cell or "").split(SEPARATOR.strip()))
    ]
    named = {text: [name for name in base.named(text) if name in base.pathways][:1] for text in texts if text}
    done.unread.update(text for text, pathways in named.items() if not pathways)
    pathways = sorted({name for found in named.values() for name in found})
    recommended = _list(row["recommended"])
    done.lesions += bool(pathways and recommended)
    done.agreed += not set(recommended).isdisjoint(pathways)
    for pathway in pathways:
        status = str(row[status_column(pathway)])
        done.statuses[pathway][status] += 1
        done.examples.setdefault((pathway, status), str(row[PATIENT]))


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
        _tally(found, found.faults, "fault", [str(row["error"]).partition(":")[0]], row)
        return
    recommended = _list(row["recommended"])
    found.stopped += bool(row["stopped"])
    found.contradictory += bool(row["contradictions"])
    found.undecided += not recommended
    if row.get(PLAN):
        found.plans[str(row[PLAN])] += 1
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
    _tally(found, found.dangers, "danger", _list(row["dangers"]), row)
    _tally(found, found.missing, "missing", {name.rpartition(".")[2] for name in _list(row["missing"])}, row)
    _tally(found, found.contradicted, "contradiction", _list(row["contradictions"]), row)


def _tally(found: Summary, counter: Counter[str], kind: str, names: Iterable[str], row: dict[str, object]) -> None:
    """Count names of a row, and remember its patient as an example of each that has none yet."""
    for name in names:
        counter[name] += 1
        if row[PATIENT] is not None:
            found.examples.setdefault((kind, name), str(row[PATIENT]))


def _list(cell: object) -> list[str]:
    return cell if isinstance(cell, list) else []


def _has_fired(rule: str, run: Finished) -> bool:
    return any(name.partition("@")[0] == rule for name in run.record.fired)


def _tried(found: Summary, run: Finished, progress: OnProgress, sample: int) -> None:
    """Put in what trying shows: which rules and disputed points decide, and what the data missing most would settle."""
    adviser = run.adviser(run.base)
    part = next(run.parts(), None)
    if part is None:
        return
    columns, _ = adviser.heard(part)
    chosen = list(islice(columns.patients, sample))
    fewer = Columns(chosen, columns.lesions, columns.codes, columns.meanings)
    fired = {name.partition("@")[0] for name in run.record.fired}
    rules = [name for name in run.base.rules if name in fired]
    silenced, turned = influence_of(run.base, fewer, rules, progress)

    def sorted_out(changed: dict[str, int], example: dict[str, int]) -> list[Decider]:
        deciders = [Decider(name, number, str(part.patients[example[name]])) for name, number in changed.items()]
        return sorted(deciders, key=lambda one: (-one.lesions, one.name))

    found.sampled = silenced.lesions
    found.deciders = sorted_out(silenced.changed, silenced.example)
    found.disputed = sorted_out(turned.changed, turned.example)
    missing = [name for name, _ in found.missing.most_common(MOST_MISSING)]
    found.settling = settling_of(run.base, fewer, missing)
