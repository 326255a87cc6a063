"""A whole case file as it was typed, put into the words of the vocabulary.

Keys and values are heard; everything else stays as it is. What is said differently is kept as an echo, and what may
mean two things is a problem at its place. The document that comes out reads as if it had been written so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cases.hearing.answers import hear, is_read
from cases.hearing.keys import attribute_called, lesion_name
from cases.hearing.meaning import (
    LEFT_OPEN,
    NOT_UNDERSTOOD,
    Heard,
    HeardKind,
    Json,
    LeftOpenError,
    Meaning,
    NotHeardError,
    spoken,
)
from cases.hearing.unknown_keys import Taken, UnknownKeys
from knowledge_base.language.domains import Values, both
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute, SubjectKind
from knowledge_base.text.errors import Problem, nearest
from knowledge_base.text.strict_yaml import Document, KeyPath

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

    def __post_init__(self) -> None:
        date = self.document.data.get("date")
        self.date = date if isinstance(date, str) else None
        self.unknown_keys = UnknownKeys(self.knowledge, self.date, self.is_letter)

    def hear(self) -> Document:
        data = dict(self.document.data)
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
            taken = None if group else self.unknown_keys.hear(key, raw, kind)
            if taken is None:
                written[key] = raw
            else:
                said += self._taken(taken, key, path)
            return
        said.append(_Said(path, key, attribute, raw))

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
            is_open = not is_read(one.attribute, meaning) and self._may_stay_open(one)
            return _left_open(NOT_UNDERSTOOD) if is_open else meaning
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

    def _problem(self, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(self.document.position(path), self.about, message))


def _left_open(readings: str, data: Json = None) -> Meaning:
    return Meaning(data, note=f"{LEFT_OPEN}: {readings}", is_plain=False, readings=(readings,))
