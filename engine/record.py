"""A decision as a record that explains itself: who asked what of which program and knowledge, the case, the advice, and the
text of every rule that fired or was looked at, with its sources and the words for what it reads.

A record says nothing twice that could differ: what it repeats (the case in the advice, digests) is held against the rest
when it is read. It is read strictly: a repeated key, a number in quotes or a control character is refused by its place.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from cases.model import Case
from cases.plain import case_from
from cases.writing import case_data
from engine.advice import Advice
from engine.decision import Options, advice_digest, decision_digest
from engine.inference.trace import Json, Record
from engine.run import Run
from engine.versions import EngineStamp, engine_stamp
from knowledge_base.canonical_json import digest, numbers
from knowledge_base.language.knowledge import KnowledgeBase, Source
from knowledge_base.language.rules import Basis, Citation, Rule
from knowledge_base.text.errors import Invalid, printable
from knowledge_base.text.strict_json import read_json
from knowledge_base.text.strict_yaml import content_of, place_of

SCHEMA = "metspine.record/1"
SCHEMA_ID = "urn:metspine:schema:record:1"
MAX_BYTES = 100_000_000
HOW = "write one with `metspine advise CASE --format record`"


class RecordedRule(Record):
    """A rule, or a step of a score, as it stood when it fired or was looked at."""

    version: str = Field(description="first 12 hexadecimal digits of the SHA-256 of its text")
    title: str
    because: str
    basis: Basis
    sources: tuple[Citation, ...]
    text: Json = Field(description="the rule as its file writes it; of a score step, what it reads and its table")


class RecordedSource(Record):
    citation: str
    link: str | None
    read: str = Field(description="what was at hand when the knowledge was written")


class RecordedLabel(Record):
    label: str
    unit: str | None = None
    values: dict[str, str] | None = None


class Labels(Record):
    """Words for the names that the rules use."""

    attributes: dict[str, RecordedLabel]
    pathways: dict[str, str]
    measures: dict[str, str]


class Digests(Record):
    """SHA-256 of canonical JSON (RFC 8785), as 64 hexadecimal digits."""

    decision: str = Field(description="of the advice without what options add: the digest that every output shows")
    advice: str = Field(description="of the whole advice")
    record: str = Field(description="of this record without this field")


class DecisionRecord(Record):
    """One decision, as it is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_: Literal["metspine.record/1"] = Field("metspine.record/1", alias="schema")
    engine: EngineStamp
    options: Options
    case_file_sha256: str | None = Field(
        pattern="^[0-9a-f]{64}$", description="of the bytes of the case file; null when there was none"
    )
    settings: tuple[str, ...] = Field(
        (), exclude_if=lambda said: not said, description="values given beside the case file, as typed; `case` has them"
    )
    case: dict[str, Any] = Field(description="the case in the words of the vocabulary, with all values given beside it")
    advice: Advice
    rules: dict[str, RecordedRule] = Field(description="every rule that fired or that still waits for an input")
    sources: dict[str, RecordedSource]
    labels: Labels
    digests: Digests

    def text(self) -> str:
        """Return the record as JSON, as it is stored."""
        return self.model_dump_json(by_alias=True, indent=2)

    @property
    def around(self) -> dict[str, Any]:
        """What stands around the advice and follows from case and knowledge, as JSON."""
        return self.model_dump(mode="json", include={"case", "rules", "sources", "labels"})


def record_of(run: Run, advice: Advice, options: Options) -> DecisionRecord:
    """Return the record of advice that a run gave."""
    unsealed = DecisionRecord(
        engine=engine_stamp(),
        options=options,
        case_file_sha256=run.case.file_sha256,
        settings=run.case.settings,
        advice=advice,
        **around(advice, run.case, run.knowledge),
        digests=Digests(decision=decision_digest(advice), advice=advice_digest(advice), record=""),
    )
    sealed = unsealed.digests.model_copy(update={"record": seal(unsealed)})
    return unsealed.model_copy(update={"digests": sealed})


def around(advice: Advice, case: Case, knowledge: KnowledgeBase) -> dict[str, Any]:
    """Return the case as it is written, the rules that advice came from or waits for, their sources and words for names."""
    rules = _rules(advice, knowledge)
    return {
        "case": case_data(case, knowledge, typed=False),
        "rules": rules,
        "sources": _sources(rules, knowledge),
        "labels": _labels(advice, knowledge),
    }


def seal(record: DecisionRecord) -> str:
    """Return what the digest of a record must be."""
    return digest(numbers(record.model_dump(mode="json", by_alias=True, exclude={"digests": {"record"}})))


def case_of_record(record: DecisionRecord, knowledge: KnowledgeBase) -> Case:
    """Return the case of a record; raise `Invalid` when the knowledge cannot read it."""
    return case_from(record.case, knowledge, typed=False)


def read_record(path: Path) -> DecisionRecord:
    """Return the record in a file; raise `Invalid` when there is none, or something in it could not have been written."""
    content = content_of(path, str(path), "JSON", MAX_BYTES)
    return record_from(content, str(path))


def record_from(content: bytes, name: str) -> DecisionRecord:
    """Return the record in JSON; raise `Invalid` by place."""
    read_json(content, name)
    try:
        return DecisionRecord.model_validate_json(content, strict=True)
    except ValidationError as error:
        raise unreadable(error, name, f"a record of the format {SCHEMA}", HOW) from None


def unreadable(error: ValidationError, name: str, what: str, how: str) -> Invalid:
    """Return what is wrong with a file, at the first place of those that are."""
    first = error.errors(include_url=False)[0]
    place = printable(place_of(first["loc"])) or "the whole"
    return Invalid.at(name, f"is not {what} ({place}: {first['msg'][:1].lower()}{first['msg'][1:]}); {how}")


def _rules(advice: Advice, knowledge: KnowledgeBase) -> dict[str, RecordedRule]:
    looked_at = (
        argument.rule for lesion in advice.lesions for option in lesion.options for argument in option.open_arguments
    )
    names = sorted({*(firing.rule for firing in advice.firings), *looked_at})
    return {name: _rule(name, knowledge) for name in names}


def _rule(name: str, knowledge: KnowledgeBase) -> RecordedRule:
    unit = knowledge.units[name]
    if isinstance(unit, Rule):
        written: Json = unit.text.as_written
    else:
        read = knowledge.vocabulary[unit.reads[0]]
        result = knowledge.vocabulary[unit.attribute]
        rows = [{"is": read.dump(row.accepted), "gives": result.dump(row.result)} for row in unit.rows]
        written = {"score": unit.score, "reads": list(unit.reads), "gives": unit.attribute, "rows": rows}
    return RecordedRule(
        version=unit.version,
        title=unit.title,
        because=unit.because,
        basis=unit.basis,
        sources=tuple(unit.sources),
        text=written,
    )


def _sources(rules: dict[str, RecordedRule], knowledge: KnowledgeBase) -> dict[str, RecordedSource]:
    cited = sorted({citation.ref for rule in rules.values() for citation in rule.sources})
    return {ref: _source(knowledge.sources[ref]) for ref in cited}


def _source(source: Source) -> RecordedSource:
    return RecordedSource(citation=source.citation, link=source.link, read=source.read)


def _labels(advice: Advice, knowledge: KnowledgeBase) -> Labels:
    names = sorted({fact.attribute for fact in advice.facts})
    return Labels(
        attributes={name: _label(name, knowledge) for name in names},
        pathways={name: pathway.label for name, pathway in knowledge.pathways.items()},
        measures={measure.measure: measure.label for measure in advice.measures},
    )


def _label(name: str, knowledge: KnowledgeBase) -> RecordedLabel:
    attribute = knowledge.vocabulary[name]
    return RecordedLabel(
        label=attribute.label,
        unit=attribute.unit,
        values=None if attribute.values is None else {str(value): text for value, text in attribute.values.items()},
    )
