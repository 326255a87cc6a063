"""The clinician's page as a PDF for A4 paper, from the same content as the HTML; needs no browser and no system package.

Set with ReportLab; the drawings are Graphviz's own pages laid in as vectors, so that every word can be searched. The
same advice gives the same bytes.
"""

from io import BytesIO

from engine.advice import Advice
from explain.drawing.chain_words import in_words
from explain.drawing.chart import chains_alone
from explain.render.html.audit import Audit
from explain.render.html.content import Content
from explain.render.html.picture import printable
from explain.render.pdf.drawings import Place, lay_in, places
from explain.render.pdf.sheets import Sheets
from explain.render.pdf.tagging import Tags
from knowledge_base.language.knowledge import KnowledgeBase


def pdf(advice: Advice, knowledge: KnowledgeBase) -> bytes:
    """Return the advice as a PDF: the clinician's part, a drawing for each lesion, the auditor's part."""
    from explain.render.pdf.auditor import auditor_story
    from explain.render.pdf.clinician import clinician_story, sources_story
    from explain.render.pdf.drawings import drawings_story

    content = Content(advice, knowledge)
    pictures = [(printable(found, advice, knowledge), in_words([found])) for found in chains_alone(advice, knowledge)]
    reserved: list[Place] = places(pictures)
    stream, tags = BytesIO(), Tags()
    Sheets(stream, content).build(
        [
            *clinician_story(content),
            *drawings_story(content, reserved),
            *sources_story(content),
            *auditor_story(Audit(content)),
        ],
        canvasmaker=tags.canvas,
    )
    return lay_in(stream.getvalue(), reserved, tags.found)


__all__ = ["pdf"]
