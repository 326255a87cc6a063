"""How decisive the plans are: `python -m tests.studies.decisiveness [PREFIX]` prints a table of the library's lesions.

Of each group: how many plans are firm, provided conditions hold, forked, or open; how many conditions a reader meets (wishes
are one: does the patient accept this plan? opinions that nobody gave are another), in the median and at most; and how many
findings are asked until there is a plan (none where it is firm or provided, the columns of a fork, and no number where it is
open).
"""

import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import knowledge_base
from cases.model import Case
from cases.plain import case_from
from engine.analysis.plan import Plan, Planner
from engine.symbolic.completions import Completions
from explain.phrases.plans import conditions_met
from knowledge_base import KnowledgeBase
from metspine.library import read_library

# The ten rows of the NOMS table as four letters: grade, primary, SINS total, fit for an operation; and the result. A lesion
# that threatens nothing may be watched when it does not hurt, so the first and the third row say that it hurts.
ROWS = (
    ("1a", "breast", 4, "able", "cebrt"),
    ("1a", "breast", 14, "able", "stabilization_then_cebrt"),
    ("1a", "renal_cell", 4, "able", "sbrt"),
    ("1a", "renal_cell", 14, "able", "stabilization_then_sbrt"),
    ("3", "multiple_myeloma", 4, "able", "cebrt"),
    ("3", "breast", 14, "able", "stabilization_then_cebrt"),
    ("3", "renal_cell", 4, "able", "separation_surgery_then_sbrt"),
    ("3", "renal_cell", 4, "unable", "cebrt"),
    ("3", "renal_cell", 14, "able", "separation_surgery_then_sbrt"),
    ("3", "renal_cell", 14, "unable", "percutaneous_stabilization_then_cebrt"),
)


def rows(knowledge: KnowledgeBase) -> Iterator[tuple[Case, str]]:
    """Yield the ten rows as cases of what a board knows first, each with the pathway of the table."""
    for i, (grade, primary, sins, surgery, pathway) in enumerate(ROWS, 1):
        patient = {"primary_tumour": primary, "histology_confirmed": True, "kps": 70, "open_surgery": surgery}
        lesion = {
            "id": "T8",
            "levels": ["T8"],
            "escc_grade": grade,
            "neurological_examination": "normal",
            "sins_total": sins,
            "prior_radiotherapy": "none",
        }
        if grade == "1a" and sins < 7:
            lesion["sins"] = {"pain": "occasional_not_mechanical"}
        yield case_from({"case": f"row-{i}", "patient": patient, "lesions": [lesion]}, knowledge), pathway


@dataclass(frozen=True)
class Told:
    """The plan of one lesion, and whether the case contradicts itself."""

    case: str
    plan: Plan
    is_contradictory: bool = False

    @property
    def questions(self) -> int | None:
        """The findings to ask until there is a plan; None when it is open."""
        if self.plan.fork is not None:
            return self.plan.fork.questions
        return None if self.plan.kind == "open" else 0

    @property
    def conditions(self) -> list[int]:
        """How many conditions a reader meets: of the plan, or of each row of its fork."""
        if self.plan.fork is None:
            return [] if self.plan.kind == "open" else [conditions_met(self.plan.conditions)]
        return [conditions_met(row.conditions) for row in self.plan.fork.rows if row.decided]


def told(case: Case, knowledge: KnowledgeBase) -> Iterator[Told]:
    """Yield the plan of each lesion of a case."""
    completions = Completions(knowledge, case)
    for one in Planner(completions).plan().lesions.values():
        yield Told(case.id, one, not completions.is_possible)


def describe(name: str, plans: Iterable[Told]) -> str:
    """Return the line of one group."""
    sound = [one for one in plans if not one.is_contradictory]
    kinds = Counter(one.plan.kind for one in sound)
    shares = "  ".join(f"{kind} {kinds[kind]:3}" for kind in ("firm", "provided", "forked", "open"))
    part = sum(not all(r.decided for r in one.plan.fork.rows) for one in sound if one.plan.fork)
    conditions = [count for one in sound for count in one.conditions]
    questions = sorted(9 if one.questions is None else one.questions for one in sound)
    middle = statistics.median(questions) if questions else 0
    return (
        f"{name:22} {len(sound):4}  {shares} ({kinds['open'] / max(len(sound), 1):4.0%})  rows left open in {part:3}  "
        f"conditions {statistics.median(conditions or [0]):4} (most {max(conditions or [0])})  "
        f"questions {middle if middle < 9 else 'open'}"
    )


def main() -> None:
    knowledge = knowledge_base.load()
    prefix = sys.argv[1] if len(sys.argv) > 1 else ""
    library = [case for case in read_library(knowledge) if case.id.startswith(prefix)]
    plans = {case.id: list(told(case, knowledge)) for case in library}
    every = [one for found in plans.values() for one in found]
    print(describe("rows of the table", [one for case, _ in rows(knowledge) for one in told(case, knowledge)]))
    print(describe("library", every))
    print(describe("published patients", [one for one in every if one.case.startswith("pub-")]))
    print(
        "open:", " ".join(sorted({one.case for one in every if one.plan.kind == "open" and not one.is_contradictory}))
    )


if __name__ == "__main__":
    main()
