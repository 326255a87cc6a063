"""A whole case file as it was typed, put into the words of the vocabulary.

Keys and values are heard; everything else stays as it is. What is said differently is kept as an echo, and what may
mean two things is a problem at its place. The document that comes out reads as if it had been written so.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cases.hearing.answers import hear, is_read
from cases.hearing.keys import attribute_called, lesion_name
from cases.hearing.letters import Term, is_led, terms_in
from cases.hearing.meaning import (
    LEFT_OPEN,
    NO_INPUT,
    NOT_UNDERSTOOD,
    Heard,
    HeardKind,
    Json,
    LeftOpenError,
    Meaning,
    NotHeardError,
)
from cases.hearing.names import is_assent
from cases.hearing.within import hear_within
from knowledge_base.language.domains import Values, both
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.synonyms import plain
from knowledge_base.language.vocabulary import Attribute, SubjectKind
from knowledge_base.text.errors import Problem, nearest, shown
from knowledge_base.text.strict_yaml import Document, KeyPath

MOST_LOOKED_UP = 100  # unknown keys of a file whose words are looked up
_DONE = re.compile(
    r"(?:(?:inj|injection|injected|loading|dose|started|commenced|given|done|yes|on|running|loaded|now|today|yesterday|dexamethasone|dexa?|iv|po|mg|bd|od|tds|qds|bid|tid|"
    r"qid|daily|stat|/day|since|from|for|\d+/7|days?|weeks?|in|ed|er|a&e|clinic|ward|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d+(?:\.\d+)?(?:mg)?)(?:\s+|,\s*|$))+",
    re.IGNORECASE,
)  # words of which nothing says "not" or "stopped"

_SLIP = 0.85  # how like a known key another is that was meant for it
_NOT_NOW = re.compile(
    r"\b(?:no|not|denies|denied|prev\w*|prior|old|last|before|former\w*|past|baseline|initial\w*|was|family|fh|father|mother|"
    r"differential|dd|ddx|\?|other|elsewhere|planned|if|risk|allerg\w*|avoid|contraindic\w*|intoleran\w*|reaction\w*|"
    r"stopped|held|discontinued|failed|tried|options?|next|consider\w*)\b",
    re.IGNORECASE,
)  # a key with one of these says that what stands under it is not so of this lesion today
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PHRASE = re.compile(r"[^\W\d_]{2,}.*\s.*\S|\S.*\s.*[^\W\d_]{2,}")  # two words or more, one of them of letters


@dataclass(frozen=True)
class HeardDocument:
    """A document in the words of the vocabulary, what was said in others, and what could not be heard."""

    document: Document
    heard: tuple[Heard, ...] = ()
    problems: tuple[Problem, ...] = ()


def hear_document(document: Document, knowledge: KnowledgeBase, about: str, is_letter: bool = False) -> HeardDocument:
    """Return a case file in the words of the vocabulary; its data must be a mapping.

    A letter may say what is not understood: a phrase about a finding is then left open, which supposes nothing of it, and
    a key that is like none that is known becomes a note. Both are told, never passed over in silence.
    """
    ear = _Ear(document, knowledge, about, is_letter)
    return HeardDocument(ear.hear(), tuple(ear.heard), tuple(ear.problems))


@dataclass
class _Said:
    """One thing that was said of a subject: where, in which words, and what it means."""

    path: KeyPath
    key: str
    attribute: Attribute
    raw: object
    names_itself: bool = False  # under a key that is none


@dataclass
class _Ear:
    document: Document
    knowledge: KnowledgeBase
    about: str
    is_letter: bool = False
    heard: list[Heard] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    moved: dict[KeyPath, KeyPath] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    done: dict[str, str] = field(default_factory=dict)
    looked_up: int = 0

    def hear(self) -> Document:
        data = dict(self.document.data)
        date = data.get("date")
        self.date = date if isinstance(date, str) else None
        if isinstance(data.get("patient"), dict):
            data["patient"] = self._subject(data["patient"], ("patient",), "patient", "")
        if isinstance(data.get("lesions"), list):
            data["lesions"] = [
                self._subject(raw, ("lesions", i), "lesion", f"{raw.get('id', i + 1)}.")
                if isinstance(raw, dict)
                else raw
                for i, raw in enumerate(data["lesions"])
            ]
        if self.remarks:
            data["notes"] = "; ".join([*([data["notes"]] if data.get("notes") else []), *self.remarks])
        if self.done and isinstance(data.setdefault("measures", {}), dict):
            data["measures"] = {**self.done, **data["measures"]}
        return replace(self.document, data=data, lines=self._lines())

    def _lines(self) -> Mapping[KeyPath, int]:
        """Return the lines of the document, by the paths that its parts have now."""
        if not self.moved:
            return self.document.lines
        lines = dict(self.document.lines)
        for old, new in self.moved.items():
            for path, line in self.document.lines.items():
                if path[: len(old)] == old:
                    lines[(*new, *path[len(old) :])] = line
        return lines

    # --- one subject -------------------------------------------------------------------------------------------

    def _subject(self, data: dict[str, Any], path: KeyPath, kind: SubjectKind, place: str) -> dict[str, Any]:
        own = {a.id: a for a in self.knowledge.vocabulary.given_of(kind)}
        groups = {a.group for a in own.values() if a.group}
        written: dict[str, Any] = {}
        said: list[_Said] = []
        for key, raw in data.items():
            if key in groups and isinstance(raw, dict):
                written[key] = {}
                for part, value in raw.items():
                    self._take(part, value, (*path, key, part), f"{key}_{part}", key, kind, said, written[key])
            elif key == "id":
                written[key] = named = lesion_name(raw) if isinstance(raw, str) else raw
                self.heard += [Heard("lesion", raw, named)] if named != raw else []
            else:
                self._take(key, raw, (*path, key), key, None, kind, said, written)
        self._put(said, path, place, written)
        return written

    def _take(
        self,
        key: str,
        raw: object,
        path: KeyPath,
        name: str,
        group: str | None,
        kind: SubjectKind,
        said: list[_Said],
        written: dict[str, Any],
    ) -> None:
        """Put what a key says among the things said; leave what it is not known by where it stands."""
        attribute = self._attribute(key, name, group, kind, raw)
        if attribute is not None and attribute.of != kind:  # the reader tells where it belongs
            self.moved[path] = (*path[:-1], attribute.id)
            written[attribute.id] = raw
            return
        if attribute is None:
            if named := [] if group else self._named(key, raw, path, kind):
                said += named
            elif group or self._is_of_a_case(key) or not self._is_beside(key, raw, path, kind):
                written[key] = raw
            return
        said.append(_Said(path, key, attribute, raw))

    def _is_of_a_case(self, key: str) -> bool:
        """Tell whether the reader has a word of its own for a key; of what rules work out a letter says nothing."""
        attribute = self.knowledge.vocabulary.get(key)
        return attribute is not None and not (self.is_letter and not attribute.given)

    def _attribute(self, key: str, name: str, group: str | None, kind: SubjectKind, raw: object) -> Attribute | None:
        """Return the attribute that a key stands for; None for a key that the reader shall refuse, or read itself."""
        vocabulary = self.knowledge.vocabulary
        exact = vocabulary.get(name)
        if exact is not None and exact.group == group and exact.given:
            return exact
        if exact is not None and exact.given and exact.of == kind and group:
            return exact  # sins: {total: 11}
        if (exact is not None and exact.given) or (isinstance(raw, dict) and not group):
            return None
        kinds: tuple[SubjectKind, ...] = (
            (kind,) if attribute_called(key, self.knowledge, (kind,)) else ("patient", "lesion")
        )
        found = attribute_called(key, self.knowledge, kinds) or attribute_called(name, self.knowledge, kinds)
        if found is None or (group and found.group != group):
            return None
        return found

    def _put(self, said: list[_Said], path: KeyPath, place: str, written: dict[str, Any]) -> None:
        """Write what was said under the vocabulary's keys, and what follows from its words beside it."""
        taken: dict[str, _Said] = {}
        implied: list[tuple[_Said, str, Json]] = []
        for one in said:
            meaning = self._meaning(one)
            if meaning is None:
                continue
            is_said = meaning.data is not None or (one.attribute.type == "yes_no" and not meaning.others)
            first = taken.setdefault(one.attribute.id, one) if is_said else None
            if first is one:
                self._write(one.attribute, meaning.data, one.path, path, written)
            elif first is not None and not self._agrees(one, meaning, written):
                line = self.document.position(first.path)
                self._problem(
                    one.path,
                    f"`{one.key}` is {one.attribute.id}, which `{first.key}` gives already on line {line.line}; keep one",
                )
                continue
            if not meaning.is_plain or one.names_itself or self._is_former(one):
                self._echo(one, meaning, place)
            implied += [(one, name, raw) for name, raw in meaning.others.items()]
        for one, name, raw in implied:
            self._imply(one, name, raw, written)

    def _meaning(self, one: _Said) -> Meaning | None:
        try:
            meaning = hear(one.attribute, one.raw, self.knowledge, one.key, self.date)
            may_stay_open = self._may_stay_open(one) and not is_read(one.attribute, meaning)
            return _left_open(NOT_UNDERSTOOD) if may_stay_open else meaning
        except LeftOpenError as error:
            return _left_open(error.readings, error.data)
        except ValueError as error:
            if isinstance(error, NotHeardError) and self._may_stay_open(one):
                return _left_open(NOT_UNDERSTOOD)
            self._problem((*one.path, *getattr(error, "path", ())), str(error))
            return None

    def _may_stay_open(self, one: _Said) -> bool:
        """Tell whether what is not understood may be not known: a finding or a wish, of which nothing is ever supposed.

        A slip of the pen is refused, being soon mended: a number, or one word that is spelt nearly like a value.
        """
        if not self.is_letter or one.attribute.class_ not in ("finding", "wish") or not isinstance(one.raw, str):
            return False
        if _WORD.fullmatch(one.raw):
            return nearest(one.raw, one.attribute.names) is None
        return _PHRASE.search(one.raw) is not None

    def _write(self, attribute: Attribute, data: Json, at: KeyPath, path: KeyPath, written: dict[str, Any]) -> None:
        group, key = attribute.group, attribute.key
        holder = written.setdefault(group, {}) if group else written
        if not isinstance(holder, dict):
            return
        holder[key] = data
        new = (*path, group, key) if group else (*path, key)
        if new != at:
            self.moved[at] = new

    def _echo(self, one: _Said, meaning: Meaning, place: str) -> None:
        try:
            words = meaning.words(one.attribute, self.knowledge)
        except ValueError:
            return  # the reader will refuse it
        note = meaning.note or ""
        kind: HeardKind = "left open" if meaning.readings else "more" if note or meaning.others else "said"
        readings = "; ".join(meaning.readings)
        self.heard.append(Heard(f"{place}{one.key}", spoken(one.raw), words, one.attribute.id, kind, readings))

    def _is_former(self, one: _Said) -> bool:
        """Tell whether a key is an id that the attribute had."""
        return any(key in one.attribute.formerly for key in (one.key, f"{one.attribute.group}_{one.key}"))

    def _imply(self, one: _Said, name: str, raw: Json, written: dict[str, Any]) -> None:
        """Write what words say of another attribute, as far as it does not contradict what the case says of that."""
        other = self.knowledge.vocabulary[name]
        holder = written.setdefault(other.group, {}) if other.group else written
        given = holder.get(other.key)
        try:
            before = other.domain if given is None else other.read(given)
        except ValueError:
            return  # the reader will refuse it
        left: Values = both(before, other.read(raw))
        if left.is_empty:
            words = f"{other.label}: {other.words(before)}"
            self._problem(
                one.path,
                f"{spoken(one.raw)!r} says {other.sentence(other.read(raw))}, but the case says {words}; mend one of them",
            )
            return
        holder[other.key] = other.dump(left)

    def _agrees(self, one: _Said, meaning: Meaning, written: dict[str, Any]) -> bool:
        """Write what is left when one attribute was given under two names; tell whether anything is."""
        attribute = one.attribute
        holder = written.get(attribute.group, {}) if attribute.group else written
        if attribute.type == "several" or None in (holder.get(attribute.key), meaning.data):
            return False
        try:
            left: Values = both(attribute.read(holder[attribute.key]), attribute.read(meaning.data))
        except ValueError:
            return False
        if not left.is_empty:
            holder[attribute.key] = attribute.dump(left)
        return not left.is_empty

    # --- keys that are no attribute ----------------------------------------------------------------------------

    def _named(self, key: str, raw: object, path: KeyPath, kind: SubjectKind) -> list[_Said]:
        """Return what is said under a key that is none where each part names its own: `labs: plt 145, INR 1.2`.

        Empty where the key may take it back (`previous`, `family`), or where a part that names none speaks of one.
        """
        raw = "yes" if raw is True else raw
        if not self.is_letter or not isinstance(raw, str) or _NOT_NOW.search(key):
            return []
        if is_assent(raw) and (attribute := self._asserted(key, kind)) is not None:
            return [_Said(path, key, attribute, key, names_itself=True)]
        if drugs := self._drugs(raw, kind):
            return [_Said(path, key, attribute, raw, names_itself=True) for attribute in drugs]
        parts = [part for part in re.split(r"\s*[,;]\s+", raw.strip()) if part]
        owners = {part: self._owners(part, kind) for part in parts}
        own = [part for part in parts if len(owners[part]) == 1]
        rest = [part for part in parts if not owners[part]]
        if not own or len(own) + len(rest) < len(parts) or any(map(self._speaks, rest)):
            return []
        if rest:
            self.remarks.append(f"{key}: {', '.join(rest)}")
            self.heard.append(Heard(key, ", ".join(rest), NO_INPUT, kind="note"))
        return [_Said(path, key, owners[part][0], part, names_itself=True) for part in own]

    def _drugs(self, raw: str, kind: SubjectKind) -> list[Attribute]:
        """Return the inputs of drugs of which a text under any key tells, as `AF on apixaban` does, if it tells no more."""
        terms = self._terms(raw)
        found = {term.attribute: self.knowledge.vocabulary[term.attribute] for term in terms}
        are_drugs = all(self._is_drug(attribute) and attribute.of == kind for attribute in found.values())
        heard = are_drugs and all(hear_within(a, raw, self.knowledge.lexicon(a.id)) for a in found.values())
        return list(found.values()) if heard and not any(term.problem for term in terms) else []

    def _is_drug(self, attribute: Attribute) -> bool:
        return attribute.class_ == "exception" and self.knowledge.lexicon(attribute.id).synonyms.within

    def _asserted(self, key: str, kind: SubjectKind) -> Attribute | None:
        """Return the input of which a key is nothing but a listed value, as of `liver mets: yes`."""
        terms = self._terms(key)
        if len(terms) != 1 or terms[0].problem or terms[0].text != key:
            return None
        attribute = self.knowledge.vocabulary[terms[0].attribute]
        return attribute if attribute.of == kind else None

    def _speaks(self, part: str) -> bool:
        """Tell whether a part speaks of an input, and not of what is always kept as a note."""
        return bool(self._terms(part)) and self._nearest_to_note(plain(part.split()[0])) is None

    def _owners(self, part: str, kind: SubjectKind) -> list[Attribute]:
        """Return the inputs of which a name leads the words, with a number or a listed word behind it."""
        own = self.knowledge.vocabulary.given_of(kind)
        return [a for a in own if is_led(part, a, self.knowledge) or self._names_itself(part, a)]

    def _names_itself(self, part: str, attribute: Attribute) -> bool:
        """Tell whether words are a listed value with a name of its attribute in it, such as `no pacemaker`."""
        lexicon, said = self.knowledge.lexicon(attribute.id), f" {plain(part)} "
        return said.strip() in lexicon.senses and any(f" {plain(name)} " in said for name in lexicon.names)

    def _is_beside(self, key: str, raw: object, path: KeyPath, kind: SubjectKind) -> bool:
        """Tell whether a key was dealt with that is no attribute: a measure that is done, a remark, or a word misplaced."""
        self.looked_up += 1
        if self.looked_up > MOST_LOOKED_UP:
            return False
        name, said = plain(key), spoken(raw)
        measures = (m.id for m in self.knowledge.measures.values() if name in map(plain, m.also))
        if (measure := next(measures, None)) is not None:
            if _DONE.fullmatch(said):
                self.done[measure] = "done"
                label = self.knowledge.measures[measure].label
                self.heard.append(Heard(key, said, f"{label}: done", kind="done"))
            else:
                self._problem(
                    path, f"{shown(said)} does not say that it is done; write `started`, or leave `{key}` out"
                )
            return True
        terms = [term for text in (said, key) for term in self._terms(text) if not term.problem]
        if not terms and (nearest := self._nearest_to_note(name)) is not None:
            self.remarks.append(f"{key}: {said}")
            note = f"{NO_INPUT}; nearest: {nearest}" if nearest else NO_INPUT
            self.heard.append(Heard(key, said, note, kind="note", readings=nearest))
            return True
        terms = terms or [term for term in self._terms(f"{key} {said}") if term.problem]
        if terms and self.is_letter and all(map(self._is_harmless, terms)):
            readings = f"under no known key; {self._misplaced(key, said, terms[0])}"
            self.heard.append(Heard(key, said, NO_INPUT, kind="left open", readings=readings))
            self.remarks.append(f"{key}: {said}")
        elif terms:
            grave = next((term for term in terms if not self._is_harmless(term)), terms[0])
            self._problem(path, f"`{key}` is no key here; {self._misplaced(key, said, grave)}")
        elif self.is_letter and not self._is_slip(key, kind):
            self.remarks.append(f"{key}: {said}")
            self.heard.append(Heard(key, said, NO_INPUT, kind="note"))
            return True
        return bool(terms)

    def _is_harmless(self, term: Term) -> bool:
        """Tell whether a misplaced word may be left open: a finding's, and no neurological sign."""
        attribute = self.knowledge.vocabulary[term.attribute]
        well = attribute.harmless or (attribute.no_emergency and attribute.read(attribute.no_emergency))
        is_sign = attribute.letter == "N" and not term.problem and well and term.words != attribute.words(well)
        return attribute.class_ == "finding" and not term.is_refused and not is_sign

    def _is_slip(self, key: str, kind: SubjectKind) -> bool:
        """Tell whether a key is spelt nearly like one that is known."""
        return nearest(key, {a.group or a.key for a in self.knowledge.vocabulary.given_of(kind)}, _SLIP) is not None

    def _nearest_to_note(self, name: str) -> str | None:
        """Return the inputs nearest to a key that is kept as a note (may be empty); None for any other key."""
        framework = self.knowledge.framework
        for remark in framework.near_inputs:
            if name in map(plain, remark.said):
                return " or ".join(remark.nearest)
        return "" if name in map(plain, framework.remarks) else None

    def _terms(self, text: str) -> tuple[Term, ...]:
        return terms_in(text, self.knowledge, self.date)

    def _misplaced(self, key: str, raw: str, term: Term) -> str:
        attribute = self.knowledge.vocabulary[term.attribute]
        if term.problem:
            return term.problem
        where = "in `patient`" if attribute.of == "patient" else "in its lesion"
        if term.text in key and not is_assent(raw):
            return f"it speaks of {attribute.label}: write `{attribute.id}: …` {where} ({attribute.domain_text})"
        said = f"`{attribute.id}: {term.text}`"
        return f"{shown(term.text)} is {attribute.label}: write {said} {where}"

    def _problem(self, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(self.document.position(path), self.about, message))


def _left_open(readings: str, data: Json = None) -> Meaning:
    return Meaning(data, note=f"{LEFT_OPEN}: {readings}", is_plain=False, readings=(readings,))


def spoken(raw: object) -> str:
    """Return what was typed, on one line."""
    return ", ".join(_each(raw))


def _each(raw: object) -> Iterator[str]:
    yield from (str(part) for part in raw) if isinstance(raw, list) else [str(raw)]
