"""What stands in a node: wrapped words, escaped for Graphviz's HTML-like labels."""

import re
from collections.abc import Iterator
from functools import singledispatch
from html import escape
from textwrap import wrap

from explain.drawing.nodes import AlertNode, FactNode, FiringNode, MeasureNode, Node, PathwayNode, QuestionNode
from explain.drawing.palette import SOFT_INK
from explain.phrases.prose import few
from explain.phrases.terms import COST_WORDS, STATUS_WORDS, URGENCY_WORDS

SMALL, NORMAL, LARGE = 9, 11, 13
PROSPECT_WORDS = {"could": "could become recommended", "gone": "no longer possible"}
RULES_SHOWN = 3
WIDTHS = {"rule": 30, "step": 26, "pathway": 28, "alert": 38}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Return a text on one line, without control characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def markup(text: str, size: int = NORMAL, width: int = 28, bold: bool = False, colour: str | None = None) -> str:
    """Return a text as HTML-like markup: escaped, wrapped at `width` characters, in one size."""
    lines = "<BR/>".join(escaped(line) for line in wrap(clean(text), width) or [" "])
    lines = f"<B>{lines}</B>" if bold else lines
    paint = f' COLOR="{colour}"' if colour else ""
    return f'<FONT POINT-SIZE="{size}"{paint}>{lines}</FONT>'


def escaped(text: str) -> str:
    r"""Return a text as markup; Graphviz would read `\N` as the name of the node even here."""
    return escape(text).replace("\\", r"\\")


def node_label(node: Node, about: str = "") -> str:
    """Return the label of a node; `about` names its subject where a drawing has several."""
    lines = list(_lines(node))
    if about:
        lines.insert(0, markup(about, SMALL, colour=SOFT_INK))
    return f"<{'<BR/>'.join(lines)}>"


@singledispatch
def _lines(node: Node) -> Iterator[str]:
    raise TypeError(f"{type(node).__name__} has no label")


@_lines.register
def _(node: FactNode) -> Iterator[str]:
    yield markup(node.label, SMALL, 32, colour=SOFT_INK)
    yield markup(node.value, bold=True, width=26)


@_lines.register
def _(node: FiringNode) -> Iterator[str]:
    yield markup(rule_name(node), bold=True)
    yield markup(node.title, SMALL, WIDTHS[node.kind])


def rule_name(node: FiringNode) -> str:
    """Return the id of the rule of a firing, and whether it stands on one side of a dispute that matters here."""
    return f"{node.label} (disputed)" if node.disputed else node.label


@_lines.register
def _(node: PathwayNode) -> Iterator[str]:
    stands_out = node.status == "recommended"
    yield markup(node.label, LARGE if stands_out else NORMAL, WIDTHS["pathway"], bold=True)
    words = STATUS_WORDS[node.look]
    if node.prospect:
        prospect = PROSPECT_WORDS[node.prospect]
        words = prospect if node.status == "open" else f"{words}; {prospect}"
    yield markup(words.upper() if stands_out else words, SMALL)


@_lines.register
def _(node: QuestionNode) -> Iterator[str]:
    yield markup(f"ASK NEXT ({COST_WORDS[node.cost]})", SMALL)
    yield markup(node.label, bold=True, width=30)
    if node.rules:
        yield markup(f"for {', '.join(few(node.rules, RULES_SHOWN))}", SMALL, 32, colour=SOFT_INK)


@_lines.register
def _(node: MeasureNode) -> Iterator[str]:
    yield markup(URGENCY_WORDS[node.urgency].upper(), SMALL)
    yield markup(node.label, bold=True)


@_lines.register
def _(node: AlertNode) -> Iterator[str]:
    yield markup(node.level.upper(), SMALL, bold=True)
    yield markup(node.label, SMALL, WIDTHS["alert"])
