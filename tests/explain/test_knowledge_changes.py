"""Whose advice changes, in words and as a figure: each change once, boxes bounded and what is left out said."""

import pytest

from cases.model import Case
from engine.verification.against import REWORDED, AdviceChanged, Aspect
from engine.verification.rules_changed import RulesChanged
from explain.drawing.knowledge_changes import draw_changes
from explain.phrases.knowledge_changes import contrast, who
from explain.report.knowledge_changes import lines, page, summary, total


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
    assert pathways.startswith("3 of pathways: ")
    assert pathways.endswith("(1)")
    assert "(2); " in pathways
    assert measures.startswith("1 of measures: ")
    assert "planned before" in [line for line in lines(many, toy, toy) if " before, " in line][-1]


def test_an_alert_in_other_words_is_told_with_what_was_and_what_is(toy):
    was = "The cord is in danger, and whoever waits for the surgeon waits too long: call within the hour."
    now = was.replace("the hour", "two hours")
    aspect = Aspect("alert", was, now)
    changed = AdviceChanged(aspect, "raised", REWORDED, Case("changed", {}, ()), parts=boxes_of(toy, 1))
    first, *_ = lines([changed], toy, toy)
    cut = (
        "'…for the surgeon waits too long: call within the hour.'",
        "'…for the surgeon waits too long: call within two hours.'",
    )
    assert first == f"Danger alert says other words: {cut[0]} before, {cut[1]} now"
    written = page([changed], RulesChanged((), (), ()), toy, toy)
    assert f"### Danger alert: {now} (in other words before)\n" in written
    assert f"| {cut[0]} | {cut[1]} | " in written
    lost = AdviceChanged(aspect, "raised", "not raised", Case("changed", {}, ()), parts=boxes_of(toy, 1))
    first, *_ = lines([lost], toy, toy)
    assert first == f"Danger alert: {now} (in other words before): raised before, not raised now"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (">= 2", ">= 1b", ("'>= 2'", "'>= 1b'")),
        (None, "2", ("nothing", "'2'")),
        (["1a", "1b"], ["1a"], ("[1a, 1b]", "[1a]")),
        ("a" * 70 + "b", "a" * 70 + "c", ("'…" + "a" * 59 + "b'", "'…" + "a" * 59 + "c'")),
        ("a" * 70 + "b" * 70, "a" * 70 + "c", ("'…" + "a" * 20 + "b" * 40 + "…'", "'…" + "a" * 20 + "c'")),
        ("b" + "a" * 70, "c" + "a" * 70, ("'b" + "a" * 59 + "…'", "'c" + "a" * 59 + "…'")),
        ("one " * 20, "one " * 20 + "two", ("'…" + "one " * 14 + "'", "'…" + "one " * 14 + "two'")),
    ],
)
def test_what_differs_is_seen_however_long_the_rest(before, after, said):
    assert contrast(before, after) == said


def test_how_much_there_is_stands_on_one_line(toy):
    some = [
        change("measure", next(iter(toy.measures)), "planned", "not called for"),
        change("alert", "Look out.", "raised", "not raised"),
        change("alert", "Look out.", "not raised", "raised"),
    ]
    rules = RulesChanged(("TOY-91",), (), (("TOY-01", ()), ("TOY-02", ())))
    assert total(some, rules) == "3 changes of advice: 2 of danger alerts, 1 of measures; rules: 1 added, 2 changed"
    assert total(some[:1], RulesChanged((), (), ())) == "1 change of advice: 1 of measures; rules: none changed"
