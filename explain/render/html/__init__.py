"""The advice as a page: one HTML file that needs nothing from outside.

On top stands the first screen, then the drawing of each lesion's plan; everything behind them, and the auditor's part, are
folded. The same advice gives the same bytes. Everything is escaped; a Content-Security-Policy inside the page forbids it
to fetch anything and to run any script but its own.
"""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files

from cases.hearing import Heard
from engine.advice import Advice
from explain.drawing.chain_words import sentences
from explain.drawing.chart import chains_alone
from explain.render.html.audit import Audit
from explain.render.html.blocks import html_of
from explain.render.html.environment import environment
from explain.render.html.picture import picture
from explain.report.advice import answers, whole
from explain.report.first_screen import first_screen
from explain.report.typed import in_full
from knowledge_base.language.knowledge import KnowledgeBase


def page(advice: Advice, knowledge: KnowledgeBase, heard: Iterable[Heard] = ()) -> str:
    """Return the advice, with a plan for each lesion, as one self-contained HTML document.

    `heard` is what everyday words were taken to mean.
    """
    from markupsafe import Markup

    cards = {firing.id: firing.sequence for firing in advice.firings}
    of_rule = {firing.rule: f"#firing-{firing.sequence}" for firing in reversed(advice.firings)}
    screen = first_screen(advice, knowledge, heard)
    diagrams = [
        (found.lesion, found.headline, Markup(picture(found, advice, knowledge, cards)), list(sentences(found)))
        for found in chains_alone(advice, knowledge)
    ]
    script, style = _read("page.js"), _read("page.css")
    text = (
        environment(__name__)
        .get_template("page.html")
        .render(
            advice=advice,
            heading=advice.title or advice.case,
            dangers=html_of(screen.dangers, rule_link=of_rule.get),
            patient=html_of(screen.patient[1:], rule_link=of_rule.get),
            now=html_of(screen.now, rule_link=of_rule.get),
            lesions=[html_of(blocks, rule_link=of_rule.get) for blocks in screen.lesions.values()],
            rest=html_of(
                (*screen.provided, *screen.rest[:-1]), rule_link=of_rule.get
            ),  # it unfolds, and has the notice
            whole=html_of(
                [*answers(advice, knowledge), *in_full(heard), *whole(advice, knowledge)], rule_link=of_rule.get
            ),
            audit=Audit(advice, knowledge),
            diagrams=diagrams,
            style=Markup(style),
            script=Markup(script),
            script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        )
    )
    return text + "\n"


def _read(name: str) -> str:
    return (files(__name__) / name).read_text(encoding="utf-8").strip()


__all__ = ["page"]
