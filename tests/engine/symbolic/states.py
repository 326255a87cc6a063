"""The symbolic reading of one state of knowledge beside the engine's: fired rules, possible values, contradictions."""

from collections.abc import Iterator

from pysat.solvers import Solver

from cases.model import Case
from engine import Reasoner
from engine.inference.subjects import Fact, Subject
from engine.symbolic.circuit import TRUE, Circuit
from engine.symbolic.encoding import Encoding
from engine.symbolic.inputs import Input, Maker, Settled
from knowledge_base import KnowledgeBase
from knowledge_base.language.domains import Subsets, Values, both


class Free(Input):
    """An input of which nothing is fixed: any state of knowledge whatever."""

    def _make_set(self, values: Subsets) -> None:
        self.allowed_members = {m: self.circuit.free() for m in self.attribute.names}
        self.required = {m: self.circuit.free() for m in self.attribute.names}

    def _make_cells(self, met: frozenset[int]) -> None:
        self.met = met
        self.allowed = tuple(self.circuit.free() for _ in self.cells)
        self.single = self.circuit.free()

    def as_given(self) -> Iterator[int]:
        """Yield the literals that say what is given."""
        if isinstance(self.values, Subsets):
            yield from (lit if m in self.values.allowed else -lit for m, lit in self.allowed_members.items())
            yield from (lit if m in self.values.required else -lit for m, lit in self.required.items())
            return
        yield from (lit if i in self.met else -lit for i, lit in enumerate(self.allowed))
        yield self.single if self.values.is_single else -self.single


class Reading:
    """The symbolic reading of one state, with all of it free (and then assumed), or all of it constant."""

    def __init__(self, knowledge: KnowledgeBase, case: Case, maker: Maker) -> None:
        self.encoding = Encoding(knowledge, case, maker)
        self.firings = {
            (rule.id, str(subject)): self.encoding.fires(rule.id, subject)
            for rule in knowledge.rules.values()
            for subject in self.encoding.subjects(rule.subject)
        }
        self.facts = {
            (subject, name): self.encoding.known(subject, name)
            for name, attribute in knowledge.vocabulary.items()
            for subject in self.encoding.subjects(attribute.of)
        }
        self.clashes = self.encoding.clashes
        self.truths = self._truths(self.encoding.circuit)

    def _truths(self, circuit: Circuit) -> set[int]:
        """Return the literals that are true when what is given is given."""
        free = [held for held in self.encoding.inputs.values() if isinstance(held, Free)]
        with Solver("cadical153", bootstrap_with=circuit.clauses) as solver:
            assert solver.solve([literal for held in free for literal in held.as_given()])
            return {TRUE, *solver.get_model()}

    def differences(self, reasoner: Reasoner) -> list[str]:
        """Return everything in which the engine differs from this."""
        consultation = reasoner.consult(self.encoding.case)
        rules = self.encoding.knowledge.rules
        fired = {(f.rule, f.subject) for f in consultation.trace.firings if f.rule in rules}
        found = {firing for firing, literal in self.firings.items() if literal in self.truths}
        clashes = {c.fact for c in consultation.trace.contradictions}
        clashed = {subject.fact(name) for (subject, name), literal in self.clashes.items() if literal in self.truths}
        differ = [f"fired {sorted(fired ^ found)}"] if fired != found else []
        differ += [f"contradictions {sorted(clashes ^ clashed)}"] if clashes != clashed else []
        return differ + [text for fact, held in consultation.state.values.items() for text in self._of_fact(fact, held)]

    def _of_fact(self, fact: Fact, held: Values) -> Iterator[str]:
        subject, name = fact
        if (self.facts[fact] in self.truths) != held.is_single:
            yield f"{subject}.{name}: {held} but known is {not held.is_single}"
        if isinstance(held, Subsets):
            found = [{m for m, lit in lits.items() if lit in self.truths} for lits in self.encoding.members(*fact)]
            if found != [held.required, held.allowed]:
                yield f"{subject}.{name}: {held} but {found}"
            return
        for cell, literal in zip(self.encoding.cells.of(name), self.encoding.possible(*fact), strict=True):
            if both(cell, held).is_empty == (literal in self.truths):
                yield f"{subject}.{name}: {held} but {cell} is {literal in self.truths}"


def disagreements(knowledge: KnowledgeBase, reasoner: Reasoner, case: Case) -> list[str]:
    """Return everything on which the engine and the symbolic reading differ, with inputs free, and with them constant."""
    return [text for maker in (Free, Settled) for text in Reading(knowledge, case, maker).differences(reasoner)]


def subject_of(text: str) -> Subject:
    return Subject() if text == "patient" else Subject(*text.split("/"))
