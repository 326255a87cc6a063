"""The advice as a PDF for A4 paper: one page for the patient, or everything; needs no browser and no system package.

The page holds the first screen and, where there is room for it, the drawing. Set with ReportLab; the drawings are Graphviz's
own pages laid in as vectors, so that every word can be searched. The same advice gives the same bytes.
"""

from collections.abc import Iterable
from io import BytesIO

from cases.hearing import Heard
from engine.advice import Advice
from explain.drawing.chain_words import in_words
from explain.drawing.chart import chains_alone, draw_chains, draw_narrow
from explain.drawing.rendering import render
from explain.render.html.audit import Audit
from explain.render.pdf.drawings import lay_in, place
from explain.render.pdf.sheets import INNER, Sheets
from explain.render.pdf.tagging import Tags
from explain.report.advice import answers, whole
from explain.report.first_screen import first_screen
from explain.report.typed import in_full
from knowledge_base.language.knowledge import KnowledgeBase

MARGIN = 20.0  # that Graphviz leaves around a drawing


def pdf(advice: Advice, knowledge: KnowledgeBase, full: bool = False, heard: Iterable[Heard] = ()) -> bytes:
    """Return the advice, with a plan for each lesion, as a PDF: the patient's page, or (`full`) everything behind it too.

    `heard` is what everyday words were taken to mean.
    """
    from reportlab.platypus import Flowable, NextPageTemplate, PageBreak

    from explain.render.pdf.auditor import auditor_story
    from explain.render.pdf.blocks import story_of
    from explain.render.pdf.drawings import drawings_story

    story: list[Flowable] = [*story_of(first_screen(advice, knowledge, heard))]
    if not full:
        reserved = [
            place(render(draw_narrow(found, advice, knowledge, INNER - MARGIN).source, "pdf"), in_words([found]))
            for found in chains_alone(advice, knowledge, small=True)
        ]
        story += reserved
    else:
        chains = chains_alone(advice, knowledge)
        reserved = [
            place(
                render(draw_chains([found], advice, knowledge, bare=True).source, "pdf"), in_words([found]), least=0.0
            )
            for found in chains
        ]
        story += [
            *drawings_story([f"{found.lesion}: {found.headline}" for found in chains], reserved),
            NextPageTemplate("one"),
            PageBreak(),
            *story_of([*answers(advice, knowledge), *in_full(heard), *whole(advice, knowledge)]),
            *auditor_story(Audit(advice, knowledge)),
        ]
    stream, tags = BytesIO(), Tags()
    Sheets(stream, advice).build(story, canvasmaker=tags.canvas)
    return lay_in(stream.getvalue(), reserved, tags.found)


__all__ = ["pdf"]
