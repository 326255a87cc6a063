"""A report says the same on a page as in a text, whatever it is made of, and nothing in it becomes markup."""

import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from explain.render.html.blocks import html_of
from explain.render.markdown import markdown_of
from explain.report.advice import whole as full_report
from explain.report.blocks import Bullets, Heading, Pairs, Para, Point, Points, Table, text_of
from explain.report.first_screen import first_screen


class Reader(HTMLParser):
    """Reads a page as a person does: its words in order, the headings with their level, tables row by row."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.cells: list[int] = []
        self.columns = 0
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if tag == "tr":
            self.cells.append(0)
        if tag in ("td", "th"):
            self.cells[-1] += 1
            self.columns += dict(attrs).get("scope") == "col"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, "elements are closed in order"

    def handle_data(self, data):
        if "th" not in self.open:
            self.words += data.split()


def said(text: str) -> list[str]:
    """Return the words of a plain text report without the marks that only lay it out."""
    return [word for word in text.replace("→", " ").split() if word not in ("•", "!", "»") and set(word) != {"="}]


UNFOLDED = re.compile("<summary>.*?</summary>")  # how many items are folded, which a text does not fold


def bare(words):
    """Return words without the marks that part them in a line and not in a list."""
    return [word.strip(",;:.") for word in words]


@pytest.mark.parametrize("name", ["noms-n9", "two-lesions", "unknown-everything", "contradiction-sins"])
def test_the_first_screen_says_the_same_words_on_the_page_as_in_the_text(answer_on, knowledge, name):
    answer = answer_on(name)
    blocks = list(first_screen(answer.advice, knowledge))
    prose = [block for block in blocks if not isinstance(block, Table)]
    assert bare(Reader(UNFOLDED.sub("", html_of(prose))).words) == bare(said(text_of(prose)))


def test_a_row_of_a_table_says_on_the_page_what_it_says_in_the_text():
    table = Table(("gap", "grade", "plan"), (("3 mm", "", "wait"), ("4 mm", "2", "operate")))
    assert text_of([table]) == "  • gap 3 mm → wait\n  • gap 4 mm, grade 2 → operate\n"
    assert Reader(html_of([table])).words == ["3", "mm", "any", "wait", "4", "mm", "2", "operate"]


def test_a_table_names_its_columns_and_a_list_what_it_lists():
    read = Reader(html_of([Heading("A"), Heading("B", 2), Table(("gap", "plan"), (("3 mm", "x"), ("4 mm", "y")))]))
    assert read.headings == ["h2", "h3"]
    assert read.cells == [2, 2, 2]
    assert read.columns == 2
    assert 'aria-label="Why"' in html_of([Bullets("Why", ("because",))])
    assert html_of([Bullets("Why", ())]) == ""


def test_nothing_that_is_said_becomes_markup():
    evil = '<script>alert("x")</script>&'
    page = html_of(
        [Heading(evil), Para(evil, "danger", evil), Bullets(evil, (evil,)), Table((evil, evil), ((evil, evil),))]
    )
    assert "<script" not in page
    assert Reader(page).words.count('<script>alert("x")</script>&') == 5


def test_rules_are_links_where_there_is_a_place_for_them_and_only_rules():
    addresses = {"NOMS-09": "/rules/NOMS-09"}
    page = html_of([Para("It frees the cord & more [NOMS-09; x], at COVID-19")], rule_link=addresses.get)
    assert Reader(page).links == ["/rules/NOMS-09"]
    assert "COVID-19" in page
    assert Reader(html_of([Para("NOMS-09")])).links == []


def test_points_stand_under_each_other_and_pairs_side_by_side():
    points = Points((Point("A", (Point("because B", (Point("[C]"),)),)), Point("D", mark="?")))
    pairs = Pairs((("neurologic", "high"), ("systemic", "fit")))
    assert text_of([points]) == "  • A\n      because B\n        [C]\n  ? D\n"
    assert text_of([pairs]) == "  neurologic  high\n  systemic    fit\n"
    assert Reader(html_of([points, pairs])).words == [
        "A",
        "because",
        "B",
        "[C]",
        "?",
        "D",
        "neurologic",
        "high",
        "systemic",
        "fit",
    ]
    assert html_of([points]).count("<ul") == 3


def test_words_that_lead_points_stand_in_a_column_and_are_told_apart_everywhere():
    step = Point(
        "cut: recommended", (Point("severity: high", lead="because"), Point("R-1", lead="rule"), Point("[x]")), "1."
    )
    assert (
        text_of([Points((step,))])
        == "  1. cut: recommended\n      because  severity: high\n      rule     R-1\n      [x]\n"
    )
    assert '<span class="mark">1.</span> cut: recommended' in html_of([Points((step,))])
    assert '<span class="word">because</span> severity: high' in html_of([Points((step,))])
    page = MarkdownIt("commonmark").render(markdown_of([Points((step,))]))
    assert "<strong>1.</strong> cut: recommended" in page
    assert "<em>because</em> severity: high" in page


def test_a_part_of_a_report_has_a_line_under_its_title():
    assert text_of([Heading("Sources", 2), Para("x")]) == "\nSources\n-------\n  x\n"


def test_addresses_are_links():
    assert Reader(html_of([Para("see https://doi.org/10.1000/a")])).links == ["https://doi.org/10.1000/a"]
    assert Reader(html_of([Para("see javascript:alert(1) http://example.org")])).links == []


def test_markdown_says_the_same_words_in_the_same_order(answer_on, knowledge):
    answer = answer_on("two-lesions")
    page = MarkdownIt("commonmark").enable("table").render(answer.markdown(full=True))
    whole = [*first_screen(answer.advice, knowledge), *full_report(answer.advice, knowledge)]
    assert bare(Reader(page).words) == bare(Reader(UNFOLDED.sub("", html_of(whole))).words)


def test_in_markdown_nothing_that_is_said_becomes_a_mark():
    evil = "# **a** | <b> [x](y) `c` _d_ \\"
    blocks = [Heading(evil), Para(evil, "danger"), Bullets("b", (evil,)), Table(("h", "p"), ((evil, "x"),))]
    page = MarkdownIt("commonmark").enable("table").render(markdown_of([*blocks, Points((Point(evil),))]))
    assert Reader(page).words.count("**a**") == 5
    assert "<em>" not in page
    assert "<a " not in page
