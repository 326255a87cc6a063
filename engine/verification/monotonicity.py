"""A worse finding never calms: it takes no emergency measure away, makes none less urgent, and silences no last danger.

Which way a finding is worse is declared in the vocabulary (`worse: up`). Two patients are set side by side that differ in
one input only; all gates that do not hang on it are shared, so that the second costs little.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.inference.session import Consultation
from engine.inference.subjects import PATIENT
from engine.symbolic.circuit import FALSE, Lit
from engine.symbolic.partition import value_in
from engine.verification.findings import Finding
from engine.verification.space import LESION, Space
from engine.verification.witness import Disagreement, Witnesses
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import SOON
from knowledge_base.language.vocabulary import Attribute

DANGER = "danger"


@dataclass(frozen=True)
class Obligation:
    """Something that a worse finding must keep: a measure at least so urgent, or (no urgency) any danger alert."""

    name: str
    urgency: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.urgency}".strip()

    @property
    def in_the_end(self) -> tuple[str, str | None]:
        """The attribute of the end in which it stands, and as which member; None for any."""
        return (f"measures_{self.urgency}", self.name) if self.urgency else ("alerts_danger", None)


def calmer(knowledge: KnowledgeBase, name: str, witnesses: Witnesses) -> Iterator[Finding]:
    """Yield what is lost when an input gets worse, one of which the vocabulary says which way that is."""
    worsening = Worsening(knowledge, knowledge.vocabulary[name], witnesses)
    yield from worsening.findings()
    worsening.before.solver.close()


class Worsening:
    """One input in two states, and two patients that are alike in all others."""

    def __init__(self, knowledge: KnowledgeBase, attribute: Attribute, witnesses: Witnesses) -> None:
        self.knowledge = knowledge
        self.attribute = attribute
        self.witnesses = witnesses
        self.fact = (PATIENT if attribute.of == "patient" else LESION).fact(attribute.id)
        self.before = Space(knowledge)
        self.after = self.before.beside(self.fact)

    def findings(self) -> Iterator[Finding]:
        """Yield each thing that can be lost."""
        spaces = (self.before, self.after)
        sound = (lit for space in spaces for lit in (space.is_sound, space.is_coherent))
        demanded = (self.gets_worse, self.before.has_exact_numbers, *sound)
        if self.before.can(*demanded):
            for kept in self._kept():
                if self.before.can(lost := self._lost(kept), *demanded):
                    yield self._finding(kept, (lost, *demanded))

    @property
    def gets_worse(self) -> Lit:
        """That both patients have one value of it, and the second a worse one."""
        step, circuit = self.attribute.step, self.before.circuit
        better, worse = self.before.inputs[self.fact], self.after.inputs[self.fact]
        order = [i for i, cell in enumerate(better.cells) if value_in(cell, step) is not None]
        if (self.attribute.worse == "up") == (self.attribute.type == "yes_no"):
            order.reverse()  # the cells of a yes/no begin with yes
        steps = []
        for place, i in enumerate(order):
            beyond = circuit.any(worse.held[j] for j in order[place + 1 :])
            steps.append(circuit.all((better.held[i], beyond)))
        return circuit.all((better.single, worse.single, circuit.any(steps)))

    def _kept(self) -> Iterator[Obligation]:
        yield Obligation(DANGER)
        yield from (Obligation(name, urgency) for name in self.knowledge.measures for urgency in SOON)

    def _lost(self, kept: Obligation) -> Lit:
        before, after = (space.called(*kept.in_the_end) for space in (self.before, self.after))
        return self.before.circuit.all((before, -after)) if before != FALSE else FALSE

    def _finding(self, kept: Obligation, literals: tuple[Lit, ...]) -> Finding:
        model = self.before.smallest(*literals)
        assert model is not None, "the solver has found such a pair"
        title = f"worse_is_calmer-{self.attribute.id}-{str(kept).replace(' ', '-')}"
        better, worse = self.before.case_of(model, title), self.after.case_of(model, title)
        ends = [self.witnesses.reasoner.consult(case) for case in (better, worse)]
        if not (has(ends[0], kept) and not has(ends[1], kept)):
            raise Disagreement(f"the engine does not confirm {title}: {better}")
        values = self.after.inputs[self.fact].found_in(model)
        assert values is not None
        detail = f"when it gets worse: {self.attribute.sentence(values)}"
        about, position = (self.attribute.id, kept.name), self.attribute.position
        return Finding("worse_is_calmer", about, kept.urgency, position=position, detail=detail, witness=better)


def has(consultation: Consultation, kept: Obligation) -> bool:
    """Tell whether it is so at the end of a consultation, for the first lesion or the patient."""
    said = (conclusion for firing in consultation.firings_about(LESION) for conclusion in firing.conclusions)
    if not kept.urgency:
        return any(c.kind == "alert" and c.level == DANGER for c in said)
    hurried = SOON[: SOON.index(kept.urgency) + 1]
    return any(c.kind == "measure" and c.measure == kept.name and c.urgency in hurried for c in said)
