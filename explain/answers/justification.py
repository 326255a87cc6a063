"""Why something is so: its proofs, shortest first, and which of the given facts it cannot do without.

That a fact can be spared is not guessed from the proofs: the case is run again without it.
"""

from collections.abc import Iterable, Iterator

from pydantic import Field

from engine.advice import KnowledgeStamp
from engine.inference.subjects import Fact, Subject
from engine.inference.trace import Json, MeasureConclusion, Record
from engine.inference.working_memory import ARGUED
from engine.run import Run
from explain.answers.proof_steps import Proof, ProofWriter
from explain.answers.proofs import Proofs, Support
from explain.answers.targets import Target, TargetKind, target
from explain.phrases.arguments import place_of
from explain.phrases.conditions import found, value_words
from knowledge_base.language.domains import both


class GivenFact(Record):
    """A given fact, and what becomes of the conclusion when it is taken away and the case is run again."""

    fact: Fact
    text: str
    without: str = Field(description='what is then found in place of the conclusion: "is not known"')


class Why(Record):
    """Why something is so, or that it is not known."""

    case: str
    knowledge_base: KnowledgeStamp
    kind: TargetKind
    fact: str = Field(description="the fact explained; for a measure its id")
    subject: str
    text: str = Field(description="what is explained, as a sentence")
    values: Json
    holds: bool = Field(description="false when nothing is known of it, so that there is nothing to explain")
    warnings: tuple[str, ...] = Field(description="contradictions that a reader must know of first")
    given: bool = Field(description="whether the case itself says so")
    proofs: tuple[Proof, ...] = Field(description="shortest first")
    more: bool = Field(description="true when there are more proofs than are kept")
    rests_on: tuple[GivenFact, ...] = Field(description="given facts without each of which it no longer follows")
    stands_without: tuple[GivenFact, ...] = Field(description="given facts of a proof, any one of which can be spared")


def why(text: str, run: Run, lesion: str | None = None) -> Why:
    """Return why a fact, the status of a pathway, or a measure is as it is.

    Raises ValueError, with the nearest name, for a name that means nothing.
    """
    return explain(target(text, run.state, lesion), run)


def explain(about: Target, run: Run) -> Why:
    """Return why something is so, after a consultation."""
    return _WhyExplainer(about, run).why()


class _WhyExplainer:
    def __init__(self, about: Target, run: Run) -> None:
        self.about = about
        self.run = run
        self.proofs = Proofs(run)

    def why(self) -> Why:
        run = self.run
        holds = self._holds_at_all()
        ways = self._ways() if holds else []
        writer = ProofWriter(self.about, run)
        proofs = tuple(writer.proof(way) for way in ways)
        rests_on, stands_without = self._supports(ways) if holds else ((), ())
        return Why(
            case=run.case.id,
            knowledge_base=run.stamp,
            kind=self.about.kind,
            fact=str(self.about.fact) if self.about.attribute else self.about.name,
            subject=str(self.about.subject),
            text=f"{self._label()} {self._answer(run)}",
            values=run.facts[self.about.fact].values if self.about.attribute else None,
            holds=holds,
            warnings=run.warnings(self.about.fact) if self.about.attribute else (),
            given=any(not way.firings and way.given for way in ways),
            proofs=tuple(proof for proof in proofs if proof.steps),
            more=self.proofs.cut,
            rests_on=rests_on,
            stands_without=stands_without,
        )

    # --- what is explained -------------------------------------------------------------------------------------

    def _holds_at_all(self) -> bool:
        if self.about.kind == "measure":
            return bool(callers(self.run, self.about))
        return self.run.facts[self.about.fact].values is not None

    def _ways(self) -> list[Support]:
        if self.about.kind == "measure":
            return self.proofs.of_firings(callers(self.run, self.about))
        return self.proofs.of_fact(self.about.fact)

    def _label(self) -> str:
        """Return what is asked about, with the lesion that it is of."""
        about, knowledge = self.about, self.run.knowledge
        place = f" ({about.subject.lesion})" if about.subject.lesion else ""
        if about.kind == "measure":
            return f"{knowledge.measures[about.name].label}{place}"
        attribute = self.run.attribute(about.fact)
        if attribute.of == "option":
            return f"{knowledge.pathways[about.subject.pathway].label}{place}{':' * (attribute.id in ARGUED)}"
        return f"{attribute.label}{place}"

    def _answer(self, run: Run) -> str:
        """Return what was found of it in a run: "is recommended", "is called for"."""
        if self.about.kind == "measure":
            return "is called for" if callers(run, self.about) else "is not called for"
        attribute, values = run.attribute(self.about.fact), run.values(self.about.fact)
        return found(attribute, values) if attribute.id in ARGUED else f"is {value_words(attribute, values)}"

    # --- supports ----------------------------------------------------------------------------------------------

    def _supports(self, ways: Iterable[Support]) -> tuple[tuple[GivenFact, ...], tuple[GivenFact, ...]]:
        """Return the given facts that the conclusion cannot do without, and those of a proof that it can spare."""
        leaned_on = {fact for way in ways for fact in way.given}
        needed: list[GivenFact] = []
        spared: list[GivenFact] = []
        for fact in self._behind():
            rerun = self.run.without(fact)
            holds = self._still(rerun)
            if holds and fact not in leaned_on:
                continue
            attribute = self.run.attribute(fact)
            given = self.run.state.given[fact.subject][attribute.id]
            place = place_of(fact, str(self.about.subject), self.run)
            said = GivenFact(fact=fact, text=f"{place}{found(attribute, given)}", without=self._answer(rerun))
            (spared if holds else needed).append(said)
        return tuple(needed), tuple(spared)

    def _behind(self) -> Iterator[Fact]:
        """Yield the given facts that what is explained can depend on."""
        knowledge = self.run.knowledge
        if self.about.kind == "measure":
            fired = {self.run.firings[name].rule for name in callers(self.run, self.about)}
            names = {name for rule in fired for name in knowledge.units[rule].reads}
        else:
            names = {self.run.attribute(self.about.fact).id}
        left = list(names)
        while left:
            read = {name for unit in knowledge.writers[left.pop()] for name in unit.reads} - names
            names |= read
            left.extend(read)
        return (fact for fact in self.run.given() if self.run.attribute(fact).id in names)

    def _still(self, rerun: Run) -> bool:
        """Tell whether a run without some fact finds the same, or narrower."""
        if self.about.kind == "measure":
            return bool(callers(rerun, self.about))
        before, after = self.run.values(self.about.fact), rerun.values(self.about.fact)
        return both(before, after) == after


def callers(run: Run, about: Target) -> list[str]:
    """Return the firings that call for a measure, for the lesion that is asked about or for anyone."""
    lesion = about.subject.lesion
    return [
        firing.id
        for firing in run.trace.firings
        if any(isinstance(c, MeasureConclusion) and c.measure == about.name for c in firing.conclusions)
        and lesion in ("", Subject.of(firing.subject).lesion)
    ]
