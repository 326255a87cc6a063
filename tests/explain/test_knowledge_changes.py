"""Whose advice changes, in words and as a figure: each change once, boxes bounded and what is left out said."""

import pytest

from cases.model import Case
from engine.verification.against import AdviceChanged, Aspect
from engine.verification.rules_changed import RulesChanged
from explain.drawing.knowledge_changes import draw_changes
from explain.phrases.knowledge_changes import who
from explain.report.knowledge_changes import lines, page, summary


def boxes_of(knowledge, count):
    choice = next(a for a in knowledge.vocabulary.values() if a.type == "choice")
    return (((choice.id, frozenset({choice.names[0]})),),) * count


def change(kind, name, before, after, **more):
    return AdviceChanged(Aspect(kind, name), before, after, Case("changed", {}, ()), **more)


@pytest.mark.parametrize(
    ("count", "lesions", "said"),
    [(1, 1, 1), (2, 1, 2), (5, 1, 4), (1, 2, 2)],
)
def test_boxes_are_bounded_and_the_rest_is_counted(toy, count, lesions, said):
    found = list(
        who(change("pathway", "surgery", "open", "acceptable", parts=boxes_of(toy, count), lesions=lesions), toy)
    )
    assert len(found) == said
    assert [line for line in found if line.startswith("and ")] == (["and 2 more kinds"] if count == 5 else [])


def test_boxes_that_are_too_many_are_said_to_be(toy):
    box = boxes_of(toy, 1)[0]
    found = list(who(change("pathway", "surgery", "open", "acceptable", box=box, parts=None), toy))
    assert found[1].startswith("though perhaps not in every combination")


def test_a_figure_has_each_change_of_a_pathway_and_counts_the_others(toy):
    names = sorted(toy.pathways)[:2]
    changes = [
        change("pathway", names[0], "recommended", "acceptable", parts=boxes_of(toy, 1)),
        change("pathway", names[0], "open", "excluded", parts=boxes_of(toy, 1)),
        change("pathway", names[1], "recommended", "not known", parts=boxes_of(toy, 1)),
        change("measure", next(iter(toy.measures)), "planned", "not called for", parts=boxes_of(toy, 1)),
    ]
    source = draw_changes(changes, toy, toy).source
    assert source.count(" -> ") == 2 * 3
    assert "changes of measures, alerts and hazards: 1" in " ".join(source.split())
    assert len(list(lines(changes, toy, toy))) == 3 * 4
    written = page(changes, RulesChanged((), (), ()), toy, toy)
    assert written.count("| recommended |") == 2


def test_many_changes_are_counted_first_and_the_gravest_told_first(toy):
    names = sorted(toy.pathways)[:2]
    measure = next(iter(toy.measures))
    few = [change("pathway", name, "open", "excluded", parts=boxes_of(toy, 1)) for name in names]
    many = [
        change("measure", measure, "planned", "not called for", parts=boxes_of(toy, 1)),
        *few,
        change("pathway", names[0], "recommended", "acceptable", parts=boxes_of(toy, 1)),
    ]
    assert not list(summary(few, toy, toy))
    pathways, measures = summary(many, toy, toy)
    assert pathways.startswith("3 of pathway: ")
    assert pathways.endswith("(1)")
    assert "(2); " in pathways
    assert measures.startswith("1 of measure: ")
    assert "planned before" in [line for line in lines(many, toy, toy) if " before, " in line][-1]
