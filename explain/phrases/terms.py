"""The words for bases, urgencies, stances, statuses and costs, wherever advice is put in words."""

from collections.abc import Sized

from knowledge_base.language.rules import Basis, Stance, Urgency

BASIS_WORDS: dict[Basis, str] = {
    "primary": "read in the source",
    "abstract": "abstract of the seed review",
    "secondary": "read in a text about the source",
    "unconfirmed": "NOT CONFIRMED in any text",
    "project": "a default of this project",
}
URGENCY_WORDS: dict[Urgency, str] = {
    "immediate": "now",
    "within_24_h": "within 24 hours",
    "within_1_week": "within 1 week",
    "before_treatment": "before treatment",
    "with_treatment": "with treatment",
    "planned": "to plan",
}
STANCE_WORDS: dict[Stance, str] = {
    "recommend": "for",
    "consider": "worth considering",
    "advise_against": "against",
    "exclude": "rules it out",
}
COST_WORDS = {
    "history": "ask",
    "examination": "examine",
    "laboratory": "laboratory",
    "ct": "CT",
    "mri": "MRI",
    "biopsy": "biopsy",
}
STATUS_WORDS = {
    "recommended": "recommended",
    "acceptable": "acceptable",
    "open": "open (not enough is known)",
    "not_advised": "not advised",
    "excluded": "ruled out",
    "unargued": "nothing speaks for it",
}
# The same in a shape, beside the word; colour only repeats it.
STATUS_MARKS = {
    "recommended": "✓",
    "acceptable": "○",
    "open": "?",
    "not_advised": "▽",
    "excluded": "✕",
    "unargued": "·",
    "stopped": "!",
}


def look_of(status: str, arguments: Sized) -> str:
    """Return under which name a pathway is shown: its status, or `unargued` when it is not advised for want of arguments."""
    return "unargued" if status == "not_advised" and not arguments else status
