"""What would change the advice: the smallest sets of changes to what is given that lead to another recommendation.

A change gives an input one value that was not among those given (a set, a single other member); everything else stays as
it is, known or unknown. So these are other states of knowledge, not completions. Values that lead to the same are told
together, and each set that is told has been run through the engine.
They are kept apart by what can change or be measured again and what cannot (`fixed` in the vocabulary). In the words of
the literature these are contrastive explanations of least cardinality (Ignatiev, Narodytska, Asher, Marques-Silva 2020).
"""

from itertools import combinations, pairwise

from cases.model import Case
from engine.consultation import Reasoner
from engine.subjects import Subject
from engine.symbolic.asking import Asker, Model
from engine.symbolic.cells import Cells, value_in
from engine.symbolic.circuit import FALSE, TRUE, Circuit, Lit
from engine.symbolic.contrasts import NOTHING, Change, Changes, ChangeSet, ChangeSets, Found, Row, merged
from engine.symbolic.encoding import Encoding, Fact
from engine.symbolic.inputs import Changeable, Input, Settled
from engine.symbolic.prospects import Outcome, completed
from engine.symbolic.running import outcome_of
from knowledge_base.model import KnowledgeBase
from knowledge_base.values import Choices, Numbers, Subsets, Values
from knowledge_base.vocabulary import Attribute

MOST = 60  # sets told of each kind; a primary tumour alone may have forty values


def changes(
    case: Case,
    knowledge: KnowledgeBase,
    lesion: str,
    pathway: str | None = None,
    largest: int = 3,
    reasoner: Reasoner | None = None,
    most: int = MOST,
) -> Changes:
    """Return the smallest sets of at most `largest` changes that lead to another recommendation for a lesion.

    With `pathway`, those that lead to this one being recommended. Give a `reasoner` of this knowledge if there is one.
    """
    engine = reasoner or Reasoner(knowledge)
    now = outcome_of(engine.consult(case), lesion)
    already = pathway is not None and pathway in now
    search = _Search(knowledge, case, Subject(lesion), now, pathway)
    try:
        free, fixed = (NOTHING, NOTHING) if already else search.both(engine, largest, most)
    finally:
        search.asker.close()
    return Changes(
        lesion=lesion, pathway=pathway, recommended=tuple(sorted(now)), already=already, changeable=free, fixed=fixed
    )


def _maker(circuit: Circuit, cells: Cells, attribute: Attribute, given: Values | None) -> Input:
    return (Settled if given is None else Changeable)(circuit, cells, attribute, given)


class _Search:
    """The states of knowledge in which some of what is given is something else, and nothing contradicts."""

    def __init__(
        self, knowledge: KnowledgeBase, case: Case, lesion: Subject, now: Outcome, pathway: str | None
    ) -> None:
        self.knowledge, self.case, self.lesion = knowledge, case, lesion
        self.encoding = Encoding(knowledge, case, _maker)
        self.circuit = self.encoding.circuit
        self.inputs = {f: x for f, x in self.encoding.inputs.items() if isinstance(x, Changeable)}
        for clash in self.encoding.clashes.values():
            self.circuit.require(-clash)
        wanted = self.encoding.recommended(lesion)
        self.wanted = wanted[pathway] if pathway else -self.encoding.is_outcome(lesion, now)
        self.fixed = [fact for fact in self.inputs if knowledge.vocabulary[fact[1]].fixed]
        self.asker = Asker(self.circuit)

    def both(self, engine: Reasoner, largest: int, most: int) -> tuple[ChangeSets, ChangeSets]:
        """Return the smallest sets without anything fixed, and those with."""
        more_than = _counter(self.circuit, [-held.kept for held in self.inputs.values()], largest)
        still = [self.inputs[fact].kept for fact in self.fixed]
        free = self._smallest([*still], more_than, most)
        if not self.fixed:
            return self._told(free, engine, most), NOTHING
        some_fixed = self.circuit.any(-literal for literal in still)
        fixed = self._smallest([some_fixed], more_than, most, check=True)
        return self._told(free, engine, most), self._told(fixed, engine, most)

    def _smallest(self, assumed: list[Lit], more_than: list[Lit], most: int, check: bool = False) -> "list[Found]":
        """Return the sets of the smallest size at which there are any, one more than `most` when there are more."""
        for limit in more_than:
            found: list[Found] = []
            while len(found) <= most and (model := self.asker.model(self.wanted, -limit, *assumed)) is not None:
                row = self._row(model)
                part = self._sufficient_part(row) if check else None
                self._forbid(part or row)
                if part is None:
                    found.append((row, self._outcome(model)))
            if found:
                return found
        return []

    def _outcome(self, model: Model) -> Outcome:
        wanted = self.encoding.recommended(self.lesion)
        return frozenset(name for name, lit in wanted.items() if lit == TRUE or (lit != FALSE and lit in model))

    def _row(self, model: Model) -> Row:
        found = {}
        for fact, held in self.inputs.items():
            if held.kept in model:
                continue
            if held.is_set:
                members = frozenset(m for m, literal in held.chosen.items() if literal in model)
                found[fact] = Subsets(members, members)
            else:
                found[fact] = next(c for c, lit in zip(held.cells, held.choices, strict=True) if lit in model)  # type: ignore[assignment]
        return found  # type: ignore[return-value]

    def _sufficient_part(self, row: Row) -> Row | None:
        """Return a part of a set that leads there without the rest, if there is one."""
        for size in range(1, len(row)):
            for facts in combinations(sorted(row), size):
                still = [held.kept for fact, held in self.inputs.items() if fact not in facts]
                said = [self.inputs[fact].says(row[fact]) for fact in facts]
                if self.asker.can_be(self.wanted, *still, *said):
                    return {fact: row[fact] for fact in facts}
        return None

    def _forbid(self, row: Row) -> None:
        """Forbid a set, and every set that has it as a part."""
        said = [self.circuit.all((self.inputs[fact].says(cell), -self.inputs[fact].kept)) for fact, cell in row.items()]
        self.circuit.require(*(-literal for literal in said))

    # --- telling -----------------------------------------------------------------------------------------------

    def _told(self, rows: "list[Found]", engine: Reasoner, most: int) -> ChangeSets:
        kept = rows[:most]
        sets = sorted((self._set(row, outcome, engine) for row, outcome in merged(kept)), key=_order)
        size = len(rows[0][0]) if rows else None
        return ChangeSets(size=size, sets=tuple(sets), found=len(kept), is_cut=len(rows) > most)

    def _verify(self, row: Row, outcome: Outcome, engine: Reasoner) -> None:
        """Run the engine on one combination of values; it must say what the circuit said."""
        values = {fact: self._representative(fact, cells) for fact, cells in row.items()}
        consultation = engine.consult(completed(self.case, values.items()))
        if consultation.trace.contradictions or outcome_of(consultation, self.lesion.lesion) != outcome:
            raise RuntimeError(f"the symbolic reading and the engine differ on {self.case.id} with {values}")

    def _representative(self, fact: Fact, cells: Values) -> Values:
        if isinstance(cells, Choices):
            return Choices(frozenset({min(cells.members, key=str)}))
        value = value_in(cells, self.knowledge.vocabulary[fact[1]].step)
        assert value is not None, "only cells with a value are chosen"
        return value

    def _set(self, row: Row, outcome: Outcome, engine: Reasoner) -> ChangeSet:
        self._verify(row, outcome, engine)
        told = tuple(self._change(fact, row) for fact in sorted(row))
        return ChangeSet(changes=told, recommended=tuple(sorted(outcome)))

    def _change(self, fact: Fact, row: Row) -> Change:
        subject, name = fact
        attribute, given, values = self.knowledge.vocabulary[name], self.inputs[fact].given, row[fact]
        assert given is not None, "only what is given is changed"
        if isinstance(values, Numbers):
            copies = self.encoding.cells.lines.copies[name]
            alone = sum(other in copies for _, other in row) == 1
            values = attribute.read(attribute.dump(values)) if alone else self._representative(fact, values)
        return Change(
            fact=subject.fact(name),
            given=attribute.dump(given),
            given_text=attribute.sentence(given),
            values=attribute.dump(values),
            text=attribute.sentence(values),
        )


def _order(found: ChangeSet) -> tuple[object, ...]:
    return (found.recommended, [(change.fact, change.text) for change in found.changes])


def _counter(circuit: Circuit, literals: list[Lit], largest: int) -> list[Lit]:
    """Return literals that say that more than 1, 2, … `largest` of these are true: a counter, after Sinz (2005)."""
    at_least = [TRUE, *[FALSE] * (largest + 1)]
    for literal in literals:
        at_least = [
            TRUE,
            *(circuit.any((more, circuit.all((fewer, literal)))) for fewer, more in pairwise(at_least)),
        ]
    return at_least[2:]
