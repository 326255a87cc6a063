"""A letter as it was written: the terms in it that are understood, each to be confirmed by a person before it counts.

Nothing is filled in from here. A term is a run of words that the vocabulary's words, names of values, or a named value
(`PS 2`, `Bilsky 3`, `61 y`) explain; words that several attributes claim are left alone, and a term that is denied, doubted
or somebody else's is told as such and offered to nobody.
"""

import re
from dataclasses import dataclass

from cases.hearing.answers import hear
from cases.hearing.doubt import DENIED, DOUBTED, OTHERS
from cases.hearing.index import given, owners
from cases.hearing.meaning import LeftOpenError, UnclearError
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.synonyms import plain
from knowledge_base.language.vocabulary import Attribute

MOST_WORDS = 7
MOST_TERMS = 60
_TOKEN = re.compile(r"[^\s,;()\[\]\"“”]+")
_END = re.compile(r"[.:!?]+$")
_DOUBT = re.compile(
    rf"(?:^|[\s(])(?:(?P<no>{DENIED})|(?P<may>{DOUBTED}|awaited|awaiting|pending|rule out|r/o)|(?P<other>{OTHERS}))"
    r"(?:\s+\S+){0,2}\s*\(?$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"\s*[:=\-\u2013(]?\s*(?:(?:is|are|was|were|has been|have been)\s+)?"
    r"(?P<word>no|none|nil|not|absent|excluded|ruled out|negative|denied|unlikely|awaited|pending|\?)(?![\w/])",
    re.IGNORECASE,
)
_SENSORY = re.compile(
    r"sensory(?:\s+\w+)?\s+level(?:\s+(?:at|of|to))?\s*$|sensation\s+\w*\s*(?:below|to|from)\s*$", re.IGNORECASE
)
_BREAK = re.compile(r"[\n,;()\[\]]|[.!]\s")
_SENTENCE = re.compile(r"(?<=[.;!])\s|\n")
_OWN = re.compile(r"^\?")
_AGE = re.compile(r"(\d{1,3})(?:\s*-?\s*(?:y/?o?|yrs?|years?)(?:\s*-?\s*old)?|\s*[FM])", re.IGNORECASE)


@dataclass(frozen=True)
class Term:
    """Words of a letter that one attribute explains: where they stand, and what they were taken for.

    `problem` says why the words are not offered: they are denied or doubted, or may mean two things; `is_refused` that
    these may not be left open.
    """

    start: int
    end: int
    text: str
    attribute: str
    words: str = ""
    problem: str = ""
    is_refused: bool = False


def terms_in(letter: str, knowledge: KnowledgeBase, date: str | None = None) -> tuple[Term, ...]:
    """Return the terms of a letter in their order, none over another, at most `MOST_TERMS`."""
    tokens = [(found.start(), found.end()) for found in _TOKEN.finditer(letter)]
    found: list[Term] = []
    at = 0
    while at < len(tokens) and len(found) < MOST_TERMS:
        term, used = _longest(letter, tokens, at, knowledge, date)
        if term is not None:
            found.append(term)
        at += used
    return tuple(found)


def _longest(
    letter: str, tokens: list[tuple[int, int]], at: int, knowledge: KnowledgeBase, date: str | None
) -> tuple[Term | None, int]:
    """Return the longest term that begins at a word, and how many words to go on; the first of equal attributes."""
    for count in range(min(MOST_WORDS, len(tokens) - at), 0, -1):
        start, end = tokens[at][0], tokens[at + count - 1][1]
        text = _END.sub("", letter[start:end])
        if _BREAK.search(text):
            continue
        for attribute in _claimants(text, knowledge):
            term = _term(letter, start, text, attribute, knowledge, date)
            if term is not None:
                return term, count
    return None, 1


def _claimants(text: str, knowledge: KnowledgeBase) -> list[Attribute]:
    """Return the attributes that explain words: the one that has them for a value, or those whose name leads them."""
    said = plain(_OWN.sub("", text))
    claiming = owners(said, knowledge)
    if len(claiming) == 1:
        return [knowledge.vocabulary[claiming[0]]]
    if claiming or len(said) < 3:
        return []
    if _AGE.fullmatch(text) and "age" in knowledge.vocabulary:
        return [knowledge.vocabulary["age"]]
    return [a for a in given(knowledge) if is_led(text, a, knowledge)]


def is_led(text: str, attribute: Attribute, knowledge: KnowledgeBase) -> bool:
    """Tell whether a name of the attribute leads the words, with a value behind it that has a digit or is listed."""
    lexicon = knowledge.lexicon(attribute.id)
    rest = lexicon.behind_name(text)
    return bool(rest) and (any(c.isdigit() for c in str(rest)) or plain(str(rest)) in lexicon.senses)


def _term(
    letter: str, start: int, text: str, attribute: Attribute, knowledge: KnowledgeBase, date: str | None
) -> Term | None:
    """Return what words say of an attribute; None when they say nothing of it."""
    place = start, start + len(text)
    age = _AGE.fullmatch(text) if attribute.id == "age" else None
    said = age[1] if age else _OWN.sub("", text)
    try:
        meaning = hear(attribute, said, knowledge, "", date)
        data = meaning.data
        if data in (None, "", []):
            return None
        attribute.read([data] if attribute.type == "several" and not isinstance(data, list) else data)
        words = meaning.words(attribute, knowledge)
    except ValueError as error:
        if not isinstance(error, UnclearError):
            return None
        is_refused = not isinstance(error, LeftOpenError)
        return Term(*place, text, attribute.id, problem=str(error), is_refused=is_refused)
    return Term(*place, said, attribute.id, words, _doubt(letter[:start], text, letter[place[1] :]))


def _doubt(before: str, text: str, behind: str) -> str:
    """Return why words between others are no finding; an empty text when nothing says so."""
    if _OWN.match(text):
        return "a question mark stands before it"
    if (denied := _DENIED_AFTER.match(behind)) is not None:
        return f"{denied['word']!r} stands behind it: read it yourself"
    if _SENSORY.search(before):
        return "a level of sensation, not of a lesion"
    sentence = _SENTENCE.split(before)[-1]
    found = _DOUBT.search(sentence)
    if found is None:
        return ""
    word = next(filter(None, found.groupdict().values()))
    return f"{word!r} stands before it: read it yourself"


__all__ = ["Term", "is_led", "terms_in"]
