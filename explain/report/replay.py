"""`metspine replay` in words: whether a stored decision came out again as it is stored, and where it did not."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from engine.advice import KnowledgeStamp
from engine.inference.trace import Json
from engine.replay import Departure, Replay
from engine.versions import EngineStamp
from explain.report.blocks import Block, Heading, Pairs, Para, Point, points
from knowledge_base.canonical_json import canonical
from knowledge_base.text.errors import printable

Stamp = TypeVar("Stamp", KnowledgeStamp, EngineStamp)
SHOWN = 20  # places that differ
LONGEST = 300  # characters of a value that differs


def replay_report(found: Replay, everything: bool = False) -> Iterator[Block]:
    """Yield what became of a stored decision; with `everything` every place that differs."""
    yield Heading(f"Replay of the advice on {printable(found.case)}" if found.case else "Replay")
    yield Para(_verdict(found), "plan" if found.is_same else "danger")
    yield from points(map(_departure, found.departures if everything else found.departures[:SHOWN]))
    if not everything and len(found.departures) > SHOWN:
        yield Para(f"{len(found.departures) - SHOWN} more places; `--all` lists them.")
    yield Heading("SHA-256 of what was compared", 2)
    yield Pairs(tuple(_digests(found)))


def _digests(found: Replay) -> Iterator[tuple[str, str]]:
    yield from _then_and_now("knowledge", found.stored_knowledge, found.knowledge, _stamp)
    yield from _then_and_now("program", found.stored_engine, found.engine, _engine)
    if found.stored_digest and found.stored_digest != found.digest:
        yield "advice as stored", printable(found.stored_digest)
    if found.digest:
        yield "advice repeated", found.digest
        yield "decision", found.decision


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


def _then_and_now(
    what: str, then: Stamp | None, now: Stamp, words: Callable[[Stamp], str]
) -> Iterator[tuple[str, str]]:
    if then is None or then == now:
        yield what, words(now)
    else:
        yield f"{what} then", printable(words(then))
        yield f"{what} now", words(now)


def _departure(departure: Departure) -> Point:
    is_denied = departure.place.startswith("digests.")  # a digest is held against the record that it stands in
    then = Point(_value(departure.stored), lead="stored")
    again = Point(_value(departure.again), lead="taken of it" if is_denied else "repeated")
    return Point(printable(departure.place), (then, again), mark="≠")


def _value(value: Json) -> str:
    text = value if isinstance(value, str) else canonical(value).decode()
    return printable(text if len(text) <= LONGEST else f"{text[:LONGEST]} …")


def _stamp(stamp: KnowledgeStamp) -> str:
    return f"{stamp.digest} ({stamp.id} {stamp.version})"


def _engine(stamp: EngineStamp) -> str:
    return f"{stamp.digest} (metspine {stamp.metspine})"
