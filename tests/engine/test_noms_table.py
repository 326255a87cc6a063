"""The published tables, checked from the outside: a patient in, the stated pathway out.

The 24 rows are the expansion of the NOMS decision table: compression, response, stability, fitness for open surgery.
"""

from itertools import product

import pytest
from conftest import case

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

    reasoner = Reasoner(replace(noms, rules={}))
    for names in product(*SINS.values()):
        parts = dict(zip(SINS, names, strict=True))
        total = sum(SINS[part][name] for part, name in parts.items())
        sins = ", ".join(f"{part}: {name}" for part, name in parts.items())
        advice = advise(case(f"{{case: s, lesions: [{{id: T8, sins: {{{sins}}}}}]}}", noms), reasoner)
        facts = {fact.id: fact.values for fact in advice.facts}
        assert (facts["T8.sins_total"], facts["T8.sins_class"]) == (total, reference_class(total)), parts


@pytest.mark.parametrize("total", range(19))
def test_every_sins_total_has_its_class(noms, reasoner, total):
    advice = advise(case(f"{{case: s, lesions: [{{id: T8, sins_total: {total}}}]}}", noms), reasoner)
    facts = {fact.id: fact.values for fact in advice.facts}
    assert facts["T8.sins_class"] == reference_class(total)


@pytest.mark.parametrize(
    ("grade", "expected"),
    [("0", "low"), ("1a", "low"), ("1b", "low"), ("1c", "intermediate"), ("2", "high"), ("3", "high")],
)
def test_every_grade_of_compression_has_its_class(noms, reasoner, grade, expected):
    advice = advise(case(f'{{case: s, lesions: [{{id: T8, escc_grade: "{grade}"}}]}}', noms), reasoner)
    assert next(f.values for f in advice.facts if f.id == "T8.escc_class") == expected


REGIONS = {
    "junctional": "C0 C1 C2 C7 T1 T2 T11 T12 L1 L5 S1",
    "mobile": "C3 C4 C5 C6 L2 L3 L4",
    "semirigid": "T3 T4 T5 T6 T7 T8 T9 T10",
    "rigid": "S2 S3 S4 S5",
}


@pytest.mark.parametrize(("region", "level"), [(r, level) for r, levels in REGIONS.items() for level in levels.split()])
def test_every_level_lies_in_its_region(noms, reasoner, region, level):
    advice = advise(case(f"{{case: s, lesions: [{{id: X, levels: [{level}]}}]}}", noms), reasoner)
    assert next(f.values for f in advice.facts if f.id == "X.sins_location") == region
