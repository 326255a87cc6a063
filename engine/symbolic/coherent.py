"""The encoding of patients about whom nothing contradicts anything, in few gates.

The encoding for everyone has to say how the engine goes on where a contradiction leaves nothing. Here it is demanded that
there is none, and counted on: what is found of an input is what is settled of it, and every score of such inputs is one sum.
"""

from cases.model import Case
from engine.inference.subjects import Fact
from engine.symbolic.circuit import Lit
from engine.symbolic.encoding import Encoding, Ground, Members
from engine.symbolic.inputs import Maker
from engine.symbolic.one_hot import OneHotCircuit
from engine.symbolic.partition import Cells
from knowledge_base.language.knowledge import KnowledgeBase


class CoherentEncoding(Encoding):
    """The circuit of one knowledge base for the subjects of one case, without contradictions; none is told of."""

    circuit: OneHotCircuit

    def __init__(self, knowledge: KnowledgeBase, case: Case, maker: Maker) -> None:
        super().__init__(knowledge, case, maker, Ground(Cells(knowledge, case), OneHotCircuit()))
        self.hear_all()

    def _unless_empty(self, fact: Fact, left: list[Lit]) -> tuple[Lit, ...]:
        """Demand that some cell is left, and return what is; of an input that has one value, that it is this value."""
        held = self.inputs.get(fact)
        if held is None or not self.circuit.is_one(held.allowed):
            self.circuit.require(*left)
            return tuple(left)
        for found, cell in zip(held.allowed, left, strict=True):
            self.circuit.require(-found, cell)
        return held.allowed

    def _unless_apart(self, fact: Fact, required: dict[str, Lit], allowed: dict[str, Lit]) -> Members:
        for member, literal in required.items():
            self.circuit.require(-literal, allowed[member])
        return required, allowed
