"""Questions over options and lesions: two that mean different things never pass for one."""

from knowledge_base import load
from knowledge_base.language.conditions import leaves
from knowledge_base.loading.frameworks import DEFAULT


def test_open_as_a_status_and_open_as_not_settled_are_two_questions(write_knowledge):
    rule = """
- id: {id}
  title: A rule
  when: {{some_option: {asked}}}
  then: [{{measure: {{measure: mri, urgency: planned}}}}]
  because: It is so.
  sources: [{{ref: book, at: p. 1, basis: primary}}]
  review: {{status: draft}}
"""
    options = (DEFAULT / "rules" / "options.yaml").read_text(encoding="utf-8")
    asking = rule.format(id="ASK-01", asked="{status: open}") + rule.format(id="ASK-02", asked="{open: [status]}")
    knowledge = load(write_knowledge({"rules/options.yaml": options, "rules/asking.yaml": asking}))
    one, two = (next(leaves(knowledge.rules[name].when)) for name in ("ASK-01", "ASK-02"))
    assert one.key != two.key
    assert {one.key, two.key} <= set(knowledge.questions)
