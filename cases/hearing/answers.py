"""One answer: what a person typed for one attribute, and what it says."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from cases.hearing.meaning import Json, LeftOpenError, Meaning, NotHeardError, refusal, unclear
from cases.hearing.names import NameEar
from cases.hearing.numbers import NumberEar
from cases.hearing.parts import Parts
from knowledge_base.language.domains import Values, both
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.literals import is_number
from knowledge_base.language.synonyms import Lexicon, plain
from knowledge_base.language.vocabulary import Attribute
from knowledge_base.text.errors import Mistake, listed

NOT_KNOWN = (
    "", "?", "unknown", "not known", "not yet known", "don't know", "n/k", "nk", "not stated", "not recorded", "not said",
    "unclear", "awaited", "awaiting", "pending", "to follow", "tbc", "result awaited", "results awaited",
)  # fmt: skip
_LEFT_OPEN = {  # that nothing is known is right of every reading, or safe
    "nad": "nothing abnormal was found; or it was not actually looked for",
    "-": "no; or a dash, so not known",
    **dict.fromkeys(("n/a", "na", "n.a.", "not applicable"), "not applicable; or not available, so not known"),
    **dict.fromkeys(("not done", "not examined", "not tested", "n/e"), "not known, as it was not looked for"),
}
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
    text = str(raw) if is_number(raw) else raw
    if not isinstance(text, str) or len(text) > _LONGEST:
        return Meaning(raw)
    text = text.strip()
    if _is_understood(attribute, raw, lexicon):
        return Meaning(raw)
    named = plain(f"{key} {text}")
    asked = lexicon.asked.get(plain(text)) or lexicon.asked.get(named)
    if asked is not None and named not in lexicon.senses:
        raise refusal(text, asked, attribute)
    if plain(text) not in lexicon.senses and (general := _general(text)) is not None:
        return general
    meaning = _whole_or_parts(attribute, text, knowledge, key, date)
    others = {
        name: hear(knowledge.vocabulary[name], said, knowledge, "", date).data for name, said in meaning.others.items()
    }
    return replace(meaning, others=others)


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

    def part(of: Attribute, said: str) -> Meaning:
        meaning = _heard(of, said, knowledge.lexicon(of.id), "", date)
        if not is_read(of, meaning):
            raise NotHeardError(said)
        return meaning

    try:
        return Parts(attribute, knowledge, part).hear(text)
    except ValueError as error:
        if failed is None and isinstance(error, NotHeardError):
            return whole
        if failed is None or (isinstance(failed, NotHeardError) and not isinstance(error, NotHeardError)):
            raise
        raise failed from None


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


def _general(text: str) -> Meaning | None:
    """Return what words say that mean the same of everything; refuse those that are not quite a no."""
    word = text.lower()
    if word in NOT_KNOWN:
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
    meaning = hear(attribute, text, knowledge, "", date)
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
