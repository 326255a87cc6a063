"""The first screen: what a tumour board needs in ten seconds, in at most 30 lines for one lesion.

Who the patient is, what is dangerous and what to do now; for each lesion the plan with its conditions, or the findings
on which it forks, what speaks for it and what against, and what to find out; last what was typed and not read. Everything
else stands behind it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from textwrap import shorten
from typing import NamedTuple

from cases.hearing import Heard, says_none
from cases.model import Mark
from engine.advice import Advice, Argument, LesionAdvice, MeasureAdvice, Option
from engine.analysis.asking import without_cause
from engine.analysis.plan import Next, Plan
from engine.decision import decision_in_short
from engine.inference.subjects import Fact, Subject
from engine.inference.trace import FactRecord, Json, Premise
from explain.phrases.brief import brief, short_name
from explain.phrases.dangers import dangers
from explain.phrases.lesions import by_urgency, who
from explain.phrases.measures import as_one_sentence, to_do
from explain.phrases.plans import (
    NOT_READ,
    asked,
    fork_columns,
    headline,
    pathways_of,
    provisos,
    recommended,
)
from explain.phrases.prose import WIDTH, join, rounded, uncapitalised
from explain.phrases.terms import URGENCY_WORDS
from explain.report.blocks import Block, Bullets, Folding, Heading, Para, Table, led, text_of
from explain.report.fork_table import first_finding, fork_table
from explain.report.typed import Detail, Typed
from knowledge_base.language.domains import Numbers, Values, both
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

    `heard` is what everyday words were taken to mean: what of them is not read stands last, what the rest was taken for
    behind it, so that the reader can object. Where dangers, the table and its conditions fill the screen, what may be
    meant gives way, then reasons, then the words that were heard, then what makes up a condition, then the tables of the
    lesions that are less urgent, then all but the first finding of the table that is left, and last the cautions of what
    is done now: they stand in the whole text.
    """
    typed = Typed(advice, knowledge, heard)
    for size in _sizes(len(advice.lesions)):
        parts = _Screen(advice, knowledge, typed, size).parts()
        if text_of(parts).count("\n") <= LINES + MORE_LINES * (len(advice.lesions) - 1):
            break
    return parts


class _Size(NamedTuple):
    """How much a screen holds: of how many lesions the tables, how many reasons of each, and what else is told in full."""

    tables: int
    reasons: int
    typed: Detail = "names"
    in_parts: bool = True  # what makes up a condition
    whole_tables: bool = True  # else by their first finding alone
    cautions: bool = True  # of what is done now


def _sizes(lesions: int) -> Iterator[_Size]:
    """Yield the sizes of a screen of so many lesions, each smaller than the one before."""
    yield _Size(lesions, REASONS, "readings")
    yield from (_Size(lesions, reasons) for reasons in range(REASONS, 0, -1))
    yield from (_Size(lesions, reasons, "counts") for reasons in (1, 0))
    yield from (_Size(tables, 0, "counts", in_parts=False) for tables in range(lesions, 0, -1))
    yield from (_Size(1, 0, "counts", False, whole_tables=False, cautions=cautions) for cautions in (True, False))


class _Screen:
    def __init__(self, advice: Advice, knowledge: KnowledgeBase, typed: Typed, size: _Size) -> None:
        self.advice = advice
        self.size = size
        self.typed = typed
        self.knowledge = knowledge
        self.facts: Mapping[Fact, FactRecord] = {fact.id: fact for fact in advice.facts}
        self.shown: set[str] = set()
        self.said_next: set[str | None] = set()  # measures
        self.named: set[Heard] = set()
        self.tables: dict[Table, str] = {}

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
        yield Heading(shorten(title, WIDTH, placeholder=" …"), runs_in=not self.advice.title)
        yield Para(self._introduction("patient"))

    def _dangers(self) -> Iterator[Block]:
        for clash in self.advice.contradictions:
            yield Para(clash.text, "danger")
        for alert in dangers(self.advice, self.knowledge):
            named = who(alert.subjects) if len(self.advice.lesions) > 1 else ""
            yield Para(alert.text, "danger", f"DANGER{named}")
        yield from self.typed.dangers()

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
        told = [self._as_told(a, f) for a, f in known if f.id not in vague and not _names(subject, f)]
        said = [brief(a, a.read(values)) for a, values in told if values is not None]
        said += self._wishes() if subject == "patient" else []
        said += self._unusual(subject)
        lacking = [
            short_name(a)
            for a, f in known
            if f.id in vague or (f.values is None and f.id in self.waited_for and self._is_due(a, subject))
        ]
        written = self.typed.unread_of(subject)
        unread = [a for a, f in known if a.id in written and short_name(a) in (*lacking, *asked)]
        self.named |= {written[a.id] for a in unread}
        left = [name for name in lacking if name not in {*asked, *map(short_name, unread)}]
        here = [name for name in map(short_name, unread) if name not in asked]
        not_read = f"{NOT_READ}: {join(here, 'and')}" if here else ""
        not_known = f"not known: {join(left, 'and')}" if left else ""
        return rounded("; ".join(filter(None, [", ".join(said), not_read, not_known]))) or "nothing is known"

    def _wishes(self) -> list[str]:
        """Return what the patient declines or has chosen, as far as a case says it and it is more than nothing."""
        wishes = [a for a in self.knowledge.vocabulary.values() if a.class_ == "wish" and a.of == "patient" and a.given]
        given = [(a, self.facts[Subject.of("patient").fact(a.id)].given) for a in wishes]
        said = [(a, a.read(raw)) for a, raw in given if raw is not None and not says_none(raw)]
        return [a.sentence(values) for a, values in said]

    def _is_due(self, attribute: Attribute, subject: str) -> bool:
        """Tell whether something is known of what an attribute is asked after: of the radiotherapy that was so long ago."""
        of = (Subject.of(subject), Subject.of("patient"))
        facts = [
            self.facts[each.fact(name)]
            for name in attribute.asked_after
            for each in of
            if each.fact(name) in self.facts
        ]
        return not attribute.asked_after or any(fact.values is not None for fact in facts)

    def _unusual(self, subject: str) -> list[str]:
        """Return in brief what of a patient or a lesion is given, and is as few are."""
        every = [a for a in self.knowledge.vocabulary.given_of(Subject.of(subject).kind) if a.headline is None]
        facts = [(a, self.facts.get(Subject.of(subject).fact(a.id))) for a in every]
        return [brief(a, a.read(f.given)) for a, f in facts if f is not None and self._is_exceptional(f)]

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
        wished = ", if the patient wants it" if self._hangs_on_a_wish else ""
        for urgency in SOON:
            labels = [self._to_do(m) for m in self.to_do if m.urgency == urgency]
            if labels:
                yield Para(f"{as_one_sentence(labels)}.", "now", f"{URGENCY_WORDS[urgency].capitalize()}{wished}")

    @property
    def _hangs_on_a_wish(self) -> bool:
        """Tell whether a danger asks first whether the patient wants treatment, or what was typed of that is not read."""
        first = self.knowledge.framework.wishes_first
        told = {firing for alert in dangers(self.advice, self.knowledge) for firing in alert.firings}
        premises = (p for firing in self.advice.firings if firing.id in told for p in firing.premises)
        return any(heard.attribute in first for heard in self.typed.wishes) or any(
            premise.fact.attribute in first for premise in premises
        )

    def _to_do(self, called: MeasureAdvice) -> str:
        """Return a measure as it is done, with what was typed that may speak against it and is not read."""
        measure = self.knowledge.measures[called.measure]
        unread = dict.fromkeys(f.attribute for f in self.typed.unread if f.attribute in measure.read_first)
        names = join([short_name(self.knowledge.vocabulary[name]) for name in unread], "and")
        return f"{measure.to_do} (first read {names})" if unread else measure.to_do

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
            yield Para(f"{self._headline(plan).removesuffix(':')}: the table is in `--full`.", "plan")
            return
        yield from self._plan(lesion.id, plan)
        if acceptable := [_with_reserve(o) for o in lesion.options if o.status == "acceptable" and not plan.fork]:
            lead = "Also acceptable" if plan.recommended else "The team may consider"
            yield Para(f"{join(acceptable)}.", lead=lead)
        if alone:
            yield from self._provided([plan])
        pathways = pathways_of(plan)
        most = max(alone, REASONS - len(plan.fork.rows) // ROWS - (not alone)) if plan.fork else REASONS
        yield Bullets("Why", tuple(self._reasons(lesion, pathways, ("recommend",), min(most, self.size.reasons))))
        yield Bullets("Against", tuple(self._reasons(lesion, pathways, AGAINST, most if plan.fork else None)))
        yield Bullets("Watch", tuple(self._threats(lesion)))
        yield Bullets("Next", tuple(self._following(plan, lesion.id)), flows=True)

    def _headline(self, plan: Plan) -> str:
        """Return what a plan comes to, or on what it hangs; of that, what is typed and not read."""
        return headline(plan, self.knowledge, not_read=self.typed.unread)

    def _plan(self, lesion: str, plan: Plan) -> Iterator[Block]:
        """Yield a plan; the table that a lesion has in common with one above is said once."""
        told = self._headline(plan)
        if plan.fork is None:
            yield Para(told, "plan")
            return
        if not self.size.whole_tables:
            yield Para(f"{told.removesuffix(':')}; by the first, and whole in `--full`:", "plan")
            yield first_finding(plan.fork, self.knowledge)
            return
        table = fork_table(plan.fork, self.advice, self.knowledge)
        first = self.tables.setdefault(table, lesion)
        if first == lesion:
            yield Para(told, "plan")
            yield table
        else:
            yield Para(f"{told.removesuffix(':')}, as {first}.", "plan")

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
        folded = {m.measure for m in self.advice.measures} - {
            m.measure for m in self.to_do
        }  # another one comprises them
        left = [n for n in plan.next if n.measure not in soon | folded and not (endangered and n.fact in urgent)]
        asked = left if plan.fork is None else [n for n in left if n.fact in urgent - {*fork_columns(plan.fork)}]
        read_first = {heard.attribute for heard in self.typed.read_first}
        asked = [n for n in asked if n.fact is None or n.fact.attribute not in read_first]
        tests = [n for n in asked if n.kind != "conversation"]
        each = {self._next(n): n for n in tests or asked}
        told = [text for text in each if text not in self.shown][: QUESTIONS + 1]
        self.shown |= set(told)
        self.said_next |= {each[text].measure for text in told}
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
        brings = [f"{text} means {labels}" for text, labels in settling[:QUESTIONS]]
        written = self.typed.words_of(following.fact) if following.fact else ""
        told = "; ".join([*brings, *([f'written: "{written}"'] if written else [])])
        return f"{asked(following.text, following.cost)}{f' ({told})' if told else ''}"

    def _provided(self, plans: list[Plan]) -> Iterator[Block]:
        """Yield what must hold, each once."""
        first, rest = provisos(
            plans, self.knowledge, self.advice.lesions, self.size.in_parts, self.typed.perhaps_said, self._implied
        )
        if first or rest:
            seen = len(first) or PROVISOS
            lead = "All provided" if len(plans) > 1 or plans[0].fork else "Provided"
            yield Folding.of(lead, [*first, *rest][:seen], [*first, *rest][seen:])

    @cached_property
    def _implied(self) -> set[Fact]:
        """What need not be said, as what was found answers it: since when walking is lost, a dose where none was given."""
        given: dict[Subject, dict[str, Values]] = {}
        for fact in self.advice.facts:
            if fact.given is not None:
                subject, attribute = Subject.of(fact.subject), self.knowledge.vocabulary[fact.attribute]
                given.setdefault(subject, {})[fact.attribute] = attribute.read(fact.given)
        return without_cause(given, self.knowledge.vocabulary)

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
        return fact is not None and self._is_exceptional(fact)

    def _is_exceptional(self, fact: FactRecord) -> bool:
        """Tell whether a fact is given that is not as usual."""
        if fact.given is None:
            return False
        attribute = self.knowledge.vocabulary[fact.attribute]
        usual = attribute.usual_values
        return (
            attribute.class_ == "exception" and usual is not None and both(attribute.read(fact.given), usual).is_empty
        )

    # --- the rest ----------------------------------------------------------------------------------------------

    def _rest(self) -> Iterator[Block]:
        later = [m for m in self.to_do if m.urgency not in SOON and m.measure not in self.said_next]
        measures = {"Then": [m.label for m in later]}
        for mark, lead in MARKS.items():
            measures[lead] = [m.label for m in self.advice.measures_marked if m.mark == mark]
        told = [f"{lead}: {join(labels, 'and')}." for lead, labels in measures.items() if labels]
        if marked := led(told):
            yield marked
        yield from self.typed.blocks(self.size.typed, self.named)
        more = sum(alert.level != "danger" and alert.rule not in self.shown for alert in self.advice.alerts)
        made = f"{self.advice.knowledge_base.id} {self.advice.knowledge_base.version}, {decision_in_short(self.advice)}"
        remarks = f"; {more} more {'remark' if more == 1 else 'remarks'}: `--full`" if more else ""
        yield Para(f"{DECIDES} {made}{remarks}.", "small")


def _with_reserve(option: Option) -> str:
    """Return an option that may be taken, with the first reason against it in the words of its rule."""
    against = next((argument for argument in option.arguments if argument.stance in AGAINST), None)
    return option.label if against is None else f"{option.label} (against it: {uncapitalised(against.title)})"


def _holding_back(lesion: LesionAdvice) -> set[str]:
    """Return the rules that speak against a pathway which others recommend."""
    recommended = [o.arguments for o in lesion.options if any(a.stance == "recommend" for a in o.arguments)]
    return {argument.rule for arguments in recommended for argument in arguments if argument.stance in AGAINST}


def _names(subject: str, fact: FactRecord) -> bool:
    """Tell whether the name of a lesion says a fact: `T8` and `L5-S1` their levels."""
    values = fact.values if isinstance(fact.values, list) else [fact.values]
    return {*map(str, values)} == {*subject.split("-")} or fact.words == subject


def _is_vague(attribute: Attribute, written: Json) -> bool:
    """Tell whether a range that was only worked out leaves most of what there is, as SINS 1 to 16 does."""
    values, domain = attribute.read(written), attribute.domain
    if not (isinstance(values, Numbers) and isinstance(domain, Numbers)):
        return False
    (low, high), (least, most) = ((n.spans[0].low, n.spans[-1].high) for n in (values, domain))
    return high - low >= (most - least) * MOST
