"""How much room text takes: the metrics of the fonts of this package, so that a drawing is laid out without a screen."""

from functools import cache

from explain.drawing.rendering import FONTS

REGULAR, BOLD = "metspine", "metspine-bold"


@cache
def fonts() -> None:
    """Make the fonts known to ReportLab, once."""
    from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
    from reportlab.pdfbase.ttfonts import TTFont

    registerFont(TTFont(REGULAR, FONTS / "DejaVuSans.ttf"))
    registerFont(TTFont(BOLD, FONTS / "DejaVuSans-Bold.ttf"))
    registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


@cache
def width_of(text: str, size: float, bold: bool = False) -> float:
    """Return the width of a text on one line, in points."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    fonts()
    width: float = stringWidth(text, BOLD if bold else REGULAR, size)
    return width


def wrapped(text: str, room: float, size: float, bold: bool = False, first: float = 0.0) -> list[str]:
    """Return a text in lines of at most `room` points, the first of them indented; a word that is longer is broken."""
    lines = [""]
    for word in (piece for whole in text.split() for piece in _pieces(whole, room, size, bold)):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size, bold) > room - (first if len(lines) == 1 else 0.0):
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _pieces(word: str, room: float, size: float, bold: bool) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and width_of(pieces[-1] + letter, size, bold) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces
