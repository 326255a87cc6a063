"""Plain prose: words joined as English does, and paragraphs wrapped at the width of a report."""

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import fill

WIDTH = 100
_EXACT = re.compile(r"\d+\.\d{2,}")


def join(words: Iterable[str], last: str = "or") -> str:
    """Return words joined as English does: "a, b or c"; with semicolons where the words have commas of their own."""
    *front, final = list(words) or [""]
    comma = any("," in word for word in (*front, final))
    if not front:
        return final
    return f"{('; ' if comma else ', ').join(front)}{';' if comma else ''} {last} {final}"


def few(words: Sequence[str], most: int) -> list[str]:
    """Return the first words, at most so many, and behind them how many more there are."""
    return [*words[:most], *([f"{len(words) - most} more"] if len(words) > most else [])]


def cut_short(words: Sequence[str], most: int) -> str:
    """Return the first words with commas between them, and how many more there are: "a, b and 3 more"."""
    return f"{', '.join(words[:most])}{f' and {len(words) - most} more' if len(words) > most else ''}"


def rounded(text: str) -> str:
    """Return a text with its numbers as exactly as they are of use: `10.86168 mg/dL` is `10.9 mg/dL`."""
    return _EXACT.sub(lambda number: f"{float(number[0]):.3g}", text)


def uncapitalised(text: str) -> str:
    """Return a text as it goes on within a sentence: with a small letter first, but `SINS 7` as it is."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def paragraph(text: str, lead: str = "", hang: int | None = None) -> Iterator[str]:
    """Yield a text wrapped at the width, its first line led by `lead`, the others indented by `hang` or as far."""
    yield from fill(
        text,
        WIDTH,
        initial_indent=lead,
        subsequent_indent=" " * (len(lead) if hang is None else hang),
        break_long_words=False,
        break_on_hyphens=False,
    ).splitlines()


def titled(text: str) -> Iterator[str]:
    """Yield the title of a report, underlined."""
    yield from paragraph(text)
    yield "=" * min(len(text), WIDTH)
