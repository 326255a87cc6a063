"""The published tables, checked from the outside: a patient in, the stated pathway out.

The 24 rows are the expansion of the NOMS decision table: compression, response, stability, fitness for open surgery.
"""

from itertools import product

import pytest
from textcases import case

from engine import advise

GRADES = {"low": "1a", "high": "3"}
ONCOLOGY = {
    "sensitive": ("breast", "none"),
    "resistant": ("renal_cell", "none"),
    "irradiated": ("renal_cell", "cebrt"),
}
TOTALS = {"stable": 5, "unstable": 14}
ROWS = {
    ("low", "sensitive", "stable", "able"): "cebrt",
    ("low", "sensitive", "stable", "unable"): "cebrt",
    ("low", "sensitive", "unstable", "able"): "stabilization_then_cebrt",
    ("low", "sensitive", "unstable", "unable"): "percutaneous_stabilization_then_cebrt",
    ("low", "resistant", "stable", "able"): "sbrt",
    ("low", "resistant", "stable", "unable"): "sbrt",
    ("low", "resistant", "unstable", "able"): "stabilization_then_sbrt",
    ("low", "resistant", "unstable", "unable"): "percutaneous_stabilization_then_sbrt",
    ("low", "irradiated", "stable", "able"): "sbrt",
    ("low", "irradiated", "stable", "unable"): "sbrt",
    ("low", "irradiated", "unstable", "able"): "stabilization_then_sbrt",
    ("low", "irradiated", "unstable", "unable"): "percutaneous_stabilization_then_sbrt",
    ("high", "sensitive", "stable", "able"): "cebrt",
    ("high", "sensitive", "stable", "unable"): "cebrt",
    ("high", "sensitive", "unstable", "able"): "stabilization_then_cebrt",
    ("high", "sensitive", "unstable", "unable"): "percutaneous_stabilization_then_cebrt",
    ("high", "resistant", "stable", "able"): "separation_surgery_then_sbrt",
    ("high", "resistant", "stable", "unable"): "cebrt",
    ("high", "resistant", "unstable", "able"): "separation_surgery_then_sbrt",
    ("high", "resistant", "unstable", "unable"): "percutaneous_stabilization_then_cebrt",
    ("high", "irradiated", "stable", "able"): "separation_surgery_then_sbrt",
    ("high", "irradiated", "stable", "unable"): None,  # the multidisciplinary team
    ("high", "irradiated", "unstable", "able"): "separation_surgery_then_sbrt",
    ("high", "irradiated", "unstable", "unable"): "percutaneous_stabilization_then_cebrt",
}


def patient(row: tuple[str, str, str, str], knowledge):
    grade, response, stability, surgery = row
    tumour, before = ONCOLOGY[response]
    further = ", prior_radiotherapy_months: 12" if before != "none" else ""
    further += ", myelopathy: false" if grade == "low" else ""
    return case(
        f"""
        case: row
        patient: {{primary_tumour: {tumour}, kps: 80, open_surgery: {surgery}}}
        lesions:
          - {{id: T8, levels: [T8], escc_grade: "{GRADES[grade]}", sins_total: {TOTALS[stability]},
              prior_radiotherapy: {before}{further}}}
        """,
        knowledge,
    )


def test_there_are_24_rows():
    assert set(ROWS) == set(product(GRADES, ONCOLOGY, TOTALS, ("able", "unable")))


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_each_row_of_the_expansion_gives_its_pathway(noms, reasoner, row):
    (lesion,) = advise(patient(row, noms), reasoner).lesions
    assert lesion.recommended == ((ROWS[row],) if ROWS[row] else ())


def test_a_row_without_a_pathway_goes_to_the_multidisciplinary_team(noms, reasoner):
    advice = advise(patient(("high", "irradiated", "stable", "unable"), noms), reasoner)
    assert any(alert.rule.startswith("MDT-") for alert in advice.alerts)


# --- SINS, against a sum written by hand ------------------------------------------------------------------------

SINS = {
    "location": {"junctional": 3, "mobile": 2, "semirigid": 1, "rigid": 0},
    "pain": {"mechanical": 3, "occasional_not_mechanical": 1, "none": 0},
    "bone_lesion": {"lytic": 2, "mixed": 1, "blastic": 0},
    "alignment": {"subluxation": 4, "deformity": 2, "normal": 0},
    "collapse": {"over_50": 3, "under_50": 2, "over_half_involved": 1, "none": 0},
    "posterolateral": {"bilateral": 3, "unilateral": 1, "none": 0},
}


def reference_class(total: int) -> str:
    return "stable" if total <= 6 else "indeterminate" if total <= 12 else "unstable"


@pytest.mark.slow
def test_every_combination_of_sins_adds_up_and_has_its_class(noms):
    """All 4·3·3·3·4·3 = 1,296 combinations; only the score is run, as the total does not hang on anything else."""
    from dataclasses import replace

    from engine import Reasoner

    reasoner = Reasoner(replace(noms, rules={}, every_rule={}))
    for names in product(*SINS.values()):
        parts = dict(zip(SINS, names, strict=True))
        total = sum(SINS[part][name] for part, name in parts.items())
        sins = ", ".join(f"{part}: {name}" for part, name in parts.items())
        advice = advise(case(f"{{case: s, lesions: [{{id: T8, sins: {{{sins}}}}}]}}", noms), reasoner)
        facts = {str(fact.id): fact.values for fact in advice.facts}
        assert (facts["T8.sins_total"], facts["T8.sins_class"]) == (total, reference_class(total)), parts


@pytest.mark.parametrize(("part", "finding"), [(part, finding) for part in SINS for finding in SINS[part]])
def test_every_finding_of_sins_has_its_points(noms, reasoner, part, finding):
    advice = advise(case(f"{{case: s, lesions: [{{id: T8, sins: {{{part}: {finding}}}}}]}}", noms), reasoner)
    assert next(f.values for f in advice.facts if str(f.id) == f"T8.sins_{part}_points") == SINS[part][finding]


@pytest.mark.parametrize("total", range(19))
def test_every_sins_total_has_its_class(noms, reasoner, total):
    advice = advise(case(f"{{case: s, lesions: [{{id: T8, sins_total: {total}}}]}}", noms), reasoner)
    facts = {str(fact.id): fact.values for fact in advice.facts}
    assert facts["T8.sins_class"] == reference_class(total)


@pytest.mark.parametrize(
    ("grade", "expected"),
    [("0", "low"), ("1a", "low"), ("1b", "low"), ("1c", "intermediate"), ("2", "high"), ("3", "high")],
)
def test_every_grade_of_compression_has_its_class(noms, reasoner, grade, expected):
    advice = advise(case(f'{{case: s, lesions: [{{id: T8, escc_grade: "{grade}"}}]}}', noms), reasoner)
    assert next(f.values for f in advice.facts if str(f.id) == "T8.escc_class") == expected


REGIONS = {
    "junctional": "C0 C1 C2 C7 T1 T2 T11 T12 L1 L5 S1",
    "mobile": "C3 C4 C5 C6 L2 L3 L4",
    "semirigid": "T3 T4 T5 T6 T7 T8 T9 T10",
    "rigid": "S2 S3 S4 S5",
}


@pytest.mark.parametrize(("region", "level"), [(r, level) for r, levels in REGIONS.items() for level in levels.split()])
def test_every_level_lies_in_its_region(noms, reasoner, region, level):
    advice = advise(case(f"{{case: s, lesions: [{{id: X, levels: [{level}]}}]}}", noms), reasoner)
    assert next(f.values for f in advice.facts if str(f.id) == "X.sins_location") == region


# --- whole patients, worked out by hand from the tables -----------------------------------------------------------

KIDNEY = (
    "sins: {pain: mechanical, bone_lesion: lytic, alignment: deformity, collapse: over_50, posterolateral: bilateral}"
)
WORKED = {
    "1 breast T7, SINS 6": (
        "primary_tumour: breast, open_surgery: able",
        "levels: [T7], escc_grade: 1a, neurological_examination: normal, prior_radiotherapy: none, "
        "sins: {pain: occasional_not_mechanical, bone_lesion: lytic, alignment: normal, collapse: over_half_involved, "
        "posterolateral: unilateral}",
        (6, ["cebrt"], "NOMS-01", ()),
    ),
    "2 kidney L1, SINS 16, able": (
        "primary_tumour: renal_cell, open_surgery: able",
        f'levels: [L1], escc_grade: "3", prior_radiotherapy: none, {KIDNEY}',
        (16, ["separation_surgery_then_sbrt"], "NOMS-09", ("embolisation",)),
    ),
    "3 the same, unable": (
        "primary_tumour: renal_cell, open_surgery: unable",
        f'levels: [L1], escc_grade: "3", prior_radiotherapy: none, {KIDNEY}',
        (16, ["percutaneous_stabilization_then_cebrt"], "NOMS-10", ()),
    ),
    "4 myeloma T8, myelopathy": (
        "primary_tumour: multiple_myeloma, histology_confirmed: true, open_surgery: able",
        'levels: [T8], escc_grade: "3", myelopathy: true, prior_radiotherapy: none, sins_total: 5',
        (5, ["cebrt", "systemic_therapy"], "NOMS-05", ("dexamethasone",)),
    ),
    "5 melanoma T8, unable": (
        "primary_tumour: melanoma, open_surgery: unable",
        'levels: [T8], escc_grade: "0", myelopathy: false, prior_radiotherapy: none, sins_total: 5',
        (5, ["sbrt"], "NOMS-03", ()),
    ),
    "6 lung L3, SINS 10": (
        "primary_tumour: non_small_cell_lung, open_surgery: able",
        "levels: [L3], escc_grade: 1b, myelopathy: false, prior_radiotherapy: none, sins: {pain: mechanical, "
        "bone_lesion: lytic, alignment: normal, collapse: under_50, posterolateral: unilateral}",
        (10, ["stabilization_then_sbrt"], "NOMS-04", ("surgical_consultation",)),
    ),
    "7 sarcoma, 1c, 3 mm": (
        "primary_tumour: sarcoma, open_surgery: able",
        "levels: [T8], escc_grade: 1c, cord_gap_mm: 3, neurological_examination: normal, prior_radiotherapy: none, "
        "sins_total: 8, stability_opinion: stable",
        (8, ["sbrt"], "NOMS-43", ("surgical_consultation",)),
    ),
    "7 sarcoma, 1c, 2 mm": (
        "primary_tumour: sarcoma, open_surgery: able",
        "levels: [T8], escc_grade: 1c, cord_gap_mm: 2, neurological_examination: normal, prior_radiotherapy: none, "
        "sins_total: 8, stability_opinion: stable",
        (8, [], "NOMS-44", ("surgical_consultation", "multidisciplinary_review")),
    ),
}


@pytest.mark.parametrize("name", WORKED)
def test_worked_patient(noms, reasoner, name):
    patient, lesion, (total, recommended, rule, measures) = WORKED[name]
    advice = advise(case(f"{{case: w, patient: {{{patient}}}, lesions: [{{id: X, {lesion}}}]}}", noms), reasoner)
    assert next(f.values for f in advice.facts if str(f.id) == "X.sins_total") == total
    assert list(advice.lesions[0].recommended) == recommended
    assert rule in {firing.rule for firing in advice.firings}
    assert set(measures) <= {measure.measure for measure in advice.measures}
