"""A policy laid over knowledge: what it replaces, leaves out and sets, and what changes upstream under it."""

import sys
from pathlib import Path

import pytest

import cases
from knowledge_base import Invalid, load
from knowledge_base.loading.bundle import Bundle
from knowledge_base.loading.overlays import changed_upstream, kept_upstream
from knowledge_base.text.strict_yaml import read_text
from metspine.cli import app as cli
from metspine.policies import Policy

FRAMEWORK = """
id: ours
title: Ours
version: 1.0.0
about: What we do.
notice: It decides nothing.
extends: ../knowledge
"""
RULE = """
- id: OUR-01
  title: We operate on lesser grades too
  replaces: TOY-01
  when: {grade: ">= 1b"}
  then:
    - set: {grade_class: high}
  because: We can.
  sources: [{ref: book, at: p. 3, basis: primary}]
  review: {status: draft}
"""
NAMED = """
- id: FIT-01
  title: A KPS below $kps_for_surgery
  when: {kps: "< $kps_for_surgery"}
  then:
    - alert: {level: note, text: "KPS below $kps_for_surgery, not 100."}
  because: Frail.
  sources: [{ref: book, at: p. 3, basis: primary}]
  review: {status: draft}
"""
HAZARD = """
- id: HAZ-01
  hazard: A high grade stays
  cause: A test
  harm: None
  severity: 1
  control: [TOY-01, TOY-02]
  never: {grade_class: low, rules_fired: [TOY-01]}
  sources: [{ref: book, at: p. 3, basis: primary}]
  review: {status: draft}
"""


@pytest.fixture
def lay(write_knowledge, tmp_path):
    """A function that writes an overlay, not beside what it extends, and returns its folder."""

    def write(more: str = "", rules: str = RULE, upstream: dict[str, str] | None = None) -> Path:
        base = write_knowledge({"hazards.yaml": HAZARD, "rules/fitness.yaml": NAMED, **(upstream or {})})
        words = (base / "vocabulary" / "base.yaml").read_text(encoding="utf-8")
        words = words.replace("{id: kps,", "{id: kps, thresholds: {kps_for_surgery: 50},")
        (base / "vocabulary" / "base.yaml").write_text(words, encoding="utf-8")
        folder = tmp_path / "policy"
        (folder / "rules").mkdir(parents=True, exist_ok=True)
        (folder / "framework.yaml").write_text(FRAMEWORK + more, encoding="utf-8")
        if rules:
            (folder / "rules" / "own.yaml").write_text(rules, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["metspine", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
        return int(exit_info.value.code or 0), capsys.readouterr().out

    return call


def said(folder: Path) -> list[str]:
    with pytest.raises(Invalid) as found:
        load(folder)
    return str(found.value).splitlines()


def test_a_rule_is_replaced_and_all_else_is_as_upstream(lay):
    base = load(lay())
    upstream = load(lay().parent / "knowledge")
    assert set(base.every_rule) == (set(upstream.every_rule) - {"TOY-01"}) | {"OUR-01"}
    assert set(base.vocabulary) == set(upstream.vocabulary)
    assert base.digest != upstream.digest
    assert (base.overlay.replaced, base.overlay.left_out) == ({"TOY-01": "OUR-01"}, ())
    assert base.hazards["HAZ-01"].control == ("OUR-01", "TOY-02")
    assert "OUR-01" in str(base.hazards["HAZ-01"].never)


def test_rules_are_left_out_and_sides_and_settings_taken(lay):
    setting = (
        "- {id: beam, label: beam, class: setting, question: 'Is there a beam?', of: patient, letter: S, type: yes_no, "
        "usual: true}\n"
    )
    text = (Path(__file__).parents[1] / "bad_knowledge" / "base" / "vocabulary" / "base.yaml").read_text()
    upstream = {"vocabulary/base.yaml": text + setting}
    base = load(lay("without: [TOY-02]\nsides: {gap: three}\nsettings: {beam: false}\n", upstream=upstream))
    assert set(base.rules) == {"OUR-01", "FIT-01", "GAP-03"}
    assert base.sides == {"gap": "three"}
    read = lambda text: cases.case_of(read_text(text, "case.yaml"), base).patient  # noqa: E731
    beam = base.vocabulary["beam"]
    assert read("case: one\nlesions: [{id: T8}]")["beam"] == beam.read(False)
    assert read("case: one\npatient: {beam: true}\nlesions: [{id: T8}]")["beam"] == beam.read(True)


@pytest.mark.parametrize(
    ("more", "rules", "message"),
    [
        ("without: [TOY-9]\n", RULE, "framework.yaml:8: ours: `without`: 'TOY-9' is not well formed; write"),
        ("without: [TOY-99]\n", RULE, "framework.yaml:8: ours: 'TOY-99' is no rule of ../knowledge"),
        ("", RULE.replace("replaces: TOY-01", "replaces: TOY-77"),
         "rules/own.yaml:2: OUR-01: replaces 'TOY-77', which is no rule of ../knowledge. Did you mean"),
        ("sides: {gap: four}\n", RULE, "framework.yaml:8: ours: 'four' is not a side of gap (two, three, any)"),
        ("sides: {gasp: two}\n", RULE, "framework.yaml:8: ours: 'gasp' is not a dispute (gap). Did you mean 'gap'?"),
        ("settings: {kps: 70}\n", RULE, "framework.yaml:8: ours: 'kps' is no setting or exception of the patient"),
        ("thresholds: {kps_for_surgry: 60}\n", RULE,
         "framework.yaml:8: ours: 'kps_for_surgry' is no threshold of the vocabulary (kps_for_surgery). Did you mean"),
        ("thresholds: {kps_for_surgery: 600}\n", RULE,
         "framework.yaml:8: ours: 600 is not a number inside 10..100, the range of kps"),
        ("sidess: {gap: two}\n", RULE, "framework.yaml:8: ours: 'sidess' is not a known key here"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_error(lay, more, rules, message):
    lines = said(lay(more, rules))
    assert len(lines) == 1
    assert lines[0].startswith(message)


def test_a_threshold_is_moved_in_tests_and_words_of_every_rule_that_names_it(lay, tmp_path):
    laid, upstream = load(lay("thresholds: {kps_for_surgery: 60}\n")), load(lay().parent / "knowledge")
    text = upstream.rules["FIT-01"].text
    assert (text.title, text.when) == ("A KPS below 50", {"kps": "< 50"})
    assert (laid.rules["FIT-01"].title, laid.rules["FIT-01"].text.when) == ("A KPS below 60", {"kps": "< 60"})
    assert laid.rules["FIT-01"].conclusions[0].text == "KPS below 60, not 100."
    case = tmp_path / "one.yaml"
    case.write_text("case: one\npatient: {kps: 50}\nlesions: [{id: T8}]\n")
    differs = Policy(laid, upstream).differs(case)
    assert str(differs) == "one: differs by policy (kps_for_surgery=60): told here, not before: KPS below 60, not 100."


def test_a_hazard_that_nothing_controls_any_more_is_told(lay):
    (line,) = said(
        lay(
            "without: [TOY-01, TOY-02]\n",
            rules="",
            upstream={"hazards.yaml": HAZARD.replace(", rules_fired: [TOY-01]", "")},
        )
    )
    assert "HAZ-01: nothing is left that controls it, because TOY-01, TOY-02 is left out; replace it instead" in line


def test_extending_what_is_not_there(lay):
    folder = lay()
    (folder / "framework.yaml").write_text(FRAMEWORK.replace("../knowledge", "nomms"))
    (line, *_) = said(folder)
    assert line.startswith(
        "framework.yaml:7: ours: 'nomms' is neither a knowledge base that comes with metspine (noms,"
    )


def test_a_change_upstream_is_told_by_name_and_line(lay, run):
    folder = lay()
    code, out = run("overlay", folder)
    assert code == 1
    assert "error: TOY-01 (replaced by OUR-01): not written down how it stands upstream" in out
    assert run("overlay", folder, "--accept")[0] == 0
    assert run("overlay", folder) == (
        0,
        "ours 1.0.0 extends ../knowledge\nreplaces TOY-01 by OUR-01: We operate on lesser grades too\n",
    )
    rules = folder.parent / "knowledge" / "rules" / "base.yaml"
    rules.write_text(rules.read_text().replace('grade: ">= 2"', 'grade: ">= 1a"'))
    code, out = run("overlay", folder)
    assert code == 1
    assert "error: TOY-01 (replaced by OUR-01) has changed upstream" in out
    assert "    TOY-01: when.grade: '>= 2' before, '>= 1a' now" in out
    assert [name for name, _, _ in changed_upstream(load(folder), kept_upstream(folder))] == ["TOY-01"]


def test_cases_that_differ_by_policy_are_told_with_the_rule(lay, tmp_path):
    folder = lay()
    policy = Policy(load(folder), load(folder.parent / "knowledge"))
    case = tmp_path / "one.yaml"
    case.write_text("case: one\npatient: {fitness: fit}\nlesions: [{id: T8, grade: 1b, histology: renal}]\n")
    differs = policy.differs(case)
    assert differs.key == "case_differs one"
    assert str(differs).startswith("one: differs by policy (OUR-01): mri not called for before, before_treatment here")
    case.write_text("case: one\npatient: {fitness: fit}\nlesions: [{id: T8, grade: 1a}]\n")
    assert policy.differs(case) is None


def test_an_overlay_is_kept_with_what_it_extends(lay):
    """Years later it is read from one file, whatever has become of the knowledge that it was laid over."""
    laid = load(lay())
    again = Bundle.read(Bundle.of(laid).content(), "kept").load("kept")
    assert (again.digest, again.rules) == (laid.digest, laid.rules)
