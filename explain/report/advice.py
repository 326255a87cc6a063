"""The advice in plain words, for a terminal or a plain-text file.

Every sentence comes from the knowledge base, the case or the trace; this module only puts them in order.
"""

from collections.abc import Iterable, Iterator

from cases.hearing import Heard
from engine.advice import Advice, Alert, Argument, LesionAdvice, MarkedMeasure, MeasureAdvice, Option
from engine.analysis.conditions import Condition
from engine.decision import decision_in_short
from engine.inference.trace import Firing
from explain.phrases.dangers import dangers
from explain.phrases.disputes import Disputed, disputed, rests_on, without_consequence
from explain.phrases.lesions import answer, sentence, who
from explain.phrases.plans import headline, shared_conditions, told
from explain.phrases.prose import join
from explain.phrases.terms import BASIS_WORDS, STANCE_WORDS, STATUS_WORDS, URGENCY_WORDS
from explain.report.blocks import Block, Heading, Pairs, Para, Point, part, points, text_of
from explain.report.certainty import SettledWords
from explain.report.counterfactuals import ChangesWords
from explain.report.fork_table import fork_table
from explain.report.sensitivity import NeighboursWords
from explain.report.sources import entry
from explain.report.typed import in_full
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import SOON, Basis, Citation

MISSING_SHOWN = 6


def report(advice: Advice, knowledge: KnowledgeBase, heard: Iterable[Heard] = ()) -> str:
    """Return all of the advice as plain text of at most 100 columns; `heard` is repeated below the answer."""
    return text_of([*head(advice, knowledge), *in_full(heard), *whole(advice, knowledge)])


def head(advice: Advice, knowledge: KnowledgeBase) -> Iterator[Block]:
    """Yield the answer for each lesion, what contradicts itself, what is dangerous, and what cannot wait."""
    title = f": {advice.title}" if advice.title else ""
    yield Heading(f"{advice.case}{title}")
    yield from answers(advice, knowledge)
    for clash in advice.contradictions:
        yield Para(clash.text, "danger")
    for alert in dangers(advice, knowledge):
        yield Para(alert.text, "danger", f"DANGER{who(alert.subjects)}")
    for urgency in SOON:
        labels = [measure.label for measure in advice.measures if measure.urgency == urgency]
        if labels:
            yield Para(f"{join(labels, 'and')}.", lead=URGENCY_WORDS[urgency].capitalize())


def answers(advice: Advice, knowledge: KnowledgeBase) -> Iterator[Block]:
    """Yield for each lesion the plan, what is so with nothing supposed, how sure that is, and which disputes bear on it."""
    settled = SettledWords(advice, knowledge)
    for lesion in advice.lesions:
        if lesion.plan is None:
            yield Para(sentence(lesion), "plan")
        else:
            yield Para(f"{lesion.id}: {headline(lesion.plan, knowledge)}", "plan")
            if lesion.plan.fork is not None:
                yield fork_table(lesion.plan.fork, advice, knowledge)
            yield Para(answer(lesion), lead="With nothing supposed")
        if sure := settled.certainty(lesion):
            yield Para(sure)
        for words in rests_on(lesion, advice, knowledge):
            yield Para(words, lead="Rests on a disputed point")


def whole(advice: Advice, knowledge: KnowledgeBase) -> Iterator[Block]:
    """Yield what stands behind the answer: each lesion's assessments and options, questions, measures, disputes, sources."""
    return _AdviceReport(advice, knowledge).blocks()


class _AdviceReport:
    def __init__(self, advice: Advice, knowledge: KnowledgeBase) -> None:
        self.advice = advice
        self.knowledge = knowledge
        self.firings = {firing.id: firing for firing in advice.firings}
        self.settled = SettledWords(advice, knowledge)
        self.cited: dict[str, None] = {}
        self.told: set[str] = set()
        self.supported: set[tuple[str, Basis]] = set()

    def blocks(self) -> Iterator[Block]:
        for lesion in self.advice.lesions:
            yield from self._lesion(lesion)
        yield from part("Ask next" if self.advice.questions else "Need not be asked", self._questions())
        if self.advice.neighbours is not None:
            yield from part("How sure is sure", NeighboursWords(self.advice.neighbours, self.knowledge).blocks())
        yield from part("Beside the pathway", self._measures())
        yield from part("Not called for again", points(map(_marked, self.advice.measures_marked)))
        yield from part("Alerts and notes", points(map(self._alert, self.advice.alerts)))
        yield from part("Disputed", self._disputes())
        yield from part("Sources", points(map(self._source, sorted(self.cited))))
        stamp = self.advice.knowledge_base
        yield Para(self.advice.notice, "small")
        made = f"{decision_in_short(self.advice)}, {len(self.firings)} firings"
        yield Para(f"Knowledge base {stamp.id} {stamp.version}, digest {stamp.digest[:12]}; {made}.", "small")

    # --- lesions -----------------------------------------------------------------------------------------------

    def _lesion(self, lesion: LesionAdvice) -> Iterator[Block]:
        yield from part(f"Lesion {lesion.id}", self._assessments(lesion))
        shown = [o for o in lesion.options if o.arguments or o.status in ("recommended", "acceptable")]
        yield from part("Options", points(map(self._option, shown)))
        silent = [option.label for option in lesion.options if option not in shown and option.status != "open"]
        if silent:
            yield Para(f"{join(silent, 'and')}.", lead="Nothing speaks for")
        unsettled = [option.label for option in lesion.options if option not in shown and option.status == "open"]
        if unsettled:
            yield Para(f"{join(unsettled, 'and')}.", lead="Open until more is known")
        if lesion.plan is not None:
            shared = shared_conditions([lesion.plan], self.knowledge)
            yield from part("The plan rests on", points(map(self._condition, shared)))
        if lesion.certainty is None:
            yield from part("Not known, and it would matter", points(self._missing(lesion)))
        if lesion.changes is not None:
            words = ChangesWords(lesion.changes, self.knowledge)
            yield from part("What would have to be given otherwise", words.blocks())

    def _condition(self, condition: Condition) -> Point:
        """Return one condition by itself, with the rules that make it matter."""
        (said,) = told([condition], self.knowledge)
        return Point(f"{said} [{', '.join(condition.because)}]" if condition.because else said)

    def _assessments(self, lesion: LesionAdvice) -> Iterator[Block]:
        rows = (
            (letter, "; ".join(f"{a.label}: {a.text}" for a in found)) for letter, found in lesion.assessments.items()
        )
        if pairs := tuple((letter, said) for letter, said in rows if said):
            yield Pairs(pairs)

    def _option(self, option: Option) -> Point:
        said = tuple(map(self._argument, option.arguments))
        return Point(f"{option.label}: {STATUS_WORDS[option.status]}", said)

    def _argument(self, argument: Argument) -> Point:
        words = f"{STANCE_WORDS[argument.stance]}: {argument.because}"
        if argument.firing in self.told:
            return Point(f"{words} [{argument.rule}, as above]")
        self.told.add(argument.firing)
        because = f"because {self._reasons(self.firings[argument.firing])}"
        support = self._support(argument.rule, argument.sources, argument.basis)
        return Point(words, (Point(because), Point(support)))

    def _reasons(self, firing: Firing) -> str:
        return "; ".join(dict.fromkeys(p.text for p in firing.premises)) or "it holds for everyone"

    def _support(self, rule: str, sources: Iterable[Citation], basis: Basis) -> str:
        if (rule, basis) in self.supported:
            return f"[{rule}, as above]"
        self.supported.add((rule, basis))
        return f"[{rule}; {self._cite(sources)}; weakest link: {BASIS_WORDS[basis]}]"

    def _cite(self, sources: Iterable[Citation]) -> str:
        found = list(sources)
        self.cited.update(dict.fromkeys(citation.ref for citation in found))
        return ", ".join(f"{self.knowledge.sources[citation.ref].short} ({citation.at})" for citation in found)

    def _missing(self, lesion: LesionAdvice) -> Iterator[Point]:
        for missing in lesion.missing[:MISSING_SHOWN]:
            yield Point(f"{missing.question} [{', '.join(missing.rules[:4])}]", mark="?")
        more = len(lesion.missing) - MISSING_SHOWN
        if more > 0:
            yield Point(f"and {more} more; `--format json` lists them all", mark="…")

    # --- the rest ----------------------------------------------------------------------------------------------

    def _questions(self) -> Iterator[Block]:
        yield from points(Point(question, (Point(why),), "?") for question, why in self.settled.questions())
        yield from map(Para, self.settled.rest())

    def _measures(self) -> Iterator[Block]:
        yield from points(map(self._measure, self.advice.measures))
        if coming := list(self.settled.coming()):
            yield Para(f"{join(coming, 'and')}.", lead="Whatever the rest shows, also")

    def _measure(self, measure: MeasureAdvice) -> Point:
        sure = ", whatever the rest shows" if self.settled.is_firm(measure) else ""
        why = ((r.because, self._support(r.rule, r.sources, r.basis)) for r in measure.reasons)
        words = f"{measure.label}{who(measure.subjects)}: {URGENCY_WORDS[measure.urgency]}{sure}"
        return Point(words, tuple(Point(text) for reason in why for text in reason))

    def _alert(self, alert: Alert) -> Point:
        support = Point(self._support(alert.rule, alert.sources, alert.basis))
        return Point(f"{alert.level.upper()}{who(alert.subjects)}: {alert.text}", (support,))

    def _disputes(self) -> Iterator[Block]:
        yield from points(map(self._dispute, disputed(self.advice, self.knowledge)))
        if idle := without_consequence(self.advice):
            yield Para(" ".join(idle), lead="Disputed too, but without consequence for this patient")

    def _dispute(self, point: Disputed) -> Point:
        self.cited.update(dict.fromkeys(ref for side in point.sides for ref in side.cited))
        others = (f"otherwise: {other.side}; it {other.words}." for other in point.others)
        said = (f"here: {point.here}", f"because: {point.because}", *others)
        return Point(point.topic, tuple(map(Point, said)))

    def _source(self, name: str) -> Point:
        source = self.knowledge.sources[name]
        return entry(source.short, source.citation, source.link)


def _marked(marked: MarkedMeasure) -> Point:
    return Point(f"{marked.label}: {'done' if marked.mark == 'done' else 'does not apply'}")
