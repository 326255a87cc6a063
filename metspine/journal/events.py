"""What becomes of a decision after it was given: shown, accepted, overridden, amended, repeated; each a row of the chain."""

import hashlib
from collections.abc import Iterable
from typing import Literal

from engine.record import DecisionRecord
from engine.replay import Replay
from knowledge_base.text.errors import suggestion
from metspine.journal.queries import knowledge_by_digest, record_of_row, replayed, stored
from metspine.journal.store import Journal, WrittenRow
from metspine.results import Unknown

REASONS = {  # codes as CDS Hooks has them: override reasons
    "patient-preference": "the patient wants otherwise",
    "already-done": "it is done, or under way",
    "not-available": "it is not to be had here in time",
    "contraindicated": "something speaks against it that the case does not hold",
    "input-wrong": "an input was wrong or out of date",
    "rule-wrong": "a rule is wrong, or does not fit this patient",
    "goals-of-care": "the goals of care are others",
    "other": "another reason, in the text",
}


def note(journal: Journal, kind: Literal["shown", "exported"], decision: str, how: str, content: bytes) -> WrittenRow:
    """Write that something of a decision was shown again or left the journal: how, and its SHA-256."""
    body = {"as": how, "sha256": hashlib.sha256(content).hexdigest()}
    return journal.note(kind, _id(journal, decision), body)


def accept(journal: Journal, decision: str, lesion: str | None = None) -> WrittenRow:
    """Write that the team does what was advised for a lesion, the only one when none is named."""
    return journal.note("accepted", _id(journal, decision), {"lesion": _lesion(stored(journal, decision), lesion)})


def override(
    journal: Journal, decision: str, chosen: str, reason: str, lesion: str | None = None, rules: Iterable[str] = (),
    text: str = "",
) -> WrittenRow:  # fmt: skip
    """Write that the team decided otherwise: what, the code of the reason, and the rules it disagrees with.

    Raises `Unknown` for a name that means nothing here. The text can be erased.
    """
    held = stored(journal, decision)
    if reason not in REASONS:
        raise Unknown(f"--reason: {reason!r} is not a reason ({', '.join(REASONS)}){suggestion(reason, REASONS)}")
    where = _lesion(held, lesion)
    try:
        pathway = knowledge_by_digest(journal, held.advice.knowledge_base.digest).pathway_named(chosen)
    except ValueError as error:
        raise Unknown(f"--chosen: {error}") from None
    fired = {firing.rule for firing in held.advice.firings}
    for name in rules:
        if name not in fired:
            raise Unknown(f"--rule: {name} did not fire in this decision{suggestion(name, fired)}")
    body = {"lesion": where, "pathway": pathway, "reason": reason, "rules": sorted({*rules})}
    return journal.note("overridden", _id(journal, decision), body, {"text": text} if text else None)


def amend(journal: Journal, decision: str, by: str) -> WrittenRow:
    """Write that another decision, on new facts, stands in the place of this one."""
    return journal.note("amended", _id(journal, decision), {"by": by})


def repeat(journal: Journal, decision: str) -> Replay:
    """Return what becomes of a decision when it is repeated under the knowledge that gave it; write that, but in a copy."""
    held = stored(journal, decision)
    found = replayed(held, knowledge_by_digest(journal, held.advice.knowledge_base.digest))
    body = {"verdict": found.verdict, "decision": found.decision, "engine": found.engine.digest}
    if not journal.is_copy:
        journal.note("replayed", _id(journal, decision), body)
    return found


def _id(journal: Journal, decision: str) -> str:
    return record_of_row(journal, decision)[1]


def _lesion(held: DecisionRecord, name: str | None) -> str:
    lesions = [one.id for one in held.advice.lesions]
    if name is None and len(lesions) == 1:
        return lesions[0]
    if name not in lesions:
        raise Unknown(f"--lesion: name one of {', '.join(lesions)}")
    return name
