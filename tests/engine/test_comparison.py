"""Several frameworks on the same facts."""

import pytest

from cases import case_of
from engine import Reasoner
from engine.frameworks import compare
from explain.report.blocks import text_of
from explain.report.frameworks import comparison_report
from knowledge_base import load
from knowledge_base.text.strict_yaml import read_text


@pytest.fixture(scope="module")
def reasoners():
    return [Reasoner(load(name)) for name in ("noms", "tomita")]


def compared(reasoners, patient: str, lesion: str):
    text = f"case: one\npatient: {{{patient}}}\nlesions: [{{id: T8, levels: [T8], {lesion}}}]"
    return compare(case_of(read_text(text, "one.yaml"), reasoners[0].knowledge), reasoners)


SMALL = "primary_tumour: breast, visceral_metastases: none, multiple_skeletal_metastases: false"


def test_first_is_the_measure_and_others_relate_to_it(reasoners):
    (lesion,) = compared(reasoners, SMALL, "escc_grade: '0'").lesions
    noms, tomita = lesion.views
    assert (noms.framework, noms.relation, noms.partings) == ("noms", "itself", ())
    assert tomita.recommended == ("ablative_resection_then_radiotherapy",)
    assert tomita.relation in ("parts", "open")


def test_where_they_part_the_rules_that_argued_are_named(reasoners):
    patient = (
        "primary_tumour: non_small_cell_lung, visceral_metastases: unremovable, multiple_skeletal_metastases: true"
    )
    comparison = compared(reasoners, f"{patient}, kps: 80, open_surgery: able", "escc_grade: '3', myelopathy: true")
    (parting,) = [p for p in comparison.lesions[0].views[1].partings if p.pathway == "separation_surgery_then_sbrt"]
    assert (parting.first.status, parting.other.status) == ("recommended", "not_advised")
    assert any(voice.rule.startswith("NOMS-") for voice in parting.first.voices)
    assert [voice.rule for voice in parting.other.voices] == ["TOMS-04"]
    text = " ".join(text_of(comparison_report(comparison)).split())
    assert "≠ separation surgery, then SBRT: noms recommended: NOMS-" in text
    assert "tomita not advised: TOMS-04 against" in text


def test_what_is_not_known_cannot_be_compared_yet(reasoners):
    (lesion,) = compared(reasoners, "age: 60", "escc_grade: '2'").lesions
    assert lesion.views[1].relation == "open"


def test_what_another_framework_never_speaks_of_is_no_parting(reasoners):
    patient = f"{SMALL}, kps: 80, open_surgery: able"
    lesion = "escc_grade: '3', myelopathy: true, prior_radiotherapy: cebrt, sins_total: 15"
    noms, tomita = compared(reasoners, patient, lesion).lesions[0].views
    assert "separation_surgery_then_sbrt" in noms.recommended
    assert "separation_surgery_then_sbrt" not in tomita.recommended
    assert not tomita.partings
