"""What was typed in other words than the vocabulary's: what of it nobody has read, and what the rest was taken for.

Signs that nobody has read stand among the dangers. Everything else comes last on the first screen, in as many words as
there is room for; what is left out of it is counted, and stands whole in the full text.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from textwrap import shorten
from typing import Literal

from cases.hearing import NOT_UNDERSTOOD, Heard
from cases.hearing.meaning import HeardKind
from engine.advice import Advice
from engine.inference.subjects import Fact, Subject
from engine.inference.trace import FactRecord
from explain.phrases.brief import brief
from explain.phrases.measures import as_one_sentence
from explain.phrases.prose import WIDTH, cut_short, few, join, rounded
from explain.phrases.terms import URGENCY_WORDS
from explain.report.blocks import Block, Bullets, Para, led, part
from knowledge_base.grouping import grouped
from knowledge_base.language.domains import Choices, Values, both
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.literals import text_of
from knowledge_base.language.rules import soonest
from knowledge_base.language.vocabulary import Attribute

TYPED = 40  # characters of what was typed and is left open
READINGS = 3  # of what is left open, beside what it may mean
QUOTED = 3  # of what is read in part and introduces the patient or a lesion, in the words that were typed
NAMES = 6  # of what is not read, as many of what is read in part, and as many notes
LINES = 2  # of what words were taken for
ALL = "All in `--full`."
NOTHING = "not known"  # that which some words were taken for
SILENT = (NOTHING, "not used")  # with which what is no meaning begins
Detail = Literal["readings", "names", "counts"]
KINDS: Mapping[HeardKind, str] = {
    "left open": "Not read",
    "part": "Read in part",
    "more": "Read as more than one thing",
    "said": "Read as",
    "note": "Kept as notes",
    "done": "Done",
}


class Typed:
    """What was typed of one patient, beside the advice that came of it."""

    def __init__(self, advice: Advice, knowledge: KnowledgeBase, heard: Iterable[Heard]) -> None:
        self.advice = advice
        self.knowledge = knowledge
        self.heard = tuple(heard)
        self.facts: Mapping[Fact, FactRecord] = {fact.id: fact for fact in advice.facts}
        self.lesions = tuple(lesion.id for lesion in advice.lesions)

    # --- what must be read before anything else ----------------------------------------------------------------

    def dangers(self) -> Iterator[Block]:
        """Yield what nobody has read of signs, of exceptions, of which the usual is supposed, and of wishes."""
        if not self.read_first:
            return
        first = f"Read this before anything else: {self._if_new()}." if self._signs else ""
        attributes = (
            self.knowledge.vocabulary[heard.attribute] for heard in self._supposed if self._may_be_usual(heard)
        )
        usual = dict.fromkeys(map(self._usual, attributes))
        supposed = f"Until it is read, what is usual is supposed: {', '.join(usual)}." if usual else ""
        wished = "Until it is read, nobody knows what the patient agrees to." if self.wishes else ""
        text = f"{'; '.join(map(self._quoted, self.read_first))}. {first} {supposed} {wished}"
        yield Para(" ".join(text.split()), "danger", "NOT READ")

    def _may_be_usual(self, heard: Heard) -> bool:
        """Tell whether what is usual is supposed while an exception is not read: not where its words rule that out."""
        attribute = self.knowledge.vocabulary[heard.attribute]
        assert attribute.usual_values is not None
        given = self._given(heard, attribute)
        return given is None or not both(given, attribute.usual_values).is_empty

    def _usual(self, attribute: Attribute) -> str:
        assert attribute.usual_values is not None
        return brief(attribute, attribute.usual_values)

    def _if_new(self) -> str:
        """Return what is to be done if a sign that nobody has read is a new deficit, and the rules that say so."""
        rules = [self.knowledge.rules[name] for name in self.knowledge.framework.if_new_deficit]
        called = soonest((m.measure, m.urgency) for rule in rules for m in rule.measures)
        by_urgency = grouped((urgency, self.knowledge.measures[name].to_do) for name, urgency in called.items())
        told = [f"{as_one_sentence(labels)} {URGENCY_WORDS[urgency]}" for urgency, labels in by_urgency.items()]
        if not told:
            return "a new deficit is an emergency"
        return f"if it is a new deficit, {join(told, 'and')} [{', '.join(rule.id for rule in rules)}]"

    @cached_property
    def read_first(self) -> list[Heard]:
        """What nobody has read, and is to be read before anything else."""
        return list(dict.fromkeys((*self._signs, *self._supposed, *self.wishes)))

    @cached_property
    def wishes(self) -> list[Heard]:
        """What nobody has read of wishes, as far as it leaves them open; not what can only be a wish to be treated."""
        wishes = [(heard, attribute) for heard, attribute in self._unread if attribute.class_ == "wish"]
        doubted = [h for h, attribute in wishes if h.readings.partition(",")[0] != next(iter(attribute.names), "")]
        return [heard for heard in doubted if self.facts[self._fact(heard)].given is None]

    @cached_property
    def _supposed(self) -> list[Heard]:
        return [heard for heard, attribute in self._unread if attribute.usual_values is not None]

    @cached_property
    def _signs(self) -> list[Heard]:
        """What nobody has read of examination, walking and bladder, where no danger tells of the lesion's nerves already."""
        signs = [
            heard
            for heard, a in self._unread
            if (a.letter, a.of) == ("N", "lesion")
            and a.given
            and a.cost in ("history", "examination")  # asked for, or found at the bedside
            and not _may_be_well(heard, a)
        ]
        if not signs:
            return []
        dangers = {firing for alert in self.advice.alerts if alert.level == "danger" for firing in alert.firings}
        told = {
            premise.fact.subject.lesion
            for firing in self.advice.firings
            for premise in firing.premises
            if firing.id in dangers and self.knowledge.vocabulary[premise.fact.attribute].letter == "N"
        }
        left = [heard for heard in signs if heard.place.partition(".")[0] not in told]
        return sorted(left, key=lambda heard: self._rank(self.knowledge.vocabulary[heard.attribute]))

    def _rank(self, attribute: Attribute) -> int:
        """Return which sign is to be read first: the examination, then what is asked of an emergency, in its order."""
        last = len(self.knowledge.vocabulary)
        return 0 if attribute.no_emergency else attribute.emergency or last

    @property
    def _unread(self) -> Iterator[tuple[Heard, Attribute]]:
        """What is left open, with the input that it is of, where it is of one and nothing else settles that."""
        vocabulary = self.knowledge.vocabulary
        each = ((h, vocabulary[h.attribute]) for h in self._of_kind("left open") if h.attribute in vocabulary)
        return ((heard, attribute) for heard, attribute in each if not self._is_settled(heard, attribute))

    def _is_settled(self, heard: Heard, attribute: Attribute) -> bool:
        given = self._given(heard, attribute)
        return given is not None and given.is_single

    def _given(self, heard: Heard, attribute: Attribute) -> Values | None:
        """Return what the case says of what was typed, once heard; None where it says nothing."""
        fact = self.facts.get(self._fact(heard))
        return None if fact is None or fact.given is None else attribute.read(fact.given)

    # --- what is not read ---------------------------------------------------------------------------------------

    def unread_of(self, subject: str) -> Mapping[str, Heard]:
        """Return what is left open of the patient or a lesion, by the attribute that it is of."""
        return {fact.attribute: heard for fact, heard in self.unread.items() if str(fact.subject) == subject}

    @cached_property
    def unread(self) -> Mapping[Fact, Heard]:
        """Everything of which words were typed that are not read, with these words."""
        return {self._fact(heard): heard for heard, _ in self._unread}

    @cached_property
    def perhaps_said(self) -> set[Fact]:
        """Everything of which words may speak that are not read: what they were typed for, and its neighbours."""
        return {
            fact.subject.fact(name)
            for fact in self.unread
            for name in (fact.attribute, *self.knowledge.lexicon(fact.attribute).synonyms.elsewhere)
        }

    def words_of(self, fact: Fact) -> str:
        """Return the words that were typed of a fact and are not read; nothing where there are none."""
        heard = self.unread.get(fact)
        return shorten(heard.typed, TYPED, placeholder=" …") if heard else ""

    @cached_property
    def _left(self) -> list[Heard]:
        """What is not read and no danger tells of, that on which rules wait first."""
        waited = {missing.fact for lesion in self.advice.lesions for missing in lesion.missing}
        empty = [heard for heard in self.heard if heard.kind == "said" and heard.meaning == NOTHING]
        left = [heard for heard in (*self._of_kind("left open"), *empty) if heard not in self.read_first]
        return sorted(left, key=lambda heard: self._fact(heard) not in waited)

    @cached_property
    def _said(self) -> list[Heard]:
        """What was taken for something that does not stand in the lines which introduce patient and lesions."""
        return [
            heard
            for heard in self.heard
            if heard.kind in ("said", "part", "more")
            and heard.attribute in self.knowledge.vocabulary
            and heard not in self._left
            and (heard.kind == "more" or self.knowledge.vocabulary[heard.attribute].headline is None)
        ]

    # --- on the first screen ------------------------------------------------------------------------------------

    def blocks(self, detail: Detail, named: Collection[Heard] = ()) -> Iterator[Block]:
        """Yield what is not read, and what the rest was taken for, in so much detail; the lines above name some of it."""
        if detail == "counts":
            yield from self._counted()
            return
        clear = [heard for heard in self._left if heard.readings not in ("", NOT_UNDERSTOOD)]
        shown = clear[:READINGS] if detail == "readings" else []
        yield Bullets("Left open", tuple(map(self._reading, shown)))
        if told := led([*self._names([heard for heard in self._left if heard not in shown], named, detail), ALL]):
            yield told
        if self._said:
            yield Para(f"{self._repeated(detail)}.", lead="Heard")

    def _counted(self) -> Iterator[Block]:
        counts = {
            "not read": len(self._left),
            "read in part": len(self._of_kind("part")),
            "kept as notes": len(self._of_kind("note")),
            "heard in other words": len(self._said),
        }
        if told := [f"{count} {what}" for what, count in counts.items() if count]:
            yield Para(f"{', '.join(told)}. {ALL}", lead="Typed")

    def _names(self, left: Sequence[Heard], named: Collection[Heard], detail: Detail) -> Iterator[str]:
        """Yield what is not read by its name, then what is only read in part, then notes.

        Of what is read in part the words are told of wishes, exceptions and the examination, in which a word that was passed
        over may turn all; where there is room also of what stands in the lines that introduce patient and lesions.
        """
        names = [self._place(heard) for heard in left if heard not in named]
        if len(names) < len(left):
            names = [*few(names, NAMES), f"{len(left) - len(names)} named above"]
        in_words = [heard for heard in self._of_kind("part") if detail == "readings" and self._introduces(heard)][
            :QUOTED
        ]
        quoted = [h for h in self._of_kind("part") if h in in_words or self._weighs(h)]
        rest = [heard for heard in self._of_kind("part") if heard not in quoted]
        in_part = [*map(self._quoted, quoted), *map(self._place, rest)]
        notes = [self._place(heard) for heard in self._of_kind("note")]
        for lead, words in (("Not read", names), ("Read in part", in_part), ("Notes", notes)):
            if words:
                yield f"{lead}: {cut_short(words, NAMES + 2)}."

    def _weighs(self, heard: Heard) -> bool:
        """Tell whether something typed is a wish, an exception, or of the examination."""
        attribute = self.knowledge.vocabulary.get(heard.attribute)
        return attribute is not None and (
            attribute.class_ in ("wish", "exception") or (attribute.letter == "N" and attribute.cost == "examination")
        )

    def _introduces(self, heard: Heard) -> bool:
        """Tell whether something typed is told in the lines that introduce the patient or a lesion."""
        attribute = self.knowledge.vocabulary.get(heard.attribute)
        return attribute is not None and attribute.headline is not None

    def _repeated(self, detail: Detail) -> str:
        """Return what words were taken for: beside those words where that is short, else in brief."""
        whole = "; ".join(f"{self._quoted(heard)} = {_rounded(heard.meaning)}" for heard in self._said)
        if detail == "readings" and len(whole) < WIDTH * LINES:
            return whole
        each = [(self._lesion(heard), self._briefly(heard)) for heard in self._said]
        told = [
            each[i] for i in range(len(each)) if len("; ".join(f"{a}{b}" for a, b in each[: i + 1])) < WIDTH * LINES
        ]
        groups = [f"{lead}{', '.join(words)}" for lead, words in grouped(told).items()]
        return "; ".join([*groups, *([f"{len(each) - len(told)} more"] if len(told) < len(each) else [])])

    def _briefly(self, heard: Heard) -> str:
        """Return the value that was taken, in brief; the meaning where another value was written."""
        attribute, fact = self.knowledge.vocabulary[heard.attribute], self.facts.get(self._fact(heard))
        if fact is None or fact.given is None:
            return "; ".join(said for said in _rounded(heard.meaning).split("; ") if not said.startswith(SILENT))
        return _rounded(brief(attribute, attribute.read(fact.given)))

    def _reading(self, heard: Heard) -> str:
        return f"{self._quoted(heard)}: {heard.readings.replace(', so left out', '')}"

    # --- where it was typed -------------------------------------------------------------------------------------

    def _of_kind(self, kind: HeardKind) -> list[Heard]:
        return [heard for heard in self.heard if heard.kind == kind]

    def _subject(self, heard: Heard) -> str:
        """Return of whom something was typed; what a lesion's field says of the patient is the patient's."""
        lesion, attribute = heard.place.partition(".")[0], self.knowledge.vocabulary.get(heard.attribute)
        is_of_lesion = lesion in self.lesions and (attribute is None or attribute.of == "lesion")
        return lesion if is_of_lesion else "patient"

    def _fact(self, heard: Heard) -> Fact:
        return Subject.of(self._subject(heard)).fact(heard.attribute)

    def _lesion(self, heard: Heard) -> str:
        """Return the lesion of which something was typed as it leads the words; nothing where there is only one."""
        subject = self._subject(heard)
        return "" if subject == "patient" or len(self.lesions) == 1 else f"{subject}: "

    def _place(self, heard: Heard) -> str:
        """Return the key under which something was typed; of a lesion where there are others too."""
        return heard.place.removeprefix(f"{self.lesions[0]}.") if len(self.lesions) == 1 else heard.place

    def _quoted(self, heard: Heard) -> str:
        """Return what was typed, and where."""
        return f'{self._place(heard)} "{shorten(heard.typed, TYPED, placeholder=" …")}"'


def in_full(heard: Iterable[Heard]) -> Iterator[Block]:
    """Yield everything that was typed in other words than the vocabulary's, and what was made of it."""
    by_kind = grouped((one.kind, f'{one.place} "{one.typed}": {_whole(one)}') for one in heard)
    yield from part("What was typed", (Bullets(lead, by_kind[kind]) for kind, lead in KINDS.items() if kind in by_kind))


def _whole(heard: Heard) -> str:
    """Return what was made of something typed, with what else it may mean."""
    return heard.meaning if heard.readings in heard.meaning else f"{heard.meaning}; {heard.readings}"


def _rounded(meaning: str) -> str:
    """Return a meaning without what explains a label, and numbers as exactly as they are of use."""
    meaning, lead, unused = meaning.partition("not used: ")
    meaning = re.sub(r" \([^()]*\)", "", meaning)
    return rounded(f"{meaning}{lead}{unused}")


def _may_be_well(heard: Heard, attribute: Attribute) -> bool:
    """Tell whether what is left open says, as far as it goes, that nothing is wrong: `normal, if sensation is too`."""
    harmless = attribute.harmless.members if isinstance(attribute.harmless, Choices) else ()
    first = re.split(r"[,;(]", heard.readings)[0].strip()
    return first in {attribute.no_emergency, *map(text_of, harmless)}
