"""Marks that say in a shape what a word beside them says too; colour only repeats them."""

from collections.abc import Mapping

STATUS_MARKS: Mapping[str, str] = {
    "recommended": "✓",
    "acceptable": "○",
    "open": "?",
    "not_advised": "▽",
    "excluded": "✕",
    "unargued": "·",
    "stopped": "!",
}
