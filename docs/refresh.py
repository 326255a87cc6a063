"""Writes what README.md shows: the output of the demo, whole, and its picture. `make readme` runs it.

A test compares both with what the program gives now, so they cannot lag.
"""

from pathlib import Path

from cases import read_case
from engine import Advice, Reasoner, advise
from explain.drawing.chart import draw_plan
from explain.drawing.rendering import render
from explain.report.blocks import text_of
from explain.report.first_screen import first_screen
from knowledge_base import KnowledgeBase, load

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOT, SVG = ROOT / "docs" / "demo.dot", ROOT / "docs" / "demo.svg"
CASE = ROOT / "cases" / "library" / "noms-n9.yaml"
BEGIN, END = "<!-- demo: begin -->", "<!-- demo: end -->"


def demo() -> tuple[Advice, KnowledgeBase]:
    """Return the advice that the demo gives."""
    base = load()
    return advise(read_case(CASE, base, CASE.name), Reasoner(base), plan=True), base


def block(advice: Advice, base: KnowledgeBase) -> str:
    """Return the demo's output, as README.md shows it."""
    lines = text_of(first_screen(advice, base)).splitlines()
    return "\n".join([BEGIN, "```text", *lines, "```", END])


def dot(advice: Advice, base: KnowledgeBase) -> str:
    """Return the demo's picture as DOT text."""
    return draw_plan(advice, base).source


def main() -> None:
    advice, base = demo()
    text = README.read_text()
    before, after = text[: text.index(BEGIN)], text[text.index(END) + len(END) :]
    README.write_text(before + block(advice, base) + after)
    DOT.write_text(dot(advice, base))
    SVG.write_bytes(render(DOT.read_text(), "svg"))


if __name__ == "__main__":
    main()
