"""Faults planted in copies of the small knowledge: the whole verification names them, and nothing but them."""

import pytest

import knowledge_base
from engine.verification.verify import verify
from knowledge_base.loading.frameworks import DEFAULT

GROUNDS = """
  because: Because.
  sources: [{ref: book, at: p. 2, basis: primary}]
  review: {status: draft}
"""
NOTE = "alert: {level: note, text: Planted}"
OPERATE = "argue: {pathway: surgery, stance: recommend}"
SCAN = "measure: {measure: mri, urgency: immediate}"


def rule(when, then=NOTE, unless="", number=90):
    exception = f"  unless: {unless}\n" if unless else ""
    return f"- id: TOY-{number}\n  title: Planted\n  when: {when}\n{exception}  then: [{{{then}}}]{GROUNDS}"


def two(one, other, then=NOTE, other_then=NOTE):
    return rule(one, then) + rule(other, other_then, number=91)


def hazard(invariant):
    return (
        "- id: HAZ-90\n  hazard: Planted\n  cause: A test\n  harm: None\n  severity: 1\n  control: [TOY-02]\n"
        f"  {invariant}\n  sources: [{{ref: book, at: p. 2, basis: primary}}]\n  review: {{status: draft}}\n"
    )


FAULTS = {
    "lines that exclude each other": (rule('{grade: "0", grade_class: high}'), "rule_never_fires TOY-90"),
    "through a score": (rule("{sins_class: stable, sins_pain: mechanical}"), "rule_never_fires TOY-90"),
    "no total so high": (rule('{sins_total: ">= 3", sins_pain: none}'), "rule_never_fires TOY-90"),
    "never set": (rule("{response: sensitive}"), "rule_never_fires TOY-90"),
    "every lesion and this one": (
        rule('{every_lesion: {grade: "3"}, grade: "2"}'), "rule_never_fires TOY-90",
    ),
    "the exception is the rule": (rule('{grade: "3"}', NOTE, "{grade_class: high}"), "exceptions_always_apply TOY-90"),
    "the exception is part of the rule": (
        rule("{grade: 1b}", NOTE, '{any: [{deficit: true}, {grade: "<= 1b"}]}'), "exceptions_always_apply TOY-90",
    ),
    "an exception of nobody": (
        rule("{grade: 1b}", NOTE, "{sins_class: stable, sins_pain: mechanical}"),
        "exception_never_applies TOY-90 at {sins_class: stable, sins_pain: mechanical}",
    ),
    "an exception ruled out": (
        rule("{sins_class: stable}", NOTE, "{sins_pain: mechanical}"),
        "exception_never_applies TOY-90 at sins_pain: mechanical",
    ),
    "an idle line": (
        rule('{grade: "3", grade_class: high}'), "line_never_matters TOY-90 at grade_class: high",
    ),
    "an idle line through a score": (
        rule('{sins_class: stable, sins_total: "<= 4"}'), "line_never_matters TOY-90 at sins_total: <= 4",
    ),
    "an alternative of nobody": (
        rule('{sins_class: stable, any: [{sins_pain: mechanical}, {deficit: true}]}'),
        "alternative_never_fires TOY-90 at sins_pain: mechanical",
    ),
    "an alternative within another": (
        rule('{any: [{grade_class: high}, {grade: "3"}]}'), 'line_never_matters TOY-90 at grade: 3',
    ),
    "a contradiction with a rule": (
        rule('{grade: "3", deficit: true}', "set: {grade_class: low}"),
        "rules_contradict TOY-01 + TOY-90 at grade_class",
    ),
    "a contradiction of two": (
        two("{deficit: true}", "{histology: renal}", "set: {response: sensitive}", "set: {response: resistant}"),
        "rules_contradict TOY-90 + TOY-91 at response",
    ),
    "no contradiction": (
        two("{deficit: true}", "{deficit: false}", "set: {response: sensitive}", "set: {response: resistant}"), "",
    ),
    "twins": (two('{grade: "3"}', '{grade: ">= 3"}', OPERATE, OPERATE), "twin_rules TOY-90 + TOY-91"),
    "one within another": (
        two('{grade: "3"}', '{grade: ">= 1b"}', OPERATE, OPERATE), "rule_subsumed TOY-90 + TOY-91",
    ),
    "a gap at a threshold": (
        two('{gap_mm: "> 7"}', '{gap_mm: "< 7"}'), "gap_at_threshold TOY-90 + TOY-91 at gap_mm: 7",
    ),
    "a gap between whole numbers": (
        two('{kps: "> 70"}', '{kps: "< 70"}'), "gap_at_threshold TOY-90 + TOY-91 at kps: 70",
    ),
    "no gap": (two('{gap_mm: ">= 7"}', '{gap_mm: "< 7"}'), ""),
    "a worse grade calms": (rule('{grade: "<= 1b"}', SCAN), "worse_is_calmer grade + mri at immediate"),
    "a worse grade hurries": (rule('{grade: ">= 1b"}', SCAN), ""),
    "a worse deficit calms": (
        rule("{deficit: false}", "alert: {level: danger, text: Planted}"), "worse_is_calmer deficit + danger",
    ),
    "a hazard": (hazard("never: {grade_class: high, measures: [mri]}"), "hazard_happens HAZ-90"),
    "a hazard that nobody guards": (
        hazard("when: {deficit: true}\n  always: {measures: [mri]}"), "hazard_happens HAZ-90",
    ),
    "no hazard": (hazard("never: {grade_class: low, rules_fired: [TOY-02]}"), ""),
    "together": (rule('{grade: "3", fitness: fit}', "argue: {pathway: radiotherapy, stance: recommend}"),
                 "pathways_together radiotherapy + surgery"),
    "nobody is offered it": (
        rule("always", "argue: {pathway: surgery, stance: exclude}"), "pathway_never_acceptable surgery",
    ),
}  # fmt: skip


@pytest.fixture
def found(write_knowledge):
    """A function that returns the names of what is found in the small knowledge with something planted in it."""

    def names(planted=""):
        place = "hazards.yaml" if planted.startswith("- id: HAZ") else "rules/planted.yaml"
        folder = write_knowledge({place: planted} if planted else {})
        options = (DEFAULT / "rules" / "options.yaml").read_text(encoding="utf-8")
        (folder / "rules" / "options.yaml").write_text(options, encoding="utf-8")
        vocabulary = folder / "vocabulary" / "base.yaml"
        text = vocabulary.read_text(encoding="utf-8")
        text = text.replace("  ordered: true\n", "  ordered: true\n  worse: up\n", 1)
        text = text.replace("{id: deficit, ", "{id: deficit, worse: up, ", 1)
        vocabulary.write_text(text, encoding="utf-8")
        pathways = folder / "pathways.yaml"
        text = pathways.read_text(encoding="utf-8")
        pathways.write_text(text.replace("involves: [beam]", "involves: [beam], excludes: [surgery]"), encoding="utf-8")
        with (folder / "measures.yaml").open("a", encoding="utf-8") as file:
            file.write("- {id: board, label: board, summary: Meet.}\n")
        return {finding.key for finding in verify(knowledge_base.load(folder))}

    return names


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_named(fault, found):
    planted, expected = FAULTS[fault]
    new = found(planted) - found()
    assert (expected in new) if expected else not new
