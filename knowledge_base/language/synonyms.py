"""What people say for the names of the vocabulary: everyday words, ambiguous ones, and numbers written their way.

Ids and labels are the vocabulary's; here stand the words that mean the same, and those that must be asked about. A word
is compared by its plain form, so letter case, hyphens, full stops and a space before a digit never count. For each
attribute a plain form has one meaning only: `faults` finds the words that would have two.
"""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, field_validator

from knowledge_base.grouping import grouped
from knowledge_base.language.domains import Number
from knowledge_base.language.entries import Entry, Identifier, Label, Name
from knowledge_base.language.literals import Json, ends, text_of
from knowledge_base.language.rules import Strict
from knowledge_base.language.vocabulary import Attribute, Vocabulary
from knowledge_base.text.errors import suggestion
from knowledge_base.text.strict_yaml import KeyPath

Words = tuple[Label, ...]

_DASHES = re.compile("[-_\u2010-\u2015\u2212]+")
_WITH = re.compile(r"\bw/(?!o\b)\s*")
_STOPS = re.compile(r"\.(?!\d)|(?<!\d)\.")
_LONG = 5  # letters of a word that is known however it is parted
_BEFORE_DIGIT = re.compile(r"(?<=[a-z]) (?=\d)")


# Words and abbreviations that are one word to whoever writes a letter, in whatever they speak of.
_SAME: Mapping[str, tuple[str, ...]] = {
    "cannot": ("can't", "cant", "can not", "unable to", "not able to"),
    "does not": ("doesn't", "doesnt"),
    "did not": ("didn't", "didnt"),
    "has not": ("hasn't", "hasnt"),
    "will not": ("won't", "wont"),
    "not": ("isn't", "isnt", "aren't", "arent"),  # as `is not` is, without its verb
    "without": ("w/o",),
    "due to": ("d/t",),
    "after": ("s/p", "status post"),
    "history of": ("h/o",),
    "history": ("hx",),
    "previous": ("prev", "prior", "earlier", "past"),
    "normal": ("nl", "wnl", "within normal limits"),
    "negative": ("neg",),
    "positive": ("pos", "+ve"),
    "disease": ("dz",),
    "adenocarcinoma": ("adeno", "adenoca", "adeno ca"),
    "biopsy": ("bx",),
    "fracture": ("fx", "fract", "#"),
    "pathological": ("pathologic", "path"),
    "bilateral": ("b/l", "bilat", "bilaterally"),
    "legs": ("ll", "lls", "lower limb", "lower limbs", "lower extremity", "lower extremities"),
    "weight bear": ("wt bear", "weightbear", "weight bearing"),
    "cord": ("spinal cord", "myelon", "myelum"),
    "compressed": ("squashed",),
    "compressing": ("squashing",),
    "bone": ("bony", "osseous"),
    "metastases": ("mets",),
    "tumour": ("tumor",),
    "radiotherapy": ("rt", "rtx", "xrt", "dxt", "radiation", "irradiation", "radiation therapy"),
    "blood thinners": ("bloodthinners",),
    "anaesthesia": ("anesthesia",),
    "anaesthetic": ("anesthetic",),
    "anaesthetist": ("anesthetist",),
    "paraesthesia": ("paresthesia",),
    "oedema": ("edema",),
    "haematoma": ("hematoma",),
    "faecal": ("fecal",),
    "catheterised": ("catheterized", "cath'd", "cathed"),
}
_UNSAID = ("the", "his", "her", "their", "is", "are")  # words without which others say the same
_MEANS = {word: one for one, words in _SAME.items() for word in words}
_WORDS = re.compile(
    rf"(?<!\S)(?:{'|'.join(re.escape(word) for word in sorted((*_MEANS, *_UNSAID), key=len, reverse=True))})(?!\S)"
)


def shape(text: str) -> str:
    """Return a text without what never tells two words apart: `Th. 8` and `th8`, `clear-cell` and `Clear cell`."""
    text = text.lower().replace("\u00b5", "u").replace("\u03bc", "u").replace("\u2019", "'")
    text = _WITH.sub("with ", text) if "w/" in text else text
    text = _DASHES.sub(" ", text) if len(text.strip()) > 1 else text
    return _BEFORE_DIGIT.sub("", " ".join(_STOPS.sub("", text).split()))


@lru_cache(maxsize=1 << 15)
def plain(text: str) -> str:
    """Return the form in which words are compared: `prior XRT` and `previous radiotherapy` are one, `his legs` and `LL`."""
    said = shape(text)
    meant = _WORDS.sub(lambda found: _MEANS.get(found.group(), ""), said)
    return said if meant == said else " ".join(meant.split()) or said


class Phrase(Strict):
    """Words that say several things at once, or that leave several values."""

    said: Words = Field(min_length=1, description="the words")
    means: dict[Identifier, Any] = Field(
        min_length=1, description="what a case would write for each attribute; a list leaves several values"
    )
    note: Label | None = Field(None, description="what else the words tell, which no attribute holds")


class Ambiguous(Strict):
    """Words that are never taken for a value, but asked about."""

    said: Words = Field(min_length=1, description="the words")
    readings: Words = Field(min_length=1, description="what they may mean: ids of values, or what to write in words")
    because: Label | None = Field(None, description="why a guess would be wrong")
    open: StrictBool = Field(
        False, description="in a case file they are left open, every reading kept, and asked about; elsewhere refused"
    )
    piece: Name | None = Field(None, description="the part of the whole that they tell of: power, sensation")


class Whole(Strict):
    """What several words mean together that tell of a part each: power normal, and sensation too."""

    pieces: tuple[Name, ...] = Field(min_length=2, description="the parts, as `piece` names them")
    means: dict[Identifier, Any] = Field(min_length=1, description="what a case would write for each attribute")
    note: Label | None = Field(None, description="what the words leave unsaid")


def _unit_words(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


class Synonyms(Entry):
    """What people say for one attribute and its values."""

    id: Identifier = Field(description="the attribute")
    also: Words = Field((), description="its other names: as a key of a case, and in front of a value (PS 2)")
    values: dict[Name, Words] = Field(default_factory=dict, description="for each value the words that mean it")
    phrases: tuple[Phrase, ...] = Field((), description="words that say several things, or leave several values")
    ask: tuple[Ambiguous, ...] = Field((), description="words that are asked about and never guessed")
    wholes: tuple[Whole, ...] = Field((), description="what words under `ask` mean that stand beside each other")
    units: dict[Label, Annotated[Words, BeforeValidator(_unit_words)]] = Field(
        default_factory=dict, description="for each unit of the vocabulary its other spellings; % stands for no unit"
    )
    ask_units: dict[Label, Label] = Field(
        default_factory=dict, description="units that are asked about, each with what to write instead"
    )
    bare: dict[Label, Label] | None = Field(
        None, description="numbers without a unit, as low..high, and the unit that their size tells; others are asked"
    )
    ask_numbers: dict[Label, Label] = Field(
        default_factory=dict, description="numbers without a unit that are asked about, each with what else they may be"
    )
    numbers: dict[Name, Label] = Field(
        default_factory=dict, description="for a value the numbers that mean it, as low..high, such as percentages"
    )
    out_of: StrictInt | None = Field(None, ge=1, description="the most of a scale, so that 8/10 is 8")
    doses: StrictBool = Field(False, description="radiotherapy doses are read, such as 20/5 for 20 Gy in 5 fractions")
    ago: Identifier | None = Field(
        None, description="the attribute that a time behind a value speaks of, such as 6/12 ago"
    )
    at: Identifier | None = Field(
        None, description="the attribute that says where: what is said `to T4` is so only of a subject that has T4"
    )
    areas: dict[Label, Label] = Field(
        default_factory=dict, description="words for several values in a row, as low..high: the lumbar spine"
    )
    names: StrictBool = Field(
        False, description="in a letter that gives no value, the name of its subject may be one: a lesion called T8"
    )
    to_come: StrictBool = Field(False, description="a time that is still to come: `6 months ago` is none")
    since: dict[Name, Identifier] = Field(
        default_factory=dict,
        description="for a value the attribute that a time since when it holds speaks of: not walking since 18 h",
    )
    habits: tuple[Name, ...] = Field(
        (),
        description="values that may be of old: a time in years behind one tells of no change, as of a stick",
    )
    beside: Words = Field(
        (),
        description="words that may stand beside a value and say no more of it, _ being any number; repeated as not used",
    )
    elsewhere: tuple[Identifier, ...] = Field(
        (), description="neighbours that the same words may speak of: `mechanical, 8/10` of pain and of its score"
    )
    only_here: Words = Field(
        (), description="words that the field gives their meaning; in a letter they may be said of anything: acute, fit"
    )
    own_field: StrictBool = Field(
        False,
        description="in a letter its words are heard in its own field alone: any disease may have had chemotherapy",
    )
    within: StrictBool = Field(
        False, description="a word counts within a phrase of which nothing takes it back; the rest is told as not used"
    )
    signs: tuple[Name, ...] = Field(
        (),
        description="values that tell of something wrong, for which a phrase of a letter is searched that is not understood",
    )
    history: StrictBool = Field(
        False,
        description="what was so once counts still, as of an earlier treatment: words of the past take nothing back",
    )
    earlier: StrictBool = Field(
        False, description="of `6 now, 3 before` what was before counts, as of frailty before an illness"
    )
    implies: dict[Identifier, Any] = Field(
        default_factory=dict,
        description="what a letter says besides when it gives any value: a time since a deficit began tells of a deficit",
    )
    both_sides: Name | None = Field(
        None, description="the value that one side together with the other means: left pedicle, right facet"
    )
    together: dict[Name, tuple[Name, ...]] = Field(
        default_factory=dict,
        description="for a value the others that mean it where words for each stand together: aspirin, clopidogrel",
    )
    worst: StrictBool = Field(
        False, description="of several values that a phrase tells of the last in the order of the vocabulary counts"
    )
    exact: StrictBool = Field(
        False, description="words are never completed or corrected: near ones differ in treatment"
    )

    @field_validator("values", "numbers", "since", "together", mode="before")
    @classmethod
    def _values_by_text(cls, raw: object) -> object:
        """Let `2:` and `true:` stand for the texts, as ids of values do."""
        return {text_of(key): words for key, words in raw.items()} if isinstance(raw, dict) else raw

    def sum_of(self, named: AbstractSet[str]) -> str | None:
        """Return the value that others mean which are named together; None where they mean none."""
        return next((value for value, parts in self.together.items() if set(parts) <= named <= {value, *parts}), None)


@dataclass(frozen=True)
class Sense:
    """What a word means: what a case would write for each attribute that it speaks of."""

    means: Mapping[str, Json]
    note: str | None = None


class Lexicon:
    """All words of one attribute by their plain form."""

    def __init__(self, attribute: Attribute, synonyms: Synonyms | None) -> None:
        self.synonyms = synonyms or Synonyms(id=attribute.id)
        self.senses: dict[str, Sense] = {}
        self.asked: dict[str, Ambiguous] = {}
        for word, sense in _senses(attribute, self.synonyms):
            self.senses.setdefault(plain(word), sense)
        for ambiguous in self.synonyms.ask:
            self.asked |= {plain(word): ambiguous for word in ambiguous.said}
        names = (attribute.label, attribute.id, attribute.key, *attribute.formerly, *self.synonyms.also)
        self.names = tuple(sorted({plain(name) for name in names}, key=lambda name: (-len(name), name)))
        self._leads = sorted({shape(name) for name in names}, key=lambda name: (-len(name), name))

    def parted_otherwise(self, text: str) -> str | None:
        """Return the word with the letters of a text, however either is parted (`semi-rigid`); None when two differ."""
        found = self._together.get(_together(text), ())
        meant = [self.senses[word].means for word in found if word in self.senses]
        return found[0] if meant and meant == [meant[0]] * len(found) else None

    @cached_property
    def only_here(self) -> frozenset[str]:
        """The words that only the field of the attribute gives their meaning, in their plain form."""
        return frozenset(map(plain, self.synonyms.only_here))

    @cached_property
    def spans(self) -> Mapping[str, tuple[Number, Number]]:
        """The values that numbers stand for, each with the least and the greatest of these."""
        found = ((name, ends(span)) for name, span in self.synonyms.numbers.items())
        return {name: span for name, span in found if span is not None}

    @cached_property
    def _together(self) -> dict[str, tuple[str, ...]]:
        """The words by their letters alone, those that are asked about too; short ones are never parted."""
        words = ((_together(word), word) for word in (*self.senses, *self.asked))
        return grouped((letters, word) for letters, word in words if len(letters) >= _LONG)

    def behind_name(self, text: str) -> str | None:
        """Return what stands behind a name of the attribute (`2` of `PS 2`); None when none leads the text."""
        found = self._led.fullmatch(text)
        return found["rest"] if found else None

    @cached_property
    def _led(self) -> re.Pattern[str]:
        """Any name, with or without spaces and dashes in it, and behind it a space, a colon, or a number (`PS-2`)."""
        words = (re.findall(r"[a-z]+|\d+|[^\sa-z\d]+", name) for name in self._leads)
        names = "|".join(r"[\s_.-]*".join(map(re.escape, parts)) for parts in words)
        behind = r"(?:\s*[:=]\s*|\s*-\s*(?=\d)|\s+|(?=[\d<>~]))"
        return re.compile(rf"(?:{names}){behind}(?P<rest>\S.*)", re.IGNORECASE | re.DOTALL)


@cache
def asides(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of the words that may stand beside a value, the longest first; `_` in them is any number."""
    listed = sorted(words, key=lambda word: (-len(word), word))
    either = "|".join(re.escape(word).replace("_", r"\d+(?:\.\d+)?") for word in listed)
    return re.compile(rf"(?<![^\s/])(?:{either})(?![^\s/])", re.IGNORECASE)


def _together(text: str) -> str:
    return plain(text).replace(" ", "")


def _senses(attribute: Attribute, synonyms: Synonyms) -> Iterator[tuple[str, Sense]]:
    for name in attribute.names:
        sense = Sense({attribute.id: name})
        yield name, sense
        for label in (attribute.values[name], attribute.label_of(name)) if attribute.values else ():
            yield label, sense
    for old, new in attribute.former_values.items():
        yield old, Sense({attribute.id: new[0] if len(new) == 1 else list(new)})
    for value, words in synonyms.values.items():
        for word in words:
            yield word, Sense({attribute.id: value})
    for phrase in synonyms.phrases:
        for word in phrase.said:
            yield word, Sense(phrase.means, phrase.note)


Fault = tuple[KeyPath, str]


def faults(synonyms: Synonyms, attribute: Attribute, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Yield what is wrong with the words of an attribute, each with its place in the entry."""
    yield from _with_two_meanings(synonyms, attribute)
    yield from _without_meaning(synonyms, attribute)
    yield from _of_no_value(synonyms, attribute)
    yield from _of_nothing_said(synonyms, attribute, vocabulary)
    yield from _of_no_piece(synonyms, attribute, vocabulary)
    yield from _of_no_unit(synonyms, attribute)


def _with_two_meanings(synonyms: Synonyms, attribute: Attribute) -> Iterator[Fault]:
    """Yield words that mean something else already, or stand twice in one list."""
    taken: dict[str, str] = {}
    for name in attribute.names:
        taken[plain(name)] = f"the value {name}"
    for name in attribute.names if attribute.values else ():
        taken.setdefault(plain((attribute.values or {})[name]), f"the label of {name}")
    for old, new in attribute.former_values.items():
        taken.setdefault(plain(old), f"the value {' or '.join(new)}")
    listed: set[Fault] = set()  # a word stands once in its own list
    for path, word, what in _written(synonyms):
        meant = plain(word)
        found = taken.setdefault(meant, what)
        is_repeated = (path[:-1], meant) in listed
        listed.add((path[:-1], meant))
        if found != what or is_repeated:
            yield (
                path,
                f"{word!r} already means {found} of {attribute.id}; a word has one meaning, or stands under `ask`",
            )


def _without_meaning(synonyms: Synonyms, attribute: Attribute) -> Iterator[Fault]:
    """Yield words that only their field gives a meaning, and that have none."""
    meant = {plain(word) for word, _ in _senses(attribute, synonyms)}
    meant |= {plain(word) for ambiguous in synonyms.ask for word in ambiguous.said}
    for i, word in enumerate(synonyms.only_here):
        if plain(word) not in meant:
            yield ("only_here", i), f"{word!r} is no word of {attribute.id}; write what it means first, or remove it"


def _of_no_value(synonyms: Synonyms, attribute: Attribute) -> Iterator[Fault]:
    """Yield what stands for a value that the attribute does not have."""
    for key, value in (
        *(
            (own, value)
            for own in ("values", "numbers", "since", "signs", "habits", "together")
            for value in getattr(synonyms, own)
        ),
        *((("both_sides", synonyms.both_sides),) if synonyms.both_sides else ()),
    ):
        if attribute.names and value not in attribute.names:
            yield (
                (key, value),
                f"{value!r} is not a value of {attribute.id} ({attribute.domain_text}){suggestion(value, attribute.names)}",
            )
    for value, parts in synonyms.together.items():
        for i, part in enumerate(parts):
            if part not in attribute.names:
                near = suggestion(part, attribute.names)
                yield (
                    ("together", value, i),
                    f"{part!r} is not a value of {attribute.id} ({attribute.domain_text}){near}",
                )
    for area, span in synonyms.areas.items():
        try:
            attribute.read(span)
        except ValueError as error:
            yield ("areas", area), str(error)


def _of_nothing_said(synonyms: Synonyms, attribute: Attribute, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Yield what would be said of attributes, or looked for among neighbours, of which a case can say nothing such."""
    for i, phrase in enumerate(synonyms.phrases):
        if attribute.id not in phrase.means:
            yield (
                ("phrases", i, "means"),
                f"a phrase of {attribute.id} says what it means for {attribute.id}; add it",
            )
        for path, message in _meant(phrase.means, attribute, vocabulary):
            yield ("phrases", i, "means", *path), message
    for path, message in _meant(synonyms.implies, attribute, vocabulary):
        yield ("implies", *path), message
    for place, name in _neighbours(synonyms):
        other = vocabulary.get(name)
        if other is None or not other.given or other.of != attribute.of:
            yield place, f"{name!r} is nothing that a case can say of the {attribute.of}"


def _of_no_piece(synonyms: Synonyms, attribute: Attribute, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Yield pieces of which no word tells or nothing is made, and what a whole cannot mean."""
    told = {ambiguous.piece for ambiguous in synonyms.ask} - {None}
    used = {piece for whole in synonyms.wholes for piece in whole.pieces}
    for i, ambiguous in enumerate(synonyms.ask):
        if ambiguous.piece and ambiguous.piece not in used:
            yield (
                ("ask", i, "piece"),
                f"{ambiguous.piece!r} is a piece of no whole; name it under `wholes`, or remove it",
            )
    for i, whole in enumerate(synonyms.wholes):
        for j, piece in enumerate(whole.pieces):
            if piece not in told:
                yield ("wholes", i, "pieces", j), f"no word of {attribute.id} under `ask` tells of the piece {piece!r}"
        for path, message in _meant(whole.means, attribute, vocabulary):
            yield ("wholes", i, "means", *path), message


def _of_no_unit(synonyms: Synonyms, attribute: Attribute) -> Iterator[Fault]:
    """Yield words for units that the attribute does not have."""
    units = {attribute.unit, *(attribute.also_in or {})} - {None}
    for key in ("units", "bare"):
        named = getattr(synonyms, key) or {}
        for word, unit in named.items():
            unit = word if key == "units" else unit
            if unit not in units and unit != "%":
                yield (key, word), f"{unit!r} is not a unit of {attribute.id}; write it there first"


def _neighbours(synonyms: Synonyms) -> Iterator[Fault]:
    if synonyms.ago:
        yield ("ago",), synonyms.ago
    if synonyms.at:
        yield ("at",), synonyms.at
    yield from ((("since", value), name) for value, name in synonyms.since.items())
    yield from ((("elsewhere", i), name) for i, name in enumerate(synonyms.elsewhere))


def _written(synonyms: Synonyms) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield every word with its place, and what it means in words."""
    for value, words in synonyms.values.items():
        yield from ((("values", value, i), word, f"the value {value}") for i, word in enumerate(words))
    for i, phrase in enumerate(synonyms.phrases):
        yield from ((("phrases", i, "said", j), word, f"phrase {i + 1}") for j, word in enumerate(phrase.said))
    for i, ambiguous in enumerate(synonyms.ask):
        yield from ((("ask", i, "said", j), word, f"question {i + 1}") for j, word in enumerate(ambiguous.said))


def _meant(
    means: Mapping[str, Json], attribute: Attribute, vocabulary: Vocabulary
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what is wrong with what words mean for several attributes."""
    for name, raw in means.items():
        other = vocabulary.get(name)
        if other is None or not other.given or other.of != attribute.of:
            yield (name,), f"{name!r} is nothing that a case can say of the {attribute.of}"
            continue
        try:
            other.read(raw)
        except ValueError as error:
            yield (name,), str(error)
