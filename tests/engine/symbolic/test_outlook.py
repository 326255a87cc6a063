"""What can still happen, kept warm from one answer to the next, is what is found anew."""

import pytest

from cases.plain import case_from
from engine import Reasoner, advise
from engine.analysis.next_question import Outlook
from knowledge_base.loading.frameworks import DEFAULT

VOCABULARY = """
- {id: grade, label: grade, class: finding, question: q, of: lesion, letter: N, type: choice, values: {lo: low, hi: high}}
- {id: past, label: past, class: CLASS, question: q, of: patient, letter: S, type: several, values: {a: aa, b: bb, c: cc}}
"""
RULES = """
- id: A-01
  when: {past: a, grade: hi}
  then: [{argue: {pathway: cut, stance: recommend}}]
- id: A-02
  when: {past: b, grade: hi}
  then: [{argue: {pathway: beam, stance: recommend}}]
"""


@pytest.mark.parametrize("input_class", ["finding", "judgement"])
@pytest.mark.parametrize("past", ["a", "c"])
def test_a_set_that_is_told_of_the_patient_counts_at_once(toy, tmp_path, input_class, past):
    (tmp_path / "rules").mkdir()
    options = (DEFAULT / "rules" / "options.yaml").read_text(encoding="utf-8").replace("ref: metspine", "ref: book")
    (tmp_path / "rules" / "options.yaml").write_text(options.replace("project", "primary"))
    knowledge = toy(VOCABULARY.replace("CLASS", input_class), RULES)
    outlook = Outlook(knowledge)
    outlook.ahead(case_from({"case": "x", "lesions": [{"id": "A"}]}, knowledge))
    told = case_from({"case": "x", "patient": {"past": [past]}, "lesions": [{"id": "A", "grade": "hi"}]}, knowledge)
    (lesion,) = advise(told, Reasoner(knowledge), settle=True).lesions
    assert {tuple(sorted(found)) for found in outlook.ahead(told).outcomes["A"]} == {
        possible.recommended for possible in lesion.possible
    }
