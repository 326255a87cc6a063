"""Whether a pathway can still come to be recommended for a lesion, by which answers, and if never, why.

Asked of all completions of what a case leaves open, as in `engine.analysis.certainty`. Of the many completions that
lead somewhere one is shown, and it is chosen to be the least remarkable: where it can be, nothing else is
recommended, nothing is ruled out, wishes of the patient stay unsaid, all is as in the usual patient, a lesion has few
levels, and few answers decide.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from engine.inference.subjects import PATIENT, Subject
from engine.symbolic.circuit import FALSE, TRUE, Lit
from engine.symbolic.completions import Answers, Completions
from knowledge_base.language.domains import Choices, apart
from knowledge_base.language.rules import AGAINST, Rule


@dataclass(frozen=True)
class Route:
    """Few answers by which a pathway gets a status, whatever else is known.

    `ruling_out` are the rules by which what is said of the patient excludes another pathway, where it takes that.
    """

    answers: tuple[str, ...]
    ruling_out: tuple[str, ...]


@dataclass(frozen=True)
class Hindrance:
    """A rule that recommends a pathway, and what keeps it from being heard in every completion."""

    rule: Rule
    by: tuple[Rule, ...]  # rules against the pathway that fire whenever it does; empty when it never fires


class Reaching:
    """One case, asked about pathways."""

    def __init__(self, completions: Completions, plausible: bool = False) -> None:
        """Ask of all completions, or of the `plausible` ones alone: of the usual patient, numbers within reason.

        Completions of which only plausible ones are asked are of no further use for anything else.
        """
        self.knowledge = completions.knowledge
        self.completions = completions
        self.encoding = self.completions.encoding
        self.solver = self.completions.solver
        self.circuit = self.encoding.circuit
        if plausible:
            self._demand_the_plausible()
        self.inputs = sorted(self.completions.inputs.items(), key=lambda item: str(item[0]))
        self.silence = [held.unsaid for _, held in self.inputs if held.unsaid != FALSE]
        self.quiet = self._kept([], self.silence)
        self.modest = [*self._wishes_unsaid(), *self._usual(), *self._few_levels()]

    def _demand_the_plausible(self) -> None:
        for literal in self.completions.usual:
            self.circuit.require(literal)
        for fact in self.completions.unknown:
            held = self.completions.inputs[fact]
            bounds = held.attribute.plausible_values
            cells = zip(held.cells, held.choices, strict=True) if bounds is not None else ()
            inside = [choice for cell, choice in cells if not apart(cell, bounds or cell)]
            if inside and self.solver.can_be(self.circuit.any((*inside, held.unsaid))):
                self.circuit.require(*inside, held.unsaid)

    def _wishes_unsaid(self) -> list[Lit]:
        return [held.unsaid for _, held in self.inputs if held.attribute.class_ == "wish" and held.unsaid != FALSE]

    def _usual(self) -> list[Lit]:
        findings = (held for _, held in self.inputs if held.is_open and not held.attribute.may_stay_unsaid)
        return [held.usual for held in findings if held.usual != FALSE]

    def _few_levels(self) -> list[Lit]:
        chosen = [lit for _, held in self.inputs if held.is_set for lit in held.chosen.values()]
        return [-lit for lit in chosen if lit not in (TRUE, FALSE)]

    # --- reaching it -------------------------------------------------------------------------------------------

    def way_to(self, lesion: Subject, pathways: Collection[str], statuses: Collection[str]) -> Route | None:
        """Return how one of the pathways can get one of these statuses for a lesion; None if it cannot."""
        goal = self.circuit.any(self._has_status(lesion, pathway, statuses) for pathway in sorted(pathways))
        if not self.solver.can_be(goal):
            return None
        excluding = self._excluding(lesion)
        ordinary = [*self._nothing_else(lesion, pathways)] if set(statuses) == {"recommended"} else []
        answers = self._fewest(
            goal, self._kept([goal], [*ordinary, *(-fires for fires in excluding.values()), *self.modest])
        )
        said = [literal for fact, literal in self.completions.says(answers).items() if fact.subject == PATIENT]
        patient = self._kept(said, self.silence)
        needed = (rule for rule, fires in excluding.items() if self._is_needed(fires, goal, patient))
        return Route(tuple(self._words(answers)), tuple(sorted(needed)))

    def _is_needed(self, fires: Lit, goal: Lit, patient: list[Lit]) -> bool:
        """Tell whether a rule must fire for the goal, need not without it, and does by what is said of the patient."""
        idle = self.solver.can_be(*self.quiet, -fires)
        return idle and not (self.solver.can_be(goal, -fires) or self.solver.can_be(*patient, -fires))

    def is_certain(self, lesion: Subject, pathways: Collection[str]) -> bool:
        """Tell whether one of the pathways is recommended whatever turns out."""
        each = [self._has_status(lesion, pathway, ["recommended"]) for pathway in sorted(pathways)]
        return not self.solver.can_be(*(-literal for literal in each))

    def _has_status(self, lesion: Subject, pathway: str, statuses: Collection[str]) -> Lit:
        possible = self.encoding.possible(Subject(lesion.lesion, pathway), "status")
        cells = [cell for cell in self.encoding.cells.of("status") if isinstance(cell, Choices)]
        return self.circuit.all(
            -literal for cell, literal in zip(cells, possible, strict=True) if cell.members.isdisjoint(statuses)
        )

    def _nothing_else(self, lesion: Subject, pathways: Collection[str]) -> list[Lit]:
        recommended = self.encoding.recommended(lesion)
        return [-literal for pathway, literal in recommended.items() if pathway not in pathways]

    def _excluding(self, lesion: Subject) -> dict[str, Lit]:
        """Return the rules that exclude some pathway, each with the literal that it fires."""
        argued = (
            rule for name in self.knowledge.pathways for rule in self.knowledge.arguers.get((name, "exclude"), ())
        )
        return {rule.id: self.encoding.fires_about(rule, lesion) for rule in argued}

    def _kept(self, certain: list[Lit], wished: Iterable[Lit]) -> list[Lit]:
        """Return what is certain and as many of the wished literals, in their order, as can be true beside it."""
        return [*certain, *self.solver.together(list(wished), *certain)]

    def _fewest(self, goal: Lit, wished: list[Lit]) -> Answers:
        """Return a short list of answers that force the goal: with each verdict said, then with each answer changed."""
        best = self._decisive(goal, wished)
        for literal in self._verdicts():
            best = self._shorter(best, goal, wished, literal)
        for fact in sorted(best):
            held = self.completions.inputs[fact]
            others = {other: value for other, value in best.items() if other != fact}
            beside = [*wished, *self.completions.says(others).values()]
            for value in () if held.is_set else held.answers():
                best = self._shorter(best, goal, beside, held.says(value))
        return best

    def _verdicts(self) -> Iterator[Lit]:
        """Yield each answer to each judgement that may stay unsaid: one may say at once what takes many findings."""
        for _, held in self.inputs:
            if held.unsaid != FALSE and held.attribute.class_ != "wish":
                yield from (held.says(value) for value in held.answers())

    def _shorter(self, best: Answers, goal: Lit, wished: list[Lit], literal: Lit) -> Answers:
        if not self.solver.can_be(*wished, literal):
            return best
        return min(best, self._decisive(goal, [*wished, literal]), key=self._rank)

    def _rank(self, answers: Answers) -> tuple[int, int, int]:
        """Sort by how many answers there are, how many are about the patient, and how far down their lists they stand."""
        chosen = ((self.completions.inputs[fact], value) for fact, value in answers.items())
        places = sum(list(held.answers()).index(value) for held, value in chosen if not held.is_set)
        return len(answers), sum(subject == PATIENT for subject, _ in answers), places

    def _decisive(self, goal: Lit, wished: list[Lit]) -> Answers:
        """Return the answers of one completion that force the goal while what it leaves unsaid stays unsaid."""
        model = self.solver.model(*self._kept(wished, self.silence))
        assert model is not None, "only wishes were kept that can come true"
        answers = self.completions.answers(model)
        said = self.completions.says(answers)
        beside = [-goal, *(literal for literal in self.silence if literal in model)]
        core = self.solver.core(*beside, *said.values())
        kept = {fact: literal for fact, literal in said.items() if literal in core}
        for fact in sorted(kept):
            fewer = [literal for other, literal in kept.items() if other != fact]
            if not self.solver.can_be(*beside, *fewer):
                del kept[fact]
        return {fact: answers[fact] for fact in kept}

    def _words(self, answers: Answers) -> Iterator[str]:
        for fact in sorted(answers, key=str):
            yield self.knowledge.vocabulary[fact.attribute].sentence(answers[fact])

    # --- never reaching it -------------------------------------------------------------------------------------

    def hindrances(self, lesion: Subject, pathway: str) -> Iterator[Hindrance]:
        """Yield each rule that recommends a pathway, with the rules against it that always fire beside it."""
        for rule in self.knowledge.arguers.get((pathway, "recommend"), ()):
            fires = self.encoding.fires_about(rule, lesion)
            beside = self._always_beside(fires, lesion, pathway) if self.solver.can_be(fires) else ()
            yield Hindrance(rule, tuple(beside))

    def considering(self, lesion: Subject, pathway: str) -> tuple[str, ...]:
        """Return the rules that can still hold a pathway worth considering."""
        rules = self.knowledge.arguers.get((pathway, "consider"), ())
        return tuple(sorted({rule.id for rule in rules if self.solver.can_be(self.encoding.fires_about(rule, lesion))}))

    def _always_beside(self, fires: Lit, lesion: Subject, pathway: str) -> Iterator[Rule]:
        for stance in reversed(AGAINST):
            for other in self.knowledge.arguers.get((pathway, stance), ()):
                if not self.solver.can_be(fires, -self.encoding.fires_about(other, lesion)):
                    yield other
