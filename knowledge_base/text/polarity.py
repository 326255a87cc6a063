"""Whether words say that something is so, or that it is not: no proposal may ever turn this round.

`no deformity` is like `deformity` letter by letter, and `ambulatory` like `non_ambulatory`; who is offered the one for the
other and accepts it has said the opposite. Where words are only suspected of it they count as opposed, since all that is
lost is a hint.
"""

import re

_DENIALS = frozenset(
    re.findall(
        r"\w+",
        "no not non nil none nor neither never without denies denied denying absent absence negative neg free "
        "cannot previously formerly stopped nein kein keine keinen keiner nicht nie ohne",
    )
)
_PREFIXES = (  # what begins a word and, in its place, the opposite
    ("un", ""), ("in", ""), ("im", ""), ("ir", ""), ("dis", ""), ("ab", ""), ("asympto", "sympto"), ("hypo", "hyper"),
    ("under", "over"), ("low", "high"), ("below", "above"), ("uni", "bi"), ("intra", "extra"), ("pre", "post"),
)  # fmt: skip
_ALIKE = 2  # letters behind the beginning by which two words count as one


def denies(text: str) -> bool:
    """Tell whether words say no to something: `no deformity`, `nonambulatory`, `denies pain`, `none yet`."""
    return any(word in _DENIALS or word.endswith("n't") or word.startswith(("non", "exclud")) for word in _words(text))


def opposed(one: str, other: str) -> bool:
    """Tell whether one of two texts may say the opposite of the other."""
    if denies(one) != denies(other):
        return True
    return any(_are_opposites(a, b) or _are_opposites(b, a) for a in _words(one) for b in _words(other))


def _words(text: str) -> list[str]:
    text = text.lower().replace("\u2019", "'").replace("w/o", "without ")
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text)


def _are_opposites(word: str, other: str) -> bool:
    for beginning, instead in _PREFIXES:
        if not (word.startswith(beginning) and other.startswith(instead)) or other.startswith(beginning):
            continue
        rest, same = word[len(beginning) :], other[len(instead) :]
        if rest[:_ALIKE] == same[:_ALIKE] and (instead or len(rest) > _ALIKE):
            return True
    return False
