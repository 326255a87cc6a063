"""The advice in plain words, for a terminal or a plain-text file.

Every sentence comes from the knowledge base, the case or the trace; this module only puts them in order.
"""

from collections.abc import Iterable, Iterator

from cases.hearing import Heard
from engine.advice import Advice, Alert, Argument, LesionAdvice, MeasureAdvice, Option
from engine.inference.trace import Firing
from explain.phrases.prose import WIDTH as WIDTH
from explain.phrases.prose import join as join
from explain.phrases.prose import paragraph, titled
from explain.phrases.terms import BASIS_WORDS as BASIS_WORDS
from explain.phrases.terms import STANCE_WORDS as STANCE_WORDS
from explain.phrases.terms import STATUS_WORDS as STATUS_WORDS
from explain.phrases.terms import URGENCY_WORDS as URGENCY_WORDS
from explain.report.certainty import SettledWords
from explain.report.counterfactuals import ChangesWords
from explain.report.disputes import disputed, rests_on, without_consequence
from explain.report.sensitivity import NeighboursWords
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.rules import Basis, Citation

MISSING_SHOWN = 6


def report(advice: Advice, knowledge: KnowledgeBase, heard: Iterable[Heard] = ()) -> str:
    """Return the advice as plain text of at most 100 columns; `heard` is repeated below the title."""
    return "\n".join(_Report(advice, knowledge, tuple(heard)).lines()).rstrip() + "\n"


def sentence(lesion: LesionAdvice) -> str:
    """Return the answer for one lesion in a sentence."""
    if lesion.hazards:
        averted = join([f"{hazard.hazard} ({hazard.id})" for hazard in lesion.hazards], "and")
        return f"{lesion.id}: no advice, because it would let this happen: {averted}. Call the multidisciplinary team."
    if lesion.stopped:
        return f"{lesion.id}: no advice, because rules of the knowledge base contradict each other."
    labels = {option.pathway: option.label for option in lesion.options}
    if lesion.recommended:
        return f"{lesion.id}: {join([labels[name] for name in lesion.recommended])}."
    acceptable = [option.label for option in lesion.options if option.status == "acceptable"]
    if acceptable:
        return (
            f"{lesion.id}: nothing is clearly recommended; the multidisciplinary team may consider {join(acceptable)}."
        )
    if any(option.status == "open" for option in lesion.options):
        return f"{lesion.id}: not enough is known to recommend a pathway; the multidisciplinary team decides."
    return f"{lesion.id}: no pathway is left to recommend; the multidisciplinary team decides."


class _Report:
    def __init__(self, advice: Advice, knowledge: KnowledgeBase, heard: tuple[Heard, ...]) -> None:
        self.advice = advice
        self.heard = heard
        self.knowledge = knowledge
        self.firings = {firing.id: firing for firing in advice.firings}
        self.settled = SettledWords(advice, knowledge)
        self.cited: dict[str, None] = {}
        self.told: set[str] = set()
        self.supported: set[tuple[str, Basis]] = set()

    def lines(self) -> Iterator[str]:
        yield from self._head()
        for lesion in self.advice.lesions:
            yield from self._lesion(lesion)
        yield from self._section("Ask next" if self.advice.questions else "Need not be asked", self._questions())
        if self.advice.neighbours is not None:
            yield from self._section(
                "How sure is sure", NeighboursWords(self.advice.neighbours, self.knowledge).lines()
            )
        yield from self._section("Beside the pathway", self._measures(self.advice.measures))
        yield from self._section("Not called for again", self._marked())
        yield from self._section("Alerts and notes", self._alerts(self.advice.alerts))
        yield from self._section("Disputed", self._disputes())
        yield from self._section("Sources", self._sources())
        stamp = self.advice.knowledge_base
        yield ""
        yield from paragraph(self.advice.notice)
        yield f"Knowledge base {stamp.id} {stamp.version}, digest {stamp.digest[:12]}; {len(self.firings)} firings."

    def _head(self) -> Iterator[str]:
        title = f": {self.advice.title}" if self.advice.title else ""
        yield from titled(f"{self.advice.case}{title}")
        if self.heard:
            yield from paragraph(f"Heard: {'; '.join(map(str, self.heard))}.", "  ")
        for lesion in self.advice.lesions:
            yield from paragraph(sentence(lesion), "» ")
            if sure := self.settled.certainty(lesion):
                yield from paragraph(sure, "  ")
            for words in rests_on(lesion, self.advice, self.knowledge):
                yield from paragraph(f"Rests on a disputed point: {words}", "  ")
        for clash in self.advice.contradictions:
            yield from paragraph(clash.text, "! ")
        for alert in self.advice.alerts:
            if alert.level == "danger":
                yield from paragraph(f"DANGER{who(alert.subjects)}: {alert.text}", "! ")
        for urgency in ("immediate", "within_24_h"):
            labels = [measure.label for measure in self.advice.measures if measure.urgency == urgency]
            if labels:
                yield from paragraph(f"{URGENCY_WORDS[urgency].capitalize()}: {join(labels, 'and')}.", "  ")

    def _lesion(self, lesion: LesionAdvice) -> Iterator[str]:
        yield from self._section(f"Lesion {lesion.id}", self._assessments(lesion))
        shown = [o for o in lesion.options if o.arguments or o.status in ("recommended", "acceptable")]
        yield from self._section("Options", (line for option in shown for line in self._option(option)))
        silent = [option.label for option in lesion.options if option not in shown and option.status != "open"]
        if silent:
            yield from paragraph(f"Nothing speaks for: {join(silent, 'and')}.", "  ")
        unsettled = [option.label for option in lesion.options if option not in shown and option.status == "open"]
        if unsettled:
            yield from paragraph(f"Open until more is known: {join(unsettled, 'and')}.", "  ")
        if lesion.certainty is None:
            yield from self._section("Not known, and it would matter", self._missing(lesion))
        if lesion.changes is not None:
            words = ChangesWords(lesion.changes, self.knowledge)
            yield from self._section("What would have to be given otherwise", words.lines())

    def _section(self, title: str, lines: Iterable[str]) -> Iterator[str]:
        found = list(lines)
        if found:
            yield ""
            yield title
            yield "-" * len(title)
            yield from found

    def _assessments(self, lesion: LesionAdvice) -> Iterator[str]:
        for letter, assessments in lesion.assessments.items():
            if assessments:
                said = "; ".join(f"{a.label}: {a.text}" for a in assessments)
                yield from paragraph(said, f"  {letter:11} ")

    def _option(self, option: Option) -> Iterator[str]:
        yield from paragraph(f"{option.label}: {STATUS_WORDS[option.status]}", "  • ")
        for argument in option.arguments:
            yield from self._argument(argument)

    def _argument(self, argument: Argument) -> Iterator[str]:
        words = f"{STANCE_WORDS[argument.stance]}: {argument.because}"
        if argument.firing in self.told:
            yield from paragraph(f"{words} [{argument.rule}, as above]", "      ")
            return
        self.told.add(argument.firing)
        yield from paragraph(words, "      ")
        yield from paragraph(f"because {self._reasons(self.firings[argument.firing])}", "        ")
        yield from paragraph(self._support(argument.rule, argument.sources, argument.basis), "        ")

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
        return ", ".join(f"{citation.ref} ({citation.at})" for citation in found)

    def _missing(self, lesion: LesionAdvice) -> Iterator[str]:
        for missing in lesion.missing[:MISSING_SHOWN]:
            yield from paragraph(f"{missing.question} [{', '.join(missing.rules[:4])}]", "  ? ")
        more = len(lesion.missing) - MISSING_SHOWN
        if more > 0:
            yield f"    and {more} more; `--format json` lists them all"

    def _questions(self) -> Iterator[str]:
        for question, why in self.settled.questions():
            yield from paragraph(question, "  ? ")
            yield from paragraph(why, "      ")
        for line in self.settled.rest():
            yield from paragraph(line, "  ")

    def _marked(self) -> Iterator[str]:
        for marked in self.advice.measures_marked:
            yield from paragraph(f"{marked.label}: {'done' if marked.mark == 'done' else 'does not apply'}", "  • ")

    def _measures(self, measures: Iterable[MeasureAdvice]) -> Iterator[str]:
        for measure in measures:
            sure = ", whatever the rest shows" if self.settled.is_firm(measure) else ""
            yield from paragraph(
                f"{measure.label}{who(measure.subjects)}: {URGENCY_WORDS[measure.urgency]}{sure}", "  • "
            )
            for reason in measure.reasons:
                yield from paragraph(reason.because, "      ")
                yield from paragraph(self._support(reason.rule, reason.sources, reason.basis), "      ")

        if coming := list(self.settled.coming()):
            yield from paragraph(f"Whatever the rest shows, also: {join(coming, 'and')}.", "  ")

    def _alerts(self, alerts: Iterable[Alert]) -> Iterator[str]:
        for alert in alerts:
            yield from paragraph(f"{alert.level.upper()}{who(alert.subjects)}: {alert.text}", "  • ")
            yield from paragraph(self._support(alert.rule, alert.sources, alert.basis), "      ")

    def _disputes(self) -> Iterator[str]:
        for point in disputed(self.advice, self.knowledge):
            self.cited.update(dict.fromkeys(ref for side in point.sides for ref in side.cited))
            yield from paragraph(point.topic, "  • ")
            yield from paragraph(str(point.here), "      here       ")
            yield from paragraph(point.because, "      because    ")
            for other in point.others:
                yield from paragraph(f"{other.side}; it {other.words}.", "      otherwise  ")
        if idle := without_consequence(self.advice):
            yield from paragraph(f"Disputed too, but without consequence for this patient: {' '.join(idle)}", "  ")

    def _sources(self) -> Iterator[str]:
        for name in sorted(self.cited):
            source = self.knowledge.sources[name]
            link = f" {source.link}" if source.link else ""
            yield from paragraph(f"{name}: {source.citation}{link}", "  ")


def who(subjects: Iterable[str]) -> str:
    """Return for which lesions something holds, after a space; nothing where it holds for the patient alone."""
    lesions = [subject for subject in subjects if subject != "patient"]
    return f" ({', '.join(lesions)})" if lesions else ""
