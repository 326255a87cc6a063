"""Where the boxes of a plan stand: across the screen, or down a panel where several lesions stand side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from explain.drawing.boxes import LEADING, SMALL, height_of
from explain.drawing.chain import Box, Chain, Link
from explain.drawing.measure import width_of, wrapped
from explain.phrases.terms import COST_WORDS

GAP = 8.0  # between a box and the next one below
NEAR = 3.0  # the same in a fork down a panel, where its value stands between them
APART = 44.0  # between columns, without words
VALUE = 112.0  # between columns, with words on the lines
FACTS, WIDE = 172.0, 250.0
ARROW = 20.0  # what a line shows before and after its words
INDENT = 11.0
FACTS_SHARE = 0.37  # of a panel


@dataclass(frozen=True)
class Placed:
    """A box in its place: its upper left corner, from the top left of the drawing, and its size, in points."""

    box: Box
    left: float
    top: float
    width: float

    @property
    def height(self) -> float:
        return height_of(self.box, self.width)

    @property
    def middle(self) -> float:
        return self.top + self.height / 2

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True)
class Words:
    """The words on a line in their place."""

    link: Link
    left: float
    top: float
    lines: tuple[str, ...]

    @property
    def width(self) -> float:
        return max(width_of(line, SMALL) for line in self.lines) * 1.04 + 6

    @property
    def height(self) -> float:
        return words_height(self.lines)


@dataclass
class Placing:
    """Boxes and words in their places; `down` tells that what follows stands below, not beside."""

    down: bool
    boxes: list[Placed] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)

    @property
    def bottom(self) -> float:
        every = [placed.bottom for placed in self.boxes] + [words.top + words.height for words in self.words]
        return max(every, default=0.0)


def words_height(lines: Sequence[str]) -> float:
    """Return how tall some lines of words on a line are, in points."""
    return len(lines) * SMALL * LEADING + 2 if lines else 0.0


def _lines(words: str, room: float) -> tuple[str, ...]:
    return tuple(wrapped(words, (room - 6) / 1.04, SMALL)) if words else ()


# --- across --------------------------------------------------------------------------------------------------------


def across(found: Chain, top: float, width: float) -> Placing:
    """Place a chain from left to right: inputs, facts, and level by level what follows."""
    placing = Placing(down=False)
    known = [column for column in (found.inputs, found.facts) if column]
    start = len(known) * (FACTS + APART)
    has_words = any(link.words for link in found.links)
    gap = VALUE if has_words else APART
    count = max(len(found.levels), 1)
    box = min((width - start - (count - 1) * gap) / count, WIDE)
    gap = min((width - start - count * box) / (count - 1), 2 * gap) if count > 1 else gap
    columns = [(_stacked(column, FACTS), i * (FACTS + APART), FACTS) for i, column in enumerate(known)]
    trees, highest = _tree(found, box, gap) if has_words else ([_stacked(level, box) for level in found.levels], 0.0)
    columns += [(level, start + i * (box + gap), box) for i, level in enumerate(trees)]
    tall = max([highest, *(_reach(column, wide) for column, _, wide in columns)])
    for i, (column, left, wide) in enumerate(columns):
        reach = highest if has_words and i >= len(known) else _reach(column, wide)
        shift = top + (tall - reach) / 2
        placing.boxes += [Placed(one, left, shift + y, wide) for one, y in column]
    at = {placed.box.id: placed for placed in placing.boxes}
    for link in found.links:
        if link.words:
            placing.words.append(_before(link, at[link.end], gap))
    return placing


def _before(link: Link, end: Placed, gap: float) -> Words:
    """Place words just before the box to which they lead."""
    words = Words(link, 0.0, 0.0, _lines(link.words, gap - 2 * ARROW))
    return Words(link, end.left - ARROW - words.width, end.middle - words.height / 2, words.lines)


def _stacked(boxes: Iterable[Box], width: float) -> list[tuple[Box, float]]:
    found, top = [], 0.0
    for box in boxes:
        found.append((box, top))
        top += height_of(box, width) + GAP
    return found


def _reach(stack: Iterable[tuple[Box, float]], width: float) -> float:
    return max((top + height_of(box, width) for box, top in stack), default=0.0)


def _tree(found: Chain, width: float, gap: float) -> tuple[list[list[tuple[Box, float]]], float]:
    """Return for each level of a tree where its boxes stand, and how tall it is.

    Each leaf stands below the last, the others amid those that follow them.
    """
    levels: list[list[tuple[Box, float]]] = [[] for _ in found.levels]
    depth = {box.id: i for i, level in enumerate(found.levels) for box in level}
    highest = bottom = 0.0

    def place(box: Box, words: str) -> float:
        """Place a box and what follows it; return where its middle stands."""
        nonlocal bottom, highest
        height = height_of(box, width)
        below = [place(child, link.words) for link, child in found.follow(box.id)]
        room = max(height, words_height(_lines(words, gap - 2 * ARROW)))
        middle = (below[0] + below[-1]) / 2 if below else bottom + room / 2
        bottom = max(bottom, middle + room / 2 + GAP)
        highest = min(highest, middle - room / 2)
        levels[depth[box.id]].append((box, middle - height / 2))
        return middle

    place(found.levels[0][0], "")
    return [[(box, top - highest) for box, top in level] for level in levels], bottom - GAP - highest


def _in_brief(box: Box) -> Box:
    """Return a box of a fork in fewer lines: a tooltip names the rules of a pathway."""
    if box.kind == "finding":
        how = {words.upper(): words for words in COST_WORDS.values()}.get(box.head, box.head.lower())
        return replace(box, head="", text=f"{box.text} [{how}]")
    return replace(box, foot="") if box.kind == "pathway" else box


# --- down a panel --------------------------------------------------------------------------------------------------


def outline(found: Chain, left: float, top: float, width: float) -> Placing:
    """Place a chain in a panel: its facts on the left, and what follows beside them, further in with each value."""
    placing = Placing(down=True)
    facts = (width - APART / 2) * FACTS_SHARE
    placing.boxes += [Placed(box, left, top + y, facts) for box, y in _stacked(found.facts, facts)]
    right, room = left + facts + APART / 2, width - APART / 2 - facts
    done: set[str] = set()
    down = top

    def place(box: Box, link: Link | None, depth: int) -> None:
        nonlocal down
        if box.id in done:
            return
        done.add(box.id)
        indent = INDENT * depth
        if link is not None and link.words:
            placing.words.append(Words(link, right + indent, down, _lines(link.words, room - indent)))
            down += placing.words[-1].height + 2
        is_forked = any(following.words for following, _ in found.follow(box.id)) or bool(link and link.words)
        placing.boxes.append(Placed(_in_brief(box) if is_forked else box, right + indent, down, room - indent))
        down = placing.boxes[-1].bottom + (NEAR if is_forked else GAP)
        for following, child in found.follow(box.id):
            place(child, following, depth + bool(following.words))

    known = {box.id for box in found.facts}
    followed = {link.end for link in found.links if link.start not in known}
    for box in (box for level in found.levels for box in level if box.id not in followed):
        place(box, None, 0)
    return placing
