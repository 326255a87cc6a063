"""A stored decision repeated: its inputs, sides and options are taken from its own record, and all is held beside it.

A record needs nothing else: no case file, no word of how it was asked for. Advice without a record is repeated too, from the
facts in its trace; which program gave it is not known then. What became of it is one of six verdicts, and where something
departs, the places are told.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from cases.model import Case
from cases.plain import case_from
from engine.advice import Advice, KnowledgeStamp
from engine.decision import Options, advice_digest, decision_digest
from engine.inference.session import Reasoner
from engine.inference.trace import Json, Record
from engine.record import MAX_BYTES, SCHEMA, DecisionRecord, around, case_of_record, record_from, seal, unreadable
from engine.run import Run
from engine.versions import EngineStamp, engine_stamp
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.text.errors import Invalid
from knowledge_base.text.strict_json import differences, read_json
from knowledge_base.text.strict_yaml import content_of, place_of

ADVICE = "write it with `metspine advise CASE --format record`"
Verdict = Literal["same", "altered", "other_knowledge", "other_engine", "other_options", "other_schema"]


class Departure(Record):
    """A place of the advice that did not come out the same; null stands for what is not there."""

    place: str = Field(description="such as lesions[0].recommended[0]")
    stored: Json
    again: Json


class Replay(Record):
    """What became of a stored decision when it was repeated."""

    verdict: Verdict = Field(
        description="same; altered (knowledge and program are the same, or its own digests deny it); or what else differs "
        "from then: the knowledge, the program, the options that its record names, the format of the record"
    )
    case: str
    stored_knowledge: KnowledgeStamp | None = Field(description="null where the format is another")
    knowledge: KnowledgeStamp
    stored_engine: EngineStamp | None = Field(description="null where the record does not say")
    engine: EngineStamp
    stored_digest: str = Field(description="SHA-256 of the canonical JSON of the stored advice")
    digest: str = Field(description="the same of the advice as it comes out now")
    decision: str = Field(description="the digest of the decision as it comes out now, as every output shows it")
    firings: int = Field(description="how many firings were repeated")
    departures: tuple[Departure, ...] = Field(description="empty when everything is as it was")

    @property
    def is_same(self) -> bool:
        """Tell whether everything came out as it is stored."""
        return self.verdict == "same"


class OtherSchema(Record):
    """A record of a format that this program does not read."""

    schema_: str


Stored = DecisionRecord | Advice | OtherSchema


def read_stored(path: Path) -> Stored:
    """Return the record, or the advice alone, in a JSON file; raise `Invalid` when it holds neither, or not all of it."""
    return stored_in(content_of(path, str(path), "JSON", MAX_BYTES), str(path))


def stored_in(content: bytes, name: str) -> Stored:
    """Return the record, or the advice alone, in JSON; raise `Invalid` by place."""
    data = read_json(content, name)
    if isinstance(data, dict) and "schema" in data:
        if data["schema"] != SCHEMA:
            return OtherSchema(schema_=str(data["schema"]))
        return record_from(content, name)
    try:
        return Advice.model_validate_json(content, strict=True)
    except ValidationError as error:
        raise unreadable(error, name, "stored advice", ADVICE) from None


def stamp_in(stored: Stored) -> KnowledgeStamp | None:
    """Return which knowledge gave a stored decision."""
    if isinstance(stored, OtherSchema):
        return None
    return (stored.advice if isinstance(stored, DecisionRecord) else stored).knowledge_base


def replay(stored: Stored, reasoner: Reasoner) -> Replay:
    """Return what becomes of a stored decision; raise `Invalid` when the knowledge that gave it cannot read its inputs."""
    if isinstance(stored, OtherSchema):
        return _unread(
            "other_schema", stored, reasoner, [Departure(place="schema", stored=stored.schema_, again=SCHEMA)]
        )
    record = stored if isinstance(stored, DecisionRecord) else None
    advice = record.advice if record else stored
    assert isinstance(advice, Advice)
    denied = tuple(denials(record)) if record else ()
    options = record.options if record else Options.seen_in(advice)
    try:
        case = case_of_record(record, reasoner.knowledge) if record else inputs_of(advice, reasoner.knowledge)
    except Invalid as invalid:
        if advice.knowledge_base.digest == reasoner.knowledge.digest:
            raise
        unread = [Departure(place=p.position.file, stored=None, again=p.message) for p in invalid.problems]
        return _unread("altered" if denied else "other_knowledge", stored, reasoner, [*denied, *unread])
    again = Run(case, reasoner).advised(options.settle, options.vary, options.plan)
    was, now = (json.loads(one.model_dump_json()) for one in (advice, again))
    if record and again.knowledge_base.digest == advice.knowledge_base.digest:
        was["record"] = record.around
        now["record"] = record.model_copy(update=around(again, case, reasoner.knowledge)).around
    apart = tuple(Departure(place=place_of(path), stored=a, again=b) for path, a, b in differences(was, now))
    return Replay(
        verdict=_verdict(record, advice, again, bool(denied), bool(apart)),
        case=advice.case,
        stored_knowledge=advice.knowledge_base,
        knowledge=again.knowledge_base,
        stored_engine=record.engine if record else None,
        engine=engine_stamp(),
        stored_digest=advice_digest(advice),
        digest=advice_digest(again),
        decision=decision_digest(again),
        firings=len(again.firings),
        departures=(*denied, *apart),
    )


def _verdict(record: DecisionRecord | None, was: Advice, now: Advice, is_denied: bool, departs: bool) -> Verdict:
    if is_denied:
        return "altered"
    if was.knowledge_base.digest != now.knowledge_base.digest:
        return "other_knowledge"
    if not departs:
        return "same"
    if record is not None and not record.engine.is_like(engine_stamp()):
        return "other_engine"
    if decision_digest(was) == decision_digest(now) and _lacks_an_option(record, was):
        return "other_options"
    return "altered"


def _lacks_an_option(record: DecisionRecord | None, advice: Advice) -> bool:
    """Tell whether something that a record says was asked for is wholly missing, or was not asked for and is there."""
    return record is not None and record.options != Options.seen_in(advice)


def denials(record: DecisionRecord) -> list[Departure]:
    """Return where a record denies itself: digests that are not those of what it holds, a case that is not its case."""
    held: dict[str, tuple[Json, Json]] = {
        "digests.decision": (record.digests.decision, decision_digest(record.advice)),
        "digests.advice": (record.digests.advice, advice_digest(record.advice)),
        "digests.record": (record.digests.record, seal(record)),
        "case.case": (record.case.get("case"), record.advice.case),
        "case.title": (record.case.get("title"), record.advice.title),
    }
    return [Departure(place=place, stored=a, again=b) for place, (a, b) in held.items() if a != b]


def _unread(verdict: Verdict, stored: Stored, reasoner: Reasoner, departures: Iterable[Departure]) -> Replay:
    """Return what becomes of a decision whose inputs were not read, so that nothing was repeated."""
    record = stored if isinstance(stored, DecisionRecord) else None
    advice = record.advice if record else stored if isinstance(stored, Advice) else None
    return Replay(
        verdict=verdict,
        case=advice.case if advice else "",
        stored_knowledge=stamp_in(stored),
        knowledge=KnowledgeStamp.of(reasoner.knowledge),
        stored_engine=record.engine if record else None,
        engine=engine_stamp(),
        stored_digest="",
        digest="",
        decision="",
        firings=0,
        departures=tuple(departures),
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
