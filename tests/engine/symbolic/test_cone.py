"""What can still matter: of each lesion, and of no other unless a rule looks across."""

import pytest

from cases.plain import case_from
from engine import Reasoner, advise
from knowledge_base.loading.frameworks import DEFAULT

VOCABULARY = """
- {id: grade, label: grade, class: finding, question: q, of: lesion, letter: N, type: choice, values: {lo: low, hi: high}}
- {id: other, label: other, class: finding, question: q, of: lesion, letter: N, type: choice, values: {lo: low, hi: high}}
"""
OWN = """
- id: A-01
  when: {grade: hi, other: hi}
  then: [{argue: {pathway: cut, stance: recommend}}]
- id: A-02
  when: {grade: lo}
  then: [{argue: {pathway: beam, stance: recommend}}]
"""
ACROSS = """
- id: A-03
  when: {some_lesion: {other: hi}, grade: hi}
  then: [{argue: {pathway: beam, stance: recommend}}]
"""
PATIENT = {"case": "two", "lesions": [{"id": "A", "grade": "lo"}, {"id": "B", "grade": "hi"}]}


@pytest.fixture
def settled(toy, tmp_path):
    def settle(rules):
        (tmp_path / "rules").mkdir(exist_ok=True)
        options = (DEFAULT / "rules" / "options.yaml").read_text(encoding="utf-8")
        (tmp_path / "rules" / "options.yaml").write_text(
            options.replace("ref: metspine", "ref: book").replace("project", "primary")
        )
        knowledge = toy(VOCABULARY, rules)
        advice = advise(case_from(PATIENT, knowledge), Reasoner(knowledge), settle=True)
        return {str(question.fact) for question in advice.questions}, set(map(str, advice.not_needed))

    return settle


def test_a_settled_lesion_is_not_asked_about_for_the_sake_of_another(settled):
    assert settled(OWN) == ({"B.other"}, {"A.other"})


def test_it_is_where_a_rule_looks_across_lesions(settled):
    assert settled(OWN + ACROSS) == ({"A.other", "B.other"}, set())
