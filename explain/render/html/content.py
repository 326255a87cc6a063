"""What a clinician's page says, in order and in words, whoever sets it: HTML and PDF are made from this one object.

Everything comes from the advice and the knowledge base. What is settled, the best next question and what would change
the advice are there only when the advice was asked for them; they are never made up.
"""

from collections.abc import Iterable
from functools import cached_property

from engine.advice import Advice, Alert, Argument, LesionAdvice, MeasureAdvice, Option
from explain.phrases.plans import by_urgency
from explain.phrases.terms import BASIS_WORDS, URGENCY_WORDS, look_of
from explain.render.html.marks import ALERT_MARKS, STANCE_LABELS, STANCE_MARKS, STATUS_LABELS, STATUS_MARKS
from explain.render.html.parts import Cited, Do, LesionPart, Letter, Row, Said, Sure, Waiting, Warned
from explain.render.html.settled import certainty, changes, idle, next_question, otherwise, possible_measures, sure
from explain.report.advice import sentence
from explain.report.disputes import Disputed, disputed, rests_on, without_consequence
from knowledge_base.language.knowledge import KnowledgeBase, Source
from knowledge_base.language.rules import Basis, Citation, Stance, Urgency, weakest
from knowledge_base.language.vocabulary import LETTERS

ADVISED = ("recommended", "acceptable")
URGENT: tuple[Urgency, ...] = ("immediate", "within_24_h")


class Content:
    """The parts of the page, in the order in which they are read."""

    def __init__(self, advice: Advice, knowledge: KnowledgeBase) -> None:
        self.advice = advice
        self.knowledge = knowledge
        self.firings = {firing.id: firing for firing in advice.firings}
        self.facts = {fact.id: fact for fact in advice.facts}
        self.heading = advice.title or advice.case
        self.is_single = len(advice.lesions) == 1

    @cached_property
    def lesions(self) -> tuple[LesionPart, ...]:
        return tuple(
            self._lesion(number, lesion) for number, lesion in enumerate(by_urgency(self.advice, self.knowledge), 1)
        )

    @cached_property
    def measures(self) -> tuple[Do, ...]:
        return tuple(self._measure(measure) for measure in self.advice.measures)

    @cached_property
    def urgent(self) -> tuple[tuple[str, tuple[Do, ...]], ...]:
        """Return the measures that cannot wait beyond a day, by how soon."""
        found = ((words, tuple(m for m in self.measures if m.urgency == u)) for u, words in URGENCY_WORDS.items())
        return tuple((words.capitalize(), measures) for words, measures in found if measures and measures[0].is_urgent)

    @cached_property
    def alerts(self) -> tuple[Warned, ...]:
        return tuple(self._alert(alert) for alert in self.advice.alerts)

    @cached_property
    def warnings(self) -> tuple[Warned, ...]:
        """Return the alerts that a reader must see first."""
        return tuple(alert for alert in self.alerts if alert.level != "note")

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """Return the questions that rules ask and that are not listed as missing already."""
        listed = {missing.fact for lesion in self.advice.lesions for missing in lesion.missing}
        return tuple(ask.question for ask in self.advice.asks if ask.fact not in listed)

    @cached_property
    def idle(self) -> tuple[str, ...]:
        """Return what is not known and cannot change any recommendation any more."""
        return idle(self.advice, self.knowledge)

    @cached_property
    def sure(self) -> Sure | None:
        """Return whether the advice holds one grade away, where that was asked."""
        return sure(self.advice, self.knowledge)

    @cached_property
    def possible_measures(self) -> tuple[str, ...]:
        """Return the measures that are not called for now and could still be."""
        return possible_measures(self.advice, self.knowledge)

    @cached_property
    def disputes(self) -> tuple[Disputed, ...]:
        """Return the disputed points on which the advice rests, each with what the other sides would give."""
        return disputed(self.advice, self.knowledge)

    @cached_property
    def idle_disputes(self) -> tuple[str, ...]:
        """Return what is disputed too, where every side comes to the same for this patient."""
        return without_consequence(self.advice)

    @cached_property
    def sources(self) -> tuple[tuple[str, Source], ...]:
        """Return every source that a firing or a disputed point rests on, by its name."""
        cited = {c.ref for firing in self.advice.firings for c in self.knowledge.grounds(firing.rule).sources}
        cited |= {ref for point in self.disputes for side in point.sides for ref in side.cited}
        return tuple((name, self.knowledge.sources[name]) for name in sorted(cited))

    # --- lesions -----------------------------------------------------------------------------------------------

    def _lesion(self, number: int, lesion: LesionAdvice) -> LesionPart:
        status = self._status(lesion)
        question, narrows = next_question(self.advice, lesion)
        rows = tuple(self._row(option) for option in lesion.options)
        argued = tuple(row for row in rows if row.favour or row.against or row.status in ADVISED)
        return LesionPart(
            number=number,
            id=lesion.id,
            answer=sentence(lesion),
            status=status,
            status_words=STATUS_LABELS[status],
            mark=STATUS_MARKS[status],
            certainty=certainty(lesion),
            disputed=rests_on(lesion, self.advice, self.knowledge),
            advised=tuple(row for row in rows if row.status == status and status in ADVISED),
            argued=argued,
            silent=tuple(row for row in rows if row not in argued),
            letters=tuple(
                self._letter(lesion, key, name) for key, name in LETTERS.items() if lesion.assessments.get(name)
            ),
            missing=lesion.missing,
            next_question=question,
            narrows=narrows,
            changes=changes(lesion, self.knowledge),
            otherwise=otherwise(lesion, self.knowledge),
        )

    def _status(self, lesion: LesionAdvice) -> str:
        """Return the best status that any pathway of a lesion has; `stopped` when there is no advice."""
        return "stopped" if lesion.stopped else lesion.options[0].status

    def _letter(self, lesion: LesionAdvice, key: str, name: str) -> Letter:
        found = lesion.assessments[name]
        bases = [a.basis for a in found if a.basis]
        return Letter(key, name, tuple((a.label, a.text) for a in found), BASIS_WORDS[weakest(bases)] if bases else "")

    def _row(self, option: Option) -> Row:
        said = [self._argument(argument) for argument in option.arguments]
        look = look_of(option.status, said)
        return Row(
            pathway=option.pathway,
            label=option.label,
            summary=self.knowledge.pathways[option.pathway].summary,
            status=look,
            status_words=STATUS_LABELS[look],
            mark=STATUS_MARKS[look],
            basis_words=BASIS_WORDS[option.basis] if option.basis else "",
            favour=tuple(s for s in said if s.stance in ("recommend", "consider")),
            against=tuple(s for s in said if s.stance in ("advise_against", "exclude")),
            waiting=tuple(
                Waiting(o.rule, o.title, STANCE_LABELS[o.stance], self._labels(o.waits_for))
                for o in option.open_arguments
            ),
        )

    def _labels(self, facts: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.knowledge.vocabulary[self.facts[f].attribute].label for f in facts))

    # --- measures and alerts -----------------------------------------------------------------------------------

    def _measure(self, measure: MeasureAdvice) -> Do:
        return Do(
            label=measure.label,
            who=self._who(measure.subjects),
            urgency=measure.urgency,
            urgency_words=URGENCY_WORDS[measure.urgency],
            is_urgent=measure.urgency in URGENT,
            reasons=tuple(self._said(r.firings[0], r.because, r.sources, r.basis) for r in measure.reasons),
        )

    def _alert(self, alert: Alert) -> Warned:
        because = self.firings[alert.firings[0]].because
        said = self._said(alert.firings[0], because, alert.sources, alert.basis)
        return Warned(alert.level, ALERT_MARKS[alert.level], alert.text, self._who(alert.subjects), said)

    def _who(self, subjects: tuple[str, ...]) -> str:
        """Return for which lesions something holds; nothing where there is only one to mean."""
        lesions = [s for s in dict.fromkeys(subject.split("/")[0] for subject in subjects) if s != "patient"]
        return "" if self.is_single or not lesions else ", ".join(lesions)

    # --- what firings say --------------------------------------------------------------------------------------

    def _argument(self, argument: Argument) -> Said:
        return self._said(argument.firing, argument.because, argument.sources, argument.basis, argument.stance)

    def _said(
        self, firing: str, because: str, sources: Iterable[Citation], basis: Basis, stance: Stance | None = None
    ) -> Said:
        record = self.firings[firing]
        return Said(
            rule=record.rule,
            number=record.sequence,
            title=record.title,
            because=because,
            rests_on=tuple(dict.fromkeys(p.text for p in record.premises)),
            sources=self.cited(sources),
            basis=basis,
            basis_words=BASIS_WORDS[basis],
            stance=stance,
            mark=STANCE_MARKS[stance] if stance else "",
            stance_words=STANCE_LABELS[stance] if stance else "",
        )

    def cited(self, sources: Iterable[Citation]) -> tuple[Cited, ...]:
        """Return citations with their sources looked up."""
        return tuple(Cited(self.knowledge.sources[c.ref], c.at, BASIS_WORDS[c.basis]) for c in sources)
