"""What is understood of a text beside what is not: `septic, IVDU, cultures sent`.

A part that is not understood is passed over, and told as not used, where it has no weight: nothing in it takes back what
stands beside it, and no word of it is one of any input's. Never so beside a value with which all is well or as usual, a mere
yes, or an earlier treatment; then nothing is heard.
"""

import re
from dataclasses import dataclass, field

from cases.hearing.doubt import takes_back
from cases.hearing.index import speaks
from cases.hearing.meaning import COMMON, Json, NotHeardError
from cases.hearing.parts import Parts
from cases.hearing.wishes import accepts
from cases.hearing.within import unsettles
from knowledge_base.language.domains import Choices, both
from knowledge_base.language.synonyms import plain
from knowledge_base.text.errors import shown

_WORD = re.compile(r"[^\s,;/]+")


@dataclass
class KnownParts(Parts):
    """Hears a text part by part, and passes over what it does not know and what has no weight."""

    passed_over: list[str] = field(default_factory=list)

    def take_unknown(self, part: str) -> None:
        """Pass over a part that is not understood; raise `NotHeardError` where it has a weight."""
        if self.words.history or self.words.together or self._has_weight(part):
            raise NotHeardError(f"{shown(part)} is not understood, and may say otherwise", part)
        if not self.stripped(part):
            self.unused.append(part)
            self.passed_over.append(part)

    def doubt_that_all_is_well(self, text: str) -> None:
        """Raise also where something was passed over beside a value that is no sign that something is wrong."""
        super().doubt_that_all_is_well(text)
        is_bare = any(self._is_bare(part) for part in self.parts(text))
        if self.passed_over and (is_bare or not any(self._is_wrong(one.data) for one in self.own)):
            raise NotHeardError(f"{shown(text)} says that all is well, and what else is not known", self.passed_over[0])

    def _has_weight(self, part: str) -> bool:
        """Tell whether a part may take back what stands beside it, or says something by itself."""
        lexicon = self.knowledge.lexicon(self.attribute.id)
        words = {plain(word) for word in _WORD.findall(part)}
        is_value = not words.isdisjoint(lexicon.senses) or not words.isdisjoint(lexicon.asked)
        if self.attribute.fixed and self.words.within:
            return is_value or unsettles(part)
        if self.attribute.class_ == "wish" and accepts(part):
            return True
        is_amount = (self.words.exact or bool(lexicon.spans)) and any(c.isdigit() for c in part)
        return is_value or is_amount or takes_back(part) or speaks(part, self.knowledge)

    def _is_bare(self, part: str) -> bool:
        """Tell whether a part says nothing by itself: yes, present, or of a wish the name of a value."""
        return plain(part) in COMMON or (self.attribute.class_ == "wish" and plain(part) in self.attribute.names)

    def _is_wrong(self, value: Json) -> bool:
        """Tell whether a value is one that nobody would suppose, and a sign where the vocabulary names such."""
        if value is None or self.is_well(value):
            return False
        read, usual = self.attribute.read(value), self.attribute.usual_values
        signs = {name == "true" if self.attribute.type == "yes_no" else name for name in self.words.signs}
        is_sign = isinstance(read, Choices) and read.members <= signs
        return (usual is None or both(read, usual) != read) and (not signs or is_sign)
