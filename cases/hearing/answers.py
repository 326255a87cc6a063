"""One answer: what a person typed for one attribute, and what it says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from cases.hearing.known_parts import KnownParts
from cases.hearing.meaning import Json, LeftOpenError, Meaning, NotHeardError, UnclearError, refusal, says_none, unclear
from cases.hearing.names import NameEar
from cases.hearing.numbers import NumberEar
from cases.hearing.parts import Hears, Parts
from cases.hearing.places import hear_places
from cases.hearing.signs import hear_share, hear_sign
from cases.hearing.times import in_digits, is_time
from cases.hearing.wishes import hear_refusal
from cases.hearing.within import hear_number_within, hear_times_within, hear_within, listed_in, without_spread
from knowledge_base.language.domains import Values, both
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.literals import is_number
from knowledge_base.language.synonyms import Lexicon, plain
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.errors import Mistake, listed, shown

NOT_KNOWN = (
    "", "?", "unknown", "not known", "not yet known", "don't know", "n/k", "nk", "not stated", "not recorded", "not said",
    "unclear", "awaited", "awaiting", "pending", "to follow", "tbc", "result awaited", "results awaited",
)  # fmt: skip
_LEFT_OPEN = {  # that nothing is known is right of every reading, or safe
    "nad": "nothing abnormal was found; or it was not actually looked for",
    "-": "no; or a dash, so not known",
    **dict.fromkeys(("n/a", "na", "n.a.", "not applicable"), "not applicable; or not available, so not known"),
    **dict.fromkeys(
        ("not done", "not done yet", "not yet done", "not examined", "not tested", "n/e"),
        "not known, as it was not looked for",
    ),
}
_DOUBTED = re.compile(
    r"(?:\?+\s*|(?:query|possible|possibly|probable|probably|suspected|suspicion of|presumed|rule out|r/o)\s+)"
    r"(?P<rest>\w.*)",
    re.IGNORECASE,
)
_DOUBTED_BEHIND = re.compile(r"(?P<rest>\w[^?]*?)\s*\(?\?+\)?")
_DOUBTED_BESIDE = re.compile(r"(?P<sure>\w[^?]*?)[\s,;/(]+\?+\s*(?P<rest>\w[^?]*?)\)?")
_AWAITED = re.compile(r"\w[^,;]*\s(?:pending|awaited|to follow|tbc)")
_AMOUNT = re.compile(r"[<>=~\s]*(?P<number>\d+(?:\.\d+)?)(?:[.,]\d{3})*\s*(?:[^\s\d/]\S{0,12})?")
_MEASURED = re.compile(
    r"\d\s*/\s*\d|\d\s*(?!(?:to|and|or)\b)[^\W\d]|^(?:since|an?)\b", re.IGNORECASE
)  # a number that is not one of anything else
_NO_UNIT = re.compile(
    r"(?!\s*(?:/|hours?|hrs?|days?|wks?|weeks?|months?|yrs?|years?|children|kids|sons|daughters|levels?|lesions?|mets|mm|cm|m|%)\b)"
)  # behind a number that is none of anything: 2, but not 2 weeks
_ARROW = re.compile(r"\s*(?:[-=]+>|\u2192)\s*")
_APART = re.compile(r"\s*[,;(]|\s+[-\u2013]\s")
_LEFT = re.compile(r"\b(?:left|l|lt)\b", re.IGNORECASE)
_RIGHT = re.compile(r"\b(?:right|r|rt)\b", re.IGNORECASE)
_ONE_SIDE = re.compile(r"\b(?:spared|normal|intact|clear|uninvolved|not?|fine|ok|preserved)\b", re.IGNORECASE)
_EITHER = re.compile(r"\b(?:or|vs|versus|either)\b|\?", re.IGNORECASE)
_LONGEST = 200  # characters of an answer; longer text is no answer


def hear(
    attribute: Attribute, raw: object, knowledge: KnowledgeBase, key: str = "", date: str | None = None
) -> Meaning:
    """Return what was typed for an attribute, under a key and in a case with a date (or without).

    What is not understood is left as it is: the vocabulary's own reader then says what would be right. Raises
    ValueError for what may mean two things.
    """
    lexicon = knowledge.lexicon(attribute.id)
    key = "" if key in (attribute.key, attribute.id) else key
    if isinstance(raw, list):
        return _each(attribute, raw, knowledge, date)
    if isinstance(raw, float):
        raw = Decimal(repr(raw))
    if isinstance(raw, bool) and key and _is_listed(f"{key} {'yes' if raw else 'no'}", lexicon):
        raw = "yes" if raw else "no"  # continence: no
    if isinstance(raw, bool) and attribute.type != "yes_no":
        return _yes_or_no(attribute, raw, knowledge, key, date)
    text = str(raw) if is_number(raw) else raw
    if not isinstance(text, str) or len(text) > _LONGEST:
        return Meaning(raw)
    text, spread = without_spread(attribute, text.strip(), lexicon)
    if spread and not text:
        raise NotHeardError(f"{shown(spread)} says where a tumour is, and not which", spread)
    if spread:
        raw = text
    named = plain(f"{key} {text}")
    if not (key and _is_listed(named, lexicon)) and _is_understood(attribute, raw, lexicon):
        return Meaning(raw, is_plain=not spread, unused=spread)
    asked = lexicon.asked.get(plain(text)) or lexicon.asked.get(named)
    if asked is not None and named not in lexicon.senses:
        raise refusal(text, asked, attribute)
    if plain(text) not in lexicon.senses:
        if (general := _general(attribute, text)) is not None:
            return general
        if (doubted := _DOUBTED.fullmatch(text) or _DOUBTED_BEHIND.fullmatch(text)) is not None:
            raise _suspicion(text, doubted["rest"])
    if (changed := _ARROW.split(text))[1:]:
        return _changed(attribute, text, changed, knowledge, date)
    meaning = _doubtful(attribute, text, knowledge, date) or _whole_or_parts(attribute, text, knowledge, key, date)
    amount = _AMOUNT.fullmatch(text) if attribute.type == "yes_no" and not meaning.others else None
    if amount and not is_read(attribute, meaning):
        _refuse_amount(attribute, text, Decimal(amount["number"]), lexicon, is_synonym=bool(key))
    if spread:
        meaning = replace(meaning, is_plain=False, unused=", ".join(filter(None, (meaning.unused, spread))))
    meaning = _with_sum(attribute, text, _with_neighbours(meaning, knowledge, date), lexicon)
    return _on_both_sides(attribute, text, meaning, lexicon)


def _with_neighbours(meaning: Meaning, knowledge: KnowledgeBase, date: str | None) -> Meaning:
    """Return a meaning of which what it says of neighbours is heard too."""
    others = {
        name: hear(knowledge.vocabulary[name], said, knowledge, "", date).data for name, said in meaning.others.items()
    }
    return replace(meaning, others=others)


def _on_both_sides(attribute: Attribute, text: str, meaning: Meaning, lexicon: Lexicon) -> Meaning:
    """Return a meaning, of both sides where each of them is named beside the other: `left pedicle; right facet`."""
    both_sides = lexicon.synonyms.both_sides
    if not both_sides or not (_LEFT.search(text) and _RIGHT.search(text)) or _ONE_SIDE.search(text):
        return meaning
    is_found = is_read(attribute, meaning) and not says_none(meaning.data)
    return replace(meaning, data=both_sides, is_plain=False) if is_found else meaning


def _with_sum(attribute: Attribute, text: str, meaning: Meaning, lexicon: Lexicon) -> Meaning:
    """Return a meaning, of what several values are together where each is named and none is an alternative.

    Of a sign one that is there is enough: `bladder normal, bowel incontinent`.
    """
    if (
        meaning.data in ([True, False], [False, True])
        and lexicon.synonyms.signs == ("true",)
        and not _EITHER.search(text)
    ):
        return replace(meaning, data=True, is_plain=False)
    named = set(map(str, meaning.data)) if isinstance(meaning.data, list) else set()
    total = None if _EITHER.search(text) or attribute.type == "several" else lexicon.synonyms.sum_of(named)
    return replace(meaning, data=total, is_plain=False) if total else meaning


def hear_phrase(
    attribute: Attribute, raw: object, knowledge: KnowledgeBase, key: str = "", date: str | None = None
) -> Meaning:
    """Return what `hear` does; of a phrase that is not understood as a whole, what it tells all the same."""
    failed: ValueError | None = None
    meaning = Meaning(raw)
    try:
        meaning = hear(attribute, raw, knowledge, key, date)
        if says_something(attribute, meaning):
            return meaning
    except NotHeardError as error:
        failed = error
    except UnclearError as error:  # a place that is named settles what an area leaves open: T6, mid-thoracic
        lexicon = knowledge.lexicon(attribute.id)
        if not lexicon.synonyms.names or plain(str(raw)) in lexicon.asked:
            raise
        failed = error
    told = _told_in(attribute, raw, knowledge, date) if isinstance(raw, str) else None
    if told is not None:
        heard = _with_neighbours(told, knowledge, date)
        return _on_both_sides(attribute, str(raw), heard, knowledge.lexicon(attribute.id))
    if failed is not None:
        raise failed
    return meaning


def _told_in(attribute: Attribute, text: str, knowledge: KnowledgeBase, date: str | None) -> Meaning | None:
    """Return what a phrase tells that is not understood as a whole."""
    lexicon, part = knowledge.lexicon(attribute.id), _part_ear(knowledge, date)
    text, _ = without_spread(attribute, text, lexicon)
    if lexicon.synonyms.names:
        return hear_places(attribute, text, lambda said: part(attribute, said))
    known = _known_parts(attribute, text, knowledge, part)
    if known is not None and known.data is not None:
        return known
    return (
        hear_share(attribute, text, lexicon)
        or hear_sign(attribute, text, knowledge)
        or hear_refusal(attribute, text, knowledge)
        or known
    )


def _is_listed(words: str, lexicon: Lexicon) -> bool:
    return plain(words) in lexicon.senses or plain(words) in lexicon.asked


def _yes_or_no(attribute: Attribute, raw: bool, knowledge: KnowledgeBase, key: str, date: str | None) -> Meaning:
    """Return what a plain yes or no says of what has other values: `none` for a no, or what is asked of a yes."""
    word = "yes" if raw else "no"
    lexicon = knowledge.lexicon(attribute.id)
    is_known = word in lexicon.senses or word in lexicon.asked or (not raw and "none" in attribute.names)
    return hear(attribute, word, knowledge, key, date) if is_known else Meaning(raw)


def _suspicion(text: str, rest: str) -> LeftOpenError:
    suspicion = f"a suspicion of {shown(rest)}, which is no value: leave it out until it is known"
    return LeftOpenError(str(unclear(text, suspicion)), None, suspicion)


def _refuse_amount(attribute: Attribute, text: str, number: Decimal, lexicon: Lexicon, is_synonym: bool) -> None:
    """Refuse a number that says neither yes nor no: between the numbers that do, or the result of a test."""
    if limits := [limit for span in lexicon.spans.values() for limit in span]:
        readings = [f"{attribute.id} {name}, from {low} to {high}" for name, (low, high) in lexicon.spans.items()]
        because = f" ({attribute.includes})" if attribute.includes else ""
        error = unclear(text, *readings, because=because)
        between = min(limits) <= number <= max(limits)
        raise LeftOpenError(str(error), None, "; or ".join(readings) + because) if between else error
    is_result = "/" in text or not any(c.isalpha() for c in text)  # 51000, or 51000 IU/L; 3 days is none
    if is_synonym and is_result and number not in (0, 1):
        reading = f"a number, which says neither yes nor no; write `{attribute.id}: true` or `false` if that is known"
        raise LeftOpenError(str(unclear(text, reading)), None, reading)


def _doubtful(attribute: Attribute, text: str, knowledge: KnowledgeBase, date: str | None) -> Meaning | None:
    """Return what `CUP ?prostate` leaves: the value that is said, and the one that is suspected beside it."""
    found = _DOUBTED_BESIDE.fullmatch(text) if attribute.type == "choice" else None
    if found is None:
        return None
    try:
        each = [_whole_or_parts(attribute, found[part], knowledge, "", date) for part in ("sure", "rest")]
    except NotHeardError:
        return None
    if not all(is_read(attribute, one) and one.data is not None for one in each):
        return None
    left = attribute.read([part for one in each for part in (one.data if isinstance(one.data, list) else [one.data])])
    if left == attribute.domain:
        return None
    notes = [one.note for one in each if one.note]
    return Meaning(attribute.dump(left), note="; ".join([*notes, "which of them is not settled"]), is_plain=False)


def _changed(attribute: Attribute, text: str, each: list[str], knowledge: KnowledgeBase, date: str | None) -> Meaning:
    """Return all that `1b -> 1c` names, as nobody knows whether it is a change or a doubt."""
    readings = "a change, of which the last is so now; or a range"
    try:
        said = [_whole_or_parts(attribute, one, knowledge, "", date) for one in each]
        left = attribute.read([one.data for one in said])
    except ValueError:
        raise LeftOpenError(str(unclear(text, readings)), None, readings) from None
    raise LeftOpenError(str(unclear(text, readings)), attribute.dump(left), readings)


def _whole_or_parts(attribute: Attribute, text: str, knowledge: KnowledgeBase, key: str, date: str | None) -> Meaning:
    """Return what a text says as a whole, else by its parts; when neither is understood, what the whole was taken for."""
    failed: ValueError | None = None
    whole = Meaning(text)
    try:
        whole = _heard(attribute, text, knowledge.lexicon(attribute.id), key, date)
        if is_read(attribute, whole):
            return whole
    except ValueError as error:
        failed = error

    part = _part_ear(knowledge, date)
    try:
        return Parts(attribute, knowledge, part).hear(text)
    except ValueError as error:
        is_ambiguous = not isinstance(error, NotHeardError) or not isinstance(failed, NotHeardError | None)
        within = None if is_ambiguous else _within(attribute, text, knowledge, part)
        if within is not None:
            return within
        if not is_ambiguous and (named := listed_in(attribute, text, knowledge.lexicon(attribute.id))):
            raise NotHeardError(_perhaps_not_now(attribute, text, named)) from None
        if failed is None and isinstance(error, NotHeardError):
            if error.part in ("", text) and not isinstance(whole.data, list):
                return whole
            raise NotHeardError(_unknown(attribute, text, error.part)) from None
        if failed is None or (isinstance(failed, NotHeardError) and not isinstance(error, NotHeardError)):
            raise
        raise failed from None


def _part_ear(knowledge: KnowledgeBase, date: str | None) -> Hears:
    """Return what hears one part of a text as a whole."""

    def part(of: Attribute, said: str) -> Meaning:
        meaning = _heard(of, said, knowledge.lexicon(of.id), "", date)
        if not is_read(of, meaning):
            raise NotHeardError(said)
        return meaning

    return part


def _known_parts(attribute: Attribute, text: str, knowledge: KnowledgeBase, part: Hears) -> Meaning | None:
    """Return what is understood of a phrase of several parts; None where the others may take it back, and of a number."""
    if attribute.type == "number":
        return None
    try:
        return KnownParts(attribute, knowledge, part).hear(text)
    except ValueError:
        return None


def _within(attribute: Attribute, text: str, knowledge: KnowledgeBase, hears: Hears) -> Meaning | None:
    """Return what a listed word of a phrase means, or the one number of a phrase about a number that people estimate."""
    if (listed_word := hear_within(attribute, text, knowledge.lexicon(attribute.id))) is not None:
        return listed_word
    for name in (attribute.id, *knowledge.lexicon(attribute.id).synonyms.elsewhere):
        other = knowledge.vocabulary[name]
        if other.type != "number" or not knowledge.lexicon(name).synonyms.within:
            continue

        def number(said: str, other: Attribute = other) -> Meaning | None:
            try:
                behind = (_APART if other.unit else _NO_UNIT).match(text, len(said))
                leads = text.startswith(said) and behind is not None
                is_bare = leads or (not other.unit and knowledge.lexicon(other.id).behind_name(text))
                is_number = _MEASURED.search(in_digits(said)) or (is_bare and said[:1].isdigit())
                return hears(other, said) if is_number else None
            except ValueError:
                return None

        found = hear_number_within(text, number)
        if found is None and is_time(other.unit) and other.class_ == "finding":
            found = hear_times_within(
                other, text, lambda said: _of_night(said) or number(said) or number(f"since {said}")
            )
        if found is not None:
            return found if other is attribute else found.of_neighbour(name)
    return None


def _of_night(said: str) -> Meaning | None:
    """Return what a night leaves open beside another time: a day at most."""
    return Meaning("0..24") if re.fullmatch(r"(?:since )?(?:overnight|last night)", said, re.IGNORECASE) else None


def _perhaps_not_now(attribute: Attribute, text: str, named: Sequence[str]) -> str:
    """Return what to say of a phrase that names what is known, but may take it back."""
    return (
        f"{shown(text)} names {listed(named)}, and may say that it is not so now; write what is so now "
        f"({attribute.domain_text}), or leave it out"
    )


def _unknown(attribute: Attribute, text: str, part: str) -> str:
    """Return what to say of a text of which a part is not known."""
    hint = f": {shown(part)} is not known for it" if part not in ("", text) else ""
    return f"{shown(text)} is not a value of {attribute.id} ({attribute.domain_text}){hint}"


def says_something(attribute: Attribute, meaning: Meaning) -> bool:
    """Tell whether a meaning says something of its attribute that the vocabulary reads, or of others alone."""
    return bool(meaning.others) if meaning.data is None else is_read(attribute, meaning)


def is_read(attribute: Attribute, meaning: Meaning) -> bool:
    """Tell whether the vocabulary reads what was heard."""
    try:
        attribute.read(_as_written(attribute, meaning.data))
    except ValueError:
        return False
    return True


def _as_written(attribute: Attribute, data: Json) -> Json:
    return [data] if attribute.type == "several" and not isinstance(data, list) else data


def _heard(attribute: Attribute, text: str, lexicon: Lexicon, key: str, date: str | None) -> Meaning:
    sense = lexicon.senses.get(plain(f"{key} {text}")) if key else None
    if attribute.type != "number":
        ear = NameEar(attribute, lexicon)
        return ear.hear(f"{key} {text}" if sense else text)
    rest = lexicon.behind_name(text)
    for said in (text, rest) if rest else (text,):
        if (asked := lexicon.asked.get(plain(said))) is not None:
            raise refusal(text, asked, attribute)
        sense = sense or lexicon.senses.get(plain(said))
    if sense is not None:
        others = {name: raw for name, raw in sense.means.items() if name != attribute.id}
        return Meaning(sense.means[attribute.id], others, sense.note, is_plain=False)
    return NumberEar(attribute, lexicon, date).hear(rest or text)


def _is_understood(attribute: Attribute, raw: object, lexicon: Lexicon) -> bool:
    """Tell whether the vocabulary reads it as it is, and its size is not asked about."""
    if isinstance(raw, str) and attribute.type != "number" and plain(raw) in lexicon.asked:
        return raw in attribute.names
    sized = lexicon.synonyms.bare is not None or lexicon.synonyms.ask_numbers
    if sized and (is_number(raw) or not any(c.isalpha() for c in str(raw))):
        return False
    try:
        attribute.read(raw)
    except ValueError:
        return False
    return True


def _general(attribute: Attribute, text: str) -> Meaning | None:
    """Return what words say that mean the same of everything; refuse those that are not quite a no.

    Of a number `n/a` says no more than that there is none.
    """
    word = text.lower()
    if word in _LEFT_OPEN and attribute.type == "number" and word != "nad":
        return Meaning(None)
    if _AWAITED.fullmatch(word) and attribute.class_ == "exception":  # cultures pending: somebody fears that it is so
        raise LeftOpenError(f"{shown(text)} is not known yet", None, "not known yet")
    if word in NOT_KNOWN or _AWAITED.fullmatch(word):
        return Meaning(None, is_plain=word in ("", "?"))
    if word in _LEFT_OPEN:
        raise LeftOpenError(str(unclear(text, _LEFT_OPEN[word])), None, _LEFT_OPEN[word])
    return None


def _each(attribute: Attribute, raw: list[object], knowledge: KnowledgeBase, date: str | None) -> Meaning:
    """Return what the items of a list say; a mistake tells in which item it is."""
    found: list[Meaning] = []
    for i, part in enumerate(raw):
        try:
            found.append(
                Meaning(part) if isinstance(part, list) or part is None else hear(attribute, part, knowledge, "", date)
            )
        except ValueError as error:
            raise Mistake(str(error), i) from None
    if all(one.is_plain for one in found):
        return Meaning(raw)
    data: list[Json] = []
    for one in found:
        data += one.data if isinstance(one.data, list) else [one.data]
    return Meaning(data, is_plain=False)


def hear_answer(
    attribute: Attribute, text: str, knowledge: KnowledgeBase, date: str | None = None
) -> tuple[Values, Meaning]:
    """Return the values that an answer gives, and what it means; raise ValueError with what would be right."""
    meaning = hear_phrase(attribute, text, knowledge, "", date)
    if meaning.data is None and meaning.others:
        spoken = listed([knowledge.vocabulary[name].label for name in meaning.others])
        raise ValueError(f"that speaks of {spoken}; {attribute.label} is one of {attribute.domain_text}")
    if meaning.data in (None, "", []):
        raise ValueError(f"no value is written; {attribute.label} is one of {attribute.domain_text}")
    values = attribute.read(_as_written(attribute, meaning.data))
    if values == attribute.domain:
        raise ValueError("that is every value it can have, so it says nothing; an empty line means not known")
    return values, meaning


def implied(meaning: Meaning, given: Mapping[str, Values], knowledge: KnowledgeBase) -> dict[str, Values]:
    """Return what words say of other attributes, narrowed by what is given of them; raise ValueError for a contradiction."""
    found: dict[str, Values] = {}
    for name, raw in meaning.others.items():
        other = knowledge.vocabulary[name]
        said = other.read(raw)
        found[name] = both(given.get(name, other.domain), said)
        if found[name].is_empty:
            before = other.words(given[name])
            raise ValueError(f"that says {other.sentence(said)}, but the case says {before}; mend one of them")
    return found
