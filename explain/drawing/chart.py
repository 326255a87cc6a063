"""The drawing of a plan as Graphviz DOT text, with every box in its place: one lesion across, several side by side.

Text is measured and wrapped here, so the size of a drawing is known before it is drawn: at most as wide as the screen of a
laptop (1440 pixels of 96 to the inch) at full size. Graphviz only draws the boxes and lines where they were put.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.advice import Advice
from explain.drawing.chain import NOMS, Box, Chain, Link, chain
from explain.drawing.frame import name, tooltip
from explain.drawing.graph import graph_of
from explain.drawing.labels import clean, escaped
from explain.drawing.measure import wrapped
from explain.drawing.palette import INK, NODES, OPPOSITION, PAPER, SHADES, SOFT_INK, STATUSES, TINTS, Colours
from explain.drawing.strips import LEGEND, Strip, strips_above, strips_below
from explain.drawing.style import EDGES, FONT, SHAPES, STATUS_SHAPES, Attributes
from explain.phrases.plans import by_urgency
from knowledge_base.language.knowledge import KnowledgeBase

if TYPE_CHECKING:
    from graphviz import Digraph  # type: ignore[import-untyped]

SCREEN = 1050.0  # points: 1400 of the 1440 pixels that a laptop shows
BESIDE = 3  # lesions in a row
SMALL, NORMAL, LARGE = 9.0, 10.5, 14.0
LINE = 1.22  # height of a line, in its size
PAD = 5.0
GAP = 9.0
BADGE = 16.0
PANEL_GAP = 14.0


@dataclass(frozen=True)
class Measures:
    """How wide columns and the gaps between them are."""

    facts: float
    gap: float
    box: float
    value: float  # room for the words on a line


ACROSS = Measures(facts=172, gap=44, box=176, value=104)


@dataclass(frozen=True)
class Placed:
    """A box in its place: the upper left corner, from the top left of the drawing, and its size."""

    box: Box
    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def draw_plan(
    advice: Advice, knowledge: KnowledgeBase, lesion: str | None = None, legend: bool = False, bare: bool = False
) -> "Digraph":
    """Return the drawing of the plan of all lesions, or of one; `bare` is the chain alone, for a page that says the rest.

    Raises ValueError for a lesion that there is not, and when the advice holds no plan.
    """
    lesions = by_urgency(advice, knowledge)
    if lesion is not None and lesion not in [found.id for found in lesions]:
        raise ValueError(f"{lesion!r} is not a lesion of this case; there are {', '.join(x.id for x in advice.lesions)}")
    chosen = [found for found in lesions if lesion in (None, found.id)]
    record = graph_of(advice, knowledge)
    chains = [chain(found, advice, knowledge, record, small=len(chosen) > 1) for found in chosen]
    return _Chart(chains, advice, knowledge, legend, bare).dot


class _Chart:
    def __init__(
        self, chains: Sequence[Chain], advice: Advice, knowledge: KnowledgeBase, legend: bool, bare: bool
    ) -> None:
        from graphviz import Digraph

        self.several = len(chains) > 1
        said = " ".join(f"{found.lesion}: {found.headline}" for found in chains)
        self.dot: Digraph = Digraph(name=clean(said))
        self.dot.attr(
            "graph", layout="neato", inputscale="72", splines="true", outputorder="edgesfirst", pad="0.12",
            fontname=FONT, bgcolor=PAPER, tooltip=tooltip(in_words(chains)),
        )  # fmt: skip
        self.dot.attr("node", fontname=FONT, fontsize=f"{NORMAL}", fixedsize="true", margin="0", fontcolor=INK)
        self.dot.attr("edge", fontname=FONT, arrowsize="0.6")
        self.down = 0.0
        if not bare:
            self._strips(strips_above(chains, advice, knowledge))
        for start in range(0, len(chains), BESIDE):
            row = chains[start : start + BESIDE]
            self.down = (self._beside if self.several else self._across)(row) + GAP
        if not bare:
            self._strips(strips_below(chains, advice, knowledge))
        if legend:
            self._strips([LEGEND])

    # --- one lesion, across ------------------------------------------------------------------------------------

    def _across(self, row: Sequence[Chain]) -> float:
        """Place a chain from left to right, and return how far down it reaches."""
        (found,) = row
        columns = [column for column in (found.inputs, found.facts) if column]
        tree = any(link.words for link in found.links)
        sizes = ACROSS
        widths = [sizes.facts] * len(columns)
        room = SCREEN - sum(widths) - sizes.gap * len(columns)
        step = room / max(len(found.levels), 1)
        value = sizes.value if tree else sizes.gap
        box = min(step - value, 230.0 if not tree else 190.0)
        lefts = [i * (sizes.facts + sizes.gap) for i in range(len(columns))]
        tops = self._tree(found, box, value) if tree else self._stacks(found.levels, box)
        start = sum(widths) + sizes.gap * len(columns)
        levels = [[(b, start + i * (box + value), top) for b, top in level] for i, level in enumerate(tops)]
        stacks = [self._stack(column, sizes.facts) for column in columns]
        every = [*stacks, *([(b, top) for b, _, top in level] for level in levels)]
        tall = max(self._reach(stack, sizes.facts if i < len(columns) else box) for i, stack in enumerate(every))
        placed: list[Placed] = []
        for left, stack in zip(lefts, stacks, strict=True):
            placed += self._placed(((b, left, top) for b, top in stack), sizes.facts, tall)
        if tree:
            shift = (tall - max(self._reach([(b, t) for b, _, t in level], box) for level in levels)) / 2
            placed += [self._at(b, left, top + shift, box) for level in levels for b, left, top in level]
        else:
            for level in levels:
                placed += self._placed(level, box, tall)
        self._put(found, placed, value if tree else 0.0)
        return self.down + tall

    def _placed(self, stack: Iterable[tuple[Box, float, float]], width: float, tall: float) -> list[Placed]:
        """Return a stack of boxes in the middle of the height of a drawing."""
        boxes = list(stack)
        shift = (tall - self._reach([(b, top) for b, _, top in boxes], width)) / 2
        return [self._at(box, left, top + shift, width) for box, left, top in boxes]

    def _at(self, box: Box, left: float, top: float, width: float) -> Placed:
        return Placed(box, left, self.down + top, width, self._height(box, width))

    def _stacks(self, levels: Iterable[Sequence[Box]], width: float) -> list[list[tuple[Box, float]]]:
        return [self._stack(level, width) for level in levels]

    def _stack(self, boxes: Iterable[Box], width: float) -> list[tuple[Box, float]]:
        found, top = [], 0.0
        for box in boxes:
            found.append((box, top))
            top += self._height(box, width) + GAP
        return found

    def _reach(self, stack: Iterable[tuple[Box, float]], width: float) -> float:
        return max((top + self._height(box, width) for box, top in stack), default=0.0)

    def _tree(self, found: Chain, width: float, value: float) -> list[list[tuple[Box, float]]]:
        """Return for each level of a tree where its boxes stand: each leaf below the last, the others amid theirs."""
        levels: list[list[tuple[Box, float]]] = [[] for _ in found.levels]
        depth = {box.id: i for i, level in enumerate(found.levels) for box in level}
        bottom = 0.0

        def place(box: Box, words: str) -> float:
            """Place a box and what follows it; return where its middle stands."""
            nonlocal bottom
            height = max(self._height(box, width), self._words_height(words, value))
            below = [place(child, link.words) for link, child in found.follow(box.id)]
            if below:
                middle = (below[0] + below[-1]) / 2
            else:
                middle = bottom + height / 2
                bottom += height + GAP
            levels[depth[box.id]].append((box, middle - self._height(box, width) / 2))
            return middle

        place(found.levels[0][0], "")
        highest = min(top for level in levels for _, top in level)
        return [[(box, top - min(highest, 0.0)) for box, top in level] for level in levels]

    # --- several lesions, side by side -------------------------------------------------------------------------

    def _beside(self, row: Sequence[Chain]) -> float:
        """Place chains side by side, each from its facts on the left down the right; return how far down they reach."""
        count = max(len(row), 2)
        wide = (SCREEN - PANEL_GAP * (count - 1)) / count
        bottoms = [self._panel(found, i * (wide + PANEL_GAP), wide) for i, found in enumerate(row)]
        for i in range(len(row)):
            self._frame(row[i].lesion, i * (wide + PANEL_GAP), self.down, wide, max(bottoms) - self.down)
        return max(bottoms)

    def _panel(self, found: Chain, left: float, wide: float) -> float:
        inner, gap = wide - 2 * PAD, 24.0
        title = Strip("plan", found.lesion, found.headline)
        top = self.down + PAD
        top += self._strip(title, left + PAD, top, inner, f"plan of {found.lesion}") + GAP
        facts = (inner - gap) * 0.44
        branch = inner - gap - facts
        stack = self._stack(found.facts, facts)
        placed = [Placed(b, left + PAD, top + y, facts, self._height(b, facts)) for b, y in stack]
        right = left + PAD + facts + gap
        bottom = self._outline(found, right, top, branch, placed)
        return max([bottom, *(p.top + p.height for p in placed)]) + PAD

    def _outline(self, found: Chain, left: float, top: float, wide: float, placed: list[Placed]) -> float:
        """Place what follows from the facts one below the other, further in with each level; return where it ends."""
        words: list[tuple[Link, float, float, float]] = []
        done: set[str] = set()

        def place(box: Box, link: Link | None, depth: int) -> None:
            nonlocal top
            if box.id in done:
                return
            done.add(box.id)
            indent = 14.0 * depth
            room = wide - indent
            if link is not None and link.words:
                height = self._words_height(link.words, room)
                words.append((link, left + indent, top, room))
                top += height + 1
            placed.append(Placed(box, left + indent, top, room, self._height(box, room)))
            top += placed[-1].height + GAP
            for following, child in found.follow(box.id):
                place(child, following, depth + 1 if following.words else depth)

        for level in found.levels:
            for box in level:
                if not any(link.end == box.id and link.start not in {f.id for f in found.facts} for link in found.links):
                    place(box, None, 0)
        self._put(found, placed, 0.0, words)
        return top

    def _frame(self, lesion: str, left: float, top: float, wide: float, tall: float) -> None:
        self._node(
            f"frame {lesion}", left, top, wide, tall, label="", shape="box", style="solid", color=SOFT_INK,
            penwidth="0.75", tooltip=tooltip(lesion),
        )  # fmt: skip

    # --- boxes -------------------------------------------------------------------------------------------------

    def _lines(self, box: Box, width: float) -> list[tuple[str, float, bool, str]]:
        """Return the lines of a box: text, size, whether bold, and colour."""
        room = width - 2 * PAD - (BADGE if box.letter in NOMS else 0.0) - (16.0 if box.kind in ("rule", "waiting") else 0)
        is_rule = box.kind in ("rule", "waiting")
        colours = self._colours(box)
        soft = SOFT_INK if colours.text == INK else colours.text
        lines = [(line, SMALL, is_rule, INK if is_rule else soft) for line in wrapped(box.head, room, SMALL, is_rule)]
        size = SMALL if is_rule else NORMAL
        lines += [(line, size, not is_rule, colours.text) for line in wrapped(box.text, room, size, not is_rule)]
        lines += [(line, SMALL, False, soft) for line in wrapped(box.foot, room, SMALL)]
        return [line for line in lines if line[0]]

    def _height(self, box: Box, width: float) -> float:
        """Return how tall a box is, in points."""
        return sum(size * LINE for _, size, _, _ in self._lines(box, width)) + 2 * PAD

    def _words_height(self, words: str, room: float) -> float:
        return len(wrapped(words, room - 6, SMALL)) * SMALL * LINE + 2 if words else 0.0

    def _colours(self, box: Box) -> Colours:
        if box.kind == "pathway":
            return STATUSES[box.look]
        if box.kind in ("rule", "waiting"):
            return NODES["rule"]
        if box.kind == "next":
            return NODES["measure"]
        if box.kind == "finding":
            return NODES["question"]
        return NODES["unknown"]

    def _put(
        self, found: Chain, placed: Sequence[Placed], value: float, above: Sequence[tuple[Link, float, float, float]] = ()
    ) -> None:
        """Draw the boxes of a chain where they stand, the words on its lines, and the lines."""
        at = {p.box.id: p for p in placed}
        for p in placed:
            self._box(found, p)
        for link, left, top, room in above:
            self._words(found, link, left, top, room)
        for link in found.links:
            self._link(found, link, at, value, is_outline=bool(above) or self.several)

    def _box(self, found: Chain, placed: Placed) -> None:
        box = placed.box
        colours = self._colours(box)
        look: Attributes = SHAPES[LOOKS.get(box.kind, box.kind)]
        look = {**look, **(STATUS_SHAPES[box.look] if box.kind == "pathway" else {}), **MORE.get(box.kind, {})}
        if box.href:
            look = {**look, "URL": escaped(clean(box.href)), "target": "_blank"}
        fill = TINTS[box.letter] if box.letter in NOMS and box.kind not in ("finding", "unknown") else colours.fill
        self._node(
            self._name(found, box.id), placed.left, placed.top, placed.width, placed.height,
            label=self._label(box, placed.width), tooltip=tooltip(box.tooltip or box.text),
            fillcolor=fill, color=colours.line, fontcolor=colours.text, **{**look, "margin": "0"},
        )  # fmt: skip

    def _label(self, box: Box, width: float) -> str:
        rows = "".join(
            f'<FONT POINT-SIZE="{size}" COLOR="{colour}">{"<B>" if bold else ""}{escaped(clean(line))}{"</B>" if bold else ""}'
            f'</FONT><BR ALIGN="{"LEFT" if box.letter in NOMS else "CENTER"}"/>'
            for line, size, bold, colour in self._lines(box, width)
        )
        if box.letter not in NOMS:
            return f"<{rows}>"
        badge = f'<FONT POINT-SIZE="{NORMAL}" COLOR="{SHADES[box.letter]}"><B>{box.letter}</B></FONT>'
        inner = width - BADGE - 6
        return (
            f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR><TD WIDTH="{BADGE:.0f}">{badge}</TD>'
            f'<TD ALIGN="LEFT" BALIGN="LEFT" WIDTH="{inner:.0f}">{rows}</TD></TR></TABLE>>'
        )

    def _words(self, found: Chain, link: Link, left: float, top: float, room: float) -> str:
        """Draw the words on a line, and return their name."""
        lines = wrapped(link.words, room - 6, SMALL)
        label = "".join(
            f'<FONT POINT-SIZE="{SMALL}"><I>{escaped(line)}</I></FONT><BR ALIGN="LEFT"/>' for line in lines
        )
        node = self._name(found, f"{link.start} to {link.end}")
        self._node(
            node, left, top, room, self._words_height(link.words, room), label=f"<{label}>", shape="box",
            style="filled", color=PAPER, fillcolor=PAPER, tooltip=tooltip(link.words), **{"class": "value"},
        )  # fmt: skip
        return node

    def _link(self, found: Chain, link: Link, at: Mapping[str, Placed], value: float, is_outline: bool) -> None:
        look = dict(EDGES[link.kind])
        start, end = self._name(found, link.start), self._name(found, link.end)
        said = tooltip(link.words or EDGE_WORDS[link.kind])
        facts = {box.id for box in (*found.inputs, *found.facts)}
        if link.words and value:  # across: the words stand on the line, just before the box
            to = at[link.end]
            room = value - 26
            tall = self._words_height(link.words, room)
            middle = self._words(found, link, to.left - value + 16, to.middle - tall / 2, room)
            self.dot.edge(start, middle, **{**look, "arrowhead": "none"}, tailport="e", headport="w", tooltip=said)
            self.dot.edge(middle, end, **look, tailport="e", headport="w", tooltip=said)
        elif link.words:  # outline: the words stand above the box, and the line comes down its left
            middle = self._name(found, f"{link.start} to {link.end}")
            self.dot.edge(start, middle, **look, tailport="sw", headport="w", tooltip=said)
        elif is_outline and link.start not in facts:
            self.dot.edge(start, end, **look, tailport="s", headport="n", tooltip=said)
        else:
            self.dot.edge(start, end, **look, tailport="e", headport="w", tooltip=said)

    def _name(self, found: Chain, box: str) -> str:
        """Return the name of a box in DOT; the patient's facts stand in the panel of every lesion."""
        return name(f"{box} ({found.lesion})" if self.several and found.lesion not in box else box)

    def _node(self, node: str, left: float, top: float, wide: float, tall: float, **look: str) -> None:
        self.dot.node(
            name(node), pos=f"{left + wide / 2:.1f},{-(top + tall / 2):.1f}!", width=f"{wide / 72:.3f}",
            height=f"{tall / 72:.3f}", **look,
        )  # fmt: skip

    # --- strips ------------------------------------------------------------------------------------------------

    def _strips(self, strips: Iterable[Strip]) -> None:
        for number, strip in enumerate(strips):
            self.down += self._strip(strip, 0.0, self.down, SCREEN, f"strip {strip.role} {number}") + GAP / 2
        self.down += GAP / 2

    def _strip(self, strip: Strip, left: float, top: float, wide: float, node: str) -> float:
        """Draw a strip of text and return how tall it is."""
        size, bold, colours = STRIPS[strip.role]
        lead = f"{strip.lead}: " if strip.lead else ""
        lines = wrapped(f"{lead}{strip.text}", wide - 2 * PAD, size, bold)
        tall = len(lines) * size * LINE + (2 if strip.role in ("title", "small") else 2 * PAD)
        marked = [_led(line, lead.strip() if i == 0 else "", bold) for i, line in enumerate(lines)]
        rows = "".join(f"{line}<BR/>" for line in marked)
        label = (
            f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR><TD ALIGN="LEFT" BALIGN="LEFT" '
            f'WIDTH="{wide - 2 * PAD:.0f}"><FONT POINT-SIZE="{size}" COLOR="{colours.text}">{rows}</FONT></TD></TR></TABLE>>'
        )
        self._node(
            node, left, top, wide, tall, label=label, shape="box", style="filled", penwidth="0.75", color=colours.line,
            fillcolor=colours.fill, tooltip=tooltip(strip.tip or f"{lead}{strip.text}"), **{"class": "strip"},
        )  # fmt: skip
        return tall


def _led(line: str, lead: str, bold: bool) -> str:
    if bold:
        return f"<B>{escaped(line)}</B>"
    if lead and line.startswith(lead):
        return f"<B>{escaped(lead)}</B>{escaped(line[len(lead) :])}"
    return escaped(line)


def in_words(chains: Iterable[Chain]) -> str:
    """Return chains as one text, for those who do not see the drawing."""
    return " ".join(line for found in chains for line in lines_of(found))


def lines_of(found: Chain) -> Iterator[str]:
    """Yield a chain in sentences: the plan, what is known by letter, and what each finding leads to."""
    yield f"{found.lesion}: {found.headline}"
    for box in found.facts:
        foot = f", {box.foot}" if box.foot else ""
        yield f"{box.letter}: {box.head} {box.text}{foot}."
    for level in found.levels:
        for box in level:
            after = [
                f"{f'if {link.words}' if link.words else EDGE_WORDS[link.kind]}: {child.text}{f' ({child.foot})' if child.foot else ''}"
                for link, child in found.follow(box.id)
            ]
            head = f"{box.head} " if box.head else ""
            if after:
                yield f"{head}{box.text}: {'; '.join(after)}."


EDGE_WORDS = {
    "leads": "leads to",
    "premise": "read by",
    "decides": "decides",
    "for": "for",
    "against": "against",
    "asks": "then",
}
LOOKS = {"finding": "unknown", "waiting": "rule", "result": "unknown", "next": "measure"}
MORE: Mapping[str, Attributes] = {
    "finding": {"penwidth": "2", "style": "filled,dashed"},
    "waiting": {"style": "filled,dashed"},
    "result": {"shape": "box", "style": "filled,dotted", "penwidth": "1.5"},
}
STRIPS: Mapping[str, tuple[float, bool, Colours]] = {
    "title": (LARGE, True, Colours(PAPER, PAPER, INK)),
    "plan": (11.5, True, Colours("#F2F2F2", SOFT_INK, INK)),
    "danger": (NORMAL, True, Colours("#FBE3D6", OPPOSITION, "#8F2F00")),
    "now": (NORMAL, False, Colours("#E3F2FB", "#0B5C8C", INK)),
    "condition": (SMALL, False, Colours("#FFFBE0", SOFT_INK, INK)),
    "small": (SMALL, False, Colours(PAPER, PAPER, SOFT_INK)),
}
