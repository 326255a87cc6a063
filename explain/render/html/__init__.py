"""The clinician's page: one HTML file that needs nothing from outside, with the auditor's part at its end.

The same advice gives the same bytes. Everything is escaped; a Content-Security-Policy inside the page forbids it to
fetch anything and to run any script but its own.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from engine.advice import Advice
from explain.drawing.chain_words import sentences
from explain.drawing.chart import chains_alone
from explain.drawing.labels import clean
from explain.phrases.tooltips import NOT_KNOWN
from explain.render.html.audit import Audit
from explain.render.html.content import Content
from explain.render.html.picture import picture
from explain.render.html.settled import few
from knowledge_base.language.knowledge import KnowledgeBase

if TYPE_CHECKING:
    from jinja2 import Environment

MISSING_SHOWN = 6
CHANGES_SHOWN = 5


def page(advice: Advice, knowledge: KnowledgeBase) -> str:
    """Return the advice as one self-contained HTML document."""
    from markupsafe import Markup

    content = Content(advice, knowledge)
    cards = {firing.id: firing.sequence for firing in advice.firings}
    diagrams = [
        (Markup(picture(found, advice, knowledge, cards)), list(sentences(found)))
        for found in chains_alone(advice, knowledge)
    ]
    script, style = _read("page.js"), _read("page.css")
    text = (
        _environment()
        .get_template("page.html")
        .render(
            content=content,
            audit=Audit(content),
            diagrams=diagrams,
            style=Markup(style),
            script=Markup(script),
            script_hash=b64encode(sha256(script.encode()).digest()).decode(),
            missing_shown=MISSING_SHOWN,
            changes_shown=CHANGES_SHOWN,
            not_known=NOT_KNOWN,
        )
    )
    return text + "\n"


def _read(name: str) -> str:
    return (files(__name__) / name).read_text(encoding="utf-8").strip()


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("explain.render.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    environment.filters["few"] = few
    return environment


def _finalized(value: object) -> object:
    """Take control characters out of plain text; HTML forbids them even escaped."""
    if type(value) is str:
        return "\n".join(clean(line) if line.strip() == line else _indented(line) for line in value.split("\n"))
    return value


def _indented(line: str) -> str:
    bare = line.lstrip(" ")
    return " " * (len(line) - len(bare)) + clean(bare)


__all__ = ["page"]
