"""Drawings in the PDF: a place is kept for each while the text is set, and the vector page is laid in afterwards."""

from collections.abc import Iterator, Sequence
from io import BytesIO

from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from reportlab.platypus import Flowable, NextPageTemplate, PageBreak

from explain.render.pdf.setting import plain, set_in
from explain.render.pdf.tagging import Tag, tagged, write_structure

LEAST = 0.62  # of its full size: smaller words cannot be read on paper


class Place(Flowable):
    """Room for a drawing, of its full size or as small as the rest of the page; it remembers where it came to stand.

    Where it would be smaller than `least` of its size, it is left out.
    """

    def __init__(self, drawing: PageObject, words: str, least: float = LEAST) -> None:
        super().__init__()
        self.drawing = drawing
        self.words = words
        self.least = least
        self.scale = 1.0
        self.page: int | None = None
        self.at = (0.0, 0.0)

    def wrap(self, wide: float, tall: float) -> tuple[float, float]:
        """Return how much of the room that is left it takes."""
        width, height = float(self.drawing.mediabox.width), float(self.drawing.mediabox.height)
        self.scale = min(wide / width, tall / height, 1.0)
        is_seen = self.scale >= self.least
        self.width, self.height = (width * self.scale, height * self.scale) if is_seen else (0.0, 0.0)
        return self.width, self.height

    def draw(self) -> None:
        """Remember the page and the lower left corner; the words tell the drawing to those who do not see it."""
        if self.height:
            self.page = self.canv.getPageNumber() - 1
            self.at = self.canv.absolutePosition(0, 0)
            with tagged(self.canv).piece("Figure", self.words):
                pass


def place(picture: bytes, words: str, least: float = LEAST) -> Place:
    """Return a place for a drawing, given as a PDF of one page and in words."""
    return Place(PdfReader(BytesIO(picture)).pages[0], words, least)


def drawings_story(headlines: Sequence[str], places: Sequence[Place]) -> Iterator[Flowable]:
    """Yield a page for each lesion's drawing, lying on its side."""
    for headline, place in zip(headlines, places, strict=True):
        yield NextPageTemplate("across")
        yield PageBreak()
        yield set_in("heading", plain(headline))
        yield place


def lay_in(document: bytes, reserved: Sequence[Place], tags: Sequence[Tag]) -> bytes:
    """Return the document with every drawing in its place, and its structure."""
    writer = PdfWriter(clone_from=BytesIO(document))
    for place in (place for place in reserved if place.page is not None):
        assert place.page is not None
        page = writer.pages[place.page]
        page.merge_transformed_page(place.drawing, Transformation().scale(place.scale).translate(*place.at))
        page.compress_content_streams()
    write_structure(writer, tags)
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()
