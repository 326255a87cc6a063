"""Marks that say in a shape what a word beside them says too; colour only repeats them."""

from collections.abc import Mapping

from explain.phrases.terms import STANCE_WORDS, STATUS_WORDS
from knowledge_base.language.rules import AlertLevel, Stance

STATUS_MARKS: Mapping[str, str] = {
    "recommended": "✓",
    "acceptable": "○",
    "open": "?",
    "not_advised": "▽",
    "excluded": "✕",
    "unargued": "·",
    "stopped": "!",
}
STATUS_LABELS: Mapping[str, str] = {
    **{status: words.capitalize() for status, words in STATUS_WORDS.items()},
    "open": "Open: not enough is known",
    "stopped": "No advice",
}
STANCE_MARKS: Mapping[Stance, str] = {"recommend": "▲", "consider": "△", "advise_against": "▼", "exclude": "✕"}
STANCE_LABELS: Mapping[Stance, str] = {stance: words.capitalize() for stance, words in STANCE_WORDS.items()}
ALERT_MARKS: Mapping[AlertLevel, str] = {"danger": "!!", "caution": "!", "note": "i"}
