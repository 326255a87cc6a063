"""`metspine replay` in words: whether a stored decision came out again as it is stored, and where it did not."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from engine.advice import KnowledgeStamp
from engine.inference.trace import Json
from engine.replay import Departure, Replay
from engine.versions import EngineStamp
from explain.phrases.prose import paragraph, titled
from knowledge_base.canonical_json import canonical
from knowledge_base.text.errors import printable

Stamp = TypeVar("Stamp", KnowledgeStamp, EngineStamp)
SHOWN = 20  # places that differ
LONGEST = 300  # characters of a value that differs


def replay_text(found: Replay, everything: bool = False) -> str:
    """Return what became of a stored decision as plain text of at most 100 columns, digests apart."""
    return printable("\n".join(_lines(found, everything)).rstrip() + "\n")


def _lines(found: Replay, everything: bool) -> Iterator[str]:
    yield from titled(f"Replay of the advice on {found.case}" if found.case else "Replay")
    yield from paragraph(_verdict(found), "» " if found.is_same else "! ")
    for departure in found.departures if everything else found.departures[:SHOWN]:
        yield from _departure(departure)
    if not everything and len(found.departures) > SHOWN:
        yield f"  {len(found.departures) - SHOWN} more places; `--all` lists them."
    yield ""
    yield from _then_and_now("knowledge", found.stored_knowledge, found.knowledge, _stamp)
    yield from _then_and_now("program", found.stored_engine, found.engine, _engine)
    if found.stored_digest and found.stored_digest != found.digest:
        yield f"advice as stored  SHA-256 {found.stored_digest}"
    if found.digest:
        yield f"advice repeated   SHA-256 {found.digest}"
        yield f"decision          SHA-256 {found.decision}"


def _verdict(found: Replay) -> str:
    places = f"{len(found.departures)} {'place differs' if len(found.departures) == 1 else 'places differ'}"
    if found.verdict == "same":
        return f"Same: {found.firings} firings, in their order, and everything concluded from them came out as stored."
    if found.verdict == "other_schema":
        return "Other format: this program does not read records of this format; use the program that wrote it."
    if found.verdict == "other_knowledge":
        return f"Other knowledge: it is not what it was then, and under that of now {places}."
    if found.verdict == "other_engine":
        return (
            f"Other program: it is not the one that gave the advice, and this one comes to something else ({places})."
        )
    if found.verdict == "other_options":
        return (
            "Other options: the decision is the same; what its record says was asked for is not what the advice holds."
        )
    unnamed = "" if found.stored_engine else ", or came from another version of metspine (only a record says which)"
    return f"Altered: knowledge and inputs give another advice than is stored ({places}), so it was altered{unnamed}."


def _then_and_now(what: str, then: Stamp | None, now: Stamp, words: Callable[[Stamp], str]) -> Iterator[str]:
    if then is None or then == now:
        yield f"{what:<16}  {words(now)}"
    else:
        yield f"{what + ' then':<16}  {words(then)}"
        yield f"{what + ' now':<16}  {words(now)}"


def _departure(departure: Departure) -> Iterator[str]:
    yield from paragraph(departure.place, "  ")
    yield from paragraph(_value(departure.stored), "    stored    ")
    yield from paragraph(_value(departure.again), "    repeated  ")


def _value(value: Json) -> str:
    text = value if isinstance(value, str) else canonical(value).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _stamp(stamp: KnowledgeStamp) -> str:
    return f"{stamp.id} {stamp.version}, SHA-256 {stamp.digest}"


def _engine(stamp: EngineStamp) -> str:
    return f"metspine {stamp.metspine}, SHA-256 {stamp.digest}"
