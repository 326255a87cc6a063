"""A listed word within a phrase that is not understood as a whole: `Eliquis for afib, last dose this morning`.

Only where the vocabulary says so (`within`), as of drugs and tumours, whose names are said of nothing else. A phrase is
left alone when anything in it may take the word back, put it in another time or give it to somebody else, and when its
words do not agree. What else it says is repeated as not used.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from cases.hearing.doubt import DENIED, DOUBTED, OTHERS
from cases.hearing.meaning import Json, Meaning, refusal
from knowledge_base.language.synonyms import Lexicon, plain
from knowledge_base.language.vocabulary import Attribute

MOST_WORDS = 6  # of a listed word that is looked for
_TAKES_BACK = re.compile(
    rf"\b(?:{DENIED}|{DOUBTED}|{OTHERS}|non|stopped|stop|held|hold|paused|off|ceased|discontinued|completed|finished|"
    r"prev(?:ious(?:ly)?)?|prior|past|former(?:ly)?|ex|history|h/o|hx|before|until|ago|plan(?:ned|s)?|to start|starting|"
    r"consider\w*|allerg\w*|intoleran\w*|declin\w*|refus\w*|switch\w*|changed|then|now|instead|vs|versus|likely|or|"
    r"negative|neg|free|mets|metastas[ie]s|deposits?|secondar(?:y|ies)|second|another|also|resected|cured|remission)\b|\?",
    re.IGNORECASE,
)
_OF_BONE = re.compile(
    r"\b(?:bon[ey]|bony|osseous|spinal|spine|vertebral)\s+(?:mets|metastas[ie]s|deposits?)\b", re.IGNORECASE
)
_TOKEN = re.compile(r"[^\s,;()]+")


def hear_within(attribute: Attribute, text: str, lexicon: Lexicon) -> Meaning | None:
    """Return what the one listed word of a phrase means; None when there is none, or another, or it may be taken back.

    Raises ValueError for a word that may mean two things.
    """
    said = _OF_BONE.sub("", text)
    if not lexicon.synonyms.within or _TAKES_BACK.search(said):
        return None
    found = dict(_listed(said, lexicon))
    for word in found.values():
        if (ambiguous := lexicon.asked.get(word)) is not None:
            raise refusal(text, ambiguous, attribute)
    means = _together([lexicon.senses[word].means for word in found.values()], attribute)
    if means is None:
        return None
    unused = _without(text, found)
    others = {name: raw for name, raw in means.items() if name != attribute.id}
    return Meaning(means[attribute.id], others, f"not used: {unused}" if unused else None, is_plain=False)


def _together(each: Sequence[Mapping[str, Json]], attribute: Attribute) -> Mapping[str, Json] | None:
    """Return what several words mean, of a `several` all that they name; None where they do not agree."""
    if not each or any(attribute.id not in means for means in each):
        return None
    if attribute.type == "several":
        named = [means[attribute.id] for means in each]
        flat = chain.from_iterable(own if isinstance(own, list) else [own] for own in named)
        return {attribute.id: list(dict.fromkeys(map(str, flat)))}
    return each[0] if all(means == each[0] for means in each) else None


def _without(text: str, said: Iterable[str]) -> str:
    """Return a text without some of its words."""
    for words in said:
        text = text.replace(words, " ", 1)
    return " ".join(re.sub(r"\(\s*\)", " ", text).split()).strip(" ,;+&/-")


def _listed(text: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """Yield the longest listed words of a text, none over another, as they are typed and in their plain form."""
    tokens = [(found.start(), found.end()) for found in _TOKEN.finditer(text)]
    only_here = {plain(word) for word in lexicon.synonyms.only_here}
    at = 0
    while at < len(tokens):
        for count in range(min(MOST_WORDS, len(tokens) - at), 0, -1):
            said = text[tokens[at][0] : tokens[at + count - 1][1]]
            word = plain(said)
            if len(word) > 2 and word not in only_here and (word in lexicon.senses or word in lexicon.asked):
                yield said, word
                at += count
                break
        else:
            at += 1
