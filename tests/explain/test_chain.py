"""The drawing of a plan: few boxes, in the order of NOMS, true to the plan, and of the size of a laptop's screen."""

import re
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

import metspine
from cases import case_of, read_case
from engine import Advice, Reasoner, advise
from engine.advice import LesionAdvice
from engine.analysis.plan import ForkRow
from explain.drawing.boxes import PAD, TextLine, label, lines_of
from explain.drawing.chain import MOST_BOXES, NOMS, Box, Chain
from explain.drawing.chain_words import sentences
from explain.drawing.chart import chains_alone, chains_of, draw_chains, draw_plan
from explain.drawing.labels import clean
from explain.drawing.measure import width_of
from explain.drawing.palette import INK
from explain.drawing.placing import Placing, across, outline
from explain.drawing.rendering import render
from explain.phrases.brief import short_name
from explain.phrases.measures import CALL
from explain.phrases.plans import result, row_value
from knowledge_base import KnowledgeBase
from knowledge_base.text.strict_yaml import read_text
from metspine.library import LIBRARY

Advised = Callable[[str], Advice]
CASES = ("noms-n9", "two-lesions", "three-lesions", "unknown-everything", "pub-acr-mescc-v3", "contradiction-sins")
SCREEN = (1440, 900)  # pixels, 96 to the inch
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def reasoner(knowledge: KnowledgeBase) -> Reasoner:
    return Reasoner(knowledge)


@pytest.fixture(scope="module")
def planned(answer_on: Callable[..., metspine.Answer]) -> Advised:
    return lambda name: answer_on(name).advice


@pytest.fixture(params=CASES)
def advice(request: pytest.FixtureRequest, planned: Advised) -> Advice:
    return planned(request.param)


@pytest.fixture
def chains(advice: Advice, knowledge: KnowledgeBase) -> list[Chain]:
    return chains_alone(advice, knowledge)


def lesion_of(advice: Advice, found: Chain) -> LesionAdvice:
    return next(lesion for lesion in advice.lesions if lesion.id == found.lesion)


def letters(boxes: tuple[Box, ...]) -> list[int]:
    return [NOMS.index(box.letter) for box in boxes]


def check_size_and_order(found: Chain) -> None:
    assert 4 <= len(found.boxes) <= MOST_BOXES
    assert letters(found.facts) == sorted(letters(found.facts))
    assert letters(found.inputs) == sorted(letters(found.inputs))
    ids = [box.id for box in found.boxes]
    assert len(set(ids)) == len(ids)
    assert all({link.start, link.end} <= set(ids) for link in found.links)


def test_there_are_few_boxes_and_letters_stand_in_the_order_of_noms(chains: list[Chain]) -> None:
    for found in chains:
        check_size_and_order(found)


def test_every_letter_has_a_box_among_the_facts_or_is_what_decides(chains: list[Chain]) -> None:
    for found in chains:
        assert set(NOMS) <= {box.letter for box in found.boxes}


def paths(found: Chain, box: Box, said: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Box]]:
    """Yield every way down a tree: the boxes and words on it, and the box in which it ends."""
    after = found.follow(box.id)
    if not after:
        yield said, box
    for link, child in after:
        yield from paths(found, child, (*said, f"{box.text}: {link.words}"))


def test_a_fork_leads_from_each_value_to_the_plan_of_its_row(planned: Advised, knowledge: KnowledgeBase) -> None:
    checked = 0
    for name in ("two-lesions", "pub-acr-mescc-v3", "three-lesions"):
        for found in chains_alone(planned(name), knowledge):
            fork = lesion_of(planned(name), found).plan.fork
            if fork is None:
                continue
            drawn = dict(paths(found, found.levels[0][0]))
            assert set(drawn) == {_asked(row, knowledge) for row in fork.rows}
            for row in fork.rows:
                end = drawn[_asked(row, knowledge)]
                assert end.text == result(row, planned(name), knowledge)[0]
                checked += 1
            assert all(box.kind == "finding" for level in found.levels for box in level if found.follow(box.id))
    assert checked > 8


def test_a_rule_named_at_the_end_of_a_fork_speaks_in_the_patient_of_that_row(
    planned: Advised, knowledge: KnowledgeBase, reasoner: Reasoner
) -> None:
    """The witness of a row is a whole patient: Experta runs it, and one of the rules named there must fire."""
    checked = 0
    for name in ("two-lesions", "pub-acr-mescc-v3", "performance-kps-40"):
        for found in chains_alone(planned(name), knowledge):
            fork = lesion_of(planned(name), found).plan.fork
            drawn = dict(paths(found, found.levels[0][0]))
            for row in fork.rows if fork else ():
                if row.recommended:
                    case = case_of(read_text(_yaml(row.witness), "witness.yaml"), knowledge)
                    fired = {firing.rule for firing in reasoner.consult(case).trace.firings}
                    assert fired & set(drawn[_asked(row, knowledge)].rules)
                    checked += 1
    assert checked >= 7


def _asked(row: ForkRow, knowledge: KnowledgeBase) -> tuple[str, ...]:
    """Return what a row finds, as the boxes and lines of a drawing say it."""
    columns = [(knowledge.vocabulary[when.fact.attribute], when) for when in row.when]
    return tuple(f"{short_name(attribute)}: {row_value(when, knowledge)}" for attribute, when in columns)


def _yaml(data: object) -> str:
    import json

    return json.dumps(data)


def test_the_rule_that_speaks_for_a_plan_is_drawn_with_what_it_read(planned: Advised, knowledge: KnowledgeBase) -> None:
    (found,) = chains_alone(planned("noms-n9"), knowledge)
    firings = {firing.id: firing for firing in planned("noms-n9").firings}
    (end,) = [box for box in found.boxes if box.look == "recommended"]
    rules = [link.start for link in found.links if link.end == end.id and link.kind == "for"]
    assert [firings[rule].rule for rule in rules] == ["NOMS-09"]
    read = {link.start for link in found.links if link.end == rules[0]}
    assert read == {str(premise.fact) for premise in firings[rules[0]].premises}
    assert {box.letter for box in found.facts if box.id in read} == set(NOMS)


def test_every_line_is_in_the_record(chains: list[Chain], advice: Advice) -> None:
    firings = {firing.id: firing for firing in advice.firings}
    facts = {str(fact.id): fact for fact in advice.facts}
    for found in chains:
        options = {f"{found.lesion}/{option.pathway}": option for option in lesion_of(advice, found).options}
        for link in found.links:
            if link.kind == "premise" and link.end in firings:
                assert link.start in {str(premise.fact) for premise in firings[link.end].premises}
            elif link.kind in ("for", "against") and link.start in firings:
                stances = {a.stance for a in options[link.end].arguments if a.rule == firings[link.start].rule}
                assert stances <= {"recommend"} if link.kind == "for" else stances <= {"advise_against", "exclude"}
                assert stances
            elif link.kind == "leads" and link.end in facts and link.start in {box.id for box in found.inputs}:
                assert facts[link.start].given is not None or facts[link.start].supports


def test_what_is_beaten_is_not_recommended(chains: list[Chain], advice: Advice) -> None:
    for found in chains:
        lesion = lesion_of(advice, found)
        status = {f"{lesion.id}/{option.pathway}": option.status for option in lesion.options}
        for link in found.links:
            assert link.kind != "against" or status[link.end] in ("not_advised", "excluded")


def test_dangers_measures_and_grave_conditions_stand_on_it(advice: Advice, knowledge: KnowledgeBase) -> None:
    svg = ElementTree.fromstring(render(draw_plan(advice, knowledge).source, "svg"))
    words = squeezed(" ".join("".join(text.itertext()) for text in svg.iter(f"{SVG}text")))
    for alert in advice.alerts:
        if alert.level == "danger":
            assert squeezed(f"{alert.text}[{alert.rule}]") in words
    for measure in advice.measures:
        others = [o for o in advice.measures if measure.measure in knowledge.measures[o.measure].comprises]
        assert any(
            squeezed(knowledge.measures[m.measure].to_do.removeprefix(CALL)) in words for m in (measure, *others)
        )
    for lesion in advice.lesions:
        for condition in lesion.plan.conditions:
            if condition.danger != "changes" and condition.input_class != "wish":
                assert squeezed(short_name(knowledge.vocabulary[condition.attribute])) in words


def squeezed(text: str) -> str:
    return "".join(clean(text.replace("\xa0", " ")).split())


def size_of(source: str) -> tuple[float, float]:
    """Return the size of a drawing in pixels, 96 to the inch."""
    head = re.search(r'width="(\d+)pt" height="(\d+)pt"', render(source, "svg").decode())
    assert head is not None
    return int(head[1]) * 4 / 3, int(head[2]) * 4 / 3


@pytest.mark.parametrize("case", ["two-lesions", "three-lesions"])
def test_several_lesions_are_as_wide_and_high_as_a_laptop(
    case: str, planned: Advised, knowledge: KnowledgeBase
) -> None:
    width, height = size_of(draw_plan(planned(case), knowledge).source)
    assert width <= SCREEN[0]
    assert height <= SCREEN[1]


@pytest.mark.parametrize("case", ["noms-n9", "unknown-everything", "pub-acr-mescc-v3"])
def test_it_fits_the_screen_of_a_laptop_at_full_size(case: str, planned: Advised, knowledge: KnowledgeBase) -> None:
    source = draw_plan(planned(case), knowledge).source
    width, height = size_of(source)
    assert width <= SCREEN[0]
    assert height <= SCREEN[1]
    assert width > height
    assert min(map(float, re.findall(r'POINT-SIZE="([\d.]+)"', source))) >= 9


def test_three_lesions_stand_side_by_side_the_most_urgent_first(planned: Advised, knowledge: KnowledgeBase) -> None:
    source = draw_plan(planned("three-lesions"), knowledge).source
    panels = re.findall(r'"panel (\S+)" \[.*?pos="([\d.]+),(-[\d.]+)!"', source)
    assert [name for name, _, _ in sorted(panels, key=lambda panel: float(panel[1]))] == ["T12", "S3", "C5"]
    assert len({down for *_, down in panels}) == 1


def check_places(placing: Placing) -> None:
    """Boxes stand apart from each other and from the words on lines, and their text fits into them."""
    shapes = [(p.left, p.top, p.left + p.width, p.bottom) for p in placing.boxes]
    shapes += [(w.left, w.top, w.left + w.width, w.top + w.height) for w in placing.words]
    for one, two in combinations(shapes, 2):
        assert one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] + 0.01 or two[3] <= one[1] + 0.01
    for placed in placing.boxes:
        for line in lines_of(placed.box, placed.width):
            assert width_of(line.text, line.size, line.bold) <= placed.width - 2 * PAD + 0.01


def test_boxes_stand_apart_and_hold_their_text(advice: Advice, knowledge: KnowledgeBase) -> None:
    for found in chains_alone(advice, knowledge):
        check_places(across(found, 0.0, 1056.0))
    for found in chains_of(advice, knowledge):
        check_places(outline(found, 0.0, 0.0, 334.0))


def test_text_stands_in_the_middle_of_its_box_whatever_measures_the_fonts_that_draw_it() -> None:
    room, line = 200, TextLine("separation surgery", 10.5, True, INK)
    left = (room - width_of(line.text, 10, bold=True)) // 2  # Graphviz draws whole sizes
    assert f'<TD WIDTH="{left:.0f}"></TD><TD ALIGN="LEFT"' in label([line], room + 2 * PAD, centred=True)


def test_the_sentences_name_every_box(chains: list[Chain]) -> None:
    for found in chains:
        text = " ".join(sentences(found))
        assert found.headline in text
        for box in (*found.facts, *(box for level in found.levels for box in level)):
            assert box.text.rstrip(".") in text


def test_the_legend_stands_there_only_when_asked_for(planned: Advised, knowledge: KnowledgeBase) -> None:
    advice = planned("noms-n9")
    chains = chains_of(advice, knowledge)
    assert "How to read it" not in draw_chains(chains, advice, knowledge).source
    assert "How to read it" in draw_chains(chains, advice, knowledge, legend=True).source


def test_alone_it_holds_no_strips(planned: Advised, knowledge: KnowledgeBase) -> None:
    advice = planned("pub-acr-mescc-v3")
    bare = draw_chains(chains_alone(advice, knowledge), advice, knowledge, bare=True).source
    assert "DANGER" not in bare
    assert "Frankel" in bare


def test_without_a_plan_there_is_no_drawing(knowledge: KnowledgeBase, reasoner: Reasoner) -> None:
    advice = advise(read_case(LIBRARY / "noms-n9.yaml", knowledge), reasoner)
    with pytest.raises(ValueError, match="holds no plan"):
        draw_plan(advice, knowledge)


def test_a_lesion_that_is_not_there_is_refused(planned: Advised, knowledge: KnowledgeBase) -> None:
    with pytest.raises(ValueError, match="'T9' is not a lesion of this case \\(L3, T6\\)"):
        draw_plan(planned("two-lesions"), knowledge, "T9")


@pytest.mark.slow
def test_over_the_library_drawings_stay_small_and_in_order(knowledge: KnowledgeBase, planned: Advised) -> None:
    """Every seventh patient: forks, conditions, nothing recommended, several lesions."""
    for path in [Path(p) for p in sorted(LIBRARY.glob("*.yaml"))][::7]:
        for found in chains_alone(planned(path.stem), knowledge):
            check_size_and_order(found)
            check_places(across(found, 0.0, 1056.0))
