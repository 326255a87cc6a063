"""Cases as the columns of a cohort, and where the program for everyone and Experta part."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

from cases.model import Case
from engine import Reasoner
from engine.cohort import Cohort, Columns
from engine.inference.subjects import Subject
from engine.symbolic.program import Intake, Program, program_of, slot
from knowledge_base import KnowledgeBase
from knowledge_base.language.domains import Subsets, both


def cohort_of(knowledge: KnowledgeBase, reasoner: Reasoner, programs: Callable[[int], Program] | None = None) -> Cohort:
    """Return a cohort that keeps its programs for this test."""
    return Cohort(knowledge, programs or cache(lambda lesions: program_of(knowledge, lesions)), lambda: reasoner)


def differences(cohort: Cohort, cases: Sequence[Case]) -> list[str]:
    """Return where the findings of the program are not those of Experta, row by row."""
    columns = Columns.of(cases)
    found = cohort.advise(columns, fired=True)
    told = []
    for case, rows in zip(cases, columns.patients, strict=True):
        for row, expected in zip(rows, cohort.consulted(case), strict=True):
            got = found.row(row)
            for key in expected.__dataclass_fields__:
                if getattr(got, key) != getattr(expected, key):
                    told.append(f"{case.id}/{columns.lesions[row]}.{key}: {getattr(got, key)} {getattr(expected, key)}")
    return told


COMPARED = ("may_be", "must_be", "known", "fired", "inputs", "rules")


def different_values(
    knowledge: KnowledgeBase, reasoner: Reasoner, program: Program, cases: Sequence[Case]
) -> list[str]:
    """Return the settled values, firings and contradictions in which a program with everything and Experta part."""
    intake = Intake(knowledge)
    results = program.run(intake.packed(program, cases), (1 << len(cases)) - 1)
    told = []
    for bit, case in enumerate(cases):
        got = {o for i, o in enumerate(program.outputs) if o[0] in COMPARED and results[i] >> bit & 1}
        told += [f"{case.id}: {output}" for output in sorted(got ^ set(_expected(knowledge, reasoner, case, intake)))]
    return told


def _expected(
    knowledge: KnowledgeBase, reasoner: Reasoner, case: Case, intake: Intake
) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield what Experta says, as far as it is compared here, in the words of a program."""
    consultation = reasoner.consult(case, knowledge)
    slots = {lesion.id: slot(i) for i, lesion in enumerate(case.lesions)} | {"": ""}
    for (subject, name), values in consultation.state.values.items():
        lesion, attribute = slots[subject.lesion], knowledge.vocabulary[name]
        if name == "pathway":
            continue
        if values.is_single:
            yield "known", lesion, subject.pathway, name, ""
        if isinstance(values, Subsets):
            yield from (("may_be", lesion, subject.pathway, name, m) for m in attribute.names if m in values.allowed)
            yield from (("must_be", lesion, subject.pathway, name, m) for m in attribute.names if m in values.required)
            continue
        for i, cell in enumerate(intake.cells.of(name)):
            if not both(cell, values).is_empty:
                yield "may_be", lesion, subject.pathway, name, str(i)
    for firing in consultation.firings:
        subject = Subject.of(firing.subject)
        yield "fired", slots[subject.lesion], subject.pathway, firing.rule, ""
    for clash in consultation.trace.contradictions:
        subject, name = clash.fact
        yield clash.between, slots[subject.lesion], subject.pathway, name, ""


def sides_of(knowledge: KnowledgeBase) -> list[tuple[str, str]]:
    """Return every side of every dispute that is not on."""
    return [(d.id, side) for d in knowledge.disputes.values() for side in d.sides if side != knowledge.sides[d.id]]
