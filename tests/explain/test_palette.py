"""Colours can be read by everybody: WCAG contrast, computed."""

import pytest

from explain.drawing.palette import LINE_CONTRAST, NODES, STATUSES, TEXT_CONTRAST, contrast, line_pairs, text_pairs
from explain.drawing.style import EDGES, SHAPES, STATUS_SHAPES


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#FFFFFF", 21.0),
        ("#777777", "#FFFFFF", 4.48),
        ("#FF0000", "#FFFFFF", 4.0),
        ("#123456", "#123456", 1.0),
    ],
)
def test_the_formula_gives_published_ratios(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize(("text", "background"), sorted(set(text_pairs())))
def test_text_can_be_read(text: str, background: str) -> None:
    assert contrast(text, background) >= TEXT_CONTRAST


@pytest.mark.parametrize(("line", "background"), sorted(set(line_pairs())))
def test_lines_can_be_seen(line: str, background: str) -> None:
    assert contrast(line, background) >= LINE_CONTRAST


def test_shape_tells_kinds_apart_without_colour() -> None:
    looks = {kind: (look["shape"], look["style"]) for kind, look in SHAPES.items() if kind != "step"}
    assert len(set(looks.values())) == len(looks)
    assert SHAPES["step"] == SHAPES["rule"]  # a step of a score is a rule that fired


def test_line_style_tells_support_opposition_and_absence_apart_without_colour() -> None:
    looks = {kind: (EDGES[kind]["style"], EDGES[kind].get("arrowhead")) for kind in ("for", "against", "absent")}
    assert looks == {"for": ("solid", None), "against": ("dashed", "tee"), "absent": ("dotted", "odot")}


def test_only_what_is_recommended_has_a_double_border() -> None:
    assert [status for status, look in STATUS_SHAPES.items() if look.get("peripheries") == "2"] == ["recommended"]


def test_every_kind_and_status_has_colours() -> None:
    assert set(NODES) == set(SHAPES) - {"pathway"}
    assert set(STATUSES) == set(STATUS_SHAPES)
