"""What the rules of a knowledge base mean when they run, shown on toys of a few lines."""

from concurrent.futures import ThreadPoolExecutor

from textcases import case

from cases import read_case
from engine import Advice, Reasoner, advise
from knowledge_base import KnowledgeBase
from metspine.library import LIBRARY

GRADE = """
- {id: grade, label: grade, class: finding, question: Which, of: lesion, letter: N, type: choice, ordered: true, values: {"0": none, "1": low, "2": high, "3": severe}, from: [case, rules]}
- {id: finding, label: finding, class: finding, question: What, of: lesion, letter: N, type: choice, values: {clear: clear, compressed: compressed}}
- {id: class, label: class, of: lesion, letter: N, type: choice, values: {low: low, high: high}, from: [rules]}
- {id: fit, label: fit, class: finding, question: Fit, of: patient, letter: S, type: yes_no}
"""
CLASSES = """
- id: CLS-01
  when: {grade: "<= 1"}
  then: [set: {class: low}]
- id: CLS-02
  when: {grade: ">= 2"}
  then: [set: {class: high}]
- id: CLS-03
  when: {finding: compressed}
  then: [set: {grade: ["2", "3"]}]
"""


def run(knowledge: KnowledgeBase, text: str) -> Advice:
    return advise(case(text, knowledge), Reasoner(knowledge))


def fact(advice: Advice, name: str) -> object:
    return next(fact for fact in advice.facts if str(fact.id) == name).values


def fired(advice: Advice) -> list[str]:
    return [firing.id for firing in advice.firings]


def test_a_coarse_finding_narrows_and_every_possible_value_must_pass(toy):
    knowledge = toy(GRADE, CLASSES)
    advice = run(knowledge, "{case: a, lesions: [{id: T8, finding: compressed}]}")
    assert fact(advice, "T8.grade") == ["2", "3"]
    assert fact(advice, "T8.class") == "high"
    assert fired(advice) == ["CLS-03@T8", "CLS-02@T8"]


def test_unknown_is_not_the_lowest_value(toy):
    advice = run(toy(GRADE, CLASSES), "{case: a, lesions: [{id: T8}]}")
    assert fact(advice, "T8.class") is None
    assert fired(advice) == []


def test_half_known_fires_nothing_that_one_value_would_refuse(toy):
    advice = run(toy(GRADE, CLASSES), '{case: a, lesions: [{id: T8, grade: ["1", "2"]}]}')
    assert fact(advice, "T8.class") is None


def test_a_premise_knows_its_line_its_fact_and_its_operands(toy):
    advice = run(toy(GRADE, CLASSES), '{case: a, lesions: [{id: T8, grade: "3"}]}')
    (premise,) = advice.firings[0].premises
    assert (premise.line, str(premise.fact), premise.test, premise.values) == ("when.grade", "T8.grade", ">= 2", "3")
    assert premise.text == "grade: 3 (severe)"


def test_a_rule_about_lesions_runs_for_each_with_the_facts_of_the_patient(toy):
    rules = """
    - id: CUT-01
      when: {grade: "3", fit: true}
      then: [argue: {pathway: cut, stance: recommend}]
    """
    advice = run(
        toy(GRADE, rules),
        '{case: a, patient: {fit: true}, lesions: [{id: B, grade: "3"}, {id: A, grade: "3"}, {id: C, grade: "1"}]}',
    )
    assert fired(advice) == ["CUT-01@A", "CUT-01@B"]
    assert [str(p.fact) for p in advice.firings[0].premises] == ["A.grade", "patient.fit"]


def test_unless_needs_no_evidence_to_the_contrary_and_records_what_it_looked_for(toy):
    rules = """
    - id: CUT-01
      when: {grade: "3"}
      unless: {fit: false}
      then: [argue: {pathway: cut, stance: recommend}]
    """
    knowledge = toy(GRADE, rules)
    advice = run(knowledge, '{case: a, lesions: [{id: A, grade: "3"}]}')
    assert [(str(p.fact), p.test, p.values) for p in advice.firings[0].absent] == [("patient.fit", "false", None)]
    assert fired(run(knowledge, '{case: a, patient: {fit: false}, lesions: [{id: A, grade: "3"}]}')) == []


def test_unless_with_two_lines_is_passed_when_either_is_not_established(toy):
    rules = """
    - id: CUT-01
      when: {grade: known}
      unless: {fit: false, grade: "3"}
      then: [argue: {pathway: cut, stance: recommend}]
    """
    knowledge = toy(GRADE, rules)
    assert fired(run(knowledge, '{case: a, patient: {fit: false}, lesions: [{id: A, grade: "2"}]}')) == ["CUT-01@A"]
    assert fired(run(knowledge, '{case: a, patient: {fit: false}, lesions: [{id: A, grade: "3"}]}')) == []
    assert fired(run(knowledge, '{case: a, lesions: [{id: A, grade: "3"}]}')) == ["CUT-01@A"]


def test_each_alternative_of_any_is_a_firing_of_its_own(toy):
    rules = """
    - id: CUT-01
      when: {any: [{grade: "3"}, {fit: true}]}
      then: [argue: {pathway: cut, stance: recommend}]
    """
    knowledge = toy(GRADE, rules)
    advice = run(knowledge, '{case: a, patient: {fit: true}, lesions: [{id: A, grade: "3"}]}')
    assert fired(advice) == ["CUT-01@A#1", "CUT-01@A#2"]
    (option,) = (o for o in advice.lesions[0].options if o.pathway == "cut")
    assert [a.firing for a in option.arguments] == ["CUT-01@A#1", "CUT-01@A#2"]


def test_not_means_known_and_different(toy):
    rules = """
    - id: CUT-01
      when: {not: {grade: "3"}}
      then: [argue: {pathway: cut, stance: consider}]
    """
    knowledge = toy(GRADE, rules)
    assert fired(run(knowledge, "{case: a, lesions: [{id: A}]}")) == []
    assert fired(run(knowledge, '{case: a, lesions: [{id: A, grade: ["0", "1"]}]}')) == ["CUT-01@A"]


def test_open_holds_while_more_than_one_value_is_left(toy):
    rules = """
    - id: ASK-01
      when: {open: [grade]}
      then: [ask: grade]
    """
    knowledge = toy(GRADE, rules)
    assert [str(ask.fact) for ask in run(knowledge, "{case: a, lesions: [{id: A}]}").asks] == ["A.grade"]
    assert run(knowledge, '{case: a, lesions: [{id: A, grade: "1"}]}').asks == ()


def test_every_support_is_kept(toy):
    rules = (
        CLASSES
        + """
- id: CLS-04
  when: {grade: "3"}
  then: [set: {class: high}]
"""
    )
    advice = run(toy(GRADE, rules), '{case: a, lesions: [{id: A, grade: "3"}]}')
    record = next(f for f in advice.facts if str(f.id) == "A.class")
    assert record.supports == ("CLS-02@A", "CLS-04@A")


def test_inputs_that_contradict_each_other_are_named_and_treated_as_open(toy):
    advice = run(toy(GRADE, CLASSES), '{case: a, lesions: [{id: A, grade: "0", finding: compressed}]}')
    (clash,) = advice.contradictions
    assert (str(clash.fact), clash.between) == ("A.grade", "inputs")
    assert [list(map(str, claim.inputs)) for claim in clash.claims] == [["A.grade"], ["A.finding"]]
    assert fact(advice, "A.grade") is None
    assert not advice.lesions[0].stopped


def test_two_measures_that_meet_in_a_third_contradict_each_other_as_inputs(toy):
    vocabulary = """
    - {id: kps, label: KPS, class: finding, question: KPS, of: patient, letter: S, type: number, range: 0..100, whole: true}
    - {id: ecog, label: ECOG, class: finding, question: ECOG, of: patient, letter: S, type: choice, values: {"0": "0", "4": "4"}}
    - {id: performance, label: performance, of: patient, letter: S, type: number, range: 0..100, whole: true, from: [rules], reconciles: true}
    """
    rules = """
    - id: PER-01
      when: always
      then: [set: {performance: {same_as: kps}}]
    - id: PER-02
      when: {ecog: "4"}
      then: [set: {performance: 10..50}]
    """
    knowledge = toy(vocabulary, rules)
    (clash,) = run(knowledge, '{case: a, patient: {kps: 90, ecog: "4"}, lesions: [{id: A}]}').contradictions
    assert clash.between == "inputs"
    assert {str(name) for claim in clash.claims for name in claim.inputs} == {"patient.kps", "patient.ecog"}
    both = run(knowledge, '{case: a, patient: {kps: 40..70, ecog: "4"}, lesions: [{id: A}]}')
    assert fact(both, "patient.performance") == "40..50"


def test_rules_that_contradict_each_other_stop_the_advice_for_that_lesion_and_are_named(toy):
    rules = (
        CLASSES
        + """
- id: CLS-04
  when: {grade: "3"}
  then: [set: {class: low}]
- id: CUT-01
  when: {grade: known}
  then: [argue: {pathway: cut, stance: recommend}]
- id: OPT-01
  when: {argued_recommend: true}
  then: [set: {status: recommended}]
"""
    )
    advice = run(toy(GRADE, rules), '{case: a, lesions: [{id: A, grade: "3"}, {id: B, grade: "2"}]}')
    (clash,) = advice.contradictions
    assert clash.between == "rules"
    assert "CLS-02" in clash.text
    assert "CLS-04" in clash.text
    assert [(lesion.id, lesion.stopped, lesion.recommended) for lesion in advice.lesions] == [
        ("A", True, ()),
        ("B", False, ("cut",)),
    ]
    assert not advice.is_complete


def test_questions_over_lesions_need_all_or_one_of_them(toy):
    rules = """
    - id: ALL-01
      when: {every_lesion: {grade: "<= 1"}}
      then: [measure: {measure: scan, urgency: planned}]
    - id: ONE-01
      when: {some_lesion: {grade: "3"}}
      then: [measure: {measure: scan, urgency: immediate}]
    - id: NOT-01
      when: {not: {some_lesion: {grade: "3"}}}
      then: [alert: {level: note, text: None is severe.}]
    """
    knowledge = toy(GRADE, rules)
    low = run(knowledge, '{case: a, lesions: [{id: A, grade: "1"}, {id: B, grade: "0"}]}')
    assert fired(low) == ["ALL-01@patient", "NOT-01@patient"]
    assert [str(p.fact) for p in low.firings[0].premises] == ["A.grade", "B.grade"]
    one = run(knowledge, '{case: a, lesions: [{id: A, grade: "3"}, {id: B}]}')
    assert fired(one) == ["ONE-01@patient"]
    assert [str(p.fact) for p in one.firings[0].premises] == ["A.grade"]
    assert fired(run(knowledge, '{case: a, lesions: [{id: A, grade: "1"}, {id: B}]}')) == []


def test_a_score_is_a_firing_for_each_part_and_a_range_while_a_part_is_missing(toy):
    vocabulary = """
    - {id: pain, label: pain, class: finding, question: Pain, of: lesion, letter: M, type: choice, values: {none: none, some: some, much: much}}
    - {id: bone, label: bone, class: finding, question: Bone, of: lesion, letter: M, type: choice, values: {blastic: blastic, lytic: lytic}}
    - {id: sum, label: sum, class: finding, question: Sum, of: lesion, letter: M, type: number, range: 0..5, whole: true, from: [case, rules]}
    - {id: band, label: band, of: lesion, letter: M, type: choice, values: {low: low, high: high}, from: [rules]}
    """
    scores = """
    - id: sins
      items:
        - {attribute: pain, points: [{is: none, points: 0}, {is: some, points: 1}, {is: much, points: 3}]}
        - {attribute: bone, points: [{is: blastic, points: 0}, {is: lytic, points: 2}]}
      total: sum
      class: band
      classes: [{is: 0..2, class: low}, {is: 3..5, class: high}]
    """
    rules = """
    - id: SCN-01
      when: {band: high}
      then: [measure: {measure: scan, urgency: planned}]
    """
    knowledge = toy(vocabulary, rules, scores)
    whole = run(knowledge, "{case: a, lesions: [{id: A, pain: much, bone: lytic}]}")
    assert fired(whole) == ["SINS/bone@A", "SINS/pain@A", "SINS/total@A", "SINS/class@A", "SCN-01@A"]
    assert fact(whole, "A.sum") == 5
    part = run(knowledge, "{case: a, lesions: [{id: A, pain: much}]}")
    assert (fact(part, "A.sum"), fact(part, "A.band")) == ("3..5", "high")
    clash = run(knowledge, "{case: a, lesions: [{id: A, pain: much, bone: lytic, sum: 4}]}")
    assert [str(c.fact) for c in clash.contradictions] == ["A.sum"]
    assert clash.contradictions[0].between == "inputs"


def test_what_several_attributes_hold_can_be_counted_and_looked_into(toy):
    vocabulary = """
    - {id: levels, label: levels, class: finding, question: Which, of: lesion, letter: M, type: several, ordered: true, values: {T7: T7, T8: T8, T9: T9}}
    - {id: count, label: count, of: lesion, letter: M, type: number, range: 0..3, whole: true, from: [rules]}
    """
    rules = """
    - id: LEV-01
      when: {levels: known}
      then: [set: {count: {count: levels}}]
    - id: LEV-02
      when: {levels: [T7, T8]}
      then: [alert: {level: note, text: High.}]
    - id: LEV-03
      when: {not: {levels: [T7, T8]}}
      then: [alert: {level: note, text: Low.}]
    """
    knowledge = toy(vocabulary, rules)
    assert fired(run(knowledge, "{case: a, lesions: [{id: A, levels: T8..T9}]}")) == ["LEV-01@A", "LEV-02@A"]
    assert fired(run(knowledge, "{case: a, lesions: [{id: A, levels: [T9]}]}")) == ["LEV-01@A", "LEV-03@A"]
    assert fired(run(knowledge, "{case: a, lesions: [{id: A}]}")) == []


def test_advice_rests_on_the_weakest_basis_of_its_chain(toy):
    rules = """
    - id: CLS-01
      when: {grade: "3"}
      then: [set: {class: high}]
      sources: [{ref: rumour, at: somewhere, basis: unconfirmed}]
    - id: CUT-01
      when: {class: high}
      then: [argue: {pathway: cut, stance: recommend}]
    """
    advice = run(toy(GRADE, rules), '{case: a, lesions: [{id: A, grade: "3"}]}')
    assert [(f.rule, f.basis, f.chain_basis) for f in advice.firings] == [
        ("CLS-01", "unconfirmed", "unconfirmed"),
        ("CUT-01", "primary", "unconfirmed"),
    ]


def test_what_no_rule_can_argue_any_more_is_settled_and_the_rest_is_open_with_what_it_waits_for(toy):
    rules = """
    - id: CUT-01
      when: {grade: "3", fit: true}
      then: [argue: {pathway: cut, stance: recommend}]
    """
    knowledge = toy(GRADE, rules)
    waiting = run(knowledge, '{case: a, lesions: [{id: A, grade: "3"}]}')
    assert fact(waiting, "A/cut.argued_recommend") is None
    assert [(str(m.fact), m.rules) for m in waiting.lesions[0].missing] == [("patient.fit", ("CUT-01",))]
    settled = run(knowledge, '{case: a, lesions: [{id: A, grade: "1"}]}')
    assert fact(settled, "A/cut.argued_recommend") is False
    assert settled.lesions[0].missing == ()


def test_what_is_missing_is_traced_back_to_what_can_be_asked(toy):
    rules = (
        CLASSES
        + """
- id: CUT-01
  when: {class: high}
  then: [argue: {pathway: cut, stance: recommend}]
"""
    )
    advice = run(toy(GRADE, rules), "{case: a, lesions: [{id: A}]}")
    assert {str(m.fact) for m in advice.lesions[0].missing} == {"A.grade", "A.finding"}


def test_threads_that_share_a_reasoner_take_turns(knowledge):
    reasoner = Reasoner(knowledge)
    cases = [read_case(LIBRARY / f"{name}.yaml", knowledge) for name in ("noms-n9", "two-lesions", "noms-n1")] * 3
    alone = [reasoner.consult(case).trace for case in cases]
    with ThreadPoolExecutor(4) as pool:
        assert [consultation.trace for consultation in pool.map(reasoner.consult, cases)] == alone
