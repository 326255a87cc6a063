"""The hazards of the knowledge base, checked again at the end of each consultation.

They are proved over every patient before knowledge is released. This is the second lock: should one happen all the same,
the lesion gets no advice, and the reader is told which hazard it was.
"""

from collections.abc import Iterator

from engine.inference.session import Consultation
from engine.inference.subjects import Subject
from knowledge_base.language.conditions import Condition
from knowledge_base.language.domains import Subsets, Values
from knowledge_base.language.hazards import Hazard
from knowledge_base.language.outcomes import INVOLVES, NAMES, members_said
from knowledge_base.language.predicates import Truth


def hazards_of(consultation: Consultation, lesion: Subject) -> tuple[Hazard, ...]:
    """Return the hazards that have happened to a lesion, in order of id."""
    if lesion not in consultation.hazards:
        ending = _Ending(consultation, lesion)
        hazards = consultation.state.knowledge.hazards.values()
        consultation.hazards[lesion] = tuple(hazard for hazard in hazards if ending.has_happened(hazard))
    return consultation.hazards[lesion]


class _Ending:
    """What a consultation comes to for one lesion, as hazards speak of it."""

    def __init__(self, consultation: Consultation, lesion: Subject) -> None:
        self.state = consultation.state
        self.lesion = lesion
        rules = self.state.knowledge.rules
        fired = dict.fromkeys(f.rule for f in consultation.firings_about(lesion) if f.rule in rules)
        self._fired = [rules[name] for name in fired]
        self._said: dict[tuple[Subject, str], Subsets] = {}

    def has_happened(self, hazard: Hazard) -> bool:
        """Tell whether what must never be is surely so, or what must always be is not."""
        if self._truth(hazard.when, self.lesion) is not Truth.TRUE:
            return False
        if hazard.never is not None:
            return self._truth(hazard.never, self.lesion) is Truth.TRUE
        assert hazard.always is not None
        return self._truth(hazard.always, self.lesion) is not Truth.TRUE

    def _truth(self, condition: Condition, subject: Subject) -> Truth:
        return self.state.everyone.truth(condition, subject, self._value)

    def _value(self, subject: Subject, name: str) -> Values:
        if name not in NAMES:
            return self.state.value(subject, name)
        if (subject, name) not in self._said:
            members = frozenset(self._members(subject, name))
            self._said[subject, name] = Subsets(members, members)
        return self._said[subject, name]

    def _members(self, subject: Subject, name: str) -> Iterator[str]:
        if name == INVOLVES:
            yield from self.state.knowledge.pathways[subject.pathway].involves
        else:
            for rule in self._fired:
                yield from members_said(rule, name)
