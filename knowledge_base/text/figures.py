"""The figures that a text prints: 61 of 121, 4.5%, 0.5 x 10^9/L."""

import re

# A number by itself: not part of a word or of a level (T8, 1c, P2Y12), nor the second half of one (10^9, 20/5).
_FIGURE = re.compile(r"(?<![\w.\-/^])\d+(?:[.,]\d+)*(?!\w)")


def figures(text: str) -> tuple[str, ...]:
    """Return the numbers that a text prints, each once, in order."""
    return tuple(dict.fromkeys(match.group() for match in _FIGURE.finditer(text)))
