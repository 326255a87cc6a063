"""The drawing of a plan as Graphviz DOT text, with every box in its place.

One lesion goes across the screen, three or more stand side by side, two as it takes less room. Text is measured and
wrapped beforehand, so that a drawing is as wide as the screen of a laptop (1440 pixels of 96 to the inch) and readable at
full size; Graphviz only draws boxes and lines where they were put.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from cases.model import no_lesion
from engine.advice import Advice, LesionAdvice
from explain.drawing.boxes import LEADING, NORMAL, PAD, RIM, SMALL, TextLine, label, label_of, look_of
from explain.drawing.chain import Chain, Link, chain
from explain.drawing.chain_words import LINK_WORDS, in_words
from explain.drawing.frame import name, tooltip
from explain.drawing.graph import graph_of
from explain.drawing.labels import clean, escaped
from explain.drawing.measure import width_of, wrapped
from explain.drawing.palette import INK, PAPER, SOFT_INK, TINTS, Colours
from explain.drawing.placing import GAP, Placed, Placing, Words, across, outline
from explain.drawing.strips import LEGEND, Strip, above, below, conditions, plan_strip
from explain.drawing.style import EDGES, FONT
from explain.phrases.lesions import by_urgency
from knowledge_base.language.knowledge import KnowledgeBase

if TYPE_CHECKING:
    from graphviz import Digraph

SCREEN = 1056.0  # points: 1408 of the 1440 pixels that a laptop shows
BESIDE = 3  # lesions side by side; fewer go across
BETWEEN = 10.0
STRIPS: Mapping[str, tuple[float, Colours]] = {
    "title": (14.0, Colours(PAPER, PAPER, INK)),
    "plan": (11.5, Colours(TINTS["D"], TINTS["D"], INK)),
    "danger": (NORMAL, Colours("#FBE3D6", "#A83800", "#8F2F00")),
    "now": (NORMAL, Colours(TINTS["N"], "#0B5C8C", INK)),
    "condition": (SMALL, Colours("#FFFBE0", SOFT_INK, INK)),
    "small": (SMALL, Colours(PAPER, PAPER, SOFT_INK)),
}


def draw_plan(advice: Advice, knowledge: KnowledgeBase, lesion: str | None = None) -> "Digraph":
    """Return the drawing of the plan of every lesion, or of one; see `chains_of` and `draw_chains`."""
    return draw_chains(chains_of(advice, knowledge, lesion), advice, knowledge)


def draw_chains(
    chains: Sequence[Chain], advice: Advice, knowledge: KnowledgeBase, legend: bool = False, bare: bool = False
) -> "Digraph":
    """Return the drawing of what decides about lesions; `bare` leaves the strips to a page that says it all in words."""
    return _Chart(chains, advice, knowledge, legend, bare).dot


def chains_of(advice: Advice, knowledge: KnowledgeBase, lesion: str | None = None) -> list[Chain]:
    """Return what decides about each lesion, or about one, the most urgent first; small where there are several.

    Raises ValueError for a lesion that there is not, and when the advice holds no plan.
    """
    lesions = by_urgency(advice, knowledge)
    if lesion is not None and lesion not in (ids := [found.id for found in advice.lesions]):
        raise ValueError(no_lesion(lesion, ids))
    chosen = [found for found in lesions if lesion in (None, found.id)]
    return _chains(chosen, advice, knowledge, small=len(chosen) > 1)


def draw_narrow(found: Chain, advice: Advice, knowledge: KnowledgeBase, width: float) -> "Digraph":
    """Return the drawing of one lesion alone, of a width in points: its facts on the left, what follows down the right."""
    return _Chart([found], advice, knowledge, legend=False, bare=True, narrow=width).dot


def chains_alone(advice: Advice, knowledge: KnowledgeBase, small: bool = False) -> list[Chain]:
    """Return what decides about each lesion as for a drawing of its own, the most urgent first."""
    return _chains(by_urgency(advice, knowledge), advice, knowledge, small)


def _chains(lesions: Iterable[LesionAdvice], advice: Advice, knowledge: KnowledgeBase, small: bool) -> list[Chain]:
    record = graph_of(advice, knowledge)
    return [chain(lesion, advice, knowledge, record, small) for lesion in lesions]


class _Chart:
    def __init__(
        self,
        chains: Sequence[Chain],
        advice: Advice,
        knowledge: KnowledgeBase,
        legend: bool,
        bare: bool,
        narrow: float | None = None,
    ) -> None:
        from graphviz import Digraph

        self.several = len(chains) > 1
        self.advice = advice
        self.knowledge = knowledge
        self.dot: Digraph = Digraph(name=clean(" ".join(f"{found.lesion}: {found.headline}" for found in chains)))
        self.dot.attr(
            "graph", layout="neato", inputscale="72", splines="true", outputorder="edgesfirst", pad="0.12", margin="0",
            fontname=FONT, bgcolor=PAPER, tooltip=tooltip(in_words(chains)),
        )  # fmt: skip
        self.dot.attr("node", fontname=FONT, fontsize=f"{NORMAL:g}", fixedsize="true", margin="0", fontcolor=INK)
        self.dot.attr("edge", fontname=FONT, arrowsize="0.6")
        self.down = 0.0
        if not bare:
            self._strips(above(chains, advice))
        if narrow is not None:
            for found in chains:
                self._put(found, outline(found, 0.0, 0.0, narrow))
        elif _go_across(chains):
            for found in chains:
                self._across(found)
        else:
            count = min(len(chains), BESIDE)
            for start in range(0, len(chains), count):
                self._panels(chains[start : start + count], _panel_width(count))
        if not bare:
            self._strips(conditions(chains, advice, knowledge))
            self._strips(below(chains, advice, knowledge))
        if legend:
            self._strips([LEGEND])

    # --- lesions -----------------------------------------------------------------------------------------------

    def _across(self, found: Chain) -> None:
        if self.several:
            self._strips([plan_strip(found)])
        placing = across(found, self.down, SCREEN)
        self._put(found, placing)
        self.down = placing.bottom + BETWEEN

    def _panels(self, row: Sequence[Chain], wide: float) -> None:
        bottoms = [self._panel(found, i * (wide + BETWEEN), wide) for i, found in enumerate(row)]
        for i, found in enumerate(row):
            self._node(
                f"panel {found.lesion}", i * (wide + BETWEEN), self.down, wide, max(bottoms) - self.down, label="",
                shape="box", style="solid", color=SOFT_INK, penwidth="0.75", tooltip=tooltip(found.lesion),
            )  # fmt: skip
        self.down = max(bottoms) + BETWEEN

    def _panel(self, found: Chain, left: float, wide: float) -> float:
        """Draw a lesion in a panel and return where it ends."""
        left, inner, top = left + PAD, wide - 2 * PAD, self.down + PAD
        top += self._strip(plan_strip(found), left, top, inner, f"plan {found.lesion}") + GAP
        placing = outline(found, left, top, inner)
        self._put(found, placing)
        return placing.bottom + GAP

    def _put(self, found: Chain, placing: Placing) -> None:
        """Draw the boxes of a chain where they stand, the words on its lines, and the lines."""
        at = {placed.box.id: placed for placed in placing.boxes}
        for placed in placing.boxes:
            self._box(found, placed)
        said = {(words.link.start, words.link.end): words for words in placing.words}
        for words in placing.words:
            self._words(found, words)
        facts = {box.id for box in (*found.inputs, *found.facts)}
        for link in found.links:
            words_of_link = said.get((link.start, link.end))
            if words_of_link is None:
                is_down = placing.down and link.start not in facts
                ports = {"tailport": "s", "headport": "n"} if is_down else {"tailport": "e", "headport": "w"}
                self._edge(link, self._name(found, link.start), self._name(found, link.end), **ports)
            elif placing.down:
                self._trunk(found, words_of_link, at[link.start])
            else:
                self._through(found, words_of_link)

    # --- boxes and lines ---------------------------------------------------------------------------------------

    def _box(self, found: Chain, placed: Placed) -> None:
        box = placed.box
        rim = RIM if box.look == "recommended" else 0.0
        link = {"URL": escaped(clean(box.href)), "target": "_blank"} if box.href else {}
        self._node(
            self._name(found, box.id), placed.left + rim / 2, placed.top + rim / 2, placed.width - rim,
            placed.height - rim, label=label_of(box, placed.width - rim), tooltip=tooltip(box.tooltip or box.text),
            **look_of(box), **link,
        )  # fmt: skip

    def _words(self, found: Chain, words: Words) -> None:
        lines = [TextLine(line, SMALL, False, INK) for line in words.lines]
        self._node(
            self._name(found, _between(words.link)), words.left, words.top, words.width, words.height,
            label=label(lines, words.width + PAD), shape="box", style="filled", color=PAPER, fillcolor=PAPER,
            tooltip=tooltip(words.link.words), **{"class": "value"},
        )  # fmt: skip

    def _through(self, found: Chain, words: Words) -> None:
        """Draw a line to its words, and on to the box to which they lead."""
        link, middle = words.link, self._name(found, _between(words.link))
        ends = {"tailport": "e", "headport": "w"}
        self._edge(link, self._name(found, link.start), middle, arrowhead="none", **ends)
        self._edge(link, middle, self._name(found, link.end), **ends)

    def _trunk(self, found: Chain, words: Words, start: Placed) -> None:
        """Draw a line down from the left of a box, and in to the words that stand below it."""
        link, middle = words.link, self._name(found, _between(words.link))
        left, down = start.left + 6, words.top + words.height / 2
        for end, y in (("from", start.bottom), ("turn", down)):
            self._node(f"{middle} {end}", left, y, 0.0, 0.0, label="", shape="point", style="invis")
        self._edge(link, f"{middle} from", f"{middle} turn", arrowhead="none")
        self._edge(link, f"{middle} turn", middle, headport="w")

    def _edge(self, link: Link, start: str, end: str, **more: str) -> None:
        said = tooltip(link.words or LINK_WORDS[link.kind])
        self.dot.edge(name(start), name(end), **{**EDGES[link.kind], **more}, tooltip=said)

    def _name(self, found: Chain, box: str) -> str:
        """Return the name of a box in DOT; the patient's facts stand in the panel of every lesion."""
        return name(f"{box} ({found.lesion})" if self.several else box)

    def _node(self, node: str, left: float, top: float, wide: float, tall: float, **look: str) -> None:
        self.dot.node(
            name(node), pos=f"{left + wide / 2:.1f},{-(top + tall / 2):.1f}!", width=f"{wide / 72:.3f}",
            height=f"{tall / 72:.3f}", **look,
        )  # fmt: skip

    # --- strips ------------------------------------------------------------------------------------------------

    def _strips(self, strips: Iterable[Strip]) -> None:
        for strip in strips:
            self.down += self._strip(strip, 0.0, self.down, SCREEN, f"strip {self.down:.0f}") + 4
        self.down += 4

    def _strip(self, strip: Strip, left: float, top: float, wide: float, node: str) -> float:
        """Draw a strip of text and return how tall it is."""
        size, colours = STRIPS[strip.role]
        bold = strip.role in ("title", "plan", "danger")
        room = wide - 2 * PAD - 2
        lines = [line for lead, text in strip.parts for line in _lines(lead, text, room, size, bold, colours.text)]
        tall = len(lines) * size * LEADING + (4 if strip.role in ("title", "small") else 2 * PAD - 1)
        self._node(
            node, left, top, wide, tall, label=label(lines, wide), shape="box", style="filled", penwidth="0.75",
            color=colours.line, fillcolor=colours.fill, tooltip=tooltip(strip.tip or strip.words), **{"class": "strip"},
        )  # fmt: skip
        return tall


def _go_across(chains: Sequence[Chain]) -> bool:
    """Tell whether lesions go across, one below the other: one does, three do not, and two where it takes less room."""
    if len(chains) != 2:
        return len(chains) < 2
    wide = _panel_width(2) - 2 * PAD
    below = sum(across(found, 0.0, SCREEN).bottom for found in chains)
    return below <= max(outline(found, 0.0, 0.0, wide).bottom for found in chains)


def _panel_width(count: int) -> float:
    return (SCREEN - BETWEEN * (count - 1)) / count


def _between(link: Link) -> str:
    return f"{link.start} to {link.end}"


def _lines(lead: str, text: str, room: float, size: float, bold: bool, colour: str) -> list[TextLine]:
    """Return the lines of a part of a strip, the words that it begins with in bold."""
    led = f"{lead}:" if lead else ""
    if bold or not led:
        return [TextLine(line, size, bold, colour) for line in wrapped(f"{led} {text}", room, size, bold)]
    indent = width_of(f"{led} ", size, bold=True)
    first, *rest = wrapped(text, room, size, first=indent)
    return [TextLine(first, size, False, colour, led), *(TextLine(line, size, False, colour) for line in rest)]
