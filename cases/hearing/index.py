"""Of which inputs a word speaks, wherever it stands: the words of all synonyms by what they are said of."""

from functools import lru_cache

from cases.hearing.meaning import COMMON
from cases.hearing.within import runs_of
from knowledge_base.language.knowledge import ByIdentity, KnowledgeBase
from knowledge_base.language.synonyms import plain
from knowledge_base.language.vocabulary import Attribute


def owners(word: str, knowledge: KnowledgeBase) -> tuple[str, ...]:
    """Return the attributes that have a word (in its plain form) for a value, or ask about it."""
    return _index(ByIdentity(knowledge)).get(word, ())


def speaks(text: str, knowledge: KnowledgeBase) -> bool:
    """Tell whether any words of a text speak of some input."""
    return any(True for _ in runs_of(text, lambda said: owners(plain(said), knowledge) or None))


def given(knowledge: KnowledgeBase) -> list[Attribute]:
    """Return the inputs of a lesion, then those of the patient."""
    return [*knowledge.vocabulary.given_of("lesion"), *knowledge.vocabulary.given_of("patient")]


@lru_cache(maxsize=4)
def _index(which: ByIdentity) -> dict[str, tuple[str, ...]]:
    """Return the attributes that have each word for a value, or ask about it, by its plain form."""
    knowledge = which.base
    found: dict[str, list[str]] = {}
    for attribute in given(knowledge):
        lexicon = knowledge.lexicon(attribute.id)
        if lexicon.synonyms.own_field:
            continue
        for word in {*lexicon.senses, *lexicon.asked}:
            if word not in lexicon.only_here and _tells(word, attribute):
                found.setdefault(word, []).append(attribute.id)
    return {word: tuple(names) for word, names in found.items()}


def _tells(word: str, attribute: Attribute) -> bool:
    """Tell whether a word alone, anywhere in a letter, speaks of its attribute: not a yes, a no, a number or a grade."""
    if attribute.id == "levels" and any(c.isdigit() for c in word):
        return True
    return len(word) > 2 and any(c.isalpha() for c in word) and word not in COMMON
