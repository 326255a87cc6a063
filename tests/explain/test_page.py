"""The clinician's page as HTML: complete, sound, self-contained, escaped, and the same bytes every time."""

import hashlib
import os
import re
import subprocess
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from engine.decision import decision_digest
from explain.drawing.chain_words import sentences
from explain.drawing.chart import chains_alone
from explain.render.html import page
from explain.report.blocks import Bullets, Folding, Heading, Para, Table
from explain.report.first_screen import first_screen

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "cases" / "library"
CASES = ("noms-n9", "two-lesions", "unknown-everything", "contradiction-sins", "three-lesions")
NASTY = """</title></script><script>alert(1)</script><img src=x onerror=alert(1)>"'&{{7*7}}\x07"""
VOID = {"meta", "link", "br", "hr", "img", "input", "wbr", "col", "area", "base", "embed", "source", "track"}
REFERENCES = ("aria-labelledby", "aria-describedby")


class Reader(HTMLParser):
    """Reads a page, and fails where its elements are not nested well."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.said: dict[str, list[str]] = {}
        self.readable: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"<{tag}> has an attribute twice"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert "svg" in self.open, f"<{tag}/> closes itself outside a drawing"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.setdefault(self.open[-1] if self.open else "", []).append(data)
        if not {"script", "style"} & set(self.open[-1:]):
            self.readable.append(data)

    def text(self) -> str:
        """Everything a reader can read: neither script nor style."""
        return " ".join(" ".join(self.readable).split())

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


@pytest.fixture(scope="module")
def html_of(knowledge, advised_on) -> Callable[[str], str]:
    return cache(lambda name: page(advised_on(name), knowledge))


@pytest.fixture(params=CASES)
def case(request) -> str:
    name: str = request.param
    return name


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_it_is_well_nested_and_every_reference_finds_its_target(case, html_of):
    reader = Reader(html_of(case))
    ids = Counter(reader.values("id"))
    assert {name: n for name, n in ids.items() if n > 1} == {}
    inside = [href[1:] for href in reader.values("href") if href.startswith("#")]
    named = [name for attribute in REFERENCES for value in reader.values(attribute) for name in value.split()]
    assert {*inside, *named} <= set(ids)


def test_nothing_is_fetched_from_outside(case, html_of):
    html = html_of(case)
    reader = Reader(html)
    assert not {"link", "img", "iframe", "object", "embed", "image", "use", "base", "form"} & {
        t for t, _ in reader.elements
    }
    for attribute in ("src", "srcset", "action", "xlink:href", "poster", "data"):
        assert reader.values(attribute) == []
    for tag, attributes in reader.elements:
        if ":" in attributes.get("href", ""):
            assert tag == "a"
            assert attributes["href"].startswith("https://")
    style = "".join(reader.said["style"])
    assert "url(" not in style
    assert "@import" not in style


def test_only_its_own_script_may_run(html_of):
    reader = Reader(html_of("noms-n9"))
    policy = next(a["content"] for t, a in reader.elements if a.get("http-equiv") == "Content-Security-Policy")
    (script,) = reader.said["script"]
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy
    assert not [name for _, attributes in reader.elements for name in attributes if name.startswith("on")]


def test_the_first_screen_is_on_top_dangers_before_all_else(case, html_of, advised_on, knowledge):
    text = Reader(html_of(case)).text()
    screen = first_screen(advised_on(case), knowledge)
    ends = [text.index(bare) for bare in ("What decides, drawn", "Everything behind it", "For the auditor")]
    assert ends == sorted(ends)
    for block in screen:
        for words in [] if isinstance(block, Para) and block.role == "small" else _texts(block):
            assert "".join(words.split()) in "".join(text[: ends[0]].split())
    for block in screen.dangers:
        assert text.index(squeezed(block.text)) < text.index(advised_on(case).case)


def _texts(block):
    match block:
        case Heading():
            return []
        case Folding():
            return [*block.first, *block.rest]
        case Para():
            return [block.text]
        case Bullets():
            return block.items
        case Table():
            return [*block.head, *(cell for row in block.rows for cell in row)]


def test_lesions_stand_in_the_order_of_urgency(html_of):
    text = Reader(html_of("two-lesions")).text()
    assert text.index("T6: ESCC 3") < text.index("L3: ESCC 0")


def test_every_argument_is_there_with_its_rule_its_reason_and_its_sources(case, html_of, advised_on, knowledge):
    whole = Reader(html_of(case)).text()
    text = whole[whole.index("Everything behind it") : whole.index("For the auditor")]
    arguments = [a for lesion in advised_on(case).lesions for option in lesion.options for a in option.arguments]
    for argument in arguments:
        assert argument.rule in text
        assert squeezed(argument.because) in text
        for cited in argument.sources:
            assert squeezed(cited.at) in text
            assert squeezed(knowledge.sources[cited.ref].citation) in text


def test_every_pathway_measure_alert_and_question_is_there(case, html_of, advised_on):
    text = Reader(html_of(case)).text()
    advice = advised_on(case)
    for words in (
        *(option.label for lesion in advice.lesions for option in lesion.options),
        *(question.question for question in advice.questions[:3]),
        *(measure.label for measure in advice.measures),
        *(alert.text for alert in advice.alerts),
        *(clash.text for clash in advice.contradictions),
        advice.notice,
        advice.knowledge_base.digest,
    ):
        assert squeezed(words) in text


def test_the_auditors_part_holds_every_firing_with_all_it_read(case, html_of, advised_on):
    html = html_of(case)
    reader = Reader(html)
    text = reader.text()
    for firing in advised_on(case).firings:
        assert f"firing-{firing.sequence}" in reader.values("id")
        for words in (firing.id, firing.version, firing.title):
            assert squeezed(words) in text
        for premise in (*firing.premises, *firing.absent):
            assert squeezed(premise.text) in text
            assert squeezed(f"{premise.line}: {premise.test}") in text
            assert str(premise.fact) in text


def test_firings_stand_in_their_order(html_of, advised_on):
    found = re.findall(r'id="firing-(\d+)"', html_of("noms-n9"))
    assert [int(number) for number in found] == [firing.sequence for firing in advised_on("noms-n9").firings]


def test_every_input_stands_as_given(html_of, advised_on):
    text = Reader(html_of("noms-n9")).text()
    given = [fact for fact in advised_on("noms-n9").facts if fact.given is not None]
    inputs = text[text.index("Inputs, as given") : text.index("Firings, in order")]
    assert given
    assert all(str(fact.id) in inputs for fact in given)


@pytest.mark.parametrize("name", ["noms-n9", "two-lesions"])
def test_each_rule_in_the_drawing_opens_its_own_card(html_of, advised_on, name):
    rules = {f"#firing-{firing.sequence}": firing.rule for firing in advised_on(name).firings}
    drawn = html_of(name).split("<svg")[1:]
    links = [Reader(f"<svg{svg[: svg.index('</svg>')]}</svg>") for svg in drawn]
    found = [a for reader in links for tag, a in reader.elements if tag == "a"]
    assert len(drawn) == len(advised_on(name).lesions)
    assert found
    assert all(rules[attributes["href"]] in attributes["aria-label"] for attributes in found)


def test_the_drawing_is_told_in_words_too(case, html_of, advised_on, knowledge):
    text = Reader(html_of(case)).text()
    for found in chains_alone(advised_on(case), knowledge):
        assert all(squeezed(line) in text for line in sentences(found))


def test_a_pathway_that_no_rule_spoke_about_is_not_called_not_advised(html_of, advised_on):
    (lesion,) = advised_on("noms-n9").lesions
    text = Reader(html_of("noms-n9")).text()
    silent = text[text.index("Nothing speaks for:") : text.index("Open until more is known:")]
    unargued = [o.label for o in lesion.options if o.status == "not_advised" and not o.arguments]
    assert unargued
    assert all(squeezed(label) in silent for label in unargued)


def test_certainty_is_shown_when_the_advice_has_it(html_of, advised_on, knowledge):
    advice = advised_on("unknown-everything")
    assert advice.lesions[0].certainty == "undetermined"
    assert "Not settled." in Reader(html_of("unknown-everything")).text()
    bare = [lesion.model_copy(update={"certainty": None, "possible": ()}) for lesion in advice.lesions]
    unasked = advice.model_copy(update={"lesions": tuple(bare), "questions": (), "not_needed": ()})
    without = Reader(page(unasked, knowledge)).text()
    assert "Not settled." not in without
    assert advice.lesions[0].missing[0].question in without


def test_disputed_points_stand_with_both_sides_their_sources_and_what_they_would_give(html_of, advised_on, knowledge):
    text = Reader(html_of("boundary-sins-7")).text()
    part = text[text.index("Everything behind it") : text.index("For the auditor")]
    assert "Rests on a disputed point: At which SINS within 7 to 12 does the spine count as unstable?" in part
    assert "Another side (from 9) would give conventional radiotherapy." in part
    for dispute in advised_on("boundary-sins-7").disputes:
        assert squeezed(dispute.topic) in part
        for side in (dispute, *dispute.others) if any(other.differs for other in dispute.others) else ():
            assert squeezed(side.label) in part
            for cited in side.sources:
                assert squeezed(knowledge.sources[cited.ref].citation) in part
    assert "conventional radiotherapy: recommended instead of not advised" in part
    assert "Disputed too, but without consequence for this patient: " in part


def test_where_nothing_is_disputed_nothing_is_said_of_it(advised_on, knowledge):
    reader = Reader(page(advised_on("noms-n9").model_copy(update={"disputes": ()}), knowledge))
    assert "isputed" not in reader.text().replace("Bed rest is disputed", "")


def test_the_rules_in_the_text_lead_to_their_cards_and_sources_to_their_address(html_of, advised_on):
    reader = Reader(html_of("noms-n9"))
    links = [attributes["href"] for tag, attributes in reader.elements if tag == "a" and "href" in attributes]
    firing = next(f for f in advised_on("noms-n9").firings if f.rule == "NOMS-09")
    assert f"#firing-{firing.sequence}" in links
    assert [link for link in links if link.startswith("https://doi.org/")]


def test_nothing_that_a_case_or_a_rule_says_becomes_markup(advised_on, knowledge):
    advice = advised_on("noms-n9")
    firing = advice.firings[0].model_copy(update={"because": NASTY, "title": NASTY})
    facts = [fact.model_copy(update={"text": NASTY}) for fact in advice.facts]
    nasty = advice.model_copy(
        update={
            "title": NASTY,
            "case": NASTY,
            "notice": NASTY,
            "firings": (firing, *advice.firings[1:]),
            "facts": tuple(facts),
        }
    )
    html = page(nasty, knowledge)
    reader = Reader(html)
    tags = Counter(tag for tag, _ in reader.elements)
    assert (tags["script"], tags["img"]) == (1, 0)
    assert "alert(1)" not in "".join(reader.said["script"])
    assert "<img src=x onerror=alert(1)>\"'&{{7*7}}" in reader.text()
    assert "\x07" not in html


def test_a_source_with_a_strange_address_is_no_link(advised_on, knowledge):
    sources = {
        name: source.model_copy(update={"doi": None, "url": "javascript:alert(1)"})
        for name, source in knowledge.sources.items()
    }
    html = page(advised_on("noms-n9"), replace(knowledge, sources=sources))
    assert not [href for href in Reader(html).values("href") if not href.startswith("#")]


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["html", "pdf"])
def test_the_same_case_gives_the_same_bytes_under_any_hash_seed(tmp_path, ending):
    written = []
    for seed in ("1", "4242"):
        target = tmp_path / f"{seed}.{ending}"
        command = [sys.executable, "-m", "metspine", "report", str(LIBRARY / "two-lesions.yaml"), "-o", str(target)]
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True, cwd=ROOT)
        written.append(target.read_bytes())
    assert written[0] == written[1]


def test_the_digest_of_the_decision_is_on_it(html_of, advised_on):
    assert decision_digest(advised_on("noms-n9")) in html_of("noms-n9")
