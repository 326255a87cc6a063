"""The drawing is text: the same for the same advice, and safe whatever the labels say."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from syrupy.assertion import SnapshotAssertion
from toycases import shown

from engine import Advice
from engine.decision import decision_digest
from engine.inference.trace import Contradiction
from explain.drawing.chart import chains_of, draw_chains, draw_plan
from explain.drawing.dot import draw
from explain.drawing.labels import clean, markup
from explain.drawing.nodes import Graph
from explain.drawing.palette import STATUSES
from explain.drawing.rendering import render
from explain.drawing.views import view
from knowledge_base import KnowledgeBase

Recorded = Callable[[str], Graph]
Advised = Callable[[str], Advice]
NASTY = [
    '"',
    "\\",
    "\\N",
    "\\\\",
    "<b>",
    "&amp;",
    "]",
    "->",
    "a\nb",
    "\x00\x1b",
    "ü ≥ é",
    "{x|y}",
    "%s",
    "x" * 200,
    "",
    " ",
]


@pytest.mark.parametrize(
    ("case", "name", "letter"), [("severe", "everything", None), ("two", "letter", "N"), ("severe", "letter", "M")]
)
def test_dot_text(
    advised: Advised, recorded: Recorded, snapshot: SnapshotAssertion, case: str, name: str, letter: str | None
) -> None:
    advice = advised(case)
    source = draw(view(recorded(case), name, letter), advice).source
    assert source.replace(decision_digest(advice)[:12], "(decision)") == snapshot


@pytest.mark.parametrize("case", ["severe", "two", "hardly"])
def test_every_node_of_the_view_is_drawn_with_a_tooltip(advised: Advised, recorded: Recorded, case: str) -> None:
    shown = view(recorded(case), "everything")
    svg = ElementTree.fromstring(render(draw(shown, advised(case), legend=False).source, "svg"))
    drawn = [g for g in svg.iter("{http://www.w3.org/2000/svg}g") if g.get("class") == "node"]
    titles = {a.get("{http://www.w3.org/1999/xlink}title") for a in svg.iter("{http://www.w3.org/2000/svg}a")}
    assert len(drawn) == shown.number_of_nodes()
    assert {clean(data["tooltip"]) for _, data in shown.nodes(data=True)} <= {clean(title or "") for title in titles}


def test_the_title_says_the_advice_the_case_the_version_and_the_notice(advised: Advised, recorded: Recorded) -> None:
    source = draw(view(recorded("severe"), "everything"), advised("severe")).source
    head = source[: source.index("subgraph")]
    for words in (
        "T8: cutting, then beaming.",
        "severe: Everything is known",
        "toy 1.2.3",
        "advises a team &amp; decides",
    ):
        assert words in head


def title_of(advice: Advice, record: Graph, lesion: str | None = None) -> str:
    source = draw(view(record, "everything", lesion=lesion), advice).source
    return source[: source.index("subgraph")]


def test_the_title_says_what_is_dangerous_for_the_lesions_drawn(advised: Advised, recorded: Recorded) -> None:
    danger = "<B>DANGER (T8): Hurry: &lt;24 h &amp; no more</B>"
    assert danger in title_of(advised("two"), recorded("two"))
    assert danger in title_of(advised("two"), recorded("two"), "T8")
    assert "DANGER" not in title_of(advised("two"), recorded("two"), "L1")
    assert "Hard tumours are hard." not in title_of(advised("severe"), recorded("severe"))


def test_the_title_says_what_contradicts_itself(advised: Advised, recorded: Recorded) -> None:
    clash = Contradiction(fact="T8.grade", between="inputs", claims=(), text="T8 cannot be 1 and 2.")
    advice = advised("two").model_copy(update={"contradictions": (clash,)})
    assert "<B>! T8 cannot be 1 and 2.</B>" in title_of(advice, recorded("two"))
    assert "cannot be" not in title_of(advice, recorded("two"), "L1")


def test_a_danger_has_a_thicker_border_than_another_alert(advised: Advised, recorded: Recorded) -> None:
    lines = draw(view(recorded("severe"), "everything"), advised("severe")).source.splitlines()
    danger = next(line for line in lines if line.strip().startswith('"alert TOY-04" ['))
    note = next(line for line in lines if line.strip().startswith('"alert TOY-05" ['))
    assert "penwidth=2.5" in danger
    assert "penwidth" not in note


def test_a_pathway_that_nobody_argued_about_is_not_called_not_advised(advised: Advised, recorded: Recorded) -> None:
    record = recorded("severe")
    for node, look in (("T8/cut", "unargued"), ("T8/beam", "not_advised")):
        record.nodes[node].update(status="not_advised", look=look)
    lines = draw(view(record, "everything"), advised("severe")).source.splitlines()
    unargued, opposed = (
        next(line for line in lines if line.strip().startswith(f'"{node}" [')) for node in ("T8/cut", "T8/beam")
    )
    assert "nothing speaks for it" in unargued
    assert "not advised" in opposed
    assert STATUSES["unargued"].line in unargued


def test_with_several_lesions_measures_say_which(advised: Advised, recorded: Recorded) -> None:
    source = draw(view(recorded("two"), "everything"), advised("two")).source
    line = next(line for line in source.splitlines() if line.strip().startswith('"measure scan" ['))
    assert ">T8</FONT>" in line


def test_rules_link_to_their_source(advised: Advised, recorded: Recorded) -> None:
    source = draw(view(recorded("severe"), "everything"), advised("severe")).source
    line = next(line for line in source.splitlines() if line.strip().startswith('"TOY-02@T8" ['))
    assert 'URL="https://doi.org/10.1000/a-b"' in line


def test_nasty_words_arrive_as_they_are(advised: Advised, recorded: Recorded) -> None:
    source = draw(view(recorded("severe"), "everything"), advised("severe")).source
    svg = ElementTree.fromstring(render(source, "svg"))
    words = " ".join("".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text"))
    for part in (
        '(cord "squeezed"',
        "<hard> & \\N)",
        'Severe <and> "unstable"',
        "& willing \\N",
        "Hurry: <24 h & no more",
    ):
        assert part in words.replace("\xa0", " ")
    titles = " ".join(a.get("{http://www.w3.org/1999/xlink}title", "") for a in svg.iter())
    assert 'Severe <and> "unstable", but fit & willing \\N' in titles
    assert 'A "book" by O\'Neill & sons' in titles


@pytest.mark.parametrize("text", NASTY)
def test_any_words_can_stand_in_a_drawing(advised: Advised, recorded: Recorded, text: str) -> None:
    shown = view(recorded("severe"), "everything")
    for _, data in shown.nodes(data=True):
        data.update({key: text for key in ("label", "value", "title", "tooltip") if key in data})
    shown.graph.update(title=text, notice=text)
    svg = ElementTree.fromstring(render(draw(shown, advised("severe"), legend=False).source, "svg"))
    words = {"".join(found.itertext()).strip() for found in svg.iter("{http://www.w3.org/2000/svg}text")}
    titles = {a.get("{http://www.w3.org/1999/xlink}title") for a in svg.iter("{http://www.w3.org/2000/svg}a")}
    assert len(text) > 100 or clean(text) in words
    assert clean(text) in {clean(title or "") for title in titles} | {""}


@pytest.mark.parametrize("case", ["severe", "two", "hardly"])
def test_dot_text_of_a_plan(advised: Advised, toy: KnowledgeBase, snapshot: SnapshotAssertion, case: str) -> None:
    source = draw_plan(advised(case), toy).source
    assert source.replace(decision_digest(advised(case))[:12], "(decision)") == snapshot


@pytest.mark.parametrize("text", NASTY)
def test_any_words_can_stand_in_the_drawing_of_a_plan(advised: Advised, toy: KnowledgeBase, text: str) -> None:
    advice = advised("severe").model_copy(update={"title": text, "notice": text})
    (found,) = chains_of(advice, toy)
    boxes = {"facts": tuple(replace(box, head=text, text=text, foot=text, tooltip=text) for box in found.facts)}
    source = draw_chains([replace(found, headline=f"{text}.", **boxes)], advice, toy).source
    svg = ElementTree.fromstring(render(source, "svg"))
    words = "".join("".join(part.itertext()) for part in svg.iter("{http://www.w3.org/2000/svg}text"))
    titles = {a.get("{http://www.w3.org/1999/xlink}title") for a in svg.iter("{http://www.w3.org/2000/svg}a")}
    assert "".join(clean(text).split()) in "".join(words.replace("\xa0", " ").split())
    assert clean(text) in {clean(title or "") for title in titles} | {""}


def test_markup_wraps_and_escapes() -> None:
    assert markup("a <b> & c\n\x07d", 9, 6) == '<FONT POINT-SIZE="9">a &lt;b&gt;<BR/>&amp; c d</FONT>'


@pytest.mark.parametrize("case", ["severe", "two"])
def test_the_same_advice_gives_the_same_bytes_under_any_hash_seed(
    advised: Advised, toy: KnowledgeBase, case: str, tmp_path: Path
) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import conftest as c; import toycases as t\n"
        "kb = c.knowledge_base.load(c.TOY)\n"
        "sys.stdout.write(t.shown(c.advise(c.case_in(c.CASES[sys.argv[2]], kb), c.Reasoner(kb), plan=True), kb))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script, str(Path(__file__).parent), case],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
            cwd=tmp_path,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert outputs == {shown(advised(case), toy).encode()}
