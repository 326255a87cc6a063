"""On the NOMS knowledge, what a plan claims is tried on patients that Experta runs.

A solver of its own chooses the patients: completions in which the conditions of a plan hold and all else is drawn at random;
for each condition one in which it alone does not hold; for a fork, usual patients of every kind. Experta has the last word.
"""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from planoracle import Oracle, Ran, looked_ahead, ran

from cases import case_of
from cases.model import Case
from engine import Reasoner, Run, advise
from engine.analysis.conditions import Condition, Conditions
from engine.analysis.fork import Forking
from engine.analysis.lookahead import Lookahead
from engine.analysis.plan import Plan, Planner
from engine.inference.subjects import Subject
from engine.symbolic.circuit import FALSE, Lit
from engine.symbolic.completions import Completions, completed
from explain.phrases.plans import conditions_met
from knowledge_base.text.strict_yaml import Document
from metspine.library import read_library
from tests.studies.decisiveness import rows

QUICK = (
    "noms-n4", "two-lesions", "pub-crior-916501", "contradiction-grade", "paraplegia-beyond-48-hours",
    "unknown-o-primary-not-found", "emergency-breast-with-deficit",
)  # fmt: skip
SAMPLES = 6


class Sampler:
    """Draws completions of one case."""

    def __init__(self, reasoner: Reasoner, case: Case, seed: int = 0) -> None:
        self.reasoner, self.case = reasoner, case
        self.completions = Completions(reasoner.knowledge, case)
        self.conditions = Conditions(self.completions)
        self.dice = random.Random(f"{case.id} {seed}")

    def draw(self, *when: Lit) -> Ran | None:
        """Return a completion in which some literals are true and as much else as can be is as drawn; None for none."""
        model = self.completions.solver.model(*when, *self._drawn(*when))
        if model is None:
            return None
        answers = self.completions.answers(model)
        return ran(self.reasoner, completed(self.case, answers.items()))

    def _drawn(self, *when: Lit) -> list[Lit]:
        facts = sorted(self.completions.unknown)
        self.dice.shuffle(facts)
        kept: list[Lit] = []
        for fact in facts:
            held = self.completions.inputs[fact]
            offered = [lit for lit in (*held.choices, *held.chosen.values(), held.unsaid) if lit != FALSE]
            literal = self.dice.choice(offered) if offered else None
            if literal is not None and self.completions.solver.can_be(*when, *kept, literal):
                kept.append(literal)
        return kept

    def holding(self, conditions: tuple[Condition, ...]) -> list[Lit]:
        found = []
        for condition in conditions:
            held = self.completions.inputs[condition.fact]
            if condition.values is None:
                found.append(held.unsaid)
                continue
            values = held.attribute.read(condition.values)
            met = self.completions.encoding.cells.meeting(condition.attribute, values)
            literals = [held.choices[i] for i in sorted(met)]
            found.append(self.completions.encoding.circuit.any([*literals, held.unsaid if condition.unsaid else FALSE]))
        return found


def faults(reasoner: Reasoner, case: Case, samples: int = SAMPLES) -> Iterator[str]:
    sampler = Sampler(reasoner, case)
    found = Planner(Completions(reasoner.knowledge, case)).plan()
    if not sampler.completions.is_possible:
        if any(p.kind != "open" or not p.next for p in found.lesions.values()):
            yield "a plan for a patient who cannot be"
        return
    for lesion, one in found.lesions.items():
        drawn = list(_drawn(sampler, lesion, one, samples))
        oracle = Oracle(reasoner.knowledge, reasoner, case, some=())
        oracle.completions = [completion for completion in drawn if completion.is_coherent]
        if len(oracle.completions) < len(drawn):
            yield f"{lesion}: a contradiction that the solver does not see"
        oracle.usual = [c for c in oracle.completions if _is_usual(sampler, oracle, c)]
        yield from (f"{lesion}: {fault}" for fault in oracle.faults_of(lesion, one))
        yield from (f"{lesion}: {fault}" for fault in _idle(sampler, oracle, lesion, one.recommended, one.conditions))


def _drawn(sampler: Sampler, lesion: str, one: Plan, samples: int) -> Iterator[Ran]:
    for _ in range(samples):
        yield from _found(sampler.draw(*sampler.holding(one.conditions)))
        yield from _found(sampler.draw(*sampler.conditions.literals))
    for row in one.fork.rows if one.fork else ():
        witness = case_of(Document("witness", row.witness, {}), sampler.reasoner.knowledge)
        yield ran(sampler.reasoner, witness)


def _found(completion: Ran | None) -> Iterator[Ran]:
    if completion is not None:
        yield completion


def _is_usual(sampler: Sampler, oracle: Oracle, completion: Ran) -> bool:
    return all(oracle.is_usual((str(s), name), completion) for s, name in sampler.conditions.supposed)


def _idle(
    sampler: Sampler, oracle: Oracle, lesion: str, recommended: tuple[str, ...], conditions: tuple[Condition, ...]
) -> Iterator[str]:
    """Say which conditions could be left out: of each, Experta must show a patient for whom it makes a difference."""
    literals = sampler.holding(conditions)
    other = -sampler.completions.encoding.is_outcome(Subject(lesion), frozenset(recommended))
    for i, condition in enumerate(conditions):
        patient = sampler.draw(*literals[:i], *literals[i + 1 :], other)
        if patient is None or patient.outcomes[lesion] == frozenset(recommended) or oracle.holds(condition, patient):
            yield f"an idle condition: {condition.fact}"


@pytest.fixture(scope="module")
def library(noms) -> dict[str, Case]:
    return {case.id: case for case in read_library(noms)}


@pytest.mark.parametrize("name", QUICK)
def test_plans_are_borne_out_on_some_of_the_library(reasoner, library, name):
    assert list(faults(reasoner, library[name], 3)) == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_plans_are_borne_out_on_the_whole_library(reasoner, library, block):
    names = sorted(library)[block::20]
    assert [f"{name}: {fault}" for name in names for fault in faults(reasoner, library[name])] == []


def test_would_notice_a_condition_that_is_hidden(reasoner, library, monkeypatch):
    monkeypatch.setattr(Conditions, "_widened", lambda self, goal, kept: kept[1:])
    with pytest.raises(AssertionError):
        assert list(faults(reasoner, library["noms-n4"])) == []


def test_would_notice_a_course_that_is_another(reasoner, library, monkeypatch):
    right = Forking._course
    monkeypatch.setattr(Forking, "_course", lambda self, outcome: frozenset(f"no {x}" for x in right(self, outcome)))
    found = faults(reasoner, library["pub-crior-916501"], 0)
    assert "takes another course" in " ".join(found)


@pytest.mark.parametrize("row", range(1, 11))
def test_every_row_of_the_published_table_is_a_plan_without_a_question(noms, reasoner, row):
    case, pathway = list(rows(noms))[row - 1]
    (lesion,) = advise(case, reasoner, plan=True).lesions
    assert (lesion.plan.kind, lesion.plan.recommended, lesion.plan.next) == ("provided", (pathway,), ())
    assert conditions_met(lesion.plan.conditions) <= 9


def test_inputs_that_contradict_each_other_are_corrected_first(reasoner, library):
    (lesion,) = advise(library["contradiction-grade"], reasoner, plan=True).lesions
    assert (lesion.plan.kind, lesion.plan.recommended) == ("open", ())
    assert [following.kind for following in lesion.plan.next] == ["conversation"]


def test_a_biopsy_that_is_ordered_leaves_nothing_settled(reasoner, library):
    (lesion,) = advise(library["unknown-o-primary-not-found"], reasoner, plan=True).lesions
    assert (lesion.plan.kind, lesion.plan.recommended) == ("open", ())
    assert "biopsy" in {following.measure for following in lesion.plan.next}


def test_an_exception_that_is_given_is_no_condition(reasoner, library):
    data = {"case": "x", "patient": {"coagulopathy": True}, "lesions": [{"id": "T6"}]}
    patient = {**library["noms-n7"].patient, **case_of(Document("x", data, {}), reasoner.knowledge).patient}
    (lesion,) = advise(replace(library["noms-n7"], patient=patient), reasoner, plan=True).lesions
    assert lesion.plan.recommended != ("separation_surgery_then_sbrt",)
    assert "patient.coagulopathy" not in {str(condition.fact) for condition in lesion.plan.conditions}


def test_what_is_dangerous_to_overlook_comes_first(reasoner, library):
    (lesion,) = advise(library["noms-n4"], reasoner, plan=True).lesions
    order = ["excludes", "advises_against", "changes"]
    places = [order.index(condition.danger) for condition in lesion.plan.conditions]
    assert places == sorted(places)
    assert places[0] == 0
    rules = {rule for condition in lesion.plan.conditions for rule in condition.because}
    assert all(condition.because for condition in lesion.plan.conditions)
    assert {"SBRT-02", "FIT-13"} <= rules


def test_a_fork_asks_since_when_after_what(noms, reasoner, library):
    (lesion,) = advise(library["pub-merino-rueda-rcc"], reasoner, plan=True).lesions
    rows = [[when.fact.attribute for when in row.when] for row in lesion.plan.fork.rows]
    assert any("prior_radiotherapy_months" in row for row in rows)
    for row in rows:
        for i, name in enumerate(row):
            before = noms.vocabulary[name].asked_after
            assert not before or set(before) & set(row[:i])


def test_what_an_emergency_hangs_on_leads_and_since_when_waits_for_it(reasoner, library):
    (lesion,) = advise(library["pub-zhang-2008-s1-lung"], reasoner, plan=True).lesions
    asked = [following.fact.attribute for following in lesion.plan.next if following.fact]
    assert asked[:3] == ["new_deficit", "ambulation", "sphincter_disturbance"]
    assert "deficit_hours" not in asked


def test_the_danger_of_a_deficit_holds_whatever_turns_out(reasoner, library):
    plans = Run(library["emergency-breast-with-deficit"], reasoner).plans
    firm = {danger.name for danger in plans.dangers if danger.kind == "firm"}
    assert "EMG-07" in firm


def test_a_row_that_leaves_many_pathways_tells_their_course(reasoner, library):
    (lesion,) = advise(library["pub-crior-916501"], reasoner, plan=True).lesions
    told = {course for row in lesion.plan.fork.rows for course in row.courses}
    assert ("a decompression with stabilisation",) in told
    assert all(len(row.possible) > 2 for row in lesion.plan.fork.rows if row.courses)


def test_lesions_that_share_the_patient_have_plans_of_their_own(reasoner, library):
    advice = advise(library["two-lesions"], reasoner, plan=True)
    about = [{c.subject for c in lesion.plan.conditions} - {"patient"} for lesion in advice.lesions]
    assert len(about) > 1
    assert all(subjects <= {lesion.id} for subjects, lesion in zip(about, advice.lesions, strict=True))


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("conditions", [False, True])
def test_looking_ahead_tells_the_same_as_planning(library, reasoner, name, conditions):
    planned = Planner(Completions(reasoner.knowledge, library[name])).lesions(brief=True)
    ahead = Lookahead(reasoner.knowledge, library[name]).ahead(frozenset(), (), conditions)
    assert looked_ahead(ahead, conditions) == looked_ahead(planned, conditions)
    assert conditions or all(not one.conditions for one in ahead.values())


@pytest.mark.parametrize("name", ["unknown-o-prior-radiotherapy", "pub-ftc-l2-tufan"])
def test_a_fork_asks_the_finding_on_which_an_assessment_hangs(reasoner, library, name):
    """What conventional radiotherapy can do hangs on nothing but earlier radiotherapy where the tumour is known."""
    (lesion,) = advise(library[name], reasoner, plan=True).lesions
    asked = {finding.attribute for finding in lesion.plan.fork.findings}
    assert "prior_radiotherapy" in asked
    assert "cebrt_response" not in asked
    for row in lesion.plan.fork.rows:
        told = [when.fact for when in row.when]
        assert len(told) == len(set(told))
