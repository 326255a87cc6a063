"""How long ago, and for how long: `6/52`, `2 weeks`, `14/12 ago`, and what is counted from the day of the letter.

A number over 7 or 12 is days or months in British letters and a date elsewhere. It is taken for a time only where
something beside it says so (`ago`, `for`, `>`); nothing has 52 months, so that a number over 52 is always weeks.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from cases.hearing.meaning import UndatedError, unclear
from knowledge_base.text.errors import shown

# What one of each is in the unit of an attribute; a month is 30 days, a year 365 of them or 12 months.
_IN: Mapping[str, Mapping[str, Fraction]] = {
    "hours": {
        "minute": Fraction(1, 60),
        "hour": Fraction(1),
        "day": Fraction(24),
        "week": Fraction(168),
        "month": Fraction(720),
        "year": Fraction(8760),
    },
    "days": {
        "minute": Fraction(1, 1440),
        "hour": Fraction(1, 24),
        "day": Fraction(1),
        "week": Fraction(7),
        "month": Fraction(30),
        "year": Fraction(365),
    },
    "months": {
        "minute": Fraction(1, 43200),
        "hour": Fraction(1, 720),
        "day": Fraction(1, 30),
        "week": Fraction(7, 30),
        "month": Fraction(1),
        "year": Fraction(12),
    },
}
_WORDS = {
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "minute"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hour"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "week"),
    **dict.fromkeys(("mo", "mos", "mth", "mths", "month", "months"), "month"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "year"),
}
_OVER = {"7": "day", "52": "week", "12": "month"}
_MONTHS = {"7": "July", "12": "December"}
_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
NUMBER_WORDS = {"a": "1", "an": "1", "zero": "0"} | {
    word: str(number) for number, word in enumerate([*_UNITS, *_TEENS], 1)
}
_SPELT = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[\s-]+(?P<units>{'|'.join(_UNITS)}))?|"
    rf"(?P<small>zero|{'|'.join([*_UNITS, *_TEENS])}))\b",
    re.IGNORECASE,
)
_DECADE = re.compile(rf"\b(?:{'|'.join(word[:-1] for word in _TENS)})ies\b", re.IGNORECASE)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = {**{day[:length]: day for day in _DAYS for length in (3, 4, 5)}, **{day: day for day in _DAYS}}
_YEAR_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(r"(?:(?P<name>[a-z]{3})[a-z]*\.?\s+|(?P<number>\d{1,2})/)(?P<year>(?:19|20)\d{2})")
_DATE = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:\s+(?:of\s+)?(?P<name>[a-z]{3})[a-z]*\.?|[/.](?P<number>\d{1,2}))(?:[\s/.]+(?P<year>(?:20)?\d{2}))?|"
    r"(?P<first>[a-z]{3})[a-z]*\.?\s+(?P<last>\d{1,2})(?:st|nd|rd|th)?",
    re.IGNORECASE,
)  # 24/11, 24 Nov, Nov 24; a day up to the twelfth may be a month
_WHOLE_DATE = re.compile(
    r"(?:[a-z]{2,9}\.?,?\s+(?=\d))?(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?P<name>[a-z]{3})[a-z]*[.,]?[\s-]+|"
    r"(?P<first>[a-z]{3})[a-z]*\.?\s+(?P<last>\d{1,2})(?:st|nd|rd|th)?,?\s+|"
    r"(?P<one>\d{1,2})(?P<by>[/.-])(?P<other>\d{1,2})(?P=by))(?P<year>(?:20)?\d{2})",
    re.IGNORECASE,
)  # 20/11/2026, 20.11.26, 20 Nov 2026, November 20, 2026
_PARTED = re.compile(r"\d{1,2}/\d{1,2}")  # a date, or a dose in so many fractions
_LATELY = timedelta(days=180)  # a day later in the year than the letter may be one of the year before
_LED = re.compile(
    r"(?:(?P<for>for|x|(?:(?:for|over|in) )?the last|(?:over |in )?last(?= \d)|"
    r"(?:gradual|gradually|slowly|progressive|progressively|progressing|developed|evolving|worsening|increasing) over)|"
    r"since|from|in|on)\s+",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:\b(?:about|approx\.?|around|c\.)\s*)?\b(?:\d{1,2}:\d{2}(?:\s*(?:am|pm))?|\d{1,2}\s*(?:am|pm)|"
    r"(?!19)[01]\d[0-5]\d(?:\s*h(?:rs?)?)?|19[0-5]\d\s*h(?:rs?)?)\b",
    re.IGNORECASE,
)  # 1958 is a year
_WEEKEND = ("weekend", "the weekend", "last weekend", "this weekend")
_DAYS_BEFORE = ("yesterday", "day before yesterday")
_TODAY = ("today", "this morning", "this am", "this afternoon", "this evening", "tonight")
_OF_DAY = re.compile(r"(?<=day) (?:early |late )?(?:morning|afternoon|evening|am|pm|midday|lunchtime)$")
_TAIL = re.compile(r"\s*\b(?P<ago>ago|history|h/o|old|now)$", re.IGNORECASE)
_NUMBER = r"\d+(?:\.\d+)?"
_LENGTH = re.compile(
    rf"(?P<sign>>=|<=|>|<)?\s*(?P<low>{_NUMBER}|{'|'.join(NUMBER_WORDS)})"
    rf"(?:\s*(?:-|\.\.|\u2013|to)\s*(?P<high>{_NUMBER}))?"
    r"(?:\s*/\s*(?P<over>7|52|12)|\s*(?P<unit>[a-z]+))",
    re.IGNORECASE,
)
_DAYS_SAID = (
    14  # days that people write over seven; a date in July is hardly an answer to how long, and would be longer
)
HOW_TO_DATE = "add `date: YYYY-MM-DD`, the day of the letter, to the case"


@dataclass(frozen=True)
class Length:
    """A time in the unit of the attribute: a number, a range or a comparison; `typed` tells in which unit it was said."""

    data: str | Decimal
    unit: str


def in_digits(text: str) -> str:
    """Return a text with its numbers below a hundred in digits: `sixty-eight years` is `68 years`, `sixties` is `60s`."""

    def digits(found: re.Match[str]) -> str:
        tens = 10 * (_TENS.index(found["tens"].lower()) + 2) if found["tens"] else 0
        return str(tens + int(NUMBER_WORDS.get((found["units"] or found["small"] or "").lower(), 0)))

    decades = _DECADE.sub(lambda found: f"{10 * (_TENS.index(f'{found.group()[:-3].lower()}y') + 2)}s", text)
    return _SPELT.sub(digits, decades)


def is_time(unit: str | None) -> bool:
    """Tell whether an attribute is measured in time."""
    return unit in _IN


def is_measured(words: Iterable[str]) -> bool:
    """Tell whether a unit of time is among some words in small letters."""
    return any(word in _WORDS for word in words)


def length(text: str, unit: str) -> Length | None:
    """Return how long a text says, in hours, days or months; None when it says no length of time.

    Raises ValueError for a text that may as well be a date.
    """
    bare, resolved = _bare(text)
    found = _LENGTH.fullmatch(bare)
    if found is None or (found["unit"] and found["unit"].lower() not in _WORDS):
        return None
    said = _OVER[found["over"]] if found["over"] else _WORDS[found["unit"].lower()]
    low, high = (Fraction(NUMBER_WORDS.get(end.lower(), end)) if end else None for end in (found["low"], found["high"]))
    assert low is not None
    are_days = said == "day" and low <= _DAYS_SAID and not _LED.match(text)
    is_plain = resolved or found["sign"] or high is not None or are_days
    if found["over"] in _MONTHS and not is_plain and low <= 31:
        number = f"{found['low']} {said}{'' if low == 1 else 's'}"
        in_unit = "" if f"{said}s" == unit else f" ({_rounded(low * _IN[unit][said])} {unit})"
        date = f"the date {found['low']} {_MONTHS[found['over']]}"
        raise unclear(text, f"{number}{in_unit}, written {number!r}", f"{date}, written with its year")
    factor = _IN[unit][said]
    if high is not None:
        return Length(f"{_rounded(low * factor)}..{_rounded(high * factor)}", said)
    value = _rounded(low * factor)
    return Length(f"{found['sign']} {value}" if found["sign"] else value, said)


def _bare(text: str) -> tuple[str, bool]:
    """Return a time without the words around it, and whether these tell that it is no date."""
    led = _LED.match(text)
    rest = text[led.end() :] if led else text
    tail = _TAIL.search(rest)
    rest = rest[: tail.start()] if tail else rest
    return rest.strip(), bool((led and led["for"]) or tail)


def split_ago(text: str) -> tuple[str, str] | None:
    """Return what stands before a time that ends in `ago`, or before a month or a year, and that time."""
    ago = rf"(?:{_NUMBER}\s*/\s*\d+|{_NUMBER}\s*[a-z]+)\s+ago"
    day = r"(?:in\s+)?(?:[a-z]{3,9}\.?\s+|\d{1,2}/)?(?:19|20)\d{2}"
    found = re.fullmatch(rf"(?P<before>.*?[^\s,(])[\s,(]+(?P<time>{ago}|{day})\)?", text, re.IGNORECASE)
    return (found["before"], found["time"]) if found else None


def is_ago(text: str) -> bool:
    """Tell whether a text is nothing but a time that ends in `ago`, a month or a year."""
    found = split_ago(f"- {text}")
    return found is not None and found[0] == "-"


def split_since(text: str) -> tuple[str, str] | None:
    """Return what stands before a time that ends a text (perhaps nothing), and that time; None when none ends it."""
    words = text.split()
    for cut in range(len(words)):
        time = " ".join(words[cut:])
        bare = _bare(time)[0]
        found = _LENGTH.fullmatch(bare)
        is_length = found and (found["over"] or found["unit"].lower() in _WORDS)
        is_day = _is_day(_day_in(time)) and not _PARTED.fullmatch(time)
        if is_length or is_day or (time != bare and _CLOCK.fullmatch(bare)):
            return " ".join(words[:cut]), time
    return None


def _rounded(number: Fraction, how: str = ROUND_HALF_EVEN) -> Decimal:
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return Decimal(f"{exact.quantize(Decimal('0.01'), how).normalize():f}")


# --- counted from a day ------------------------------------------------------------------------------------------------


def moment(text: str) -> tuple[datetime, datetime]:
    """Return the first and the last instant that the date of a case may be; raise ValueError when it is none."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?", text):
        raise ValueError(f"{shown(text)} is not a date; write it as 2026-03-31, or 2026-03-31 14:30")
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{shown(text)} is not a date; write it as 2026-03-31, or 2026-03-31 14:30") from None
    return start, start if ":" in text else start + timedelta(days=1)


def calendar_day(text: str) -> str | None:
    """Return a day with its year, such as 20/11/2026 or 20 Nov 2026, as YYYY-MM-DD; None for what is none, or may be two."""
    found = _WHOLE_DATE.fullmatch(text.strip())
    if found is None:
        return None
    name, year = (found["name"] or found["first"] or "")[:3].lower(), int(found["year"][-2:]) + 2000
    if name:
        day, month = int(found["day"] or found["last"]), _YEAR_MONTHS.index(name) + 1 if name in _YEAR_MONTHS else 0
    else:
        day, month = int(found["one"]), int(found["other"])
        if month > 12 >= day:
            day, month = month, day  # 11/24/2026
        elif day != month and day <= 12 and found["by"] != ".":
            return None
    try:
        return datetime(year, month, day).date().isoformat()
    except ValueError:
        return None


def is_clock(text: str) -> bool:
    """Tell whether a text is an hour of a day and nothing else."""
    return _CLOCK.fullmatch(text) is not None


def since(text: str, unit: str, date: str | None) -> str | None:
    """Return how long ago a day or a year was, as a range in the unit; None when the text names none.

    Raises ValueError when it is counted from the day of the letter and that is not known.
    """
    word = _day_in(text)
    if not word and _CLOCK.search(text):
        return f"0..{_rounded(24 * _IN[unit]['hour'])}"  # no hour of a day is longer ago
    if not _is_day(word) or (unit != "hours" and _PARTED.fullmatch(text)):
        return None
    if unit == "hours" and re.fullmatch(r"19[0-5]\d", word):
        raise unclear(text, f"the hour {word[:2]}:{word[2:]}, written so", f"the year {word}")
    if word in ("overnight", "last night"):
        raise unclear(text, "a number of hours, such as 6..14; the hour at which all was last well is asked for")
    if date is None:
        counted = f"counted from the day of the letter; {HOW_TO_DATE}, or write the {unit}"
        raise UndatedError(f"{shown(text)} is {counted}", counted)
    now, latest = moment(date)
    first, last = _span(word, now)
    low, high = max(now - last, timedelta()), latest - first
    if high < timedelta():
        raise ValueError(f"{shown(text)} is later than the date of the case ({date}); mend one of them")
    hour = _IN[unit]["hour"] / 3600
    ends = (
        _rounded(Fraction(int(low.total_seconds())) * hour, ROUND_FLOOR),
        _rounded(Fraction(int(high.total_seconds())) * hour, ROUND_CEILING),
    )
    return f"{ends[0]}..{ends[1]}"


def _day_in(text: str) -> str:
    """Return what of a time names a day or a year: without the words before it, the hour, and the part of the day."""
    return _OF_DAY.sub("", " ".join(_CLOCK.sub(" ", _bare(text)[0].lower()).replace(",", " ").split()))


def _is_day(word: str) -> bool:
    """Tell whether a word names a day, a month with its year, or a year."""
    if word in (*_TODAY, *_WEEKEND, *_DAYS_BEFORE, "overnight", "last night", "last week", "last month", "last year"):
        return True
    if word.removeprefix("last ").removeprefix("until ") in _DAY or re.fullmatch(
        r"(?:19|20)\d{2}(?:-\d{2}-\d{2})?", word
    ):
        return True
    return _month(word) is not None or _date(word) is not None


def _date(word: str) -> tuple[int | None, int, int] | None:
    """Return the year (if it is said), the month and the day of `24/11` or `24 Nov`; None for anything else."""
    found = _DATE.fullmatch(word)
    if found is None:
        return None
    name, day = (found["name"] or found["first"] or "").lower(), int(found["day"] or found["last"])
    if name and name not in _YEAR_MONTHS:
        return None
    month = _YEAR_MONTHS.index(name) + 1 if name else int(found["number"])
    if not name and month > 12 >= day and found["year"]:
        day, month = month, day  # 11/24/2026
        return int(found["year"][-2:]) + 2000, month, day
    if not (1 <= month <= 12 and 1 <= day <= 31) or (not name and day <= 12):
        return None
    return (int(found["year"][-2:]) + 2000 if found["year"] else None), month, day


def _month(word: str) -> tuple[int, int] | None:
    """Return the year and the number of the month in `Mar 2025` or `11/2024`; None for anything else."""
    found = _MONTH.fullmatch(word)
    if found is None:
        return None
    number = int(found["number"]) if found["number"] else (*_YEAR_MONTHS, found["name"]).index(found["name"]) + 1
    return (int(found["year"]), number) if 1 <= number <= 12 else None


def _span(word: str, now: datetime) -> tuple[datetime, datetime]:
    """Return when the day or the year that a word names began and ended."""
    day, one = now.replace(hour=0, minute=0), timedelta(days=1)
    if word in _TODAY:
        return day, day + one
    if word == "yesterday":
        return day - one, day
    if word in _WEEKEND:
        sunday = day - timedelta(days=day.weekday() + 1 if day.weekday() < 6 else 0)
        return sunday - one, min(sunday + one, day + one)
    if word == "day before yesterday":
        return day - 2 * one, day - one
    if word == "last week":
        monday = day - timedelta(days=day.weekday())
        return monday - 7 * one, monday
    if word == "last month":
        end = day.replace(day=1)
        return (end - one).replace(day=1), end
    if word == "last year":
        return day.replace(year=day.year - 1, month=1, day=1), day.replace(month=1, day=1)
    if (month := _month(word)) is not None:
        year, number = month
        return datetime(year, number, 1), datetime(year + number // 12, number % 12 + 1, 1)
    if (date := _date(word)) is not None:
        said, in_month, number = date
        try:
            start = datetime(said or day.year, in_month, number)
            before = start.replace(year=day.year - 1)
        except ValueError:
            raise ValueError(f"{shown(word)} is no day of the calendar") from None
        if said is None and start > day and day - before < _LATELY:
            start = before
        return start, start + one
    if word.isdecimal():
        return datetime(int(word), 1, 1), datetime(int(word) + 1, 1, 1)
    if word[0].isdecimal():
        start, end = moment(word)
        return start, end
    back = (day.weekday() - _DAYS.index(_DAY[word.removeprefix("last ").removeprefix("until ")])) % 7
    if not back:  # today, or a week ago
        return day - 7 * one, day + one
    return day - back * one, day - (back - 1) * one
