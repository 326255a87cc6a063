"""What a case comes to under other sides, or given otherwise, at a glance: without reasons, premises and order.

Where nobody will see a trace, Experta need not write one. All variants of a case go together through the program that has a
switch for each side, one bit each; what it is not exact for goes to Experta. Both give the same (see the tests). The
program is made once so much has been asked that it pays, and kept beside built-in knowledge.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cases.model import Case
from engine.inference.session import Consultation, Reasoner
from engine.inference.subjects import Fact, Subject, Subjects
from engine.symbolic.kept_programs import kept_sided_program
from engine.symbolic.program import SWITCH, Inexact, Intake, Kind, Output, Program, refuse_inexact, slot
from engine.symbolic.switched import sided_program
from engine.verdicts import STATUSES, Status, Verdict, verdict, verdict_of
from knowledge_base.language.disputes import side_of
from knowledge_base.language.knowledge import ByIdentity, KnowledgeBase
from knowledge_base.language.rules import AlertEntry, MeasureEntry
from knowledge_base.loading.frameworks import HOME

WORTH_IT = 8  # consultations by Experta take as long as making a program
Sides = Mapping[str, str]  # of each dispute, the side that is on
Variant = tuple[Case, Sides]
Fired = frozenset[tuple[str, Subject]]


@dataclass(frozen=True)
class Glance:
    """A verdict, what fired for whom, and about which facts something contradicts itself."""

    verdict: Verdict
    fired: Fired
    contradictions: frozenset[Fact]

    @classmethod
    def of(cls, consultation: Consultation) -> "Glance":
        """Return a finished consultation at a glance."""
        fired = frozenset((firing.rule, Subject.of(firing.subject)) for firing in consultation.firings)
        clashes = frozenset(clash.fact for clash in consultation.trace.contradictions)
        return cls(verdict_of(consultation), fired, clashes)


def glances(reasoner: Reasoner, variants: Sequence[Variant]) -> list[Glance]:
    """Return what each variant comes to, in order."""
    programs = _programs(ByIdentity(reasoner.knowledge))
    found: dict[int, Glance] = {}
    for lesions in {len(case.lesions) for case, _ in variants}:
        same = {i: v for i, v in enumerate(variants) if len(v[0].lesions) == lesions and programs.take(v[0])}
        if same and (program := programs.of(lesions, len(same))) is not None:
            found |= zip(same, _VariantPass(programs, program, list(same.values())).glances(), strict=True)
    return [
        found[i] if i in found else Glance.of(reasoner.consult(case, reasoner.knowledge.with_sides(sides)))
        for i, (case, sides) in enumerate(variants)
    ]


@lru_cache(maxsize=8)
def _programs(knowledge: ByIdentity) -> "_Programs":
    return _Programs(knowledge.base)


class _Programs:
    """The programs of a knowledge base by number of lesions, and what their outputs mean."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.knowledge = knowledge
        self.intake = Intake(knowledge.whole)
        self.is_exact = knowledge.is_whole and _is_exact(knowledge)
        self.is_kept = knowledge.is_as_read and knowledge.origin is not None and knowledge.origin.parent == HOME
        self._asked: Counter[int] = Counter()
        self._made: dict[int, Program] = {}
        telling = [rule for rule in knowledge.whole.rules.values() if rule.measures or rule.alerts]
        self.telling = sorted(telling, key=lambda rule: (knowledge.stratum(rule), rule.id))  # as Experta fires them

    def take(self, case: Case) -> bool:
        """Tell whether a program is exact for a case."""
        return self.is_exact and self.intake.takes(case)

    def of(self, lesions: int, times: int) -> Program | None:
        """Return the program to be asked so many times; None as long as it is not there and Experta is quicker."""
        if lesions not in self._made:
            self._asked[lesions] += times
            is_worth_it = self._asked[lesions] > WORTH_IT
            if self.is_kept:
                program = kept_sided_program(self.knowledge, lesions, make=is_worth_it)
            else:
                program = sided_program(self.knowledge, lesions) if is_worth_it else None
            if program is None:
                return None
            self._made[lesions] = program
        return self._made[lesions]


def _is_exact(knowledge: KnowledgeBase) -> bool:
    try:
        refuse_inexact(knowledge.whole)
    except Inexact:
        return False
    return True


class _VariantPass:
    """One pass of some variants, one bit each, through a program."""

    def __init__(self, programs: _Programs, program: Program, variants: Sequence[Variant]) -> None:
        self.programs, self.program, self.variants = programs, program, variants
        numbers = programs.intake.packed(program, [case for case, _ in variants])
        for place, (_, name, part) in enumerate(program.inputs):
            if part == SWITCH:
                numbers[place] = self._switch(name)
        self.results = program.run(numbers, (1 << len(variants)) - 1)

    def _switch(self, name: str) -> int:
        dispute, side = side_of(name)
        return sum(1 << i for i, (_, sides) in enumerate(self.variants) if sides[dispute] == side)

    def glances(self) -> Iterator[Glance]:
        """Yield what each variant comes to, in order."""
        kinds: tuple[Kind, ...] = ("fired", "status", "stopped")
        said = {kind: self._by_variant(self.program.of(kind)) for kind in kinds}
        clashes = self._by_variant((*self.program.of("inputs"), *self.program.of("rules")))
        pathways = self.programs.knowledge.pathways
        for i, (case, _) in enumerate(self.variants):
            ids = {slot(j): lesion.id for j, lesion in enumerate(case.lesions)} | {"": ""}
            fired = frozenset((name, Subject(ids[on], pathway)) for _, on, pathway, name, _ in said["fired"][i])
            stopped = {ids[on] for _, on, _, _, _ in said["stopped"][i]}
            statuses: dict[Subject, Status] = dict.fromkeys(Subjects.of_case(case, pathways).of("option"), "open")
            for _, on, pathway, status, _ in said["status"][i]:
                if ids[on] not in stopped:
                    statuses[Subject(ids[on], pathway)] = _STATUS[status]
            facts = frozenset(Subject(ids[on], pathway).fact(name) for _, on, pathway, name, _ in clashes[i])
            yield Glance(verdict(statuses, self._conclusions(fired)), fired, facts)

    def _by_variant(self, outputs: Iterable[tuple[int, Output]]) -> list[list[Output]]:
        """Return the outputs that are so of each variant."""
        found: list[list[Output]] = [[] for _ in self.variants]
        for place, output in outputs:
            number = self.results[place]
            while number:
                found[(number & -number).bit_length() - 1].append(output)
                number &= number - 1
        return found

    def _conclusions(self, fired: Fired) -> Iterator[tuple[str, MeasureEntry | AlertEntry]]:
        """Yield what rules have said beside arguments, in the order in which Experta fires them."""
        names = {name for name, _ in fired}
        for rule in self.programs.telling:
            if rule.id in names:
                yield from ((rule.id, c) for c in rule.conclusions if isinstance(c, MeasureEntry | AlertEntry))


_STATUS: Mapping[str, Status] = {status: status for status in STATUSES}
