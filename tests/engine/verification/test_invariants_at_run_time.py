"""A hazard that happens stops the advice for the lesion it happens to, and says so; otherwise nothing is added."""

import pytest

import knowledge_base
from cases.model import Case, Lesion
from engine import Reasoner, advise
from engine.run import Run
from engine.verdicts import verdict_of
from explain.report.advice import report

HAZARD = """
- id: HAZ-01
  hazard: A grade of 2 is treated
  cause: A test
  harm: None
  severity: 1
  control: [{control}]
  when: {{grade: "2"}}
  never: {{some_option: {{pathway: surgery}}}}
  sources: [{{ref: book, at: p. 1, basis: primary}}]
  review: {{status: draft}}
"""


@pytest.fixture
def base(write_knowledge, toy_knowledge):
    return knowledge_base.load(
        write_knowledge({"hazards.yaml": HAZARD.format(control=next(iter(toy_knowledge.rules)))})
    )


def patient(base, *grades):
    grade = base.vocabulary["grade"]
    return Case("toy", {}, tuple(Lesion(f"L{i}", {"grade": grade.read(value)}) for i, value in enumerate(grades)))


def test_the_lesion_that_it_happens_to_gets_no_advice(base):
    reasoner, case = Reasoner(base), patient(base, "2", "1a")
    advice = advise(case, reasoner)
    stopped, other = advice.lesions
    assert (stopped.stopped, other.stopped) == (True, False)
    assert [hazard.id for hazard in stopped.hazards] == ["HAZ-01"]
    assert stopped.recommended == ()
    assert {option.status for option in stopped.options} == {"open"}
    assert not advice.is_complete
    assert "L0: no advice, because it would let this happen: A grade of 2 is treated (HAZ-01)." in " ".join(
        report(advice, base).split()
    )
    assert "A grade of 2 is treated (HAZ-01)" in str(Run(case, reasoner).no_advice("L0"))
    verdict = verdict_of(reasoner.consult(case))
    assert {status for option, status in verdict.statuses.items() if option.lesion == "L0"} == {"open"}


def test_nothing_is_added_when_it_does_not_happen(base, toy_knowledge):
    with_hazard, without = (
        advise(patient(base, "1a"), Reasoner(knowledge)).model_dump_json(exclude={"knowledge_base"})
        for knowledge in (base, toy_knowledge)
    )
    assert with_hazard == without
    assert "hazards" not in with_hazard


def test_unknown_is_not_a_hazard(base):
    advice = advise(Case("toy", {}, (Lesion("L0", {}),)), Reasoner(base))
    assert not advice.lesions[0].stopped
