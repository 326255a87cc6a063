"""In which order findings are asked, and which of them have no meaning yet.

A board goes by the letters of NOMS and asks first what is cheap to find out. Since when there is a deficit is asked
after the deficit (`asked_after` in the vocabulary), and nothing of emergencies after a normal examination.
"""

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction

from engine.analysis.value_of_information import COSTS
from engine.inference.subjects import PATIENT, Fact, Subject
from knowledge_base.language.domains import Choices, Subsets, Values
from knowledge_base.language.vocabulary import LETTERS, Attribute, Vocabulary

PLACES = tuple(LETTERS)
Given = Mapping[Subject, Mapping[str, Values]]
Rank = tuple[int, Fraction, str, str]


def board_order(fact: Fact, attribute: Attribute) -> Rank:
    """Sort as a tumour board asks: by the letters of NOMS, then what is cheap to find out."""
    return PLACES.index(attribute.letter), cost_of(attribute), attribute.id, str(fact.subject)


def asking_order(fact: Fact, attribute: Attribute) -> tuple[int, Fraction, int, str, str]:
    """Sort questions as a board asks them; of two alike, what introduces the patient or the lesion comes first."""
    place, cost, name, subject = board_order(fact, attribute)
    return place, cost, attribute.headline or len(PLACES) ** 3, name, subject


def cost_of(attribute: Attribute) -> Fraction:
    """Return what it takes to find something out, as a number."""
    return COSTS[attribute.effort]


def is_due(fact: Fact, given: Given, vocabulary: Vocabulary, told: Collection[Fact] = ()) -> bool:
    """Tell whether something has a meaning: here, and one of what it is asked after was given, not as harmless, or told."""
    if _is_elsewhere(fact, given, vocabulary):
        return False
    before = vocabulary[fact.attribute].asked_after
    if not before or any(other.attribute in before and _concerns(other.subject, fact.subject) for other in told):
        return True
    said = (values for subject, values in given.items() if _concerns(subject, fact.subject))
    return any(_is_found(vocabulary[name], values[name]) for values in said for name in before if name in values)


def _is_elsewhere(fact: Fact, given: Given, vocabulary: Vocabulary) -> bool:
    """Tell whether all of a subject lies where a question has no meaning: of the cord below its end."""
    for name, where in vocabulary[fact.attribute].asked_at.items():
        places, found = vocabulary[name].names, given.get(fact.subject, {}).get(name)
        low, _, high = where.partition("..")
        meant = frozenset(places[places.index(low) : places.index(high) + 1])
        if isinstance(found, Subsets) and not found.allowed & meant:
            return True
    return False


def _concerns(subject: Subject, asked: Subject) -> bool:
    return subject == asked or PATIENT in (subject, asked)


def _is_found(attribute: Attribute, values: Values) -> bool:
    quiet = attribute.no_emergency
    return values != attribute.harmless and (quiet is None or values != Choices(frozenset({quiet})))


def waiting_for(fact: Fact, vocabulary: Vocabulary) -> Iterator[Fact]:
    """Yield what is asked after one thing alone, such as how long ago it was."""
    for name, attribute in vocabulary.items():
        if attribute.asked_after == (fact.attribute,):
            yield fact.subject.fact(name)


def without_emergency(given: Given, vocabulary: Vocabulary) -> set[Fact]:
    """Return what need not be asked where what is given, a normal examination, leaves no emergency.

    These are the inputs of emergencies, and what has no meaning unless one of them was found.
    """

    def is_quiet(values: Mapping[str, Values]) -> bool:
        said = ((vocabulary[name].no_emergency, value) for name, value in values.items())
        return any(quiet is not None and value == Choices(frozenset({quiet})) for quiet, value in said)

    def is_needless(fact: Fact, attribute: Attribute) -> bool:
        before = attribute.asked_after
        is_after = bool(before) and all(vocabulary[name].emergency for name in before)
        return attribute.emergency is not None or (is_after and not is_due(fact, given, vocabulary))

    subjects = [subject for subject, values in given.items() if is_quiet(values)]
    inputs = [(subject.fact(a.id), a) for subject in subjects for a in vocabulary.given_of(subject.kind)]
    return {fact for fact, attribute in inputs if is_needless(fact, attribute)}


def without_cause(given: Given, vocabulary: Vocabulary) -> set[Fact]:
    """Return what has no meaning here: no emergency after a normal examination, nothing of what was found to be harmless."""
    idle = {
        subject.fact(attribute.id)
        for subject, values in given.items()
        for attribute in vocabulary.given_of(subject.kind)
        if attribute.asked_after
        and all(name in values and not _is_found(vocabulary[name], values[name]) for name in attribute.asked_after)
    }
    return idle | without_emergency(given, vocabulary)
