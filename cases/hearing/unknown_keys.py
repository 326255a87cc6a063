"""Keys that are no attribute: what is made of them, beside refusing them.

The key of a measure tells that it is done; what names its own attribute is heard (`labs: plt 145, INR 1.2`); what no
rule reads becomes a note. Of a letter more is taken so than of a case of the library, of which every word is understood.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cases.hearing.doubt import AGAINST, DENIED, DOUBTED, FEARED, OTHERS
from cases.hearing.letters import Term, is_led, terms_in
from cases.hearing.meaning import NO_INPUT, Heard, spoken
from cases.hearing.names import is_assent
from cases.hearing.wishes import hear_refusal, is_declinable, may_decline
from cases.hearing.within import hear_within
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.synonyms import plain
from knowledge_base.language.vocabulary import Attribute, SubjectKind
from knowledge_base.text.errors import nearest, shown

MOST_LOOKED_UP = 100  # unknown keys of a file whose words are looked up
_DONE = re.compile(
    r"(?:(?:inj|injection|injected|loading|loaded|dose|started|commenced|given|received|done|yes|true|on|running|now|today|"
    r"yesterday|this morning|last night|dexamethasone|dexa?|decadron|steroids?|iv|po|oral(?:ly)?|mg|bd|od|tds|qds|bid|"
    r"tid|qid|daily|stat|/day|since|from|for|at|by|with|then|ppi|cover|omeprazole|lansoprazole|pantoprazole|days?|weeks?|in|ed|"
    r"er|a&e|clinic|ward|gp|paramedics|ambulance|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{1,2}:\d\d|\d{1,2}/\d{1,2}|x\s?\d|q\d{1,2}h|"
    r"\d{1,3}(?:\.\d+)?\s?(?:mg|am|pm)?)(?:[\s,;.]+|$))+",
    re.IGNORECASE,
)  # words of which nothing says "not" or "stopped", to the end
_BEGUN = re.compile(
    r"\b(?:given|gave|started|commenced|received|loaded|on)\b.*\d\s*mg|\d\s*mg.*\b(?:given|started|commenced|received)\b",
    re.IGNORECASE,
)
_NOT_BEGUN = re.compile(
    rf"\b(?:{DENIED}|{DOUBTED}|{OTHERS}|{FEARED}|{AGAINST}|to start|please|consider\w*|contraind\w*|allerg\w*|refus\w*|"
    r"declin\w*|stop\w*|held|hold|weaned?|weaning|tapered|finished|completed|last (?:week|month|year)|before|previous\w*|"
    r"(?:was|were) on|had been|used to|prior|past|after|once|await\w*|pending|prescribed|charted|recommend\w*|"
    r"(?:19|20)\d\d|long[ -]?term|maintenance|chronic\w*)\b|\?",
    re.IGNORECASE,
)  # beside a dose that was begun: it is not so, or no more
_NOT_NOW = re.compile(
    rf"\b(?:{DENIED}|{OTHERS}|prev\w*|prior|old|last|before|former\w*|past|baseline|initial\w*|was|differential|dd|ddx|other|"
    r"elsewhere|planned|if|risk|allerg\w*|avoid|contraindic\w*|intoleran\w*|reaction\w*|stopped|held|discontinued|failed|"
    r"tried|options?|next|consider\w*)\b|\?",
    re.IGNORECASE,
)  # a key with one of these says that what stands under it is not so of this patient today
_PARTS = re.compile(r"\s*[,;]\s+")
_SLIP = 0.85  # how like a known key another is that was meant for it


@dataclass(frozen=True)
class Taken:
    """What a key that is no attribute was taken for, all of which may be empty.

    `said` is what is said of inputs that the text names, `remark` what is kept as a note, `done` the id of a measure that
    is done, and `problem` why it is refused.
    """

    said: tuple[tuple[Attribute, str], ...] = ()
    remark: str = ""
    done: str = ""
    heard: tuple[Heard, ...] = ()
    problem: str = ""


@dataclass
class UnknownKeys:
    """The unknown keys of one document, with the date of its case."""

    knowledge: KnowledgeBase
    date: str | None
    is_letter: bool
    _looked_up: int = 0
    _terms_of: dict[str, tuple[Term, ...]] = field(default_factory=dict)

    def hear(self, key: str, raw: object, kind: SubjectKind) -> Taken | None:
        """Return what a key of a patient or a lesion was taken for; None for one that the reader shall read or refuse."""
        self._looked_up += 1
        if self._looked_up > MOST_LOOKED_UP:
            return None
        return self._named(key, raw, kind) or (None if self._is_of_a_case(key) else self._beside(key, raw, kind))

    def _is_of_a_case(self, key: str) -> bool:
        """Tell whether the reader has a word of its own for a key; of what rules work out a letter says nothing."""
        attribute = self.knowledge.vocabulary.get(key)
        return attribute is not None and not (self.is_letter and not attribute.given)

    def _terms(self, text: str) -> tuple[Term, ...]:
        if text not in self._terms_of:
            self._terms_of[text] = terms_in(text, self.knowledge, self.date)
        return self._terms_of[text]

    # --- what names its own attribute --------------------------------------------------------------------------

    def _named(self, key: str, raw: object, kind: SubjectKind) -> Taken | None:
        """Return what is said under a key where each part names its own attribute; None where one does not.

        None too where the key may take it back (`previous`, `family`), or where a part that names none speaks of one.
        """
        raw = "yes" if raw is True else raw
        if not self.is_letter or not isinstance(raw, str) or _NOT_NOW.search(key):
            return None
        if is_assent(raw) and (attribute := self._asserted(key, kind)) is not None:
            return Taken(((attribute, key),))
        if drugs := self._drugs(raw, kind):
            return Taken(tuple((attribute, raw) for attribute in drugs))
        parts = [part for part in _PARTS.split(raw.strip()) if part]
        owners = {part: self._owners(part, kind) for part in parts}
        said = tuple((owners[part][0], part) for part in parts if len(owners[part]) == 1)
        rest = [part for part in parts if not owners[part]]
        if not said or len(said) + len(rest) < len(parts) or any(map(self._speaks, rest)):
            return None
        return self._note(key, ", ".join(rest), said=said) if rest else Taken(said)

    def _asserted(self, key: str, kind: SubjectKind) -> Attribute | None:
        """Return the input of which a key is nothing but a listed value, as of `liver mets: yes`."""
        terms = self._terms(key)
        if len(terms) != 1 or terms[0].problem or terms[0].text != key:
            return None
        attribute = self.knowledge.vocabulary[terms[0].attribute]
        return attribute if attribute.of == kind else None

    def _drugs(self, raw: str, kind: SubjectKind) -> Sequence[Attribute]:
        """Return the inputs of drugs of which a text under any key tells, as `AF on apixaban` does, if it tells no more."""
        terms = self._terms(raw)
        found = {term.attribute: self.knowledge.vocabulary[term.attribute] for term in terms}
        are_drugs = all(self._is_drug(attribute) and attribute.of == kind for attribute in found.values())
        if not are_drugs or any(term.problem for term in terms):
            return ()
        try:
            each = [hear_within(a, raw, self.knowledge.lexicon(a.id)) for a in found.values()]
        except ValueError:  # another word of it may mean two things
            return ()
        return tuple(found.values()) if all(each) else ()

    def _is_drug(self, attribute: Attribute) -> bool:
        return (
            attribute.class_ != "finding"
            and self.knowledge.lexicon(attribute.id).synonyms.within
            and bool(attribute.names)
        )

    def _is_unclear_drug(self, term: Term) -> bool:
        """Tell whether a word is a drug that may be one of two, of which none is supposed to be taken unless it is told."""
        return term.is_refused and self._is_drug(self.knowledge.vocabulary[term.attribute])

    def _owners(self, part: str, kind: SubjectKind) -> list[Attribute]:
        """Return the inputs of which a name leads the words, with a number or a listed word behind it."""
        own = self.knowledge.vocabulary.given_of(kind)
        return [a for a in own if is_led(part, a, self.knowledge) or self._names_itself(part, a)]

    def _names_itself(self, part: str, attribute: Attribute) -> bool:
        """Tell whether words are a listed value with a name of its attribute in it, such as `no pacemaker`."""
        lexicon, said = self.knowledge.lexicon(attribute.id), f" {plain(part)} "
        return said.strip() in lexicon.senses and any(f" {plain(name)} " in said for name in lexicon.names)

    def _speaks(self, part: str) -> bool:
        """Tell whether a part speaks of an input, and not of what is always kept as a note."""
        return bool(self._terms(part)) and self._nearest_to_note(plain(part.split()[0])) is None

    # --- what does not -----------------------------------------------------------------------------------------

    def _beside(self, key: str, raw: object, kind: SubjectKind) -> Taken | None:
        """Return what else a key says: a measure that is done, a remark, or a word misplaced; None when it says nothing."""
        name, said = plain(key), spoken(raw)
        measures = (measure.id for measure in self.knowledge.measures.values() if name in map(plain, measure.also))
        if (measure := next(measures, None)) is not None:
            return self._measure(measure, key, said)
        if (wish := self._wish(key, said)) is not None:
            return wish
        found = [term for text in (said, key) for term in self._terms(text)]
        terms = [term for term in found if not term.problem or self._is_unclear_drug(term)]
        if not terms and (inputs := self._nearest_to_note(name)) is not None:
            return self._note(key, said, inputs)
        terms = terms or [term for term in self._terms(f"{key} {said}") if term.problem]
        if terms:
            return self._misplaced(key, said, terms)
        return self._note(key, said) if self.is_letter and not self._is_slip(key, kind) else None

    def _wish(self, key: str, said: str) -> Taken | None:
        """Return the operation that a wish declines, or may decline; None where it speaks of none, or accepts it."""
        wishes = [
            self.knowledge.vocabulary[name] for name in self._near(plain(key)) if name in self.knowledge.vocabulary
        ]
        for attribute in wishes if self.is_letter else ():
            if hear_refusal(attribute, said, self.knowledge) is not None:
                return Taken(((attribute, said),), f"{key}: {said}")
            if is_declinable(attribute, self.knowledge) and may_decline(said):
                write = f"write `{attribute.id}: …` in `patient`, if the patient does ({attribute.domain_text})"
                return self._open(key, said, f"it may decline an operation; {write}", attribute.id)
        return None

    def _near(self, name: str) -> Sequence[str]:
        """Return the inputs that are nearest to a key which is kept as a note."""
        remarks = self.knowledge.framework.near_inputs
        return next((remark.nearest for remark in remarks if name in map(plain, remark.said)), ())

    def _measure(self, measure: str, key: str, said: str) -> Taken:
        is_done = _DONE.fullmatch(said.strip()) or (
            self.is_letter and _BEGUN.search(said) and not _NOT_BEGUN.search(said)
        )
        if not is_done and self.is_letter:
            return self._open(key, said, "does not say that it is done, so it is called for; else write `started`")
        if not is_done:
            return Taken(problem=f"{shown(said)} does not say that it is done; write `started`, or leave `{key}` out")
        done = Heard(key, said, f"{self.knowledge.measures[measure].label}: done", kind="done")
        return Taken(done=measure, heard=(done,))

    def _note(self, key: str, words: str, inputs: str = "", said: tuple[tuple[Attribute, str], ...] = ()) -> Taken:
        """Return words as a note, with the inputs that are nearest to them."""
        meaning = f"{NO_INPUT}; nearest: {inputs}" if inputs else NO_INPUT
        return Taken(said, f"{key}: {words}", heard=(Heard(key, words, meaning, kind="note", readings=inputs),))

    def _nearest_to_note(self, name: str) -> str | None:
        """Return the inputs nearest to a key that is kept as a note (may be empty); None for any other key."""
        if near := self._near(name):
            return " or ".join(near)
        return "" if name in map(plain, self.knowledge.framework.remarks) else None

    def _misplaced(self, key: str, said: str, terms: Sequence[Term]) -> Taken:
        """Return words of an input under a key that is none: left open in a letter, else refused."""
        grave = next((term for term in terms if not self._is_harmless(term)), terms[0])
        place = self._place_of(grave, key, said)
        if not self.is_letter:
            return Taken(problem=f"`{key}` is no key here; {place}")
        return self._open(key, said, f"under no known key; {place}", grave.attribute)

    def _open(self, key: str, said: str, readings: str, attribute: str = "") -> Taken:
        """Return what is told and left open, with what to write for it."""
        heard = Heard(key, said, NO_INPUT, attribute, "left open", readings)
        return Taken(remark=f"{key}: {said}", heard=(heard,))

    def _is_harmless(self, term: Term) -> bool:
        """Tell whether a misplaced word is not among those to be read first: a drug, a sign, what is supposed."""
        attribute = self.knowledge.vocabulary[term.attribute]
        well = attribute.harmless or (attribute.no_emergency and attribute.read(attribute.no_emergency))
        is_emergency = term.is_refused and attribute.no_emergency is not None
        is_sign = attribute.letter == "N" and not term.problem and well and term.words != attribute.words(well)
        return attribute.is_never_supposed and not (is_emergency or is_sign or self._is_drug(attribute))

    def _place_of(self, term: Term, key: str, said: str) -> str:
        """Return where a misplaced word belongs, or why it belongs nowhere."""
        attribute = self.knowledge.vocabulary[term.attribute]
        if term.problem:
            return term.problem
        where = "in `patient`" if attribute.of == "patient" else "in its lesion"
        if term.text in key and not is_assent(said):
            return f"it speaks of {attribute.label}: write `{attribute.id}: …` {where} ({attribute.domain_text})"
        return f"{shown(term.text)} is {attribute.label}: write `{attribute.id}: {term.text}` {where}"

    def _is_slip(self, key: str, kind: SubjectKind) -> bool:
        """Tell whether a key is spelt nearly like one that is known."""
        return nearest(key, {a.group or a.key for a in self.knowledge.vocabulary.given_of(kind)}, _SLIP) is not None
