"""A sign within a phrase of a letter: `still gets to the toilet with a zimmer`, `motor 2/5 b/l, worse distally`.

Looked for are only the values that the vocabulary names as signs, which tell of something wrong: that all is well is never
heard from a part of what was said. Nothing is heard of another time, of a doubt or a fear, of what is denied in the same
sentence, or where two words of a phrase say different things. What else the phrase says is repeated as not used.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cases.hearing.doubt import AGAINST, CHANGED, DENIED, DOUBTED, EXPLAINED, FEARED, OTHERS, PAST, REVERSED
from cases.hearing.meaning import COMMON, Json, Meaning
from cases.hearing.names import NameEar
from cases.hearing.within import runs_of, without, without_asides
from knowledge_base.language.domains import Choices
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.literals import text_of
from knowledge_base.language.synonyms import Lexicon, plain
from knowledge_base.language.vocabulary import Attribute

_NEVER_SO = re.compile(rf"\b(?:{DOUBTED}|{OTHERS}|{FEARED}|{AGAINST})\b|\?", re.IGNORECASE)
_NOT_NOW = re.compile(rf"\b(?:{PAST})\b", re.IGNORECASE)
_EXPLAINED = re.compile(rf"\b(?:{EXPLAINED})\b", re.IGNORECASE)
_REVERSED = re.compile(rf"\b(?:{REVERSED})\b", re.IGNORECASE)
_CHANGED = re.compile(rf"\b(?:{CHANGED})\b", re.IGNORECASE)
# Of an earlier treatment: that there was none, or somewhere else.
_NOT_DONE = re.compile(
    r"\b(?:declin\w*|refus\w*|cancel\w*|abandon\w*|postpon\w*|defer\w*|delay\w*|book\w*|schedul\w*|propos\w*|consider\w*|"
    r"above|below|adjacent|next to|listed|needs?|unfit|turned down|await\w*|waiting|candidate|medical\w*|conservativ\w*|"
    r"collar|brace|hip|knee|femur\w*|humer\w*|shoulder|skull|ribs?)\b",
    re.IGNORECASE,
)
_PLANNED = re.compile(r"\s*for\b", re.IGNORECASE)
_ONCE = re.compile(r"\b(?:ago|yesterday|previous\w*|initial\w*|treated|operated|decompressed)\b", re.IGNORECASE)
_DENIED_BEFORE = re.compile(rf"\b(?:{DENIED}|non|free)\b", re.IGNORECASE)
_DENIED_BEHIND = re.compile(
    r"\s*(?:[:=-]\s*)?(?:(?:is|are|was|were)\s+)?(?:no|not|none|nil)\b|"
    r"\s*(?:is|are|was|were)n['\u2019]?t\b|\s*(?:(?:was|now|been|has been)\s+)?(?:reduced|realigned|corrected)\b|"
    r"\s*[,;:(-]\s*(?:please\s+)?(?:exclu\w*|ruled out|none|absent|negative|never|resolved|"
    r"not (?:confirmed|any ?more|significant|seen|present|now))\b|"
    r"\s*(?:without|unaided|unassisted|unsupported|for long|the pain|upstairs|properly|alone|independently|more than|"
    r"further|much|on (?:his|her) own)\b|"
    r"[^,;.()]*\b(?:denie[sd]|exclu\w*|ruled out|neg|negative|absent|normal|fine|ok|okay|unlikely|intact|clear|free|"
    r"spared)\b",
    re.IGNORECASE,
)
_NOW_OTHERWISE = re.compile(r"[,;.(]\s*(?:but\s+)?(?:now|today|currently)\b(?!\s+(?:even|worse|weaker))", re.IGNORECASE)
_MEASURED = re.compile(r"\s*(?:mm|cm|%)", re.IGNORECASE)  # Bilsky 2 mm
_NONE = re.compile(r"no\s", re.IGNORECASE)
_A_NOUN = re.compile(
    r"\s+(?!(?:and|with|on|at|in|since|for|from|below|now|today|or|left|right|bilateral\w*|either|both|throughout)\b)[^\W\d]",
    re.IGNORECASE,
)  # no anal tone problem
_SENTENCE = re.compile(r"[.;!]\s|\n")
_GRADE = re.compile(r"^\d")
_GRADED = re.compile(r"^[a-z]+ *\d[abc]?$", re.IGNORECASE)  # ESCC 2: no "no" before a comma reaches it
_CLAUSE = re.compile(r"[,;()]")
_SHARE = re.compile(
    r"(?:(?:about|approximately|approx\.?|around|roughly|~|<|>)\s*)?(?:\d+\s*(?:[-\u2013]|to)\s*)?\d+(?:\.\d+)?\s?%",
    re.IGNORECASE,
)
_NO_LOSS = re.compile(
    r"\b(?:preserv\w*|remain\w*|maintain\w*|residual|left|canal|involve\w*|replac\w*|body|occup\w*)\b", re.IGNORECASE
)
_POWER = re.compile(r"[0-4][+-]?/5")


@dataclass(frozen=True)
class _Word:
    """A word of a phrase that means something, and where it stands."""

    said: str
    start: int
    meaning: Meaning
    values: frozenset[str]


def hear_sign(attribute: Attribute, text: str, knowledge: KnowledgeBase) -> Meaning | None:
    """Return the signs that a phrase tells of, its own and its neighbours'; None where there is none."""
    lexicon = knowledge.lexicon(attribute.id)
    found = _sign(attribute, text, lexicon)
    for name in lexicon.synonyms.elsewhere:
        other, rest = knowledge.vocabulary[name], text if found is None else found.unused
        if (beside := _sign(other, rest, knowledge.lexicon(name))) is not None:
            found = beside.of_neighbour(name) if found is None else _with_neighbour(found, beside, name)
    return found


def hear_share(attribute: Attribute, text: str, lexicon: Lexicon) -> Meaning | None:
    """Return the value for which the one percentage of a phrase stands: `fracture with approximately 60% loss of height`.

    None where another number stands beside it, where nothing names the attribute, or where it is of what is left.
    """
    found = _SHARE.findall(text)
    is_named = any(f" {name} " in f" {plain(_CLAUSE.sub(' ', text))} " for name in lexicon.names)
    if not lexicon.spans or len(found) != 1 or not is_named or any(c.isdigit() for c in text.replace(found[0], "")):
        return None
    if any(
        pattern.search(text)
        for pattern in (_NEVER_SO, _NOT_NOW, _EXPLAINED, _REVERSED, _CHANGED, _DENIED_BEFORE, _NO_LOSS)
    ):
        return None
    meaning = NameEar(attribute, lexicon).hear(found[0])
    return replace(meaning, is_plain=False, unused=without(text, found))


def _with_neighbour(found: Meaning, beside: Meaning, name: str) -> Meaning:
    """Return what was found in a phrase together with what the rest of it says of a neighbour."""
    notes = [*dict.fromkeys(filter(None, (found.note, beside.note)))]
    others = {name: beside.data, **beside.others, **found.others}
    return replace(found, others=others, note="; ".join(notes) or None, unused=beside.unused)


def _sign(attribute: Attribute, text: str, lexicon: Lexicon) -> Meaning | None:
    """Return the sign of one attribute; None also where two words of the phrase say different things."""
    if not lexicon.synonyms.signs or (not lexicon.synonyms.history and _EXPLAINED.search(text)):
        return None
    signs = frozenset(lexicon.synonyms.signs)
    words = [word for word in _words(attribute, text, lexicon) if not _is_denied(text, word)]
    told = [word for word in words if word.values <= signs]
    if lexicon.synonyms.worst and told:
        told = words = [max(told, key=lambda word: max(map(attribute.names.index, word.values)))]
    is_existential = len(attribute.names) == 2  # one sign is enough, whatever else is well
    left = frozenset.intersection(*(word.values for word in told)) if told else frozenset()
    total = lexicon.synonyms.sum_of(frozenset().union(*(word.values for word in told)))
    if total and not left:
        left = frozenset((total,))
    elif not is_existential and not all(word.values >= left for word in words):
        return None
    unused = without(text, [word.said for word in told])
    if lexicon.spans and "%" in unused:
        return None
    is_worst = lexicon.synonyms.signs[-1] in left
    if _NEVER_SO.search(unused) or (not lexicon.synonyms.history and _NOT_NOW.search(unused)):
        return None
    besides = without_asides(unused, lexicon)
    if lexicon.synonyms.history:
        if _NOT_DONE.search(besides) or _PLANNED.match(text):
            return None
        besides = _ONCE.sub(" ", besides)
    if _REVERSED.search(besides) or (not is_worst and _CHANGED.search(besides)):
        return None
    is_other_named = any(plain(token) in attribute.names for token in re.findall(r"[^\s,;()]+", unused))
    if not left or (is_other_named and not is_existential):
        return None
    return _together(attribute, told, left, unused)


def _together(attribute: Attribute, told: Sequence[_Word], left: frozenset[str], unused: str) -> Meaning:
    """Return what the signs of a phrase say together: of others only what each says."""
    each = [word.meaning.others for word in told]
    said = {name: raw for others in each for name, raw in others.items()}
    others = {name: raw for name, raw in said.items() if all(one.get(name, raw) == raw for one in each)}
    data: list[Json] = [
        name == "true" if attribute.type == "yes_no" else name for name in attribute.names if name in left
    ]
    notes = [*dict.fromkeys(word.meaning.note for word in told if word.meaning.note and others)]
    value = data if len(data) > 1 else data[0]
    return Meaning(value, others, "; ".join(notes) or None, is_plain=False, unused=unused)


def _words(attribute: Attribute, text: str, lexicon: Lexicon) -> Iterator[_Word]:
    ear = NameEar(attribute, lexicon)

    def known(said: str) -> tuple[Meaning, frozenset[str]] | None:
        word = plain(said)
        if word in lexicon.asked:
            return Meaning(None), frozenset()  # what stands within it is not heard either: `transfers with assistance`
        is_telling = any(c.isalpha() for c in word) and len(word) > 2 and not all(one in COMMON for one in word.split())
        is_listed = word in lexicon.senses and word not in lexicon.only_here and (is_telling or _POWER.fullmatch(said))
        rest = lexicon.behind_name(said)
        is_named = rest is not None and (
            plain(rest) in lexicon.senses or (lexicon.synonyms.exact and _GRADE.search(rest))
        )
        if not (is_listed or is_named):
            return None
        try:
            meaning = ear.hear(said)
            read = attribute.read(meaning.data)
        except ValueError:
            return None
        return (meaning, frozenset(str(text_of(name)) for name in read.members)) if isinstance(read, Choices) else None

    for start, said, (meaning, values) in runs_of(text, known):
        if values:
            yield _Word(said, start, meaning, values)


def _is_denied(text: str, word: _Word) -> bool:
    """Tell whether a word is denied in its sentence before it, or in its clause behind it."""
    before, behind = text[: word.start], text[word.start + len(word.said) :]
    if _MEASURED.match(behind) or _NOW_OTHERWISE.search(behind) or (_NONE.match(word.said) and _A_NOUN.match(behind)):
        return True
    apart = _CLAUSE if _GRADED.search(word.said) else _SENTENCE
    return bool(_DENIED_BEFORE.search(apart.split(before)[-1]) or _DENIED_BEHIND.match(behind))
