"""What speaks of an exception or a wish under the key of something else: `fit; on Eliquis for DVT` of an operation.

An exception that nobody names is supposed not to be so, and a wish that nobody voices is asked for last. What may speak of
one is told as not read, wherever it stands, unless a key of its own says it.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from cases.hearing.doubt import DENIED
from cases.hearing.index import owners
from cases.hearing.meaning import Heard
from cases.hearing.wishes import is_declinable, is_unwilling
from cases.hearing.within import runs_of
from knowledge_base.language.domains import both
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.synonyms import plain
from knowledge_base.language.vocabulary import Attribute

_YEAR = re.compile(r"(?:19|20)\d\d")
_SHORT = 3  # letters of a word that says too little by itself
_CLAUSE = re.compile(r"[,;.()]")
_DENIED = re.compile(rf"\b(?:{DENIED})\b", re.IGNORECASE)


def under_other_keys(heard: Sequence[Heard], said: Collection[str], knowledge: KnowledgeBase) -> list[Heard]:
    """Return what of a letter speaks of exceptions and wishes of which no key says anything (`said`), as left open."""
    listener = _Listener(knowledge, set(said))
    return [*listener.wishes(heard), *listener.exceptions(heard)]


@dataclass
class _Listener:
    knowledge: KnowledgeBase
    said: set[str]

    @cached_property
    def counted(self) -> list[Attribute]:
        """The exceptions that are numbers, such as a count of platelets."""
        every = self.knowledge.vocabulary.values()
        return [a for a in every if a.class_ == "exception" and a.type == "number" and a.given]

    def wishes(self, heard: Sequence[Heard]) -> Iterator[Heard]:
        """Yield the first answer that is not understood and may say that the patient does not want an operation."""
        unread = (one for one in heard if one.kind == "left open" and not self._is_wish(one))
        unwilling = next((one for one in unread if is_unwilling(one.typed)), None)
        if unwilling is None:
            return
        wish = next((a for a in self.knowledge.vocabulary.values() if is_declinable(a, self.knowledge)), None)
        if wish is not None and wish.id not in self.said:
            yield _left_open(unwilling, unwilling.typed, wish.id)

    def exceptions(self, heard: Sequence[Heard]) -> Iterator[Heard]:
        """Yield the exceptions of which words speak that were not used, each once, but for those that are denied."""
        for one in (one for one in heard if one.attribute and one.kind in ("left open", "part", "more")):
            neighbours = (one.attribute, *self.knowledge.lexicon(one.attribute).synonyms.elsewhere)
            for start, words, name in runs_of(one.typed, self._exception):
                if name not in (*self.said, *neighbours) and not _DENIED.search(_CLAUSE.split(one.typed[:start])[-1]):
                    self.said.add(name)
                    yield _left_open(one, words.strip(" -/?"), name)

    def _is_wish(self, one: Heard) -> bool:
        attribute = self.knowledge.vocabulary.get(one.attribute)
        return attribute is not None and attribute.class_ == "wish"

    def _exception(self, words: str) -> str | None:
        """Return the exception that words speak for, the patient's before a lesion's, or whose number they name."""
        word = plain(words)
        if word[-1:].isdigit():
            return next((attribute.id for attribute in self.counted if self._is_number_of(attribute, words)), None)
        names = owners(word, self.knowledge) if len(words) > _SHORT else ()
        spoken_for = [self.knowledge.vocabulary[name] for name in names if self._is_unusual(name, word)]
        return min(spoken_for, key=lambda a: a.of != "patient").id if spoken_for else None

    def _is_number_of(self, attribute: Attribute, words: str) -> bool:
        rest = self.knowledge.lexicon(attribute.id).behind_name(words)
        return rest is not None and rest[:1].isdigit() and " " not in rest and not _YEAR.fullmatch(rest)

    def _is_unusual(self, name: str, word: str) -> bool:
        """Tell whether a word says of an exception what is not supposed of it."""
        attribute, sense = self.knowledge.vocabulary[name], self.knowledge.lexicon(name).senses.get(word)
        if attribute.class_ != "exception" or attribute.usual_values is None:
            return False
        return sense is None or both(attribute.read(sense.means[name]), attribute.usual_values).is_empty


def _left_open(one: Heard, typed: str, name: str) -> Heard:
    return Heard(one.place, typed, "not known", name, "left open", f"write it under `{name}`")
