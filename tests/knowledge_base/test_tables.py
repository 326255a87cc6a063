"""A score becomes a step for each item, one for the total and one for the class, with a row for every value."""

from knowledge_base import KnowledgeBase
from knowledge_base.language.domains import Choices, Numbers, both


def whole(low: int, high: int) -> Numbers:
    return Numbers.between(low, high, whole=True)


def test_steps_of_a_score(toy_knowledge: KnowledgeBase) -> None:
    assert list(toy_knowledge.steps) == ["SINS/bone", "SINS/class", "SINS/pain", "SINS/total"]
    pain, total, klass = (toy_knowledge.steps[f"SINS/{name}"] for name in ("pain", "total", "class"))
    assert (pain.reads, pain.writes) == (("sins_pain",), ("sins_pain_points",))
    assert (total.reads, total.writes) == (("sins_pain_points", "sins_bone_points"), ("sins_total",))
    assert (klass.reads, klass.writes) == (("sins_total",), ("sins_class",))
    assert {step.subject for step in (pain, total, klass)} == {"lesion"}


def test_rows_hold_values_and_results(toy_knowledge: KnowledgeBase) -> None:
    rows = toy_knowledge.steps["SINS/class"].rows
    assert [(row.accepted, row.result) for row in rows] == [
        (whole(0, 2), Choices(frozenset({"stable"}))),
        (whole(3, 5), Choices(frozenset({"unstable"}))),
    ]


def test_points_are_an_attribute_with_their_own_range(toy_knowledge: KnowledgeBase) -> None:
    points = toy_knowledge.vocabulary["sins_bone_points"]
    assert (points.domain, points.unit, points.of) == (whole(0, 2), "points", "lesion")
    assert not points.given


def test_every_value_of_every_noms_table_has_one_row(knowledge: KnowledgeBase) -> None:
    for step in knowledge.steps.values():
        if step.kind == "total":
            continue
        left = knowledge.vocabulary[step.reads[0]].domain
        for i, row in enumerate(step.rows):
            assert all(both(row.accepted, other.accepted).is_empty for other in step.rows[:i])
            left = left.without(row.accepted)  # type: ignore[union-attr,arg-type]  # a table never reads a several
        assert left.is_empty


def test_retired_score_leaves_no_points_behind(knowledge: KnowledgeBase) -> None:
    assert {a.id for a in knowledge.vocabulary.values() if a.id.endswith("_points") and not a.given} == {
        step.attribute for step in knowledge.steps.values() if step.kind == "item"
    }
