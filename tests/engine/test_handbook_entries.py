"""What stands in the handbook only: the rule fires and is traced, and no patient is told."""

from textcases import case

from engine import advise
from explain.phrases.rules import rule_in_words
from knowledge_base.language.rules import is_for_handbook

STABLE = """
case: stable
patient: {primary_tumour: breast}
lesions: [{id: T8, levels: [T8], escc_grade: 1b, neurological_examination: normal, prior_radiotherapy: none, sins_total: 4}]
"""


def test_an_entry_for_the_handbook_is_no_alert_of_a_patient(noms, reasoner):
    advice = advise(case(STABLE, noms), reasoner)
    (firing,) = [firing for firing in advice.firings if firing.rule == "IMM-02"]
    assert firing.conclusions == ()
    assert "IMM-02" not in {alert.rule for alert in advice.alerts}


def test_its_text_is_kept_for_the_handbook(noms):
    rule = noms.rules["IMM-02"]
    assert all(map(is_for_handbook, rule.conclusions))
    assert any("handbook: “The spine counts as stable" in text for _, text in rule_in_words(rule, noms))
