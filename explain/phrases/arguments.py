"""What a rule that fired said of a pathway, as every explanation tells it, and what it read."""

from pydantic import Field

from engine.inference.subjects import Fact
from engine.inference.trace import Firing, Record
from engine.run import Run
from explain.phrases.conditions import SourceCited, cited, found
from knowledge_base.language.rules import Basis, Stance


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


def spoken(firing: Firing, stance: Stance, run: Run) -> Spoken:
    """Return what a firing said of a pathway."""
    return Spoken(
        stance=stance,
        rule=firing.rule,
        firing=firing.id,
        title=firing.title,
        because=firing.because,
        facts=read_by(firing, run),
        sources=cited(run.knowledge, run.knowledge.units[firing.rule].sources),
        basis=firing.chain_basis,
    )


def read_by(firing: Firing, run: Run) -> tuple[str, ...]:
    """Return what a firing read, in words, each fact once; facts of other subjects say of whom they are."""
    return tuple(dict.fromkeys(_read(premise.fact, firing.subject, run) for premise in firing.premises))


def _read(fact: Fact, subject: str, run: Run) -> str:
    return place_of(fact, subject, run) + found(run.attribute(fact), run.values(fact))


def place_of(fact: Fact, subject: str, run: Run) -> str:
    """Return whom a fact is about, as the beginning of a sentence, where that is not plain from the subject."""
    about = fact.subject
    if str(about) in ("patient", subject, subject.partition("/")[0]):
        return ""
    return f"{run.knowledge.pathways[about.pathway].label}, " if about.pathway else f"{about}: "
