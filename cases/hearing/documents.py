"""A whole case file as it was typed, put into the words of the vocabulary.

Keys and values are heard; everything else stays as it is. What is said differently is kept as an echo, and what may
mean two things is a problem at its place. The document that comes out reads as if it had been written so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cases.hearing.answers import hear
from cases.hearing.keys import attribute_called
from cases.hearing.meaning import Heard, Json, Meaning
from knowledge_base.language.domains import Values, both
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


def hear_document(document: Document, knowledge: KnowledgeBase, about: str) -> HeardDocument:
    """Return a case file in the words of the vocabulary; its data must be a mapping."""
    ear = _Ear(document, knowledge, about)
    return HeardDocument(ear.hear(), tuple(ear.heard), tuple(ear.problems))


@dataclass
class _Said:
    """One thing that was said of a subject: where, in which words, and what it means."""

    path: KeyPath
    key: str
    attribute: Attribute
    raw: object


@dataclass
class _Ear:
    document: Document
    knowledge: KnowledgeBase
    about: str
    heard: list[Heard] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    moved: dict[KeyPath, KeyPath] = field(default_factory=dict)

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
                written[key] = raw
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
            written[key] = raw
            return
        said.append(_Said(path, key, attribute, raw))

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
        found = attribute_called(key, self.knowledge, kinds)
        if found is None or (group and found.group != group):
            return None
        return found

    def _put(self, said: list[_Said], path: KeyPath, place: str, written: dict[str, Any]) -> None:
        """Write what was said under the vocabulary's keys, and what follows from its words beside it."""
        taken: dict[str, _Said] = {}
        implied: list[tuple[_Said, str, Json]] = []
        for one in said:
            if one.attribute.id in taken:
                first = taken[one.attribute.id]
                line = self.document.position(first.path)
                self._problem(
                    one.path,
                    f"`{one.key}` is {one.attribute.id}, which `{first.key}` gives already on line {line.line}; keep one",
                )
                continue
            taken[one.attribute.id] = one
            meaning = self._meaning(one)
            if meaning is None:
                continue
            self._write(one.attribute, meaning.data, one.path, path, written)
            if not meaning.is_plain:
                self._echo(one, meaning, place)
            implied += [(one, name, raw) for name, raw in meaning.others.items()]
        for one, name, raw in implied:
            self._imply(one, name, raw, path, written)

    def _meaning(self, one: _Said) -> Meaning | None:
        try:
            meaning = hear(one.attribute, one.raw, self.knowledge, one.key, self.date)
            return replace(meaning, others={n: self._other(n, raw) for n, raw in meaning.others.items()})
        except ValueError as error:
            self._problem((*one.path, *getattr(error, "path", ())), str(error))
            return None

    def _other(self, name: str, raw: Json) -> Json:
        return hear(self.knowledge.vocabulary[name], raw, self.knowledge, "", self.date).data

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
        self.heard.append(Heard(f"{place}{one.key}", spoken(one.raw), words))

    def _imply(self, one: _Said, name: str, raw: Json, path: KeyPath, written: dict[str, Any]) -> None:
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

    def _problem(self, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(self.document.position(path), self.about, message))


def spoken(raw: object) -> str:
    """Return what was typed, on one line."""
    return ", ".join(_each(raw))


def _each(raw: object) -> Iterator[str]:
    yield from (str(part) for part in raw) if isinstance(raw, list) else [str(raw)]
