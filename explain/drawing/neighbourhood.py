"""The neighbourhood of a rule as a small drawing, from left to right: who sets what it reads, what follows, who reads that.

It stays small: most things have many neighbours, and a page says them all in words beside it.
"""

from collections.abc import Mapping, Sequence
from itertools import islice, zip_longest
from typing import TYPE_CHECKING

from explain.answers.neighbourhood import Argued, Beside, Neighbourhood
from explain.drawing.frame import box, lay_out, name
from explain.drawing.labels import SMALL, clean, markup
from explain.drawing.palette import INK, NODES, SOFT_INK, TINTS
from explain.drawing.style import EDGES, FONT, SHAPES, status_look
from explain.phrases.terms import STANCE_WORDS
from knowledge_base.language.rules import Stance

if TYPE_CHECKING:
    from graphviz import Digraph

Thing = Beside | Argued
READ, FOLLOWING = 4, 3  # things that are drawn before the rule and after it
BEFORE, AFTER = 4, 3  # rules that are drawn beyond these
TITLE, LABEL = 21, 18  # characters of a line, so that five columns stand side by side on a page
SAME = {**EDGES["premise"], "style": "dotted", "arrowhead": "none"}  # to another rule about the same pathway
LOOKS: Mapping[Stance, str] = {
    "recommend": "recommended", "consider": "acceptable", "advise_against": "not_advised", "exclude": "excluded",
}  # fmt: skip


def draw_neighbourhood(around: Neighbourhood) -> "Digraph":
    """Return the drawing, of fifteen boxes at most; each rule in it has its id as the name of its box, and a link."""
    return _NeighbourhoodDrawing(around).dot


class _NeighbourhoodDrawing:
    def __init__(self, around: Neighbourhood) -> None:
        from graphviz import Digraph

        self.around = around
        self.dot: Digraph = Digraph(name=clean(around.rule))
        lay_out(self.dot, f"{around.rule}: {around.title}", nodesep="0.15", ranksep="0.25", pad="0.1")
        self.dot.attr("node", fontname=FONT, margin="0.07,0.04", height="0.3", fontcolor=INK)
        self.dot.attr("edge", fontname=FONT, arrowsize="0.7")
        self._rule(around.rule, around.title, is_middle=True)
        reads = sorted(around.reads, key=lambda beside: not beside.units)[:READ]
        follows: list[Thing] = [*around.sets]
        follows = [*follows, *around.argues][:FOLLOWING]
        for beside in reads:
            self._attribute(beside)
            self.dot.edge(self._of(beside), around.rule, **EDGES["premise"])
        for source, unit in _in_turn(reads, BEFORE):
            self._rule(unit, source.units[unit])
            self.dot.edge(name(unit), self._of(source), **EDGES["concludes"])
        for one in follows:
            if isinstance(one, Argued):
                self._pathway(one)
            else:
                self._attribute(one)
                self.dot.edge(around.rule, self._of(one), **EDGES["concludes"])
        for one, unit in _in_turn(follows, AFTER):
            self._rule(unit, one.units[unit])
            look = SAME if isinstance(one, Argued) else EDGES["premise"]
            self.dot.edge(self._of(one), name(unit), **look)
        for measure in around.measures[: FOLLOWING - len(follows)]:
            self._box(f"measure {measure}", "measure", [markup(measure, SMALL, LABEL, bold=True)], measure)
            self.dot.edge(around.rule, name(f"measure {measure}"), **EDGES["calls"])

    def _of(self, one: Thing) -> str:
        return f"pathway {one.pathway}" if isinstance(one, Argued) else f"attribute {one.attribute.id}"

    def _rule(self, unit: str, title: str, is_middle: bool = False) -> None:
        lines = [markup(unit, SMALL, bold=True), markup(title, SMALL, TITLE)]
        look = {"penwidth": "2.5"} if is_middle else {"URL": f"/rules/{unit}"} if "/" not in unit else {}
        self._box(unit, "rule", lines, f"{unit}: {title}", **look)

    def _attribute(self, beside: Beside) -> None:
        attribute = beside.attribute
        is_told = attribute.given and not beside.units
        lines = [markup(attribute.label, SMALL, LABEL, bold=True)]
        lines += [markup("told, by no rule", SMALL, colour=SOFT_INK)] if is_told else []
        colour = {"fillcolor": TINTS[attribute.letter]} if attribute.letter in TINTS else {}
        self._box(self._of(beside), "given" if is_told else "derived", lines, attribute.label, **colour)

    def _pathway(self, argued: Argued) -> None:
        look = {**status_look(LOOKS[argued.stance]), "peripheries": "1"}
        lines = [markup(argued.label, SMALL, LABEL, bold=True)]
        self._box(self._of(argued), "pathway", lines, f"{STANCE_WORDS[argued.stance]}: {argued.label}", **look)
        is_for = argued.stance in ("recommend", "consider")
        self.dot.edge(self.around.rule, self._of(argued), **EDGES["for" if is_for else "against"])

    def _box(self, node: str, kind: str, lines: Sequence[str], said: str, **more: str) -> None:
        colours = NODES.get(kind, NODES["derived"])
        box(self.dot, name(node), lines, said, **{**SHAPES[kind], **colours.look, **more})


def _in_turn(things: Sequence[Thing], most: int) -> list[tuple[Thing, str]]:
    """Return up to so many of the rules beside some things, one of each in turn, none twice."""
    found: dict[str, Thing] = {}
    for turn in zip_longest(*([(one, unit) for unit in one.units] for one in things)):
        for one, unit in filter(None, turn):
            found.setdefault(unit, one)
    return [(one, unit) for unit, one in islice(found.items(), most)]
