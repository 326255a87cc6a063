"""The program for everyone says what Experta says: on worked and random patients, on targeted ones, on every side."""

import random
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import pytest
from populations import cohort_of, differences, different_values, sides_of
from randomcases import random_case

import knowledge_base
from cases import Case, case_from
from cases.model import Lesion
from engine import Reasoner
from engine.cohort import Columns
from engine.inference.subjects import PATIENT
from engine.symbolic.circuit import FALSE
from engine.symbolic.fine_cells import FinestCells
from engine.symbolic.mutated import mutated_program
from engine.symbolic.partition import value_in
from engine.symbolic.program import MOST_LESIONS, SWITCH, Inexact, Intake, program_of
from engine.verification.space import LESION, Space
from knowledge_base.language.conditions import ALWAYS, NEVER, All, Any, Line
from knowledge_base.language.domains import Numbers, Subsets
from knowledge_base.language.rules import Rule
from metspine.library import read_library

OTHERS = ("tokuhashi", "tomita", "lmnop", "md_anderson")
FEW = 8
BLOCKS, BLOCK = 500, 200  # 100,000 random patients
LESIONS = (1, 2, 1, 3, 1, 2, 1, 4)  # of the patients of a block
ALONE = (2, 4, 5)  # seeds of random patients with one lesion: one program is enough for them


@pytest.fixture(scope="module")
def cohort(noms, reasoner):
    return cohort_of(noms, reasoner)


@pytest.fixture(scope="module")
def everything(noms):
    return cache(lambda lesions: program_of(noms, lesions, everything=True))


@pytest.fixture(scope="module")
def space(noms):
    return Space(noms)


# --- worked and random patients --------------------------------------------------------------------------------------


def test_findings_of_worked_and_random_patients(noms, cohort):
    cases = [*read_library(noms)[::40], *(random_case(noms, seed) for seed in range(FEW))]
    assert differences(cohort, cases) == []


def test_every_settled_value_of_random_patients(noms, reasoner, everything):
    for lesions in (1, 2):
        cases = [case for seed in range(60) if len((case := random_case(noms, 1000 + seed)).lesions) == lesions][:FEW]
        assert different_values(noms, reasoner, everything(lesions), cases) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(BLOCKS))
def test_findings_of_many_random_patients(block):
    """Of four blocks two are of the knowledge as it is, one with a side drawn for each dispute, one of other frameworks."""
    kind, turn = block % 4, block // 4
    base = base_of(OTHERS[(turn + turn // 4) % 4] if kind == 3 else "noms")
    reasoner = reasoner_of(base.framework.id)
    for dispute in base.disputes.values() if kind == 2 else ():
        base = base.with_side(dispute.id, random.Random(f"{block} {dispute.id}").choice(list(dispute.sides)))
    seeds = range(10_000 + block * BLOCK, 10_000 + (block + 1) * BLOCK)
    cases = [random_case(base, seed, lesions=LESIONS[turn % len(LESIONS)]) for seed in seeds]
    assert differences(cohort_of(base, reasoner), cases) == []


base_of = cache(knowledge_base.load)
reasoner_of = cache(lambda name: Reasoner(base_of(name)))


@pytest.mark.slow
def test_findings_of_the_whole_library(noms, cohort):
    assert differences(cohort, read_library(noms)) == []


@pytest.mark.parametrize("name", OTHERS)
def test_findings_in_other_frameworks(name):
    base = knowledge_base.load(name)
    cases = [random_case(base, seed) for seed in range(FEW)]
    assert differences(cohort_of(base, Reasoner(base)), cases) == []


def of_side(noms, reasoner, dispute, side, seeds):
    base = noms.with_side(dispute, side)
    return differences(cohort_of(base, reasoner), [random_case(base, seed) for seed in seeds])


def test_findings_on_another_side_of_a_dispute(noms, reasoner):
    for dispute, side in sides_of(noms)[::9]:
        assert of_side(noms, reasoner, dispute, side, ALONE) == []


def test_findings_of_patients_who_contradict_themselves(noms, cohort):
    cases = [random_case(noms, seed, known=0.95) for seed in range(2000, 2006)]
    contradictions = cohort.advise(Columns.of(cases)).lists["contradictions"]
    assert sum(len(found) > 0 for found in contradictions) >= 4
    assert differences(cohort, cases) == []


# --- what cannot be exact --------------------------------------------------------------------------------------------


def test_a_range_that_ends_inside_a_cell(noms, cohort):
    """Three levels mean three metastases or more; of 1 to 3 that leaves 3, which is known. Cells must be as fine."""
    case = case_from(
        {
            "case": "gap",
            "patient": {"vertebral_metastases_count": "1..3"},
            "lesions": [{"id": "L1", "levels": ["T5", "T6", "T7"]}],
        },
        noms,
    )
    assert differences(cohort, [case]) == []
    assert "TOK-34" in cohort.consulted(case)[0].fired
    assert Intake(noms).takes(case)


VOCABULARY = """
- {id: level, label: level, question: 'How much?', of: lesion, letter: S, type: number, range: 0..10, class: finding,
   from: [case, rules]}
- {id: other, label: other, question: 'And that?', of: lesion, letter: S, type: number, range: 0..10, class: finding}
- {id: high, label: high, of: lesion, letter: S, type: yes_no, from: [rules]}
"""
RULES = """
- id: A-01
  when: {other: '>= 5'}
  then: [{set: {level: '<= 3'}}]
- id: A-02
  when: {level: known}
  then: [{set: {high: true}}]
- id: A-03
  when: {high: true}
  then: [{argue: {pathway: cut, stance: recommend}}]
"""


def lesion(base, **given):
    read = {name: base.vocabulary[name].read(raw) for name, raw in given.items()}
    return Case("toy", {}, (Lesion("L1", read),))


def test_a_range_of_which_rules_may_leave_its_end_is_left_to_experta(toy):
    base = toy(VOCABULARY, RULES)
    cut, whole = lesion(base, level="3..7", other=8), lesion(base, level=2.5, other=8)
    assert [Intake(base).takes(case) for case in (cut, whole)] == [False, True]
    cohort = cohort_of(base, Reasoner(base))
    assert differences(cohort, [cut, whole]) == []
    assert "A-02" in cohort.consulted(cut)[0].fired
    packed = Intake(base).packed(program := program_of(base, 1), [cut])
    fired = {o[3] for i, o in program.of("fired") if program.run(packed, 1)[i]}
    assert "A-02" not in fired, "the program alone would have been wrong"


def test_a_continuous_number_that_copies_and_is_given_is_refused(toy):
    base = toy(VOCABULARY, RULES.replace("{set: {level: '<= 3'}}", "{set: {level: {same_as: other}}}"))
    with pytest.raises(Inexact, match=r"level is a number that the case and A-01 name exactly"):
        program_of(base, 1)


def test_a_patient_with_many_lesions_is_left_to_experta(noms):
    many = Case("many", {}, tuple(Lesion(f"L{i:02}", {}) for i in range(MOST_LESIONS + 1)))
    assert not Intake(noms).takes(many)
    with pytest.raises(Inexact, match="let Experta advise"):
        program_of(noms, MOST_LESIONS + 1)


def test_a_set_that_is_partly_known_is_left_to_experta(noms):
    some = Subsets(frozenset({"T5"}), frozenset({"T5", "T6"}))
    assert not Intake(noms).takes(Case("partly", {}, (Lesion("L1", {"levels": some}),)))


# --- targeted patients -----------------------------------------------------------------------------------------------


def ranges(noms):
    """Yield a patient for each line through each number: values and ranges that end on it, before it and behind it."""
    cells = FinestCells(noms)
    for kind in ("patient", "lesion"):
        for attribute in noms.vocabulary.given_of(kind):
            if attribute.type != "number":
                continue
            points = [value for cell in cells.of(attribute.id) if (value := value_in(cell, attribute.step)) is not None]
            for one, two in pairwise(points):
                span = attribute.on_steps(Numbers.between(one.low, two.low, one.whole))
                for given in (one, span) if not span.is_empty and span != attribute.domain else (one,):
                    said = {attribute.id: given}
                    own = said if kind == "lesion" else {}
                    yield Case(f"{attribute.id} {given}", said if kind == "patient" else {}, (Lesion("L1", own),))


def test_findings_at_the_ends_of_ranges(noms, cohort):
    assert differences(cohort, list(ranges(noms))[::40]) == []


@pytest.mark.slow
def test_findings_at_the_end_of_every_range(noms, cohort):
    assert differences(cohort, list(ranges(noms))) == []


def without(condition, line):
    """Return a condition in which one of its lines says nothing: what an `all` needs no more, an `any` has no more."""
    if condition == line:
        return ALWAYS
    if isinstance(condition, All | Any):
        neutral = ALWAYS if isinstance(condition, All) else NEVER
        parts = tuple(neutral if part == line else without(part, line) for part in condition.parts)
        return replace(condition, parts=parts)
    return condition


def lines_of(condition):
    if isinstance(condition, Line):
        yield condition
    elif isinstance(condition, All | Any):
        for part in condition.parts:
            yield from lines_of(part)


def mutants(noms):
    """Yield every rule without one of its lines."""
    for rule in noms.rules.values():
        for line in lines_of(rule.when):
            yield rule, line, rule.model_copy(update={"when": without(rule.when, line)})
        for line in lines_of(rule.unless):
            left = NEVER if rule.unless == line else without(rule.unless, line)
            yield rule, line, rule.model_copy(update={"unless": left})


def told_apart(space, rule, mutant):
    """Return a patient for whom a rule and its mutant do not both fire; None when the solver proves there is none."""
    subjects = (PATIENT,) if rule.subject == "patient" else space.encoding.below(rule.subject, LESION)
    for subject in subjects:
        ours = space.encoding.fires(rule.id, subject)
        when, unless = space.encoding.truths(mutant.when, subject), space.encoding.truths(mutant.unless, subject)
        theirs = space.circuit.all((when[0], -unless[0]))
        for literals in ((ours, -theirs), (-ours, theirs)):
            literal = space.circuit.all(literals)
            if literal != FALSE and (model := space.solver.model(literal, space.is_coherent)) is not None:
                return space.case_of(model, f"{rule.id} {subject}")
    return None


def targeted(noms, space, chosen):
    found = ((rule, mutant, told_apart(space, rule, mutant)) for rule, _, mutant in chosen)
    return [(rule, mutant, case) for rule, mutant, case in found if case is not None]


@dataclass(frozen=True)
class Slip:
    unit: str
    mutated: Rule


def not_noticed(noms, cohort, found):
    """Return the mutants whose program does not give itself away on a patient whom Experta advises by the rules as they are.

    One program has them all, each behind a switch; patient n goes through it with mutant n on.
    """
    slips = [Slip(rule.id, mutant) for rule, mutant, _ in found]
    program = mutated_program(noms, 1, cohort.intake.cells, slips, {"fired"})
    numbers = cohort.intake.packed(program, [case for _, _, case in found])
    for place, (_, name, part) in enumerate(program.inputs):
        if part == SWITCH:
            numbers[place] = 1 << int(name)
    results = program.run(numbers, (1 << len(found)) - 1)
    told = []
    for bit, (rule, _, case) in enumerate(found):
        fired = {_name(o) for i, o in program.of("fired") if results[i] >> bit & 1}
        if fired == {name for finding in cohort.consulted(case) for name in finding.fired}:
            told.append(rule.id)
    return told


def _name(output):
    return f"{output[3]}@{output[2]}" if output[2] else output[3]


def test_a_line_that_is_lost_is_noticed(noms, cohort, space):
    """For lines of rules, a patient for whom just that line decides: all mutants that any patient shows are noticed."""
    chosen = random.Random(17).sample(list(mutants(noms)), 20)
    found = targeted(noms, space, chosen)
    assert len(found) >= 15
    assert differences(cohort, [case for _, _, case in found]) == []
    assert not_noticed(noms, cohort, found) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_every_line_that_is_lost_is_noticed(noms, cohort, space, block):
    found = targeted(noms, space, list(mutants(noms))[block::20])
    assert differences(cohort, [case for _, _, case in found]) == []
    assert not_noticed(noms, cohort, found) == []


def test_rules_that_are_not_expertas_are_noticed(noms, reasoner):
    """The comparison of findings itself: a program of another side gives other findings."""
    dispute, side = sides_of(noms)[0]
    base = noms.with_side(dispute, side)
    cohort = cohort_of(noms, reasoner, cache(lambda lesions: program_of(base, lesions)))
    assert differences(cohort, [random_case(noms, seed) for seed in ALONE]) != []
