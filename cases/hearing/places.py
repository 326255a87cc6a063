"""Places within a phrase: `T7, reported as a metastasis on CT`, `T8 (also T9)`, `30/10 to T6-T10 in March`.

A place is named by a letter and a number, or by the first and the last of several. Where a phrase tells which vertebrae a
lesion has, these lie beside each other, and nothing in it denies or doubts them or says that they are somewhere near.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from cases.hearing.doubt import AGAINST, DENIED, DOUBTED, FEARED, OTHERS
from cases.hearing.meaning import Json, Meaning
from cases.hearing.within import without
from knowledge_base.language.domains import Subsets
from knowledge_base.language.vocabulary import Attribute

_LEVEL = r"(?:th|[ctdls]|[bhl]wk)\s?\d{1,2}"
_NO_T2_IMAGE = (
    r"(?<!axial )(?<!['\u2019])\b(?!T2(?:\s*w\b|[\s-]+(?:axial|weighted|mri?|signal|hyper|images?|sequences?)))"
)
PLACE = re.compile(
    rf"(?:\b(?:to|at|over|on|for)\s+)?{_NO_T2_IMAGE}"
    rf"(?P<place>{_LEVEL}(?:\s*(?:[-\u2013/]|to|on)\s*(?:{_LEVEL}|\d{{1,2}}))?)(?![\w/])",
    re.IGNORECASE,
)  # to T10-L1
_ELSEWHERE = re.compile(
    rf"\b(?:{DENIED}|{DOUBTED}|{OTHERS}|{FEARED}|{AGAINST}|above|below|between|adjacent|next|near|level with|spared|clear|"
    r"normal|intact|previous\w*|old|healed|treated|sensory|sensation|root|nerve|rib|conus|cord|drain|disc|from|until|"
    r"prior|rt|radiotherapy|fields?|fus\w+|fix\w*|post|after|screws?|rods?|cage|sparing|unlike|instead|corrected|downwards?|upwards?|"
    r"onwards?|dermatomes?|myotomes?|paraple\w*|quadriple\w*|numb\w*|radiculopath\w*|hypo?a?esth\w*|reflex\w*|weakness|palsy|"
    r"nipple|sci|pain|stenosis|ha?emangioma|shows|says|count\w*|number\w*|label\w*|epidural|canal|further|separate|second|another|other)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;()]")
_BESIDE_IT = re.compile(
    r"\b(?:spared|clear|normal|intact|uninvolved|not involved|free|biops\w*|\w+ectomy|kyphoplast\w*|vertebroplast\w*|"
    r"cement\w*|fus\w+|fix\w*|instrument\w*|screws?|rods?|cage|stabili[sz]\w*|decompress\w*|previous\w*|prior|old|healed|rt|xrt|"
    r"radiotherapy|irradiat\w*|sbrt)\b",
    re.IGNORECASE,
)  # of what a clause says that speaks of another thing than the lesion
_DISC = re.compile(r"\b(?:incl\w*\.?|with) (?:the )?(?:disc|disk)(?: space)?s?\b", re.IGNORECASE)  # T7/8 incl disc
_RENAMED = re.compile(rf"\b(?:reported|read|seen|known|referred to) as\s+{_LEVEL}", re.IGNORECASE)
_UNCERTAIN = re.compile(r"\?|\+/-|\u00b1")
_NO_PLACE = re.compile(r"\b(?:19|20)\d\d\b|\d+(?:\.\d+)?\s*(?:%|mm|cm)")  # a number that is none of a vertebra


def hear_places(attribute: Attribute, text: str, hears: Callable[[str], Meaning]) -> Meaning | None:
    """Return the vertebrae that a phrase names, where these lie beside each other; None where it may not mean them.

    `hears` tells what a place alone means.
    """
    text = _DISC.sub(" ", text)
    each_clause = [clause for clause in _CLAUSE.split(text) if clause.strip()]
    besides = [clause for clause in each_clause[1:] if _BESIDE_IT.search(clause)]
    if besides and not _BESIDE_IT.search(each_clause[0]):
        own = hear_places(attribute, without(text, besides), hears)
        return own and replace(own, unused=" ".join([own.unused, *(clause.strip() for clause in besides)]).strip())
    named = [found["place"] for found in PLACE.finditer(text)]
    rest = without(text, named)
    if (
        not named
        or _UNCERTAIN.search(text)
        or _RENAMED.search(text)
        or _ELSEWHERE.search(rest)
        or any(c.isdigit() for c in _NO_PLACE.sub(" ", rest))
    ):
        return None
    try:
        each = [attribute.read(hears(place).data) for place in named]
    except ValueError:
        return None
    found = frozenset().union(*(one.required for one in each if isinstance(one, Subsets)))
    levels: list[Json] = [name for name in attribute.names if name in found]
    first = attribute.names.index(str(levels[0])) if levels else 0
    if not levels or list(attribute.names[first : first + len(levels)]) != levels:
        return None
    return Meaning(levels, is_plain=False, unused=rest)
