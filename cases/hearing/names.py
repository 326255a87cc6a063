"""Names as people write them: a value, its label, another word for it, several, or a range.

`6-8` behind a `T` is T6 to T8. A word is completed (`semi` for semirigid) where only one value begins so, and never
where the vocabulary calls for exact words: there the next best value may call for the opposite treatment.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cases.hearing import doses, numbers, times
from cases.hearing.meaning import Json, Meaning, NotHeardError, UnclearError, refusal, says_none, unclear
from knowledge_base.language.domains import Number
from knowledge_base.language.literals import is_number
from knowledge_base.language.synonyms import Lexicon, Sense, plain
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.errors import listed, shown
from knowledge_base.text.strict_yaml import scalar

_BETWEEN = re.compile(r"\s*(?:,|;|/|\bor\b)\s*", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,|;|/|\bor\b|\band\b|&|\+)\s*", re.IGNORECASE)
_OR = re.compile(r"\bor\b|\+/-|\u00b1", re.IGNORECASE)
_RANGE = re.compile(
    r"(?P<low>[^\s.,]+(?:\.\d+)?)\s*(?:\.\.|\bto\b|\u2013|(?<=\S)-(?=\S))\s*(?P<high>[^\s.,]+(?:\.\d+)?)"
)
_SIGNED = re.compile(r"(?P<sign>>=|<=|>|<)\s*(?P<bound>\S.*)")
_QUANTITY = re.compile(r"(?P<number>\d+(?:[.,]\d{1,2})?)\s*%?\s*(?P<name>.*)")
_PAIR = re.compile(r"(?P<low>\d+)\s*(?:-|\u2013|to)\s*(?P<high>\d.*)", re.IGNORECASE)
_DENIED = re.compile(r"(?:no|not|non|without|never)[\s-]+(?P<rest>\S.*)", re.IGNORECASE)
_NEXT = Decimal("0.1")  # from a number to the next that is written
_SHORTEST = 3  # letters of a beginning that is completed
_YES_NO = {
    **dict.fromkeys(("yes", "y", "ja", "si", "+", "present", "true"), "true"),
    **dict.fromkeys(("no", "n", "nil", "none", "absent", "false", "nein", "keine", "kein", "keiner"), "false"),
}


def is_assent(text: str) -> bool:
    """Tell whether a text is nothing but an everyday "yes"."""
    return _YES_NO.get(plain(text)) == "true"


@dataclass(frozen=True)
class NameEar:
    """Hears the values of one attribute that has names."""

    attribute: Attribute
    lexicon: Lexicon

    def hear(self, text: str) -> Meaning:
        """Return what a text says; what is not understood is left as it is, for the vocabulary to refuse.

        Raises ValueError for what may mean two things, and for what is not understood where words are exact.
        """
        text = text.strip()
        found = self._whole(text) or self._signed(text) or self._signed_behind_name(text)
        found = found or self._range(text) or self._several(text)
        found = found or self._dose(text) or self._all_but(text) or self._written_apart(text) or self._completed(text)
        if found is None and self.lexicon.synonyms.exact:
            raise NotHeardError(
                f"{shown(text)} is not a value of {self.attribute.id} ({self.attribute.domain_text}), nor a word that is "
                "known for one; it is not guessed from its spelling. Write one of them, or leave it out"
            )
        return found or Meaning(text)

    # --- one word ----------------------------------------------------------------------------------------------

    def _whole(self, text: str) -> Meaning | None:
        """Return what a text means as it stands, or behind a name of the attribute; None when it is not known."""
        if text in self.attribute.names:
            return Meaning(self._typed(text))
        word = plain(text)
        if (ambiguous := self.lexicon.asked.get(word)) is not None:
            raise refusal(text, ambiguous, self.attribute)
        if (sense := self.lexicon.senses.get(word)) is not None:
            return self._sense(sense, word)
        if self.attribute.type == "yes_no" and text.lower() in _YES_NO:
            return Meaning(self._typed(_YES_NO[text.lower()]))
        if _YES_NO.get(word) == "false" and "none" in self.attribute.names:
            return Meaning("none")
        rest = self.lexicon.behind_name(text)
        return self._whole(rest) if rest else self._number(text)

    def _number(self, text: str) -> Meaning | None:
        """Return the values that a number stands for, such as a percentage, or two with all between them.

        A name of the attribute may stand behind it.
        """
        pair = _PAIR.fullmatch(text)
        if pair and (high := self._quantity(pair["high"])) is not None:
            return self._spread(Decimal(pair["low"]), high)
        around = numbers.about(text)
        number = self._quantity(around or text)
        if number is None:
            return None
        if around:
            return self._spread(number * Decimal("0.9"), number * Decimal("1.1"))
        names = (name for name, (low, high) in self.lexicon.spans.items() if low <= number <= high)
        return next((Meaning(self._typed(name), is_plain=False) for name in names), None)

    def _spread(self, low: Number, high: Number) -> Meaning | None:
        """Return the values that numbers from low to high stand for; None where an end stands for nothing.

        An end between two values leaves both.
        """
        held = self.lexicon.spans

        def stands(end: Number) -> bool:
            return any(least <= end <= most for least, most in held.values())

        low, high = low if stands(low) else low - _NEXT, high if stands(high) else high + _NEXT
        if not (stands(low) and stands(high)):
            return None
        names = [name for name, (least, most) in held.items() if least <= high and low <= most]
        return Meaning([self._typed(name) for name in names], is_plain=False)

    def _sense(self, sense: Sense, word: str) -> Meaning:
        own = sense.means[self.attribute.id]
        data = [self._typed(part) for part in own] if isinstance(own, list) else self._typed(own)
        others = {name: raw for name, raw in sense.means.items() if name != self.attribute.id}
        labels = [own, (self.attribute.values or {}).get(own, own)] if isinstance(own, str) else []
        note = sense.note or self._dose_words(word)
        return Meaning(data, others, note, is_plain=word in map(plain, labels))

    def _dose_words(self, word: str) -> str | None:
        written = doses.dose(word) if self.lexicon.synonyms.doses else None
        return doses.words(written) if written else None

    def _typed(self, name: object) -> Json:
        return name == "true" if self.attribute.type == "yes_no" and isinstance(name, str) else name

    def _id(self, text: str) -> str | None:
        """Return the id of the one value that a text names."""
        found = self._whole(text.strip())
        return found.data if found and isinstance(found.data, str) else None

    # --- more than one -----------------------------------------------------------------------------------------

    def _signed(self, text: str) -> Meaning | None:
        """Return the values on one side of another, or those that the numbers on one side of a number stand for."""
        if (number := self._number_signed(text)) is not None:
            return number
        found = _SIGNED.fullmatch(text)
        bound = self._id(found["bound"]) if found else None
        return Meaning(f"{found['sign']} {bound}") if found and bound else None

    def _signed_behind_name(self, text: str) -> Meaning | None:
        rest = self.lexicon.behind_name(text)  # collapse >50%
        return self._signed(rest) if rest else None

    def _number_signed(self, text: str) -> Meaning | None:
        """Return what `<50%` or `over 60 %` stands for; None where the number next to its limit stands for nothing."""
        held = self.lexicon.spans
        said = numbers.signed(text) if held else None
        limit = self._quantity(said[1]) if said else None
        if said is None or limit is None:
            return None
        sign = said[0]
        first = limit if sign.endswith("=") else limit + (_NEXT if sign == ">" else -_NEXT)
        if not any(low <= first <= high for low, high in held.values()):
            exactly = self._whole(said[1]) if first == limit else None  # 50% itself may have been left to both sides
            beyond = self._number_signed(f"{sign[0]}{said[1]}") if exactly else None
            return self._either(exactly, beyond) if exactly and beyond else None
        names = [name for name, (low, high) in held.items() if (high >= first if sign[0] == ">" else low <= first)]
        data = [self._typed(name) for name in names]
        return Meaning(data if len(data) > 1 else data[0], is_plain=False)

    def _either(self, one: Meaning, other: Meaning) -> Meaning:
        """Return what is left where either of two may be meant."""
        data = list(_flat((one.data, other.data)))
        names = [name for name in map(self._typed, self.attribute.names) if name in data]
        return Meaning(names, note=one.note, is_plain=False)

    def _quantity(self, text: str) -> Number | None:
        """Return the number of `50 %`; a name of the attribute may stand behind it."""
        found = _QUANTITY.fullmatch(text)
        if not found or plain(found["name"]) not in ("", *self.lexicon.names):
            return None
        number = scalar(found["number"].replace(",", "."))
        return number if is_number(number) else None

    def _all_but(self, text: str) -> Meaning | None:
        """Return what `not mechanical` leaves: every value but the one that is denied by its id or its label."""
        found = _DENIED.fullmatch(text)
        is_finding = self.attribute.class_ == "finding" and self.attribute.type == "choice"
        if not found or self.lexicon.synonyms.exact or not is_finding:
            return None
        denied = plain(found["rest"])
        left = [name for name in self.attribute.names if denied not in self._own_words(name)]
        if len(left) in (0, len(self.attribute.names)):
            return None
        return Meaning(left if len(left) > 1 else left[0], is_plain=False)

    def _written_apart(self, text: str) -> Meaning | None:
        """Return what `semi-rigid` means: the one value that has the same letters in one word, or in others."""
        word = None if self.lexicon.synonyms.exact else self.lexicon.parted_otherwise(text)
        return self._sense(self.lexicon.senses[word], word) if word else None

    def _own_words(self, name: str) -> list[str]:
        return [plain(name), plain((self.attribute.values or {}).get(name, name)), plain(self.attribute.label_of(name))]

    def _range(self, text: str) -> Meaning | None:
        rest = self.lexicon.behind_name(text) or text
        found = _RANGE.fullmatch(rest) if self.attribute.ordered else None
        low = self._end(found["low"], 0) if found else None
        high = self._end(found["high"], -1) or self._continued(low, found["high"]) if found and low else None
        if found is None or low is None or high is None:
            return None
        is_single = self._id(found["low"]) == low and self._id(found["high"]) in (None, high)
        return Meaning(f"{low}..{high}", is_plain=is_single)

    def _end(self, text: str, which: int) -> str | None:
        """Return the end of a range: the value that a text names, of several the first or the last (1 of 1a to 1c)."""
        found = self._whole(text.strip())
        data = found.data if found else None
        named = data[which] if isinstance(data, list) else data
        return named if isinstance(named, str) else None

    def _several(self, text: str) -> Meaning | None:
        """Return several values: all of them for a `several`, any of them for a choice."""
        parts = [part for part in (_AND if self.attribute.type == "several" else _BETWEEN).split(text) if part]
        if len(parts) < 2:
            return None
        if self.attribute.type == "several" and _OR.search(text):
            raise unclear(text, "all of them", "one of them, of which it is not known which")
        found: list[Meaning] = []
        for part in parts:
            last = found[-1].data if found and isinstance(found[-1].data, str) else None
            next_one = self._whole(part) or self._signed(part) or self._range(part) or self._carried(last, part)
            if next_one is None and "/" in text:
                return None
            found.append(next_one or self._completed(part) or Meaning(part))
        if self.lexicon.synonyms.exact and not all(map(self._is_known, found)):
            return None
        is_narrower = self.lexicon.synonyms.worst or any(isinstance(one.data, list) for one in found)
        is_narrower = is_narrower or ("/" not in text and any(one.others for one in found))
        if self.attribute.type == "choice" and is_narrower and not _OR.search(text):
            return None  # pacemaker, not dependent: each part says more
        return Meaning(list(_flat(one.data for one in found)), is_plain=all(one.is_plain for one in found))

    def _is_known(self, meaning: Meaning) -> bool:
        """Tell whether what was heard can be read: a value, several, a range or a comparison."""
        try:
            self.attribute.read([meaning.data] if self.attribute.type == "several" else meaning.data)
        except ValueError:
            return isinstance(meaning.data, list)
        return True

    def _carried(self, last: str | None, text: str) -> Meaning | None:
        name = self._continued(last, text)
        return Meaning(name) if name else None

    def _continued(self, last: str | None, text: str) -> str | None:
        """Return the value that a shortened one means behind another: `8` behind T6 is T8, `c` behind 1b is 1c."""
        names = self.attribute.names
        if last not in names or not (text.isdecimal() or text.isalpha()):
            return None
        lead = re.match(r"[A-Za-z]+" if text.isdecimal() else r"\d+", last)
        name = f"{lead.group()}{text}" if lead else ""
        return name if name in names and names.index(name) > names.index(last) else None

    # --- radiotherapy, and beginnings --------------------------------------------------------------------------

    def _dose(self, text: str) -> Meaning | None:
        """Return what a course of radiotherapy was: its technique, its dose, and when, as far as these are said."""
        synonyms = self.lexicon.synonyms
        if synonyms.ago and (found := times.split_ago(text)):
            before = self.hear(found[0])
            if says_none(before.data):
                raise unclear(text, "none at any time", "one until then")
            return Meaning(before.data, {**before.others, synonyms.ago: found[1]}, before.note, is_plain=False)
        if not synonyms.doses:
            return None
        if written := doses.dose(text):
            return self._course(text, written)
        for technique, rest in _splits(text):
            written = doses.dose(rest)
            listed_as = self.lexicon.senses.get(plain(written)) if written else None
            asked = self.lexicon.asked.get(plain(technique))
            if written and listed_as and asked and listed_as.means[self.attribute.id] in asked.readings:
                return self._course(text, written)  # 30/10 tells what XRT does not
            if written and (said := self._whole(technique)):
                if listed_as and listed_as.means[self.attribute.id] != said.data:
                    raise unclear(
                        text, *(f"{said.data}, by the technique", f"{listed_as.means[self.attribute.id]}, by the dose")
                    )
                return Meaning(said.data, said.others, doses.words(written), is_plain=False)
        return None

    def _course(self, text: str, written: str) -> Meaning:
        word = plain(written)
        if (ambiguous := self.lexicon.asked.get(word)) is not None:
            raise refusal(text, ambiguous, self.attribute)
        sense = self.lexicon.senses.get(word)
        if sense is None:
            raise unclear(
                text,
                *(f"{name} ({label})" for name, label in (self.attribute.values or {}).items() if name != "none"),
                because="; the dose does not tell the technique",
            )
        return Meaning(sense.means[self.attribute.id], note=doses.words(written), is_plain=False)

    def _completed(self, text: str) -> Meaning | None:
        """Return the one value that begins with a text; refuse a beginning of several.

        A plain no is never the beginning of normal or of non-ambulatory.
        """
        if self.lexicon.synonyms.exact or not text or self.attribute.type == "yes_no":
            return None
        if text.lower() in _YES_NO or len(text) < _SHORTEST:
            return None
        wanted = plain(text)
        if wanted in ("not", "non"):
            return None  # what is denied is not said
        begun = {name: [plain(name), plain((self.attribute.values or {})[name])] for name in self.attribute.names}
        names = [name for name, words in begun.items() if wanted and any(word.startswith(wanted) for word in words)]
        if len(names) > 1:
            raise UnclearError(f"{text!r} could be {listed(names)}; write more of it", [*names], f"{listed(names)}")
        return Meaning(names[0], is_plain=False) if names else None


def _splits(text: str) -> list[tuple[str, str]]:
    """Return a text parted into a technique and a dose, wherever it has a space, either one first."""
    words = text.split()
    cuts = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    return [*cuts, *((rest, first) for first, rest in cuts)]


def _flat(data: Iterable[Json]) -> Iterable[Json]:
    for one in data:
        yield from one if isinstance(one, list) else [one]
