"""The structure of the PDF: what each piece of text is, in reading order, for screen readers and for whoever reuses it.

While the text is set, every paragraph and drawing is marked on its page; afterwards the marks become the structure tree.
Tables are told cell by cell in order, not as tables.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, BooleanObject, DictionaryObject, IndirectObject, NameObject, NumberObject
from pypdf.generic import TextStringObject as Text
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

ROLES = {"title": "H1", "answer": "H2", "heading": "H2", "subheading": "H3", "table heading": "H3"}
Name = NameObject


@dataclass(frozen=True)
class Tag:
    """One piece of a page: its role, the page and its number there, both from 0, and words for a drawing."""

    role: str
    page: int
    number: int
    words: str


@dataclass
class Tags:
    """The marks of a document, in the order in which it is set."""

    found: list[Tag] = field(default_factory=list)
    _on_page: Counter[int] = field(default_factory=Counter)

    def canvas(self, *arguments: Any, **options: Any) -> "TaggedCanvas":
        """Return a canvas that leaves its marks here."""
        canvas = TaggedCanvas(*arguments, **options)
        canvas.tags = self
        return canvas

    def mark(self, role: str, page: int, words: str) -> int:
        """Note a piece of a page and return its number there."""
        number = self._on_page[page]
        self._on_page[page] += 1
        self.found.append(Tag(role, page, number, words))
        return number


class TaggedCanvas(Canvas):
    """A canvas on which pieces can be marked."""

    tags: Tags

    @contextmanager
    def piece(self, role: str, words: str = "") -> Iterator[None]:
        """Mark what is drawn meanwhile as one piece of the document."""
        number = self.tags.mark(role, self.getPageNumber() - 1, words)
        with self._marked(f"/{role} <</MCID {number}>> BDC"):
            yield

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """Mark what is drawn meanwhile as no part of the document: what stands on every page."""
        with self._marked("/Artifact BMC"):
            yield

    @contextmanager
    def _marked(self, begin: str) -> Iterator[None]:
        code: list[str] = self._code  # type: ignore[attr-defined]  # the page so far; there is no public way to add to it
        code.append(begin)
        yield
        code.append("EMC")


class TaggedParagraph(Paragraph):
    """A paragraph that says what it is; the parts of one that runs on over pages say so each."""

    def draw(self) -> None:
        """Draw the paragraph as one piece."""
        with tagged(self.canv).piece(ROLES.get(self.style.name, "P")):
            super().draw()


def tagged(canvas: Canvas) -> TaggedCanvas:
    """Return a canvas as the one that pieces can be marked on; every document is set on such a one."""
    assert isinstance(canvas, TaggedCanvas)
    return canvas


def write_structure(writer: PdfWriter, tags: Sequence[Tag]) -> None:
    """Add the structure tree to a document, and say that it has one."""
    root = DictionaryObject({Name("/Type"): Name("/StructTreeRoot")})
    whole = DictionaryObject({Name("/Type"): Name("/StructElem"), Name("/S"): Name("/Document")})
    root_at, whole_at = writer._add_object(root), writer._add_object(whole)
    whole[Name("/P")] = root_at
    parts = [(tag.page, _part(writer, tag, whole_at)) for tag in tags]
    whole[Name("/K")] = ArrayObject(part for _, part in parts)
    root[Name("/K")] = ArrayObject([whole_at])
    root[Name("/ParentTree")] = writer._add_object(_parents(writer, parts))
    writer.root_object[Name("/StructTreeRoot")] = root_at
    writer.root_object[Name("/MarkInfo")] = DictionaryObject({Name("/Marked"): BooleanObject(True)})
    writer.root_object[Name("/ViewerPreferences")] = DictionaryObject({Name("/DisplayDocTitle"): BooleanObject(True)})


def _part(writer: PdfWriter, tag: Tag, parent: IndirectObject) -> IndirectObject:
    page = writer.pages[tag.page].indirect_reference
    assert page is not None
    part = DictionaryObject(
        {
            Name("/Type"): Name("/StructElem"),
            Name("/S"): Name(f"/{tag.role}"),
            Name("/P"): parent,
            Name("/Pg"): page,
            Name("/K"): NumberObject(tag.number),
        }
    )
    if tag.words:
        part[Name("/Alt")] = Text(tag.words)
    return writer._add_object(part)


def _parents(writer: PdfWriter, parts: Sequence[tuple[int, IndirectObject]]) -> DictionaryObject:
    """Return the tree that leads from the pieces of each page to the parts of the document that they are."""
    on_page: defaultdict[int, list[IndirectObject]] = defaultdict(list)
    for at, part in parts:
        on_page[at].append(part)
    numbers = ArrayObject()
    for i, page in enumerate(writer.pages):
        page[Name("/StructParents")] = NumberObject(i)
        page[Name("/Tabs")] = Name("/S")
        numbers.append(NumberObject(i))
        numbers.append(writer._add_object(ArrayObject(on_page[i])))
    return DictionaryObject({Name("/Nums"): numbers})
