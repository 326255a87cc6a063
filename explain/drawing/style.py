"""What each kind of node and edge looks like."""

from collections.abc import Mapping

from explain.drawing.palette import ABSENCE, ACTION, OPPOSITION, REASON, STATUSES, SUPPORT
from knowledge_base.language.rules import AlertLevel

Attributes = Mapping[str, str]

FONT = "DejaVu Sans,Verdana,Arial,sans-serif"

SHAPES: Mapping[str, Attributes] = {
    "given": {"shape": "note", "style": "filled"},
    "derived": {"shape": "box", "style": "filled,rounded"},
    "unknown": {"shape": "note", "style": "filled,dashed"},
    "score": {"shape": "box3d", "style": "filled", "margin": "0.14,0.1"},
    "step": {"shape": "cds", "style": "filled", "margin": "0.2,0.11"},
    "rule": {"shape": "cds", "style": "filled", "margin": "0.2,0.11"},
    "question": {"shape": "hexagon", "style": "filled,dashed", "penwidth": "2", "margin": "0.02,0.06"},
    "pathway": {"shape": "box", "style": "filled"},
    "measure": {"shape": "folder", "style": "filled"},
    "alert": {"shape": "box", "style": "filled,diagonals", "margin": "0.16,0.08"},
}

STATUS_SHAPES: Mapping[str, Attributes] = {
    "recommended": {"peripheries": "2", "penwidth": "3"},
    "acceptable": {"penwidth": "2.5"},
    "open": {"style": "filled,dotted", "penwidth": "1.5"},
    "not_advised": {"style": "filled,dashed", "penwidth": "1.5"},
    "excluded": {"style": "filled,dashed", "penwidth": "1.5"},
    "unargued": {"style": "filled", "penwidth": "0.75"},
}


def status_look(status: str) -> dict[str, str]:
    """Return how a pathway of this status is drawn: shape, border and colours."""
    return {**SHAPES["pathway"], **STATUS_SHAPES[status], **STATUSES[status].look}


ALERT_SHAPES: Mapping[AlertLevel, Attributes] = {
    "danger": {"penwidth": "2.5"},
    "caution": {},
    "note": {},
}

PROSPECT_SHAPES: Mapping[str, Attributes] = {
    "could": {"style": "filled,dashed", "penwidth": "2.5"},
    "gone": {"style": "filled,dotted", "penwidth": "1"},
}

EDGES: Mapping[str, Attributes] = {
    "premise": {"color": REASON, "style": "solid"},
    "leads": {"color": REASON, "style": "solid"},
    "concludes": {"color": REASON, "style": "solid"},
    "settles": {"color": REASON, "style": "solid", "arrowhead": "diamond"},
    "absent": {"color": ABSENCE, "style": "dotted", "arrowhead": "odot"},
    "awaited": {"color": ABSENCE, "style": "dotted", "arrowhead": "odiamond"},
    "asks": {"color": ABSENCE, "style": "dotted", "arrowhead": "open"},
    "decides": {"color": ACTION, "style": "dashed", "arrowhead": "open"},
    "for": {"color": SUPPORT, "style": "solid", "penwidth": "2.5"},
    "against": {"color": OPPOSITION, "style": "dashed", "arrowhead": "tee", "penwidth": "2"},
    "calls": {"color": ACTION, "style": "solid", "arrowhead": "vee"},
    "warns": {"color": OPPOSITION, "style": "solid", "arrowhead": "vee"},
    "contradicts": {"color": OPPOSITION, "style": "dashed", "arrowhead": "tee"},
}
