"""What is wrong with a knowledge base: findings of each step, the quickest and gravest first, and results of the library."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cases.model import Case
from engine import Reasoner
from engine.verification.findings import Finding
from engine.verification.parallel import Watch, each, unwatched
from engine.verification.verify import Task
from engine.verification.verify import run as find
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.loading.frameworks import CASES
from metspine.approved import answers_of, changes, read_answers, read_witnesses
from metspine.kept_results import KeptResults, Result, mark_of
from metspine.library import LIBRARY, read_library, run


@dataclass(frozen=True)
class Checked:
    """The results of all worked patients, in order, and how many were run for it."""

    results: tuple[tuple[Path, Case, Result], ...]
    count_run: int


def contradictions(knowledge: KnowledgeBase) -> list[Finding]:
    """Return the contradictions between rules, proved over every patient, with the default sides on."""
    return find(knowledge, Task("contradictions"))


def places_of(folder: Path | None) -> list[Path]:
    """Return the folders of worked patients: the library, and that of an overlay in a folder."""
    return [LIBRARY, *sorted({path.parent for path in folder.glob(CASES)} if folder is not None else ())]


def own_folder(knowledge: KnowledgeBase, folder: Path) -> Path | None:
    """Return the folder of an overlay, which has worked patients of its own; None for other knowledge."""
    return folder if knowledge.overlay is not None else None


def library_of(knowledge: KnowledgeBase, folder: Path | None) -> Iterator[tuple[Path, Case]]:
    """Yield the worked patients of the library, and those that an overlay in a folder has of its own."""
    for place in places_of(folder):
        files = sorted(place.glob("*.yaml"))
        yield from zip(files, read_library(knowledge, place), strict=True)


def everyone_in(place: Path, knowledge: KnowledgeBase) -> list[Case]:
    """Return the worked patients and the witnesses of a folder."""
    return [*read_library(knowledge, place), *read_witnesses(place, knowledge)]


def advice_changed(knowledge: KnowledgeBase, folder: Path | None) -> dict[str, list[str]]:
    """Return each change of what was approved, with the patients whose it is; nothing where nothing was approved."""
    found: dict[str, list[str]] = {}
    for place in places_of(folder):
        if (approved := read_answers(place, knowledge)) is not None:
            found |= changes(approved, answers_of(knowledge, everyone_in(place, knowledge)))
    return found


def checked(
    knowledge: KnowledgeBase,
    cases: Iterable[tuple[Path, Case]],
    jobs: int,
    watch: Watch = unwatched,
    kept: KeptResults | None = None,
) -> Checked:
    """Return what becomes of worked patients; those are run of whom it is not known from before."""
    kept = kept or KeptResults(knowledge)
    kept.read()
    every = [(path, case, mark_of(path)) for path, case in cases]
    results = {mark: known for _, case, mark in every if (known := kept.result(case, mark)) is not None}
    left = [(case, mark) for _, case, mark in every if mark not in results]
    if left:
        reasoner: Reasoner = Reasoner(knowledge)
        found = each(_result, [case for case, _ in left], reasoner, jobs, watch)
        results |= {mark: result for (_, mark), result in zip(left, found, strict=True)}
    kept.keep(results)
    return Checked(tuple((path, case, results[mark]) for path, case, mark in every), len(left))


def _result(reasoner: Reasoner, case: Case) -> Result:
    return Result.of(run(case, reasoner), reasoner.knowledge)
