"""The argument table: every pathway, every argument with its rule, facts, source and basis; the figure beside it."""

from xml.etree import ElementTree

import pytest
from toycases import SEVERE, TWO, run

from explain.answers.arguments import ArgumentTable, argument_table
from explain.drawing.arguments import draw_arguments
from explain.drawing.palette import STATUSES
from explain.drawing.rendering import render
from explain.report.arguments import argument_report
from explain.report.blocks import text_of

SVG = "{http://www.w3.org/2000/svg}"
UNSURE = TWO.replace(", fit: true", "")


@pytest.fixture
def table(toy):
    return lambda text: argument_table(run(text, toy))


def test_every_pathway_of_every_lesion_is_there(table, toy):
    assert [(lesion.lesion, {o.pathway for o in lesion.options}) for lesion in table(UNSURE).lesions] == [
        ("L1", set(toy.pathways)),
        ("T8", set(toy.pathways)),
    ]


def test_an_argument_has_its_rule_facts_sources_and_weakest_basis(table):
    (cut,) = (option for option in table(SEVERE).lesions[0].options if option.pathway == "cut")
    (row,) = cut.arguments
    assert (row.stance, row.rule, row.firing, row.basis) == ("recommend", "TOY-01", "TOY-01@T8", "unconfirmed")
    assert row.facts == ("severity: high", "wobble class: unstable", "fit for surgery: yes")
    assert [(source.ref, source.at) for source in row.sources] == [("rumour", "heard"), ("book", "p. 3")]


def test_what_may_yet_be_argued_says_what_it_waits_for(table):
    (lesion,) = (lesion for lesion in table(UNSURE).lesions if lesion.lesion == "T8")
    (cut,) = (option for option in lesion.options if option.pathway == "cut")
    assert [(row.rule, row.waits_for) for row in cut.may_yet] == [("TOY-01", ("fit for surgery",))]
    assert "TOY-01 could still recommend it; not known: fit for surgery" in text_of(argument_report(table(UNSURE)))


def test_the_text_fits_a_page(table):
    text = text_of(argument_report(table(SEVERE)))
    assert max(map(len, text.splitlines())) <= 100
    for words in ("rules it out", "TOY-02", "It leaves no margin.", "because  severity: high", "book (p. 4)"):
        assert words in text


def test_it_is_plain_data(table):
    found = table(UNSURE)
    assert ArgumentTable.model_validate_json(found.model_dump_json()) == found


def test_the_figure_tells_stances_by_line_and_arrowhead(table):
    source = draw_arguments(table(SEVERE)).source
    against = next(line for line in source.splitlines() if '"TOY-02@T8" -> "T8/beam"' in line)
    favour = next(line for line in source.splitlines() if '"TOY-01@T8" -> "T8/cut"' in line)
    assert "style=dashed" in against
    assert "arrowhead=teetee" in against
    assert "style=solid" in favour


def test_the_figure_says_what_each_rule_is_about(table):
    assert "No beam on a pressed cord" in draw_arguments(table(SEVERE)).source


@pytest.mark.parametrize("case", [SEVERE, UNSURE])
def test_the_figure_has_lesions_and_options_in_the_order_of_the_table(table, case):
    found = table(case)
    heights = {
        group.findtext(f"{SVG}title"): float(group.find(f".//{SVG}text").get("y"))
        for group in ElementTree.fromstring(render(draw_arguments(found).source, "svg")).iter(f"{SVG}g")
        if group.get("class") == "node"
    }
    options = [f"{lesion.lesion}/{option.pathway}" for lesion in found.lesions for option in lesion.options]
    assert sorted(options, key=heights.__getitem__) == options


def test_a_pathway_that_no_rule_spoke_about_is_not_called_not_advised(table):
    found = table(SEVERE)
    (lesion,) = found.lesions
    cut = lesion.options[0].model_copy(update={"status": "not_advised"})
    beam = cut.model_copy(update={"pathway": "beam", "arguments": ()})
    shown = found.model_copy(update={"lesions": (lesion.model_copy(update={"options": (cut, beam)}),)})
    lines = draw_arguments(shown).source.splitlines()
    opposed, unargued = (
        next(line for line in lines if line.strip().startswith(f'"T8/{o}" [')) for o in ("cut", "beam")
    )
    assert "not advised" in opposed
    assert "nothing speaks for it" in unargued
    assert STATUSES["unargued"].line in unargued
    assert f"{beam.label}: nothing speaks for it\n      no rule has spoken" in text_of(argument_report(shown))


def test_the_figure_can_be_drawn_and_is_always_the_same(table):
    assert draw_arguments(table(UNSURE)).source == draw_arguments(table(UNSURE)).source
    assert render(draw_arguments(table(UNSURE)).source, "svg").startswith(b"<?xml")
