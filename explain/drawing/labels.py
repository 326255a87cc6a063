"""What stands in a node: wrapped words, escaped for Graphviz's HTML-like labels."""

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from textwrap import wrap
from typing import Any

from explain.drawing.palette import SOFT_INK
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


def node_label(data: Mapping[str, Any], about: str = "") -> str:
    """Return the label of a node; `about` names its subject where a drawing has several."""
    lines = list(_WRITERS.get(data["kind"], _fact)(data))
    if about:
        lines.insert(0, markup(about, SMALL, colour=SOFT_INK))
    return f"<{'<BR/>'.join(lines)}>"


def _fact(data: Mapping[str, Any]) -> Iterable[str]:
    yield markup(data["label"], SMALL, 32, colour=SOFT_INK)
    yield markup(data["value"], bold=True, width=26)


def _firing(data: Mapping[str, Any]) -> Iterable[str]:
    yield markup(rule_name(data), bold=True)
    yield markup(data["title"], SMALL, WIDTHS[data["kind"]])


def rule_name(data: Mapping[str, Any]) -> str:
    """Return the id of the rule of a firing, and whether it stands on one side of a dispute that matters here."""
    return f"{data['label']} (disputed)" if data.get("disputed") else str(data["label"])


def _pathway(data: Mapping[str, Any]) -> Iterable[str]:
    stands_out = data["status"] == "recommended"
    yield markup(data["label"], LARGE if stands_out else NORMAL, WIDTHS["pathway"], bold=True)
    words = STATUS_WORDS[data["look"]]
    if prospect := PROSPECT_WORDS.get(data.get("prospect", "")):
        words = prospect if data["status"] == "open" else f"{words}; {prospect}"
    yield markup(words.upper() if stands_out else words, SMALL)


def _question(data: Mapping[str, Any]) -> Iterable[str]:
    yield markup(f"ASK NEXT ({COST_WORDS[data['cost']]})", SMALL)
    yield markup(data["label"], bold=True, width=30)
    more = len(data["rules"]) - RULES_SHOWN
    rules = [*data["rules"][:RULES_SHOWN], *([f"{more} more"] if more > 0 else [])]
    if rules:
        yield markup(f"for {', '.join(rules)}", SMALL, 32, colour=SOFT_INK)


def _measure(data: Mapping[str, Any]) -> Iterable[str]:
    yield markup(URGENCY_WORDS[data["urgency"]].upper(), SMALL)
    yield markup(data["label"], bold=True)


def _alert(data: Mapping[str, Any]) -> Iterable[str]:
    yield markup(data["level"].upper(), SMALL, bold=True)
    yield markup(data["label"], SMALL, WIDTHS["alert"])


_WRITERS: Mapping[str, Callable[[Mapping[str, Any]], Iterable[str]]] = {
    "rule": _firing,
    "step": _firing,
    "pathway": _pathway,
    "question": _question,
    "measure": _measure,
    "alert": _alert,
}
