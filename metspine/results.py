"""What explanations are handed over as: words, and where there is one, a picture.

Printed they are what the command line prints; a notebook shows them by itself. The data behind them is `record`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel

from metspine.files import put

if TYPE_CHECKING:
    from markupsafe import Markup

    from explain.drawing.nodes import Graph
    from explain.render.html.blocks import RuleLink
    from explain.report.blocks import Block

PICTURES = (".svg", ".png", ".pdf", ".dot")
GRAPHS = (".json", ".graphml", ".gexf", ".cyjs", ".mmd")
RecordT = TypeVar("RecordT", bound=BaseModel)


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
class Told(Generic[RecordT]):
    """An explanation: `record` is its data (a pydantic model), `str` of it what the command line prints.

    Each form tells what comes first, or everything.
    """

    record: RecordT
    report: Callable[[RecordT, bool], "Iterable[Block]"]

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        from explain.report.blocks import Heading

        return next(block.text for block in self.report(self.record, False) if isinstance(block, Heading))

    def text(self, everything: bool = False) -> str:
        """Return it as plain text of at most 100 columns."""
        from explain.report.blocks import text_of

        return text_of(self.report(self.record, everything))

    def markdown(self, everything: bool = False) -> str:
        """Return it as Markdown, to paste into a record, a letter or a ticket."""
        from explain.render.markdown import markdown_of

        return markdown_of(self.report(self.record, everything))

    def html(self, everything: bool = False, top: int = 1, rule_link: "RuleLink | None" = None) -> "Markup":
        """Return it as a piece of HTML, everything escaped.

        `top` is the level (1 to 6) of its title on the page; `rule_link` gives the address of a rule by its id, None for a
        word that only looks like one.
        """
        from explain.render.html.blocks import html_of

        return html_of(self.report(self.record, everything), top, rule_link)

    def json(self) -> str:
        """Return its data as JSON, as `--format json` prints it."""
        return self.record.model_dump_json(indent=2)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<{self.title}>"

    def _repr_html_(self) -> str:
        return self.html(top=3)


@dataclass(frozen=True, repr=False)
class Drawn(Told[RecordT]):
    """An explanation that is a figure too."""

    drawn: Callable[[RecordT], Picture]

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
