"""A proof as data: the firings of one way, each with the lines of its rule and what they found."""

from pydantic import Field

from engine.inference.subjects import Fact
from engine.inference.trace import Concluded, Firing, Json, MeasureConclusion, Premise, Record
from engine.run import Run, lines_by_path
from explain.answers.proofs import Support
from explain.answers.targets import Target
from explain.phrases.arguments import place_of
from explain.phrases.conclusions import concluded_fact, conclusion_words
from explain.phrases.conditions import SourceCited, asked, cited, exception, met
from knowledge_base.language.rules import Basis, Rule


class LineMet(Record):
    """One line of a rule: what it asked for, what was found, and who said so."""

    line: str = Field(description="where in the rule, such as when.escc_class")
    fact: Fact
    test: str = Field(description="the test as the rule writes it")
    asked: str = Field(description="the test in words")
    values: Json = Field(description="what the fact was when the rule read it")
    text: str = Field(description="what was found, and what was asked for where that says more")
    given: bool = Field(description="whether this proof takes it from the case")
    by: tuple[str, ...] = Field((), description="the firings of this proof that concluded it")


class ProofStep(Record):
    """One firing of a proof, with the lines of its rule and what they found."""

    firing: str
    rule: str
    version: str
    subject: str
    title: str
    because: str
    concludes: tuple[str, ...]
    premises: tuple[LineMet, ...]
    absent: tuple[LineMet, ...] = Field(description="what was looked for, in vain, as an exception")
    sources: tuple[SourceCited, ...]
    basis: Basis = Field(description="the weakest basis among the rule's own sources")
    chain_basis: Basis = Field(description="the weakest basis on the whole chain up to this firing")


class Proof(Record):
    """Firings that are together enough, the conclusion first; each reads what later ones conclude."""

    steps: tuple[ProofStep, ...]
    inputs: tuple[Fact, ...] = Field(description="the given facts that it starts from")


class ProofWriter:
    """Writes ways as proofs of what is asked about."""

    def __init__(self, about: Target, run: Run) -> None:
        self.about = about
        self.run = run

    def proof(self, way: Support) -> Proof:
        """Return the proof that a way amounts to, the conclusion first."""
        steps = tuple(self._step(self.run.firings[name], way) for name in self._in_order(way))
        return Proof(steps=steps, inputs=tuple(sorted(way.given, key=str)))

    def _in_order(self, way: Support) -> list[str]:
        """Return the firings of a proof so that each comes before what it leans on, and near to it."""
        done: dict[str, None] = {}

        def visit(name: str) -> None:
            read = dict.fromkeys(premise.fact for premise in self.run.firings[name].premises)
            for fact in reversed(read):
                for by, _ in reversed(self.run.voices(fact)):
                    if by in way.firings and by not in done:
                        visit(by)
            done[name] = None

        for name in sorted(way.firings, key=lambda name: self.run.firings[name].sequence):
            if name not in done and not any(name in self._read_by(other) for other in way.firings):
                visit(name)
        return list(reversed(done))

    def _read_by(self, firing: str) -> set[str]:
        facts = {premise.fact for premise in self.run.firings[firing].premises}
        return {by for fact in facts for by, _ in self.run.voices(fact)}

    def _step(self, firing: Firing, way: Support) -> ProofStep:
        unit = self.run.knowledge.units[firing.rule]
        return ProofStep(
            firing=firing.id,
            rule=firing.rule,
            version=firing.version,
            subject=firing.subject,
            title=firing.title,
            because=firing.because,
            concludes=tuple(conclusion_words(c, self.run) for c in self._used(firing, way)),
            premises=tuple(self._ground(p, firing, way) for p in firing.premises),
            absent=tuple(self._ground(p, firing, way, is_exception=True) for p in firing.absent),
            sources=cited(self.run.knowledge, unit.sources),
            basis=firing.basis,
            chain_basis=firing.chain_basis,
        )

    def _used(self, firing: Firing, way: Support) -> list[Concluded]:
        """Return the conclusions of a firing that its proof needs; all of them when it needs none by name."""
        needed = {self.about.fact} | {p.fact for name in way.firings for p in self.run.firings[name].premises}
        used = [c for c in firing.conclusions if concluded_fact(c) in needed or self._is_called(c)]
        return used or list(firing.conclusions)

    def _is_called(self, conclusion: Concluded) -> bool:
        return isinstance(conclusion, MeasureConclusion) and conclusion.measure == self.about.name

    def _ground(self, premise: Premise, firing: Firing, way: Support, is_exception: bool = False) -> LineMet:
        unit = self.run.knowledge.units[firing.rule]
        line = lines_by_path(unit).get(premise.line) if isinstance(unit, Rule) else None
        attribute, values = self.run.attribute(premise.fact), self.run.values(premise.fact)
        place = place_of(premise.fact, firing.subject, self.run)
        return LineMet(
            line=premise.line,
            fact=premise.fact,
            test=premise.test,
            asked=asked(attribute, line.test) if line else premise.test,
            values=premise.values,
            text=place + (exception if is_exception else met)(attribute, line.test if line else None, values),
            given=not is_exception and premise.fact in way.given,
            by=() if is_exception else tuple(by for by, _ in self.run.voices(premise.fact) if by in way.firings),
        )
