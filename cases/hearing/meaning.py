"""What was heard: the values that a case file would write for the words that a person typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.literals import Json as Json
from knowledge_base.language.synonyms import Ambiguous
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.errors import shown

# Words that say nothing of what they speak of: yes, none, severe.
COMMON = frozenset(
    re.findall(
        r"\w+",
        "yes y ja si no n nil none unknown other normal abnormal able unable present absent true false known low "
        "high stable unstable intermediate slow moderate rapid male female left right days hours weeks months "
        "bilateral unilateral good poor pain painful constant aided given done planned both single multiple mixed "
        "better worse started begun cap cup negative positive",
    )
)


@dataclass(frozen=True)
class Meaning:
    """What words say of an attribute (`data`), and of others, as a case file writes it; None is "not known".

    `is_plain` tells that they say it as the vocabulary does, so that there is nothing to repeat to whoever typed them;
    `unused` are those of them that say no more of it, and `readings` what those may mean that are left open.
    """

    data: Json
    others: Mapping[str, Json] = field(default_factory=dict)
    note: str | None = None
    is_plain: bool = True
    readings: tuple[str, ...] = ()
    unused: str = ""

    def of_neighbour(self, name: str) -> "Meaning":
        """Return what words say that mean this of another attribute than the one they were typed for."""
        return replace(self, data=None, others={name: self.data, **self.others}, is_plain=False)

    def words(self, attribute: Attribute, knowledge: KnowledgeBase) -> str:
        """Return the meaning in words, as the echo repeats it."""
        own = "not known" if self.data is None else attribute.words(attribute.read(self.data))
        note = "; ".join(filter(None, (self.note, f"not used: {self.unused}" if self.unused else None)))
        if self.data is None and self.others and not note:
            own = ""
        vocabulary = knowledge.vocabulary
        others = [vocabulary[name].sentence(vocabulary[name].read(raw)) for name, raw in self.others.items()]
        return "; ".join(filter(None, [f"{own}, {note}" if note else own, *others]))


# part: not all words are used; more: a note, or something of other attributes, goes with it; note: a key that is no input
HeardKind = Literal["said", "part", "more", "left open", "note", "done"]


@dataclass(frozen=True)
class Heard:
    """Something that was typed in other words than the vocabulary's, and what it was taken for.

    `readings` says what may be meant by what is left open, or what to write instead.
    """

    place: str
    typed: str
    meaning: str
    attribute: str = ""
    kind: HeardKind = "said"
    readings: str = ""

    def __str__(self) -> str:
        return f"{self.place} {self.typed} = {self.meaning}"


LEFT_OPEN = "left open"
NO_INPUT = "a note, which no rule reads"
NOT_UNDERSTOOD = "not understood, so not known"


def says_none(data: object) -> bool:
    """Tell whether a value says that there is nothing."""
    return data is False or (isinstance(data, str) and data in ("none", "none_of_these", "false"))


class NotHeardError(ValueError):
    """Words that are not known for an attribute: neither a value of it, nor ambiguous; `part` is what of them is not."""

    def __init__(self, message: str, part: str = "") -> None:
        super().__init__(message)
        self.part = part


class UnclearError(ValueError):
    """Words that may mean different things, or are not enough to tell.

    `readings` says which they may be, and `data` keeps them all; None where they are no values. `piece` names the part of
    something whole that they tell of.
    """

    def __init__(self, message: str, data: Json, readings: str, piece: str | None = None) -> None:
        super().__init__(message)
        self.data = data
        self.readings = readings
        self.piece = piece


class UndatedError(ValueError):
    """A time that is counted from the day of the letter, which is not known; `readings` says what to do."""

    def __init__(self, message: str, readings: str) -> None:
        super().__init__(message)
        self.readings = readings


class LeftOpenError(UnclearError):
    """Words that may be left open where nobody can be asked."""


def refusal(text: str, ambiguous: Ambiguous, attribute: Attribute) -> UnclearError:
    """Return what to say of a word that has several readings."""
    values = _values(ambiguous, attribute)
    readings = [_reading(reading, attribute, values is not None) for reading in ambiguous.readings]
    because = f" ({ambiguous.because})" if ambiguous.because else ""
    message = str(unclear(text, *readings, because=because))
    kind = LeftOpenError if ambiguous.open else UnclearError
    return kind(message, values, "; or ".join(readings), ambiguous.piece)


def _values(ambiguous: Ambiguous, attribute: Attribute) -> Json:
    """Return the readings of a word where each is a value, as a case file writes them; None where one is none."""
    try:
        attribute.read(list(ambiguous.readings))
    except ValueError:
        return None
    return list(ambiguous.readings)


def unclear(text: str, *readings: str, because: str = "") -> UnclearError:
    """Return what to say of words that may mean different things, or may not be enough."""
    each = f"{'; or '.join(readings)}{because}"
    return UnclearError(f"{shown(text)} may mean: {each}. Write the one that is meant, or leave it out", None, each)


def _reading(reading: str, attribute: Attribute, is_value: bool) -> str:
    if attribute.type == "number" and is_value:
        return attribute.words(attribute.read(reading))
    label = (attribute.values or {}).get(reading)
    return f"{reading} ({label})" if label and label != reading else reading


def spoken(raw: object) -> str:
    """Return what was typed, on one line."""
    return ", ".join(map(str, raw)) if isinstance(raw, list) else str(raw)
