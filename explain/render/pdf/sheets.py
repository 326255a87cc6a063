"""The paper: A4 pages of one column or two, each with the case, the notice and its number, and an outline."""

from typing import IO

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from engine.advice import Advice
from engine.decision import decision_in_short
from explain.drawing.labels import clean
from explain.render.pdf.setting import plain, styles
from explain.render.pdf.tagging import tagged

WIDTH, HEIGHT = A4
SIDE, TOP, FOOT = 15 * mm, 14 * mm, 20 * mm
INNER = WIDTH - 2 * SIDE
TALL = HEIGHT - TOP - FOOT
ACROSS, LOW = HEIGHT - 2 * SIDE, WIDTH - TOP - FOOT  # of a sheet that lies on its side
GAP = 6 * mm
LEVELS = {"title": 0, "heading": 0, "subheading": 1, "table heading": 1}


class Sheets(BaseDocTemplate):
    """A document that numbers its pages and lists its headings."""

    def __init__(self, stream: IO[bytes], advice: Advice) -> None:
        super().__init__(
            stream, pagesize=A4, title=clean(advice.title or advice.case), author="metspine", lang="en-GB", invariant=1,
            subject=clean(f"Case {advice.case}"), creator="metspine",
        )  # fmt: skip
        self.advice = advice
        half = (INNER - GAP) / 2
        self.addPageTemplates(
            [
                PageTemplate("one", [_frame(SIDE, INNER)], onPage=self._foot),
                PageTemplate("across", [_frame(SIDE, ACROSS, LOW)], onPage=self._foot, pagesize=landscape(A4)),
                PageTemplate("two", [_frame(SIDE, half), _frame(SIDE + half + GAP, half)], onPage=self._foot),
            ]
        )
        self._marks = 0
        self._decision = decision_in_short(advice)

    def _foot(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        advice = self.advice
        stamp = advice.knowledge_base
        line = f"{advice.case} · {stamp.id} {stamp.version}, {self._decision} · page {canvas.getPageNumber()}"
        foot = Paragraph(f"{plain(advice.notice)}<br/>{plain(line)}", styles()["small"])
        height = foot.wrapOn(canvas, INNER, FOOT)[1]
        with tagged(canvas).artifact():
            foot.drawOn(canvas, SIDE, FOOT - 3 * mm - height)

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802  # the name ReportLab calls
        """Put a heading into the outline."""
        if not isinstance(flowable, Paragraph) or flowable.style.name not in LEVELS:
            return
        self._marks += 1
        key = f"heading-{self._marks}"
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(flowable.getPlainText(), key, LEVELS[flowable.style.name])


def _frame(left: float, width: float, tall: float = TALL) -> Frame:
    return Frame(left, FOOT, width, tall, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
