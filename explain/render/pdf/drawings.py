"""Drawings in the PDF: a place is kept for each while the text is set, and the vector page is laid in afterwards."""

from collections.abc import Iterator, Sequence
from io import BytesIO

from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from reportlab.platypus import Flowable, PageBreak

from explain.render.html.content import Content
from explain.render.pdf.setting import plain, set_in
from explain.render.pdf.sheets import INNER, TALL
from explain.render.pdf.tagging import Tag, tagged, write_structure

ROOM = TALL - 60


class Place(Flowable):
    """Room for a drawing, as wide as the page or as tall; it remembers where it came to stand."""

    def __init__(self, drawing: PageObject, words: str) -> None:
        super().__init__()
        self.drawing = drawing
        self.words = words
        wide, tall = float(drawing.mediabox.width), float(drawing.mediabox.height)
        self.scale = min(INNER / wide, ROOM / tall, 1.0)
        self.width, self.height = wide * self.scale, tall * self.scale
        self.page = 0
        self.at = (0.0, 0.0)

    def draw(self) -> None:
        """Remember the page and the lower left corner; the words tell the drawing to those who do not see it."""
        self.page = self.canv.getPageNumber() - 1
        self.at = self.canv.absolutePosition(0, 0)
        with tagged(self.canv).piece("Figure", self.words):
            pass


def places(pictures: Sequence[tuple[bytes, str]]) -> list[Place]:
    """Return a place for each drawing, given as a PDF of one page and in words."""
    return [Place(PdfReader(BytesIO(picture)).pages[0], words) for picture, words in pictures]


def drawings_story(content: Content, reserved: Sequence[Place]) -> Iterator[Flowable]:
    """Yield a page for each lesion's drawing."""
    for lesion, place in zip(content.lesions, reserved, strict=True):
        yield PageBreak()
        if place is reserved[0]:
            yield set_in("heading", "The reasoning, drawn")
        yield set_in("subheading", plain(lesion.answer))
        yield place


def lay_in(document: bytes, reserved: Sequence[Place], tags: Sequence[Tag]) -> bytes:
    """Return the document with every drawing in its place, and its structure."""
    writer = PdfWriter(clone_from=BytesIO(document))
    for place in reserved:
        page = writer.pages[place.page]
        page.merge_transformed_page(place.drawing, Transformation().scale(place.scale).translate(*place.at))
        page.compress_content_streams()
    write_structure(writer, tags)
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()
