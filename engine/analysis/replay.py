"""Stored advice repeated: its inputs and sides are taken from its own record, run again, and all is held beside it.

Whoever has the advice needs nothing else: no case file, no word of how it was asked for. Where something departs, either
the knowledge is another one now, which its digest tells, or the stored advice was altered.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from cases.model import Case
from cases.plain import case_from
from engine.advice import Advice, KnowledgeStamp
from engine.inference.session import Reasoner
from engine.inference.trace import Json, Record
from engine.run import advise
from knowledge_base.canonical_json import digest
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import Invalid, Position, Problem
from knowledge_base.text.strict_yaml import KeyPath, content_of, place_of

MAX_BYTES = 100_000_000
ADVICE = "write it with `metspine advise CASE --format json`"


class Departure(Record):
    """A place of the advice that did not come out the same; null stands for what is not there."""

    place: str = Field(description="such as lesions[0].recommended[0]")
    stored: Json
    again: Json


class Replay(Record):
    """What became of stored advice when it was repeated."""

    case: str
    stored_knowledge: KnowledgeStamp
    knowledge: KnowledgeStamp
    stored_digest: str = Field(description="SHA-256 of the canonical JSON of the stored advice")
    digest: str = Field(description="the same of the advice as it comes out now")
    firings: int = Field(description="how many firings were repeated")
    departures: tuple[Departure, ...] = Field(description="empty when everything is as it was")

    @property
    def is_same(self) -> bool:
        """Tell whether everything came out as it is stored."""
        return self.stored_digest == self.digest


def read_advice(path: Path) -> Advice:
    """Return advice from the JSON file that it is stored in; raise `Invalid` when there is none in it, or not all of it."""
    content = content_of(path, str(path), "JSON", MAX_BYTES)
    try:
        return Advice.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        what = f"{place_of(first['loc']) or 'the whole'}: {first['msg'][:1].lower()}{first['msg'][1:]}"
        problem = Problem(Position(str(path)), "", f"is not stored advice ({what}); {ADVICE}")
        raise Invalid([problem]) from None


def replay(stored: Advice, reasoner: Reasoner) -> Replay:
    """Return what becomes of stored advice; raise `Invalid` when the knowledge cannot read its inputs any more.

    What it was asked for is asked again: what is settled, and what would change it, if that is in it.
    """
    settled = any(lesion.certainty is not None for lesion in stored.lesions)
    planned = any(lesion.plan is not None for lesion in stored.lesions)
    again = advise(inputs_of(stored, reasoner.knowledge), reasoner, settled, stored.neighbours is not None, planned)
    was, now = (json.loads(advice.model_dump_json()) for advice in (stored, again))
    return Replay(
        case=stored.case,
        stored_knowledge=stored.knowledge_base,
        knowledge=again.knowledge_base,
        stored_digest=digest(was),
        digest=digest(now),
        firings=len(again.firings),
        departures=tuple(Departure(place=place_of(place), stored=a, again=b) for place, a, b in _apart(was, now, ())),
    )


def inputs_of(advice: Advice, knowledge: KnowledgeBase) -> Case:
    """Return the case that stored advice was given on, from the facts in its trace that were given."""
    subjects: dict[str, dict[str, Any]] = {"patient": {}, **{lesion.id: {"id": lesion.id} for lesion in advice.lesions}}
    for fact in advice.facts:
        if fact.given is not None:
            attribute = knowledge.vocabulary.get(fact.attribute)
            holder = subjects.setdefault(fact.subject, {"id": fact.subject})
            if attribute is not None and attribute.group:
                holder = holder.setdefault(attribute.group, {})
            holder[attribute.key if attribute is not None else fact.attribute] = fact.given
    patient = subjects.pop("patient")
    data = {"case": advice.case, "title": advice.title, "patient": patient, "lesions": list(subjects.values())}
    data["measures"] = {marked.measure: marked.mark for marked in advice.measures_marked} or None
    return case_from({key: value for key, value in data.items() if value is not None}, knowledge, typed=False)


def _apart(a: Json, b: Json, place: KeyPath) -> Iterator[tuple[KeyPath, Json, Json]]:
    """Yield the places at which two pieces of JSON data differ, as deep as they can be told."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys((*a, *b)):
            yield from _apart(a.get(key), b.get(key), (*place, key))
    elif isinstance(a, list) and isinstance(b, list):
        for i in range(max(len(a), len(b))):
            yield from _apart(a[i] if i < len(a) else None, b[i] if i < len(b) else None, (*place, i))
    elif a != b:
        yield place, a, b
