"""The templates of a package: everything they show is escaped, and a name that nobody gave them is a mistake."""

from functools import cache
from typing import TYPE_CHECKING

from explain.drawing.labels import clean

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment(package: str) -> "Environment":
    """Return what reads the templates in the folder `templates` of a package."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )


def _finalized(value: object) -> object:
    """Take control characters out of plain text; HTML forbids them even escaped."""
    if type(value) is str:
        return "\n".join(clean(line) if line.strip() == line else _indented(line) for line in value.split("\n"))
    return value


def _indented(line: str) -> str:
    bare = line.lstrip(" ")
    return " " * (len(line) - len(bare)) + clean(bare)
