"""`metspine replay` in words: whether stored advice came out again as it is stored, and where it did not."""

from collections.abc import Iterator

from engine.advice import KnowledgeStamp
from engine.analysis.replay import Departure, Replay
from engine.inference.trace import Json
from explain.phrases.prose import paragraph, titled
from knowledge_base.canonical_json import canonical

SHOWN = 20  # places that differ
LONGEST = 300  # characters of a value that differs


def replay_text(found: Replay, everything: bool = False) -> str:
    """Return what became of stored advice as plain text of at most 100 columns, digests apart."""
    return "\n".join(_lines(found, everything)).rstrip() + "\n"


def _lines(found: Replay, everything: bool) -> Iterator[str]:
    yield from titled(f"Replay of the advice on {found.case}")
    yield from paragraph(_verdict(found), "» " if found.is_same else "! ")
    for departure in found.departures if everything else found.departures[:SHOWN]:
        yield from _departure(departure)
    if not everything and len(found.departures) > SHOWN:
        yield f"  {len(found.departures) - SHOWN} more places; `--all` lists them."
    yield ""
    if found.stored_knowledge == found.knowledge:
        yield f"knowledge         {_stamp(found.knowledge)}"
    else:
        yield f"knowledge then    {_stamp(found.stored_knowledge)}"
        yield f"knowledge now     {_stamp(found.knowledge)}"
    if not found.is_same:
        yield f"advice as stored  SHA-256 {found.stored_digest}"
    yield f"advice repeated   SHA-256 {found.digest}"


def _verdict(found: Replay) -> str:
    if found.is_same:
        return f"All is as it is stored: {found.firings} firings, in their order, and everything concluded from them."
    places = f"{len(found.departures)} {'places differ' if len(found.departures) > 1 else 'place differs'}"
    if found.stored_knowledge == found.knowledge:
        return (
            f"The advice does not come out as it is stored: {places}. The knowledge is the same, so the stored advice was "
            f"altered, or came from another version of metspine."
        )
    return f"The knowledge is not what it was then; under that of now {places}."


def _departure(departure: Departure) -> Iterator[str]:
    yield from paragraph(departure.place, "  ")
    yield from paragraph(_value(departure.stored), "    stored    ")
    yield from paragraph(_value(departure.again), "    repeated  ")


def _value(value: Json) -> str:
    text = value if isinstance(value, str) else canonical(value).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _stamp(stamp: KnowledgeStamp) -> str:
    return f"{stamp.id} {stamp.version}, SHA-256 {stamp.digest}"
