"""Why something is so: its proofs, shortest first, and which of the given facts it cannot do without.

That a fact can be spared is not guessed from the proofs: the case is run again without it.
"""

from collections.abc import Iterable, Iterator

from pydantic import Field

from cases.model import Case
from engine import Reasoner
from engine.advice import KnowledgeStamp
from engine.state import ARGUED
from engine.subjects import Subject
from engine.trace import Concluded, Firing, Json, MeasureConclusion, Premise, Record
from explain.asked import SourceCited, asked, cited, exception, found, met, value_words
from explain.conclusions import conclusion_words, fact_of
from explain.finished import Finished, lines_by_path, subject_of
from explain.proofs import Proofs, Way
from explain.targets import Kind, Target, target
from knowledge_base.rules import Basis, Rule
from knowledge_base.values import both


class Ground(Record):
    """One line of a rule: what it asked for, what was found, and who said so."""

    line: str = Field(description="where in the rule, such as when.escc_class")
    fact: str
    test: str = Field(description="the test as the rule writes it")
    asked: str = Field(description="the test in words")
    values: Json = Field(description="what the fact was when the rule read it")
    text: str = Field(description="what was found, and what was asked for where that says more")
    given: bool = Field(description="whether this proof takes it from the case")
    by: tuple[str, ...] = Field((), description="the firings of this proof that concluded it")


class Step(Record):
    """One firing of a proof, with the lines of its rule and what they found."""

    firing: str
    rule: str
    version: str
    subject: str
    title: str
    because: str
    concludes: tuple[str, ...]
    premises: tuple[Ground, ...]
    absent: tuple[Ground, ...] = Field(description="what was looked for, in vain, as an exception")
    sources: tuple[SourceCited, ...]
    basis: Basis = Field(description="the weakest basis among the rule's own sources")
    chain_basis: Basis = Field(description="the weakest basis on the whole chain up to this firing")


class Proof(Record):
    """Firings that are together enough, the conclusion first; each reads what later ones conclude."""

    steps: tuple[Step, ...]
    inputs: tuple[str, ...] = Field(description="the given facts that it starts from")


class Input(Record):
    """A given fact, and what becomes of the conclusion when it is taken away and the case is run again."""

    fact: str
    text: str
    without: str = Field(description="what is then found in place of the conclusion: \"is not known\"")


class Why(Record):
    """Why something is so, or that it is not known."""

    case: str
    knowledge_base: KnowledgeStamp
    kind: Kind
    fact: str = Field(description="the fact explained; for a measure its id")
    subject: str
    text: str = Field(description="what is explained, as a sentence")
    values: Json
    holds: bool = Field(description="false when nothing is known of it, so that there is nothing to explain")
    given: bool = Field(description="whether the case itself says so")
    proofs: tuple[Proof, ...] = Field(description="shortest first")
    more: bool = Field(description="true when there are more proofs than are kept")
    rests_on: tuple[Input, ...] = Field(description="given facts without each of which it no longer follows")
    stands_without: tuple[Input, ...] = Field(description="given facts of a proof, any one of which can be spared")


def why(text: str, case: Case, reasoner: Reasoner, lesion: str | None = None) -> Why:
    """Return why a fact, the status of a pathway, or a measure is as it is.

    Raises ValueError, with the nearest name, for a name that means nothing.
    """
    finished = Finished.of(case, reasoner)
    return explain(target(text, finished.state, lesion), finished)


def explain(about: Target, finished: Finished) -> Why:
    """Return why something is so, after a consultation."""
    return _Explainer(about, finished).why()


class _Explainer:
    def __init__(self, about: Target, finished: Finished) -> None:
        self.about = about
        self.finished = finished
        self.proofs = Proofs(finished)

    def why(self) -> Why:
        finished = self.finished
        holds = self._holds_at_all()
        ways = self._ways() if holds else []
        proofs = tuple(self._proof(way) for way in ways)
        rests_on, stands_without = self._supports(ways) if holds else ((), ())
        return Why(
            case=finished.case.id,
            knowledge_base=finished.stamp,
            kind=self.about.kind,
            fact=self.about.fact or self.about.name,
            subject=str(self.about.subject),
            text=f"{self._label()} {self._answer(finished)}",
            values=finished.facts[self.about.fact].values if self.about.fact else None,
            holds=holds,
            given=any(not way.firings and way.given for way in ways),
            proofs=tuple(proof for proof in proofs if proof.steps),
            more=self.proofs.cut,
            rests_on=rests_on,
            stands_without=stands_without,
        )

    # --- what is explained -------------------------------------------------------------------------------------

    def _holds_at_all(self) -> bool:
        if self.about.kind == "measure":
            return bool(callers(self.finished, self.about))
        return self.finished.facts[self.about.fact].values is not None

    def _ways(self) -> list[Way]:
        if self.about.kind == "measure":
            return self.proofs.of_firings(callers(self.finished, self.about))
        return self.proofs.of_fact(self.about.fact)

    def _label(self) -> str:
        """Return what is asked about, with the lesion that it is of."""
        about, knowledge = self.about, self.finished.knowledge
        place = f" ({about.subject.lesion})" if about.subject.lesion else ""
        if about.kind == "measure":
            return f"{knowledge.measures[about.name].label}{place}"
        attribute = self.finished.attribute(about.fact)
        if attribute.of == "option":
            return f"{knowledge.pathways[about.subject.pathway].label}{place}{':' * (attribute.id in ARGUED)}"
        return f"{attribute.label}{place}"

    def _answer(self, finished: Finished) -> str:
        """Return what was found of it in a run: "is recommended", "is called for"."""
        if self.about.kind == "measure":
            return "is called for" if callers(finished, self.about) else "is not called for"
        attribute, values = finished.attribute(self.about.fact), finished.values(self.about.fact)
        return found(attribute, values) if attribute.id in ARGUED else f"is {value_words(attribute, values)}"

    # --- proofs ------------------------------------------------------------------------------------------------

    def _proof(self, way: Way) -> Proof:
        steps = tuple(self._step(self.finished.firings[name], way) for name in self._in_order(way))
        return Proof(steps=steps, inputs=tuple(sorted(way.given)))

    def _in_order(self, way: Way) -> list[str]:
        """Return the firings of a proof so that each comes before what it leans on, and near to it."""
        done: dict[str, None] = {}

        def visit(name: str) -> None:
            read = dict.fromkeys(premise.fact for premise in self.finished.firings[name].premises)
            for fact in reversed(read):
                for by, _ in reversed(self.finished.voices(fact)):
                    if by in way.firings and by not in done:
                        visit(by)
            done[name] = None

        for name in sorted(way.firings, key=lambda name: self.finished.firings[name].sequence):
            if name not in done and not any(name in self._read_by(other) for other in way.firings):
                visit(name)
        return list(reversed(done))

    def _read_by(self, firing: str) -> set[str]:
        facts = {premise.fact for premise in self.finished.firings[firing].premises}
        return {by for fact in facts for by, _ in self.finished.voices(fact)}

    def _step(self, firing: Firing, way: Way) -> Step:
        unit = self.finished.knowledge.units[firing.rule]
        return Step(
            firing=firing.id,
            rule=firing.rule,
            version=firing.version,
            subject=firing.subject,
            title=firing.title,
            because=firing.because,
            concludes=tuple(conclusion_words(c, self.finished) for c in self._used(firing, way)),
            premises=tuple(self._ground(p, firing, way) for p in firing.premises),
            absent=tuple(self._ground(p, firing, way, is_exception=True) for p in firing.absent),
            sources=cited(self.finished.knowledge, unit.sources),
            basis=firing.basis,
            chain_basis=firing.chain_basis,
        )

    def _used(self, firing: Firing, way: Way) -> list[Concluded]:
        """Return the conclusions of a firing that its proof needs; all of them when it needs none by name."""
        needed = {self.about.fact} | {p.fact for name in way.firings for p in self.finished.firings[name].premises}
        used = [c for c in firing.conclusions if fact_of(c) in needed or self._is_called(c)]
        return used or list(firing.conclusions)

    def _is_called(self, conclusion: Concluded) -> bool:
        return isinstance(conclusion, MeasureConclusion) and conclusion.measure == self.about.name

    def _ground(self, premise: Premise, firing: Firing, way: Way, is_exception: bool = False) -> Ground:
        unit = self.finished.knowledge.units[firing.rule]
        line = lines_by_path(unit).get(premise.line) if isinstance(unit, Rule) else None
        attribute, values = self.finished.attribute(premise.fact), self.finished.values(premise.fact)
        place = place_of(premise.fact, firing.subject, self.finished)
        return Ground(
            line=premise.line,
            fact=premise.fact,
            test=premise.test,
            asked=asked(attribute, line.test) if line else premise.test,
            values=premise.values,
            text=place + (exception if is_exception else met)(attribute, line.test if line else None, values),
            given=not is_exception and premise.fact in way.given,
            by=() if is_exception else tuple(by for by, _ in self.finished.voices(premise.fact) if by in way.firings),
        )

    # --- supports ----------------------------------------------------------------------------------------------

    def _supports(self, ways: Iterable[Way]) -> tuple[tuple[Input, ...], tuple[Input, ...]]:
        """Return the given facts that the conclusion cannot do without, and those of a proof that it can spare."""
        leaned_on = {fact for way in ways for fact in way.given}
        needed: list[Input] = []
        spared: list[Input] = []
        for fact in self._behind():
            rerun = self.finished.without(fact)
            holds = self._still(rerun)
            if holds and fact not in leaned_on:
                continue
            attribute = self.finished.attribute(fact)
            given = self.finished.state.given[subject_of(fact.rpartition(".")[0])][attribute.id]
            said = Input(fact=fact, text=f"{place_of(fact, str(self.about.subject), self.finished)}{found(attribute, given)}", without=self._answer(rerun))
            (spared if holds else needed).append(said)
        return tuple(needed), tuple(spared)

    def _behind(self) -> Iterator[str]:
        """Yield the given facts that what is explained can depend on."""
        knowledge = self.finished.knowledge
        if self.about.kind == "measure":
            fired = {self.finished.firings[name].rule for name in callers(self.finished, self.about)}
            names = {name for rule in fired for name in knowledge.units[rule].reads}
        else:
            names = {self.finished.attribute(self.about.fact).id}
        left = list(names)
        while left:
            read = {name for unit in knowledge.writers[left.pop()] for name in unit.reads} - names
            names |= read
            left.extend(read)
        return (fact for fact in self.finished.given() if self.finished.attribute(fact).id in names)

    def _still(self, rerun: Finished) -> bool:
        """Tell whether a run without some fact finds the same, or narrower."""
        if self.about.kind == "measure":
            return bool(callers(rerun, self.about))
        before, after = self.finished.values(self.about.fact), rerun.values(self.about.fact)
        return both(before, after) == after


def callers(finished: Finished, about: Target) -> list[str]:
    """Return the firings that call for a measure, for the lesion that is asked about or for anyone."""
    lesion = about.subject.lesion
    return [
        firing.id
        for firing in finished.trace.firings
        if any(isinstance(c, MeasureConclusion) and c.measure == about.name for c in firing.conclusions)
        and lesion in ("", subject_of(firing.subject).lesion)
    ]


def place_of(fact: str, subject: str, finished: Finished) -> str:
    """Return whom a fact is about, as the beginning of a sentence, where that is not plain from the subject."""
    about = subject_of(fact.rpartition(".")[0])
    if str(about) in ("patient", subject, subject.partition("/")[0]):
        return ""
    return f"{finished.knowledge.pathways[about.pathway].label}, " if about.pathway else f"{about}: "
