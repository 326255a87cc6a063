"""What explanations are handed over as: words, and where there is one, a picture.

Printed they are what the command line prints; a notebook shows them by itself. The data behind them is `record`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel

from metspine.files import put

if TYPE_CHECKING:
    from explain.drawing.nodes import Graph

PICTURES = (".svg", ".png", ".pdf", ".dot")
GRAPHS = (".json", ".graphml", ".gexf", ".cyjs", ".mmd")
Said = TypeVar("Said", bound=BaseModel)


class Unknown(ValueError):  # noqa: N818  # reads well where it is raised and caught
    """A name, a value or a file ending that means nothing here; the text says what would be right."""


@dataclass(frozen=True)
class Picture:
    """A drawing: `source` is its Graphviz DOT text, the same for the same advice.

    One that shows the record of a consultation holds what it shows as a networkx graph too.
    """

    source: str
    graph: "Graph | None" = field(default=None, compare=False, repr=False)

    def render(self, format: str = "svg") -> bytes:
        """Return the drawing as svg, png, pdf or dot; raise `Unknown` for another format."""
        from explain.drawing.rendering import render

        try:
            return render(self.source, format)
        except ValueError as error:
            raise Unknown(str(error)) from None

    def save(self, target: str | Path) -> Path:
        """Write the drawing, or its graph, as the file ending says, and return where; raise `Unknown` for another ending.

        Folders that are missing are made.
        """
        path = check_picture(Path(target), self.graph is not None)
        ending = path.suffix.lower()
        if self.graph is not None and ending in GRAPHS:
            from explain.drawing.exchange import exchanged

            return put(path, exchanged(self.graph, ending[1:]))
        return put(path, self.render(ending[1:]))

    def __str__(self) -> str:
        return self.source

    def __repr__(self) -> str:
        return f"<picture, {len(self.source):,} characters of DOT>"

    def _repr_svg_(self) -> str:
        return self.render().decode()


@dataclass(frozen=True, repr=False)
class Told(Generic[Said]):
    """An explanation: `record` is its data (a pydantic model), `str` of it what the command line prints."""

    record: Said
    words: Callable[[Said, bool], str]

    def text(self, everything: bool = False) -> str:
        """Return it as plain text of at most 100 columns: what comes first, or everything."""
        return self.words(self.record, everything)

    def json(self) -> str:
        """Return its data as JSON, as `--format json` prints it."""
        return self.record.model_dump_json(indent=2)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<{self.text().partition(chr(10))[0]}>"

    def _repr_html_(self) -> str:
        return f'<pre style="white-space: pre-wrap">{escape(self.text())}</pre>'


@dataclass(frozen=True, repr=False)
class Drawn(Told[Said]):
    """An explanation that is a figure too."""

    drawn: Callable[[Said], Picture]

    @property
    def picture(self) -> Picture:
        """The figure."""
        return self.drawn(self.record)

    def _repr_svg_(self) -> str:
        return self.picture._repr_svg_()

    def _repr_html_(self) -> str:
        svg = self._repr_svg_()
        return f"{svg[svg.index('<svg') :]}\n{super()._repr_html_()}"


def check_picture(target: Path, has_graph: bool = False) -> Path:
    """Return a file to draw into; raise `Unknown` when its ending is that of no picture, and of no graph if there is one."""
    if target.suffix.lower() not in (*PICTURES, *(GRAPHS if has_graph else ())):
        graphs = f", and its graph is written as {', '.join(GRAPHS[:-1])} or {GRAPHS[-1]}" if has_graph else ""
        raise Unknown(
            f"{target}: a diagram is drawn as .svg, .png, .pdf or .dot{graphs}; give the file one of these endings"
        )
    return target
