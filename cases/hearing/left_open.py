"""What stays possible of an answer that nobody understands; it is told as left open, with what would be right.

An exception that is typed and not understood must not be supposed away. A drug that is named stays possible, and that
nothing is taken only where the clause that names it may take it back; of a number all stays possible between those named.
"""

import re
from decimal import Decimal

from cases.hearing.doubt import DENIED, DOUBTED, OTHERS
from cases.hearing.meaning import LEFT_OPEN, NOT_UNDERSTOOD, Json, Meaning
from cases.hearing.within import values_in
from knowledge_base.language.domains import Choices
from knowledge_base.language.synonyms import Lexicon
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.errors import nearest

NOW_AND_BEFORE = "it names what was taken before, and what is taken now"
PERHAPS_NOT_NOW = "it names a drug, and may say that it is not taken now"
_SWITCHED = re.compile(r"\b(?:then|switch\w*|changed|replaced|swapped|instead|but (?:is )?on|now on)\b", re.IGNORECASE)
_STILL = re.compile(r"\b(?:not|never|isn't) (?:yet )?(?:stopped|held|paused|omitted|withheld|ceased)\b", re.IGNORECASE)
_STOPPED = r"stop\w*|ceased|off|discontinu\w*|d/c\w*|none|held|paused|withdrawn|withheld|omitted|finished|complet\w*"
_NOT_TAKEN = re.compile(
    rf"\b(?:{DENIED}|{DOUBTED}|{OTHERS}|{_STOPPED}|hold|allerg\w*|intoleran\w*|declin\w*|refus\w*|previous\w*|prior|past|"
    r"former\w*|ex|until|till|ago|last|start\w*|plan\w*|will|consider\w*|from|(?:19|20)\d\d)\b|\?",
    re.IGNORECASE,
)
_ENDED = re.compile(rf"\b(?:{_STOPPED}|nil|nothing)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[,;()]")
_BARE_NUMBER = re.compile(
    r"(?<![\w./-])\d+(?:\.\d+)?(?![\w/-]|\.\d|\s*(?:s|secs?|seconds?|units?|pools?|u|bags?|times|days?|d|weeks?|wks?|w|months?|mths?|years?|yrs?|"
    r"hours?|hrs?|h|mg|kg|ml|cycles?|doses?)\b|\s*(?:/7|/52|/12))",
    re.IGNORECASE,
)  # none of a time, or of bags of blood
_NO_NUMBER = re.compile(r"(?=.*\d).*[^\d.,\s<>=].*")  # 24+3, 0/1, 12 m
_PHRASE = re.compile(r"[^\W\d_]{2,}.*\s.*\S|\S.*\s.*[^\W\d_]{2,}")  # two words or more, one of them of letters


def left_open(readings: str, data: Json = None) -> Meaning:
    """Return what is left open, with what it may mean; `data` are all values that stay possible, None where all do."""
    return Meaning(data, note=f"{LEFT_OPEN}: {readings}", is_plain=False, readings=(readings,))


def what_is_left(attribute: Attribute, text: str, readings: str, lexicon: Lexicon, possible: Json = None) -> Meaning:
    """Return what words that are not understood leave of an attribute: what is `possible` of words with two readings."""
    if possible is None and (counted := _counted(attribute, text)) is not None:
        return left_open(readings, counted)
    named = _named(attribute, text, lexicon)
    usual = attribute.usual_values.members if isinstance(attribute.usual_values, Choices) else frozenset()
    if _SWITCHED.search(text):  # which of them is taken now is not known, but one is
        is_known = named and usual and not _ENDED.search(_STILL.sub(" ", text))
        unusual: Json = [name for name in attribute.names if name not in usual]
        return left_open(NOW_AND_BEFORE if named else readings, unusual if is_known else None)
    if possible is not None or not named or attribute.type != "choice" or not usual:
        return left_open(readings, possible)
    is_taken = any(_is_taken(clause, attribute, lexicon) for clause in _CLAUSE.split(text))
    left = named if is_taken else named | usual
    return left_open(readings if is_taken else PERHAPS_NOT_NOW, [name for name in attribute.names if name in left])


def why_not(attribute: Attribute, raw: object) -> str:
    """Return what to say of an answer that is not understood: of what may be a slip of the pen why it is no value."""
    words = str(raw)
    is_like_none = not any(c.isdigit() for c in words) and nearest(words, attribute.names) is None
    if is_like_none or _PHRASE.search(words) or _NO_NUMBER.fullmatch(words):
        return NOT_UNDERSTOOD
    try:
        attribute.read(raw)
    except ValueError as error:
        return str(error)
    return NOT_UNDERSTOOD


def _named(attribute: Attribute, text: str, lexicon: Lexicon) -> set[Json]:
    """Return the values that words name, with those that may be meant as well: a heparin at another dose, two drugs."""
    named = values_in(attribute, text, lexicon)
    kinds = {str(name).rpartition("_")[0] for name in named} - {""}
    named |= {name for name in attribute.names if name.rpartition("_")[0] in kinds}
    return named | {total for total, parts in lexicon.synonyms.together.items() if set(parts) <= named}


def _is_taken(clause: str, attribute: Attribute, lexicon: Lexicon) -> bool:
    """Tell whether a clause names a drug and says nothing that may take it back."""
    return bool(values_in(attribute, clause, lexicon)) and not _NOT_TAKEN.search(_STILL.sub(" ", clause))


def _counted(attribute: Attribute, text: str) -> Json:
    """Return all between the least and the greatest number of words about an exception that are not understood; else None.

    So `38 (transfused, 22 before)` of platelets is not supposed to be as usual.
    """
    if attribute.type != "number" or attribute.class_ != "exception" or attribute.cost != "laboratory":
        return None
    numbers = sorted(map(Decimal, _BARE_NUMBER.findall(text)))
    try:
        values = attribute.read(f"{numbers[0]}..{numbers[-1]}") if numbers else attribute.domain
    except ValueError:
        return None
    return None if values == attribute.domain else attribute.dump(values)
