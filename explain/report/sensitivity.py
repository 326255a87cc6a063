"""How sure is sure, in words: which single reading flips the advice, and how near the numbers are to their lines."""

from collections.abc import Iterator

from engine.analysis.sensitivity import Distance, Neighbour, Neighbours
from engine.inference.subjects import PATIENT, Fact
from explain.phrases.prose import few, join
from explain.report.blocks import Block, Bullets, Heading, Para
from explain.report.counterfactuals import CONTRADICTORY
from knowledge_base.language.knowledge import KnowledgeBase

DISTANCES = 6
RULES = 3


class NeighboursWords:
    """Puts the neighbours of a case into words."""

    def __init__(self, found: Neighbours, knowledge: KnowledgeBase) -> None:
        self.found = found
        self.knowledge = knowledge
        self.several = len(found.recommended) > 1

    def answers(self) -> Iterator[Block]:
        """Yield what is recommended for each lesion as things are."""
        for lesion, names in self.found.recommended.items():
            answer = self._outcome(names) if names else "nothing is recommended"
            yield Para(f"{lesion}: {answer}, as things are given.", "plan")

    def verdict(self) -> str:
        """Return in a sentence whether the advice holds."""
        if self.found.is_contradictory:
            return CONTRADICTORY
        if not self.found.neighbours:
            return "No reading on which raters are known to disagree is given, so none was tried."
        tried = list(dict.fromkeys(self._name(neighbour.fact) for neighbour in self.found.neighbours))
        if self.found.holds:
            which = tried[0] if len(tried) == 1 else f"any one of {join(tried, 'and')}"
            return f"The advice holds if a disputed reading is a grade away: {which}."
        flips = join([self._name(fact) for fact in self.found.flips])
        return f"The advice changes if a single reading is a grade away: {flips}."

    def flips(self) -> tuple[str, ...]:
        """Return every single reading that changes the advice, and what is recommended then."""
        found = () if self.found.is_contradictory else self.found.neighbours
        return tuple(self._flip(neighbour) for neighbour in found if neighbour.holds is False)

    def clashes(self) -> str:
        """Return which readings would contradict others that are given, so that nothing can be said; or nothing."""
        names = dict.fromkeys(self._name(n.fact) for n in self.found.neighbours if n.holds is None)
        return f"Would contradict what else is given: {join(names, 'and')} a grade away." if names else ""

    def not_tried(self) -> str:
        """Return which readings were not tried, as nothing is known here of how far raters agree; or nothing."""
        names = dict.fromkeys(map(self._name, self.found.not_tried))
        return f"Not tried, as no agreement between raters is on file: {join(names, 'and')}." if names else ""

    def distances(self) -> tuple[str, ...]:
        """Return how near the numbers are to their lines: those between the classes of a score first."""
        nearest = sorted(self.found.distances, key=lambda d: not d.becomes)
        return tuple(self._distance(distance) for distance in nearest)

    def _flip(self, neighbour: Neighbour) -> str:
        """Return "conventional radiotherapy, if SINS bone lesion is mixed instead of lytic (κ between raters 0.24)"."""
        several = self.several
        then = [
            f"{lesion}: {self._outcome(names)}" if several else self._outcome(names)
            for lesion, names in neighbour.recommended.items()
        ]
        value, given = (text.partition(": ")[2] for text in (neighbour.text, neighbour.given_text))
        condition = f"{self._name(neighbour.fact)} is {value} instead of {given}"
        return f"{'; '.join(then)}, if {condition} (κ between raters {neighbour.agreement:g})"

    def _outcome(self, names: tuple[str, ...]) -> str:
        return join([self.knowledge.pathways[name].label for name in names]) if names else "no recommendation"

    def _name(self, fact: Fact) -> str:
        label = self.knowledge.vocabulary[fact.attribute].label
        return f"{label} of {fact.subject}" if self.several and fact.subject != PATIENT else label

    def _distance(self, distance: Distance) -> str:
        subject = distance.fact.subject
        about = f"{subject}: " if self.several and subject != PATIENT else ""
        return f"{about}{distance.text} [{', '.join(few(distance.units, RULES))}]"

    def blocks(self) -> Iterator[Block]:
        """Yield all of it."""
        yield Para(self.verdict())
        if flips := self.flips():
            yield Bullets("It would be", flips)
        if clashes := self.clashes():
            yield Para(clashes)
        if not_tried := self.not_tried():
            yield Para(not_tried)
        yield Bullets("How far the numbers are from the nearest line", tuple(few(self.distances(), DISTANCES)))


def neighbours_report(found: Neighbours, knowledge: KnowledgeBase) -> Iterator[Block]:
    """Yield how sure the advice on a case is."""
    words = NeighboursWords(found, knowledge)
    yield Heading(f"{found.case}: how sure is sure")
    yield from words.answers()
    yield from words.blocks()
