"""Disputed points: which rules count, what another side would give, and what that costs."""

from collections.abc import Callable
from textwrap import dedent

import pytest

from cases import case_of, read_case
from engine import Advice, Reasoner, advise
from engine.analysis.disputes import disputes_of
from engine.inference.experta_adapter import Engine
from engine.inference.subjects import Subject
from engine.verdicts import verdict_of
from explain.report.advice import report
from knowledge_base import KnowledgeBase, load
from knowledge_base.loading.frameworks import DEFAULT
from knowledge_base.text.strict_yaml import read_text
from metspine.library import LIBRARY

AdviseOn = Callable[[str], Advice]


def case(lesion: str) -> str:
    return f"""
    case: one
    patient: {{fitness: fit}}
    lesions: [{{id: T8, grade: "2", histology: renal, {lesion}}}]
    """


@pytest.fixture
def toy_knowledge(write_knowledge) -> KnowledgeBase:
    """The small knowledge base, with the rules that turn arguments into statuses."""
    options = (DEFAULT / "rules" / "options.yaml").read_text(encoding="utf-8")
    return load(write_knowledge({"rules/options.yaml": options}))


@pytest.fixture
def advise_on(toy_knowledge: KnowledgeBase) -> AdviseOn:
    reasoner = Reasoner(toy_knowledge)
    return lambda lesion: advise(case_of(read_text(dedent(case(lesion)), "one.yaml"), toy_knowledge), reasoner)


def test_only_the_rules_of_the_side_that_is_on_count(toy_knowledge):
    assert {"GAP-02", "GAP-03"} & set(toy_knowledge.rules) == {"GAP-02"}
    other = toy_knowledge.with_side("gap", "three")
    assert {"GAP-02", "GAP-03"} & set(other.rules) == {"GAP-03"}
    assert {"GAP-02", "GAP-03"} & set(toy_knowledge.with_side("gap", "any").rules) == set()
    assert set(toy_knowledge.whole.rules) == set(toy_knowledge.rules) | {"GAP-03"}
    assert other.with_side("gap", "two").rules == toy_knowledge.rules


def test_digest_is_that_of_the_whole_and_the_stamp_says_which_sides_are_on(toy_knowledge, advise_on):
    other = toy_knowledge.with_side("gap", "three")
    assert other.digest == toy_knowledge.digest
    assert other.levels == toy_knowledge.levels
    assert advise_on("gap_mm: 5").knowledge_base.sides == {"gap": "two"}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("gpa", "two"), "'gpa' is not a known dispute (gap). Did you mean 'gap'?"),
        (("gap", "tow"), "'tow' is not a side of gap (two, three, any). Did you mean 'two'?"),
    ],
)
def test_a_side_that_does_not_exist_cannot_be_on(toy_knowledge, names, message):
    with pytest.raises(ValueError) as found:
        toy_knowledge.with_side(*names)
    assert str(found.value) == message


def test_a_dispute_that_does_not_bear_on_the_patient_is_not_told_and_not_run(advise_on, monkeypatch):
    runs = []
    run = Engine.run
    monkeypatch.setattr(Engine, "run", lambda self, facts: (runs.append(1), run(self, facts))[1])
    assert advise_on("gap_mm: 3").disputes == ()
    assert advise_on("deficit: true").disputes == ()
    assert len(runs) == 2


def test_a_rule_of_our_side_that_fired_is_what_the_advice_rests_on(advise_on):
    (dispute,) = advise_on("gap_mm: 1").disputes
    assert (dispute.dispute, dispute.side, dispute.rests_on) == ("gap", "two", ("GAP-02@T8",))
    three, none = dispute.others
    assert (three.side, three.differs, three.changes, three.fired) == ("three", False, (), ("GAP-03",))
    assert (none.side, none.differs, none.fired) == ("any", True, ())
    assert none.lesions == {"T8": ("surgery",)}
    assert [(c.about, c.ours, c.theirs) for c in none.changes] == [("T8/surgery", "acceptable", "recommended")]


def test_a_rule_of_another_side_that_would_fire_is_told(advise_on):
    (dispute,) = advise_on("gap_mm: 2.5").disputes
    assert dispute.rests_on == ()
    assert [(other.side, other.differs) for other in dispute.others] == [("three", True), ("any", False)]


def test_the_other_side_is_what_its_own_knowledge_base_gives(toy_knowledge, advise_on):
    given = case_of(read_text(dedent(case("gap_mm: 2.5")), "one.yaml"), toy_knowledge)
    alone = advise(given, Reasoner(toy_knowledge.with_side("gap", "three")))
    (dispute,) = advise_on("gap_mm: 2.5").disputes
    assert dispute.others[0].lesions == {"T8": alone.lesions[0].recommended}
    assert [firing.rule for firing in alone.firings if firing.rule.startswith("GAP")] == ["GAP-03"]


def test_other_sides_are_consulted_without_compiling_again(toy_knowledge, monkeypatch):
    reasoner = Reasoner(toy_knowledge)
    monkeypatch.setattr(Engine, "__init__", lambda *_: pytest.fail("compiled again"))
    given = case_of(read_text(dedent(case("gap_mm: 1")), "one.yaml"), toy_knowledge)
    assert advise(given, reasoner) == advise(given, reasoner)


def test_the_report_has_a_line_for_it(toy_knowledge, advise_on):
    text = " ".join(report(advise_on("gap_mm: 1"), toy_knowledge).split())
    assert "How wide must the gap be? here: 2 mm [book] because: The book says so." in text
    assert "otherwise: 3 mm [metspine]; it would change nothing for this patient." in text
    assert "otherwise: any gap will do [metspine]; it would give surgery: recommended instead of acceptable." in text
    assert "Rests on a disputed point: How wide must the gap be? Here: 2 mm." in text


MAYBE = """
- id: GAP-04
  title: With a wide gap asked for, a deficit calls for radiotherapy
  when: {deficit: true}
  then:
    - argue: {pathway: radiotherapy, stance: recommend}
  because: It may be so.
  sources: [{ref: metspine, at: gap, basis: project}]
  review: {status: draft}
  side: {dispute: gap, side: three}
"""


def test_a_rule_of_another_side_that_may_yet_fire_is_not_overlooked(write_knowledge):
    options = (DEFAULT / "rules" / "options.yaml").read_text(encoding="utf-8")
    noted = load(write_knowledge({"rules/options.yaml": options, "rules/maybe.yaml": MAYBE}))
    given, reasoner = case_of(read_text(dedent(case("gap_mm: 1")), "one.yaml"), noted), Reasoner(noted)
    (dispute,) = disputes_of(given, reasoner, reasoner.consult(given))
    (three,) = [other for other in dispute.others if other.side == "three"]
    there = verdict_of(reasoner.consult(given, noted.with_side("gap", "three")))
    beam = Subject("T8", "radiotherapy")
    assert there.statuses[beam] == "open"
    assert [change.theirs for change in three.changes if change.about == str(beam)] == ["open"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["noms-n9", "boundary-sins-9", "pub-acr-mescc-v5", "grade-1c-irradiated-red"])
def test_what_is_read_off_is_what_a_run_of_every_other_side_gives(knowledge, name):
    reasoner = Reasoner(knowledge)
    given = read_case(LIBRARY / f"{name}.yaml", knowledge)
    consultation = reasoner.consult(given)
    told = {(d.dispute, o.side): o for d in disputes_of(given, reasoner, consultation) for o in d.others}
    here = verdict_of(consultation)
    for dispute in knowledge.disputes.values():
        for side in set(dispute.sides) - {dispute.default}:
            there = verdict_of(reasoner.consult(given, knowledge.with_side(dispute.id, side)))
            other = told.get((dispute.id, side))
            assert (here != there) == (other is not None and other.differs), (dispute.id, side)
            if other is not None:
                lesions = {lesion.id: there.recommended(Subject(lesion.id)) for lesion in given.lesions}
                assert other.lesions == lesions, (dispute.id, side)
