"""What was typed into the page, and the case that it makes: heard by the same ear as a case file.

A field that is not understood is told at the field and stays as it was typed; the case is made without it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from cases.hearing import hear_phrase, implied
from cases.hearing.meaning import Meaning
from cases.model import LESION_ID, Case, Lesion
from cases.template import FIRST
from cases.writing import case_data
from knowledge_base.language.domains import Values
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.vocabulary import Attribute, SubjectKind
from metspine.dialogue.intake import read_name

PATIENT = "p"
MOST_LESIONS = 12
MOST_CHIPS = 7  # values that are offered as buttons
LONGEST = 200  # characters of a field
LONGEST_LETTER = 20_000
UNNAMED = "case"
Key = tuple[str, str]  # "p" or the number of a lesion, and the attribute


class Refused(ValueError):  # noqa: N818  # reads well where it is raised
    """A form that no page of ours sends; the text says what is wrong with it."""


@dataclass(frozen=True)
class FormState:
    """All that was typed: one immutable state of the page."""

    case: str = ""
    date: str = ""
    letter: str = ""
    lesions: tuple[str, ...] = ("",)  # the names that lesions were given; "" is named after its levels
    typed: Mapping[Key, str] = field(default_factory=dict)
    done: frozenset[str] = frozenset()  # measures and dangers that were ticked

    def text(self, subject: str, attribute: str) -> str:
        """Return what was typed for an attribute of a subject."""
        return self.typed.get((subject, attribute), "")

    def with_typed(self, subject: str, attribute: str, text: str) -> "FormState":
        """Return a state in which something else was typed for an attribute; nothing takes it away."""
        rest = {key: said for key, said in self.typed.items() if key != (subject, attribute)}
        return replace(self, typed={**rest, (subject, attribute): text} if text else rest)

    def with_lesion(self, level: str = "") -> "FormState":
        """Return a state with one more lesion."""
        if len(self.lesions) >= MOST_LESIONS:
            raise Refused(f"there is room for {MOST_LESIONS} lesions")
        more = replace(self, lesions=(*self.lesions, ""))
        return more.with_typed(str(len(self.lesions)), "levels", level) if level else more

    def without_lesion(self, number: int) -> "FormState":
        """Return a state without one of the lesions; the last one is emptied instead."""
        names = tuple(name for i, name in enumerate(self.lesions) if i != number) or ("",)
        typed = {}
        for (subject, attribute), text in self.typed.items():
            if subject == PATIENT or int(subject) < number:
                typed[subject, attribute] = text
            elif int(subject) > number:
                typed[str(int(subject) - 1), attribute] = text
        return replace(self, lesions=names, typed=typed)


@dataclass(frozen=True)
class Field:
    """One field: what was typed, the values that it gives, what it was taken for, or why it was not understood."""

    typed: str = ""
    values: Values | None = None
    words: str = ""
    echoes: bool = False
    problem: str = ""


@dataclass(frozen=True)
class FormReading:
    """The case that a state makes, and what became of each field."""

    case: Case
    fields: Mapping[Key, Field]
    names: tuple[str, ...]
    problems: Mapping[str, str]  # of the name and the date

    def field(self, subject: str, attribute: str) -> Field:
        """Return what became of a field; an empty one where nothing was typed."""
        return self.fields.get((subject, attribute), Field())

    @property
    def refused(self) -> tuple[Key, ...]:
        """The fields that were not understood."""
        return tuple(key for key, found in self.fields.items() if found.problem)


def state_of(pairs: Iterable[tuple[str, str]], knowledge: KnowledgeBase) -> FormState:
    """Return the state in the pairs of a form; raise `Refused` for a field that there is not, or too long a text."""
    state = FormState(lesions=())
    lesions: dict[int, str] = {}
    typed: dict[Key, str] = {}
    done: set[str] = set()
    for name, text in pairs:
        text = "\n".join(" ".join(line.split()) for line in text.splitlines()).strip()
        if name == "case":
            state = replace(state, case=_short(name, text))
        elif name == "date":
            state = replace(state, date=_short(name, text))
        elif name == "letter":
            state = replace(state, letter=_short(name, text, LONGEST_LETTER))
        elif name == "done" and (text in knowledge.measures or text in knowledge.rules):
            done.add(text)
        elif found := re.fullmatch(r"l(\d{1,2})\.id", name):
            lesions[int(found[1])] = _short(name, text)
        elif (key := _key(name, knowledge)) is not None:
            if text:
                typed[key] = _short(name, text)
        else:
            raise Refused(f"{name[:40]!r} is not a field of the page")
    if sorted(lesions) != list(range(len(lesions))) or len(lesions) > MOST_LESIONS:
        raise Refused(f"lesions are counted from 0, and there is room for {MOST_LESIONS}")
    names = tuple(lesions[i] for i in sorted(lesions)) or ("",)
    if any(subject != PATIENT and int(subject) >= len(names) for subject, _ in typed):
        raise Refused("a field speaks of a lesion that is not on the page")
    return replace(state, lesions=names, typed=typed, done=frozenset(done))


def _short(name: str, text: str, most: int = LONGEST) -> str:
    if len(text) > most:
        raise Refused(f"{name}: at most {most} characters; write less")
    return text


def _key(name: str, knowledge: KnowledgeBase) -> Key | None:
    found = re.fullmatch(r"(p|l(\d{1,2}))\.([a-z0-9_]+)", name)
    attribute = knowledge.vocabulary.get(found[3]) if found else None
    if found is None or attribute is None or not attribute.given:
        return None
    if attribute.of != ("patient" if found[1] == PATIENT else "lesion"):
        return None
    return (found[2].lstrip("0") or "0") if found[2] else PATIENT, attribute.id


def acted(state: FormState, act: str, knowledge: KnowledgeBase) -> FormState:
    """Return what a button makes of a state; raise `Refused` for a button that there is not.

    `set:FIELD=TEXT` types for the user, `spine:LEVEL`, `lesion:LEVELS`, `add` and `remove:N` make or take away a
    lesion, `find` reads the letter again.
    """
    verb, _, rest = act.partition(":")
    if verb == "set":
        name, _, text = rest.partition("=")
        key = _key(name, knowledge)
        if key is not None and (key[0] == PATIENT or int(key[0]) < len(state.lesions)):
            return state.with_typed(*key, _short(name, text))
    elif verb == "spine" and rest in knowledge.vocabulary["levels"].names:
        return _spine(state, rest, knowledge)
    elif verb == "lesion" and rest:
        return _lesion_at(state, _short(verb, rest), knowledge)
    elif verb == "remove" and rest.isdecimal() and int(rest) < len(state.lesions):
        return state.without_lesion(int(rest))
    elif act == "add":
        return state.with_lesion()
    elif act in ("", "find"):
        return state
    raise Refused(f"{act[:40]!r} is nothing that the page can do")


def _spine(state: FormState, level: str, knowledge: KnowledgeBase) -> FormState:
    """Make a lesion at a level; take away one that has this level alone and of which nothing else is known."""
    reading = read(state, knowledge)
    for number in range(len(state.lesions)):
        subject = str(number)
        values = reading.field(subject, "levels").values
        if values is not None and level in knowledge.vocabulary["levels"].members_in_order(values):
            is_bare = sum(other == subject for other, _ in state.typed) == 1
            return state.without_lesion(number) if is_bare and state.text(subject, "levels") == level else state
    return _lesion_at(state, level, knowledge)


def _lesion_at(state: FormState, levels: str, knowledge: KnowledgeBase) -> FormState:
    """Return a state with a lesion at levels as they are typed: one that has none as yet, or one more; no level twice."""
    taken = [state.text(str(number), "levels") for number in range(len(state.lesions))]
    made = state.with_typed(str(taken.index("")), "levels", levels) if "" in taken else state.with_lesion(levels)
    reading = read(made, knowledge)
    places = [reading.field(str(number), "levels").values for number in range(len(made.lesions))]
    return state if any(place is not None and places.count(place) > 1 for place in places) else made


def form_name(subject: str, attribute: str) -> str:
    """Return the name of a field in the form."""
    return f"{subject if subject == PATIENT else f'l{subject}'}.{attribute}"


def state_of_case(case: Case, knowledge: KnowledgeBase) -> FormState:
    """Return the state in which the page shows a case that comes from a file."""
    data = case_data(case, knowledge)
    typed: dict[Key, str] = {}
    for subject, given in (PATIENT, data["patient"]), *((str(i), each) for i, each in enumerate(data["lesions"])):
        for attribute in knowledge.vocabulary.given_of("patient" if subject == PATIENT else "lesion"):
            holder = given.get(attribute.group, {}) if attribute.group else given
            if attribute.key in holder:
                typed[subject, attribute.id] = _as_typed(holder[attribute.key], attribute)
    lesions = tuple(lesion.id for lesion in case.lesions)
    return FormState(case.id, case.date or "", "", lesions, typed)


def _as_typed(raw: object, attribute: Attribute) -> str:
    """Return what is typed to say a value: by its label where many could be meant, as no button names it there."""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, list):
        return ", ".join(_as_typed(part, attribute) for part in raw)
    is_one_of_many = attribute.type == "choice" and len(attribute.names) > MOST_CHIPS
    return attribute.label_of(raw) if is_one_of_many and isinstance(raw, str) else str(raw)


def read(state: FormState, knowledge: KnowledgeBase) -> FormReading:
    """Return the case that a state makes: every field heard, what is not understood left out and told."""
    return _FormReader(state, knowledge).reading()


class _FormReader:
    def __init__(self, state: FormState, knowledge: KnowledgeBase) -> None:
        self.state = state
        self.knowledge = knowledge
        self.fields: dict[Key, Field] = {}
        self.problems: dict[str, str] = {}

    def reading(self) -> FormReading:
        from cases.hearing.times import moment

        self.date: str | None = self.state.date or None
        try:
            if self.date:
                moment(self.date)
        except ValueError as error:
            self.problems["date"] = str(error)
            self.date = None
        case = self.state.case or UNNAMED
        try:
            read_name(case)
        except ValueError as error:
            self.problems["case"] = str(error)
            case = UNNAMED
        patient = self._subject(PATIENT, "patient")
        given = [self._subject(str(i), "lesion") for i in range(len(self.state.lesions))]
        names = self._names(given)
        lesions = sorted((Lesion(name, each) for name, each in zip(names, given, strict=True)), key=lambda x: x.id)
        found = Case(id=case, patient=patient, lesions=tuple(lesions), date=self.date)
        return FormReading(found, self.fields, names, self.problems)

    def _subject(self, subject: str, kind: SubjectKind) -> dict[str, Values]:
        """Return what was said of one subject: field by field first, then what words say of other fields."""
        own: dict[str, Values] = {}
        meanings: dict[str, Meaning] = {}
        for attribute in self.knowledge.vocabulary.given_of(kind):
            if typed := self.state.text(subject, attribute.id):
                try:
                    meaning = hear_phrase(attribute, typed, self.knowledge, "", self.date)
                    values = self._values(attribute, meaning)
                except ValueError as error:
                    self.fields[subject, attribute.id] = Field(typed, problem=str(error))
                    continue
                words = meaning.words(attribute, self.knowledge).removeprefix("not known; ")
                self.fields[subject, attribute.id] = Field(typed, values, words, not meaning.is_plain)
                if values is not None:
                    own[attribute.id] = values
                if values is not None or meaning.others:
                    meanings[attribute.id] = meaning
        for name, meaning in meanings.items():
            try:
                own |= implied(meaning, own, self.knowledge)
            except ValueError as error:
                typed = self.fields[subject, name].typed
                self.fields[subject, name] = Field(typed, problem=str(error))
                own.pop(name, None)
        return dict(sorted(own.items()))

    def _values(self, attribute: Attribute, meaning: Meaning) -> Values | None:
        """Return the values that a meaning gives; None where it says nothing, as every value does."""
        data = meaning.data
        if data in (None, "", []):
            return None
        values = attribute.read([data] if attribute.type == "several" and not isinstance(data, list) else data)
        return None if values == attribute.domain else values

    def _names(self, given: list[dict[str, Values]]) -> tuple[str, ...]:
        """Return a name for each lesion: its own, or its levels, or its number; no name twice."""
        found: list[str] = []
        for number, (name, values) in enumerate(zip(self.state.lesions, given, strict=True), 1):
            is_good = re.fullmatch(LESION_ID, name) and name != "patient"
            wanted = name if is_good else self._after_levels(values.get("levels")) or f"lesion-{number}"
            place = 2
            while (unique := wanted if place == 2 and wanted not in found else f"{wanted}-{place}") in found:
                place += 1
            found.append(unique)
        return tuple(found)

    def _after_levels(self, levels: Values | None) -> str:
        if levels is None:
            return ""
        members = [str(member) for member in self.knowledge.vocabulary["levels"].members_in_order(levels)]
        return members[0] if len(members) == 1 else f"{members[0]}-{members[-1]}" if members else ""


def first_rows(knowledge: KnowledgeBase, kind: SubjectKind) -> list[Attribute]:
    """Return the attributes that the page asks first of a patient or a lesion, in the order of a letter."""
    return [a for name in FIRST if (a := knowledge.vocabulary.get(name)) and a.of == kind]


def further_rows(knowledge: KnowledgeBase, kind: SubjectKind) -> list[Attribute]:
    """Return everything else that may be said of a patient or a lesion."""
    return [attribute for attribute in knowledge.vocabulary.given_of(kind) if attribute.id not in FIRST]
