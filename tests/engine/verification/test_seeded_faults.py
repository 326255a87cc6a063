"""Faults planted in copies of the shipped knowledge are found, with the names of the rules that have them."""

import shutil
from pathlib import Path

import pytest

import knowledge_base
from engine.verification.rules_checks import RuleChecks, pairs
from engine.verification.space import Everyone
from engine.verification.verify import WORSE, Task, run
from engine.verification.witness import Witnesses

GROUNDS = """
  because: Because.
  sources: [{ref: metspine, at: test, basis: project}]
  review: {status: draft}
"""


def rule(name, when, then, unless=""):
    exception = f"  unless: {unless}\n" if unless else ""
    return f"- id: {name}\n  title: Planted\n  when: {when}\n{exception}  then: [{{{then}}}]{GROUNDS}"


def argue(pathway, stance="recommend"):
    return f"argue: {{pathway: {pathway}, stance: {stance}}}"


NOTE = "alert: {level: note, text: Planted}"
SINGLE = {
    "two lines that exclude each other": ("{escc_class: high, escc_grade: 1a}", "", ("rule_never_fires", "")),
    "through a chain of three": (
        "{katagiri_class: low, katagiri_primary: rapid, katagiri_visceral: disseminated, ecog: 4}", "",
        ("rule_never_fires", ""),
    ),
    "a score that cannot be so high": ('{sins_class: stable, sins_total: ">= 7"}', "", ("rule_never_fires", "")),
    "two lesions at odds": (
        "{every_lesion: {escc_class: high}, escc_class: low}", "", ("rule_never_fires", ""),
    ),
    "an exception that is the rule": ("{escc_grade: 3}", "{escc_class: high}", ("exceptions_always_apply", "")),
    "an exception that cannot be": (
        "{escc_grade: 3}", "{escc_class: low}", ("exception_never_applies", "escc_class: low"),
    ),
    "one exception of two": (
        "{escc_grade: 3}", "{any: [{escc_class: low}, {age: '< 40'}]}",
        ("exception_never_applies", "escc_class: low"),
    ),
    "a line that follows from another": (
        "{escc_grade: 3, escc_class: high}", "", ("line_never_matters", "escc_class: high"),
    ),
    "a line that follows through a score": (
        '{sins_class: unstable, sins_total: ">= 10"}', "", ("line_never_matters", "sins_total: >= 10"),
    ),
    "an alternative that cannot be": (
        "{escc_class: low, any: [{escc_grade: 3}, {age: '< 40'}]}", "",
        ("alternative_never_fires", "escc_grade: 3"),
    ),
    "an alternative inside another": (
        "{any: [{age: '< 40'}, {escc_class: high, any: [{escc_grade: 0}, {sex: male}]}]}", "",
        ("line_never_matters", "escc_grade: 0"),
    ),
    "an alternative that adds nothing": (
        "{any: [{age: '< 40'}, {age: '< 30', sex: male}]}", "",
        ("line_never_matters", "{age: < 30, sex: male}"),
    ),
}  # fmt: skip


SOUND = ("{escc_class: high, sex: male}", "{age: '< 40'}")
ALIKE = {
    "grades as a list and as a range": ("{escc_grade: [2, 3]}", '{escc_grade: ">= 2"}', "twin_rules"),
    "a class and its grades": ("{escc_class: high}", "{escc_grade: [2, 3]}", "twin_rules"),
    "a grade of a class": ("{escc_grade: 3}", "{escc_class: high}", "rule_subsumed"),
}


def plant(folder, rules="", changes=(), hazards=""):
    """Return the shipped knowledge, copied into a folder, with files added or changed by a replacement."""
    shutil.copytree(Path(knowledge_base.__file__).parent / "noms", folder)
    if rules:
        (folder / "rules" / "planted.yaml").write_text(rules, encoding="utf-8")
    for name, old, new in changes:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    if hazards:
        with (folder / "hazards.yaml").open("a", encoding="utf-8") as file:
            file.write(f"\n{hazards}")
    return knowledge_base.load(folder)


@pytest.fixture
def planted(tmp_path):
    """A function that plants in a copy of a test's own."""
    return lambda *what, **more: plant(tmp_path / "noms", *what, **more)


def named(number):
    return f"PLANT-{number:02}"


FAULTY = {fault: named(i) for i, fault in enumerate(SINGLE, 1)}
PAIRED = {case: (named(2 * i), named(2 * i + 1)) for i, case in enumerate(ALIKE, 20)}
CLEAN = named(99)


@pytest.fixture(scope="module")
def everyone(tmp_path_factory):
    """All patients under knowledge in which the faults of one rule and of two are planted, each in rules of its own."""
    then = argue("observation", "consider")
    rules = [rule(FAULTY[fault], when, NOTE, unless) for fault, (when, unless, _) in SINGLE.items()]
    for case, whens in ALIKE.items():
        rules += [rule(name, when, then) for name, when in zip(PAIRED[case], whens, strict=False)]
    return Everyone(
        plant(tmp_path_factory.mktemp("planted") / "noms", "".join([*rules, rule(CLEAN, SOUND[0], NOTE, SOUND[1])]))
    )


@pytest.mark.parametrize("fault", SINGLE)
def test_fault_of_one_rule(fault, everyone):
    found = RuleChecks(everyone).findings(everyone.knowledge.rules[FAULTY[fault]])
    assert SINGLE[fault][2] in [(finding.kind, finding.place) for finding in found]


def test_sound_rule_has_no_finding(everyone):
    assert list(RuleChecks(everyone).findings(everyone.knowledge.rules[CLEAN])) == []


@pytest.mark.parametrize("case", ALIKE)
def test_rules_that_say_the_same(case, everyone):
    found = list(pairs(everyone, Witnesses(everyone), frozenset(PAIRED[case])))
    assert (ALIKE[case][2], PAIRED[case]) in [(finding.kind, finding.about) for finding in found]
    assert all(finding.witness for finding in found)


PATHWAYS = tuple(knowledge_base.load().pathways)


def findings(knowledge, check):
    return {(f.kind, f.about, f.place): f for f in run(knowledge, Task(check))}


def test_rules_that_contradict(planted):
    base = planted(rule("PLANT-01", "{escc_grade: 3, sex: male}", "set: {mechanical_stability: unstable}") + rule(
        "PLANT-02", "{escc_class: high, age: '< 40'}", "set: {mechanical_stability: stable}"))  # fmt: skip
    found = findings(base, "contradictions")
    witness = found["rules_contradict", ("PLANT-01", "PLANT-02"), "mechanical_stability"].witness
    assert {"age", "sex"} <= set(witness.patient)
    assert all(place == "mechanical_stability" for _, _, place in found)


def test_pathways_that_exclude_each_other(planted):
    old = "- id: systemic_therapy\n"
    base = planted(
        rule("PLANT-01", "{sex: female}", argue("[systemic_therapy, observation]")),
        [("pathways.yaml", old, f"{old}  excludes: [observation]\n")],
    )
    found = findings(base, "pathways")
    assert ("pathways_together", ("observation", "systemic_therapy"), "") in found
    assert ("pathway_never_recommended", ("observation",), "") not in found


def test_pathway_that_nobody_is_offered(planted):
    base = planted(rule("PLANT-01", "always", argue("observation", "exclude")))
    found = findings(base, "pathways")
    assert ("pathway_never_acceptable", ("observation",), "") in found


def test_patients_who_are_left_alone_are_told_in_boxes(planted):
    old = "    every_option: {status: [acceptable, not_advised, excluded]}\n"
    nothing = rule("PLANT-01", "{escc_class: high}", argue(f"[{', '.join(PATHWAYS)}]", "exclude"))
    base = planted(nothing, [("rules/decision.yaml", old, f"{old}    escc_class: [low, intermediate]\n")])
    found = findings(base, "coverage").values()
    assert found
    assert all("epidural compression: low-grade" not in finding.place and finding.witness for finding in found)


def test_nobody_is_left_alone(planted):
    assert findings(planted(), "coverage") == {}


def test_gap_at_a_threshold(planted):
    base = planted(rule("PLANT-01", '{age: "> 66"}', NOTE) + rule("PLANT-02", '{age: "< 66"}', NOTE))
    assert list(findings(base, "thresholds")) == [("gap_at_threshold", ("PLANT-01", "PLANT-02"), "age: 66")]


def test_thresholds_that_meet(planted):
    base = planted(rule("PLANT-01", '{age: "> 66"}', NOTE) + rule("PLANT-02", '{age: "<= 66"}', NOTE))
    assert findings(base, "thresholds") == {}


def test_worse_finding_that_calms_is_told_and_one_that_hurries_is_not(planted):
    calms, hurries = (f"measure: {{measure: {name}, urgency: immediate}}" for name in ("bone_agent", "orthosis"))
    rules = rule("PLANT-01", '{escc_grade: "0..1b"}', calms) + rule("PLANT-02", '{escc_grade: ">= 1c"}', hurries)
    found = findings(planted(rules), f"{WORSE}escc_grade")
    assert ("worse_is_calmer", ("escc_grade", "bone_agent"), "immediate") in found
    assert not any("orthosis" in about for _, about, _ in found)


HAZARD = """
- id: {id}
  hazard: Planted
  cause: A test
  harm: None
  severity: 1
  control: [PLANT-01]
  {invariant}
  sources: [{{ref: metspine, at: test, basis: project}}]
  review: {{status: draft}}
"""
HAPPENS = {
    "never: {escc_grade: 3, measures: [bone_agent]}": True,
    "never: {escc_grade: 2, sex: male, measures_immediate: [bone_agent]}": True,
    "never: {escc_class: low, rules_fired: [PLANT-01]}": False,
    "never: {age: 77, rules_fired: [PLANT-01]}": True,  # a line through a number that no rule draws
    "always: {not: {alerts_danger: [PLANT-01]}}": True,
    "when: {sex: male}\n  always: {measures: [bone_agent]}": True,
    "when: {escc_grade: 3}\n  always: {measures: [bone_agent]}": False,
}


def test_hazards(planted):
    then = "measure: {measure: bone_agent, urgency: immediate}}, {alert: {level: danger, text: Planted}"
    names = {f"HAZ-{i}": invariant for i, invariant in enumerate(HAPPENS, 90)}
    hazards = "".join(HAZARD.format(id=name, invariant=invariant) for name, invariant in names.items())
    found = findings(planted(rule("PLANT-01", "{escc_class: high}", then), hazards=hazards), "hazards")
    happened = {invariant: ("hazard_happens", (name,), "") in found for name, invariant in names.items()}
    assert happened == HAPPENS
