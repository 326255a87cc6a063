"""What a rule that fired said of a pathway, as every explanation tells it, and what it read."""

from pydantic import Field

from engine.subjects import fact_of
from engine.trace import Firing, Record
from explain.asked import SourceCited, cited, found
from explain.finished import Finished
from knowledge_base.rules import Basis, Stance


class Spoken(Record):
    """One rule that spoke for or against a pathway, with what it read and its sources."""

    stance: Stance
    rule: str
    firing: str
    title: str
    because: str
    facts: tuple[str, ...] = Field(description="what the rule read, in words")
    sources: tuple[SourceCited, ...]
    basis: Basis = Field(description="the weakest basis on its chain")


def spoken(firing: Firing, stance: Stance, finished: Finished) -> Spoken:
    """Return what a firing said of a pathway."""
    return Spoken(
        stance=stance,
        rule=firing.rule,
        firing=firing.id,
        title=firing.title,
        because=firing.because,
        facts=read_by(firing, finished),
        sources=cited(finished.knowledge, finished.knowledge.units[firing.rule].sources),
        basis=firing.chain_basis,
    )


def read_by(firing: Firing, finished: Finished) -> tuple[str, ...]:
    """Return what a firing read, in words, each fact once; facts of other subjects say of whom they are."""
    return tuple(dict.fromkeys(_read(premise.fact, firing.subject, finished) for premise in firing.premises))


def _read(fact: str, subject: str, finished: Finished) -> str:
    return place_of(fact, subject, finished) + found(finished.attribute(fact), finished.values(fact))


def place_of(fact: str, subject: str, finished: Finished) -> str:
    """Return whom a fact is about, as the beginning of a sentence, where that is not plain from the subject."""
    about = fact_of(fact)[0]
    if str(about) in ("patient", subject, subject.partition("/")[0]):
        return ""
    return f"{finished.knowledge.pathways[about.pathway].label}, " if about.pathway else f"{about}: "
