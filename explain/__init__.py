"""Explanation: the record of a consultation as a graph, views of it, drawings, and words.

`diagram` goes all the way from advice to a picture; the steps between are there for those who want them.
"""

from engine.advice import Advice
from explain.drawing import draw
from explain.graph import Graph, graph_of, node_link
from explain.rendering import FORMATS, render
from explain.views import VIEWS, view
from knowledge_base.model import KnowledgeBase

__all__ = ["FORMATS", "VIEWS", "Graph", "diagram", "draw", "graph_of", "node_link", "render", "view"]


def diagram(
    advice: Advice,
    knowledge: KnowledgeBase,
    format: str,
    name: str = "summary",
    letter: str | None = None,
    lesion: str | None = None,
) -> bytes:
    """Return the picture of a view of the advice; see `view` for names and letters, `render` for formats.

    Raises ValueError for a view, letter, lesion or format that does not exist.
    """
    shown = view(graph_of(advice, knowledge), name, letter, lesion)
    return render(draw(shown, advice).source, format)
