"""The first screen: what a tumour board needs in ten seconds, in at most 30 lines for one lesion.

Who the patient is, what is dangerous and what to do now; for each lesion the plan with its conditions, or the findings
on which it forks, what speaks for it and what against, and what to find out. Everything else stands behind it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from textwrap import shorten
from typing import NamedTuple

from cases.hearing import NOT_UNDERSTOOD, Heard
from cases.model import Mark
from engine.advice import Advice, Argument, LesionAdvice, MeasureAdvice
from engine.analysis.plan import Next, Plan
from engine.decision import decision_in_short
from engine.inference.subjects import Fact, Subject
from engine.inference.trace import FactRecord, Json, Premise
from explain.phrases.brief import brief, short_name
from explain.phrases.lesions import by_urgency, who
from explain.phrases.measures import to_do
from explain.phrases.plans import (
    asked,
    fork_columns,
    headline,
    pathways_of,
    provisos,
    recommended,
)
from explain.phrases.prose import WIDTH, join
from explain.phrases.terms import URGENCY_WORDS
from explain.report.blocks import Block, Bullets, Folding, Heading, Para, text_of
from explain.report.fork_table import fork_table
from knowledge_base.language.domains import Numbers, both
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import AGAINST, SOON, Citation
from knowledge_base.language.vocabulary import Attribute

LINES = 30  # of one lesion, in text
MORE_LINES = 12  # of each further one
REASONS = 3
ROWS = 2  # of a fork, in whose place a reason is left out
SOURCES = 2  # of a reason, by their short names; the others stand in the whole text
QUESTIONS = 2
PROVISOS = 3  # that a page keeps in sight where none is deadly to overlook
TYPED = 40  # characters of what was typed and is left open
MOST = Decimal("0.75")  # of the span of a number: a range as wide says as good as nothing
DECIDES = "The team and the patient decide."
MARKS: Mapping[Mark, str] = {"done": "Done", "not_applicable": "Does not apply"}


@dataclass(frozen=True)
class ScreenParts:
    """The blocks of the first screen by their place: a page sets them side by side, a text one under the other."""

    patient: tuple[Block, ...]
    dangers: tuple[Block, ...]
    now: tuple[Block, ...]
    lesions: Mapping[str, tuple[Block, ...]]
    provided: tuple[Block, ...]
    rest: tuple[Block, ...]

    def __iter__(self) -> Iterator[Block]:
        """Yield all blocks in the order in which they are read; the lesion that is most urgent comes first."""
        yield from (*self.patient, *self.dangers, *self.now)
        for blocks in self.lesions.values():
            yield from blocks
        yield from (*self.provided, *self.rest)


def first_screen(advice: Advice, knowledge: KnowledgeBase, heard: Iterable[Heard] = ()) -> ScreenParts:
    """Return the blocks of the first screen; the advice must hold a plan for each lesion.

    `heard` is what everyday words were taken to mean, and is repeated so that the reader can object. Where dangers, the
    table and its conditions fill the screen, the reasons give way, then the words that were heard, then the tables of the
    lesions that are less urgent, and last the cautions of what is done now: they stand in the whole text.
    """
    lesions = len(advice.lesions)
    room = LINES + MORE_LINES * (lesions - 1)
    sizes = [_Size(lesions, reasons) for reasons in range(REASONS, -1, -1)]
    sizes += [_Size(tables, 0, in_words=False) for tables in range(lesions, 0, -1)]
    for size in (*sizes, _Size(1, 0, in_words=False, cautions=False)):
        parts = _Screen(advice, knowledge, tuple(heard), size).parts()
        if text_of(parts).count("\n") <= room:
            break
    return parts


class _Size(NamedTuple):
    """How much a screen holds: tables of lesions, reasons of each, words that were heard, cautions of what is done now."""

    tables: int
    reasons: int
    in_words: bool = True
    cautions: bool = True


class _Screen:
    def __init__(self, advice: Advice, knowledge: KnowledgeBase, heard: tuple[Heard, ...], size: _Size) -> None:
        self.advice = advice
        self.size = size
        self.heard = heard
        self.knowledge = knowledge
        self.facts: Mapping[Fact, FactRecord] = {fact.id: fact for fact in advice.facts}
        self.shown: set[str] = set()

    def parts(self) -> ScreenParts:
        """Return the parts; each reason and remark is said once, so they are made in the order of reading."""
        lesions = self.lesions
        return ScreenParts(
            patient=tuple(self._patient()),
            dangers=tuple(self._dangers()),
            now=tuple(self._now()),
            lesions={lesion.id: tuple(self._lesion(lesion)) for lesion in lesions},
            provided=tuple(self._provided([x.plan for x in lesions if x.plan and not self._is_folded(x)]))
            if len(lesions) > 1
            else (),
            rest=tuple(self._rest()),
        )

    def _patient(self) -> Iterator[Block]:
        title = f"{self.advice.case}: {self.advice.title}" if self.advice.title else self.advice.case
        yield Heading(shorten(title, WIDTH, placeholder=" …"))
        if repeated := [self._repeated(heard) for heard in self.heard if not self._is_introduced(heard)]:
            yield Para(f"{'; '.join(repeated)}.", lead="Heard")
        if parted := [heard.place for heard in self.heard if heard.kind == "part" and self._is_introduced(heard)]:
            yield Para(f"{', '.join(parted)}: what stands below is all that was used of these.", lead="Heard in part")
        yield Bullets("Left open", tuple(self._left_open()))
        yield Para(self._introduction("patient"))

    def _left_open(self) -> Iterator[str]:
        """Yield for each input that is left open what was typed and what it may mean; then the keys that are no input."""
        for heard in self.heard:
            if heard.kind == "left open" and heard.readings != NOT_UNDERSTOOD:
                yield f"{_quoted(heard)}: {heard.readings.replace(', so left out', '')}"
        if strange := [
            h
            for h in self.heard
            if h.readings == NOT_UNDERSTOOD and h not in self._signs_unread and h not in self._supposed
        ]:
            told = map(_quoted, strange) if self.size.in_words else (heard.place for heard in strange)
            yield f"{NOT_UNDERSTOOD}: {'; '.join(told)}"
        notes = [heard for heard in self.heard if heard.kind == "note"]
        if notes:
            yield f"kept as a note, no input: {', '.join(_named(heard) for heard in notes)}"

    def _repeated(self, heard: Heard) -> str:
        """Return what something was taken for, without what explains a label, and numbers as exactly as they are of use."""
        meaning, lead, unused = heard.meaning.partition("not used: ")
        meaning = re.sub(r" \([^()]*\)", "", meaning)
        meaning = f"{meaning}{lead}{unused}" if self.size.in_words else meaning.rstrip(",; ")
        rounded = re.sub(r"\d+\.\d{2,}", lambda number: f"{float(number[0]):.3g}", meaning)
        return f"{_quoted(heard) if self.size.in_words else heard.place} = {rounded}"

    def _is_introduced(self, heard: Heard) -> bool:
        """Tell whether what was heard stands in the lines that introduce patient and lesions, or in others."""
        attribute = self.knowledge.vocabulary.get(heard.attribute)
        is_elsewhere = heard.kind in ("left open", "note", "done")
        shown = ("said", "part") if self.size.in_words else ("said", "part", "more")
        return is_elsewhere or (heard.kind in shown and bool(attribute and attribute.headline))

    def _dangers(self) -> Iterator[Block]:
        for clash in self.advice.contradictions:
            yield Para(clash.text, "danger")
        for alert in self.advice.alerts:
            if alert.level == "danger":
                named = who(alert.subjects) if len(self.advice.lesions) > 1 else ""
                yield Para(alert.text, "danger", f"DANGER{named}")

        if unread := [*self._signs_unread, *self._supposed]:
            first = "Read this before anything else: a new deficit is an emergency." if self._signs_unread else ""
            labels = dict.fromkeys(self.knowledge.vocabulary[heard.attribute].label for heard in self._supposed)
            supposed = f"Until it is read, the usual is supposed of {join(labels, 'and')}." if labels else ""
            text = f"{'; '.join(map(_quoted, unread))}. {first} {supposed}"
            yield Para(" ".join(text.split()), "danger", "NOT READ")

    @cached_property
    def _supposed(self) -> list[Heard]:
        """What nobody has read yet of exceptions, of which the usual is supposed."""
        return [heard for heard, attribute in self._unread if attribute.usual_values is not None]

    @cached_property
    def _signs_unread(self) -> list[Heard]:
        """What nobody has read yet of walking, bladder and power, where no danger tells of the lesion's nerves already."""
        signs = [
            heard
            for heard, a in self._unread
            if a.letter == "N"
            and a.given
            and a.cost in ("history", "examination")  # asked for, or found at the bedside
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
        return [heard for heard in signs if heard.place.partition(".")[0] not in told]

    @property
    def _unread(self) -> Iterator[tuple[Heard, Attribute]]:
        """What is left open, with the input that it is of, where it is of one."""
        vocabulary = self.knowledge.vocabulary
        return ((h, vocabulary[h.attribute]) for h in self.heard if h.kind == "left open" and h.attribute in vocabulary)

    @cached_property
    def waited_for(self) -> set[Fact]:
        """The facts for which rules wait."""
        return {missing.fact for lesion in self.advice.lesions for missing in lesion.missing}

    @cached_property
    def lesions(self) -> list[LesionAdvice]:
        """The lesions, the most urgent one first."""
        return by_urgency(self.advice, self.knowledge)

    @cached_property
    def to_do(self) -> list[MeasureAdvice]:
        """What is called for, each once."""
        return to_do(self.advice, self.knowledge)

    # --- the patient -------------------------------------------------------------------------------------------

    def _introduction(self, subject: str, asked: Collection[str] = ()) -> str:
        """Return in one line what is known of a patient or a lesion, and what is not and is not `asked` below."""
        every = [a for a in self.knowledge.vocabulary.values() if a.headline is not None]
        of = "patient" if subject == "patient" else "lesion"
        headline = sorted((a for a in every if a.of == of), key=lambda a: (a.headline, a.id))
        known = [(a, self.facts[Subject.of(subject).fact(a.id)]) for a in headline]
        vague = {f.id for a, f in known if f.given is None and f.values is not None and _is_vague(a, f.values)}
        told = [self._as_told(a, f) for a, f in known if f.id not in vague and f.words != subject]
        said = [brief(a, a.read(values)) for a, values in told if values is not None]
        lacking = [short_name(a) for a, f in known if f.id in vague or (f.values is None and f.id in self.waited_for)]
        left = [name for name in lacking if name not in asked]
        unknown = f"not known: {join(left, 'and')}" if left else ""
        return "; ".join(filter(None, [", ".join(said), unknown])) or "nothing is known"

    def _as_told(self, attribute: Attribute, fact: FactRecord) -> tuple[Attribute, Json]:
        """Return what is known of an attribute, or the one measure of the same that was given: ECOG 3, not KPS 30 to 50."""
        if fact.given is None and attribute.assessment and attribute.type == "number":
            firings = [firing for firing in self.advice.firings if firing.id in fact.supports]
            grounds = {premise.fact for firing in firings for premise in firing.premises}
            measures = [self.facts[ground] for ground in grounds if ground in self.facts]
            if len(measures) == 1 and measures[0].given is not None:
                return self.knowledge.vocabulary[measures[0].attribute], measures[0].given
        return attribute, fact.values

    def _now(self) -> Iterator[Block]:
        for urgency in SOON:
            labels = [self.knowledge.measures[m.measure].to_do for m in self.to_do if m.urgency == urgency]
            if labels:
                yield Para(f"{join(labels, 'and')}.", "now", URGENCY_WORDS[urgency].capitalize())

    # --- a lesion ----------------------------------------------------------------------------------------------

    def _lesion(self, lesion: LesionAdvice) -> Iterator[Block]:
        plan = lesion.plan
        assert plan is not None, "the first screen shows a plan"
        alone = len(self.advice.lesions) == 1
        below = [short_name(self.knowledge.vocabulary[fact.attribute]) for fact in fork_columns(plan.fork)]
        yield Para(self._introduction(lesion.id, below), lead=lesion.id)
        for hazard in lesion.hazards:
            yield Para(f"{hazard.hazard} ({hazard.id}): {hazard.harm}. No advice is given.", "danger", "HAZARD")
        if self._is_folded(lesion):
            yield Para(f"{headline(plan, self.knowledge).removesuffix(':')}: the table is in `--full`.", "plan")
            return
        yield Para(headline(plan, self.knowledge), "plan")
        if plan.fork is not None:
            yield fork_table(plan.fork, self.advice, self.knowledge)
        if acceptable := [o.label for o in lesion.options if o.status == "acceptable" and not plan.fork]:
            lead = "Also acceptable" if plan.recommended else "The team may consider"
            yield Para(f"{join(acceptable)}.", lead=lead)
        if alone:
            yield from self._provided([plan])
        pathways = pathways_of(plan)
        most = max(alone, REASONS - len(plan.fork.rows) // ROWS - (not alone)) if plan.fork else REASONS
        yield Bullets("Why", tuple(self._reasons(lesion, pathways, ("recommend",), min(most, self.size.reasons))))
        yield Bullets("Against", tuple(self._reasons(lesion, pathways, AGAINST, most if plan.fork else None)))
        yield Bullets("Watch", tuple(self._threats(lesion)))
        yield Bullets("Next", tuple(self._following(plan, lesion.id)))

    def _is_folded(self, lesion: LesionAdvice) -> bool:
        """Tell whether the table of a lesion gives way to what is more urgent."""
        return lesion in self.lesions[self.size.tables :] and lesion.plan is not None and lesion.plan.fork is not None

    def _following(self, plan: Plan, lesion: str) -> list[str]:
        """Return what is next: questions, tests that are not called for above already, the conversation.

        Where a danger of the lesion is told already nobody is to wait for an answer; a fork asks for its findings itself.
        """
        soon = {m.measure for m in self.advice.measures if m.urgency in SOON}
        endangered = any(lesion in alert.subjects for alert in self.advice.alerts if alert.level == "danger")
        urgent = {n.fact for n in plan.next if n.fact and self.facts[n.fact].attribute in self._emergencies}
        left = [n for n in plan.next if n.measure not in soon and not (endangered and n.fact in urgent)]
        asked = left if plan.fork is None else [n for n in left if n.fact in urgent]
        told = [text for text in dict.fromkeys(map(self._next, asked)) if text not in self.shown][: QUESTIONS + 1]
        self.shown |= set(told)
        return told

    @cached_property
    def _emergencies(self) -> set[str]:
        return {name for name, attribute in self.knowledge.vocabulary.items() if attribute.emergency}

    def _next(self, following: Next) -> str:
        if following.kind != "finding":
            return following.text
        settling = [
            (b.text, recommended(b.possible[0], self.knowledge)) for b in following.brings if len(b.possible) == 1
        ]
        brings = "; ".join(f"{text} means {labels}" for text, labels in settling[:QUESTIONS])
        return f"{asked(following.text, following.cost)}{f' ({brings})' if brings else ''}"

    def _provided(self, plans: list[Plan]) -> Iterator[Block]:
        """Yield what must hold, each once."""
        first, rest = provisos(plans, self.knowledge, self.advice.lesions)
        if first or rest:
            seen = len(first) or PROVISOS
            lead = "All provided" if len(plans) > 1 or plans[0].fork else "Provided"
            yield Folding.of(lead, [*first, *rest][:seen], [*first, *rest][seen:])

    # --- reasons -----------------------------------------------------------------------------------------------

    def _reasons(
        self, lesion: LesionAdvice, pathways: set[str], stances: tuple[str, ...], most: int | None
    ) -> Iterator[str]:
        options = [option for option in lesion.options if option.pathway in pathways]
        found = {a.rule: (option.label, a) for option in options for a in option.arguments if a.stance in stances}
        for rule, (label, argument) in list(found.items())[:most]:
            if rule not in self.shown:
                self.shown.add(rule)
                named = f"{label}: " if len(pathways) > 1 or stances == AGAINST else ""
                yield f"{named}{self._reason(argument)}"

    def _reason(self, argument: Argument) -> str:
        return f"{argument.because} [{self._cited(argument.rule, argument.sources)}]"

    def _cited(self, rule: str, sources: tuple[Citation, ...]) -> str:
        """Return a rule with the short names of its first sources, on a crowded screen of one or none, and how many more."""
        if not self.size.cautions:
            return rule
        names = list(dict.fromkeys(self.knowledge.sources[source.ref].short for source in sources))
        named = SOURCES if self.size.reasons else 1
        more = len(names) - named
        return f"{rule}; {', '.join([*names[:named], *([f'+{more}'] if more > 0 else [])])}"

    def _threats(self, lesion: LesionAdvice) -> Iterator[str]:
        """Yield what is told of an exception that this patient is, of what is done now, and of what holds a pathway back."""
        now = [measure for measure in self.advice.measures if measure.urgency == "immediate" and self.size.cautions]
        telling = _holding_back(lesion) | {reason.rule for measure in now for reason in measure.reasons}
        for alert in self.advice.alerts:
            if (
                alert.level != "danger"
                and set(alert.subjects) & {"patient", lesion.id}
                and alert.rule not in self.shown
            ):
                firings = [firing for firing in self.advice.firings if firing.id in alert.firings]
                unusual = any(self._is_unusual(premise) for firing in firings for premise in firing.premises)
                if unusual or alert.rule in telling:
                    self.shown.add(alert.rule)
                    yield f"{alert.text} [{self._cited(alert.rule, alert.sources)}]"

    def _is_unusual(self, premise: Premise) -> bool:
        fact = self.facts.get(premise.fact)
        if fact is None or fact.given is None:
            return False
        attribute = self.knowledge.vocabulary[fact.attribute]
        usual = attribute.usual_values
        return (
            attribute.class_ == "exception" and usual is not None and both(attribute.read(fact.given), usual).is_empty
        )

    # --- the rest ----------------------------------------------------------------------------------------------

    def _rest(self) -> Iterator[Block]:
        later = [m.label for m in self.to_do if m.urgency not in SOON]
        if later:
            yield Para(f"{join(later, 'and')}.", lead="Then")
        for mark, lead in MARKS.items():
            if marked := [m.label for m in self.advice.measures_marked if m.mark == mark]:
                yield Para(f"{join(marked, 'and')}.", lead=lead)
        more = sum(alert.level != "danger" and alert.rule not in self.shown for alert in self.advice.alerts)
        made = f"{self.advice.knowledge_base.id} {self.advice.knowledge_base.version}, {decision_in_short(self.advice)}"
        yield Para(f"{DECIDES} {made}; {more} more {'remark' if more == 1 else 'remarks'}: `--full`.", "small")


def _holding_back(lesion: LesionAdvice) -> set[str]:
    """Return the rules that speak against a pathway which others recommend."""
    recommended = [o.arguments for o in lesion.options if any(a.stance == "recommend" for a in o.arguments)]
    return {argument.rule for arguments in recommended for argument in arguments if argument.stance in AGAINST}


def _is_vague(attribute: Attribute, written: Json) -> bool:
    """Tell whether a range that was only worked out leaves most of what there is, as SINS 1 to 16 does."""
    values, domain = attribute.read(written), attribute.domain
    if not (isinstance(values, Numbers) and isinstance(domain, Numbers)):
        return False
    (low, high), (least, most) = ((n.spans[0].low, n.spans[-1].high) for n in (values, domain))
    return high - low >= (most - least) * MOST


def _quoted(heard: Heard) -> str:
    """Return what was typed, and where."""
    return f"{heard.place} {shorten(heard.typed, TYPED, placeholder=' …')}"


def _named(note: Heard) -> str:
    """Return the key of a note, and the input that comes nearest to it."""
    return f"{note.place} (nearest: {note.readings})" if note.readings else note.place
