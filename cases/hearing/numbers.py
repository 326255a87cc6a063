"""Numbers as people write them: with a unit or without, about, from-to, more than, out of ten, or as a time.

A number without a unit is read by its size only where the vocabulary says that its size tells; elsewhere it is in the
attribute's own unit, or, where units overlap, it is asked for its unit.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from cases.hearing import times
from cases.hearing.meaning import Json, Meaning, UnclearError, unclear
from knowledge_base.language.domains import Number, Numbers
from knowledge_base.language.literals import RANGE, is_number, within
from knowledge_base.language.synonyms import Lexicon
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.errors import shown
from knowledge_base.text.strict_yaml import scalar

_NUMBER = r"-?\d+(?:\.\d+)?"
_BETWEEN = re.compile(r"\s*;\s*|\s*,\s+|\s+or\s+", re.IGNORECASE)
_COMMA = re.compile(r"(?<=\d),(?=\d)")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
_ABOUT = re.compile(
    r"(?:about|approximately|approx\.?|around|roughly|circa|ca?\.|~|\u2248)\s*(?P<rest>\d.*)", re.IGNORECASE
)
_SPAN = re.compile(
    rf"(?:between\s+)?(?P<low>{_NUMBER})\s*(?:\.\.|\bto\b|\band\b|[-\u2013])\s*(?P<high>{_NUMBER})", re.IGNORECASE
)
_WITH_UNIT = re.compile(r"(?P<quantity>.*\d)\s*(?P<unit>[^\W\d]\D*|%)")
_TIME_UNIT = re.compile(r"\s*(?:/\s*(?:7|52|12)|[a-z]+)$", re.IGNORECASE)  # of the last of "2 or 3 days"
_CLOCK_OR_HOURS = re.compile(r"(?:[01]?\d|2[0-3])\.[0-5]\d|[01]\d[0-5]\d\s*hours")
_WEEKS_AND_DAYS = re.compile(
    r"(?P<weeks>\d{1,2})\s*(?:\+\s*[0-6](?:/7)?|w(?:(?:ee)?ks?)?\s*\+?\s*[0-6]\s*d(?:ays?)?)(?:\s*/\s*40)?",
    re.IGNORECASE,
)  # of a pregnancy: 24+3, 24w3d
_BORN = re.compile(
    r"(?:born|yob|dob|b\.)\s*:?\s*(?:(?:in|on)\s+)?(?:\d{1,2}[/.-]\d{1,2}[/.-])?(?P<year>\d{4})", re.IGNORECASE
)
_DECADE = re.compile(r"(?:in\s+)?(?:his|her|the)?\s*(?:early|mid|late)?[\s-]*(?P<tens>\d)0\s?'?s", re.IGNORECASE)
_SMALL = Decimal("0.01")  # of the own unit, as a cell per microlitre is of 10^9 per litre
_SPACED = re.compile(r"\d{1,3}(?: \d{3})+")  # 180 000
_GROUPED = re.compile(r"\d{1,3}(?:[. ]\d{3})+")
_CONFIRMED = "!"  # in place of a unit: a number without units that was written with its own name, 9.5 INR
_SIGNS = {
    ">=": ("\u2265", "at least", "not less than"),
    "<=": ("\u2264", "at most", "up to", "not more than", "no more than", "no longer than", "within"),
    ">": ("more than", "greater than", "longer than", "above", "over", "beyond"),
    "<": ("less than", "fewer than", "below", "under"),
}
_SIGNED = re.compile(
    rf"(?:{'|'.join(re.escape(word) for words in _SIGNS.values() for word in words)})(?=\s*\d)", re.IGNORECASE
)

_OR_MORE = re.compile(
    r"(?P<number>\d[\w.%]*(?: [a-z]+)?),? (?:or|and) "
    r"(?P<more>more|over|above|greater|longer|less|under|below|fewer|shorter)",
    re.IGNORECASE,
)
_PLUS = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>\s*[a-z]+)?\s*\+(?P<behind>\s*[a-z]+)?", re.IGNORECASE)
_UPWARD = ("more", "over", "above", "greater", "longer")


@dataclass(frozen=True)
class _Part:
    """One number, range or comparison: as a case file writes it, its unit, and whether it was said otherwise."""

    quantity: str
    unit: str = ""
    is_plain: bool = True

    @property
    def data(self) -> Json:
        return f"{self.quantity} {self.unit}" if self.unit else scalar(self.quantity)

    @property
    def numbers(self) -> list[Number]:
        """The numbers that are written in it."""
        found = RANGE.fullmatch(self.quantity)
        ends = (found["low"], found["high"]) if found else (self.quantity.lstrip("<>= "),)
        return [number for number in map(scalar, ends) if is_number(number)]


@dataclass(frozen=True)
class NumberEar:
    """Hears the numbers of one attribute; `date` is the day from which it counts."""

    attribute: Attribute
    lexicon: Lexicon
    date: str | None = None

    def hear(self, text: str) -> Meaning:
        """Return what a text says; what is not understood is left as it is, for the vocabulary to refuse.

        Raises ValueError for what may mean two things.
        """
        text = _sign_first(text.replace(" ", "") if _SPACED.fullmatch(text.strip()) else text)
        spelt = times.in_digits(text)
        said = spelt if spelt != text and self._readable(spelt) else text
        parts = list(self._parts(self._without_thousands(said.strip())))
        data = [part.data for part in parts]
        if not parts:
            return Meaning(text)
        return Meaning(data if len(data) > 1 else data[0], is_plain=all(part.is_plain for part in parts))

    def _without_thousands(self, text: str) -> str:
        """Return a text without the commas of thousands; refuse `2,5`, which may be one number or two."""
        if not _COMMA.search(text):
            return text
        point, several = _COMMA.sub(".", text), _COMMA.sub(" or ", text)
        if not self.attribute.whole and re.search(r"(?<![\d,])\d+,\d{1,2}(?![\d,])", text):
            return point  # a decimal comma: nobody writes two measured values without a space
        wrong = ValueError(f"{shown(text)} may be one number or several; write {shown(point)} or {shown(several)}")
        if not _THOUSANDS.search(text) or _COMMA.search(_THOUSANDS.sub("", text)):
            raise wrong
        whole = _COMMA.sub("", text)
        readings = {self._readable(whole), self._readable(point)} - {None}
        if len(readings) != 1:
            raise wrong
        return whole if self._readable(whole) else point

    def _readable(self, text: str) -> object:
        """Return the values that a text says, or None when it cannot be said."""
        try:
            parts = list(self._parts(text))
            return self.attribute.read(parts[0].data) if len(parts) == 1 else None
        except ValueError:
            return None

    def _parts(self, text: str) -> Iterator[_Part]:
        pieces = [piece for piece in _BETWEEN.split(text) if piece]
        unit = _TIME_UNIT.search(pieces[-1]) if len(pieces) > 1 and times.is_time(self.attribute.unit) else None
        found = [self._part(f"{piece}{unit[0]}" if unit and piece.isdecimal() else piece) for piece in pieces]
        last = found[-1].unit if found else ""
        for part in found:
            yield self._sized(part if part.unit or not last else _Part(part.quantity, last, part.is_plain))

    def _part(self, text: str) -> _Part:
        unit = self.attribute.unit
        if unit == "hours" and _CLOCK_OR_HOURS.fullmatch(text):
            raise unclear(text, "so many hours", "a time of day, which is written 18:00")
        if unit == "weeks" and (counted := _WEEKS_AND_DAYS.fullmatch(text)):
            text = counted["weeks"]
        if (signed := _SIGNED.match(text)) and not self._is_over(text):
            text = f"{_sign(signed.group())} {text[signed.end() :].strip()}"
        around = about(text)
        rest = around or text
        if times.is_time(unit) and not (self.lexicon.synonyms.to_come and times.is_ago(rest)):
            assert unit
            if (since := times.since(rest, unit, self.date)) is not None:
                return _Part(self._longest(since) or since, is_plain=False)
            if (length := self._time(rest, unit, bool(around))) is not None:
                return length
        if unit == "years" and self.date and (born := _BORN.fullmatch(rest)):
            year = int(self.date[:4]) - int(born["year"])
            return _Part(f"{year - 1}..{year}", is_plain=False)
        if unit == "years" and (decade := _DECADE.fullmatch(rest)):
            return _Part(f"{decade['tens']}0..{decade['tens']}9", is_plain=False)
        quantity, written = self._parted(rest)
        if around and is_number(number := scalar(quantity)):
            return _Part(self._around(number), written, is_plain=False)
        return _Part(_canonical(quantity), written)

    def _is_over(self, text: str) -> bool:
        """Refuse `over 2 weeks` of a time, which is longer than that or in the course of it."""
        if not times.is_time(self.attribute.unit) or not re.match(r"over\s+\d", text, re.IGNORECASE):
            return False
        rest = text[4:].strip()
        raise unclear(text, f"more than {rest}, written '> {rest}'", f"in the course of {rest}, written {rest!r}")

    def _time(self, text: str, unit: str, about: bool) -> _Part | None:
        """Return a length of time in the own unit."""
        said = text
        if about and (found := re.match(rf"{_NUMBER}", text)) and is_number(number := scalar(found.group())):
            said = f"{self._around(number, clip=False)} {text[found.end() :]}".replace(" /", "/")
        length = times.length(said, unit)
        if length is None:
            return None
        if not self.lexicon.synonyms.to_come and (longest := self._longest(str(length.data))) is not None:
            return _Part(longest, is_plain=False)
        is_own = f"{length.unit}s" == unit and not re.search(r"/\s*\d", text)
        return _Part(str(length.data), is_plain=is_own and not about)

    def _longest(self, data: str) -> str | None:
        """Return a time that is longer than any that is told apart as the longest of these; None of any other."""
        domain = self.attribute.domain
        assert isinstance(domain, Numbers)
        ends = [Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", data)]
        if max(ends) <= domain.high:
            return None
        if data.startswith("<"):
            return f"<= {domain.high}"
        return f"{ends[0]}..{domain.high}" if ends[0] < domain.high else str(domain.high)

    def _parted(self, text: str) -> tuple[str, str]:
        """Return a quantity, and its unit as the vocabulary spells it, or as it is written where it is not known."""
        synonyms, attribute = self.lexicon.synonyms, self.attribute
        if (most := synonyms.out_of) and (found := re.fullmatch(rf"({_NUMBER})\s*/\s*{most}", text)):
            return found[1], ""
        for written, advice in synonyms.ask_units.items():
            if re.fullmatch(rf".*\d\s*{re.escape(written)}s?", text, re.IGNORECASE):
                raise unclear(text, advice)
        for spelling, unit in self._spellings():
            if found := re.fullmatch(
                rf"(?P<quantity>.*\d)\s*{spelling}", text.replace("\u03bc", "\u00b5"), re.IGNORECASE
            ):
                is_own = unit == "%" == attribute.unit
                return self._whole(found["quantity"].rstrip(), unit), _CONFIRMED if is_own else unit.removeprefix("%")
        found = _WITH_UNIT.fullmatch(text)
        return (found["quantity"], found["unit"]) if found and attribute.unit else (text, "")

    def _whole(self, quantity: str, unit: str) -> str:
        """Return a count in a small unit without the point or space of its thousands: `98.000/ul` is never 98."""
        is_count = (self.attribute.also_in or {}).get(unit, 1) <= _SMALL
        return re.sub(r"[. ]", "", quantity) if is_count and _GROUPED.fullmatch(quantity) else quantity

    def _spellings(self) -> list[tuple[str, str]]:
        """Return every spelling of a unit as a pattern, the longest first, and the unit."""
        own = [unit for unit in (self.attribute.unit, *(self.attribute.also_in or {})) if unit]
        pairs = [(unit, unit) for unit in own]
        pairs += [(word, unit) for unit, words in self.lexicon.synonyms.units.items() for word in words]
        if not self.attribute.unit:
            pairs += [(name, _CONFIRMED) for name in (self.attribute.label, *self.lexicon.synonyms.also)]
        pairs = sorted(pairs, key=lambda pair: (-len(pair[0]), pair))
        return [(re.sub(r"(?:\\ )+", r"\\s*", re.escape(word)), unit) for word, unit in pairs]

    def _around(self, number: Number, clip: bool = True) -> str:
        """Return the range that `about` a number names: a tenth of it to either side, at least one of its last digit."""
        attribute = self.attribute
        last = Decimal(1).scaleb(int(number.as_tuple().exponent)) if isinstance(number, Decimal) else Decimal(1)
        margin = max(last, abs(Decimal(number)) / 10)
        if step := attribute.step or (1 if attribute.whole else None):
            margin = Decimal(max(step, round(margin / step) * step))
        low, high = Decimal(number) - margin, Decimal(number) + margin
        if clip and isinstance(attribute.domain, Numbers) and attribute.domain.low <= number <= attribute.domain.high:
            low, high = max(low, Decimal(attribute.domain.low)), min(high, Decimal(attribute.domain.high))
        return f"{max(low, Decimal(0)).normalize():f}..{high.normalize():f}"

    def _sized(self, part: _Part) -> _Part:
        """Return a part with the unit that its size tells; refuse one whose size does not tell."""
        synonyms, numbers = self.lexicon.synonyms, part.numbers
        if part.unit == _CONFIRMED:
            return _Part(part.quantity)
        if part.unit in (self.attribute.also_in or {}):
            return replace(part, is_plain=False)
        if part.unit or not numbers:
            return part
        for span, reading in synonyms.ask_numbers.items():
            if any(within(span, number) for number in numbers):
                own = f"{part.quantity} {self.attribute.unit or self.attribute.label}"
                raise unclear(part.quantity, f"{own}, written {own!r}", reading)
        if synonyms.bare is None:
            return part
        for span, unit in synonyms.bare.items():
            if all(within(span, number) for number in numbers):
                own_unit = unit == self.attribute.unit
                return _Part(part.quantity, "" if own_unit else unit, part.is_plain and own_unit)
        raise self._which_unit(part)

    def _which_unit(self, part: _Part) -> ValueError:
        factors = {self.attribute.unit or "": 1, **(self.attribute.also_in or {})}
        domain = self.attribute.domain
        assert isinstance(domain, Numbers)
        fitting = [u for u, f in factors.items() if all(domain.low <= n * f <= domain.high for n in part.numbers)]
        if len(fitting) == 1 and len(factors) > 1:
            others = " or ".join(unit for unit in factors if unit not in fitting)
            outside = f"in {others} it would be outside {self.attribute.id} ({self.attribute.domain_text})"
            message = (
                f"{shown(part.quantity)} has no unit; {outside}, so write '{part.quantity} {fitting[0]}' if that is what "
                "was measured"
            )
            return UnclearError(message, None, f"{part.quantity} {fitting[0]}; {outside}")
        units = fitting or list(factors)
        return unclear(
            part.quantity, *(f"'{part.quantity} {unit}'" for unit in units), because="; its size does not tell the unit"
        )


def _canonical(quantity: str) -> str:
    """Return a range as a case file writes it."""
    span = _SPAN.fullmatch(quantity)
    return f"{span['low']}..{span['high']}" if span else quantity


def signed(text: str) -> tuple[str, str] | None:
    """Return a sign and what stands behind it (`>`, `50%` of `over 50%`); None when none leads the text."""
    text = _sign_first(text)
    if (found := _SIGNED.match(text)) is not None:
        return _sign(found.group()), text[found.end() :].strip()
    bare = re.match(r">=|<=|>|<", text)
    return (bare.group(), text[bare.end() :].strip()) if bare else None


def _sign_first(text: str) -> str:
    """Return `50% or more` as `at least 50%`, and `6+ months` likewise; any other text as it is."""
    if plus := _PLUS.fullmatch(text.strip()):
        return f"at least {plus['number']}{plus['unit'] or plus['behind'] or ''}"
    found = _OR_MORE.fullmatch(text.strip())
    if found is None:
        return text
    return f"{'at least' if found['more'].lower() in _UPWARD else 'at most'} {found['number']}"


def about(text: str) -> str | None:
    """Return what stands behind `about`: `30%` of `~30%`; None where nothing says about."""
    found = _ABOUT.fullmatch(text)
    return found["rest"] if found else None


def _sign(words: str) -> str:
    return next(sign for sign, known in _SIGNS.items() if words.lower() in known)
