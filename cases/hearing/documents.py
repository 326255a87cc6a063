"""A whole case file as it was typed, put into the words of the vocabulary.

Keys and values are heard; everything else stays as it is. What is said differently is kept as an echo, and what may
mean two things is a problem at its place. The document that comes out reads as if it had been written so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cases.hearing import times
from cases.hearing.answers import hear, hear_phrase, is_read, says_something
from cases.hearing.keys import attribute_called, lesion_name
from cases.hearing.left_open import left_open, what_is_left, why_not
from cases.hearing.meaning import (
    Heard,
    HeardKind,
    Json,
    LeftOpenError,
    Meaning,
    NotHeardError,
    UnclearError,
    UndatedError,
    spoken,
)
from cases.hearing.other_keys import under_other_keys
from cases.hearing.places import PLACE
from cases.hearing.unknown_keys import Taken, UnknownKeys
from knowledge_base.language.domains import Subsets, Values, both
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute, SubjectKind
from knowledge_base.text.errors import Problem
from knowledge_base.text.strict_yaml import Document, KeyPath


@dataclass(frozen=True)
class HeardDocument:
    """A document in the words of the vocabulary, what was said in others, and what could not be heard."""

    document: Document
    heard: tuple[Heard, ...] = ()
    problems: tuple[Problem, ...] = ()


def hear_document(document: Document, knowledge: KnowledgeBase, about: str, is_letter: bool = False) -> HeardDocument:
    """Return a case file in the words of the vocabulary; its data must be a mapping.

    A letter may say what is not understood, or may mean two things: it is then left open, and a key that is like none that
    is known becomes a note. Both are told, never passed over in silence.
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
class _Subject:
    """The patient or a lesion: its place in the document, what is said of it, and its data in the vocabulary's words."""

    path: KeyPath
    kind: SubjectKind
    place: str
    said: list[_Said] = field(default_factory=list)
    written: dict[str, Any] = field(default_factory=dict)
    disputed: set[str] = field(default_factory=set)  # attributes of which two keys say otherwise


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

    def __post_init__(self) -> None:
        self.date = self._day(self.document.data.get("date"))
        self.listen = hear_phrase if self.is_letter else hear
        self.unknown_keys = UnknownKeys(self.knowledge, self.date, self.is_letter)

    def _day(self, typed: object) -> str | None:
        """Return the day of the letter; what is none, or may be two, is left open there, and else the reader refuses it."""
        if not isinstance(typed, str):
            return None
        if (day := times.calendar_day(typed)) is not None:
            self.heard.append(Heard("date", typed, day))
            return day
        try:
            times.moment(typed)
        except ValueError as error:
            if self.is_letter:
                self.heard.append(Heard("date", typed, "not known", kind="left open", readings=str(error)))
                return None
        return typed

    def hear(self) -> Document:
        data = dict(self.document.data)
        if isinstance(data.get("date"), str):
            data["date"] = self.date
        subjects = (
            [self._subject(data["patient"], ("patient",), "patient", "")]
            if isinstance(data.get("patient"), dict)
            else []
        )
        if isinstance(data.get("lesions"), list):
            subjects += [
                self._subject(raw, ("lesions", i), "lesion", f"{lesion_name(str(raw.get('id', i + 1)))}.")
                for i, raw in enumerate(data["lesions"])
                if isinstance(raw, dict)
            ]
            data["lesions"] = list(data["lesions"])
        self._move(subjects)
        for subject in subjects:
            self._put(subject)
            if subject.kind == "patient":
                data["patient"] = subject.written
            else:
                data["lesions"][subject.path[1]] = subject.written
        if self.is_letter:
            said = {one.attribute.id for subject in subjects for one in subject.said}
            self.heard += under_other_keys(self.heard, said, self.knowledge)
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

    def _subject(self, data: dict[str, Any], path: KeyPath, kind: SubjectKind, place: str) -> _Subject:
        """Return what is said of a subject, and what of it is left as it stands."""
        subject = _Subject(path, kind, place)
        groups = {a.group for a in self.knowledge.vocabulary.given_of(kind) if a.group}
        for key, raw in data.items():
            if key in groups and isinstance(raw, dict):
                subject.written[key] = {}
                for part, value in raw.items():
                    self._take(subject, part, value, key)
            elif key == "id":
                subject.written[key] = named = lesion_name(raw) if isinstance(raw, str) else raw
                self.heard += [Heard("lesion", raw, named)] if named != raw else []
            else:
                self._take(subject, key, raw)
        if self.is_letter and isinstance(named := data.get("id"), str):
            subject.said += self._named(subject, named)
        return subject

    def _named(self, subject: _Subject, name: str) -> Iterator[_Said]:
        """Yield what the name of a subject says, as T8 of its level, where nothing else says it."""
        said = {one.attribute.id for one in subject.said}
        for attribute in self.knowledge.vocabulary.given_of(subject.kind):
            if self.knowledge.lexicon(attribute.id).synonyms.names and attribute.id not in said:
                try:
                    meaning = hear(attribute, name, self.knowledge)
                except ValueError:
                    continue
                if is_read(attribute, meaning):
                    yield _Said((*subject.path, "id"), "id", attribute, name, names_itself=not meaning.is_plain)

    def _take(self, subject: _Subject, key: str, raw: object, group: str | None = None) -> None:
        """Put what a key says among the things said; leave what it is not known by where it stands."""
        path = (*subject.path, group, key) if group else (*subject.path, key)
        attribute = self._attribute(key, f"{group}_{key}" if group else key, group, subject.kind, raw)
        if attribute is not None:
            subject.said.append(_Said(path, key, attribute, raw))
            return
        taken = None if group else self.unknown_keys.hear(key, raw, subject.kind)
        if taken is not None:
            subject.said += self._taken(taken, key, path)
        else:
            (subject.written[group] if group else subject.written)[key] = raw

    def _move(self, subjects: Sequence[_Subject]) -> None:
        """Move what a letter says of the other kind of subject to the only one there is; else the reader tells its place."""
        for subject in subjects:
            for one in [one for one in subject.said if one.attribute.of != subject.kind]:
                subject.said.remove(one)
                others = [other for other in subjects if other.kind == one.attribute.of]
                if self.is_letter and len(others) == 1:
                    others[0].said.append(replace(one, names_itself=True))
                else:
                    self.moved[one.path] = (*one.path[:-1], one.attribute.id)
                    subject.written[one.attribute.id] = one.raw

    def _taken(self, taken: Taken, key: str, path: KeyPath) -> list[_Said]:
        """Keep what a key that is no attribute was taken for; return what it says of inputs."""
        self.heard += taken.heard
        self.remarks += [taken.remark] if taken.remark else []
        self.done |= dict.fromkeys([taken.done] if taken.done else [], "done")
        if taken.problem:
            self._problem(path, taken.problem)
        return [_Said(path, key, attribute, words, names_itself=True) for attribute, words in taken.said]

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

    def _put(self, subject: _Subject) -> None:
        """Write what was said under the vocabulary's keys, and what follows from its words beside it."""
        said, path, place, written = subject.said, subject.path, subject.place, subject.written
        taken: dict[str, _Said] = {}
        implied: list[tuple[_Said, str, Json]] = []
        for one in sorted(said, key=lambda one: one.names_itself):  # what has a key of its own goes before
            meaning = self._of_another_place(one, said) or self._meaning(self._here(one))
            if meaning is None:
                continue
            is_open = bool(meaning.others or meaning.readings)
            is_said = meaning.data is not None or (one.attribute.type == "yes_no" and not is_open)
            first = taken.setdefault(one.attribute.id, one) if is_said else None
            if first is one:
                self._write(one.attribute, meaning.data, one.path, path, written)
            elif first is not None and not self._agrees(one, meaning, written):
                self._twice(one, first, subject)
                continue
            if not meaning.is_plain or one.names_itself or self._is_former(one):
                self._echo(one, meaning, place)
            self._tell_remark(one, place)
            implied += [(one, name, raw) for name, raw in meaning.others.items()]
            if self.is_letter:
                is_told = first is one and meaning.data not in (None, 0)  # 0 hours ago tells of nothing
                told = [*meaning.others, *([one.attribute.id] if is_told else [])]
                besides = (self.knowledge.lexicon(name).synonyms.implies for name in told)
                implied += [(one, name, raw) for each in besides for name, raw in each.items()]
        for one, name, raw in implied:
            if name not in subject.disputed:
                self._imply(one, name, raw, subject, taken.get(name))

    def _tell_remark(self, one: _Said, place: str) -> None:
        """Tell what stands in a letter behind a # on the line of a value, where it may be the sign of a fracture."""
        if self.is_letter and (remark := self.document.remarks.get(one.path)):
            readings = "what stands behind # is no part of a value; write fracture, or put the value in quotes"
            heard = Heard(f"{place}{one.key}", f"# {remark}", "not known", one.attribute.id, "left open", readings)
            self.heard.append(heard)

    def _twice(self, one: _Said, first: _Said, subject: _Subject) -> None:
        """Refuse what another key says otherwise; a letter's is left open, both of it, as nobody knows which is right."""
        if self.is_letter:
            self._dispute(one.attribute, ((first, one), (one, first)), subject)
            return
        line = self.document.position(first.path).line
        twice = f"`{one.key}` is {one.attribute.id}, which `{first.key}` gives already on line {line}; keep one"
        self._problem(one.path, twice)

    def _dispute(self, attribute: Attribute, each: Sequence[tuple[_Said, _Said]], subject: _Subject) -> None:
        """Leave open what two keys of a letter say otherwise, and tell it of each that says nothing else."""
        _holder(attribute, subject.written).pop(attribute.key, None)
        subject.disputed.add(attribute.id)
        for said, other in each:
            readings = f"`{other.key}` says otherwise: {spoken(other.raw)}"
            place = f"{subject.place}{said.key}"
            self.heard = [heard for heard in self.heard if heard.place != place]
            self.heard.append(Heard(place, spoken(said.raw), "not known", attribute.id, "left open", readings))

    def _of_another_place(self, one: _Said, said: Sequence[_Said]) -> Meaning | None:
        """Return what is left open as it speaks of another place than the lesion's; None for anything else."""
        at = self.knowledge.lexicon(one.attribute.id).synonyms.at
        if not at or not isinstance(one.raw, str):
            return None
        places = self.knowledge.vocabulary[at]
        ours = self._places(places, next((other.raw for other in said if other.attribute is places), None))
        for name, theirs in self._named_places(places, one.raw):
            if theirs and ours and not theirs & ours:
                return left_open(f"it speaks of {name}, which is not in this lesion")
        return None

    def _named_places(self, places: Attribute, text: str) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield the places and the areas that a text names, each with what belongs to it."""
        for named in PLACE.finditer(text):
            yield named["place"], self._places(places, named["place"])
        for area, span in self.knowledge.lexicon(places.id).synonyms.areas.items():
            if re.search(rf"(?<![\w-]){re.escape(area)}(?![\w-])", text, re.IGNORECASE):
                yield area, self._places(places, span)

    def _places(self, places: Attribute, raw: object) -> frozenset[str]:
        """Return the places that words name; empty where they name none, or may mean two things."""
        try:
            found = places.read(self.listen(places, raw, self.knowledge).data)
        except ValueError:
            return frozenset()
        return found.required if isinstance(found, Subsets) else frozenset()

    def _here(self, one: _Said) -> _Said:
        """Return what was said without the one place that it names, which is the lesion's own."""
        at = self.knowledge.lexicon(one.attribute.id).synonyms.at
        if not at or not isinstance(one.raw, str) or len(PLACE.findall(one.raw)) != 1:
            return one
        return replace(one, raw=" ".join(PLACE.sub(" ", one.raw).split()))

    def _meaning(self, one: _Said) -> Meaning | None:
        try:
            meaning = self.listen(one.attribute, one.raw, self.knowledge, one.key, self.date)
            if self.is_letter and (wrong := self._unreadable(meaning)):
                return self._open(one, wrong)
            is_understood = meaning.data is None or says_something(one.attribute, meaning)
            stays_open = not is_understood and self._may_stay_open(one)
            return self._open(one, why_not(one.attribute, one.raw)) if stays_open else meaning
        except LeftOpenError as error:
            return self._open(one, error.readings, error.data)
        except ValueError as error:
            if isinstance(error, NotHeardError) and self._may_stay_open(one):
                return self._open(one, why_not(one.attribute, one.raw))
            if isinstance(error, UndatedError) and self.is_letter:
                return self._open(one, error.readings)
            if isinstance(error, UnclearError) and self.is_letter:
                return self._open(one, error.readings, self._left(one.attribute, error.data))
            self._problem((*one.path, *getattr(error, "path", ())), str(error))
            return None

    def _left(self, attribute: Attribute, readings: Json) -> Json:
        """Return what is left of a word with several readings; of a finding nothing, unless each is a sign."""
        signs = self.knowledge.lexicon(attribute.id).synonyms.signs
        is_kept = not attribute.is_never_supposed or (isinstance(readings, list) and set(readings) <= set(signs))
        return readings if is_kept else None

    def _unreadable(self, meaning: Meaning) -> str:
        """Return why what words say of another attribute is no value of it; an empty text where all is well."""
        for name, raw in meaning.others.items():
            try:
                self.knowledge.vocabulary[name].read(raw)
            except ValueError as error:
                return str(error)
        return ""

    def _open(self, one: _Said, readings: str, possible: Json = None) -> Meaning:
        return what_is_left(one.attribute, str(one.raw), readings, self.knowledge.lexicon(one.attribute.id), possible)

    def _may_stay_open(self, one: _Said) -> bool:
        """Tell whether what is not understood is left open: any one answer of a letter."""
        return self.is_letter and not isinstance(one.raw, list | dict)

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
        readings = "; ".join(meaning.readings)
        self.heard.append(
            Heard(f"{place}{one.key}", spoken(one.raw), words, one.attribute.id, _kind(meaning), readings)
        )

    def _is_former(self, one: _Said) -> bool:
        """Tell whether a key is an id that the attribute had."""
        return any(key in one.attribute.formerly for key in (one.key, f"{one.attribute.group}_{one.key}"))

    def _imply(self, one: _Said, name: str, raw: Json, subject: _Subject, first: _Said | None) -> None:
        """Write what words say of another attribute; what the case says of that otherwise is left open, as far as it may."""
        other = self.knowledge.vocabulary[name]
        holder = subject.written.setdefault(other.group, {}) if other.group else subject.written
        given = holder.get(other.key)
        try:
            before = other.domain if given is None else other.read(given)
        except ValueError:
            return  # the reader will refuse it
        left: Values = both(before, other.read(raw))
        if not left.is_empty:
            holder[other.key] = other.dump(left)
        elif self.is_letter and first is not None:
            self._dispute(other, ((first, one),), subject)
        else:
            words = f"{other.label}: {other.words(before)}"
            self._problem(
                one.path,
                f"{spoken(one.raw)!r} says {other.sentence(other.read(raw))}, but the case says {words}; mend one of them",
            )

    def _agrees(self, one: _Said, meaning: Meaning, written: dict[str, Any]) -> bool:
        """Write what is left when one attribute was given under two names; tell whether anything is."""
        attribute = one.attribute
        holder = _holder(attribute, written)
        if attribute.type == "several" or None in (holder.get(attribute.key), meaning.data):
            return False
        try:
            left: Values = both(attribute.read(holder[attribute.key]), attribute.read(meaning.data))
        except ValueError:
            return False
        if not left.is_empty:
            holder[attribute.key] = attribute.dump(left)
        return not left.is_empty

    def _problem(self, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(self.document.position(path), self.about, message))


def _holder(attribute: Attribute, written: dict[str, Any]) -> dict[str, Any]:
    """Return what holds the value of an attribute in the data of a subject."""
    return written.get(attribute.group, {}) if attribute.group else written


def _kind(meaning: Meaning) -> HeardKind:
    """Return how far something was understood."""
    if meaning.readings and not meaning.others:
        return "left open"
    if meaning.note or meaning.others:
        return "more"
    return "part" if meaning.unused else "said"
