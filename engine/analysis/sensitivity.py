"""How sure is sure: does the advice hold when an observation on which raters disagree is read one grade away?

The vocabulary says of such observations how far raters agree (`agreement`, Cohen's kappa). Each is moved to the next
grade, alone, and the engine is run. And for every number that is known, how far it is from the next line that a rule or a
score draws through it.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from cases.model import Case
from engine.analysis.glances import Glance, glances
from engine.analysis.thresholds import Threshold, thresholds
from engine.inference.session import Consultation, Reasoner
from engine.inference.subjects import Fact, Subject
from engine.inference.trace import Json, Record
from engine.symbolic.completions import completed
from engine.symbolic.partition import Cut
from engine.verdicts import outcome_of
from knowledge_base.language.domains import Choices, Number, Numbers, Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.literals import digits_of
from knowledge_base.language.vocabulary import Attribute

READINGS = ("examination", "ct", "mri")  # what a rater reads, by what it takes to find it out
Direction = Literal["lower", "higher"]
IN_WORDS: Mapping[Decimal, str] = {Decimal(1): "one", Decimal(2): "two", Decimal(3): "three"}


class Neighbour(Record):
    """The case with one disputed observation read one grade lower or higher."""

    fact: Fact
    given: Json
    given_text: str
    side: Direction
    values: Json
    text: str
    agreement: float = Field(description="kappa between raters of this observation")
    holds: bool | None = Field(
        description="the same pathways are recommended; null when the reading contradicts others"
    )
    recommended: dict[str, tuple[str, ...]] = Field(description="by lesion, what is recommended then, where it differs")


class Distance(Record):
    """How far a known number is from a line on one side of it: the next one, or the next between classes of a score."""

    fact: Fact
    value: Json
    side: Direction
    threshold: Json = Field(description="the first number on the other side, or the line itself")
    distance: float = Field(ge=0, description="in the unit of the attribute; 0 when it stands on the line itself")
    becomes: str = Field(description="the class on the other side, when a score draws the line")
    units: tuple[str, ...] = Field(description="the rules and score steps that draw the line")
    text: str


class Neighbours(Record):
    """How the advice stands among its neighbours."""

    case: str
    recommended: dict[str, tuple[str, ...]] = Field(description="by lesion, the pathways recommended as things are")
    is_contradictory: bool = Field(description="what is given contradicts itself; then little can be said")
    holds: bool | None = Field(
        description="no single reading one grade away changes what is recommended; null when it contradicts itself"
    )
    flips: tuple[Fact, ...] = Field(description="the observations of which a reading one grade away changes it")
    neighbours: tuple[Neighbour, ...] = Field(description="least agreement first")
    distances: tuple[Distance, ...] = Field(description="nearest first")
    not_tried: tuple[Fact, ...] = Field(
        (), description="observations that are given and of which it is not known here how far raters agree"
    )


def neighbours(here: Consultation, reasoner: Reasoner) -> Neighbours:
    """Return the neighbours of the case of a consultation, and its distances to every threshold."""
    case = here.state.case
    around = _Around(case, reasoner, here)
    found = sorted(around.neighbours(), key=lambda n: (n.agreement, str(n.fact), n.side))
    flips = tuple(dict.fromkeys(n.fact for n in found if n.holds is False))
    distances = sorted(_distances(here), key=lambda d: (d.distance, str(d.fact), d.side))
    return Neighbours(
        case=case.id,
        recommended=dict(around.now),
        is_contradictory=bool(around.clashes),
        holds=None if around.clashes else not flips,
        flips=flips,
        neighbours=tuple(found),
        distances=tuple(distances),
        not_tried=tuple(around.not_tried()),
    )


class _Around:
    def __init__(self, case: Case, reasoner: Reasoner, here: Consultation) -> None:
        self.case, self.reasoner, self.here = case, reasoner, here
        self.now = {lesion.id: tuple(sorted(outcome_of(here, lesion.id))) for lesion in case.lesions}
        self.clashes = {c.fact for c in here.trace.contradictions}

    def neighbours(self) -> list[Neighbour]:
        """Return every reading one grade away."""
        readings = list(self._readings())
        cases = [completed(self.case, [(fact, moved)]) for fact, _, _, moved in readings]
        found = glances(self.reasoner, [(case, self.reasoner.knowledge.sides) for case in cases])
        return [self._neighbour(*reading, there) for reading, there in zip(readings, found, strict=True)]

    def _readings(self) -> Iterator[tuple[Fact, Values, Direction, Values]]:
        """Yield what is given, and what it would be one grade away."""
        vocabulary = self.reasoner.knowledge.vocabulary
        for subject, given in self.here.state.given.items():
            for name, values in given.items():
                if vocabulary[name].agreement is not None and isinstance(values, Choices):
                    for side, moved in _one_grade_away(vocabulary[name], values):
                        yield subject.fact(name), values, side, moved

    def not_tried(self) -> Iterator[Fact]:
        """Yield the findings from an examination or an image that are given and of which no agreement is known."""
        for subject, given in self.here.state.given.items():
            for name, values in given.items():
                attribute = self.reasoner.knowledge.vocabulary[name]
                is_reading = attribute.class_ == "finding" and attribute.cost in READINGS
                if is_reading and (attribute.agreement is None or not isinstance(values, Choices)):
                    yield subject.fact(name)

    def _neighbour(self, fact: Fact, given: Values, side: Direction, moved: Values, there: Glance) -> Neighbour:
        attribute = self.reasoner.knowledge.vocabulary[fact.attribute]
        assert attribute.agreement is not None
        then = {lesion.id: there.verdict.recommended(Subject(lesion.id)) for lesion in self.case.lesions}
        contradicts = bool(there.contradictions - self.clashes)
        return Neighbour(
            fact=fact,
            given=attribute.dump(given),
            given_text=attribute.sentence(given),
            side=side,
            values=attribute.dump(moved),
            text=attribute.sentence(moved),
            agreement=attribute.agreement,
            holds=None if contradicts else then == self.now,
            recommended={} if contradicts else {x: found for x, found in then.items() if found != self.now[x]},
        )


def _one_grade_away(attribute: Attribute, given: Choices) -> Iterator[tuple[Direction, Choices]]:
    """Yield the grade below the least that is given, and the one above the greatest."""
    places = [i for i, name in enumerate(attribute.names) if name in given.members]
    if places[0] > 0:
        yield "lower", Choices(frozenset({attribute.names[places[0] - 1]}))
    if places[-1] + 1 < len(attribute.names):
        yield "higher", Choices(frozenset({attribute.names[places[-1] + 1]}))


# --- distances ----------------------------------------------------------------------------------------------------


def _distances(here: Consultation) -> Iterator[Distance]:
    knowledge = here.state.knowledge
    drawn = thresholds(knowledge)
    for (subject, name), values in here.state.values.items():
        if name in drawn and isinstance(values, Numbers) and values.is_single:
            at = (values.low, False)
            for lines in (
                [cut for cut in sorted(drawn[name], reverse=True) if cut <= at],
                [cut for cut in sorted(drawn[name]) if cut > at],
            ):
                for cut in _nearest(lines, drawn[name]):
                    yield _distance(knowledge, subject, name, values.low, cut, drawn[name][cut])


def _nearest(lines: list[Cut], drawn: Mapping[Cut, Threshold]) -> Iterator[Cut]:
    """Yield the nearest line, and the nearest that parts two classes of a score when that is another."""
    yield from lines[:1]
    yield from [cut for cut in lines if drawn[cut].below][:1] if lines and not drawn[lines[0]].below else ()


def _distance(
    knowledge: KnowledgeBase, subject: Subject, name: str, value: Number, cut: Cut, drawn: Threshold
) -> Distance:
    attribute = knowledge.vocabulary[name]
    side: Direction = "higher" if cut > (value, False) else "lower"
    beyond = _beyond(attribute, cut, side)
    away = abs(Decimal(beyond) - Decimal(value))
    becomes = drawn.above if side == "higher" else drawn.below
    at, line = _one(attribute, value), _one(attribute, beyond)
    return Distance(
        fact=subject.fact(name),
        value=attribute.dump(at),
        side=side,
        threshold=attribute.dump(line),
        distance=float(away),
        becomes=becomes,
        units=drawn.units,
        text=f"{attribute.label} {attribute.words(at)}: {_away(attribute, away, side, becomes, line)}",
    )


def _one(attribute: Attribute, number: Number) -> Numbers:
    return Numbers.between(number, number, attribute.whole)


def _away(attribute: Attribute, away: Decimal, side: Direction, becomes: str, line: Numbers) -> str:
    """Return how far away a line is, as a clinician says it: "one point below unstable", "2 mm above 3 mm"."""
    if not away:
        return f"exactly on a line; anything {side} {f'is {becomes}' if becomes else 'lies beyond it'}"
    what = becomes or attribute.words(line)
    unit = attribute.unit or ("points" if becomes else "")
    number = IN_WORDS.get(away, digits_of(away)) if not attribute.unit else digits_of(away)
    below = "below" if side == "higher" else "above"
    return " ".join(filter(None, (number, unit.removesuffix("s") if away == 1 else unit, below, what)))


def _beyond(attribute: Attribute, cut: Cut, side: Direction) -> Number:
    """Return the first number beyond a line: of whole numbers, the next one (or the next step); else the line."""
    number, behind = cut
    step = attribute.step or 1
    if not attribute.whole:
        return number
    if side == "higher":
        first = number + behind
        return -(-first // step) * step
    last = number - (not behind)
    return last // step * step
