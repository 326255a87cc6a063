"""A value with more beside it: `Ca breast 2019 (ER+/HER2-)`, `mechanical, 8/10`, `4/5 both legs since yesterday`.

Each part must be understood, or nothing is: as a value, as a value of a neighbour that the same line may speak of, as the
time since when it holds, or as words that the vocabulary lists as saying no more. Those are repeated as not used.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cases.hearing import times
from cases.hearing.meaning import (
    COMMON,
    LEFT_OPEN,
    Json,
    LeftOpenError,
    Meaning,
    NotHeardError,
    UnclearError,
    says_none,
    unclear,
)
from cases.hearing.places import PLACE
from cases.hearing.within import is_spread, went_elsewhere
from knowledge_base.language.domains import Values, both
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.synonyms import asides, plain
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.errors import shown

_BETWEEN = re.compile(r"\s*[;()\[\]]\s*|\s*,\s+|(?<=[a-z]{2})\.\s+(?=[A-Z])")
_WITHIN = re.compile(r"\s+[-\u2013+&]\s+|\s+and\s+", re.IGNORECASE)
_SCALED = re.compile(r"(\d+/10)\s+(\D.*)|(.*\D)\s+(\d+/10)")
_ENDED = re.compile(r"^(?:completed|finished|ended|given)\s+", re.IGNORECASE)  # 14 months ago
_POSITIVE = re.compile(r"\s+\(?\+(?:ve)?\)?$")
_EARLIER = re.compile(
    r"(?:was|previously|prev\.?|formerly|baseline|before|pre-?morbid(?:ly)?|last (?:week|wk|month))\b.*|"
    r".*\b(?:before(?: the| this)?(?: \w+)?|previously|at baseline|pre-?morbid(?:ly)?|last (?:week|wk|month)|"
    r"(?:a|one) (?:week|fortnight|month) ago)",
    re.IGNORECASE,
)  # was 80 last week; 1 before the fracture
_AT_ANOTHER_TIME = re.compile(
    r"(?:previously|prev\.?|formerly|before|historically|in the past|(?:at |is )?baseline|pre-?morbid(?:ly)?|chronic|"
    r"as (?:before|usual|always)|long-? ?standing|until (?:recently|yesterday)|last (?:week|month|year)|"
    r"(?:a|one) (?:week|fortnight|month|year) ago)",
    re.IGNORECASE,
)  # mechanical, previously
_UNTIL = re.compile(r"\S\s+(?:until|till|'til)\b", re.IGNORECASE)  # walks with stick until Monday
_NUMBER = re.compile(r"\d+")
_POINT = re.compile(
    r"\bago$|(?<!since )(?<!from )\b(?:yesterday|last \w+|(?:19|20)\d\d)$|"
    r"\bon (?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?$",
    re.IGNORECASE,
)  # no "since"
_YEARS = re.compile(r"\b(?:years?|yrs?|y)\b|^(?:since |from )?(?:19|20)\d\d$", re.IGNORECASE)
_NOW = ("now", "currently", "at present", "today", "still")
_WEEKS_AND_DAYS = re.compile(r"\d{1,2}\+\d")  # pregnant: 22+3
_GLUED = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:[\s-]*(?:[a-z]+\.?[\s-]+)?[a-z]+\.?)??)\s*/?\s*(?<![a-z])(?P<word>[a-z]+)",
    re.IGNORECASE,
)
_WITH_SEX = re.compile(
    r"(?P<number>\d+\s*(?:y/?o|yrs?)?)\s*(?:/[A-Z](?=/))?/?(?P<word>[FM])|(?P<first>[FM])\s?/?\s?(?P<last>\d{2,3})"
)  # 57yoF, 74/C/F, F55

_DOTTED = re.compile(r"\by\.\s?o\.?", re.IGNORECASE)  # 82 y.o. woman

Hears = Callable[[Attribute, str], Meaning]


def _glued(part: str) -> tuple[str, str] | None:
    """Return a word and the number that it is written in one with, such as the F of 55F; None for anything else."""
    found = _WITH_SEX.fullmatch(part)
    if found and found["first"]:
        return found["first"], found["last"]
    found = found or _GLUED.fullmatch(part)
    return (found["word"], found["number"]) if found else None


@dataclass
class Parts:
    """Hears a text part by part; `hears` hears one part as a whole, and raises `NotHeardError` for what it does not know."""

    attribute: Attribute
    knowledge: KnowledgeBase
    hears: Hears
    own: list[Meaning] = field(default_factory=list)
    others: dict[str, Json] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    left_open: dict[str, LeftOpenError] = field(default_factory=dict)  # by the part
    earlier: list[str] = field(default_factory=list)
    before: list[Meaning] = field(default_factory=list)  # where that counts (`earlier`)
    asked: list[UnclearError] = field(default_factory=list)
    since: str | None = None

    def __post_init__(self) -> None:
        self.words = self.knowledge.lexicon(self.attribute.id).synonyms

    def hear(self, text: str) -> Meaning:
        """Return what the parts say together.

        Raises `NotHeardError` when one is not understood, ValueError when they quarrel or may mean two things.
        """
        for part in self.parts(text):
            self._take(part)
        if self.before:
            self.unused += [str(one.data) for one in self.own]
            self.own = self.before
        self._join_pieces()
        self._decide_between()
        if self.since is not None and not self.own and set(self.words.since) == {"true"}:
            self.own.append(Meaning("true"))  # it began then, so it is there
        if not (self.own or self.others):
            if self.left_open:
                raise self._left_open_by_all()
            raise NotHeardError(f"{shown(text)} says nothing of {self.attribute.label}")
        if self.since is not None and self._is_habit(self.since):
            self.unused.append(self.since)
        elif self.since is not None:
            self._put(self._since_of(text), self.since)
        data = self._data(text)
        told = [one for one in self.own if isinstance(data, list) or not isinstance(one.data, list)]
        self.notes += [f"{shown(part)} {LEFT_OPEN}: {error.readings}" for part, error in self.left_open.items()]
        notes = [*dict.fromkeys(note for note in (*(one.note for one in told), *self.notes) if note)]
        self.unused += [one.unused for one in self.own if one.unused]
        self.doubt_that_all_is_well(text)
        readings = tuple(error.readings for error in self.left_open.values())
        return Meaning(
            data, self.others, "; ".join(notes) or None, False, readings, ", ".join(sorted(self.unused, key=text.find))
        )

    def _left_open_by_all(self) -> LeftOpenError:
        """Return what parts that are all left open leave of the attribute: where one leaves it open, nothing more.

        Of a number one part may bound what another says in words: `poor, weeks`.
        """
        every = [*self.left_open.values()]
        bounded = [error for error in every if error.data is not None]
        if len(every) == 1 or (bounded and self.attribute.type == "number"):
            return (bounded or every)[0]
        return LeftOpenError(str(every[0]), None, "; or ".join(error.readings for error in every))

    def _join_pieces(self) -> None:
        """Take what parts that are left open mean together: power normal, and sensation too."""
        for whole in self.words.wholes:
            if {error.piece for error in self.left_open.values()} >= set(whole.pieces):
                self.left_open = {
                    part: error for part, error in self.left_open.items() if error.piece not in whole.pieces
                }
                for name, raw in whole.means.items():
                    if name == self.attribute.id:
                        self.own.append(Meaning(raw, note=whole.note))
                    else:
                        self._put(name, raw)

    def _decide_between(self) -> None:
        """Raise what a part leaves undecided; let it pass where another part tells which of its readings is meant."""
        told = [self.attribute.read(one.data) for one in self.own]

        def is_told(error: UnclearError) -> bool:
            if error.data is None or self.attribute.type != "choice":
                return False
            readings = self.attribute.read(error.data)
            return any(not both(one, readings).is_empty and both(one, readings) == one for one in told)

        for error in self.asked:
            if not is_told(error):
                raise error
        self.left_open = {part: error for part, error in self.left_open.items() if not is_told(error)}

    def doubt_that_all_is_well(self, text: str) -> None:
        """Raise where the text says that there is nothing, and beside it what may be something, or was until of late."""
        value = self.own[0].data if len(self.own) == 1 else None
        is_none, is_well = says_none(value), self.is_well(value)
        if self.left_open and is_well:
            raise next(iter(self.left_open.values()))
        if self.earlier and value in (True, "true") and any(plain(part) in COMMON for part in self.parts(text)):
            raise NotHeardError(f"{shown(text)} says yes, and may say that it was so once", self.earlier[0])
        times_said = [name for name in self.others if times.is_time(self.knowledge.vocabulary[name].unit)]
        if is_none and (self.words.ago or self.attribute.class_ == "exception") and (times_said or self.earlier):
            raise unclear(
                text, "nothing at any time", "something until then, which is to be written with the time since then"
            )

    def is_well(self, value: Json) -> bool:
        """Tell whether a value says that there is nothing, or nothing wrong."""
        if value is None:
            return False
        harmless = self.attribute.harmless
        is_harmless = harmless is not None and self.attribute.read(value) == harmless
        return says_none(value) or value == self.attribute.no_emergency or is_harmless

    def parts(self, text: str) -> Iterator[str]:
        """Yield the parts of a text; a word behind a number, such as the F of 55F, may be one of its own."""
        for i, part in enumerate(_BETWEEN.split(text)):
            if i and times.is_clock(part):  # of the day that was said before it
                self.unused.append(part)
                continue
            is_number = self.attribute.type == "number" and self.words.elsewhere
            glued = _glued(_DOTTED.sub("yo", part)) if is_number else None
            if glued and self._elsewhere(glued[0]):
                yield from glued
            elif part.strip():
                yield part.strip()

    def _take(self, part: str) -> None:
        if self.words.ago and times.is_ago(ago := _ENDED.sub("", part)):
            self._put(self.words.ago, ago)
            return
        try:
            if self._is_own(part) or self._is_own_since(part) or self._elsewhere(part, keep=True):
                return
        except LeftOpenError as error:
            self.left_open[part] = error
            return
        except UnclearError as error:
            if error.data is not None and self.attribute.type == "choice":
                self.asked.append(error)  # another part may tell which
                return
            if self.stripped(part):
                return
            raise
        except ValueError:
            if self.stripped(part):
                return
            raise
        is_earlier = _EARLIER.fullmatch(part) and not self.words.history
        is_of_all = _AT_ANOTHER_TIME.fullmatch(part) and not self.words.history
        if is_of_all or (
            is_earlier and self.words.within and self.attribute.type != "number"
        ):  # a drug taken until then
            raise NotHeardError(f"{shown(part)} may be said of all before it", part)
        if is_earlier and self.words.earlier and (number := _NUMBER.search(part)):
            self.before.append(self.hears(self.attribute, number.group()))
            return
        if is_earlier and (self.attribute.type != "number" or any(c.isdigit() for c in part)):
            self.unused.append(part)
            self.earlier.append(part)
        elif found := self._split_since(part):
            before, self.since = found
            if before:
                self._take(before)
        elif self._is_beside(part):
            self.unused.append(part)
        elif (pieces := self._pieces(part)) != [part]:
            for piece in pieces:
                self._take(piece)
        else:
            self.take_unknown(part)

    def take_unknown(self, part: str) -> None:
        """Take a part that is not understood without the words that say no more; raise `NotHeardError` without any."""
        if not self.stripped(part):
            raise NotHeardError(f"{shown(part)} is not known for {self.attribute.label}", part)

    def _is_beside(self, part: str) -> bool:
        """Tell whether a part says nothing of the attribute: where else radiotherapy went or a tumour spread, or a place."""
        is_elsewhere = self.words.history and went_elsewhere(part)
        return is_elsewhere or (self.attribute.fixed and is_spread(part)) or self._names_places(part)

    def _names_places(self, part: str) -> bool:
        """Tell whether a part behind a number names nothing but places, those that were counted."""
        return self.attribute.type == "number" and bool(self.own) and not PLACE.sub("", part).strip(" ,/&-\u2013")

    def _pieces(self, part: str) -> list[str]:
        """Return a part at its joints; a grade out of ten at either end, and a plus that says yes, stand apart."""
        if found := _SCALED.fullmatch(part):
            return [piece for piece in found.groups() if piece]
        if measured := self._measured_behind(part):
            return measured
        return [piece for piece in _WITHIN.split(_POSITIVE.sub("", part)) if piece]

    def _measured_behind(self, part: str) -> list[str]:
        """Return what stands before the named number of a neighbour, and that: `warfarin`, `INR 3.1`; else nothing."""
        words = part.split()
        for name in self.words.elsewhere:
            lexicon = self.knowledge.lexicon(name)
            for i in range(1, len(words) if self.knowledge.vocabulary[name].type == "number" else 0):
                if (rest := lexicon.behind_name(" ".join(words[i:]))) and rest[0].isdigit():
                    return [" ".join(words[:i]), " ".join(words[i:])]
        return []

    def stripped(self, part: str) -> bool:
        """Take a part without the words that say no more; tell whether there were any."""
        rest = self._without_asides(part)
        if rest and rest != part:
            self._take(rest)
        return rest != part

    def _is_own(self, part: str) -> bool:
        try:
            meaning = self.hears(self.attribute, part)
        except NotHeardError:
            return False
        self.own.append(meaning)
        for name, raw in meaning.others.items():
            self._put(name, raw)
        return True

    def _is_own_since(self, part: str) -> bool:
        """Tell whether a part says a value of its own and since when, that a neighbour is called by too."""
        found = self._split_since(part)
        if found is None or not found[0] or not self._is_own(found[0]):
            return False
        self.since = found[1]
        return True

    def _split_since(self, part: str) -> tuple[str, str] | None:
        """Return what a part says and since when, where it says that and no point in time."""
        is_time = self.words.since and not _POINT.search(part) and not _UNTIL.search(part)
        return times.split_since(part) if is_time else None

    def _elsewhere(self, part: str, keep: bool = False) -> bool:
        """Tell whether a neighbour understands a part; refuse what it asks about.

        A number does so by its name, its scale or a phrase that is listed for it; of words that say nothing by themselves
        only such a phrase; no letter is a grade, and what only its own field gives a meaning has none here.
        """
        asked: ValueError | None = None
        word, words = plain(part), re.findall(r"\w+", part.lower())
        says_nothing = all(word in COMMON - {"male", "female"} for word in words)
        for name in self.words.elsewhere:
            other, lexicon = self.knowledge.vocabulary[name], self.knowledge.lexicon(name)
            is_phrase = other.type == "number" and (word in lexicon.senses or word in lexicon.asked)
            if (
                word in lexicon.only_here
                or (says_nothing and not is_phrase)
                or (len(part) == 1 and lexicon.synonyms.exact)
            ):
                continue
            scale = lexicon.synonyms.out_of
            is_named = lexicon.behind_name(part) or (scale and re.fullmatch(rf"[\d.]+\s*/\s*{scale}", part))
            is_amount = self.attribute.type == "yes_no" and any(word.isalpha() for word in words)  # pregnant: 22 weeks
            is_amount = is_amount or (other.unit == "weeks" and _WEEKS_AND_DAYS.fullmatch(part) is not None)
            is_amount = is_amount or (other.unit == "months" and times.is_measured(words))  # life expectancy: >6 mo
            if other.type == "number" and not (is_named or is_amount or is_phrase):
                continue
            try:
                meaning = self.hears(other, part)
            except NotHeardError:
                continue
            except ValueError as error:
                readings = error.data if isinstance(error, UnclearError) else None
                if readings is None:
                    asked = asked or error
                    continue
                meaning = Meaning(readings, note=f"which is meant is {LEFT_OPEN}")
            if keep:
                self.notes += [meaning.note] if meaning.note else []
                for one, raw in {name: meaning.data, **meaning.others}.items():
                    self._put(one, raw)
            return True
        if asked is not None:
            raise asked
        return False

    def _put(self, name: str, raw: Json) -> None:
        if self.others.setdefault(name, raw) != raw:
            label = self.knowledge.vocabulary[name].label
            twice = f"that says {label} twice: {shown(self.others[name])} and {shown(raw)}; keep one"
            raise UnclearError(twice, None, twice)

    def _without_asides(self, part: str) -> str:
        """Return a part without the words that say no more, and keep those."""
        found = asides((*_NOW, *self.words.beside))
        self.unused += found.findall(part)
        return " ".join(found.sub(" ", part).replace(" / ", " ").split()).strip(" /")

    def _since_of(self, text: str) -> str:
        """Return the attribute that a time behind the value speaks of."""
        each = (one.data if isinstance(one.data, list) else [one.data] for one in self.own)
        names = [name for data in each for name in data]
        found = {self.words.since.get(str(name).lower()) for name in names}
        if len(found) != 1 or None in found:
            raise NotHeardError(f"{shown(text)} has a time that is known for no {self.attribute.label}")
        return str(found.pop())

    def _is_habit(self, since: str) -> bool:
        """Tell whether a time in years stands behind values that may be of old, such as a stick for ten years."""
        are_of_old = all(isinstance(one.data, str) and one.data in self.words.habits for one in self.own)
        return bool(self.own) and are_of_old and _YEARS.search(since) is not None

    def _data(self, text: str) -> Json:
        """Return what the own values say together: all of a `several`, what is left by all of anything else."""
        if len(self.own) < 2:
            return self.own[0].data if self.own else None
        if self.attribute.type == "several":
            return [name for one in self.own for name in (one.data if isinstance(one.data, list) else [one.data])]
        left: Values = self.attribute.domain
        for one in self.own:
            left = both(left, self.attribute.read(one.data))
        named = [one.data for one in self.own if isinstance(one.data, str)]
        if left.is_empty and self.words.worst and len(named) == len(self.own):
            return max(named, key=self.attribute.names.index)
        if left.is_empty and (total := self.words.sum_of(set(named))) and len(named) == len(self.own):
            return total
        if left.is_empty:
            quarrel = f"{shown(text)} says different things of {self.attribute.label}; keep one"
            raise UnclearError(quarrel, None, quarrel)
        return self.attribute.dump(left)
