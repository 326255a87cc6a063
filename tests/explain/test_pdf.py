"""The clinician's page as PDF: A4, searchable, complete, with its drawings."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from io import BytesIO

import pytest
from pypdf import PdfReader

from explain.render.pdf import pdf
from explain.report.blocks import Bullets, Heading, Para, Table
from explain.report.first_screen import first_screen

A4 = (595, 842)


@pytest.fixture(scope="module")
def pdf_of(knowledge, advised_on) -> Callable[[str], PdfReader]:
    return cache(lambda name: PdfReader(BytesIO(pdf(advised_on(name), knowledge, full=True))))


def words_of(reader: PdfReader) -> str:
    """All text without any white space, since lines break anywhere."""
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


def bare(text: str) -> str:
    return "".join(text.split())


ONE = ("noms-n9", "three-lesions", "unknown-everything", "contradiction-sins", "pub-acr-mescc-v3")


@pytest.fixture(scope="module")
def sheet_of(knowledge, advised_on) -> Callable[[str], PdfReader]:
    return cache(lambda name: PdfReader(BytesIO(pdf(advised_on(name), knowledge))))


@pytest.mark.parametrize("case", ONE)
def test_a_patient_is_one_page_with_all_that_the_first_screen_says(case, sheet_of, advised_on, knowledge):
    reader = sheet_of(case)
    assert [(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages] == [A4]
    text = words_of(reader)
    screen = first_screen(advised_on(case), knowledge)
    prose = [block.text for block in screen if isinstance(block, Para | Heading)]
    listed = [item for block in screen if isinstance(block, Bullets) for item in block.items]
    cells = [cell for block in screen if isinstance(block, Table) for row in block.rows for cell in row]
    for words in (*prose, *listed, *cells):
        assert bare(words) in text


def test_where_there_is_room_the_drawing_stands_on_it_and_in_words(sheet_of):
    figures = [part["/Alt"] for part in parts_of(sheet_of("noms-n9")) if part["/S"] == "/Figure"]
    assert len(figures) == 1
    assert "speaks for separation surgery, then SBRT" in figures[0]
    assert not [part for part in parts_of(sheet_of("does-not-walk-other-deficit-old")) if part["/S"] == "/Figure"]


def test_in_full_every_page_is_a4_and_the_first_screen_stands_on_the_first(pdf_of, advised_on):
    reader = pdf_of("two-lesions")
    sizes = {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages}
    assert sizes == {A4, A4[::-1]}
    assert bare("All provided") in bare(reader.pages[0].extract_text())


def test_all_that_the_advice_says_can_be_searched(pdf_of, advised_on):
    text = words_of(pdf_of("noms-n9"))
    advice = advised_on("noms-n9")
    (lesion,) = advice.lesions
    for words in (
        *(argument.because for option in lesion.options for argument in option.arguments),
        *(option.label for option in lesion.options),
        *(measure.label for measure in advice.measures),
        *(alert.text for alert in advice.alerts),
        *(question.question for question in advice.questions[:3]),
        *(firing.id for firing in advice.firings),
        advice.notice,
        advice.knowledge_base.digest,
    ):
        assert bare(words) in text


def test_disputed_points_stand_in_it_with_both_sides(pdf_of, advised_on):
    text = words_of(pdf_of("boundary-sins-7"))
    assert bare("Rests on a disputed point: At which SINS within 7 to 12") in text
    assert bare("Another side (from 9) would give conventional radiotherapy.") in text
    for dispute in advised_on("boundary-sins-7").disputes:
        assert bare(dispute.topic) in text
    assert bare("otherwise: from 9 [SINS cut-off 2024]; it would give conventional radiotherapy: recommended") in text


def test_in_full_each_lesion_has_its_drawing_on_a_page_of_its_own(pdf_of):
    lying = [page for page in pdf_of("two-lesions").pages if page.mediabox.width > page.mediabox.height]
    assert len(lying) == 2
    asked = [[word in bare(page.extract_text()) for word in map(bare, ("ECOG", "pain score"))] for page in lying]
    assert asked == [[True, False], [False, True]]


def parts_of(reader: PdfReader) -> list:
    root = reader.trailer["/Root"]["/StructTreeRoot"]
    return [part.get_object() for part in root["/K"][0].get_object()["/K"]]


def test_its_metadata_and_outline_help_to_find_things(pdf_of, advised_on):
    reader = pdf_of("noms-n9")
    assert reader.metadata is not None
    assert reader.metadata.title == advised_on("noms-n9").title
    assert {"Options", "Firings, in order", "Sources"} <= {bare_title(item.title) for item in _flat(reader.outline)}
    assert reader.trailer["/Root"]["/Lang"] == "en-GB"


def bare_title(title: str) -> str:
    return title.split(" (")[0]


def _flat(outline):
    for item in outline:
        yield from _flat(item) if isinstance(item, list) else [item]


def test_it_is_tagged_headings_paragraphs_and_drawings_in_reading_order(pdf_of, advised_on):
    reader = pdf_of("two-lesions")
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    parts = [part.get_object() for part in root["/StructTreeRoot"]["/K"][0].get_object()["/K"]]
    roles = [part["/S"] for part in parts]
    assert roles[0] == "/H1"
    assert set(roles) == {"/H1", "/H2", "/H3", "/P", "/Figure"}
    assert roles.count("/H1") == 1
    drawn = [part["/Alt"] for part in parts if part["/S"] == "/Figure"]
    assert len(drawn) == len(advised_on("two-lesions").lesions)
    assert "decompression and stabilisation, then conventional radiotherapy (by NOMS-19)" in drawn[0]


def test_every_piece_of_a_page_is_in_the_structure_once(pdf_of):
    reader = pdf_of("two-lesions")
    root = reader.trailer["/Root"]["/StructTreeRoot"]
    parts = [part.get_object() for part in root["/K"][0].get_object()["/K"]]
    told = Counter((part["/Pg"].get_object()["/StructParents"], part["/K"]) for part in parts)
    marked = Counter(
        (page["/StructParents"], int(number))
        for page in reader.pages
        for number in re.findall(rb"/MCID (\d+)", page.get_contents().get_data())
    )
    assert told == marked
    assert set(told.values()) == {1}


def test_no_date_and_no_chance_is_in_it(knowledge, advised_on):
    advice = advised_on("noms-n9")
    assert pdf(advice, knowledge) == pdf(advice, knowledge)


def test_markup_in_a_case_stays_text(knowledge, advised_on):
    nasty = '<b>bold</b> & <img src="http://example.org/x"/> \x07 ]]>'
    advice = advised_on("noms-n9").model_copy(update={"title": nasty, "notice": nasty})
    text = words_of(PdfReader(BytesIO(pdf(advice, knowledge))))
    assert bare('<b>bold</b>&<imgsrc="http://example.org/x"/>') in text
